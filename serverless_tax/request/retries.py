"""What calls take that fail with some chance, and are made again until one succeeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

#: The largest share of calls that may fail: beyond, nearly all that is paid is retries.
MOST_RETRIES = 0.99
#: A chance so small that what lies behind it adds nothing.
_NEVER = 1e-12


class Retried(NamedTuple):
    """A call: how long it takes each time, in ms, and the share that fails and is made again."""

    ms: float
    retries: float

    @property
    def mean_ms(self) -> float:
        """How long it takes with its retries, on average."""
        return self.ms / (1 - self.retries)


def longest_ms(calls: Sequence[Retried]) -> float:
    """Return how long one waits on average for all of some calls that are made at once, in ms.

    It is longer than the longest mean: of several, one is often tried again. The mean of the
    longest is the chance that any is still under way, summed over time.

    >>> round(longest_ms([Retried(1000, 0.5), Retried(1000, 0.5)]), 1)
    2666.7
    """
    there = [call for call in calls if call.ms > 0]
    if not there:
        return 0.0
    ends: list[Any] = [np.zeros(1)]
    for ms, retries in set(there):
        tries = math.ceil(math.log(_NEVER) / math.log(retries)) if retries else 1
        ends.append(ms * np.arange(1, tries + 1))
    times = np.unique(np.concatenate(ends))
    done = np.ones(len(times) - 1)
    for ms, retries in there:
        failed = np.floor(times[:-1] / ms + 1e-9)
        done *= 1 - np.power(float(retries), failed)
    return float(np.sum(np.diff(times) * (1 - done)))
