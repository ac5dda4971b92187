"""The local cloud's quota of CPU, held on a clock of its own to what was measured on AWS."""

from __future__ import annotations

import asyncio
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from serverless_tax.book.figures.staircase import MEASURED_CPU_MS, measured_sizes
from serverless_tax.cloud.function import cpu_quota, idle_time
from serverless_tax.platforms.aws_lambda import cpu_wall_ms


class Ended(Exception):
    """The work is done."""


class Machine:
    """A process that works whenever it may, on a clock that only a sleep moves."""

    def __init__(self, work_s: float, waits: tuple[float, float], seed: int) -> None:
        self.now = self.used_s = self.ended = 0.0
        self.work_s, (self.begins, self.jitter_s) = work_s, waits
        self.stopped = False
        self.random = np.random.default_rng(seed)

    def cpu_s(self) -> float:
        """CPU time so far."""
        return self.used_s

    def freeze(self) -> None:
        """Stop working."""
        self.stopped = True

    def thaw(self) -> None:
        """Go on."""
        self.stopped = False

    async def sleep(self, seconds: float) -> None:
        """Let the clock run to a whole millisecond, as a selector does, and a little longer."""
        seconds = math.ceil(seconds * 1000) / 1000 + float(self.random.uniform(0, self.jitter_s))
        if not self.stopped:
            works_s = max(self.now + seconds - max(self.now, self.begins), 0.0)
            if self.used_s + works_s >= self.work_s:
                self.ended = max(self.now, self.begins) + self.work_s - self.used_s
                raise Ended
            self.used_s += works_s
        self.now += seconds


def took_ms(
    monkeypatch: pytest.MonkeyPatch, memory_mb: float, work_ms: float, *, begins: float, seed: int
) -> float:
    """Return how long work takes that begins some time into the invocation."""
    machine = Machine(work_ms / 1000, (begins, 0.0004), seed)
    clock = SimpleNamespace(perf_counter=lambda: machine.now)
    monkeypatch.setattr(cpu_quota, "time", clock)
    monkeypatch.setattr(cpu_quota, "asyncio", SimpleNamespace(sleep=machine.sleep))
    process: Any = machine
    with pytest.raises(Ended):
        asyncio.run(cpu_quota.hold_to_share(process, round(memory_mb)))
    return (machine.ended - begins) * 1000


def mean_ms(monkeypatch: pytest.MonkeyPatch, memory_mb: float, work_ms: float) -> float:
    """Return the mean over invocations in which the work begins at once."""
    runs = [
        took_ms(monkeypatch, memory_mb, work_ms, begins=0.0005, seed=seed) for seed in range(40)
    ]
    return float(np.mean(runs))


@pytest.mark.parametrize(
    "memory_mb",
    [128, 257, 292, 363, 399, 487, 558, 664, 699, 717, 735, 770, 1035, 1301, 1442, 1460, 1708],
)
def test_the_mean_is_the_one_measured_on_aws(
    memory_mb: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function of 17.3 ms of CPU: within 10 % on flat pieces of the staircase, and between.

    So it is on a clock of its own; real processes at the foot of a step take longer.
    """
    sizes, means = measured_sizes()
    measured = float(means[sizes == memory_mb].item())
    assert mean_ms(monkeypatch, memory_mb, MEASURED_CPU_MS) == pytest.approx(measured, rel=0.1)


@pytest.mark.parametrize("memory_mb", [128, 512, 1024])
def test_long_work_has_its_share(memory_mb: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds of CPU, by the law of the quota."""
    took = took_ms(monkeypatch, memory_mb, 2000, begins=0.0005, seed=1)
    assert took == pytest.approx(float(cpu_wall_ms(2000, memory_mb)), rel=0.02)


def test_what_was_left_unused_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a second of waiting 40 ms of CPU take as long at 512 MB as they do at once."""
    at_once = took_ms(monkeypatch, 512, 40, begins=0.0005, seed=1)
    later = took_ms(monkeypatch, 512, 40, begins=1.0, seed=1)
    assert later == pytest.approx(at_once, abs=21)
    assert later > 90


def test_a_short_burst_is_not_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one in a whole vCPU."""
    assert took_ms(monkeypatch, 512, 5, begins=0.0005, seed=1) == pytest.approx(5)


def test_idle_environments_go_when_they_did_on_aws() -> None:
    """Of many, none within a minute, one in twelve within 300 s, all by 360 s."""
    kept = np.array([idle_time.drawn_idle_s() for _ in range(4000)])
    assert kept.min() >= 60
    assert kept.max() <= 360
    assert np.mean(kept <= 300) == pytest.approx(0.08, abs=0.02)
    assert np.mean(kept <= 315) == pytest.approx(0.43, abs=0.04)
