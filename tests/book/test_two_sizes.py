"""How much of a wait two sizes leave open, whoever asks: counted once more, period by period."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from serverless_tax.book import two_sizes
from serverless_tax.book.figures.staircase import measured_sizes
from serverless_tax.book.two_sizes import left_open

CPU_MS, STEP_MS, NEAR = 17.3, 0.05, 0.05


def takes_ms(cpu_ms: float, memory_mb: float) -> float:
    """Return how long a burst takes that is let run by quotas, on average over when it is counted.

    What is over when the CPU is counted waits for the periods that pay for it.
    """
    quota_ms = min(20 * memory_mb / 1769, 20)
    left_ms = np.linspace(max(cpu_ms - 2, 0), cpu_ms, 200)
    over_ms, waited = cpu_ms - left_ms, 0 * left_ms
    while np.any(held := (left_ms >= quota_ms) & (quota_ms < 20)):
        left_ms = left_ms - quota_ms * held
        waited = waited + held
    mean_ms = np.mean(np.where(waited == 0, cpu_ms, 20 * waited + over_ms))
    return max(float(mean_ms), cpu_ms)


def test_more_than_a_third_of_the_pairs_leave_a_short_wait_open() -> None:
    """Of 20 and of 100 ms; of half a second fewer do."""
    assert left_open(20, NEAR) > left_open(100, NEAR) > 0.45
    assert left_open(500, NEAR) < 1 / 3


def test_so_many_pairs_leave_a_wait_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any CPU time fits that makes the same difference; counted on every seventh size."""
    wait_ms = 20
    some = [column[::7] for column in measured_sizes()]
    monkeypatch.setattr(two_sizes, "measured_sizes", lambda: some)
    sizes = [float(mb) for mb in some[0]]
    tried = np.arange(0, 50, STEP_MS)
    by_size = {mb: np.array([takes_ms(ms, mb) for ms in tried]) for mb in sizes}
    own = {mb: takes_ms(CPU_MS, mb) for mb in sizes}
    open_ = 0
    pairs = [*combinations(sizes, 2)]
    for one, other in pairs:
        mean_ms = wait_ms + (own[one] + own[other]) / 2
        apart_ms = by_size[one] - by_size[other] - own[one] + own[other]
        waits_ms = mean_ms - (by_size[one] + by_size[other]) / 2
        fits = waits_ms[(np.abs(apart_ms) <= 0.5) & (waits_ms >= 0)]
        open_ += (fits.max() - fits.min()) / mean_ms > 2 * NEAR
    assert open_ / len(pairs) == pytest.approx(left_open(wait_ms, near=NEAR), abs=0.03)
