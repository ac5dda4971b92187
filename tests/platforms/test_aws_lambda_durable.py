"""Durable functions: free while suspended, billed while a step awaits, with data that is kept."""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Bill, Workload, bill

DAY_MS = 86_400_000


def month(**quantities: Any) -> Bill:
    """Return the bill of 1,000 requests at 1,024 MB that work for a second and wait a minute."""
    one = {"requests_per_month": 1000, "memory_mb": 1024, "cpu_ms": 1000, "wait_ms": 60_000}
    one |= {"measured_at_mb": 1024}
    return bill("aws-lambda-durable", Workload(**(one | quantities)), on=DAY)


def metered(priced: Bill) -> dict[str, float]:
    """Return the quantities on the bill."""
    return {item.dimension: item.quantity for item in priced.items}


@pytest.mark.parametrize(("suspended", "seconds"), [(1, 1), (0.75, 16), (0.5, 31), (0, 61)])
def test_what_is_suspended_has_no_duration(suspended: float, seconds: float) -> None:
    """A second of work and the rest of the minute that is awaited, not suspended."""
    lines = metered(month(suspended_share=suspended))
    assert lines["duration_x86_gb_seconds"] == pytest.approx(1000 * seconds)


def test_a_step_that_awaits_a_model_is_billed_in_full() -> None:
    """Streaming passes tokens on while they come, so the function is awake for all of it."""
    streamed = metered(month(streaming_ms=30_000, cpu_ms_per_output_token=0))
    assert streamed["duration_x86_gb_seconds"] == pytest.approx(1000 * 31)


@pytest.mark.parametrize(("waits", "invocations"), [(0, 1), (1, 2), (4, 5)])
def test_the_function_is_invoked_again_after_each_wait(waits: int, invocations: int) -> None:
    """Each is a request, may be a cold start, and is rounded up on its own."""
    cold = {"init_ms": 100, "cold_start_share": 1, "durable_waits": waits}
    lines = metered(month(cpu_ms=0.5 * invocations, **cold))
    assert lines["requests"] == 1000 * invocations
    assert lines["duration_x86_gb_seconds"] == pytest.approx(invocations)
    assert lines["init_x86_gb_seconds"] == pytest.approx(100 * invocations)


def test_what_is_not_suspended_is_not_invoked_again() -> None:
    """A wait that is awaited inside the handler is one request."""
    assert metered(month(suspended_share=0, durable_waits=3))["requests"] == 1000


@pytest.mark.parametrize(
    ("steps", "waits", "operations"), [(0, 0, 1), (2, 1, 4), (10, 0, 11), (3, 7, 11)]
)
def test_starting_each_step_and_each_wait_are_operations(
    steps: int, waits: int, operations: int
) -> None:
    """One to start, and one for each."""
    lines = metered(month(durable_steps=steps, durable_waits=waits))
    assert lines["durable_operations"] == 1000 * operations


def test_data_is_kept_while_it_runs_and_after() -> None:
    """10 MB for 30 days and for 15 more while suspended: a gigabyte-month and a half per 100."""
    data = {"request_bytes": 10e6, "durable_steps": 0, "durable_waits": 0, "retention_days": 30}
    short, long = (
        {i.dimension: i for i in month(cpu_ms=0, wait_ms=ms, **data).items}
        for ms in (0, 15 * DAY_MS)
    )
    assert short["durable_written_gb"].quantity == pytest.approx(10)
    assert short["durable_retained_gb_months"].quantity == pytest.approx(10)
    assert short["durable_retained_gb_months"].waiting == 0
    kept = long["durable_retained_gb_months"]
    assert kept.quantity == pytest.approx(15)
    assert kept.waiting == pytest.approx(kept.cost / 3)


def test_a_year_may_pass_but_not_a_quarter_of_an_hour_awake() -> None:
    """An execution ends after 365 days, and each invocation after 900 s."""
    assert not month(wait_ms=364 * DAY_MS).obstacles
    assert "ends an execution" in month(wait_ms=366 * DAY_MS).obstacles[0]
    assert not month(wait_ms=1_700_000, suspended_share=1).obstacles
    assert "900 s" in month(wait_ms=1_000_000, suspended_share=0).obstacles[0]
    assert not month(cpu_ms=1_700_000, durable_waits=1).obstacles  # half of it in each of two


def test_a_long_wait_is_dearer_awake() -> None:
    """What it is for: a minute is $0.001 at 1 GB, and four operations are $0.00003."""
    assert month(suspended_share=1).total < month(suspended_share=0).total / 5


def test_data_is_kept_while_the_function_is_awake_too() -> None:
    """A gigabyte for 864 s awake, a hundredth of a day, and a day after: 1.01 days of 30."""
    w = Workload(
        requests_per_month=1000,
        memory_mb=1024,
        cpu_ms_per_output_token=0,
        streaming_ms=864_000,
        output_tokens=0,
        request_bytes=1e6,
        retention_days=1,
    )
    lines = {i.dimension: i.quantity for i in bill("aws-lambda-durable", w, on=DAY).items}
    assert lines["durable_written_gb"] == pytest.approx(1)
    assert lines["durable_retained_gb_months"] == pytest.approx(1.01 / 30)
