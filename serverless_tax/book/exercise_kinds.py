"""Which of the names that an exercise begins with has got a value of another kind."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Any

from serverless_tax.request.workload import Workload


def wrong_kind(start: str, names: Mapping[str, Any]) -> str:
    """Return what is wrong with a name that the start gives a value; empty if nothing is known.

    >>> wrong_kind("memory_mb, billed_ms = 512, 2300", {"memory_mb": None, "billed_ms": 2300})
    'memory_mb is None; expected a finite number above 0.'
    """
    for name, of in _given(start):
        value = names[name]
        is_right, kind = True, ""
        match of:
            case ast.Name() | ast.Call(func=ast.Name(id="Workload")):
                is_right, kind = isinstance(value, Workload), "a request, as mine and article are"
            case ast.Tuple():
                is_right, kind = _all_count(value), "numbers above 0"
            case ast.Constant(value=int() | float()) | ast.Subscript():
                is_right, kind = _counts(value), "a finite number above 0"
        if not is_right:
            return f"{name} is {value!r}; expected {kind}."
    return ""


def _given(start: str) -> list[tuple[str, ast.expr]]:
    """Each name with what the start gives it; not those that stand for an answer."""
    found: list[tuple[str, ast.expr]] = []
    for line in ast.parse(start).body:
        if not isinstance(line, ast.Assign):
            continue
        [target] = line.targets
        pairs = [(target, line.value)]
        if isinstance(target, ast.Tuple) and isinstance(line.value, ast.Tuple):
            pairs = [*zip(target.elts, line.value.elts, strict=True)]
        found += [(one.id, of) for one, of in pairs if isinstance(one, ast.Name)]
    return [(name, of) for name, of in found if not _is_open(of)]


def _is_open(of: ast.expr) -> bool:
    return isinstance(of, ast.Constant) and of.value is ...


def _all_count(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and bool(value) and all(map(_counts, value))


def _counts(value: Any) -> bool:
    """Whether the check can count with it."""
    if isinstance(value, (bool, str)):
        return False
    try:
        return math.isfinite(value) and value > 0
    except (TypeError, ValueError, OverflowError):
        return False
