"""The worked examples of Cloudflare's pricing pages, with the totals printed there.

Source: https://developers.cloudflare.com/workers/platform/pricing/ and
https://developers.cloudflare.com/durable-objects/platform/pricing/, as of 2026.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from serverless_tax import Workload, bill

DAY = date(2026, 11, 1)
HOUR_S = 3600


def of_a_whole_cpu(**quantities: Any) -> Workload:
    """Return requests whose CPU was measured on a whole one, as the examples count it."""
    return Workload(memory_mb=1769, **quantities)


@pytest.mark.parametrize(
    ("requests", "cpu_ms", "usd"),
    [(15e6, 7, 8.00), (720, 180_000, 6.99), (100e6, 7, 45.40)],
    ids=["example 1", "example 3", "example 4"],
)
def test_workers(requests: float, cpu_ms: float, usd: float) -> None:
    """Subscription, requests and CPU time; the free tier has no part in it."""
    w = of_a_whole_cpu(requests_per_month=requests, cpu_ms=cpu_ms, wait_ms="30s")
    assert round(bill("cloudflare-workers", w, on=DAY).total, 2) == usd


def objects(name: str, **quantities: Any) -> dict[str, float]:
    """Return the lines of a month of sessions, each with an object of its own."""
    month = bill(name, of_a_whole_cpu(**quantities), on=DAY)
    lines = {"total": month.total}
    for item in month.items:
        lines[item.dimension] = lines.get(item.dimension, 0) + item.cost
    return lines


def test_an_object_that_is_called_over_http() -> None:
    """Example 1: a million and a half calls, a million seconds, 5.15 USD."""
    # One call for each second and a half a second: what counts is how many, and how long in all.
    calls, seconds = 1.5e6, 1e6
    got = objects(
        "cloudflare-durable-objects-hibernating",
        requests_per_month=calls,
        messages_in=0,
        wait_ms=seconds / calls * 1000,
    )
    assert got["cloudflare_do_requests"] == pytest.approx(0.15)
    assert got["cloudflare_do_gb_seconds"] == 0
    assert round(got["total"], 2) == 5.15


@pytest.mark.parametrize(
    ("sessions", "hours", "messages", "lines"),
    [
        # 100 objects a day for 8 hours, 1,500 connections and 720,000 messages a day to all.
        (100 * 30, 8, 24_980, (0.45, 137.50, 142.95)),
        (100, 24 * 30, 24 * 30 * HOUR_S, (1.80, 412.50, 419.30)),
    ],
    ids=["example 2", "example 3"],
)
def test_objects_that_keep_a_connection(
    sessions: float, hours: float, messages: float, lines: tuple[float, float, float]
) -> None:
    """The connections of one object are one session of it here; their messages are counted."""
    got = objects(
        "cloudflare-durable-objects",
        requests_per_month=sessions,
        connection_ms=hours * HOUR_S * 1000,
        messages_in=messages,
    )
    named = (got["cloudflare_do_requests"], got["cloudflare_do_gb_seconds"], got["total"])
    assert named == pytest.approx(lines, abs=0.005)


def test_a_hundred_connections_to_each_of_a_hundred_objects() -> None:
    """Example 4 once more, with the objects said: 100 of 100 connections each, 20.65 USD.

    An object has its own hundredth of the messages, and is active for a second of each minute:
    that they are all active for less than all of the time together saves nothing.
    """
    minutes = 30 * 24 * 60
    month = bill(
        "cloudflare-durable-objects-hibernating",
        of_a_whole_cpu(
            requests_per_month=10_000,
            messages_in=minutes,
            connection_ms=minutes * 60_000,
            cpu_ms=minutes * 10,
            requests_per_instance=100,
        ),
        on=DAY,
    )
    assert round(month.total, 2) == 20.65


def test_objects_that_hibernate() -> None:
    """Example 4: 10,000 connections, a message a minute, 10 ms for each of them, 20.65 USD."""
    minutes = 30 * 24 * 60
    got = objects(
        "cloudflare-durable-objects-hibernating",
        requests_per_month=10_000,
        messages_in=minutes,
        connection_ms=minutes * 60_000,
        cpu_ms=minutes * 10,
    )
    assert got["cloudflare_do_requests"] == pytest.approx(3.15)
    assert got["cloudflare_do_gb_seconds"] == pytest.approx(12.50)
    assert round(got["total"], 2) == 20.65


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
