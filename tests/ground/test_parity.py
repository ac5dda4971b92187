"""The traced bill in a real V8 is the Python bill, bit for bit, on every platform.

What is traced is the whole way from a workload to the month's charges: the rule, whole
instances and hours, the tiers, the free tier and the split, with the prices as parameters.
``==`` holds for every figure of every workload drawn, and of every design.
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
from hypothesis import given, settings
from hypothesis import strategies as st
from py_mini_racer import MiniRacer
from sampled import fewer
from workloads import (
    DAY,
    INIT_BILLED,
    INIT_FREE,
    OF_A_REQUEST,
    designs,
    fitted,
    hosted_workloads,
    random_arrays,
)

from serverless_tax import Workload, sweep
from serverless_tax.bill.design import Design
from serverless_tax.bill.month import month_usage
from serverless_tax.bill.pricing import charges
from serverless_tax.bill.totals import sum_in_order
from serverless_tax.ground.trace import Scope, to_javascript
from serverless_tax.prices import Price
from serverless_tax.request.workload import QUANTITIES

#: Every design as it is priced today, and Lambda as it was on three days of the past.
PRICED = [
    *((name, DAY) for name in designs()),
    *(("aws-lambda", day) for day in (date(2022, 3, 24), INIT_FREE, INIT_BILLED)),
]
FIELDS = (*QUANTITIES, "arm")
#: Workloads priced at once: a quarter of the thousand of `make test-all`.
MONTHS = min(1000, settings.default.max_examples * 12)


def month(target: Design, w: Any, prices: Mapping[str, Price], free_tier: Any) -> dict[str, Any]:
    """Return the usage, every charge and the sums of a month."""
    used = target.month(target.usage(w), w)
    lines = list(charges(used, prices, free_tier=free_tier))
    figures = dict(used)
    for k, line in enumerate(lines):
        figures |= {f"quantity_{k}": line.quantity, f"cost_{k}": line.cost}
        figures |= {f"work_{k}": line.work, f"waiting_{k}": line.waiting, f"idle_{k}": line.idle}
    for part in ("cost", "work", "waiting", "idle"):
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
def v8() -> MiniRacer:
    """Return a V8 in which ``run(function, prices, workloads)`` runs it on each of them."""
    engine = MiniRacer()
    engine.eval(
        "const run = (f, prices, list) =>"
        " JSON.stringify(list.map((w) => f(w, {...prices, free_tier: w.free_tier})));"
    )
    return engine


@cache
def traced(name: str, day: date) -> str:
    """Trace a design's month and its usage alone; return the name of the first in V8."""
    target = designs()[name]
    prices = target.prices({}, day, "us-east-1")
    function = f"month_{PRICED.index((name, day))}"
    engine = v8()
    engine.eval(
        to_javascript(
            function, lambda w, p: month(target, w, named(prices, p), p.free_tier), "w", "p"
        )
    )
    engine.eval(to_javascript(f"{function}_usage", target.usage, "w"))
    engine.eval(f"const {function}_prices = {json.dumps(dict(parameters(prices)))};")
    return function


def in_javascript(
    name: str, day: date, values: list[dict[str, float]], what: str = ""
) -> list[dict[str, float]]:
    """Run the traced month in V8; JSON carries every float there and back to the last bit."""
    function = traced(name, day)
    text = v8().eval(f"run({function}{what}, {function}_prices, {json.dumps(values)})")
    result: list[dict[str, float]] = json.loads(str(text), parse_int=float)
    return result


def in_python(name: str, day: date, values: Mapping[str, Any]) -> dict[str, Any]:
    """Run the same function on numbers, or on arrays of them."""
    target, w = designs()[name], SimpleNamespace(**values)
    with np.errstate(all="raise", under="ignore"):  # a rule has no business with NaN
        return month(target, w, target.prices({}, day, "us-east-1"), w.free_tier)


def plain(w: Workload, *, free_tier: bool) -> dict[str, float]:
    """Return the fields a rule reads."""
    return {name: getattr(w, name) for name in FIELDS} | {"free_tier": float(free_tier)}


@fewer(2)
@given(drawn=st.lists(st.tuples(hosted_workloads(), st.booleans()), min_size=1, max_size=3))
def test_both_languages_agree_to_the_last_bit(drawn: list[tuple[Workload, bool]]) -> None:
    """Every quantity, cost and share of every line is equal, on plain numbers."""
    values = [plain(w, free_tier=free_tier) for w, free_tier in drawn]
    for name, day in PRICED:
        expected = [
            {figure: float(v) for figure, v in in_python(name, day, one).items()} for one in values
        ]
        assert in_javascript(name, day, values) == expected, name


@pytest.mark.parametrize(("name", "day"), PRICED)
def test_arrays_agree_element_by_element(name: str, day: date) -> None:
    """What numpy computes for many workloads at once, V8 computes for each of them."""
    n = MONTHS
    arrays = random_arrays(n) | {"free_tier": (np.arange(n) % 2).astype(float)}
    together = in_python(name, day, arrays)
    each = in_javascript(name, day, [{f: float(v[k]) for f, v in arrays.items()} for k in range(n)])
    assert together.keys() == each[0].keys()
    for figure, values in together.items():
        assert [one[figure] for one in each] == np.broadcast_to(values, n).tolist(), figure


@pytest.mark.parametrize("name", designs())
def test_a_sample_adds_up_to_what_the_page_adds_up(name: str) -> None:
    """Sums are added in another order here than there: they agree to a millionth of a millionth."""
    n, target = MONTHS // 2, designs()[name]
    arrays = {f: v for f, v in random_arrays(n).items() if f in OF_A_REQUEST}
    w = fitted(Workload(requests_per_month=n, memory_mb=1024, **arrays), target)
    alone = [
        {f: float(np.broadcast_to(getattr(w, f), n)[k]) for f in FIELDS} | {"requests_per_month": 1}
        for k in range(n)
    ]
    each = in_javascript(name, DAY, alone, "_usage")
    sums = {figure: sum(one[figure] for one in each) for figure in each[0]}
    used = month_usage(target, w)
    for figure, total in sums.items():
        assert used[figure] == pytest.approx(total, rel=1e-12), figure


@fewer(2)
@given(hosted_workloads(), st.booleans())
def test_the_sweep_is_what_was_traced(w: Workload, free_tier: bool) -> None:  # noqa: FBT001
    """The package's own sweep gives the figures that V8 gives, so a page shows its bill."""
    for name, target in designs().items():
        offered = fitted(w, target)
        [there] = in_javascript(name, DAY, [plain(offered, free_tier=free_tier)])
        here = sweep(name, offered, on=DAY, free_tier=free_tier)
        assert (here["total"], here["work"], here["waiting"], here["idle"]) == (
            there["cost"],
            there["work"],
            there["waiting"],
            there["idle"],
        ), name
