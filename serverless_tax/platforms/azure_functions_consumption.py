"""Azure Functions, Consumption plan: a process's observed memory, for all of the wall clock.

The time for which a function awaits something counts as execution time, whatever the CPU does.
Source: https://learn.microsoft.com/azure/azure-functions/functions-consumption-costs
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform
from serverless_tax.platforms.meters import sharing, timeline
from serverless_tax.platforms.meters.shares import ratio

#: The least time and memory that an execution is billed for, and the step memory comes in.
LEAST_MS = 100
STEP_MB = 128
#: The most memory an instance has.
MOST_MB = 1536
#: HTTP requests that an instance takes at a time unless it is set; the most is a guess of ours.
#: Source: https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook
SHARES = (100, 1000)
#: An answer over HTTP has to be complete by then.
#: Source: https://learn.microsoft.com/azure/azure-functions/functions-scale
LONGEST_MS = 230_000


def usage(w: Request) -> dict[str, Quantity]:
    """Executions, and gigabyte-seconds of observed memory. A gigabyte is 1,024 MB.

    Memory is ``peak_memory_mb`` where somebody has looked, else ``memory_mb``, as if the function
    used all that it is given elsewhere. Executions that overlap in a process share its memory:
    how many do is for the month to say.
    """
    requests = w.requests_per_month
    seen_mb = w.peak_memory_mb + w.memory_mb * (w.peak_memory_mb <= 0)
    steps = np.minimum(np.maximum(np.ceil(seen_mb / STEP_MB), 1), MOST_MB / STEP_MB)
    gb = steps * STEP_MB / 1024
    billed_ms = np.maximum(timeline.whole_ms(timeline.wall_ms(w)), LEAST_MS)
    alone = {
        "azure_functions_executions": requests * 1,
        "azure_functions_alone_gb_seconds": requests * (billed_ms * gb / 1000),
    }
    return alone | sharing.in_flight(requests, billed_ms, timeline.busy_ms(w))


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Gigabyte-seconds of processes with an execution in them, at the mean memory observed."""
    each = sharing.requests_per_instance(w, *SHARES)
    process_ms = sharing.shared_ms(used, w, each, 1)
    gb_seconds = used["azure_functions_alone_gb_seconds"] * ratio(process_ms, used["billed_ms"])
    return {
        "azure_functions_gb_seconds": gb_seconds,
        "azure_functions_busy_gb_seconds": gb_seconds * sharing.busy_share(used, process_ms, 1),
    }


PLATFORM = Platform(
    id="azure-functions-consumption",
    name="Azure Functions, Consumption",
    waits="Bills the memory observed for all of the wall clock; waits in one process share it.",
    source="https://learn.microsoft.com/azure/azure-functions/functions-consumption-costs",
    assumes=(
        "Azure bills the memory it observes of a process: peak_memory_mb, or memory_mb where that"
        " is not known. Executions that overlap in a process of one vCPU share it."
    ),
    usage=usage,
    month=month,
    offers={"memory_mb": (128, MOST_MB)},
    limit_ms=LONGEST_MS,
    limit_why="drops an answer over HTTP",
    shares=SHARES,
)
