"""The worked examples of Cloudflare's pricing pages, line by line: ``test_published.py`` adds up.

Source: https://developers.cloudflare.com/workers/platform/pricing/ and
https://developers.cloudflare.com/durable-objects/platform/pricing/, as of 2026.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from published import published

from serverless_tax import Workload, bill

DAY = date(2026, 11, 1)
HOUR_S = 3600


def of_a_whole_cpu(**quantities: Any) -> Workload:
    """Return requests whose CPU was measured on a whole one, as the examples count it."""
    return Workload(memory_mb=1769, **quantities)


def objects(what: str) -> dict[str, float]:
    """Return the lines of a published month of sessions, each with an object of its own."""
    [month] = published(what)
    lines: dict[str, float] = {}
    for item in month.items:
        lines[item.dimension] = lines.get(item.dimension, 0) + item.cost
    return lines


def test_an_object_that_is_called_over_http() -> None:
    """Example 1: a million and a half calls, a million seconds, 5.15 USD."""
    got = objects("Durable Objects over HTTP")
    assert got["cloudflare_do_requests"] == pytest.approx(0.15)
    assert got["cloudflare_do_gb_seconds"] == 0


@pytest.mark.parametrize(
    ("what", "lines"),
    [
        # 100 objects a day for 8 hours, 1,500 connections and 720,000 messages a day to all.
        ("connections for eight hours a day", (0.45, 137.50)),
        ("connections all month", (1.80, 412.50)),
    ],
    ids=["example 2", "example 3"],
)
def test_objects_that_keep_a_connection(what: str, lines: tuple[float, float]) -> None:
    """The connections of one object are one session of it here; their messages are counted."""
    got = objects(f"Durable Objects, {what}")
    named = (got["cloudflare_do_requests"], got["cloudflare_do_gb_seconds"])
    assert named == pytest.approx(lines, abs=0.005)


def test_objects_that_hibernate() -> None:
    """Example 4: 10,000 connections, a message a minute, 10 ms for each of them, 20.65 USD.

    An object has its own hundredth of the messages, and is active for a second of each minute:
    that they are all active for less than all of the time together saves nothing.
    """
    got = objects("Durable Objects that hibernate, 100 of 100 sockets")
    assert got["cloudflare_do_requests"] == pytest.approx(3.15)
    assert got["cloudflare_do_gb_seconds"] == pytest.approx(12.50)


@pytest.mark.parametrize(
    ("day", "usd"), [(date(2025, 11, 20), 0.072), (date(2025, 11, 21), 0.0144)]
)
def test_an_hour_of_a_container_at_a_fifth_of_its_cpu(day: date, usd: float) -> None:
    """The example of the change to active CPU: 0.072 USD before, 0.0144 after.

    Source: https://developers.cloudflare.com/changelog/post/2025-11-21-new-cpu-pricing/
    It is the price of one hour more, beyond what the plan includes.
    """

    def vcpu_usd(hours: float) -> float:
        w = of_a_whole_cpu(
            requests_per_month=hours,
            cpu_ms=720_000,
            wait_ms=2_880_000,
            requests_per_instance=1,
            keep_alive_ms=0,
            instance_hours=hours,
        )
        items = bill("cloudflare-containers", w, on=day).items
        return sum(item.cost for item in items if item.dimension.endswith("vcpu_seconds"))

    assert vcpu_usd(501) - vcpu_usd(500) == pytest.approx(usd)


@pytest.mark.parametrize(("gb", "usd"), [(999, 0.0), (1000, 0.0), (11_000, 250.0)])
def test_what_leaves_a_container_is_billed_beyond_a_terabyte(gb: float, usd: float) -> None:
    """Ten thousand gigabytes more at 0.025 USD, to North America and Europe.

    Source: https://developers.cloudflare.com/containers/pricing/
    """
    w = of_a_whole_cpu(requests_per_month=1e6, wait_ms=1000, response_bytes=gb * 1000)
    items = bill("cloudflare-containers", w, on=DAY).items
    egress = [i.cost for i in items if i.dimension == "cloudflare_containers_egress_gb"]
    assert sum(egress) == pytest.approx(usd)
