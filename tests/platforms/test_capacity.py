"""Requests in flight and whole instances, worked by hand on both sides of every step."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serverless_tax import Workload
from serverless_tax.ground.settings import UNSET
from serverless_tax.platforms.meters import capacity

MONTH_MS = 730 * 3_600_000


def settings(**changes: Any) -> Any:
    """Return settings with no headroom, no nights and no minimum, but for those given."""
    plain = {
        "peak_to_mean": 1.0,
        "busy_hours_a_day": 24.0,
        "minimum_instances": 0.0,
        "target_utilisation": 1.0,
    }
    return SimpleNamespace(**({"hours_per_month": 730, "instance_hours": UNSET} | plain | changes))


def in_flight(mean: float, busy: float = 0.0) -> dict[str, float]:
    """Return a month with ``mean`` requests in flight, of which ``busy`` use a CPU."""
    return {"billed_ms": mean * MONTH_MS, "busy_ms": busy * MONTH_MS}


def test_nights_concentrate_traffic_into_the_day() -> None:
    """In 8 hours of 24 there are three times as many in flight, and the peak is above that."""
    w = settings(busy_hours_a_day=8.0, peak_to_mean=3.0)
    assert capacity.busy_hours(w) == pytest.approx(730 / 3)
    assert capacity.peak_concurrency(in_flight(10), w) == pytest.approx(90)


@pytest.mark.parametrize(
    ("mean", "count"), [(0, 0), (0.001, 1), (100, 1), (100.001, 2), (200, 2), (200.001, 3)]
)
def test_instances_are_whole(mean: float, count: int) -> None:
    """At 100 streams an instance, the 101st needs another."""
    assert capacity.instances(in_flight(mean), settings(), vcpu=1, streams=100) == count


@pytest.mark.parametrize(("busy", "count"), [(1.0, 2), (2.0, 2), (2.001, 3), (5.0, 5)])
def test_cpu_may_need_more_than_streams_do(busy: float, count: int) -> None:
    """200 streams fit on two instances of one vCPU, unless more than two are busy at a time."""
    used = in_flight(200, busy)
    assert capacity.instances(used, settings(), vcpu=1, streams=100) == count


def test_headroom_is_left() -> None:
    """At 70 %, 70 streams fill an instance of 100."""
    w = settings(target_utilisation=0.7)
    assert capacity.instances(in_flight(70), w, vcpu=1, streams=100) == 1
    assert capacity.instances(in_flight(70.01), w, vcpu=1, streams=100) == 2


@pytest.mark.parametrize(("minimum", "count"), [(0.0, 1), (1.0, 1), (1.5, 2), (3.0, 3)])
def test_the_minimum_runs_however_few_ask(minimum: float, count: int) -> None:
    """A fraction of an instance is a whole one."""
    w = settings(minimum_instances=minimum)
    assert capacity.instances(in_flight(5), w, vcpu=1, streams=100) == count


def test_a_month_of_nothing_needs_only_the_minimum() -> None:
    """And divides nothing by nothing."""
    with np.errstate(all="raise"):
        used, w = in_flight(0), settings(minimum_instances=2.0)
        assert capacity.instances(used, w, vcpu=1, streams=100) == 2


def test_nights_run_the_minimum() -> None:
    """5 instances for 12 of 24 hours and 2 for the rest: 5 × 365 + 2 × 365 hours."""
    w = settings(busy_hours_a_day=12.0, minimum_instances=2.0)
    assert capacity.instance_hours(5, w) == 5 * 365 + 2 * 365
    assert capacity.instance_hours(5, settings(minimum_instances=2.0)) == 5 * 730


@pytest.mark.parametrize(("mean", "hours"), [(0, 0), (0.5, 365), (1, 730), (2, 1460), (3, 1460)])
def test_an_hour_is_occupied_once(mean: float, hours: float) -> None:
    """Two instances are never occupied for more than their hours, however many are in flight."""
    assert capacity.occupied_hours(in_flight(mean), 2 * 730) == pytest.approx(hours)


@given(
    mean=st.floats(0, 1e6),
    more=st.floats(1, 10),
    peak=st.floats(1, 20),
    hours=st.floats(0.5, 24),
    share=st.floats(0.05, 1),
    busy=st.floats(0, 1),
)
def test_instances_carry_the_peak_and_never_shrink(
    *, mean: float, more: float, peak: float, hours: float, share: float, busy: float
) -> None:
    """Enough of them for streams and CPU, not one too many, and no fewer for more requests."""
    w = settings(peak_to_mean=peak, busy_hours_a_day=hours, target_utilisation=share)
    used = in_flight(mean, mean * busy)
    count = capacity.instances(used, w, vcpu=2, streams=50)
    at_peak = capacity.peak_concurrency(used, w) / share
    needed = max(at_peak / 50, at_peak * busy / 2)
    assert needed - 1e-6 * max(1, needed) <= count < needed + 1 + 1e-6 * max(1, needed)
    assert capacity.instances(in_flight(mean * more, mean * more * busy), w, 2, 50) >= count


@given(st.floats(0, 1e5), st.floats(1, 24), st.integers(0, 5))
def test_what_is_occupied_was_running(mean: float, hours: float, minimum: int) -> None:
    """Neither occupied nor idle hours are negative."""
    w = settings(busy_hours_a_day=hours, minimum_instances=float(minimum))
    used = in_flight(mean)
    running = capacity.instance_hours(capacity.instances(used, w, vcpu=1, streams=10), w)
    assert 0 <= capacity.occupied_hours(used, running) <= running


def test_the_defaults_are_a_workload_s() -> None:
    """The article's month on the default instance: 18.47 × 3 / 0.7 are 79 streams, so the two."""
    w = Workload.preset("article")
    used = {"billed_ms": 10e6 * 4855.5, "busy_ms": 10e6 * 5.5}
    assert capacity.peak_concurrency(used, w) / w.target_utilisation == pytest.approx(79.2, abs=0.1)
    assert capacity.instances(used, w, vcpu=1, streams=w.streams_per_vcpu) == 2
