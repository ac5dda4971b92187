"""Cloudflare Workers as they were sold beside Unbound: by the request, and no charge for duration.

A request had at most 50 ms of CPU, and as long as it liked to wait. The Paid plan had both; which
one a Worker was on was a setting. All were moved to Standard on 2024-03-01.
Source: https://developers.cloudflare.com/workers/platform/pricing/, in a copy of 2021-08-09, and
https://blog.cloudflare.com/workers-pricing-scale-to-zero/
"""

from __future__ import annotations

from datetime import date

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.cloudflare_workers import plan
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import timeline

#: CPU that a request might use.
CPU_MS = 50


def usage(w: Request) -> dict[str, Quantity]:
    """Requests, and nothing else: CPU had a limit, and no price."""
    requests = w.requests_per_month
    busy = requests * timeline.busy_ms(w)
    return {
        "cloudflare_workers_bundled_requests": requests * 1,
        "billed_ms": busy,
        "busy_ms": busy,
    }


PLATFORM = FrontDoor(
    id="cloudflare-workers-bundled",
    name="Cloudflare Workers Bundled",
    waits="Billed the request, and nothing while it waited.",
    source="https://developers.cloudflare.com/workers/platform/pricing/",
    assumes=(
        f"CPU is not billed, and a request may use {CPU_MS} ms of it: what the workload says, for"
        " passing tokens on too. The Paid plan is on the bill whole, though an account pays it"
        " once."
    ),
    usage=usage,
    month=plan,
    sheets=("cloudflare-workers-bundled", "cloudflare-plan"),
    sold_until=date(2024, 2, 29),
    limits=(
        Limit(
            most=CPU_MS,
            of=timeline.busy_ms,
            says=f"stopped a request after {CPU_MS} ms of CPU",
            who="use more",
        ),
    ),
)
