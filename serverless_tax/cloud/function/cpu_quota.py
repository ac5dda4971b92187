"""CPU by the quota of a period, in proportion to memory: 1,769 MB have one vCPU, less has less.

AWS uses the kernel's quota. This file does the same without privileges: it counts what a process
has used, stops one that has used more than its periods so far have paid for, and continues it when
they have. What is counted late stands as a debt, as with the kernel: work that is done before it
is counted runs at full speed. A waiting process is never stopped, and a quota that it left unused
is gone with its period.

On a quiet machine the function that was measured on AWS took within 10 % of AWS's mean at 36 of the
38 sizes tried. At two, at the foot of the step that ends at 770 MB, it took longer: 13.5 % at
735 MB and 17.8 % at 752 MB.
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
COUNT_S = 0.0075
"""CPU is counted when so much is used since the last time, at the next look.

Twice this, and two looks, are when the function that was measured on AWS was stopped.
"""

LATE_S = 0.0007
"""How late a sleep ends on average: the event loop rounds it up to a whole millisecond."""


class Quota:
    """What a process has of its periods, from looks at its clock and at the CPU it has used.

    Args:
        memory_mb: of the function.
        now_s: the moment of the first look.
        used_s: the CPU used until then.
    """

    def __init__(self, memory_mb: int, now_s: float, used_s: float) -> None:
        self._each_s = PERIOD_S * memory_mb / FULL_VCPU_MB
        self._began, self._before_s, self._counted_s = now_s, used_s, 0.0

    @property
    def is_whole(self) -> bool:
        """Whether it has a whole vCPU: more than one helps only parallel work."""
        return self._each_s >= PERIOD_S

    def stops_until(self, now_s: float, used_s: float) -> float:
        """Return the moment until which the process has to stop; not after now if it may go on."""
        used_s -= self._before_s
        paid_for = self._began + PERIOD_S * (used_s // self._each_s)
        if now_s > paid_for + PERIOD_S:  # a period has passed unused
            self._began, self._before_s, self._counted_s = now_s, self._before_s + used_s, 0.0
        elif used_s - self._counted_s >= COUNT_S:
            self._counted_s = used_s
            return paid_for
        return now_s


async def hold_to_share(process: Process, memory_mb: int) -> None:
    """Stop and continue a process so that it gets its memory's quota of CPU; until cancelled."""
    quota = Quota(memory_mb, time.perf_counter(), process.cpu_s())
    while not quota.is_whole:
        await asyncio.sleep(LOOK_S)
        now = time.perf_counter()
        paid_for = quota.stops_until(now, process.cpu_s())
        if paid_for > now:
            process.freeze()
            await asyncio.sleep(max(paid_for - now - LATE_S, 0))
            process.thaw()
