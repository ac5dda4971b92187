"""Everything that a month meters of requests that never meet, on each platform that shares.

A hundred requests, each of half a second of CPU and a second of waiting, 150 s in all and 50 s of
them work. Half of them start an instance, which takes 2 s: 100 s more of both, where starting is
billed. An instance has 1 vCPU and 2 GB unless something else is said.
"""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Workload, bill
from serverless_tax.bill.design import design
from serverless_tax.bill.month import month_usage

ALONE: dict[str, Any] = {
    "requests_per_month": 100,
    "memory_mb": 1769,
    "cpu_ms": 500,
    "wait_ms": 1000,
    "init_ms": 2000,
    "cold_start_share": 0.5,
    "requests_per_instance": 1,
    "keep_alive_ms": 1e-9,
}
#: What the platforms have in common is the time; its squares only say how much lengths vary.
TIME, COLD_TIME = (
    {"billed_ms": 150_000, "busy_ms": 50_000},
    {"billed_ms": 250_000, "busy_ms": 150_000},
)
OBJECTS = {
    "cloudflare_do_gb_seconds": 150 * 0.128,
    "cloudflare_do_used_gb_seconds": 150 * 0.128,
    "cloudflare_do_busy_gb_seconds": 50 * 0.128,
    "cloudflare_plan_months": 1,
}
METERED: dict[str, dict[str, float]] = {
    "azure-container-apps": COLD_TIME
    | {
        "container_apps_requests": 100,
        "container_apps_vcpu_seconds": 250,
        "container_apps_gib_seconds": 500,
        "container_apps_used_vcpu_seconds": 250,
        "container_apps_used_gib_seconds": 500,
        "container_apps_busy_vcpu_seconds": 150,
        "container_apps_busy_gib_seconds": 300,
    },
    "google-cloud-run": COLD_TIME
    | {
        "cloud_run_requests": 100,
        "cloud_run_vcpu_seconds": 250,
        "cloud_run_gib_seconds": 500,
        "cloud_run_busy_vcpu_seconds": 150,
        "cloud_run_busy_gib_seconds": 300,
    },
    "google-cloud-run-instance": COLD_TIME
    | {
        "cloud_run_instance_vcpu_seconds": 250,
        "cloud_run_instance_gib_seconds": 500,
        "cloud_run_instance_used_vcpu_seconds": 250,
        "cloud_run_instance_used_gib_seconds": 500,
        "cloud_run_instance_busy_vcpu_seconds": 150,
        "cloud_run_instance_busy_gib_seconds": 300,
    },
    "azure-functions-flex": TIME
    | {
        "azure_flex_executions": 100,
        "azure_flex_gb_seconds": 300,
        "azure_flex_busy_gb_seconds": 100,
    },
    # Of memory 1,536 MB at most are counted.
    "azure-functions-consumption": TIME
    | {
        "azure_functions_executions": 100,
        "azure_functions_alone_gb_seconds": 225,
        "azure_functions_gb_seconds": 225,
        "azure_functions_busy_gb_seconds": 75,
    },
    "vercel-fluid": TIME
    | {
        "vercel_fluid_invocations": 100,
        "vercel_fluid_cpu_hours": 50 / 3600,
        "vercel_fluid_gb_hours": 300 / 3600,
        "vercel_fluid_busy_gb_hours": 100 / 3600,
    },
    # Each connects, and sends a message: twenty of those count as one request.
    "cloudflare-durable-objects": TIME
    | OBJECTS
    | {
        "cloudflare_do_open_ms": 150_000,
        "cloudflare_do_requests": 105,
    },
    # A whole vCPU has at least 3 GiB, and at most 2 GB of disk to each of them.
    "cloudflare-containers": TIME
    | OBJECTS
    | {
        "cloudflare_do_requests": 100,
        **{
            f"cloudflare_containers_{part}{what}_seconds": seconds * size
            for part, seconds in (("", 150), ("used_", 150), ("busy_", 50))
            for what, size in (("vcpu", 1), ("gib", 3), ("disk_gb", 6))
        },
        "cloudflare_containers_provisioned_vcpu_seconds": 150,
        "cloudflare_containers_active_vcpu_seconds": 50,
    },
}


@pytest.mark.parametrize("name", METERED)
def test_everything_that_is_metered(name: str) -> None:
    """Each amount by hand, and nothing beside."""
    used = month_usage(design(name), Workload(**ALONE))
    used.pop("billed_ms_squared", None)
    assert {one: amount for one, amount in used.items() if amount} == pytest.approx(METERED[name])


@pytest.mark.parametrize(
    ("name", "cpu_ms", "wait_ms", "billed_ms"),
    [
        ("google-cloud-run", 67.43 + 0.7, 31.87, 100),
        ("azure-functions-flex", 512.07 + 0.7, 487.23, 1000),
    ],
)
def test_a_stray_bit_is_not_a_step_more(
    name: str, cpu_ms: float, wait_ms: float, billed_ms: float
) -> None:
    """67.43 + 0.70 + 31.87 ms are a tenth of a second, though not as binary fractions."""
    assert cpu_ms + wait_ms > billed_ms
    w = Workload(**(ALONE | {"cpu_ms": cpu_ms, "wait_ms": wait_ms, "init_ms": 0}))
    assert month_usage(design(name), w)["billed_ms"] == 100 * billed_ms


@pytest.mark.parametrize(("vcpu", "instances"), [(1, 5), (2, 2.5), (4, 1.25)])
def test_instances_have_the_cpu_that_their_requests_need(vcpu: float, instances: float) -> None:
    """A thousand requests that wait little: of three vCPUs' work three fifths of a vCPU are used.

    So the work of 3 vCPUs needs 5 instances of one, half as many of two, a quarter of four.
    """
    w = Workload(
        requests_per_month=3 * 730 * 3600,
        memory_mb=1769,
        cpu_ms=1000,
        wait_ms=1000,
        requests_per_instance=1000,
        target_utilisation=0.6,
        instance_vcpu=vcpu,
        instance_memory_mb=4096,
    )
    lines = {item.dimension: item.quantity for item in bill("google-cloud-run", w, on=DAY).items}
    assert lines["cloud_run_vcpu_seconds"] / vcpu / (730 * 3600) == pytest.approx(instances)
