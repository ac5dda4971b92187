"""Cloudflare Containers: memory and disk while an instance runs, CPU while it works.

An instance runs from its first request until nobody has called it for ``sleepAfter``. Until
2025-11-20 all of its vCPU was billed for that time; since then what it uses is. A Worker leads to
it, and a Durable Object stays active beside it: both are billed.
Sources: https://developers.cloudflare.com/containers/pricing/ and
https://developers.cloudflare.com/changelog/post/2025-11-21-new-cpu-pricing/
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform
from serverless_tax.platforms.cloudflare_durable_objects import object_month, shares
from serverless_tax.platforms.cloudflare_workers import plan
from serverless_tax.platforms.meters import cpu, sharing, timeline

#: Running time is billed in steps of so many milliseconds.
STEP_MS = 10
#: How long an instance runs after its last request, unless ``sleepAfter`` says otherwise.
SLEEP_AFTER_MS = 600_000
#: The types of instance: vCPU, GiB of memory, GB of disk.
#: Source: https://developers.cloudflare.com/containers/platform/limits/
TYPES = (
    (1 / 16, 0.25, 2),
    (1 / 4, 1, 4),
    (1 / 2, 4, 8),
    (1, 6, 12),
    (2, 8, 16),
    (4, 12, 20),
)
#: Your code decides how many requests share an instance: a number of ours, not Cloudflare's.
SHARES = (100, 1000)


def fitting(w: Request) -> tuple[Quantity, Quantity, Quantity]:
    """Return vCPU, GiB and GB of disk of the smallest type with the vCPU and memory asked for."""
    gib = w.instance_memory_mb / 1024
    size = list(TYPES[0])
    for (vcpu_below, gib_below, disk_below), above in pairwise(TYPES):
        too_small = 1 - (w.instance_vcpu <= vcpu_below) * (gib <= gib_below)
        below = (vcpu_below, gib_below, disk_below)
        size = [s + too_small * (a - b) for s, a, b in zip(size, above, below, strict=True)]
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
        "cloudflare_do_each": requests * 1,
        "billed_ms": requests * steps * STEP_MS,
        "busy_ms": requests * timeline.busy_ms(w, on_its_type),
    }


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Seconds of running instances, times what each has; and of their Durable Objects."""
    vcpu, gib, disk_gb = fitting(w)
    each = sharing.room(used, w, sharing.requests_per_instance(w, *SHARES), vcpu)
    running_ms = sharing.kept_ms(used, w, each, sharing.keep_alive_ms(w, SLEEP_AFTER_MS))
    in_flight_ms = np.minimum(sharing.shared_ms(used, w, each), running_ms)
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
    objects = object_month(running_ms, used)
    split = shares(running_ms, in_flight_ms, used, objects["cloudflare_do_gb_seconds"])
    return found | objects | split | plan(used, w)


PLATFORM = Platform(
    id="cloudflare-containers",
    name="Cloudflare Containers",
    waits="Bills memory, disk and the object beside it while the instance runs; CPU only in use.",
    source="https://developers.cloudflare.com/changelog/post/2025-11-21-new-cpu-pricing/",
    assumes=(
        f"{cpu.ASSUMES} An instance is of the smallest type with instance_vcpu and"
        " instance_memory_mb, its disk included, and sleeps after keep_alive_ms."
    ),
    usage=usage,
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
)
