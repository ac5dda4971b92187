"""The simulation against the formulas, where they are exact, and inside the bounds elsewhere."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampled import one_in

from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.meters.packing import up_instances
from serverless_tax.traffic import instances, kept_share, load, simulate

REQUESTS = 40_000
#: Half as much again as the interval that a simulation states for itself: it misses one in twenty.
WIDER = 1.5
#: What happens too rarely to be seen in a run of that length.
RARE = 1e-3
KINDS = ("alike", "exponential", "two kinds")


def arrivals(per_s: float, seed: int = 7) -> Any:
    """Return Poisson arrivals."""
    return np.cumsum(np.random.default_rng(seed).exponential(1 / per_s, REQUESTS))


def lengths(mean_s: float, kind: str, seed: int = 8) -> Any:
    """Return lengths of a mean: all alike, exponential, or of two kinds as answers are."""
    random = np.random.default_rng(seed)
    if kind == "alike":
        return np.full(REQUESTS, mean_s)
    if kind == "exponential":
        return random.exponential(mean_s, REQUESTS)
    return mean_s * np.where(random.random(REQUESTS) < 0.5, 0.4, 1.6)


def interval(found: Any) -> tuple[float, float]:
    """Return the simulation's interval for the instances that are up, made a little wider."""
    half = (found.high_s - found.low_s) / 2 * WIDER / found.span_s + RARE
    return found.mean_instances - half, found.mean_instances + half


@pytest.mark.parametrize(("mean", "kind"), one_in(2, product([0.3, 2.0, 12.0], KINDS)))
def test_alone_the_instances_are_the_load(kind: str, mean: float) -> None:
    """One request to an instance: as many instances as requests in flight."""
    found = simulate(arrivals(1.0), lengths(mean, kind))
    low, high = interval(found)
    assert low <= mean <= high
    assert found.cold_starts == REQUESTS
    assert found.instance_s == pytest.approx(found.request_s)


@pytest.mark.parametrize(("mean", "kind"), one_in(2, product([0.3, 2.0, 6.0], KINDS), first=1))
def test_one_instance_for_all_is_up_while_it_has_a_request(kind: str, mean: float) -> None:
    """As 1 - e^-a says, for lengths of any kind."""
    found = simulate(arrivals(1.0), lengths(mean, kind), requests_per_instance=1000)
    low, high = interval(found)
    assert low <= 1 - math.exp(-mean) <= high
    assert found.peak_instances == 1


@pytest.mark.parametrize(
    ("kind", "keep_alive_s"), one_in(2, product(["alike", "two kinds"], [1.0, 10.0, 30.0]))
)
def test_an_instance_that_is_kept_is_off_only_after_a_silence(
    kind: str, keep_alive_s: float
) -> None:
    """The formula of a kept instance, and what it is idle for."""
    found = simulate(
        arrivals(0.05),
        lengths(2.0, kind),
        requests_per_instance=1000,
        keep_alive_s=keep_alive_s,
    )
    low, high = interval(found)
    assert low <= kept_share(0.05, 2.0, keep_alive_s) <= high
    assert found.idle_s == pytest.approx(found.instance_s - found.busy_instance_s)
    assert 0 < found.idle_s <= found.cold_starts * keep_alive_s + found.instance_s


@pytest.mark.parametrize(
    ("each", "mean"), one_in(5, product([2, 3, 10, 40, 80], [0.5, 5.0, 20.0, 60.0]))
)
def test_in_between_it_lies_between_the_bounds(each: int, mean: float) -> None:
    """And a router that spreads needs no fewer than one that fills the first."""
    when, took = arrivals(1.0), lengths(mean, "exponential")
    found = simulate(when, took, requests_per_instance=each)
    bounds = instances(mean, each)
    low, high = interval(found)
    assert bounds.low <= high
    assert low <= bounds.high
    spread = simulate(when, took, requests_per_instance=each, spread=True)
    assert spread.instance_s >= found.instance_s * (1 - 1e-9)


@pytest.mark.parametrize(
    ("load_and_each", "kind_and_mixed"),
    one_in(
        4,
        product(
            [(0.5, 10), (2, 80), (5, 3), (20, 10), (60, 10), (60, 16), (20, 100)],
            [("alike", 0), ("two kinds", 0.6), ("exponential", 1)],
        ),
    ),
)
def test_a_bill_counts_what_is_simulated(
    load_and_each: tuple[float, int], kind_and_mixed: tuple[str, float]
) -> None:
    """Within 3 % and what a run is off by, with a router that fills the first before the next."""
    (mean, each), (kind, mixed) = load_and_each, kind_and_mixed
    found = simulate(arrivals(1.0), lengths(mean, kind), requests_per_instance=each)
    billed = instances(mean, each, mixed).billed
    low, high = interval(found)
    assert low * 0.97 <= billed <= high * 1.03


@pytest.mark.parametrize(("mean", "each", "keep_alive_s"), [(5, 10, 300), (20, 10, 600)])
def test_a_bill_counts_those_that_are_kept(mean: float, each: int, keep_alive_s: float) -> None:
    """The same of instances that stay on after their last request."""
    found = simulate(
        arrivals(1.0),
        lengths(mean, "alike"),
        requests_per_instance=each,
        keep_alive_s=keep_alive_s,
    )
    low, high = interval(found)
    kept = float(up_instances(mean, each, 0, keep_alive_s / mean))
    assert low * 0.97 <= kept <= high * 1.03


@given(st.floats(0.001, 500), st.integers(1, 200))
def test_the_bounds_are_in_order(mean: float, each: int) -> None:
    """The low bound is at least full instances or one in use; the high one is at most the load."""
    found = instances(mean, each)
    hair = 1 + 1e-9
    assert max(mean / each, 1 - math.exp(-mean)) <= found.low * hair
    assert found.low <= found.high * hair <= mean * hair * hair
    assert found.low <= found.billed * 1.03  # what is billed is within 3 % of a simulation
    assert found.billed <= mean * hair


def test_little_is_a_product() -> None:
    """2,628,000 seconds are a month."""
    assert load(1e6, 26_280) == pytest.approx(10)


def test_cold_starts_make_requests_longer() -> None:
    """Each start is waited for by the request that caused it, and paid for."""
    when = np.arange(100) * 10.0
    found = simulate(when, 1.0, cold_start_s=2.0)
    assert found.cold_starts == 100
    assert found.instance_s == pytest.approx(300)
    kept = simulate(when, 1.0, cold_start_s=2.0, keep_alive_s=20.0)
    assert kept.cold_starts == 1
    assert kept.request_s == pytest.approx(102)
    assert kept.instance_s == pytest.approx(990 + 1 + 20)


def test_by_hand() -> None:
    """Three requests, two to an instance: the third starts a second one, which is idle first."""
    found = simulate([0, 1, 2], [10, 10, 3], requests_per_instance=2)
    assert (found.cold_starts, found.peak_instances) == (2, 2)
    assert found.instance_s == pytest.approx(11 + 3)
    assert found.request_s == pytest.approx(23)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: simulate([], 1), "There are no arrivals"),
        (lambda: simulate([1, 0], 1), "Arrival 1 is at 0 s, before the one ahead of it; sort them"),
        (lambda: simulate([0], -1), "A request takes -1 s; expected a finite number of at least 0"),
        (lambda: simulate([0], 1, requests_per_instance=0), "requests_per_instance is 0; expected"),
        (lambda: instances(-1, 1), "load is -1; expected requests in flight"),
        (lambda: instances(1, 0), "requests_per_instance is 0; expected from 1 to a million"),
        (lambda: instances(1, math.inf), "requests_per_instance is inf; expected from 1"),
        (lambda: simulate([0], math.inf), "A request takes inf s; expected a finite number"),
        (lambda: simulate([0, math.nan], 1), "An arrival is not a finite number of seconds"),
        (lambda: simulate([0, 1], [1, 2, 3]), "There are 3 lengths for 2 arrivals"),
        (lambda: load(-1, 1), "requests_per_month is -1; expected a finite number"),
        (lambda: kept_share(-1, 1, 1), "arrivals_per_s is -1; expected a finite number"),
    ],
)
def test_mistakes_are_one_sentence(call: Any, complaint: str) -> None:
    """Naming the value and what was expected."""
    with pytest.raises(InvalidQuantity, match=complaint):
        call()
