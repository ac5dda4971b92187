"""What two sizes of memory cannot tell of a wait, whoever asks: counted over the sizes measured."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from serverless_tax.book.figures.staircase import MEASURED_CPU_MS, measured_sizes
from serverless_tax.platforms.aws_lambda import TURN_A_MS, cpu_wall_ms, place_in_period

#: How near to the law the difference of two means is taken to be: half of the measured are further.
NEAR_THE_LAW_MS = 0.5
_STEP_MS = 0.05


def left_open(wait_ms: float, near: float, *, by_place: bool = False) -> float:
    """Return for what part of the pairs of sizes two waits fit that are far apart.

    The function has the CPU time of the measured one and waits ``wait_ms`` at any size. Another CPU
    time fits as well if by the law the two sizes differ by as much with it, to half a millisecond;
    then the wait is another too. Where shares of waiting fit that differ by more than twice
    ``near``, no figure is so near to all of them: a method that is never wrong says "unknown".
    That is what the means tell; ``by_place``, the lengths also end as far apart in a period.

    >>> round(left_open(100, near=0.05), 2)
    0.49
    >>> round(left_open(100, near=0.05, by_place=True), 2)
    0.37
    """
    sizes_mb, _ = measured_sizes()
    cpu_ms = np.arange(0, wait_ms + 300, _STEP_MS)
    takes_ms = {float(mb): cpu_wall_ms(cpu_ms, float(mb)) for mb in sizes_mb}
    own_ms = {mb: float(cpu_wall_ms(MEASURED_CPU_MS, mb)) for mb in takes_ms}
    places = {mb: place_in_period(cpu_ms, mb) for mb in takes_ms} if by_place else {}
    own = int(np.abs(cpu_ms - MEASURED_CPU_MS).argmin())
    far, pairs = 0, [*combinations(takes_ms, 2)]
    for one, other in pairs:
        apart_ms = takes_ms[one] - takes_ms[other] - (own_ms[one] - own_ms[other])
        mean_ms = (own_ms[one] + own_ms[other]) / 2 + wait_ms
        waits_ms = mean_ms - (takes_ms[one] + takes_ms[other]) / 2
        fits = (np.abs(apart_ms) <= NEAR_THE_LAW_MS) & (waits_ms >= 0)
        if by_place:
            apart = places[one] * np.conj(places[other])
            fits &= np.abs(np.angle(apart * np.conj(apart[own]))) / TURN_A_MS <= NEAR_THE_LAW_MS
        fit_ms = waits_ms[fits]
        far += bool(np.ptp(fit_ms) > 2 * near * mean_ms)
    return far / len(pairs)
