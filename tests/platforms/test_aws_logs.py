"""Logs: bytes in, at a price that depends on who wrote them and when, and a month of keeping."""

from __future__ import annotations

from datetime import date

import pytest
from workloads import DAY

from serverless_tax import Bill, Workload, bill

GB = 1024**3


def logged(design: str, gigabytes: float, *, on: date = DAY) -> Bill:
    """Return the bill of a month that logs so many gigabytes."""
    w = Workload(requests_per_month=gigabytes, memory_mb=128, log_bytes=GB)
    return bill(design, w, on=on)


def usd(priced: Bill, dimension: str) -> float:
    """Return what a dimension comes to."""
    return sum(i.cost for i in priced.items if i.dimension == dimension)


def test_a_function_logs_about_400_bytes_by_itself() -> None:
    """10 million requests of 400 bytes are 3.7 GB, $1.86 to take in and two cents to keep."""
    w = Workload(requests_per_month=10e6, memory_mb=128)
    lines = bill("aws-lambda+aws-logs", w, on=DAY).items
    assert round(usd(bill("aws-lambda+aws-logs", w, on=DAY), "lambda_logs_gb"), 2) == 1.86
    assert round(lines[-1].cost, 2) == 0.02


@pytest.mark.parametrize(
    ("gigabytes", "dollars"),
    [(10_240, 5120), (10_241, 5120.25), (30_720, 10_240), (30_721, 10_240.10), (51_201, 12_288.05)],
)
def test_a_function_s_logs_have_tiers(gigabytes: float, dollars: float) -> None:
    """$0.50, $0.25, $0.10 and $0.05 a gigabyte, from 0, 10, 30 and 50 TB of 1,024 GB."""
    assert usd(logged("aws-lambda+aws-logs", gigabytes), "lambda_logs_gb") == pytest.approx(dollars)


def test_tiers_start_in_may_2025() -> None:
    """The day before, every gigabyte is $0.50."""
    for day, dollars in ((date(2025, 4, 30), 10_240), (date(2025, 5, 1), 7680)):
        month = logged("aws-lambda+aws-logs", 20_480, on=day)
        assert usd(month, "lambda_logs_gb") == pytest.approx(dollars)


def test_other_logs_have_one_price() -> None:
    """What is not a function's pays $0.50 for every gigabyte."""
    other = logged("aws-rest-api-proxy+aws-logs", 20_480)
    assert usd(other, "logs_gb") == pytest.approx(10_240)
    assert usd(other, "lambda_logs_gb") == 0


def test_kept_logs_are_compressed_to_a_fifth() -> None:
    """100 GB are kept as 20, for $0.60 a month."""
    assert usd(logged("aws-logs", 100), "stored_logs_gb_months") == pytest.approx(0.60)


def test_waiting_logs_nothing() -> None:
    """A request that waits an hour logs as much as one that does not, and all of it is work."""
    w = Workload(requests_per_month=1e6, memory_mb=128)
    quick, slow = (bill("aws-logs", w.replace(wait_ms=ms), on=DAY) for ms in (0, 3_600_000))
    assert quick.total == slow.total == slow.work
