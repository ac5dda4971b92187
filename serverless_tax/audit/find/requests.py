"""The requests of a log as a month of a workload, which the advisor can ask prices of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from serverless_tax.audit.sums.functions import Size
from serverless_tax.audit.sums.steps import means_ms
from serverless_tax.platforms.aws_lambda import TIMEOUT_MS, cpu_time_ms, cpu_wall_ms
from serverless_tax.request.workload import Workload

#: Requests that stand for a function's: each for as many invocations, in order of their length.
_SAMPLE = 64


def workload(
    size: Size,
    busy_ms: float,
    span_months: float,
    architecture: str = "x86_64",
    *,
    cpu_ms: float | None = None,
) -> Workload:
    """Return a month of the requests of a log, of which each was busy for up to ``busy_ms``.

    ``cpu_ms`` is the CPU time that keeps one busy for so long, where it is known: the clock alone
    leaves a step of the staircase open.

    INIT that was billed, and restoring, is the work of those that were cold. The lengths are a
    sample, whose sum is that of the log.
    """
    sums = size.sums
    calls = sums.invocations
    beside_ms = sums.init_billed_ms + sums.restore_billed_ms
    lengths = _sample(means_ms(size.steps), (sums.billed_total_ms - beside_ms) / calls)
    busy = _busy(lengths, busy_ms)
    worked_ms = cpu_time_ms(busy, size.memory_mb)
    if cpu_ms is not None and math.isclose(cpu_wall_ms(cpu_ms, size.memory_mb), busy_ms):
        worked_ms = np.where(np.isclose(busy, busy_ms), cpu_ms, worked_ms)
    if not np.ptp(lengths):  # one request then, for which every size is tried
        lengths, busy, worked_ms = (float(each[0]) for each in (lengths, busy, worked_ms))
    cold = min(size.cold.sums.invocations, calls)
    return Workload(
        requests_per_month=calls / span_months,
        memory_mb=size.memory_mb,
        cpu_ms=worked_ms,
        wait_ms=lengths - busy,
        init_ms=beside_ms / cold if cold else 0.0,
        cold_start_share=cold / calls,
        architecture=architecture,  # type: ignore[arg-type]
        peak_memory_mb=sums.peak_used_mb,
        log_bytes=400.0,
    )


def _sample(by_billed_ms: Mapping[float, int], mean_ms: float) -> Any:
    """Return whole lengths, evenly spread over the invocations, with the mean of all of them."""
    lengths = np.fromiter(by_billed_ms.keys(), float)
    counts = np.fromiter(by_billed_ms.values(), float)
    ends, sums = np.cumsum(counts), np.cumsum(counts * lengths)
    edges = np.linspace(0, ends[-1], _SAMPLE + 1)
    upto = np.interp(edges, np.concatenate([[0], ends]), np.concatenate([[0], sums]))
    means = np.diff(upto) / (ends[-1] / _SAMPLE)
    scale = mean_ms / means.mean() if means.mean() else 1.0
    # Whole milliseconds, so that no ceiling adds to them: what rounding takes here it gives there.
    whole = np.diff(np.round(np.concatenate([[0], np.cumsum(means * scale)])))
    return np.clip(whole, 0, TIMEOUT_MS)


def _busy(lengths: Any, mean_ms: float) -> Any:
    """Return how long each request was busy: alike where it lasted long enough, with that mean."""
    if mean_ms >= lengths.mean():
        return lengths.copy()
    low, high = 0.0, float(lengths.max())
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if np.minimum(lengths, middle).mean() < mean_ms else (low, middle)
        )
    return np.minimum(lengths, high)
