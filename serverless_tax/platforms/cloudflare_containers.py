"""Cloudflare Containers: memory and disk while an instance runs, CPU while it works.

An instance runs from its first request until nobody has called it for ``sleepAfter``. Until
2025-11-20 all of its vCPU was billed for that time; since then what it uses is. A Worker leads to
it, and a Durable Object stays active beside it: both are billed.
Sources: https://developers.cloudflare.com/containers/pricing/ and
https://developers.cloudflare.com/changelog/post/2025-11-21-new-cpu-pricing/
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.ground.settings import given_or
from serverless_tax.platforms.base import size_limit
from serverless_tax.platforms.cloudflare_durable_objects import object_month
from serverless_tax.platforms.cloudflare_workers import plan
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import capacity, cpu, sharing, timeline
from serverless_tax.platforms.meters.capacity import HOUR_MS

#: Bytes of a gigabyte that leaves.
GB_BYTES = 1e9
#: Running time is billed in steps of so many milliseconds.
STEP_MS = 10
#: How long an instance runs after its last request, unless ``sleepAfter`` says otherwise.
SLEEP_AFTER_MS = 600_000
#: The types of less than a whole vCPU: vCPU, GiB of memory, GB of disk.
#: Source: https://developers.cloudflare.com/containers/platform/limits/
TYPES = (
    (1 / 16, 0.25, 2),
    (1 / 4, 1, 4),
    (1 / 2, 4, 8),
)
#: From a whole one on a type is what you make it: memory for each vCPU at least, in GiB, disk for
#: each GiB at most, in GB, and the most disk. Same source.
CUSTOM_GIB, CUSTOM_DISK_GB, MOST_DISK_GB = 3, 2, 20
#: Your code decides how many requests share an instance: a number of ours, not Cloudflare's.
SHARES = (100, 1000)


def fitting(w: Request) -> tuple[Quantity, Quantity, Quantity]:
    """Return vCPU, GiB and GB of disk of the smallest type with the vCPU and memory asked for.

    One of its own making has as much disk as it may: that of the types with a name, for its memory.
    """
    gib = w.instance_memory_mb / 1024
    vcpu = np.maximum(w.instance_vcpu, 1)
    own_gib = np.maximum(gib, vcpu * CUSTOM_GIB)
    size: list[Quantity] = [vcpu, own_gib, np.minimum(own_gib * CUSTOM_DISK_GB, MOST_DISK_GB)]
    for named in reversed(TYPES):
        fits = (w.instance_vcpu <= named[0]) * (gib <= named[1]) * 1.0
        size = [s * (1 - fits) + of * fits for s, of in zip(size, named, strict=True)]
    return size[0], size[1], size[2]


def on_its_type(burst_ms: Quantity, w: Request) -> Quantity:
    """Return how long a burst of CPU takes on the type of instance that fits."""
    return cpu.cpu_wall_ms(burst_ms, fitting(w)[0])


def usage(w: Request) -> dict[str, Quantity]:
    """The time that requests are in flight, and the CPU they take."""
    w = cpu.metered(w)
    requests = w.requests_per_month
    steps = np.ceil((timeline.wall_ms(w, on_its_type) - timeline.HAIR_MS) / STEP_MS)
    return {
        "cloudflare_do_requests": requests * 1,
        "cloudflare_containers_egress_gb": requests * (timeline.answer_bytes(w) / GB_BYTES),
        "billed_ms": requests * steps * STEP_MS,
        "busy_ms": requests * timeline.busy_ms(w, on_its_type),
    }


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Seconds of running instances, times what each has; and of their Durable Objects.

    There are as many as the peak needs, and a request goes to one of them at random; or each names
    one of its own.
    """
    vcpu, gib, disk_gb = fitting(w)
    each = sharing.requests_per_instance(w, *SHARES)
    for_streams = np.ceil(capacity.peak_concurrency(used, w) / each - 1e-9)
    mean_cpu = sharing.cpu_ms(used, w, vcpu) / (capacity.busy_hours(w) * HOUR_MS)
    for_peak = np.maximum(for_streams, np.ceil(mean_cpu * w.peak_to_mean - 1e-9))
    count = for_peak * (each > 1) + w.requests_per_month * (each <= 1)
    tail_ms = given_or(w.keep_alive_ms, SLEEP_AFTER_MS)
    running_ms = sharing.counted(sharing.keyed_ms(used, w, count, tail_ms), w)
    in_flight_ms = np.minimum(sharing.keyed_ms(used, w, count, 0), running_ms)
    busy_share = sharing.busy_share(used, running_ms, vcpu)
    seconds = {
        "": running_ms / 1000,
        "used_": in_flight_ms / 1000,
        "busy_": running_ms / 1000 * busy_share,
    }
    found = {
        f"cloudflare_containers_{part}{what}": s * size
        for part, s in seconds.items()
        for what, size in (
            ("vcpu_seconds", vcpu),
            ("gib_seconds", gib),
            ("disk_gb_seconds", disk_gb),
        )
    }
    found["cloudflare_containers_provisioned_vcpu_seconds"] = seconds[""] * vcpu
    # A thread on a fraction of a vCPU keeps that fraction busy for longer.
    active = used["busy_ms"] / 1000 * np.minimum(1, vcpu)
    found["cloudflare_containers_active_vcpu_seconds"] = active
    return found | object_month(running_ms, in_flight_ms, used) | plan(used, w)


PLATFORM = FrontDoor(
    id="cloudflare-containers",
    name="Cloudflare Containers",
    waits="Bills memory, disk and the object beside it while the instance runs; CPU only in use.",
    source="https://developers.cloudflare.com/changelog/post/2025-11-21-new-cpu-pricing/",
    assumes=(
        f"{cpu.ASSUMES} An instance is of the smallest type with instance_vcpu and"
        " instance_memory_mb, its disk included, and sleeps after keep_alive_ms, ten minutes where"
        " that is not set. There are as many as carry peak_to_mean times the mean."
    ),
    usage=usage,
    limits=(size_limit(lambda w: fitting(w)[1] * 1024),),
    cpu_wall_ms=on_its_type,
    month=month,
    sheets=(
        "cloudflare-containers",
        "cloudflare-durable-objects",
        "cloudflare-plan",
    ),
    offers={"instance_vcpu": (1 / 16, 4), "instance_memory_mb": (1, 12_288)},
    path=("cloudflare-worker-front",),
    shares=SHARES,
    router="by key: your code names one of so many instances, at random",
    router_source="https://developers.cloudflare.com/containers/configuration/scaling-and-routing/",
)
