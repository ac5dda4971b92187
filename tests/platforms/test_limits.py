"""What each vendor offers and where it stops, typed from its pages once more."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from serverless_tax import InvalidQuantity, Workload, bill, platforms
from serverless_tax.platforms.aws_fargate import not_a_size as not_a_task
from serverless_tax.platforms.aws_lambda_microvms import not_a_size as not_a_baseline
from serverless_tax.platforms.google_cloud_run import not_a_size as not_an_instance

SECOND, MINUTE, HOUR, MB = 1000, 60_000, 3_600_000, 1024 * 1024

#: The longest a request may take, in milliseconds.
LONGEST: dict[str, float] = {
    "aws-agentcore": HOUR,
    "aws-agentcore-v1": HOUR,
    "aws-http-api": 30 * SECOND,
    "aws-lambda": 15 * MINUTE,
    "aws-lambda-durable": 365 * 24 * HOUR,
    "aws-lambda-managed-instances": 15 * MINUTE,
    "aws-lambda-microvms": 8 * HOUR,
    "aws-lambda-provisioned": 15 * MINUTE,
    "aws-lambda-snapstart": 15 * MINUTE,
    "aws-lambda-streaming": 15 * MINUTE,
    "aws-rest-api": 15 * MINUTE,
    "aws-rest-api-proxy": 15 * MINUTE,
    "aws-websocket": 2 * HOUR,
    "azure-container-apps": 4 * MINUTE,
    "azure-functions-consumption": 230 * SECOND,
    "azure-functions-flex": 230 * SECOND,
    "cloudflare-durable-objects": 15 * MINUTE,
    "cloudflare-durable-objects-hibernating": 15 * MINUTE,
    "google-cloud-run": HOUR,
    "google-cloud-run-instance": HOUR,
    "netlify-functions": MINUTE,
    "vercel-fluid": 800 * SECOND,
    "vercel-functions": 300 * SECOND,
}
#: How many requests share an instance unless somebody says, and at most.
SHARED: dict[str, tuple[float, float]] = {
    "azure-container-apps": (10, 1000),
    "azure-functions-consumption": (100, 1000),
    "azure-functions-flex": (16, 1000),
    "cloudflare-containers": (100, 1000),
    "cloudflare-durable-objects": (1, 1_000_000_000),
    "cloudflare-durable-objects-hibernating": (1, 1_000_000_000),
    "google-cloud-run": (80, 1000),
    "google-cloud-run-instance": (80, 1000),
    "vercel-fluid": (10, 500),
}
#: The least and the most that can be had of each size.
OFFERED: dict[str, dict[str, tuple[float, float]]] = {
    "aws-agentcore": {"memory_mb": (128, 8192)},
    "aws-agentcore-v1": {"memory_mb": (128, 8192)},
    **{
        name: {"memory_mb": (128, 10_240), "ephemeral_storage_mb": (512, 10_240)}
        for name in (
            *("aws-lambda", "aws-lambda-durable", "aws-lambda-provisioned"),
            *("aws-lambda-snapstart", "aws-lambda-streaming"),
        )
    },
    "aws-lambda-microvms": {"instance_vcpu": (0.25, 4), "instance_memory_mb": (512, 8192)},
    "azure-container-apps": {"instance_vcpu": (0.25, 4), "instance_memory_mb": (512, 8192)},
    "azure-functions-consumption": {"memory_mb": (128, 1536)},
    "azure-functions-flex": {"instance_memory_mb": (1, 4096)},
    "cloudflare-containers": {"instance_vcpu": (1 / 16, 4), "instance_memory_mb": (1, 12_288)},
    "google-cloud-run-instance": {
        "instance_vcpu": (1, 8),
        "instance_memory_mb": (128, 32_768),
    },
    "google-cloud-run": {"instance_vcpu": (0.08, 8), "instance_memory_mb": (128, 32_768)},
    "netlify-functions": {"memory_mb": (1024, 4096)},
    "vercel-fluid": {"instance_vcpu": (1, 2), "instance_memory_mb": (2048, 4096)},
    "vercel-functions": {"memory_mb": (128, 3009)},
}
#: The most memory that a request may take, in MB, on an instance of 1 vCPU and 2 GB where that is
#: chosen. A container of one vCPU has at least 3 GiB, and a microVM four times its baseline.
MOST_MEMORY = {
    **dict.fromkeys(("aws-agentcore", "aws-agentcore-v1", "aws-ec2"), 8192),
    **{name: 10_240 for name in OFFERED if name.startswith("aws-lambda")},
    "aws-lambda-microvms": 8192,
    "aws-lambda-managed-instances": 15_360,
    **dict.fromkeys(("aws-fargate", "azure-container-apps", "azure-functions-flex"), 2048),
    **dict.fromkeys(("google-cloud-run", "google-cloud-run-instance", "vercel-fluid"), 2048),
    "azure-functions-consumption": 1536,
    "cloudflare-containers": 3072,
    **dict.fromkeys(("cloudflare-workers", "cloudflare-workers-bundled"), 128),
    **dict.fromkeys((n for n in SHARED if n.startswith("cloudflare-durable-objects")), 128),
    "netlify-functions": 4096,
    "vercel-functions": 3009,
}
EDGES = [
    (platform, name, edge, beyond)
    for platform, offers in OFFERED.items()
    for name, (low, high) in offers.items()
    for edge, beyond in ((low, low * (1 - 1e-9) - 1e-9), (high, high * (1 + 1e-9)))
]
#: The largest of what a request carries, and the sentence of one byte more.
BYTES = [
    ("aws-lambda", "request_bytes", 6 * MB, "takes requests up to 6 MB"),
    ("aws-lambda", "response_bytes", 6 * MB, "buffers answers up to 6 MB"),
    ("aws-lambda-streaming", "request_bytes", 6 * MB, "takes requests up to 6 MB"),
    ("aws-lambda-streaming", "response_bytes", 200 * MB, "streams answers up to 200 MB"),
    ("netlify-functions", "request_bytes", 6 * MB, "takes requests up to 6 MB"),
    ("netlify-functions", "response_bytes", 20 * MB, "streams answers up to 20 MB"),
    ("aws-lambda+aws-http-api", "request_bytes", 10 * MB, "up to 10 MB"),
    ("aws-lambda+aws-rest-api", "request_bytes", 10 * MB, "up to 10 MB"),
]


def small(**changes: Any) -> Workload:
    """Return a request that every platform serves, with some changes."""
    plain = {"requests_per_month": 1000, "cpu_ms": 1, "wait_ms": 10, "memory_mb": 1024}
    return Workload(**(plain | changes))


@pytest.mark.parametrize(("platform", "name", "edge", "beyond"), EDGES)
def test_a_size_is_offered_up_to_the_edge_and_refused_beyond(
    platform: str, name: str, edge: float, beyond: float
) -> None:
    """The least and the most that a vendor lists; a hair beyond is refused by name."""
    rule = platforms()[platform]
    if rule.pairs is None:
        rule.check(small(**{name: edge}))
    with pytest.raises(InvalidQuantity, match=name):
        rule.check(small(**{name: beyond}))


@pytest.mark.parametrize("memory_mb", [1333.3, [1024, 1333.3]])
def test_no_part_of_a_megabyte_is_sold(memory_mb: Any) -> None:
    """By nobody who sells memory by its size: in a month, and among those of a sample."""
    for platform, offers in OFFERED.items():
        if max(offers.get("memory_mb", [0])) > 1334:
            said = rf"^memory_mb is 1,333\.3; {platforms()[platform].name} offers whole megabytes"
            with pytest.raises(InvalidQuantity, match=said):
                platforms()[platform].check(small(memory_mb=memory_mb))


@pytest.mark.parametrize("platform", MOST_MEMORY)
def test_a_request_of_more_memory_than_there_is_cannot_be_served(platform: str) -> None:
    """The most is served, or said to need a larger function; a megabyte more is never billed so."""
    most_mb = MOST_MEMORY[platform]
    rule = platforms()[platform]
    fits = small(peak_memory_mb=most_mb)
    assert not list(rule.obstacles(fits))
    assert rule.can_serve(fits) == 1
    beyond = fits.replace(peak_memory_mb=most_mb + 1)
    assert "it cannot serve them as they are" in " ".join(rule.obstacles(beyond))
    assert rule.can_serve(beyond) == 0
    mixed = fits.replace(peak_memory_mb=[100.0, most_mb + 1])
    assert "50.0% of these requests" in " ".join(rule.obstacles(mixed))


def test_all_that_runs_code_has_so_much_memory() -> None:
    """No platform takes a request of any size."""
    _asks_for("MOST_MEMORY", {p.id for p in platforms().values() if p.serves and p.runs_code})


def _asks_for(table: str, named: set[str]) -> None:
    """Say which platforms a table of this file lacks, and which it has for nothing."""
    typed = set(globals()[table])
    assert not named - typed, f"type into {table} again what holds of {sorted(named - typed)}"
    assert not typed - named, f"take {sorted(typed - named)} out of {table}: no rule says it"


def test_nothing_else_is_offered() -> None:
    """Each size of a platform stands in the table."""
    found = {p.id: dict(p.offers) for p in platforms().values() if p.offers}
    _asks_for("OFFERED", set(found))
    assert found == OFFERED


def test_how_many_share_an_instance() -> None:
    """By default, and at most."""
    found = {p.id: p.shares for p in platforms().values() if p.shares}
    _asks_for("SHARED", set(found))
    assert found == SHARED


def test_the_longest_request() -> None:
    """Of every platform that ends one; the others end none."""
    found = {p.id: p.limit_ms for p in platforms().values() if p.limit_ms != float("inf")}
    _asks_for("LONGEST", set(found))
    assert found == LONGEST


@pytest.mark.parametrize("platform", LONGEST)
def test_a_request_may_take_so_long_and_not_a_millisecond_more(platform: str) -> None:
    """To the limit there is no obstacle; beyond it a sentence names the seconds."""
    rule = platforms()[platform]
    [limit] = [limit for limit in rule.every_limit() if limit.who == "take longer"]
    rest_ms = float(rule.wall_ms(small(wait_ms=0)))
    fits, not_any_more = (small(wait_ms=limit.most - rest_ms + more) for more in (0, 1))
    assert limit.share_beyond(fits) == 0
    assert limit.share_beyond(not_any_more) == 1
    assert f"{limit.most / 1000:,.0f} s" in limit.says


@pytest.mark.parametrize(("platform", "name", "most", "says"), BYTES)
def test_a_request_may_carry_so_much_and_not_a_byte_more(
    platform: str, name: str, most: int, says: str
) -> None:
    """The obstacle is on the bill, and is not for one that just fits."""
    fits, not_any_more = (bill(platform, small(**{name: most + more})) for more in (0, 1))
    assert not any(says in one for one in fits.obstacles)
    assert any(says in one for one in not_any_more.obstacles)


@pytest.mark.parametrize(
    ("name", "wait_ms"),
    [
        ("cloudflare-workers", HOUR),
        ("cloudflare-durable-objects", MINUTE),
        ("cloudflare-durable-objects-hibernating", MINUTE),
    ],
)
def test_five_minutes_of_cpu_and_not_a_millisecond_more(name: str, wait_ms: float) -> None:
    """300 s of CPU are served, and a millisecond more is not; the wait is no matter.

    Workers: https://developers.cloudflare.com/workers/platform/limits/; and Durable Objects:
    https://developers.cloudflare.com/durable-objects/platform/limits/
    """
    fits, not_any_more = (
        bill(name, small(cpu_ms=5 * MINUTE + more, wait_ms=wait_ms)) for more in (0, 1)
    )
    assert not fits.obstacles
    (why,) = not_any_more.obstacles
    assert f"{platforms()[name].name} gives a request 5 minutes of CPU at most; these" in why
    if name != "cloudflare-workers":  # a message that arrives has as much again
        assert not bill(name, small(cpu_ms=6 * MINUTE, messages_in=2)).obstacles


@pytest.mark.parametrize(
    ("vcpu", "least_gb", "most_gb", "step_gb"),
    [(1, 2, 8, 1), (2, 4, 16, 1), (4, 8, 30, 1), (8, 16, 60, 4), (16, 32, 120, 8)],
)
def test_fargate_offers_each_step_of_memory(
    vcpu: float, least_gb: int, most_gb: int, step_gb: int
) -> None:
    """AWS's table of tasks: from, to, and in which steps."""
    offered = [gb for gb in range(1, 200) if not not_a_task(vcpu, gb * 1024)]
    assert offered == list(range(least_gb, most_gb + 1, step_gb))


@pytest.mark.parametrize(
    ("vcpu", "least_gib", "most_gib"),
    [
        (0.08, 0.125, 0.5),
        (0.49, 0.125, 0.5),
        (0.5, 0.125, 1),
        (1, 0.125, 4),
        (2, 0.125, 8),
        (4, 2, 16),
        (6, 4, 24),
        (8, 4, 32),
    ],
)
def test_cloud_run_offers_memory_by_the_vcpus(
    vcpu: float, least_gib: float, most_gib: float
) -> None:
    """Google's table of pairs, at both ends of each."""
    for gib in (least_gib, most_gib):
        assert not not_an_instance(vcpu, gib * 1024)
    for gib in (least_gib - 0.001, most_gib + 0.001):
        assert f"with {vcpu:g} vCPU Google Cloud Run offers" in not_an_instance(vcpu, gib * 1024)


@pytest.mark.parametrize("gb", [0.5, 1, 2, 4, 8])
def test_a_microvm_has_half_a_vcpu_for_each_gigabyte(gb: float) -> None:
    """The five baselines of AWS's table; no other memory with one of them, and no sixth."""
    assert not not_a_baseline(gb / 2, gb * 1024)
    for mb in (gb * 1024 - 1, gb * 1024 + 1):
        assert f"with {gb / 2:g} vCPU AWS Lambda MicroVMs offers" in not_a_baseline(gb / 2, mb)
    assert "instance_vcpu is 3; AWS Lambda MicroVMs offers baselines" in not_a_baseline(3, gb)


def test_web_functions_share_what_their_page_says() -> None:
    """64 requests by default, and 128 at most; an environment has 2 vCPU and 2 GB."""
    web = import_module("serverless_tax.platforms.aws_lambda_web")
    assert (web.SHARES, web.VCPU, web.MEMORY_GB, web.LONGEST_MS) == ((64, 128), 2, 2, 900_000)


@pytest.mark.parametrize(
    ("platform", "most_mb"),
    [
        ("cloudflare-workers", 128),
        ("cloudflare-durable-objects", 128),
        ("vercel-fluid", 2048),  # its instance, unless somebody says
    ],
)
def test_a_peak_that_does_not_fit_is_in_the_way(platform: str, most_mb: float) -> None:
    """A megabyte more than there is; a peak that nobody knows is in nobody's way."""
    w = Workload(requests_per_month=1e6, memory_mb=4096, wait_ms=1000, instance_memory_mb=2048)
    for peak_mb in (0, most_mb, most_mb + 1):
        obstacles = bill(platform, w.replace(peak_memory_mb=peak_mb)).obstacles
        assert any("memory" in why for why in obstacles) is (peak_mb > most_mb)
