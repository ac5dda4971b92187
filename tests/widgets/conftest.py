"""A real V8 with the parts of the page's script that need no page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from py_mini_racer import MiniRacer

from serverless_tax.widgets import reader_javascript
from serverless_tax.widgets.build import composed
from serverless_tax.widgets.scenario import compute, scenario
from serverless_tax.widgets.widget import widgets

JavaScript = Callable[..., Any]
#: What the tests call, so that it is composed.
CALLED = "[show, parseQuantity, readAddress, writeAddress, valueAfterKey, fieldNamed, adviceOf];\n"
#: The figures of those names, as the page has them. JSON has no endless numbers: they are words.
WORDED = """
function worded(values, names) {
  const figures = figuresOf(values);
  const inWords = (v) => (Number.isFinite(v) ? v : String(v));
  return Object.fromEntries(names.map((name) => [name, inWords(figures[name])]));
}
const advised = (...asked) => (({ sentence, sum }) => ({ sentence, sum }))(adviceOf(...asked));
const tabled = (...asked) => asCsv(adviceOf(...asked));
const knobAt = (name, share) => knobScale(fieldNamed[name]).value(share);
const knobShare = (name, value) => knobScale(fieldNamed[name]).share(value);
"""


def in_v8(script: str) -> JavaScript:
    """Call a function of a script by name: arguments and result cross as JSON text."""
    racer = MiniRacer()
    racer.eval(script)

    def call(name: str, *arguments: Any) -> Any:
        written = ", ".join(map(json.dumps, arguments))
        # Every number of JavaScript's is a float, also one that JSON writes without a point.
        return json.loads(racer.eval(f"JSON.stringify({name}({written}))"), parse_int=float)

    return call


@pytest.fixture(scope="session")
def javascript() -> JavaScript:
    """Call a function of a page that shows every figure."""
    every = [widget for widget in widgets().values() if widget.figures]
    return in_v8(composed(CALLED + WORDED, every, frozenset(compute(scenario()))))


@pytest.fixture(scope="session")
def reader() -> JavaScript:
    """Call a function of the reader of a pasted log."""
    return in_v8(reader_javascript())
