"""Billed lengths put together in steps of at most a hundredth, so that few rows hold many.

A step is known by its shortest length. What is added up over it stays exact; only where an
invocation lies within its step is lost.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping

#: Lengths below the first of each pair are put together in steps as wide as the second says.
#: Every whole hundred begins a step, of which old bills are made.
STEPS_MS = (
    (200, 1), (500, 2), (1000, 5), (2000, 10), (5000, 20), (10_000, 50), (20_000, 100),
    (50_000, 200), (100_000, 500), (200_000, 1000), (500_000, 2000),
)  # fmt: skip
#: How wide they are above.
WIDEST_MS = 5000

_BELOW = [below for below, _ in STEPS_MS]
_WIDE = [*(wide for _, wide in STEPS_MS), WIDEST_MS]

#: For the shortest length of a step: its records, and their billed milliseconds.
Steps = dict[int, tuple[int, int]]


def step_of(billed_ms: int) -> int:
    """Return the shortest length of the step that a length lies in.

    >>> step_of(150), step_of(1619), step_of(1620), step_of(1629), step_of(600_001)
    (150, 1610, 1620, 1620, 600000)
    """
    return billed_ms - billed_ms % _WIDE[bisect_right(_BELOW, billed_ms)]


def steps_of(by_billed_ms: Mapping[int, int]) -> Steps:
    """Return the steps of lengths, each with its number of records."""
    steps: Steps = {}
    for billed_ms, count in by_billed_ms.items():
        step = step_of(billed_ms)
        before = steps.get(step, (0, 0))
        steps[step] = (before[0] + count, before[1] + billed_ms * count)
    return steps


def merged_steps(some: Iterable[Steps]) -> Steps:
    """Return the steps of all, in order of the length."""
    merged: Steps = {}
    for steps in some:
        for step, (count, total_ms) in steps.items():
            before = merged.get(step, (0, 0))
            merged[step] = (before[0] + count, before[1] + total_ms)
    return dict(sorted(merged.items()))


def means_ms(steps: Steps) -> dict[float, int]:
    """Return the mean length of each step, and its records."""
    return {total_ms / count: count for count, total_ms in steps.values()}
