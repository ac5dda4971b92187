"""A clock for limits that goes slower on a machine with more work than cores.

Ten seconds are ample for an INIT on AWS, where every function has its own CPU. Thirty learners who
start a lab together on two cores get a fifteenth of the CPU each, and an INIT of one second takes
fifteen. It should take long, not fail.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

LOOK_S = 0.1
_COUNTS = Path("/proc/stat")


async def fair_sleep(limit_s: float) -> None:
    """Return after so many seconds in which a process that wanted a CPU could have had one."""
    looked = time.perf_counter()
    while limit_s > 0:
        await asyncio.sleep(min(LOOK_S, limit_s))
        now = time.perf_counter()
        limit_s -= (now - looked) * share_of_a_cpu()
        looked = now


def share_of_a_cpu(counts: Path = _COUNTS) -> float:
    """How much of a CPU each process that wants one gets now; 1 where the kernel does not say."""
    try:
        lines = counts.read_text().splitlines()
    except OSError:
        return 1.0
    wanting = [int(line.split()[1]) for line in lines if line.startswith("procs_running ")]
    return min(1.0, (os.cpu_count() or 1) / max([1, *wanting]))
