"""Round months on every platform, worked by hand: a unit that slips shows at once."""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Bill, Workload, bill, platforms


def month(name: str, **quantities: Any) -> Bill:
    """Return the bill of a million requests at 1,024 MB, changed where said."""
    w = Workload(**({"requests_per_month": 1e6, "memory_mb": 1024} | quantities))
    return bill(name, w, on=DAY)


def costs(name: str, **quantities: Any) -> dict[str, float]:
    """Return the cost of each dimension of a month, in USD."""
    found: dict[str, float] = {}
    for item in month(name, **quantities).items:
        found[item.dimension] = found.get(item.dimension, 0) + item.cost
    return found


#: Instances that requests do not share, so that their time is the requests' own.
ALONE = {"requests_per_instance": 1}
#: One request, so that the next finds nothing of it kept.
TAIL_OF_A_SECOND = {"requests_per_month": 1, "wait_ms": 1000, "keep_alive_ms": 1000}

#: A month of everything that comes to a round quantity, and what that costs by its price page.
ROUND = [
    ("aws-lambda", {"wait_ms": 1000}, "duration_x86_gb_seconds", 16.6667),
    ("aws-lambda", {}, "requests", 0.20),
    ("aws-fargate", {"minimum_instances": 1}, "fargate_x86_vcpu_hours", 730 * 0.04048),
    ("aws-fargate", {"minimum_instances": 1}, "fargate_x86_gb_hours", 730 * 2 * 0.004445),
    ("aws-ec2", {"minimum_instances": 1}, "ec2_m7g_large_hours", 730 * 0.0816),
    (
        "aws-agentcore",
        {"cpu_ms": 3600, "memory_mb": 1769},
        "agentcore_v2_vcpu_hours",
        1000 * 0.1276,
    ),
    (
        "aws-agentcore-v1",
        {"cpu_ms": 3600, "memory_mb": 1769},
        "agentcore_v1_vcpu_hours",
        1000 * 0.0895,
    ),
    (
        "aws-agentcore-v1",
        {"wait_ms": 3000, "session_idle_ms": 600_000},
        "agentcore_v1_gb_hours",
        603e6 / 3600 * 0.00945,
    ),
    (
        "aws-lambda-microvms",
        {"wait_ms": 1000, "session_idle_ms": 1000},
        "microvm_vcpu_seconds",
        2 * 27.6944,
    ),
    (
        "aws-lambda-microvms",  # a quarter is the baseline's, and three more burst above it
        {"cpu_ms": 1000, "session_idle_ms": 0, "instance_vcpu": 0.25, "instance_memory_mb": 512},
        "microvm_vcpu_seconds",
        27.6944,
    ),
    (
        "aws-lambda-microvms",
        {"wait_ms": 1000, "session_idle_ms": 0},
        "microvm_gb_seconds",
        2 * 3.6667,
    ),
    (
        "aws-lambda-streaming",
        {"response_bytes": 8 * 2**20},  # 2 MB too many, at 2 MB a second
        "duration_x86_gb_seconds",
        16.6667,
    ),
    (
        "aws-lambda-streaming",
        {"requests_per_month": 1024, "response_bytes": 7 * 2**20},
        "streamed_gb",
        0.008,
    ),
    (
        "aws-lambda-provisioned",
        {"provisioned_concurrency": 1},
        "provisioned_x86_gb_seconds",
        730 * 3600 * 0.0000041667,
    ),
    (
        "aws-lambda-provisioned",
        {"provisioned_concurrency": 1, "wait_ms": 1000},
        "provisioned_duration_x86_gb_seconds",
        9.7222,
    ),
    ("aws-lambda-snapstart", {}, "snapstart_cache_gb_seconds", 730 * 3600 * 0.0000015046),
    ("aws-lambda-snapstart", {"cold_start_share": 1}, "snapstart_restored_gb", 139.7998),
    (
        "aws-lambda-durable",
        {"durable_steps": 1, "durable_waits": 1},  # and its start
        "durable_operations",
        3 * 8.00,
    ),
    ("aws-lambda-managed-instances", {}, "managed_m7g_xlarge_hours", 3 * 730 * 0.1632),
    ("aws-lambda-managed-instances", {}, "managed_fee_hours", 3 * 730 * 0.1632 * 0.15),
    ("aws-rest-api-proxy", {}, "rest_api_requests", 3.50),
    ("aws-rest-api", {}, "rest_api_requests", 3.50),
    ("aws-http-api", {}, "http_api_requests", 1.00),
    ("aws-websocket", {}, "websocket_messages", 1.00),
    ("aws-websocket", {"wait_ms": 60_000}, "websocket_minutes", 0.25),
    ("aws-alb", {}, "alb_hours", 730 * 0.0225),
    ("aws-alb", {"wait_ms": 3_600_000}, "alb_lcu_hours", 1e6 / 3000 * 0.008),
    ("aws-alb+aws-public-ipv4", {}, "public_ipv4_hours", 2 * 730 * 0.005),
    ("aws-nat-gateway", {}, "nat_gateway_hours", 2 * 730 * 0.045),
    (
        "aws-nat-gateway",
        {"requests_per_month": 2**18, "input_tokens": 1024},
        "nat_gateway_gb",
        0.045,
    ),
    ("aws-logs", {"requests_per_month": 2**20, "log_bytes": 1024}, "logs_gb", 0.50),
    (
        "aws-data-transfer",
        {"requests_per_month": 2**20, "response_bytes": 1024},
        "transfer_out_gb",
        0.09,
    ),
    (
        "cloudflare-workers",
        {"requests_per_month": 130e6, "cpu_ms": 1, "memory_mb": 1769},
        "cloudflare_workers_cpu_ms",
        100 * 0.02,
    ),
    (
        "cloudflare-workers-bundled",  # 90 million beyond the plan's; no published total was seen
        {"requests_per_month": 100e6},
        "cloudflare_bundled_requests",
        45,
    ),
    ("netlify-functions", {"wait_ms": 3600}, "netlify_gb_hours", 200),
    ("netlify-functions", {}, "netlify_requests", 4),
    (
        "cloudflare-worker-front",
        {"requests_per_month": 110e6},
        "cloudflare_workers_requests",
        100 * 0.30,
    ),
    (
        "cloudflare-durable-objects",  # with ten seconds more for each, and a million begun
        {"wait_ms": 90_000, "connection_ms": 100_000},
        "cloudflare_do_gb_seconds",
        14 * 12.50,
    ),
    (
        "cloudflare-durable-objects-hibernating",
        {"wait_ms": 100_000, "connection_ms": 200_000},
        "cloudflare_do_gb_seconds",
        13 * 12.50,
    ),
    (
        "cloudflare-containers",
        {"cpu_ms": 1000, "memory_mb": 1769},
        "cloudflare_containers_active_vcpu_seconds",
        (1_000_000 - 22_500) * 0.00002,
    ),
    ("vercel-fluid", {"cpu_ms": 3600, "memory_mb": 1769}, "vercel_fluid_cpu_hours", 128),
    ("vercel-fluid", ALONE | {"wait_ms": 3600}, "vercel_fluid_gb_hours", 2 * 10.6),
    ("vercel-functions", {"wait_ms": 3600}, "vercel_functions_gb_hours", 180),
    ("google-cloud-run", ALONE | {"wait_ms": 1000}, "cloud_run_vcpu_seconds", 24),
    ("google-cloud-run", ALONE | {"wait_ms": 1000}, "cloud_run_gib_seconds", 2 * 2.5),
    (
        "google-cloud-run-instance",  # a second of waiting, and one of being kept for no more
        ALONE | TAIL_OF_A_SECOND,
        "cloud_run_instance_vcpu_seconds",
        2 * 18 / 1e6,
    ),
    ("azure-functions-consumption", ALONE | {"wait_ms": 1000}, "azure_functions_gb_seconds", 16),
    ("azure-container-apps", ALONE | TAIL_OF_A_SECOND, "container_apps_vcpu_seconds", 2 * 24 / 1e6),
    ("azure-functions-flex", ALONE | {"wait_ms": 1000}, "azure_flex_gb_seconds", 2 * 26),
]


@pytest.mark.parametrize(("name", "changes", "dimension", "usd"), ROUND)
def test_no_unit_slips(name: str, changes: dict[str, Any], dimension: str, usd: float) -> None:
    """A thousand times too much or too little would show on a round month of every platform."""
    assert costs(name, **changes)[dimension] == pytest.approx(usd, rel=1e-6)


def test_every_platform_has_a_round_month() -> None:
    """One that is added is added above, unless it has no price of its own."""
    tested = {part for name, *_ in ROUND for part in name.split("+")}
    lacks = sorted(set(platforms()) - tested - {"aws-function-url"})
    assert not lacks, f"add to ROUND a month of {', '.join(lacks)} that comes to a round sum"


#: 730 requests of an hour, half of it CPU of a whole vCPU: one in flight all month, and 365 hours
#: of a vCPU. What is paid for the work, the waiting and the idle time, at which price.
HOURS = {"requests_per_month": 730, "memory_mb": 1769, "cpu_ms": 1_800_000, "wait_ms": 1_800_000}
SPLIT = [
    ("aws-lambda", "duration_x86_gb_seconds", 0.0000166667 * 1769 / 1024 * 3600, (365, 365, 0)),
    ("aws-fargate", "fargate_x86_vcpu_hours", 0.04048, (365, 365, 1460)),
    ("aws-fargate", "fargate_x86_gb_hours", 0.004445 * 2, (365, 365, 1460)),
    ("aws-ec2", "ec2_m7g_large_hours", 0.0816, (182.5, 547.5, 730)),  # one of two vCPUs
    (
        "aws-lambda-managed-instances",  # three of its four vCPUs are left to requests
        "managed_m7g_xlarge_hours",
        0.1632,
        (365 / 3, 730 - 365 / 3, 1460),
    ),
    ("aws-alb", "alb_hours", 0.0225, (0, 730, 0)),
    ("aws-nat-gateway", "nat_gateway_hours", 0.045 * 2, (0, 730, 0)),
]


@pytest.mark.parametrize(("name", "dimension", "usd", "hours"), SPLIT)
def test_the_split_is_by_the_hour(
    name: str, dimension: str, usd: float, hours: tuple[float, float, float]
) -> None:
    """One request at a time, working for half of it, on whole instances for the peak.

    At three times the mean and 70 % of the CPU half a vCPU needs 2.14: three tasks of one, or two
    machines of two; a function has three machines in any case.
    """
    [line] = [item for item in month(name, **HOURS).items if item.dimension == dimension]
    assert (line.work, line.waiting, line.idle) == pytest.approx(
        tuple(usd * each for each in hours), rel=1e-6, abs=1e-9
    )
