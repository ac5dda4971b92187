"""SnapStart: a restore in place of INIT, and a snapshot that is kept for as long as a version."""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Bill, UnknownPrice, Workload, bill


def month(**quantities: Any) -> Bill:
    """Return the bill of 1,000 requests of a second at 1,024 MB, unless said otherwise."""
    one = {"requests_per_month": 1000, "memory_mb": 1024, "wait_ms": 1000}
    return bill("aws-lambda-snapstart", Workload(**(one | quantities)), on=DAY)


def metered(priced: Bill) -> dict[str, float]:
    """Return the quantities on the bill."""
    return {item.dimension: item.quantity for item in priced.items}


@pytest.mark.parametrize(
    ("duration", "restore", "billed"), [(2338.66, 182, 2521), (147.156, 53, 201), (100, 0, 100)]
)
def test_a_cold_start_bills_duration_and_restore_in_one_ceiling(
    duration: float, restore: float, billed: int
) -> None:
    """As REPORT lines show that were published: 2338.66 + 182 ms are billed as 2,521."""
    cold = metered(month(wait_ms=duration, restore_ms=restore, cold_start_share=1, init_ms=4000))
    assert cold["duration_x86_gb_seconds"] == pytest.approx(billed)
    assert "init_x86_gb_seconds" not in cold


@pytest.mark.parametrize(("memory_mb", "gb"), [(512, 0.5), (1024, 1), (10_240, 10)])
def test_each_cold_start_restores_the_whole_memory(memory_mb: float, gb: float) -> None:
    """One in a hundred of 1,000 requests restores ten times the function's gigabytes."""
    assert metered(month(memory_mb=memory_mb, cold_start_share=0.01))[
        "snapstart_restored_gb"
    ] == pytest.approx(10 * gb)


@pytest.mark.parametrize("versions", [0, 1, 3, 0.5])
def test_each_version_is_kept_for_the_month(versions: float) -> None:
    """730 hours of the whole memory for each, and half of that for one there half the time."""
    kept = metered(month(snapstart_versions=versions)).get("snapstart_cache_gb_seconds", 0)
    assert kept == pytest.approx(versions * 730 * 3600)


def test_a_snapshot_is_kept_for_nobody() -> None:
    """Its keeping is idle: neither more waiting nor more work, for any length of request."""
    for wait_ms in (1, 60_000):
        lines = {item.dimension: item for item in month(wait_ms=wait_ms).items}
        kept = lines["snapstart_cache_gb_seconds"]
        assert (kept.work, kept.waiting, kept.idle) == (0, 0, kept.cost)


def test_restoring_is_work() -> None:
    """Like INIT: the price of a restore and its duration are no waiting."""
    cold = {"cold_start_share": 1, "restore_ms": 500}
    assert month(**cold).waiting == pytest.approx(month().waiting)
    assert month(**cold).work > month().work


def test_only_the_storage_that_comes_with_a_function_goes_with_a_snapshot() -> None:
    """512 MB are served, more is not."""
    assert not month(ephemeral_storage_mb=512).obstacles
    assert "512 MB" in month(ephemeral_storage_mb=513).obstacles[0]


def test_there_was_no_price_before_python_had_it() -> None:
    """The sheet starts on the day SnapStart came to Python and .NET."""
    w = Workload(requests_per_month=1, memory_mb=1024)
    with pytest.raises(UnknownPrice, match="2024-11-18"):
        bill("aws-lambda-snapstart", w, on=DAY.replace(year=2024, month=11, day=17))
