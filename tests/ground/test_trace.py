"""The tracer writes down exact arithmetic, and refuses by name whatever has no exact twin."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from py_mini_racer import MiniRacer

from serverless_tax.ground.trace import (
    Program,
    Untraceable,
    best_of,
    part,
    repeat,
    tabulated,
    to_javascript,
)
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
    """The Lambda rule's text has arithmetic, ceilings, minima and maxima, and no branch.

    A comparison is a factor, and the law of the CPU a function of its own.
    """
    text = to_javascript("usage", aws_lambda.usage, "w")
    operand = r"(?:v\d+(?:\.wall_ms)?|\w+_m[sb]|w\.\w+|-?[\d.]+(?:e[+-]\d+)?)"
    call = rf"(?:cpu_wall|Math\.(?:ceil|floor|min|max|sqrt))\({operand}(?:, {operand})?\)"
    exact = re.compile(rf"  const v\d+ = (?:{operand} [-+*/<] {operand}|{call});")
    constants = [line for line in text.splitlines() if line.startswith("  const")]
    assert len(constants) > 20
    assert all(exact.fullmatch(line) for line in constants)


class Pair:
    """Something with two quantities, as a request has many."""

    def __init__(self, a: Any, b: Any) -> None:
        self.a, self.b = a, b


def squares(w: Any) -> dict[str, Any]:
    """Return a part's two results."""
    return {"sum": w.a * w.a + w.b * w.b, "product": w.a * w.b}


def of_two_parts(s: Any) -> dict[str, Any]:
    """Call the part twice, once with what was computed and a plain number."""
    first = part("squares", squares, Pair(s.a, s.b))
    second = part("squares", squares, Pair(first["sum"], 3.0))
    return {"y": second["sum"] + first["product"]}


def test_a_part_is_written_once_and_called() -> None:
    """Its parameters are the quantities that it reads, in the order in which it reads them."""
    text = to_javascript("f", of_two_parts, "s")
    assert text.count("function squares(a, b) {") == 1
    assert "const v0 = squares(s.a, s.b);" in text
    assert "const v1 = squares(v0.sum, 3);" in text
    # 2² + 3² = 13, 13² + 3² = 178, and 2 × 3 = 6 more.
    assert of_two_parts(Pair(2.0, 3.0)) == {"y": 184.0}
    assert MiniRacer().eval(f"{text}; f({{a: 2, b: 3}}).y") == 184


def test_a_part_is_handed_the_scopes_it_reads() -> None:
    """Prices are of the whole program: they are no quantity of a request."""

    def f(s: Any, p: Any) -> dict[str, Any]:
        return {"y": part("times", lambda w: {"usd": w.a * p.usd}, Pair(s.a, 0.0))["usd"]}

    text = to_javascript("f", f, "s", "p")
    assert "function times(p, a) {" in text
    assert "const v0 = times(p, s.a);" in text


def test_two_functions_share_a_part() -> None:
    """A program holds it once."""
    program = Program()
    program.add("f", of_two_parts, "s")
    program.add("g", of_two_parts, "s")
    assert program.text().count("function squares(") == 1


def test_a_part_uses_only_what_it_is_given() -> None:
    """What its caller has computed has no name in another function."""

    def f(s: Any) -> dict[str, Any]:
        outside = s.a + 1
        return part("leak", lambda w: {"y": w.b * outside}, Pair(s.a, s.b))

    with pytest.raises(Untraceable, match="may use only what it is given, not v0"):
        to_javascript("f", f, "s")


def test_a_part_is_not_handed_what_its_caller_lacks() -> None:
    """A rule that asks for a quantity that nobody has fails when it is traced."""
    with pytest.raises(AttributeError, match="memroy"):
        to_javascript("f", lambda s: part("g", lambda w: {"y": w.memroy}, Pair(s.a, s.b)), "s")


def cheapest(s: Any) -> dict[str, Any]:
    """Find a minimum by trying, and where it is."""

    def cost(k: Any) -> Any:
        return (k - s.a) * (k - s.a) + s.b * s.b

    least = best_of(np.minimum, 1, 9, cost)
    return {"least": least, "last": best_of(np.maximum, 1, 9, lambda k: k * (cost(k) <= least))}


def test_a_loop_finds_what_numpy_finds() -> None:
    """Of (k - 4.5)² + 2² the least is 4.25, at 4 and at 5; the last of them is kept."""
    text = to_javascript("f", cheapest, "s")
    assert cheapest(Pair(4.5, 2.0)) == {"least": 4.25, "last": 5}
    assert text.count("for (let i1 = 1; i1 <= 9; i1 += 1) {") == 2
    engine = MiniRacer()
    engine.eval(text)
    assert engine.eval("f({a: 4.5, b: 2}).least") == 4.25
    assert engine.eval("f({a: 4.5, b: 2}).last") == 5


def test_what_a_loop_does_not_change_is_computed_before_it() -> None:
    """``s.b * s.b`` stands outside, ``k - s.a`` inside, and ``s.a`` is read outside."""
    lines = to_javascript("f", cheapest, "s").splitlines()
    loop = next(k for k, line in enumerate(lines) if "for (" in line)
    assert any("s.b * s.b" in line for line in lines[:loop])
    assert not any("s.b * s.b" in line for line in lines[loop:])
    [read] = [line.split()[1] for line in lines[:loop] if line.endswith("= s.a;")]
    assert any(f"i1 - {read}" in line for line in lines[loop:])


def test_a_loop_s_values_end_with_it() -> None:
    """One that is carried out of it by hand has no name there."""
    kept: list[Any] = []

    def f(s: Any) -> dict[str, Any]:
        best_of(np.minimum, 1, 9, lambda k: kept.append(k * s.a) or k)  # type: ignore[func-returns-value]
        return {"y": kept[0] + 1}

    with pytest.raises(Untraceable, match="may use only what it is given"):
        to_javascript("f", f, "s")


def cheapest_of_a_table(s: Any) -> dict[str, Any]:
    """Find the same, with each cost computed once."""
    costs = tabulated(1, 9, lambda k: (k - s.a) * (k - s.a) + s.b * s.b)
    least = best_of(np.minimum, 1, 9, costs)
    return {"least": least, "last": best_of(np.maximum, 1, 9, lambda k: k * (costs(k) <= least))}


def test_a_table_holds_what_a_loop_computed() -> None:
    """The costs stand in one loop, and two look them up: 4.25 is the least, last at 5."""
    text = to_javascript("f", cheapest_of_a_table, "s")
    assert cheapest_of_a_table(Pair(4.5, 2.0)) == {"least": 4.25, "last": 5}
    assert text.count("for (") == 3
    assert text.count("i1 - v1") == 1
    assert text.count("new Float64Array(10)") == 1
    engine = MiniRacer()
    engine.eval(text)
    assert engine.eval("f({a: 4.5, b: 2}).least") == 4.25
    assert engine.eval("f({a: 4.5, b: 2}).last") == 5


def test_a_loop_that_no_result_needs_is_left_out() -> None:
    """As a constant is."""

    def f(s: Any) -> dict[str, Any]:
        best_of(np.minimum, 1, 9, lambda k: k * s.a)
        return {"y": s.b}

    assert "for (" not in to_javascript("f", f, "s")


def halved(s: Any) -> dict[str, Any]:
    """Halve a bracket of a square root, and swap two values a number of times."""

    def step(low: Any, high: Any) -> tuple[Any, Any]:
        middle = (low + high) / 2
        below = middle * middle < s.a
        return middle * below + low * (1 - below * 1), high * below + middle * (1 - below * 1)

    low, high = repeat(20, (0.0, s.a), step)
    first, second = repeat(5, (s.a, s.b), lambda one, other: (other, one))
    return {"low": low, "high": high, "first": first, "second": second + low * 0}


def test_a_loop_with_a_state_does_what_numpy_does() -> None:
    """√2 lies within 2 / 2^20 of both ends; after five swaps the first is what was second."""
    text = to_javascript("f", halved, "s")
    found = halved(Pair(2.0, 7.0))
    assert found["low"] <= math.sqrt(2) <= found["high"] == found["low"] + 2 / 2**20
    assert (found["first"], found["second"]) == (7.0, 2.0)
    assert text.count("for (let i1 = 0; i1 < 20; i1 += 1) {") == 1
    engine = MiniRacer()
    engine.eval(text)
    for name, value in found.items():
        assert engine.eval(f"f({{a: 2, b: 7}}).{name}") == value


def test_a_state_that_no_result_needs_is_left_out() -> None:
    """One that only another part of the state needs is kept."""

    def f(s: Any) -> dict[str, Any]:
        repeat(5, (s.a,), lambda a: (a * 3,))
        one, _ = repeat(6, (s.a, s.b), lambda a, b: (a + b, b * 2))
        return {"y": one}

    text = to_javascript("f", f, "s")
    assert "i1 < 5" not in text
    assert "* 3" not in text
    # 1 + 1 + 2 + 4 + 8 + 16 + 32
    assert MiniRacer().eval(f"{text}; f({{a: 1, b: 1}}).y") == 64


def test_a_state_s_values_end_with_its_loop() -> None:
    """What one step computed has no name outside."""
    kept: list[Any] = []

    def f(s: Any) -> dict[str, Any]:
        repeat(3, (s.a,), lambda a: (kept.append(a * 2) or a,))  # type: ignore[func-returns-value]
        return {"y": kept[0] + 1}

    with pytest.raises(Untraceable, match="may use only what it is given"):
        to_javascript("f", f, "s")
