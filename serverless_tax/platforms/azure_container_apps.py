"""Azure Container Apps, Consumption plan: replicas, at the active rate while a request is open.

There is an idle rate, an eighth of the active one, and a wait does not get it: a replica that has
an HTTP request open is not idle, nor is one above the minimum that is configured. Requests share
a replica, and it stays for a while after the last of them.
Source: https://learn.microsoft.com/azure/container-apps/billing
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform
from serverless_tax.platforms.meters import cpu, sharing, timeline

#: Requests at a time for each of which a replica is added, unless the rule is changed.
#: Source: https://learn.microsoft.com/azure/container-apps/scale-app
SHARES = (10, 1000)
#: How long the scaler waits before it takes the last replica away. Same source.
COOL_DOWN_MS = 300_000
#: An answer has to begin by then, unless it streams.
#: Source: https://learn.microsoft.com/azure/container-apps/ingress-overview
LONGEST_MS = 240_000


def usage(w: Request) -> dict[str, Quantity]:
    """Requests from outside, and the time they are open."""
    requests = w.requests_per_month
    return {
        "container_apps_requests": requests * 1,
        "billed_ms": requests * timeline.wall_ms(w, cpu.on_its_instance),
        "busy_ms": requests * timeline.busy_ms(w, cpu.on_its_instance),
    }


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Seconds of replicas, those of the cool-down too, times what each has."""
    vcpu, gib = w.instance_vcpu, w.instance_memory_mb / 1024
    each = sharing.room(used, w, sharing.requests_per_instance(w, *SHARES), vcpu)
    up_ms = sharing.kept_ms(used, w, each, sharing.keep_alive_ms(w, COOL_DOWN_MS))
    used_s = np.minimum(sharing.shared_ms(used, w, each), up_ms) / 1000
    busy_s = up_ms / 1000 * sharing.busy_share(used, up_ms, vcpu)
    return {
        f"container_apps_{part}{what}": seconds * size
        for part, seconds in (("", up_ms / 1000), ("used_", used_s), ("busy_", busy_s))
        for what, size in (("vcpu_seconds", vcpu), ("gib_seconds", gib))
    }


PLATFORM = Platform(
    id="azure-container-apps",
    name="Azure Container Apps",
    waits="Bills the whole replica at the active rate while a request is open; waits share it.",
    source="https://learn.microsoft.com/azure/container-apps/billing",
    assumes=(
        "No replica is kept at a minimum, so all of its time is at the active rate, and so are the"
        " keep_alive_ms after its last request: five minutes where that is not set."
    ),
    usage=usage,
    cpu_wall_ms=cpu.on_its_instance,
    month=month,
    offers={"instance_vcpu": (0.25, 4), "instance_memory_mb": (512, 8192)},
    limit_ms=LONGEST_MS,
    limit_why="stops a request",
    shares=SHARES,
)
