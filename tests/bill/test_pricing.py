"""Tiers and free allowances, at the month's total and on both sides of every edge."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workloads import DAY

from serverless_tax.bill.pricing import charges, without_included
from serverless_tax.prices import Price, price_sheet, sheet_ids

PRICES = price_sheet("aws-lambda").on(DAY)
BUSY = {"busy_gb_seconds": 0.0, "busy_storage_gb_seconds": 0.0}


def cost(free_tier: float = 0, **gb_seconds: float) -> float:
    """Return what an amount of each dimension costs in a month, all of it waiting."""
    usage = BUSY | gb_seconds
    prices = {name: price for name, price in PRICES.items() if name in gb_seconds}
    return math.fsum(charge.cost for charge in charges(usage, prices, free_tier=free_tier))


@pytest.mark.parametrize(
    ("architecture", "gb_seconds", "usd"),
    [
        ("x86", 1e9, 16_666.70),
        ("x86", 6e9, 100_000.20),
        ("x86", 6e9 + 1e6, 100_015.20),
        ("x86", 15e9, 235_000.20),
        ("x86", 15e9 + 1e6, 235_013.5334),
        ("x86", 20e9, 301_667.20),
        ("arm", 7.5e9, 100_000.50),
        ("arm", 7.5e9 + 1e6, 100_012.5001),
        ("arm", 18.75e9, 235_001.625),
        ("arm", 18.75e9 + 1e6, 235_012.2917),
    ],
)
def test_each_tier_costs_its_own_price(architecture: str, gb_seconds: float, usd: float) -> None:
    """Only what lies beyond an edge takes the price beyond it; the amounts are worked by hand."""
    assert cost(**{f"duration_{architecture}_gb_seconds": gb_seconds}) == pytest.approx(usd)


@pytest.mark.parametrize(
    ("architecture", "edge", "below", "beyond"),
    [
        ("x86", 6e9, 0.0000166667, 0.000015),
        ("x86", 15e9, 0.000015, 0.0000133334),
        ("arm", 7.5e9, 0.0000133334, 0.0000120001),
        ("arm", 18.75e9, 0.0000120001, 0.0000106667),
    ],
)
def test_nothing_jumps_at_an_edge(
    architecture: str, edge: float, below: float, beyond: float
) -> None:
    """A million GB-seconds either side of an edge cost a million times the price of that side."""
    name = f"duration_{architecture}_gb_seconds"
    at = cost(**{name: edge})
    assert at - cost(**{name: edge - 1e6}) == pytest.approx(below * 1e6, rel=1e-9)
    assert cost(**{name: edge + 1e6}) - at == pytest.approx(beyond * 1e6, rel=1e-9)


@given(st.floats(0, 1e11), st.floats(0, 1e11), st.sampled_from(["x86", "arm"]))
def test_more_never_costs_less(some: float, more: float, architecture: str) -> None:
    """The price falls from tier to tier, the total never does."""
    some, more = sorted((some, more))
    name = f"duration_{architecture}_gb_seconds"
    assert cost(**{name: some}) <= cost(**{name: more})


@pytest.mark.parametrize(
    ("dimension", "free", "usd_each"),
    [
        ("requests", 1_000_000, 0.0000002),
        ("duration_x86_gb_seconds", 400_000, 0.0000166667),
        ("duration_arm_gb_seconds", 400_000, 0.0000133334),
    ],
)
def test_the_free_tier_takes_off_its_allowance(
    dimension: str, free: float, usd_each: float
) -> None:
    """Up to the allowance all is free, one beyond costs one, and none is ever paid back."""
    assert cost(1, **{dimension: 0.0}) == 0
    assert cost(1, **{dimension: free}) == 0
    assert cost(1, **{dimension: free + 1.0}) == pytest.approx(usd_each)
    assert cost(0, **{dimension: free}) == pytest.approx(free * usd_each)


@given(st.floats(0, 1e11), st.floats(0, 1e10))
def test_the_free_tier_saves_at_most_its_worth(duration: float, init: float) -> None:
    """With it a bill is never negative, never higher, and at most $6.67 of compute lower."""
    used = {"duration_x86_gb_seconds": duration, "init_x86_gb_seconds": init}
    paid, with_free = cost(**used), cost(1, **used)
    assert 0 <= with_free <= paid * (1 + 1e-12)
    assert paid - with_free <= 400_000 * 0.0000166667 + paid * 1e-12


def test_init_stacks_on_duration_in_the_same_tiers() -> None:
    """Ten GB-seconds of duration short of an edge, the eleventh of INIT is beyond it."""
    init = cost(duration_x86_gb_seconds=6e9 - 10, init_x86_gb_seconds=30.0) - cost(
        duration_x86_gb_seconds=6e9 - 10
    )
    assert init == pytest.approx(10 * 0.0000166667 + 20 * 0.000015, abs=1e-9)


def test_duration_and_init_share_one_allowance() -> None:
    """400,000 GB-seconds are free once, however they are made up."""
    split = {"duration_x86_gb_seconds": 300_000.0, "init_x86_gb_seconds": 100_000.0}
    assert cost(1, **split) == 0
    assert cost(1, **(split | {"init_x86_gb_seconds": 100_001.0})) == pytest.approx(0.0000166667)


def test_a_dimension_without_a_price_costs_nothing() -> None:
    """What a platform meters and does not price, such as busy time, makes no line."""
    assert list(charges({"busy_ms": 1e9}, PRICES)) == []


@given(st.floats(0, 1e9), st.floats(0, 1))
def test_work_and_waiting_are_the_cost(gb_seconds: float, busy_share: float) -> None:
    """The busy part of the time is paid for work, the rest for waiting."""
    used = BUSY | {
        "duration_x86_gb_seconds": gb_seconds,
        "busy_gb_seconds": gb_seconds * busy_share,
    }
    for charge in charges(used, PRICES):
        assert charge.work >= 0
        assert charge.waiting >= 0
        assert charge.work + charge.waiting == pytest.approx(charge.cost)
        assert charge.work == pytest.approx(charge.cost * busy_share)


#: Every price of today that stands for itself.
ALONE = {
    f"{sheet}.{name}": price
    for sheet in sheet_ids()
    for name, price in price_sheet(sheet).on(DAY).items()
    if not price.charged_as
}


def usd(price: Price, quantity: float) -> float:
    """Return what so much costs, where only what is included in a plan is free."""
    used = {price.dimension: quantity}
    bare = {price.dimension: replace(price, busy=None, used=None, free_after=None)}
    return math.fsum(charge.cost for charge in charges(used, bare))


@pytest.mark.parametrize("share", [1e-6, 0.1, 0.99, 1, 1.7, 30])
def test_what_something_else_used_up_is_rounded_once(share: float) -> None:
    """It costs what it adds to a month in which all that is included is used, and no more."""
    for name, price in ALONE.items():
        included = price.tiers[1][0] if len(price.tiers) > 1 and not price.tiers[0][1] else 0.0
        quantity = share * (included or 1e6)
        (gone,) = without_included({"": price}).values()
        added = usd(price, included + quantity) - usd(price, included)
        assert usd(gone, quantity) == pytest.approx(added, rel=1e-9), name


@pytest.mark.parametrize(
    ("gb_seconds", "usual", "used_up"),
    [(100_000, 0, 12.50), (500_000, 12.50, 12.50), (1_400_000, 12.50, 25), (1_400_001, 25, 25)],
)
def test_a_million_that_is_begun_is_billed_whole(
    gb_seconds: float, usual: float, used_up: float
) -> None:
    """As in Cloudflare's examples: 400,000 are included, and a million costs 12.50 USD."""
    price = ALONE["cloudflare-durable-objects.cloudflare_do_gb_seconds"]
    assert usd(price, gb_seconds) == usual
    (gone,) = without_included({"": price}).values()
    assert usd(gone, gb_seconds) == used_up
