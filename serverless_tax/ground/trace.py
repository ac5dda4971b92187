"""A rule -> JavaScript: run the Python function once on symbols, write down what it did.

numpy hands every operation on a :class:`Symbol` to ``__array_ufunc__``; each one becomes a
``const`` of the JavaScript function. Only operations that give the same last bit in numpy and
in a browser are let through, so the page's slider and the package can never disagree.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

_SUMS = {"add": "+", "subtract": "-"}  # of two truths they differ: 2 there, true in numpy
_COMPARISONS = {
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "equal": "===",
    "not_equal": "!==",
}
_INFIX = {**_SUMS, "multiply": "*", "divide": "/", **_COMPARISONS}
_CALLS = {
    "ceil": "Math.ceil",
    "floor": "Math.floor",
    "minimum": "Math.min",
    "maximum": "Math.max",
    "sqrt": "Math.sqrt",
}


class Untraceable(TypeError):
    """A rule did something that has no exact twin in JavaScript."""


class Tracer:
    """The body of one JavaScript function, while it is being written down."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._known: dict[str, Symbol] = {}

    def record(self, expression: str, *, is_comparison: bool = False) -> Symbol:
        """Give an expression a name, the same name if it was seen before."""
        if expression not in self._known:
            name = f"v{len(self.lines)}"
            self.lines.append(f"  const {name} = {expression};")
            self._known[expression] = Symbol(self, name, is_comparison=is_comparison)
        return self._known[expression]


class Symbol(NDArrayOperatorsMixin):
    """A number that is not known yet, only named."""

    def __init__(self, tracer: Tracer, name: str, *, is_comparison: bool = False) -> None:
        self._tracer = tracer
        self.name = name
        self.is_comparison = is_comparison

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Symbol:
        """Record one numpy operation, or refuse it by name."""
        operation = ufunc.__name__
        if method != "__call__" or kwargs or operation not in _INFIX | _CALLS:
            allowed = ", ".join(sorted(_INFIX | _CALLS))
            msg = f"A rule may not use numpy's {operation} ({method}); it may use {allowed}."
            raise Untraceable(msg)
        if operation in _SUMS and all(map(_is_comparison, inputs)):
            msg = "A rule may not add or subtract two comparisons; multiply each by a number first."
            raise Untraceable(msg)
        operands = [_literal(value) for value in inputs]
        if operation in _INFIX:
            expression = f" {_INFIX[operation]} ".join(operands)
            return self._tracer.record(expression, is_comparison=operation in _COMPARISONS)
        return self._tracer.record(f"{_CALLS[operation]}({', '.join(operands)})")

    def __bool__(self) -> bool:
        """Refuse to branch: an ``if`` would be decided once, at build time, for every reader."""
        msg = "A rule may not branch on a value; use minimum, maximum or a comparison as a factor."
        raise Untraceable(msg)

    def __float__(self) -> float:
        """Refuse to become a plain number: the value is the reader's to choose."""
        msg = "A rule may not turn a quantity into a plain number."
        raise Untraceable(msg)


class Scope:
    """An object whose every attribute is the symbol of that name."""

    def __init__(self, tracer: Tracer, prefix: str) -> None:
        self._tracer = tracer
        self._prefix = prefix

    def __getattr__(self, name: str) -> Symbol:
        return Symbol(self._tracer, f"{self._prefix}.{name}")


def _is_comparison(value: Any) -> bool:
    return getattr(value, "is_comparison", isinstance(value, np.bool_))


def _literal(value: Any) -> str:
    if isinstance(value, Symbol):
        return value.name
    if isinstance(value, np.bool_):  # two known numbers, compared; as a factor it is 1 or 0
        return repr(int(value))
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        msg = f"A rule may compute with numbers only, not with {value!r}."
        raise Untraceable(msg)
    if not math.isfinite(value):
        msg = f"A rule may not write down {value}; compute with finite numbers."
        raise Untraceable(msg)
    return repr(float(value)).removesuffix(".0")


def _used(lines: list[str], returned: list[str]) -> list[str]:
    """Drop the constants that no result needs, from the last one back."""
    needed = set(re.findall(r"\bv\d+\b", "\n".join(returned)))
    kept: list[str] = []
    for line in reversed(lines):
        name, expression = line.removeprefix("  const ").split(" = ", 1)
        if name in needed:
            needed |= set(re.findall(r"\bv\d+\b", expression))
            kept.append(line)
    return kept[::-1]


def to_javascript(name: str, function: Callable[..., Mapping[str, Any]], *prefixes: str) -> str:
    """Trace ``function`` and return a JavaScript function of the same result.

    The function is called with one :class:`Scope` for each prefix and returns a mapping of
    names to values; the JavaScript takes plain objects and returns a plain object.

    >>> print(to_javascript("area", lambda w: {"cm2": w.a * w.b}, "w"))
    function area(w) {
      const v0 = w.a * w.b;
      return {
        cm2: v0,
      };
    }

    Raises:
        Untraceable: if the function does anything but exact arithmetic.
    """
    tracer = Tracer()
    results = function(*(Scope(tracer, prefix) for prefix in prefixes))
    returned = [f"    {key}: {_literal(value)}," for key, value in results.items()]
    body = [*_used(tracer.lines, returned), "  return {", *returned, "  };"]
    return "\n".join([f"function {name}({', '.join(prefixes)}) {{", *body, "}"])
