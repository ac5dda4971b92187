"""Cloudflare Containers: types of instance, two meters for CPU, and what stands beside them."""

from __future__ import annotations

from datetime import date

import pytest

from serverless_tax import Workload, bill

BEFORE, SINCE = date(2025, 11, 20), date(2025, 11, 21)
WAITS = Workload(requests_per_month=730, memory_mb=1769, wait_ms=3_600_000)


@pytest.mark.parametrize(
    ("vcpu", "memory_mb", "gib"),
    [
        (1 / 16, 256, 0.25),
        (1 / 16, 257, 1),  # more memory than lite has: basic
        (0.25, 1024, 1),
        (0.5, 512, 4),
        (0.5, 4097, 4097 / 1024),  # more than a type of less than a vCPU has: one's own, of 1 vCPU
        (1, 2048, 3),  # one's own has at least 3 GiB for each vCPU
        (1, 6145, 6145 / 1024),
        (2.5, 2048, 7.5),
    ],
)
def test_an_instance_is_the_smallest_type_that_fits(
    vcpu: float, memory_mb: float, gib: float
) -> None:
    """Source: https://developers.cloudflare.com/containers/platform/limits/, in 2026."""
    w = WAITS.replace(
        instance_vcpu=vcpu,
        instance_memory_mb=memory_mb,
        requests_per_month=1,  # one request, all month
        wait_ms=730 * 3_600_000,
        keep_alive_ms=0,
    )
    lines = bill("cloudflare-containers", w, on=SINCE).items
    billed = sum(i.quantity for i in lines if i.dimension == "cloudflare_containers_gib_seconds")
    assert billed == pytest.approx(730 * 3600 * gib)


def vcpu_usd(day: date) -> tuple[float, float]:
    """Return what provisioned and active vCPU cost in a month, beyond what the plan includes."""
    items = bill("cloudflare-containers", WAITS.replace(cpu_ms=60_000), on=day).items
    by = {"provisioned": 0.0, "active": 0.0}
    for item in items:
        if "vcpu" in item.dimension:
            by[item.dimension.split("_")[2]] += item.cost
    return by["provisioned"], by["active"]


def test_cpu_was_billed_as_provisioned_and_is_billed_in_use() -> None:
    """One meter or the other, and far less since: a minute of CPU in an hour of waiting."""
    provisioned, nothing = vcpu_usd(BEFORE)
    assert provisioned > 10
    assert nothing == 0
    nothing, active = vcpu_usd(SINCE)
    assert nothing == 0
    assert 0 < active < provisioned / 10


def test_memory_and_the_object_beside_it_are_billed_while_it_waits() -> None:
    """So its waiting is not free, on either day; and the Worker in front is on the path."""
    month = bill("cloudflare-containers", WAITS, on=SINCE, path="needed")
    lines = {item.dimension: item for item in month.items}
    assert lines["cloudflare_containers_gib_seconds"].waiting > 1
    assert "cloudflare_do_gb_seconds" in lines
    assert "cloudflare_workers_requests" in lines
    assert month.path == ("cloudflare-worker-front",)
