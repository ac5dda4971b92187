"""A clock for limits, which goes slower on a machine with more work than cores.

On AWS every function has its own CPU, and ten seconds are enough for an INIT. If thirty learners
start a lab together on two cores, each gets a fifteenth of a CPU, and an INIT of one second takes
fifteen. It should then take fifteen seconds, and not fail.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

LOOK_S = 0.1
_COUNTS = Path("/proc/stat")


async def fair_sleep(limit_s: float) -> None:
    """Return after ``limit_s`` seconds of CPU that each waiting process could have had."""
    looked = time.perf_counter()
    while limit_s > 0:
        await asyncio.sleep(min(LOOK_S, limit_s))
        now = time.perf_counter()
        limit_s -= (now - looked) * share_of_a_cpu()
        looked = now


def share_of_a_cpu(counts: Path = _COUNTS) -> float:
    """The share of a CPU for each process that wants one now; 1 if the kernel does not say."""
    try:
        lines = counts.read_text().splitlines()
    except OSError:
        return 1.0
    wanting = [int(line.split()[1]) for line in lines if line.startswith("procs_running ")]
    return min(1.0, (os.cpu_count() or 1) / max([1, *wanting]))
