"""Vercel Functions on Fluid compute: CPU while it works, memory for the life of the instance.

An instance serves several requests at a time. Its memory is billed until the last of them ends,
waits included: cheaper than CPU, and not free. Its CPU is billed only while code runs.
Source: https://vercel.com/docs/functions/usage-and-pricing
"""

from __future__ import annotations

from collections.abc import Mapping

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import as_asked, size_limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import cpu, sharing, timeline
from serverless_tax.platforms.meters.capacity import HOUR_MS

#: Vercel names no number. Ten is ours; 1,024 open files are shared by all requests of an instance,
#: and each holds two connections. Source: https://vercel.com/docs/functions/limitations
SHARES = (10, 500)
#: The longest a function on the Pro plan can be set to run. Same source.
LONGEST_MS = 800_000


def usage(w: Request) -> dict[str, Quantity]:
    """Invocations, their CPU, and the time they are in flight."""
    w = cpu.metered(w)
    requests = w.requests_per_month
    busy_ms = timeline.busy_ms(w)
    active = {
        "vercel_fluid_invocations": requests * 1,
        "vercel_fluid_cpu_hours": requests * busy_ms * (1 / HOUR_MS),
    }
    return active | sharing.in_flight(requests, timeline.wall_ms(w), busy_ms)


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Gigabyte-hours of the instances that requests share. A gigabyte is 1,024 MB."""
    vcpu, gb = w.instance_vcpu, w.instance_memory_mb / 1024
    each = sharing.requests_per_instance(w, *SHARES)
    instance_ms = sharing.shared_ms(used, w, each, vcpu)
    gb_hours = instance_ms / HOUR_MS * gb
    return {
        "vercel_fluid_gb_hours": gb_hours,
        "vercel_fluid_busy_gb_hours": gb_hours * sharing.busy_share(used, instance_ms, vcpu),
    }


def not_a_size(vcpu: float, mb: float) -> str:
    """Say what is offered, if a vCPU and memory do not go together."""
    if (vcpu, mb) in ((1, 2048), (2, 4096)):
        return ""
    return (
        f"instance_vcpu is {vcpu:g} and instance_memory_mb is {mb:,.10g}; {PLATFORM.name} offers"
        " 1 vCPU with 2,048 MB and 2 with 4,096."
    )


PLATFORM = FrontDoor(
    id="vercel-fluid",
    name="Vercel Fluid compute",
    waits="Bills the memory of the shared instance while it waits, and no CPU.",
    source="https://vercel.com/docs/functions/usage-and-pricing",
    assumes=(
        f"{cpu.ASSUMES} The fee of the Pro plan, 20 USD a seat with 20 USD of use in it, is not on"
        " the bill."
    ),
    usage=usage,
    month=month,
    offers={"instance_memory_mb": (2048, 4096), "instance_vcpu": (1, 2)},
    pairs=not_a_size,
    limit_ms=LONGEST_MS,
    limit_why="stops a function",
    limits=(size_limit(as_asked),),
    shares=SHARES,
    router="packed: a router that uses the instances there are before it starts another",
    router_source="https://vercel.com/blog/how-fluid-compute-works-on-vercel",
)
