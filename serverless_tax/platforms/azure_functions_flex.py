"""Azure Functions, Flex Consumption plan: whole instances while any execution is in them.

Executions share an instance, whose memory is billed while at least one of them is active: at
least for a second, then in steps of 100 ms.
Source: https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.azure_functions_consumption import LONGEST_MS
from serverless_tax.platforms.base import size_limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import cpu, sharing, timeline

#: The least time an instance is billed for, and the step beyond it.
LEAST_MS, STEP_MS = 1000, 100
#: Sizes of an instance: MB, vCPU, and the HTTP requests that share one unless that is set.
#: Source: https://learn.microsoft.com/azure/azure-functions/functions-concurrency
SIZES = ((512, 0.25, 4), (2048, 1, 16), (4096, 2, 32))
#: Requests that share an instance of 2,048 MB unless it is set, and the most it can be.
SHARES = (16, 1000)


def fitting(w: Request) -> tuple[Quantity, ...]:
    """Return MB, vCPU and requests at a time of the smallest size with the memory asked for."""
    small, medium, large = SIZES
    more, most = (1.0 * (w.instance_memory_mb > mb) for mb, *_ in (small, medium))
    of_each = zip(small, medium, large, strict=True)
    return tuple(one + more * (two - one) + most * (three - two) for one, two, three in of_each)


def on_its_size(burst_ms: Quantity, w: Request) -> Quantity:
    """Return how long a burst of CPU takes on the size of instance that fits."""
    return cpu.cpu_wall_ms(burst_ms, fitting(w)[1])


def room(w: Request) -> Quantity:
    """Return how many requests share an instance of the size that fits."""
    return sharing.requests_per_instance(w, fitting(w)[2], SHARES[1])


def usage(w: Request) -> dict[str, Quantity]:
    """Executions, and the time they take, rounded as if each had its instance to itself."""
    requests = w.requests_per_month
    steps = np.ceil((timeline.wall_ms(w, on_its_size) - timeline.HAIR_MS) / STEP_MS)
    billed_ms = np.maximum(steps * STEP_MS, LEAST_MS)
    executions = {"azure_flex_executions": requests * 1}
    return executions | sharing.in_flight(requests, billed_ms, timeline.busy_ms(w, on_its_size))


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Gigabyte-seconds of instances with an execution in them. A gigabyte is 1,024 MB.

    The instances kept at the minimum are *always ready*: they take executions first, at a lower
    rate, and are billed a baseline for the whole month.
    """
    size_mb, vcpu, _ = fitting(w)
    instance_ms = sharing.shared_ms(used, w, room(w), vcpu)
    gb, busy_share = size_mb / 1024, sharing.busy_share(used, instance_ms, vcpu)
    least_ms = sharing.always_on_ms(w)
    on_ready_ms = sharing.on_kept_ms(used, w, room(w), instance_ms)
    return {
        f"azure_flex_{part}gb_seconds": ms / 1000 * gb
        for part, ms in (
            ("", instance_ms - on_ready_ms),
            ("busy_", (instance_ms - on_ready_ms) * busy_share),
            ("ready_", on_ready_ms),
            ("ready_busy_", on_ready_ms * busy_share),
            ("baseline_", least_ms),
            ("baseline_used_", on_ready_ms),
            ("baseline_busy_", on_ready_ms * busy_share),
        )
    }


PLATFORM = FrontDoor(
    id="azure-functions-flex",
    name="Azure Functions, Flex Consumption",
    waits="Bills the whole instance while an execution waits in it, once for all that share it.",
    source="https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan",
    assumes=(
        "instance_memory_mb is rounded up to a size on offer: 512 MB with a quarter of a vCPU,"
        " 2,048 with one or 4,096 with two. Apps in Python take one request at a time unless"
        " requests_per_instance is set."
    ),
    usage=usage,
    limits=(size_limit(lambda w: fitting(w)[0]),),
    cpu_wall_ms=on_its_size,
    month=month,
    offers={"instance_memory_mb": (1, SIZES[-1][0])},
    limit_ms=LONGEST_MS,
    limit_why="drops an answer over HTTP",
    shares=SHARES,
    room=room,
    kept_off=sharing.minimum_off,
)
