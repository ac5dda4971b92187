"""The figures that a rule has from its vendor: what a door takes, and for how long one is kept.

Typed here a second time, so that a slip of a digit in a rule shows; the rule names the page that
each is from. What they do to a bill is worked by hand. ``test_limits.py`` has sizes and lengths.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Workload, bill
from serverless_tax.platforms import platforms

SECOND, MINUTE, HOUR, DAY_MS = 1000, 60_000, 3_600_000, 86_400_000
KB, MB = 1024, 1024 * 1024

#: What else a door or a function takes at most: of data, in bytes, and of silence, in milliseconds.
MOST: dict[str, tuple[float, ...]] = {
    "aws-alb": (4_000 * SECOND,),
    "aws-http-api": (10 * MB,),
    "aws-lambda": (6 * MB, 6 * MB),
    "aws-lambda-streaming": (6 * MB, 200 * MB),
    "aws-rest-api": (5 * MINUTE, 10 * MB),
    "aws-rest-api-proxy": (5 * MINUTE, 10 * MB),
    "aws-websocket": (10 * MINUTE, 128 * KB),
}


@pytest.mark.parametrize("name", MOST)
def test_what_is_taken_at_most(name: str) -> None:
    """Data, and time on which nothing passes."""
    front: Any = platforms()[name]
    assert tuple(limit.most for limit in front.limits) == MOST[name]


@pytest.mark.parametrize(
    ("vcpu", "memory_mb", "size"),
    [
        (1 / 16, 256, (1 / 16, 0.25, 2)),
        (1 / 4, 1024, (1 / 4, 1, 4)),
        (1 / 2, 4096, (1 / 2, 4, 8)),
        (1, 6144, (1, 6, 12)),
        (2, 8192, (2, 8, 16)),
        (4, 12_288, (4, 12, 20)),
    ],
)
def test_a_container_has_the_vcpu_memory_and_disk_of_its_type(
    vcpu: float, memory_mb: float, size: tuple[float, float, float]
) -> None:
    """One that runs for 730 hours, while all of its vCPU was billed: 2,628,000 s of each.

    Source: https://developers.cloudflare.com/containers/platform/limits/
    """
    w = Workload(
        requests_per_month=730,
        memory_mb=1769,
        wait_ms=HOUR,
        instance_vcpu=vcpu,
        instance_memory_mb=memory_mb,
        requests_per_instance=1,
        keep_alive_ms=1e-9,
    )
    billed: dict[str, float] = {}
    for item in bill("cloudflare-containers", w, on=date(2025, 11, 20)).items:
        billed[item.dimension] = billed.get(item.dimension, 0) + item.quantity
    dimensions = ("provisioned_vcpu_seconds", "gib_seconds", "disk_gb_seconds")
    found = [billed[f"cloudflare_containers_{what}"] for what in dimensions]
    assert found == pytest.approx([2_628_000 * each for each in size])


@pytest.mark.parametrize(
    ("name", "dimension", "gib", "up_s"),
    [
        ("cloudflare-containers", "cloudflare_containers_gib_seconds", 3, 601),
        ("google-cloud-run-instance", "cloud_run_instance_gib_seconds", 2, 900.845565),
        ("azure-container-apps", "container_apps_gib_seconds", 2, 300.982763),
    ],
)
def test_an_instance_is_kept_for_so_long(
    name: str, dimension: str, gib: float, up_s: float
) -> None:
    """One request of a second in a month pays for that second, and for what it is kept beyond.

    That is 600, 900 or 300 s: on one object alone, else by chance, ``1 - e^-a`` of 2,628,000 s.
    """
    w = Workload(requests_per_month=1, memory_mb=1769, wait_ms=1000)
    billed = sum(i.quantity for i in bill(name, w, on=DAY).items if i.dimension == dimension)
    assert billed == pytest.approx(gib * up_s, rel=1e-8)
