"""Cloudflare Workers on the Paid plan: CPU time, and nothing for waiting.

Until 2024-03-01 the Unbound usage model billed wall clock, or eight times the CPU where that was
more, at the 128 MB that a Worker has. Both meters are read here; the sheet says which was priced.
Source: https://developers.cloudflare.com/workers/platform/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Limit, memory_limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import cpu, timeline

#: The memory that a Worker has.
MEMORY_MB = 128
#: That in the gigabytes of 1,024 MB that Unbound's example was counted with.
#: Source: https://github.com/cloudflare/cloudflare-docs, content/workers/platform/pricing.md at
#: 0053c813, of autumn 2023
_GB = MEMORY_MB / 1024
#: Unbound billed wall clock, or the CPU so many times, whichever was more.
UNBOUND_CPU_MULTIPLE = 8
#: The CPU that a request can be given at most.
#: Source: https://developers.cloudflare.com/workers/platform/limits/
MOST_CPU_MS = 300_000
CPU_LIMIT = Limit(
    most=MOST_CPU_MS,
    of=lambda w: timeline.busy_ms(cpu.metered(w)),
    says="gives a request 5 minutes of CPU at most",
    who="take more",
)
#: The memory that a Worker has, if it is known what a request takes.
#: Source: as above.
MEMORY_LIMIT = memory_limit(MEMORY_MB)


def usage(w: Request) -> dict[str, Quantity]:
    """Requests and their CPU; and the duration that Unbound billed."""
    w = cpu.metered(w)
    requests = w.requests_per_month
    busy_ms = timeline.busy_ms(w)
    unbound_ms = np.maximum(timeline.wall_ms(w), busy_ms * UNBOUND_CPU_MULTIPLE)
    busy = requests * busy_ms
    return {
        "cloudflare_workers_requests": requests * 1,
        "cloudflare_workers_gb_seconds": requests * unbound_ms * (_GB / 1000),
        "cloudflare_workers_busy_gb_seconds": busy * (_GB / 1000),
        "cloudflare_workers_cpu_ms": busy,
        "billed_ms": busy,
        "busy_ms": busy,
    }


def plan(_used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """The plan, once a month: Paid is the least that any of this costs."""
    return {"cloudflare_plan_months": 1 + 0 * w.requests_per_month}


PLATFORM = FrontDoor(
    id="cloudflare-workers",
    name="Cloudflare Workers",
    waits="Bills the CPU that a request uses, and nothing while it waits.",
    source="https://developers.cloudflare.com/workers/platform/pricing/",
    assumes=(
        f"{cpu.ASSUMES} A Worker has 128 MB and at most 5 minutes of CPU; the Paid plan is on the"
        " bill whole, though an account pays it once."
    ),
    usage=usage,
    month=plan,
    sheets=("cloudflare-workers", "cloudflare-plan"),
    limits=(CPU_LIMIT, MEMORY_LIMIT),
)
