"""Google Cloud Run, billed by request: the whole instance while any request is in flight.

Requests share an instance, so its time is billed once for all that wait in it. Between requests
nothing is billed, unless instances are kept at a minimum: those are billed at a lower rate while
they have no request. Starting an instance is billed as a request is.
Source: https://cloud.google.com/run/pricing
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.base import as_asked, size_limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import cpu, sharing, timeline

#: Time is billed in steps of so many milliseconds.
STEP_MS = 100
#: Requests that share an instance of one vCPU unless it is set, and the most it can be. A service
#: that the console makes has 80 with any size; gcloud and Terraform give each vCPU as many.
#: Source: https://docs.cloud.google.com/run/docs/about-concurrency
SHARES = (80, 1000)
#: Source: https://cloud.google.com/run/docs/configuring/request-timeout
LONGEST_MS = 3_600_000
#: vCPUs and MB of an instance. Source: https://cloud.google.com/run/docs/configuring/services/cpu
SIZES = {"instance_vcpu": (0.08, 8), "instance_memory_mb": (128, 32_768)}
#: The least and most GiB with each number of whole vCPUs. Same source.
GIB = {1: (0.125, 4), 2: (0.125, 8), 4: (2, 16), 6: (4, 24), 8: (4, 32)}


def not_a_size(vcpu: float, mb: float) -> str:
    """Say what is offered, if a vCPU and memory do not go together."""
    if vcpu > 1 and vcpu not in GIB:
        offered = ", ".join(f"{size}" for size in GIB)
        return f"instance_vcpu is {vcpu:g}; Google Cloud Run offers less than 1, or {offered}."
    most_below_one = 0.5 if vcpu < 0.5 else 1  # GiB  # noqa: PLR2004
    least, most = GIB[int(vcpu)] if vcpu >= 1 else (0.125, most_below_one)
    if not least <= mb / 1024 <= most:
        return (
            f"instance_memory_mb is {mb:,.10g}; with {vcpu:g} vCPU Google Cloud Run offers"
            f" {least * 1024:,.0f} to {most * 1024:,.0f} MB."
        )
    return ""


def in_flight(w: Request) -> dict[str, Quantity]:
    """The time of requests, each rounded up to 100 ms, with its share of starting an instance."""
    init_ms = w.init_ms * w.cold_start_share
    steps = np.ceil(
        (timeline.wall_ms(w, cpu.on_its_instance) + init_ms - timeline.HAIR_MS) / STEP_MS
    )
    busy_ms = timeline.busy_ms(w, cpu.on_its_instance) + init_ms
    return sharing.in_flight(w.requests_per_month, steps * STEP_MS, busy_ms)


def room(w: Request) -> Quantity:
    """Return how many requests share an instance, by its vCPUs; one, on less than a whole one."""
    most = sharing.requests_per_instance(w, SHARES[0] * w.instance_vcpu, SHARES[1])
    return 1 + (w.instance_vcpu >= 1) * 1.0 * (most - 1)


def usage(w: Request) -> dict[str, Quantity]:
    """Requests, and the time they are in flight."""
    return {"cloud_run_requests": w.requests_per_month * 1} | in_flight(w)


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Seconds of instances with a request in flight and of idle ones, times what each has."""
    vcpu, gib = w.instance_vcpu, w.instance_memory_mb / 1024
    instance_ms = sharing.shared_ms(used, w, room(w), vcpu)
    busy_share = sharing.busy_share(used, instance_ms, vcpu)
    vcpu_s, gib_s = instance_ms / 1000 * vcpu, instance_ms / 1000 * gib
    on_kept_ms = sharing.on_kept_ms(used, w, room(w), instance_ms)
    idle_s = (sharing.always_on_ms(w) - on_kept_ms) / 1000
    return {
        "cloud_run_vcpu_seconds": vcpu_s,
        "cloud_run_gib_seconds": gib_s,
        "cloud_run_busy_vcpu_seconds": vcpu_s * busy_share,
        "cloud_run_busy_gib_seconds": gib_s * busy_share,
        "cloud_run_idle_vcpu_seconds": idle_s * vcpu,
        "cloud_run_idle_gib_seconds": idle_s * gib,
        "cloud_run_idle_used": 0.0,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudRun(FrontDoor):
    """Cloud Run, which lets no requests share less than a whole vCPU."""

    def check(self, w: Request) -> None:
        """Refuse a size that cannot be configured, or requests that cannot share it.

        Raises:
            InvalidQuantity: naming the value and what is offered.
        """
        FrontDoor.check(self, w)
        if np.any((np.asarray(w.requests_per_instance) > 1) & (np.asarray(w.instance_vcpu) < 1)):
            msg = (
                f"requests_per_instance is {np.max(w.requests_per_instance):g}; with less than 1"
                f" vCPU {self.name} takes one request at a time in an instance."
            )
            raise InvalidQuantity(msg)


PLATFORM = CloudRun(
    id="google-cloud-run",
    name="Google Cloud Run",
    waits="Bills the whole instance while a request waits in it, once for all that share it.",
    source="https://cloud.google.com/run/pricing",
    usage=usage,
    limits=(size_limit(as_asked),),
    cpu_wall_ms=cpu.on_its_instance,
    month=month,
    offers=SIZES,
    pairs=not_a_size,
    limit_ms=LONGEST_MS,
    limit_why="stops a request",
    shares=SHARES,
    room=room,
    kept_off=sharing.minimum_off,
    starts=sharing.STARTS,
)
