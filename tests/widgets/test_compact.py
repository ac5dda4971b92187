"""A traced function written shorter computes the same."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
from py_mini_racer import MiniRacer

from serverless_tax.ground.trace import Program, best_of, part
from serverless_tax.widgets.compact import compact

#: What the tracer writes of a loop that makes its state anew: two values that change places.
STATE = """function f(s, p) {
  const v0 = s.a - -2;
  let v1 = v0;
  let v2 = s.b;
  for (let i1 = 0; i1 < 3; i1 += 1) {
    const v3 = v1 + i1;
    const v4 = v2 * 2;
    const v1n = v4;
    const v2n = v3;
    v1 = v1n;
    v2 = v2n;
  }
  const v5 = v1 - v2;
  return {
    y: v5,
    z: v2,
  };
}
"""


class Pair(NamedTuple):
    """What the part of a test is given."""

    much: Any
    more: Any


def in_both(text: str, call: str) -> tuple[object, object]:
    """Return the results of a traced function, and of the same written shorter."""
    short = compact(text, ["f"])
    prices = {"cents": 0.07, "free": 3.0}
    renamed = {name: prices[long] for long, name in short.prices.items()}
    long = MiniRacer().eval(f"{text}JSON.stringify(Object.values({call % json.dumps(prices)}))")
    brief = MiniRacer().eval(f"{short.text}\nJSON.stringify({call % json.dumps(renamed)})")
    return json.loads(str(long)), json.loads(str(brief))


def grouped(s: Any, p: Any) -> dict[str, Any]:
    """Every way in which two operations can be grouped that brackets or their lack decide."""
    return {
        "less": s.a - (s.b - s.c),
        "less_left": (s.a - s.b) - s.c,
        "over": s.a / (s.b * s.c),
        "over_left": s.a / s.b * s.c,
        "sums": (s.a + s.b) * (s.c - p.cents),
        "truths": (s.a > s.b) * 5 + (s.b >= s.c) * 7 - -2 * s.a,
        "signs": 1 - (s.a - -3),
        "below": s.a * -1 - -1,
        "twice": (s.a + s.b) / (s.a + s.b) + p.free * p.free,
    }


def test_brackets_keep_the_order_of_operations() -> None:
    """Numbers of which every grouping gives another result, by IEEE's rules."""
    program = Program()
    program.add("f", grouped, "s", "p")
    long, brief = in_both(program.text(), "f({a: 0.1, b: 0.7, c: 1e17}, %s)")
    assert brief == long
    long, brief = in_both(program.text(), "f({a: 0.3, b: 0.1, c: 0.2}, %s)")
    assert brief == long


def test_parts_and_loops_do_the_same() -> None:
    """A part that is called twice, with prices, and a loop in it; names are short everywhere."""

    def squared(w: Any) -> dict[str, Any]:
        return {"least": best_of(np.minimum, 1, 9, lambda k: (k - w.much) * (k - w.much) + w.more)}

    def rule(s: Any, p: Any) -> dict[str, Any]:
        one = part("squared", squared, Pair(s.a, p.cents))
        other = part("squared", squared, Pair(s.b * 3, s.c))
        return {"y": one["least"] - other["least"], "z": one["least"]}

    program = Program()
    program.add("f", rule, "s", "p")
    text = program.text()
    long, brief = in_both(text, "f({a: 2.5, b: 1.25, c: 1e-3}, %s)")
    assert brief == long
    short = compact(text, ["f"]).text
    assert "squared" not in short
    assert "least" not in short
    assert len(short) < len(text) / 2


def test_a_loop_with_a_state_stays_a_loop() -> None:
    """Both values are read before either is written. By hand: (2 + 2, 7), three times."""
    long, brief = in_both(STATE, "f({a: 2, b: 7}, %s)")
    # (4, 7) → (14, 4) → (8, 15) → (30, 10)
    assert brief == long == [20, 10]
