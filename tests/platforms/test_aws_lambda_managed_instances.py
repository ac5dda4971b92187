"""Lambda Managed Instances: whole machines, a fee on each of their hours, and no duration."""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Bill, Workload, bill

#: A request a second that takes a second, for 730 hours: one in flight on average.
STEADY = 730 * 3600.0


def month(path: tuple[str, ...] = (), **quantities: Any) -> Bill:
    """Return the bill of requests that wait for a second at 128 MB, planned to the full."""
    one = {
        "requests_per_month": STEADY,
        "memory_mb": 128,
        "measured_at_mb": 1769,
        "wait_ms": 1000,
        "peak_to_mean": 1,
        "target_utilisation": 1,
    }
    w = Workload(**(one | quantities))
    return bill("aws-lambda-managed-instances", w, on=DAY, path=path)


def machines(priced: Bill) -> float:
    """Return how many machines run all month."""
    lines = {item.dimension: item.quantity for item in priced.items}
    assert lines["managed_fee_hours"] == lines["managed_m7g_xlarge_hours"]
    return lines["managed_fee_hours"] / 730


@pytest.mark.parametrize(
    ("in_flight", "needed"),
    [(0, 3), (1, 3), (3 * 48, 3), (3 * 48 + 1, 4), (4 * 48, 4), (4800, 100)],
)
def test_a_machine_takes_sixteen_for_each_vcpu(in_flight: int, needed: int) -> None:
    """48 at a time on three vCPUs, where their memory is small, and never fewer than three."""
    assert machines(month(requests_per_month=in_flight * STEADY)) == needed


@pytest.mark.parametrize(
    ("memory_mb", "each"),
    [(320, 48), (321, 47), (1024, 15), (1025, 14), (7680, 2), (10_240, 1)],
)
def test_memory_bounds_how_many_share_a_machine(memory_mb: float, each: int) -> None:
    """Each process has memory of its own, and a machine 15 GB for them."""
    assert machines(month(requests_per_month=100 * each * STEADY, memory_mb=memory_mb)) == 100
    assert machines(month(requests_per_month=(100 * each + 1) * STEADY, memory_mb=memory_mb)) == 101


def test_the_memory_that_was_measured_counts() -> None:
    """A function set to 1,024 MB whose requests take 320 shares a machine with 47 others."""
    measured = month(requests_per_month=480 * STEADY, memory_mb=1024, peak_memory_mb=320)
    assert machines(measured) == 10


def test_cpu_bounds_them_too() -> None:
    """Requests that compute all the time fill a vCPU each."""
    busy = month(requests_per_month=30 * STEADY, wait_ms=0, cpu_ms=1000)
    assert machines(busy) == 10
    assert busy.idle == pytest.approx(0, abs=1e-9)
    assert busy.waiting == pytest.approx(0, abs=1e-9)


def test_nights_go_down_to_three() -> None:
    """Ten machines for half of the day and three for the other half."""
    nights = month(requests_per_month=240 * STEADY, busy_hours_a_day=12)
    lines = {item.dimension: item.quantity for item in nights.items}
    assert lines["managed_fee_hours"] == 10 * 365 + 3 * 365


def test_a_longer_wait_costs_nothing_until_it_fills_the_machines() -> None:
    """No duration is billed: 1 s or 100 s of waiting is the same bill for few requests."""
    assert month(wait_ms=1000).total == month(wait_ms=100_000).total
    assert month(wait_ms=1000).waiting < month(wait_ms=100_000).waiting


def test_the_fee_is_fifteen_per_cent_of_the_machine() -> None:
    """Whatever the machine costs after its discounts."""
    costs = {item.dimension: item.cost for item in month().items}
    assert costs["managed_fee_hours"] == pytest.approx(0.15 * costs["managed_m7g_xlarge_hours"])


def test_the_path_knows_that_it_is_a_function() -> None:
    """A load balancer's capacity unit carries 0.4 GB an hour to a function, not 1 GB."""
    large: dict[str, Any] = {"path": ("aws-alb",), "response_bytes": 1e6, "request_bytes": 0}
    units = {item.dimension: item.quantity for item in month(**large).items}["alb_lcu_hours"]
    assert units == pytest.approx(STEADY * 1e6 / 1e9 / 0.4)


def test_more_machines_than_three_run_at_night_if_asked_for() -> None:
    """Five at least, with traffic for half of the day, are five all month."""
    assert machines(month(minimum_instances=5, busy_hours_a_day=12)) == pytest.approx(5)


def test_the_cpu_of_a_machine_is_busy_when_all_that_functions_get_is() -> None:
    """4.5 vCPU at work on three machines of 3 are half of them: half is work, the rest idle."""
    half = month(requests_per_month=4.5 * STEADY, cpu_ms=1000, wait_ms=0, minimum_instances=3)
    for item in half.items[1:]:
        assert item.work == pytest.approx(item.cost / 2)
