"""A real V8 with the parts of the page's script that need no page."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from py_mini_racer import MiniRacer

from serverless_tax.widgets.model import model_javascript

JavaScript = Callable[..., Any]


@pytest.fixture(scope="session")
def javascript() -> JavaScript:
    """Call a function of the script by name: arguments and result cross as JSON text."""
    racer = MiniRacer()
    racer.eval(model_javascript())
    for name in ("show.js", "parse.js", "handle.js"):
        racer.eval(files("serverless_tax.widgets").joinpath(name).read_text("utf-8"))

    def call(name: str, *arguments: Any) -> Any:
        written = ", ".join(map(json.dumps, arguments))
        return json.loads(racer.eval(f"JSON.stringify({name}({written}))"))

    return call
