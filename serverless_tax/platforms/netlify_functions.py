"""Netlify Functions: memory for all of the wall clock, in credits of the plan.

While a request waits it bills the function's memory, one request each; no concurrency of requests
in one instance is documented. A GB-hour is ten credits, and a credit bought beyond the plan's is
0.02 USD.
Source: https://docs.netlify.com/functions/usage-and-billing
"""

from __future__ import annotations

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import timeline
from serverless_tax.platforms.meters.capacity import HOUR_MS

#: A function that answers has so long; a request may be so large, and an answer that is streamed.
#: Source: https://docs.netlify.com/build/functions/configuration
LONGEST_MS = 60_000
REQUEST_BYTES, STREAM_BYTES = 6 * 2**20, 20 * 2**20


def usage(w: Request) -> dict[str, Quantity]:
    """Web requests, and gigabyte-hours of wall clock. A gigabyte is 1,024 MB.

    How much CPU goes with how much memory is not said; each request is taken to have a vCPU.
    """
    requests = w.requests_per_month
    gb_hours = w.memory_mb / 1024 / HOUR_MS
    wall_ms, busy_ms = timeline.wall_ms(w), timeline.busy_ms(w)
    return {
        "netlify_requests": requests * 1,
        "netlify_gb_hours": requests * (wall_ms * gb_hours),
        "netlify_busy_gb_hours": requests * (busy_ms * gb_hours),
        "billed_ms": requests * wall_ms,
        "busy_ms": requests * busy_ms,
    }


PLATFORM = FrontDoor(
    id="netlify-functions",
    name="Netlify Functions",
    waits="Bills the function's memory for all of the wall clock, waiting or not.",
    source="https://docs.netlify.com/functions/usage-and-billing",
    assumes=(
        "Credits are counted at what a thousand more cost on the Pro plan, 20 USD; its fee of"
        " 20 USD, and the credits that come with it, are not on the bill."
    ),
    usage=usage,
    offers={"memory_mb": (1024, 4096)},
    limit_ms=LONGEST_MS,
    limit_why="stops a function",
    limits=(
        Limit(most=REQUEST_BYTES, of=lambda w: w.request_bytes, says="takes requests up to 6 MB"),
        Limit(most=STREAM_BYTES, of=timeline.answer_bytes, says="streams answers up to 20 MB"),
    ),
)
