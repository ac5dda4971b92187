"""The tracer writes down exact arithmetic, and refuses by name whatever has no exact twin."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from serverless_tax.ground.trace import Untraceable, to_javascript
from serverless_tax.platforms import aws_lambda


def trace(rule: Callable[[Any], Any]) -> str:
    """Return the JavaScript of a rule of one result."""
    return to_javascript("f", lambda w: {"y": rule(w)}, "w")


@pytest.mark.parametrize(
    ("rule", "expression"),
    [
        (lambda w: w.a + w.b, "w.a + w.b"),
        (lambda w: 1 - w.a, "1 - w.a"),
        (lambda w: w.a * 0.1, "w.a * 0.1"),
        (lambda w: w.a / 1024, "w.a / 1024"),
        (lambda w: np.ceil(w.a), "Math.ceil(w.a)"),
        (lambda w: np.floor(w.a), "Math.floor(w.a)"),
        (lambda w: np.sqrt(w.a), "Math.sqrt(w.a)"),
        (lambda w: np.minimum(w.a, 1), "Math.min(w.a, 1)"),
        (lambda w: np.maximum(w.a, w.b), "Math.max(w.a, w.b)"),
        (lambda w: w.a > 5, "w.a > 5"),
        (lambda w: w.a >= 5, "w.a >= 5"),
        (lambda w: w.a < 5, "w.a < 5"),
        (lambda w: w.a <= 5, "w.a <= 5"),
        (lambda w: w.a == 5, "w.a === 5"),
        (lambda w: w.a != 5, "w.a !== 5"),
        (lambda w: w.a * np.float64(2), "w.a * 2"),
        (lambda w: w.a + -2, "w.a + -2"),
        (lambda w: w.a - 5e-7, "w.a - 5e-07"),
    ],
)
def test_exact_operations_are_written_down(rule: Callable[[Any], Any], expression: str) -> None:
    """Each is one constant of the function."""
    assert trace(rule).splitlines()[1] == f"  const v0 = {expression};"


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (lambda w: np.exp(w.a), "exp"),
        (lambda w: np.log(w.a), "log"),
        (lambda w: w.a**2, "power"),
        (lambda w: w.a // 2, "floor_divide"),
        (lambda w: w.a % 2, "remainder"),
        (lambda w: -w.a, "negative"),
        (lambda w: abs(w.a), "absolute"),
        (lambda w: np.rint(w.a), "rint"),
        (lambda w: np.add.reduce(w.a), "add"),
        (lambda w: np.multiply(w.a, 1, dtype=float), "multiply"),
    ],
)
def test_anything_else_is_refused_by_name(rule: Callable[[Any], Any], name: str) -> None:
    """The message names the operation and lists what a rule may use."""
    with pytest.raises(Untraceable, match=rf"numpy's {name} \(.*\); it may use add, ceil, .*sqrt"):
        trace(rule)


@pytest.mark.parametrize(
    "rule",
    [
        lambda w: 1 if w.a > 0 else 2,
        lambda w: w.a or 1,
        lambda w: max(w.a, 1),
        lambda w: np.where(w.a > 0, 1, 2),
        lambda w: 0 < w.a < 5,
    ],
    ids=["if", "or", "max", "where", "chain"],
)
def test_branching_is_refused(rule: Callable[[Any], Any]) -> None:
    """A branch would be taken once, when the page is built, for every reader."""
    with pytest.raises(Untraceable, match="may not branch on a value; use minimum, maximum"):
        trace(rule)


@pytest.mark.parametrize(
    "rule",
    [lambda w: (w.a > 1) + (w.b > 1), lambda w: (w.a > 1) - (w.b > 1)],
    ids=["sum", "difference"],
)
def test_comparisons_are_factors_not_terms(rule: Callable[[Any], Any]) -> None:
    """True and true is 2 in JavaScript and true in numpy, so two are not added up."""
    with pytest.raises(Untraceable, match="may not add or subtract two comparisons"):
        trace(rule)
    assert "v0 * 5" in trace(lambda w: (w.a > 1) * 5 + (w.b > 1) * 7)


@pytest.mark.parametrize(
    "rule",
    [lambda w: float(w.a), lambda w: math.ceil(w.a), lambda w: math.sqrt(w.a)],
    ids=["float", "math.ceil", "math.sqrt"],
)
def test_a_quantity_stays_unknown(rule: Callable[[Any], Any]) -> None:
    """It has no value yet that could be turned into a plain number."""
    with pytest.raises(Untraceable, match="may not turn a quantity into a plain number"):
        trace(rule)


@pytest.mark.parametrize("value", ["2", None, [1, 2], np.array([1.0]), 1j, True])
def test_only_numbers_are_computed_with(value: Any) -> None:
    """Text, lists and truth values have no place in a rule."""
    with pytest.raises(Untraceable, match="may compute with numbers only"):
        trace(lambda w: np.add(w.a, value))


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_only_finite_numbers_are_written_down(value: float) -> None:
    """What Python writes for infinity means nothing in JavaScript."""
    with pytest.raises(Untraceable, match="compute with finite numbers"):
        trace(lambda w: np.minimum(w.a, value))


def test_the_same_operation_is_done_once() -> None:
    """Two uses of one expression share a constant."""
    text = trace(lambda w: (w.a + w.b) * (w.a + w.b))
    assert text.splitlines()[1:3] == ["  const v0 = w.a + w.b;", "  const v1 = v0 * v0;"]


def test_what_no_result_needs_is_left_out() -> None:
    """A constant that nothing returned depends on is dropped."""

    def rule(w: Any) -> Any:
        _ = np.sqrt(w.a * 7)
        return w.a + 1

    assert "sqrt" not in trace(rule)
    assert "* 7" not in trace(rule)


def test_a_result_may_be_a_plain_number() -> None:
    """A constant, or a quantity as it came, needs no operation."""
    text = to_javascript("f", lambda w: {"one": 1.0, "same": w.a}, "w")
    assert text == "function f(w) {\n  return {\n    one: 1,\n    same: w.a,\n  };\n}"


def test_the_traced_rule_keeps_to_exact_operations() -> None:
    """The Lambda rule's text has arithmetic, ceilings, minima and maxima, and no branch."""
    text = to_javascript("usage", aws_lambda.usage, "w")
    operand = r"(?:v\d+|w\.\w+|-?[\d.]+(?:e[+-]\d+)?)"
    call = rf"Math\.(?:ceil|floor|min|max|sqrt)\({operand}(?:, {operand})?\)"
    exact = re.compile(rf"  const v\d+ = (?:{operand} [-+*/] {operand}|{call});")
    constants = [line for line in text.splitlines() if line.startswith("  const")]
    assert len(constants) > 20
    assert all(exact.fullmatch(line) for line in constants)
