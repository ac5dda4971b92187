"""Google Cloud Run, billed by request: the whole instance while any request is in flight.

Requests share an instance, so its time is billed once for all that wait in it. Between requests
nothing is billed. Starting an instance is.
Source: https://cloud.google.com/run/pricing
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform
from serverless_tax.platforms.meters import cpu, sharing, timeline

#: Time is billed in steps of so many milliseconds.
STEP_MS = 100
#: Source: https://cloud.google.com/run/docs/about-concurrency
SHARES = (80, 1000)
#: Source: https://cloud.google.com/run/docs/configuring/request-timeout
LONGEST_MS = 3_600_000
#: vCPUs and MB of an instance. Source: https://cloud.google.com/run/docs/configuring/services/cpu
SIZES = {"instance_vcpu": (0.08, 8), "instance_memory_mb": (128, 32_768)}


def in_flight(w: Request) -> dict[str, Quantity]:
    """The time of requests, each rounded up to 100 ms, with its share of starting an instance."""
    requests = w.requests_per_month
    init_ms = w.init_ms * w.cold_start_share
    steps = np.ceil(
        (timeline.wall_ms(w, cpu.on_its_instance) + init_ms - timeline.HAIR_MS) / STEP_MS
    )
    return {
        "billed_ms": requests * steps * STEP_MS,
        "busy_ms": requests * (timeline.busy_ms(w, cpu.on_its_instance) + init_ms),
    }


def room(used: Mapping[str, Quantity], w: Request) -> Quantity:
    """Return how many requests share an instance; one, on less than a whole vCPU."""
    most = sharing.requests_per_instance(w, *SHARES)
    allowed = 1 + (w.instance_vcpu >= 1) * 1.0 * (most - 1)
    return sharing.room(used, w, allowed, w.instance_vcpu)


def usage(w: Request) -> dict[str, Quantity]:
    """Requests, and the time they are in flight."""
    return {"cloud_run_requests": w.requests_per_month * 1} | in_flight(w)


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Seconds of instances with a request in flight, times what each has."""
    vcpu, gib = w.instance_vcpu, w.instance_memory_mb / 1024
    instance_ms = sharing.shared_ms(used, w, room(used, w))
    busy_share = sharing.busy_share(used, instance_ms, vcpu)
    vcpu_s, gib_s = instance_ms / 1000 * vcpu, instance_ms / 1000 * gib
    return {
        "cloud_run_vcpu_seconds": vcpu_s,
        "cloud_run_gib_seconds": gib_s,
        "cloud_run_busy_vcpu_seconds": vcpu_s * busy_share,
        "cloud_run_busy_gib_seconds": gib_s * busy_share,
    }


PLATFORM = Platform(
    id="google-cloud-run",
    name="Google Cloud Run",
    waits="Bills the whole instance while a request waits in it, once for all that share it.",
    source="https://cloud.google.com/run/pricing",
    usage=usage,
    cpu_wall_ms=cpu.on_its_instance,
    month=month,
    offers=SIZES,
    limit_ms=LONGEST_MS,
    limit_why="stops a request",
    shares=SHARES,
)
