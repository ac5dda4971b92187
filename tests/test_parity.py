"""The traced bill in a real V8 is the Python bill, bit for bit.

What is traced is the whole way from a workload to the month's charges: the rule, the tiers, the
free tier and the split, with the prices as parameters. ``==`` holds for every figure of every
workload drawn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py_mini_racer import MiniRacer
from workloads import DAY, INIT_BILLED, INIT_FREE, workloads

from serverless_tax import Workload, sweep
from serverless_tax.compare import sum_in_order
from serverless_tax.platforms import aws_lambda
from serverless_tax.prices import Price, price_sheet
from serverless_tax.pricing import charges
from serverless_tax.trace import Scope, to_javascript
from serverless_tax.workload import QUANTITIES

DAYS = (date(2022, 3, 24), INIT_FREE, INIT_BILLED, DAY)
FIELDS = (*QUANTITIES, "arm")


def month(w: Any, prices: Mapping[str, Price], free_tier: Any) -> dict[str, Any]:
    """Return the usage, every charge and the sums of a month."""
    used = aws_lambda.usage(w)
    lines = list(charges(used, prices, free_tier=free_tier))
    figures = dict(used)
    for k, line in enumerate(lines):
        figures |= {f"quantity_{k}": line.quantity, f"cost_{k}": line.cost}
        figures |= {f"work_{k}": line.work, f"waiting_{k}": line.waiting}
    for part in ("cost", "work", "waiting"):
        figures[part] = sum_in_order(getattr(line, part) for line in lines)
    return figures


def parameters(sheet: Mapping[str, Price]) -> Iterator[tuple[str, float]]:
    """Yield every number of a sheet under a name of its own."""
    for name, price in sheet.items():
        yield f"{name}_free", price.free_per_month
        for k, (above, usd) in enumerate(price.tiers):
            yield f"{name}_above_{k}", above
            yield f"{name}_usd_{k}", usd


def named(sheet: Mapping[str, Price], p: Scope) -> dict[str, Price]:
    """Return the sheet with a symbol of that name in place of each number."""
    return {
        name: replace(
            price,
            free_per_month=getattr(p, f"{name}_free"),
            tiers=tuple(
                (getattr(p, f"{name}_above_{k}"), getattr(p, f"{name}_usd_{k}"))
                for k in range(len(price.tiers))
            ),
        )
        for name, price in sheet.items()
    }


@cache
def v8(day: date) -> MiniRacer:
    """Return a V8 in which ``all(workloads)`` runs the traced month on each of them."""
    sheet = price_sheet("aws-lambda").on(day)
    traced = to_javascript("month", lambda w, p: month(w, named(sheet, p), p.free_tier), "w", "p")
    engine = MiniRacer()
    prices = json.dumps(dict(parameters(sheet)))
    engine.eval(
        f"{traced} const prices = {prices}; const all = (list) =>"
        " list.map((w) => month(w, {...prices, free_tier: w.free_tier}));"
    )
    return engine


def in_javascript(day: date, values: list[dict[str, float]]) -> list[dict[str, float]]:
    """Run the traced month in V8; JSON carries every float there and back to the last bit."""
    text = v8(day).eval(f"JSON.stringify(all({json.dumps(values)}))")
    result: list[dict[str, float]] = json.loads(str(text))
    return result


def in_python(day: date, values: dict[str, Any]) -> dict[str, Any]:
    """Run the same function on numbers, or on arrays of them."""
    w = SimpleNamespace(**values)
    return month(w, price_sheet("aws-lambda").on(day), w.free_tier)


def plain(w: Workload, *, free_tier: bool) -> dict[str, float]:
    """Return the fields a rule reads."""
    return {name: getattr(w, name) for name in FIELDS} | {"free_tier": float(free_tier)}


@given(
    drawn=st.lists(st.tuples(workloads(), st.booleans()), min_size=1, max_size=10),
    day=st.sampled_from(DAYS),
)
def test_both_languages_agree_to_the_last_bit(
    drawn: list[tuple[Workload, bool]], day: date
) -> None:
    """Every quantity, cost and share of every line is equal, on plain numbers."""
    values = [plain(w, free_tier=free_tier) for w, free_tier in drawn]
    expected = [{name: float(v) for name, v in in_python(day, one).items()} for one in values]
    assert in_javascript(day, values) == expected


@pytest.mark.parametrize("day", DAYS)
def test_arrays_agree_element_by_element(day: date) -> None:
    """What numpy computes for 2,000 workloads at once, V8 computes for each of them."""
    rng = np.random.default_rng(20261101)
    n = 2000
    arrays = {
        "requests_per_month": np.floor(10 ** rng.uniform(0, 10, n)),
        "memory_mb": rng.integers(128, 10_241, n).astype(float),
        "measured_at_mb": rng.integers(128, 10_241, n).astype(float),
        "cpu_ms": rng.uniform(0, 1000, n).round(2),
        "wait_ms": rng.uniform(0, 60_000, n).round(1),
        "streaming_ms": rng.uniform(0, 60_000, n),
        "output_tokens": rng.integers(0, 5000, n).astype(float),
        "input_tokens": rng.integers(0, 5000, n).astype(float),
        "cpu_ms_per_output_token": rng.uniform(0, 5, n),
        "init_ms": rng.uniform(0, 5000, n).round(2),
        "cold_start_share": rng.uniform(0, 1, n),
        "ephemeral_storage_mb": rng.integers(512, 10_241, n).astype(float),
        "arm": rng.integers(0, 2, n).astype(float),
        "free_tier": rng.integers(0, 2, n).astype(float),
    }
    together = {name: np.broadcast_to(v, n) for name, v in in_python(day, arrays).items()}
    each = in_javascript(day, [{name: v[k] for name, v in arrays.items()} for k in range(n)])
    for name, values in together.items():
        assert [one[name] for one in each] == values.tolist(), name


@given(workloads(), st.booleans())
def test_the_sweep_is_what_was_traced(w: Workload, free_tier: bool) -> None:  # noqa: FBT001
    """The package's own sweep gives the figures that V8 gives, so a page shows its bill."""
    [there] = in_javascript(DAY, [plain(w, free_tier=free_tier)])
    here = sweep("aws-lambda", w, on=DAY, free_tier=free_tier)
    assert (here["total"], here["work"], here["waiting"]) == (
        there["cost"],
        there["work"],
        there["waiting"],
    )
