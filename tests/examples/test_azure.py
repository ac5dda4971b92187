"""Months on Azure, with totals that others have printed or that are worked by hand."""

from __future__ import annotations

from datetime import date

import pytest
from published import published

from serverless_tax import Workload, bill

DAY = date(2026, 11, 1)


def test_a_replica_that_is_never_idle() -> None:
    """Half a vCPU and a gibibyte for thirty days: about 39 USD, as printed; 38.88 exactly.

    Source: https://techcommunity.microsoft.com/blog/appsonazureblog/understanding-idle-usage-in-azure-container-apps/4419197
    has the prices (2025-05-30). The waits of one request are enough: it is open, so not idle.
    """
    [month] = published("Azure Container Apps, a replica that is never idle")
    assert month.total == pytest.approx(38.88 + 30 * 0.40 / 1e6)
    assert month.waiting == pytest.approx(38.88)
    assert "Azure Container Apps stops a request after 240 s" in month.obstacles[0]


@pytest.mark.parametrize(
    ("wait_ms", "memory_mb", "gb_seconds"),
    [
        (1, 128, 0.1 * 0.125),  # at least a tenth of a second
        (100, 129, 0.1 * 0.25),  # up to the next 128 MB
        (100, 160, 0.1 * 0.25),  # the vendor's own: 160 MB bill as 256
        (100.2, 1024, 0.101),  # up to the next millisecond
    ],
)
def test_consumption_rounds_memory_and_time_up(
    wait_ms: float, memory_mb: float, gb_seconds: float
) -> None:
    """Source: https://learn.microsoft.com/azure/azure-functions/functions-consumption-costs."""
    one = {"requests_per_month": 1e6, "requests_per_instance": 1}
    w = Workload(memory_mb=memory_mb, wait_ms=wait_ms, **one)
    [line, _] = bill("azure-functions-consumption", w, on=DAY).items
    assert line.quantity == pytest.approx(gb_seconds * 1e6)


def test_executions_that_overlap_in_a_process_share_its_memory() -> None:
    """As the vendor says the calculation does: a hundred at once in one, and a process all month.

    Source: https://learn.microsoft.com/azure/azure-functions/functions-consumption-costs
    """
    hour = {"requests_per_month": 73_000, "wait_ms": 3_600_000, "memory_mb": 1024}
    [line, _] = bill("azure-functions-consumption", Workload(**hour), on=DAY).items
    apart = 73_000 * 3600
    assert apart / 100 <= line.quantity <= apart / 100 * 2


@pytest.mark.parametrize(("wait_ms", "billed_s"), [(1, 1.0), (1000, 1.0), (1001, 1.1), (2950, 3.0)])
def test_flex_bills_a_second_at_least_and_then_tenths(wait_ms: float, billed_s: float) -> None:
    """Source: https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan."""
    w = Workload(requests_per_month=1e6, memory_mb=512, wait_ms=wait_ms, requests_per_instance=1)
    [line, _] = bill("azure-functions-flex", w, on=DAY).items
    assert line.quantity == pytest.approx(billed_s * 2 * 1e6)


def test_what_is_awaited_is_paid() -> None:
    """Flex bills an instance for a function that awaits as for one that works: all is waiting."""
    w = Workload(requests_per_month=1e6, memory_mb=512, wait_ms="30s")
    month = bill("azure-functions-flex", w, on=DAY)
    assert month.waiting == pytest.approx(month.total - 0.40)


def test_what_is_free_is_of_active_and_idle_seconds_together() -> None:
    """A quarter of a vCPU all month is 657,000 vCPU-seconds, of which 180,000 are free."""
    kept = Workload(
        requests_per_month=0,
        memory_mb=128,
        minimum_instances=1,
        instance_vcpu=0.25,
        instance_memory_mb=512,
    )
    month = bill("azure-container-apps", kept, on=DAY, free_tier=True)
    gib_usd = (0.5 * 2_628_000 - 360_000) * 0.000003
    assert month.total == pytest.approx((657_000 - 180_000) * 0.000003 + gib_usd)


@pytest.mark.parametrize(
    ("memory_mb", "room", "wall_ms"), [(512, 4, 4000), (2048, 16, 1000), (4096, 32, 1000)]
)
def test_a_flex_instance_has_the_cpu_and_the_room_of_its_size(
    memory_mb: float, room: int, wall_ms: float
) -> None:
    """A quarter of a core and four requests at a time, one and 16, or two and 32.

    Source: https://learn.microsoft.com/azure/azure-functions/functions-concurrency, and for the
    cores https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan
    """
    w = Workload(requests_per_month=1e6, memory_mb=512, cpu_ms=1000, instance_memory_mb=memory_mb)
    plain = bill("azure-functions-flex", w, on=DAY)
    assert f"{room} requests may share an instance" in " ".join(plain.notes)
    [line, _] = bill("azure-functions-flex", w.replace(requests_per_instance=1), on=DAY).items
    assert line.quantity == pytest.approx(1e6 * wall_ms / 1000 * memory_mb / 1024)
    many = w.replace(cpu_ms=0, wait_ms=36_000_000)
    hours = bill("azure-functions-flex", many, on=DAY).items[0].quantity
    assert (
        hours
        == bill("azure-functions-flex", many.replace(requests_per_instance=room), on=DAY)
        .items[0]
        .quantity
    )
