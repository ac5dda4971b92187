"""The memory that makes a function's month cheapest, and what to know before going there."""

from __future__ import annotations

from typing import Any

import numpy as np

from serverless_tax.bill.bill import bill
from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, MEMORY_MB, PLATFORM, TIMEOUT_MS
from serverless_tax.questions.compare import sweep
from serverless_tax.request.workload import Workload

#: Memory kept over the peak that was seen.
HEADROOM = 1.2

#: Sizes within this part of the cheapest month cost the same: the present one is kept, or else
#: the fastest is taken.
_SAME = 1e-3

#: Sizes tried for a sample of requests, in which every size is a bill of its own, in MB.
_ROUND_MB = (
    *range(128, 1024, 64),
    *range(1024, 3072, 256),
    FULL_VCPU_MB,
    *range(3072, MEMORY_MB[1] + 1, 1024),
)


_wall_ms = PLATFORM.wall_ms


def needed_mb(peak_mb: Any) -> Any:
    """Return the memory that a peak needs with headroom, at least the least there is."""
    return np.maximum(np.ceil(peak_mb * HEADROOM), MEMORY_MB[0])


def right_size(w: Workload, slower: float, when: dict[str, Any]) -> tuple[Workload, str]:
    """Return the workload at the cheapest size that still serves it, and a sentence about that.

    A size serves if it holds the peak memory with headroom, where that is known, ends every
    request in Lambda's time limit, and takes at most ``slower`` times as long on average. For one
    request every megabyte on offer is tried; for a sample, a few dozen round sizes.
    """
    least_mb = int(needed_mb(float(np.max(w.peak_memory_mb))))
    if least_mb > MEMORY_MB[1]:
        return w, f"No size on offer holds the peak of {_peak(w)} with headroom."
    sizes, usd, mean_ms, longest_ms = _tried(w, least_mb, when)
    took_ms = float(np.mean(_wall_ms(w)))
    served = (mean_ms <= took_ms * slower) & (longest_ms <= TIMEOUT_MS)
    if not served.any():
        return w, "No size serves these requests in the time allowed."
    usd = np.where(served, usd, np.inf)
    cheapest = np.flatnonzero(usd <= usd.min() * (1 + _SAME))
    if np.any(np.all(np.atleast_1d(w.memory_mb)[:, None] == sizes[cheapest], axis=0)):
        return w, "No other size that serves these requests is cheaper."
    best = int(cheapest[-1])
    size_mb = float(sizes[best])
    return w.replace(memory_mb=size_mb), _warning(w, size_mb, float(mean_ms[best]) - took_ms)


def _tried(w: Workload, least_mb: int, when: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    """Return the sizes tried, and of each the month's bill, the mean and the longest request."""
    if w.sample_size == 1:
        sizes = np.arange(least_mb, MEMORY_MB[1] + 1)
        resized = w.replace(memory_mb=sizes)
        plain = {name: value for name, value in when.items() if name != "model"}
        takes_ms = _wall_ms(resized) + np.zeros(sizes.shape)
        return sizes, sweep("aws-lambda", resized, **plain)["total"], takes_ms, takes_ms
    present = [float(np.max(w.memory_mb))]
    sizes = np.unique([least_mb, *present, *(mb for mb in _ROUND_MB if mb > least_mb)])
    sizes = sizes[sizes >= least_mb]
    each = [w.replace(memory_mb=float(mb)) for mb in sizes]
    lengths = [_wall_ms(at) for at in each]
    return (
        sizes,
        np.array([bill("aws-lambda", at, **when).total for at in each]),
        np.array([np.mean(ms) for ms in lengths]),
        np.array([np.max(ms) for ms in lengths]),
    )


def _warning(w: Workload, size_mb: float, longer_ms: float) -> str:
    """Say what another size does to the CPU, to the answer, to INIT and to the peak memory."""
    share = min(1, size_mb / FULL_VCPU_MB)
    slower = f"{show(abs(longer_ms), 'ms')} {'longer' if longer_ms >= 0 else 'less'}"
    known = (
        f"{HEADROOM:g} times the peak of {_peak(w)} fits"
        if np.any(w.peak_memory_mb)
        else "nobody has looked at the peak memory: read Max Memory Used before you go there"
    )
    return (
        f"{show(size_mb, 'mb')} has {show(share, 'percent')} of a vCPU; an answer takes {slower}."
        f" INIT has its boost on demand and stays as it was; {known}."
    )


def _peak(w: Workload) -> str:
    return show(float(np.max(w.peak_memory_mb)), "mb")
