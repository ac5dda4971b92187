"""Cloudflare Workers on the Bundled usage model: requests alone, up to 50 ms of CPU for each.

It was sold beside Unbound, which billed the wall clock, until both became Standard on 2024-03-01.
Source: https://developers.cloudflare.com/workers/platform/pricing/, in copies of 2021 to 2023.
"""

from __future__ import annotations

from datetime import date

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.cloudflare_workers import MEMORY_LIMIT, plan
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import timeline
from serverless_tax.platforms.meters.cpu import metered

#: The CPU that a request could take.
MOST_CPU_MS = 50


def cpu_ms(w: Request) -> Quantity:
    """Return the CPU of a request, with that of its tokens that is billed where CPU is."""
    return timeline.busy_ms(metered(w))


def usage(w: Request) -> dict[str, Quantity]:
    """Requests, and their CPU, which was limited and not billed."""
    requests = w.requests_per_month
    busy = requests * timeline.busy_ms(w)
    return {
        "cloudflare_bundled_requests": requests * 1,
        "billed_ms": busy,
        "busy_ms": busy,
    }


PLATFORM = FrontDoor(
    id="cloudflare-workers-bundled",
    name="Cloudflare Workers, Bundled",
    waits="Billed requests, and nothing for their wait or their CPU, of which they had 50 ms.",
    source="https://developers.cloudflare.com/workers/platform/pricing/",
    assumes=(
        "A request has the CPU that the workload says; for a token of which it says nothing, what"
        " the usual SDK took in the first lab: more than 50 ms for 500 tokens, where the two other"
        " clients took less."
    ),
    usage=usage,
    month=plan,
    sheets=("cloudflare-workers-bundled", "cloudflare-plan"),
    limits=(
        Limit(
            most=MOST_CPU_MS,
            of=cpu_ms,
            says="stopped a request after 50 ms of CPU",
            who="take more",
        ),
        MEMORY_LIMIT,
    ),
    sold_until=date(2024, 2, 29),
)
