"""How many streams a process holds, from a run that raised their number until tokens came late.

Tokens are late when the core is full, or when other programs take it away. The second says nothing
about the process; then the CPU time of a token does, which others make little longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: A level is in time while its gap is at most so many times that of the first.
SLOWER = 1.1
#: Nor is a gap so many times as long as the model's own, or as short: what was late comes at once.
ODD = 2
#: From this share of a core on, the process itself is what makes tokens late.
FULL_CORE = 0.85


@dataclass(frozen=True, slots=True)
class Capacity:
    """Streams that one core holds.

    Attributes:
        streams: to reckon with.
        low: at least so many.
        high: at most so many, by the CPU time of a token where the run came furthest.
        is_busy: whether tokens came late while the core was not full.
        says: the same in a sentence or two.
    """

    streams: int
    low: int
    high: int
    is_busy: bool
    says: str


def capacity(levels: Sequence[Mapping[str, float]], tokens_per_s: float) -> Capacity:
    """Return the capacity that a run's levels show.

    Args:
        levels: each with `streams`, `p95_gap_ms`, `cpu_ms_per_token` and `core_share`, in rising
            order; only the last may be late.
        tokens_per_s: of each stream.
    """
    limit_ms = SLOWER * levels[0]["p95_gap_ms"]
    measured = int(max(one["streams"] for one in levels if one["p95_gap_ms"] <= limit_ms))
    last = levels[-1]
    is_late = last["p95_gap_ms"] > limit_ms
    cheapest_ms = min(one["cpu_ms_per_token"] for one in levels)
    by_cpu = max(1, int(1000 / (cheapest_ms * tokens_per_s)))
    even_ms = 1000 / tokens_per_s
    uneven = [one for one in levels if not even_ms / ODD < one["p95_gap_ms"] < even_ms * ODD]
    doubted = [one for one in uneven if one["core_share"] < FULL_CORE]
    if is_late and last["core_share"] < FULL_CORE:
        doubted = [last]
    if doubted:
        one = doubted[0]
        how = "in bursts" if one["p95_gap_ms"] < even_ms else "late"
        says = (
            f"This machine is busy: at {one['streams']:.0f} streams tokens came {how} while the"
            f" worker had {one['core_share']:.0%} of a core. So the capacity is not the {measured}"
            f" that were in time. A token takes {cheapest_ms:.3f} ms of CPU, so a whole core holds"
            f" about {by_cpu}."
        )
        low, high = sorted((measured, by_cpu))
        return Capacity(by_cpu, low, high, is_busy=True, says=says)
    high = max(measured, by_cpu)
    says = f"Between {measured}, which were in time, and {high}, which fill the core."
    return Capacity(measured, measured, high, is_busy=False, says=says)
