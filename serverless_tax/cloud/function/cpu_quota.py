"""CPU in proportion to memory: a function of 1,769 MB has one vCPU, a smaller one a share of it.

AWS uses the kernel's quota. This file does the same without privileges: it stops a process that has
used its share of a short period, and continues it when the process has earned more. A waiting
process is never stopped.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from serverless_tax.ground.lambda_facts import FULL_VCPU_MB

if TYPE_CHECKING:
    from serverless_tax.cloud.function.process import Process

PERIOD_S = 0.020
"""A waiting process saves up its share of this much time at most, as with a kernel's quota."""
LOOK_S = 0.002


async def hold_to_share(process: Process, memory_mb: int) -> None:
    """Stop and continue a process so that it gets its memory's share of CPU; until cancelled."""
    share = memory_mb / FULL_VCPU_MB
    if share >= 1:
        return  # more than one vCPU helps only parallel work
    allowance_s = share * PERIOD_S
    looked, used_s = time.perf_counter(), process.cpu_s()
    while True:
        await asyncio.sleep(LOOK_S)
        now, now_used_s = time.perf_counter(), process.cpu_s()
        earned_s = min(allowance_s + share * (now - looked), share * PERIOD_S)
        allowance_s = earned_s - (now_used_s - used_s)
        looked, used_s = now, now_used_s
        if allowance_s < 0:
            process.freeze()
            await asyncio.sleep(-allowance_s / share)
            process.thaw()
