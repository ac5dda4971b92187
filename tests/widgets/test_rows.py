"""What an open row of the market or of the ladder tells is what the package says."""

from __future__ import annotations

import itertools
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampled import at_most, one_in

from serverless_tax import Workload, bill, break_even, ladder
from serverless_tax.ground.show import show
from serverless_tax.request.presets import PRESETS
from serverless_tax.widgets.ladder.words import rung_words
from serverless_tax.widgets.market.figures import CROSSING, MARKET, slug
from serverless_tax.widgets.market.words import market_words
from serverless_tax.widgets.page_request import page_day
from serverless_tax.widgets.prose import quantities
from serverless_tax.widgets.scenario import compute, scenario, workload

ON = {"on": page_day()}
MONTHS = st.fixed_dictionaries(
    {
        "requests_per_month": st.floats(1e4, 1e9),
        "memory_mb": st.integers(128, 10_240).map(float),
        "generate_ms": st.floats(0, 120_000),
        "receive_ms": st.floats(0, 20_000),
        "cpu_ms_per_output_token": st.floats(0, 10),
        "streams_per_vcpu": st.floats(1, 2000),
    }
)


def own_sharing(values: dict[str, float]) -> Workload:
    """Return the scenario's workload with each vendor's own number of requests to an instance."""
    return workload(values).replace(requests_per_instance=0)


@at_most(25)
@given(changes=MONTHS)
def test_an_open_row_has_the_lines_of_the_bill(changes: dict[str, float]) -> None:
    """Each line of a design's bill is there, with its amount; and a line that is not costs 0."""
    values = scenario() | changes
    figures, w = compute(values), own_sharing(values)
    for name, words in zip(MARKET, market_words(), strict=True):
        billed: dict[str, list[float]] = {}
        for item in bill(name, w, path="needed", **ON).items:
            billed.setdefault(item.dimension, []).append(item.cost)
        for dimension, label, _ in words["lines"]:
            shown = figures[f"market_{slug(name)}_{dimension}_usd"]
            assert shown == pytest.approx(sum(billed.pop(dimension, [0])), rel=1e-9), label
        assert not billed


@at_most(25)
@given(changes=MONTHS)
def test_a_design_that_cannot_serve_is_told_apart(changes: dict[str, float]) -> None:
    """As ``bill`` names an obstacle, and the cheapest is one of those that have none."""
    values = scenario() | changes
    figures, w = compute(values), own_sharing(values)
    able = []
    for name in MARKET:
        month = bill(name, w, path="needed", **ON)
        assert bool(figures[f"market_{slug(name)}_open"]) is not bool(month.obstacles), name
        able += [] if month.obstacles else [month.total]
    assert figures["market_least_usd"] == pytest.approx(min(able), rel=1e-9)


CHANGES: tuple[dict[str, float], ...] = (
    {},
    {"memory_mb": 128.0},
    {"generate_ms": 30_000.0},
    {"cpu_ms_per_output_token": 1.0},
    {"memory_mb": 128.0, "generate_ms": 60_000.0},
    {"streams_per_vcpu": 10.0},
)


@pytest.mark.parametrize(
    ("changes", "name"),
    one_in(3, [(e, n) for k, e in enumerate(CHANGES) for n in CROSSING[:: (-1) ** k]]),
)
def test_a_crossing_that_is_told_is_one(name: str, changes: dict[str, float]) -> None:
    """The first number of requests from which on it costs less, as ``break_even`` searches it."""
    values = scenario() | changes
    told = compute(values)[f"market_{slug(name)}_from_requests"]
    found = break_even("aws-lambda", name, own_sharing(values), low=1, high=1e9, **ON)

    assert math.isfinite(told)
    assert told == found.crossings[0].at
    assert found.crossings[0].cheaper_from_here.startswith(name)


def test_the_article_s_crossings_are_told() -> None:
    """A shared process pays beyond a million requests, a Worker far below."""
    figures = compute(scenario())
    assert 1e6 < figures["market_aws_fargate_from_requests"] < 2e6
    assert 2 < figures["market_aws_fargate_from_at_once"] < 3
    assert figures["market_cloudflare_workers_from_requests"] < 1e5


@pytest.mark.parametrize(
    ("name", "hour_usd"), one_in(2, itertools.product(PRESETS, (0.0, 10.0, 100.0)))
)
def test_a_rung_pays_back_as_the_package_says(name: str, hour_usd: float) -> None:
    """Payback and split are ``ladder``'s and its bill's; where nothing is saved it is endless."""
    values = scenario(name) | {"hour_usd": hour_usd}
    figures = compute(values)
    for rung in ladder(own_sharing(values), hour_usd=hour_usd, **ON)[1:]:
        shown = f"rung_{slug(rung.id)}"
        assert figures[f"{shown}_payback_months"] == pytest.approx(rung.payback_months, rel=1e-6)
        billed = bill(rung.design, rung.workload, path="needed", **ON)
        assert figures[f"{shown}_serves"] == (not billed.obstacles)
        for part in ("work", "fees", "waiting", "idle"):
            assert figures[f"{shown}_{part}_usd"] == pytest.approx(
                getattr(billed, part), rel=1e-9, abs=1e-9 * billed.total
            )


def test_the_work_is_the_same_cpu_at_less_memory() -> None:
    """5.5 ms wait for two or three quotas of 128 MB; a Worker's tokens take CPU too."""
    figures = compute(scenario())
    assert figures["rung_memory_busy_ms"] == pytest.approx(52.6, abs=0.05)
    assert figures["rung_active_cpu_busy_ms"] > 90


def test_every_rung_says_what_was_counted() -> None:
    """Each placeholder of its words is a figure of the page, in a unit that exists."""
    known = quantities()
    for rung in rung_words():
        placeholders = re.findall(r"\{(\w+):(\w+)\}", rung["counted"])
        assert all(show(known[name], unit) for name, unit in placeholders), rung["id"]
        assert rung["counted"]
