"""What holds for every rule, every price and every way of serving a request there is.

Nothing here names a platform: a rule that is added is tested by being added.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sampled import fewer, one_in
from workloads import (
    DAY,
    OF_A_REQUEST,
    designs,
    fitted,
    hosted_workloads,
    random_arrays,
    whole_numbers,
)

from serverless_tax import Bill, Workload, bill, sweep
from serverless_tax.bill.month import month_usage
from serverless_tax.bill.pricing import charges
from serverless_tax.platforms.meters import timeline

#: What adding up in another order may change, relative to the total.
ROUNDING = 1e-9
SERVING = [name for name, target in designs().items() if target.platform.serves]


def bills(w: Workload, **options: Any) -> Iterator[tuple[str, Bill]]:
    """Price a workload on every design, at sizes it offers."""
    for name, target in designs().items():
        yield name, bill(name, fitted(w, target), **({"on": DAY} | options))


def no_cheaper(less: Workload, more: Workload) -> None:
    """Assert that the second workload costs at least as much as the first, on every design."""
    for (name, low), (_, high) in zip(bills(less), bills(more), strict=True):
        assert low.total <= high.total * (1 + ROUNDING), name


def many(n: int, **fixed: Any) -> Workload:
    """Return ``n`` months at random, each of its own size, for a sweep."""
    arrays = random_arrays(n)
    architecture = ("x86_64", "arm64")[int(arrays.pop("arm")[0])]
    return Workload(architecture=architecture, **(arrays | fixed))


@fewer(8)
@given(w=hosted_workloads(), free_tier=st.booleans())
def test_every_bill_adds_up(w: Workload, *, free_tier: bool) -> None:
    """No amount is negative or not a number, and work, waiting and idle are the total."""
    for name, month in bills(w, free_tier=free_tier):
        hair = month.total * ROUNDING
        for item in (month, *month.items):
            amounts = (item.work, item.waiting, item.idle)
            cost = item.total if item is month else item.cost
            assert all(math.isfinite(amount) for amount in (cost, *amounts)), name
            assert min(amounts) >= -hair, name
            assert sum(amounts) == pytest.approx(cost, rel=ROUNDING, abs=hair), name
        assert month.total >= 0, name
        assert all(item.quantity >= 0 for item in month.items), name


@pytest.mark.parametrize("name", one_in(2, designs()))
def test_two_thousand_months_add_up(name: str) -> None:
    """The same for months of every size, from one request to ten billion."""
    costs = sweep(name, fitted(many(2000), designs()[name]), on=DAY)
    parts = [costs[part] for part in ("work", "waiting", "idle")]
    for amount in (costs["total"], *parts):
        assert np.all(np.isfinite(amount))
        assert np.all(amount >= -ROUNDING * costs["total"])
    np.testing.assert_allclose(np.sum(np.broadcast_arrays(*parts), 0), costs["total"], ROUNDING)


@pytest.mark.parametrize("name", one_in(2, designs()))
@pytest.mark.parametrize(
    "field", ["requests_per_month", "wait_ms", "output_tokens", "response_bytes"]
)
def test_more_never_costs_less(name: str, field: str) -> None:
    """Along a fine line of more requests, waiting, tokens or bytes, no step goes down."""
    target = designs()[name]
    most = {"requests_per_month": 1e9, "wait_ms": 6e5, "output_tokens": 2e4, "response_bytes": 2e9}
    line = np.unique(np.floor(np.geomspace(1, most[field], 4000)))
    for k in range(5):
        plain = {f: float(v[k]) for f, v in random_arrays(5).items() if f != "arm"}
        w = fitted(Workload(**(plain | {field: line})), target)
        totals = np.broadcast_to(sweep(name, w, on=DAY)["total"], line.shape)
        assert np.all(np.diff(totals) >= -ROUNDING * np.max(totals))


#: What a request does, and how many there are: more of it never lowers a bill.
_MORE = (
    *("requests_per_month", "wait_ms", "streaming_ms", "cpu_ms", "output_tokens"),
    *("cpu_ms_per_output_token", "init_ms", "cold_start_share", "response_bytes"),
)
#: How far a bill may fall that has a minimum of instances: what they take of the requests and what
#: goes beyond them are two estimates, within 3 % of a simulation, and what is beyond may be free.
_ESTIMATED = 0.005


@pytest.mark.parametrize("name", one_in(2, designs(), 1))
def test_more_of_anything_never_lowers_one_of_two_thousand_bills(name: str) -> None:
    """A little more and much more, from nothing, from short lengths and from long ones."""
    n, rng, target = 2000, np.random.default_rng(23), designs()[name]
    arrays = {f: v for f, v in random_arrays(n).items() if f not in {"arm", "instance_hours"}}
    for quantity in (one for one in _MORE if one != "cold_start_share"):
        short = np.where(rng.integers(0, 2, n), 0, 10 ** rng.uniform(-3, 2, n).round(3))
        arrays[quantity] = np.where(rng.integers(0, 3, n), arrays[quantity], short)
    arrays.pop("metered_cpu_ms_per_token")  # it follows
    w = fitted(Workload(architecture=("x86_64", "arm64")[len(name) % 2], **arrays), target)

    def totals(months: Workload) -> list[np.ndarray]:
        """Return what they cost, with nothing free and with all that is."""
        each = (sweep(name, months, on=DAY, free_tier=free)["total"] for free in (False, True))
        return [np.broadcast_to(total, n) for total in each]

    before = totals(w)
    may_fall = np.where(np.asarray(w.minimum_instances) > 0, _ESTIMATED, ROUNDING)
    for quantity in _MORE:
        least = getattr(w, quantity)
        most = np.where(
            rng.integers(0, 2, n), least + rng.uniform(0, 50, n), least * rng.uniform(1, 9, n)
        )
        if quantity == "cold_start_share":
            most = np.minimum(most, 1)
        for one, other in zip(before, totals(w.replace(**{quantity: most})), strict=True):
            assert np.all(other >= one * (1 - may_fall)), quantity


@pytest.mark.parametrize("name", SERVING)
def test_no_cpu_costs_nothing(name: str) -> None:
    """With no CPU for a token, nor for anything else, no line of the bill has CPU at work."""
    idle = Workload(
        requests_per_month=30e6,
        memory_mb=1024,
        wait_ms=3000,
        streaming_ms=2000,
        output_tokens=500,
        cpu_ms_per_output_token=0,
    )
    works = idle.replace(cpu_ms_per_output_token=1)
    by_time = [i for i in bill(name, fitted(idle, designs()[name]), on=DAY).items if i.work]
    paid = {i.dimension for i in by_time if not i.by_the_piece}
    # Bytes that are kept, and what passes a balancer, whoever works.
    assert paid <= {"durable_retained_gb_months", "alb_lcu_hours"}, name
    assert bill(name, fitted(works, designs()[name]), on=DAY).work >= sum(i.work for i in by_time)


@fewer(8)
@given(hosted_workloads(output_tokens=0.0), whole_numbers(128, 10_240))
def test_more_memory_at_the_same_speed_never_costs_less(w: Workload, memory_mb: float) -> None:
    """Timed at each size, so that no CPU gets faster, memory is all price."""
    low, high = (
        w.replace(memory_mb=mb, cpu_ms=w.cpu_ms, measured_at_mb=mb)
        for mb in sorted((w.memory_mb, memory_mb))
    )
    no_cheaper(low, high)


@fewer(8)
@given(hosted_workloads(cpu_ms=0.0, output_tokens=0.0, init_ms=0.0), whole_numbers(128, 10_240))
def test_more_memory_never_makes_waiting_cheaper(w: Workload, memory_mb: float) -> None:
    """Where requests only wait, memory is all price and no speed."""
    low, high = sorted((w.memory_mb, memory_mb))
    no_cheaper(w.replace(memory_mb=low), w.replace(memory_mb=high))


@fewer(8)
@given(hosted_workloads())
def test_the_free_tier_never_pays_back(w: Workload) -> None:
    """With it a bill is never negative, never dearer, and lower by the allowances at most."""
    for name, month in bills(w):
        free = month.total_with_free_tier
        target = designs()[name]
        worth = sum(
            price.free_per_month * price.tiers[0][1]
            for price in target.prices({}, DAY, "us-east-1").values()
            if price.tiers
        )
        assert 0 <= free <= month.total * (1 + ROUNDING), name
        assert month.total - free <= worth + month.total * ROUNDING, name
        assert free == bill(name, fitted(w, target), on=DAY, free_tier=True).total, name


def tiered() -> Iterator[Any]:
    """Yield every price with tiers, and the design that it belongs to."""
    for name, target in designs().items():
        for price in target.prices({}, DAY, "us-east-1").values():
            if len(price.tiers) > 1 and not price.charged_as and not target.parts:
                yield pytest.param(price, id=f"{name}-{price.dimension}")


@pytest.mark.parametrize("price", list(tiered()))
def test_nothing_jumps_at_the_edge_of_a_tier(price: Any) -> None:
    """One unit short of an edge costs one unit less, at the price of that side; so beyond it."""

    def cost(quantity: float) -> float:
        alone = {price.dimension: quantity, price.busy: 0.0, price.used: 0.0}
        lines = charges(alone, {price.dimension: price})
        return math.fsum(line.cost for line in lines)

    for (above, usd), (edge, usd_beyond) in pairwise(price.tiers):
        step = (edge - above) / 4
        assert cost(edge) - cost(edge - step) == pytest.approx(usd * step, rel=ROUNDING)
        more = price.in_wholes_of or step
        assert cost(edge + more) - cost(edge) == pytest.approx(usd_beyond * more, rel=ROUNDING)
        beyond = np.nextafter(edge, np.inf)
        hair = cost(edge) * ROUNDING + usd_beyond * (beyond - edge)  # the first tier may be free
        assert cost(edge) <= cost(beyond) <= cost(edge) + hair


@fewer(8)
@given(hosted_workloads())
def test_the_same_memory_changes_nothing(w: Workload) -> None:
    """Replacing a size by itself gives the bill again, to the last bit."""
    for (name, one), (_, same) in zip(
        bills(w), bills(w.replace(memory_mb=w.memory_mb)), strict=True
    ):
        assert one == same, name


@pytest.mark.parametrize("name", one_in(5, designs()))
@pytest.mark.parametrize("written", ["4.855s", "4855ms", "4855", 4855, 4855.0], ids=repr)
def test_a_length_bills_alike_however_it_is_written(name: str, written: Any) -> None:
    """In seconds, in milliseconds, with a unit or without."""
    month = {"requests_per_month": 10e6, "memory_mb": 1024, "cpu_ms": 5}
    assert bill(name, Workload(wait_ms=written, **month), on=DAY) == bill(
        name, Workload(wait_ms=4855.0, **month), on=DAY
    )


@fewer(8)
@given(st.lists(hosted_workloads(), min_size=2, max_size=4))
def test_a_sweep_prices_each_month_as_a_bill_does(months: list[Workload]) -> None:
    """Every element is a month of its own, of one architecture."""
    several = [w.replace(architecture=months[0].architecture) for w in months]
    for name, target in designs().items():
        offered = [fitted(w, target) for w in several]
        fields = {f: [getattr(w, f) for w in offered] for f in random_arrays(1) if f != "arm"}
        costs = sweep(name, Workload(architecture=months[0].architecture, **fields), on=DAY)
        for k, w in enumerate(offered):
            month = bill(name, w, on=DAY)
            for part in ("total", "work", "waiting", "idle"):
                here = np.broadcast_to(costs[part], len(offered))[k]
                hair = month.total * 1e-12
                assert here == pytest.approx(getattr(month, part), rel=1e-9, abs=hair), name


@st.composite
def samples(draw: st.DrawFn) -> list[Workload]:
    """Draw the requests of a sample: alike in what is set for the month, not in the rest."""
    first, *others = draw(st.lists(hosted_workloads(), min_size=2, max_size=4))
    own = [{f: getattr(w, f) for f in OF_A_REQUEST} for w in others]
    return [first, *(first.replace(**fields) for fields in own)]


def together(requests: list[Workload]) -> Workload:
    """Return the sample of these requests."""
    return requests[0].replace(**{f: [getattr(w, f) for w in requests] for f in OF_A_REQUEST})


@fewer(8)
@given(samples())
def test_a_sample_is_the_sum_of_its_requests(requests: list[Workload]) -> None:
    """What is metered for each request adds up, and the month is priced on what it comes to."""
    n, month = len(requests), requests[0].requests_per_month
    for name, target in designs().items():
        each = [fitted(w.replace(requests_per_month=month / n), target) for w in requests]
        sums = [target.usage(w) for w in each]
        added = {f: math.fsum(float(one[f]) for one in sums) for f in sums[0]}
        expected = target.month(added, each[0].replace(requests_per_month=month))
        used = month_usage(target, fitted(together(requests), target))
        assert used.keys() == expected.keys(), name
        for figure, quantity in expected.items():
            if figure in added:
                assert used[figure] == pytest.approx(float(quantity), rel=1e-9, abs=1e-9), (
                    name,
                    figure,
                )


#: They bill no time.
TIMELESS = {"cloudflare-workers", "cloudflare-workers-bundled"}


@pytest.mark.parametrize("name", sorted({*SERVING} - TIMELESS))
def test_no_request_is_billed_for_less_than_it_takes(name: str) -> None:
    """Each is rounded up on its own, if at all: a sample is never below the sum of its lengths."""
    n, target = 1000, designs()[name]
    arrays = {f: v for f, v in random_arrays(n).items() if f in OF_A_REQUEST}
    arrays |= {"cpu_ms": 0.0, "output_tokens": 0.0, "suspended_share": 0.0}
    w = fitted(Workload(requests_per_month=n, memory_mb=1769, **arrays), target)
    exact_ms = float(np.sum(timeline.wall_ms(w)))
    assert month_usage(target, w)["billed_ms"] >= exact_ms * (1 - 1e-9)


@fewer(8)
@given(hosted_workloads(), st.integers(2, 50))
def test_a_sample_of_equal_requests_bills_as_one(w: Workload, n: int) -> None:
    """However many of them were sampled."""
    assume(w.requests_per_month > 0)
    alike = w.replace(**{f: np.full(n, getattr(w, f)) for f in OF_A_REQUEST})
    for (name, one), (_, several) in zip(bills(w), bills(alike), strict=True):
        assert several.total == pytest.approx(one.total, rel=ROUNDING), name
        hair = one.total * ROUNDING
        assert several.waiting == pytest.approx(one.waiting, rel=ROUNDING, abs=hair), name
