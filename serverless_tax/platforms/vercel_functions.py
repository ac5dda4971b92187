"""Vercel Functions as they were: memory for every millisecond of wall clock, one request each.

Source: https://vercel.com/docs/functions/usage-and-pricing, in copies of 2024.
"""

from __future__ import annotations

from datetime import date

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.aws_lambda import at_its_memory
from serverless_tax.platforms.base import Platform
from serverless_tax.platforms.meters import timeline
from serverless_tax.platforms.meters.capacity import HOUR_MS


def usage(w: Request) -> dict[str, Quantity]:
    """Invocations, and gigabyte-hours of wall clock. A gigabyte is 1,024 MB.

    These functions ran on AWS Lambda, so less memory meant less CPU by the same law.
    """
    requests = w.requests_per_month
    wall = requests * timeline.wall_ms(w, at_its_memory)
    busy = requests * timeline.busy_ms(w, at_its_memory)
    gb_hours = w.memory_mb / 1024 / HOUR_MS
    return {
        "vercel_functions_invocations": requests * 1,
        "vercel_functions_gb_hours": wall * gb_hours,
        "vercel_functions_busy_gb_hours": busy * gb_hours,
        "billed_ms": wall,
        "busy_ms": busy,
    }


PLATFORM = Platform(
    id="vercel-functions",
    name="Vercel Functions before Fluid",
    waits="Billed the function's memory for all of the wall clock, waiting or not.",
    source="https://vercel.com/docs/functions/usage-and-pricing",
    assumes="The fee of the Pro plan is not on the bill; the free tier is what came with it.",
    usage=usage,
    cpu_wall_ms=at_its_memory,
    offers={"memory_mb": (128, 3009)},
    limit_ms=300_000,
    limit_why="stopped a function",
    sold_until=date(2025, 6, 24),
)
