"""Azure Container Apps, Consumption plan: replicas, at the active rate while a request is open.

There is an idle rate, an eighth of the active one, and a wait does not get it: a replica that has
an HTTP request open is not idle, nor is one while there are more than the minimum configured.
Requests share a replica, and it stays for a while after the last of them.
Source: https://learn.microsoft.com/azure/container-apps/billing
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.ground.settings import given_or
from serverless_tax.platforms.base import as_asked, size_limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import capacity, cpu, sharing, timeline
from serverless_tax.platforms.meters.capacity import HOUR_MS

#: Requests at a time for each of which a replica is added, unless the rule is changed.
#: Source: https://learn.microsoft.com/azure/container-apps/scale-app
SHARES = (10, 1000)
#: How long the scaler waits before it takes the last replica away. Same source.
COOL_DOWN_MS = 300_000
#: An answer has to begin by then, unless it streams.
#: Source: https://learn.microsoft.com/azure/container-apps/ingress-overview
LONGEST_MS = 240_000


def usage(w: Request) -> dict[str, Quantity]:
    """Requests from outside, and the time they are open, with a share of starting a replica."""
    requests, init_ms = w.requests_per_month, w.init_ms * w.cold_start_share
    wall_ms = timeline.wall_ms(w, cpu.on_its_instance) + init_ms
    busy_ms = timeline.busy_ms(w, cpu.on_its_instance) + init_ms
    return {"container_apps_requests": requests * 1} | sharing.in_flight(requests, wall_ms, busy_ms)


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Seconds of replicas, those of the cool-down too, times what each has."""
    vcpu, gib = w.instance_vcpu, w.instance_memory_mb / 1024
    each = sharing.requests_per_instance(w, *SHARES)
    up_ms = sharing.up_ms(used, w, each, vcpu, given_or(w.keep_alive_ms, COOL_DOWN_MS))
    least_ms, traffic_ms = sharing.always_on_ms(w), capacity.busy_hours(w) * HOUR_MS
    least = least_ms / (w.hours_per_month * HOUR_MS)
    turns_ms = sharing.turns_ms(used, w, least + (up_ms - least_ms) / traffic_ms)
    met_ms = np.minimum(np.maximum(turns_ms, sharing.met_ms(used, w, each, vcpu)), up_ms)
    # Above the minimum, no replica is idle: that share of the time is taken off.
    above = np.minimum((up_ms - least_ms) / (w.hours_per_month * HOUR_MS), 1)
    idle_s = np.maximum(least_ms - sharing.turns_ms(used, w, least), 0) / 1000 * (1 - above)
    used_s, up_s = met_ms / 1000, up_ms / 1000
    busy_s = up_s * sharing.busy_share(used, up_ms, vcpu)
    billed = {
        f"container_apps_{part}{what}": seconds * size
        for part, seconds in (("", up_s), ("used_", used_s), ("busy_", busy_s))
        for what, size in (("vcpu_seconds", vcpu), ("gib_seconds", gib))
    }
    return billed | {
        "container_apps_vcpu_seconds": (up_s - idle_s) * vcpu,
        "container_apps_idle_vcpu_seconds": idle_s * vcpu,
        "container_apps_idle_used": 0.0,
    }


def not_a_size(vcpu: float, mb: float) -> str:
    """Say what is offered, if a vCPU and memory do not go together."""
    if vcpu % 0.25:
        return f"instance_vcpu is {vcpu:g}; {PLATFORM.name} offers 0.25 to 4 in steps of 0.25."
    if mb != vcpu * 2048:
        return (
            f"instance_memory_mb is {mb:,.10g}; with {vcpu:g} vCPU {PLATFORM.name} offers"
            f" {vcpu * 2048:,.0f} MB."
        )
    return ""


PLATFORM = FrontDoor(
    id="azure-container-apps",
    name="Azure Container Apps",
    waits="Bills the whole replica at the active rate while a request is open; waits share it.",
    source="https://learn.microsoft.com/azure/container-apps/billing",
    assumes=(
        "No replica is kept at a minimum unless minimum_instances says so, and the keep_alive_ms"
        " after its last request are at the active rate: five minutes where that is not set."
    ),
    usage=usage,
    limits=(size_limit(as_asked),),
    cpu_wall_ms=cpu.on_its_instance,
    month=month,
    offers={"instance_vcpu": (0.25, 4), "instance_memory_mb": (512, 8192)},
    pairs=not_a_size,
    limit_ms=LONGEST_MS,
    limit_why="stops a request",
    shares=SHARES,
    starts=sharing.STARTS,
    kept_off=sharing.kept_off,
    # In turn: https://github.com/microsoft/azure-container-apps/issues/1472
    router="in turn, over as many replicas as the busiest moment of the time kept needs",
    router_source="https://learn.microsoft.com/azure/container-apps/scale-app",
)
