"""Cloudflare Workers on the Bundled usage model: requests alone, up to 50 ms of CPU for each.

It was sold beside Unbound, which billed the wall clock, until both became Standard on 2024-03-01.
Source: https://developers.cloudflare.com/workers/platform/pricing/, in copies of 2021 to 2023.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.cloudflare_workers import MEMORY_LIMIT, plan
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import timeline
from serverless_tax.platforms.meters.changed import changed
from serverless_tax.platforms.meters.cpu import MEASURED_CPU_MS_PER_TOKEN

#: The CPU that a request could take.
MOST_CPU_MS = 50


def cpu_ms(w: Request) -> Quantity:
    """Return the CPU of a request, with that of its tokens that was said to be billed elsewhere.

    What the first lab measured stands for a token where nothing is said, and here for nothing.
    """
    token_ms = w.metered_cpu_ms_per_token
    said = 1.0 * (np.abs(token_ms - MEASURED_CPU_MS_PER_TOKEN) > 0)
    token_ms = token_ms * said + w.cpu_ms_per_output_token * (1 - said)
    return timeline.busy_ms(changed(w, cpu_ms_per_output_token=token_ms))


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
        "A request has the CPU that the workload says, nothing for a token where it says nothing:"
        " of the first lab's clients the usual SDK takes more than 50 ms for 500 tokens, the two"
        " others less."
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
