"""AWS Lambda MicroVMs: a microVM for each session, billed for its baseline while it runs.

While a request waits it bills the baseline of vCPU and memory, as while it works. Above the
baseline it bills what is in use, up to four times as much: a baseline of less than one vCPU bursts
to a whole one, and ``peak_memory_mb`` beyond the baseline's is billed while a request is there. A
session starts by reading the snapshot of its image, as large as the memory in use. Suspended, up to
eight hours, it bills a snapshot of its own alone: written, kept and read again.
Source: https://aws.amazon.com/lambda/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import timeline
from serverless_tax.platforms.meters.capacity import HOUR_MS
from serverless_tax.platforms.meters.shares import ratio

#: The baselines on offer, with two gigabytes to a vCPU, and how long a microVM may live, or sleep.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/microvms-how-it-works.html
VCPU, MB_PER_VCPU = (0.25, 0.5, 1.0, 2.0, 4.0), 2048
LONGEST_MS = 8 * 3_600_000


def usage(w: Request) -> dict[str, Quantity]:
    """Whole seconds of a session and of the idle tail after it, times its baseline; CPU above it.

    A session is of ``requests_per_session``, and idle for ``session_idle_ms`` after the last of
    them. Starting it (``init_ms``) is billed.
    """
    requests, each, vcpu = w.requests_per_month, w.requests_per_session, w.instance_vcpu
    init_ms = w.init_ms / each
    used_s = (timeline.wall_ms(w) + init_ms) / 1000
    busy_s = (timeline.busy_ms(w) + init_ms) / 1000
    session_ms = used_s * each * 1000 + w.session_idle_ms
    session_s = np.ceil(np.maximum(session_ms - timeline.HAIR_MS, 0) / 1000) / each
    gb, burst_s = w.instance_memory_mb / 1024, busy_s * np.maximum(1 - vcpu, 0)
    in_use_gb = (w.peak_memory_mb + w.instance_memory_mb * (w.peak_memory_mb == 0)) / 1024
    over_gb = np.maximum(in_use_gb - gb, 0)
    snapshot_gb = in_use_gb / each
    suspended = np.maximum(w.suspensions, 1.0 * (w.suspended_ms > 0))
    return {
        "microvm_vcpu_seconds": requests * (session_s * vcpu + burst_s),
        "microvm_used_vcpu_seconds": requests * (used_s * vcpu + burst_s),
        "microvm_busy_vcpu_seconds": requests * (busy_s * np.maximum(vcpu, 1)),
        "microvm_gb_seconds": requests * (session_s * gb + used_s * over_gb),
        "microvm_used_gb_seconds": requests * (used_s * (gb + over_gb)),
        "microvm_busy_gb_seconds": requests * (busy_s * (gb + over_gb)),
        "microvm_in_use_gb": requests * in_use_gb,
        "microvm_snapshot_read_gb": requests * (snapshot_gb * (1 + suspended)),
        "microvm_snapshot_written_gb": requests * (snapshot_gb * suspended),
        "microvm_suspended_gb_hours": requests * (snapshot_gb * w.suspended_ms / HOUR_MS),
        "billed_ms": requests * (used_s * 1000),
        "busy_ms": requests * (busy_s * 1000),
    }


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Gigabyte-hours of snapshots: of suspended sessions, and of the images, kept all month.

    An image is as large as the memory in use is on average.
    """
    image_gb = ratio(used["microvm_in_use_gb"], w.requests_per_month)
    kept = w.snapstart_versions * image_gb * w.hours_per_month
    return {
        "microvm_snapshot_gb_hours": used["microvm_suspended_gb_hours"] + kept,
        "microvm_snapshot_used_gb_hours": 0.0,
    }


def not_a_size(vcpu: float, mb: float) -> str:
    """Say what is offered, if a vCPU and memory do not go together."""
    if vcpu not in VCPU:
        sizes = ", ".join(f"{each:g}" for each in VCPU)
        return f"instance_vcpu is {vcpu:g}; {PLATFORM.name} offers baselines of {sizes}."
    if mb != vcpu * MB_PER_VCPU:
        return (
            f"instance_memory_mb is {mb:,.10g}; with {vcpu:g} vCPU {PLATFORM.name} offers"
            f" {vcpu * MB_PER_VCPU:,.0f} MB."
        )
    return ""


PLATFORM = FrontDoor(
    id="aws-lambda-microvms",
    name="AWS Lambda MicroVMs",
    waits="Bills the vCPU and memory of the session's baseline while it waits, and until it ends.",
    source="https://aws.amazon.com/lambda/pricing/",
    assumes=(
        "A microVM runs for session_idle_ms after its last request, and that is billed: end it"
        " after the answer, or suspend it, and the idle part goes: suspensions and suspended_ms"
        " bill its snapshot. An image is kept all month for each of snapstart_versions."
    ),
    usage=usage,
    month=month,
    offers={"instance_vcpu": (VCPU[0], VCPU[-1]), "instance_memory_mb": (512, 8192)},
    pairs=not_a_size,
    limit_ms=LONGEST_MS,
    limit_why="ends a session",
    limits=(
        Limit(
            most=LONGEST_MS,
            of=lambda w: w.suspended_ms / np.maximum(w.suspensions, 1),
            says="keeps a suspended session for eight hours",
            who="are suspended for longer at a time",
        ),
        Limit(
            most=4,
            of=lambda w: w.peak_memory_mb / w.instance_memory_mb,
            says="scales to four times its baseline",
            who="take more memory",
        ),
    ),
)
