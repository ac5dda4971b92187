"""Azure Functions, Consumption plan: the memory observed, for all of the wall clock.

The time for which a function awaits something counts as execution time, whatever the CPU does.
Source: https://learn.microsoft.com/azure/azure-functions/functions-consumption-costs
"""

from __future__ import annotations

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform
from serverless_tax.platforms.meters import timeline

#: The least time and memory that an execution is billed for, and the step memory comes in.
LEAST_MS = 100
STEP_MB = 128
#: The most memory an instance has.
MOST_MB = 1536
#: An answer over HTTP has to be complete by then.
#: Source: https://learn.microsoft.com/azure/azure-functions/functions-scale
LONGEST_MS = 230_000


def usage(w: Request) -> dict[str, Quantity]:
    """Executions, and gigabyte-seconds of observed memory. A gigabyte is 1,024 MB.

    Memory is ``peak_memory_mb`` where somebody has looked, else ``memory_mb``, as if the function
    used all that it is given elsewhere. Executions that share a process share its memory; here
    each has its own.
    """
    requests = w.requests_per_month
    seen_mb = w.peak_memory_mb + w.memory_mb * (w.peak_memory_mb <= 0)
    steps = np.minimum(np.maximum(np.ceil(seen_mb / STEP_MB), 1), MOST_MB / STEP_MB)
    gb = steps * STEP_MB / 1024
    billed_ms = np.maximum(timeline.whole_ms(timeline.wall_ms(w)), LEAST_MS)
    busy_ms = timeline.busy_ms(w)
    return {
        "azure_functions_executions": requests * 1,
        "azure_functions_gb_seconds": requests * (billed_ms * gb / 1000),
        "azure_functions_busy_gb_seconds": requests * (busy_ms * gb / 1000),
        "billed_ms": requests * billed_ms,
        "busy_ms": requests * busy_ms,
    }


PLATFORM = Platform(
    id="azure-functions-consumption",
    name="Azure Functions, Consumption",
    waits="Bills the memory observed for every millisecond of wall clock, waiting or not.",
    source="https://learn.microsoft.com/azure/azure-functions/functions-consumption-costs",
    assumes=(
        "Azure bills the memory it observes: peak_memory_mb, or memory_mb where that is not known."
    ),
    usage=usage,
    offers={"memory_mb": (128, MOST_MB)},
    limit_ms=LONGEST_MS,
    limit_why="drops an answer over HTTP",
)
