"""A real V8 with the parts of the page's script that need no page."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from py_mini_racer import MiniRacer

from serverless_tax.widgets.captions import CAPTIONS
from serverless_tax.widgets.model import model_javascript
from serverless_tax.widgets.words import widget_words

JavaScript = Callable[..., Any]


@pytest.fixture(scope="session")
def javascript() -> JavaScript:
    """Call a function of the script by name: arguments and result cross as JSON text."""
    racer = MiniRacer()
    racer.eval(model_javascript())
    words = {"CAPTIONS": CAPTIONS} | widget_words()
    racer.eval("\n".join(f"const {name} = {json.dumps(value)};" for name, value in words.items()))
    for name in ("page/show.js", "page/parse.js", "page/handle.js", "paste.js"):
        racer.eval(files("serverless_tax.widgets").joinpath(name).read_text("utf-8"))

    def call(name: str, *arguments: Any) -> Any:
        written = ", ".join(map(json.dumps, arguments))
        # Every number of JavaScript's is a float, also one that JSON writes without a point.
        return json.loads(racer.eval(f"JSON.stringify({name}({written}))"), parse_int=float)

    return call
