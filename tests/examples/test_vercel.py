"""What Vercel's own pages count in figures.

Source: https://vercel.com/docs/functions/usage-and-pricing, in a copy of 2026-04-03.
"""

from __future__ import annotations

from datetime import date

import pytest

from serverless_tax import Workload, bill

DAY = date(2026, 11, 1)


def lines(name: str, w: Workload, day: date = DAY) -> dict[str, float]:
    """Return the quantity of each dimension of a month."""
    return {item.dimension: item.quantity for item in bill(name, w, on=day).items}


def test_a_hundred_milliseconds_of_work_and_four_hundred_of_waiting() -> None:
    """The page bills 100 ms of active CPU for it."""
    w = Workload(requests_per_month=36_000, memory_mb=1769, cpu_ms=100, wait_ms=400)
    assert lines("vercel-fluid", w)["vercel_fluid_cpu_hours"] == pytest.approx(1)


def test_an_instance_that_runs_for_an_hour_is_its_memory_in_gigabyte_hours() -> None:
    """However many requests it handles: 2 GB for an hour are 2 GB-hours."""
    alone = Workload(
        requests_per_month=1, memory_mb=1769, wait_ms=3_600_000, requests_per_instance=1
    )
    assert lines("vercel-fluid", alone)["vercel_fluid_gb_hours"] == pytest.approx(2, rel=1e-3)
    # A hundred at a time all month: what they share is the instance, what they add is little.
    many = alone.replace(requests_per_month=73_000, requests_per_instance=500)
    assert lines("vercel-fluid", many)["vercel_fluid_gb_hours"] == pytest.approx(2 * 730, rel=0.05)


def test_the_prices_of_washington_by_hand() -> None:
    """A CPU-hour 0.128, a GB-hour 0.0106, a million invocations 0.60 USD but for the first."""
    w = Workload(
        requests_per_month=3_000_000,
        memory_mb=1769,
        cpu_ms=12,
        wait_ms=1188,
        requests_per_instance=1,
    )
    usd = 3e6 * 12 / 3.6e6 * 0.128 + 3e6 * 1200 / 3.6e6 * 2 * 0.0106 + 2 * 0.60
    assert bill("vercel-fluid", w, on=DAY, free_tier=True).total == pytest.approx(usd)


def test_gigabyte_hours_before_fluid() -> None:
    """0.18 USD a GB-hour beyond the thousand of the Pro plan, at wall clock."""
    w = Workload(requests_per_month=2_000_000, memory_mb=1024, wait_ms=3600)
    month = bill("vercel-functions", w, on=date(2024, 7, 1), free_tier=True)
    assert month.total == pytest.approx((2000 - 1000) * 0.18 + 1 * 0.60)
    assert month.waiting == pytest.approx(180)
