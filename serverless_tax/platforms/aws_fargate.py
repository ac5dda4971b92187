"""AWS Fargate: whole tasks of one process that many requests share, on x86 or Arm.

While a request waits it bills the task it waits in, the whole of its vCPU and memory, for every
second that the task runs; but other requests wait in the same task at no further price. Tasks
are sized for the peak and paid at night too, at their minimum.
Source: https://aws.amazon.com/fargate/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import as_asked, size_limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import capacity, cpu
from serverless_tax.platforms.meters.capacity import HOUR_MS
from serverless_tax.platforms.meters.shares import share

_FEW = 4  # sizes that a sentence names one by one

#: Gigabytes that are offered with each number of vCPUs.
#: Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
TASKS_GB: dict[float, tuple[float, ...]] = {
    0.25: (0.5, 1, 2),
    0.5: (1, 2, 3, 4),
    1: tuple(range(2, 9)),
    2: tuple(range(4, 17)),
    4: tuple(range(8, 31)),
    8: tuple(range(16, 61, 4)),
    16: tuple(range(32, 121, 8)),
}


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Hours of whole tasks, times their vCPU and their gigabytes. A gigabyte is 1,024 MB.

    Seconds are not rounded: a task of a service runs for the month. Its CPU is busy for as long
    as its requests' is, and it is idle while it has no request.
    """
    vcpu, gb = w.instance_vcpu, w.instance_memory_mb / 1024
    # A thread on a fraction of a vCPU takes longer, and a task still runs one such thread.
    tasks = capacity.instances(used, w, np.maximum(1, vcpu), w.streams_per_vcpu * vcpu)
    hours = capacity.instance_hours(tasks, w)
    occupied = capacity.occupied_hours(used, hours)
    # A thread on a fraction of a vCPU keeps that fraction busy for longer.
    busy = used["busy_ms"] / HOUR_MS * np.minimum(1, vcpu)
    busy_share = share(busy, hours * vcpu)
    by_chip = {
        f"fargate_{chip}_{what}": hours * each * switch
        for chip, switch in (("x86", 1 - w.arm), ("arm", w.arm))
        for what, each in (("vcpu_hours", vcpu), ("gb_hours", gb))
    }
    return by_chip | {
        "fargate_used_vcpu_hours": occupied * vcpu,
        "fargate_used_gb_hours": occupied * gb,
        "fargate_busy_vcpu_hours": hours * vcpu * busy_share,
        "fargate_busy_gb_hours": hours * gb * busy_share,
        "instances": tasks,
        "instance_hours": hours,
    }


def not_a_size(vcpu: float, mb: float) -> str:
    """Say which tasks are offered, if there is none of that size."""
    if vcpu not in TASKS_GB:
        offered = ", ".join(f"{size:g}" for size in TASKS_GB)
        return f"instance_vcpu is {vcpu:g}; {PLATFORM.name} offers {offered}."
    if mb / 1024 not in TASKS_GB[vcpu]:
        return (
            f"instance_memory_mb is {mb:,.10g}; with {vcpu:g} vCPU {PLATFORM.name} offers"
            f" {_offered_mb(TASKS_GB[vcpu])}."
        )
    return ""


def _offered_mb(gb: tuple[float, ...]) -> str:
    first, *others, last = (f"{each * 1024:,.0f}" for each in gb)
    if len(gb) <= _FEW:
        return f"{', '.join((first, *others))} or {last} MB"
    return f"{first} to {last} MB in steps of {(gb[1] - gb[0]) * 1024:,.0f}"


PLATFORM = FrontDoor(
    id="aws-fargate",
    name="AWS Fargate",
    waits="Bills the tasks that are kept, whole and by the second; waits share them.",
    source="https://aws.amazon.com/fargate/pricing/",
    assumes=(
        "Shared processes are counted for the peak, peak_to_mean times the mean, at"
        " streams_per_vcpu and target_utilisation, and never fewer than minimum_instances."
    ),
    limits=(size_limit(as_asked),),
    cpu_wall_ms=cpu.on_its_instance,
    month=month,
    pairs=not_a_size,
    path=("aws-alb", "aws-public-ipv4"),
)
