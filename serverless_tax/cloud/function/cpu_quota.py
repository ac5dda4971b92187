"""CPU by the quota of a period, in proportion to memory: 1,769 MB have one vCPU, less has less.

AWS uses the kernel's quota. This file does the same without privileges: it counts what a process
has used, stops one that has used more than its periods so far have paid for, and continues it when
they have. What is counted late stands as a debt, as with the kernel: work that is done before it
is counted runs at full speed. A waiting process is never stopped, and a quota that it left unused
is gone with its period.
Sources: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html and, for the steps,
https://arxiv.org/abs/2506.01283
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from serverless_tax.ground.lambda_facts import CPU_PERIOD_MS, FULL_VCPU_MB

if TYPE_CHECKING:
    from serverless_tax.cloud.function.process import Process

PERIOD_S = CPU_PERIOD_MS / 1000
LOOK_S = 0.001
COUNT_S = 0.0076
"""CPU is counted when so much is used since the last time, at the next look.

Twice this, and two looks, are when the function that was measured on AWS was stopped.
"""

LATE_S = 0.0007
"""How late a sleep ends on average: the event loop rounds it up to a whole millisecond."""


async def hold_to_share(process: Process, memory_mb: int) -> None:
    """Stop and continue a process so that it gets its memory's quota of CPU; until cancelled."""
    quota_s = PERIOD_S * memory_mb / FULL_VCPU_MB
    if quota_s >= PERIOD_S:
        return  # more than one vCPU helps only parallel work
    began, before_s, counted_s = time.perf_counter(), process.cpu_s(), 0.0
    while True:
        await asyncio.sleep(LOOK_S)
        now, used_s = time.perf_counter(), process.cpu_s() - before_s
        paid_for = began + PERIOD_S * (used_s // quota_s)
        if now > paid_for + PERIOD_S:
            began, before_s, counted_s = now, before_s + used_s, 0.0  # a period has passed unused
        elif used_s - counted_s >= COUNT_S:
            counted_s = used_s
            if paid_for > now:
                process.freeze()
                await asyncio.sleep(max(paid_for - now - LATE_S, 0))
                process.thaw()
