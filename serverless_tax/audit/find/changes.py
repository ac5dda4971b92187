"""What could be changed about a function, rung by rung of the ladder, in dollars."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from serverless_tax.audit.find.cpu_share import Waiting
from serverless_tax.audit.find.money import Terms
from serverless_tax.audit.sums.functions import FunctionLog, Size
from serverless_tax.bill.bill import bill
from serverless_tax.platforms.aws_lambda import MEMORY_MB, TIMEOUT_MS
from serverless_tax.questions.ladder import Rung, ladder
from serverless_tax.request.workload import Workload

#: Requests that stand for a function's: each for as many invocations, in order of their length.
_SAMPLE = 64
#: A change that saves less than this, in USD, is no change.
LEAST_USD = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One rung: what it saves, and what to know before climbing it.

    ``saving_usd`` is None where it depends on how much of the time was waiting and that is not
    known; it then lies between ``low_usd`` and ``high_usd``, for the least waiting and the most.
    """

    id: str
    name: str
    saving_usd: float | None
    low_usd: float
    high_usd: float
    effort_hours: float
    change: str
    risk: str
    lost: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


def changes(log: FunctionLog, known: Waiting, span_months: float, terms: Terms) -> list[Change]:
    """Return the rungs that save something, the largest saving first.

    Each is set against the bill as it is. They overlap, so they must not be added up: those that
    stand beside Lambda's memory and Arm take these two for granted, where they save.

    Args:
        log: of the function; what is changed is its main size.
        known: how much of its time was waiting.
        span_months: length of the log in months; the savings are those of one.
        terms: prices.
    """
    size = log.main_size
    if not MEMORY_MB[0] <= size.memory_mb <= MEMORY_MB[1] or not size.mb_ms:
        return []
    most_ms, least_ms = known.busy_ms, known.least_busy_ms
    if most_ms is None or least_ms is None:
        most_ms, least_ms = math.inf, 0.0
    busiest = _rungs(size, most_ms, span_months, terms)
    if most_ms == least_ms:
        return _ranked(_known(busiest))
    return _ranked(_between(busiest, _rungs(size, least_ms, span_months, terms)))


def _rungs(size: Size, busy_ms: float, span_months: float, terms: Terms) -> dict[str, Rung]:
    when: dict[str, Any] = {"on": terms.on, "region": terms.region, "rates": terms.rates}
    w = workload(size, busy_ms, span_months, terms.architecture)
    rungs = {rung.id: rung for rung in ladder(w, free_tier=terms.free_tier, **when)}
    if "arm" in rungs:  # by itself, not with the memory that the ladder has changed by then
        arm = w.replace(architecture="arm64")
        usd = bill("aws-lambda", arm, path="needed", free_tier=terms.free_tier, **when).total
        saving_usd = rungs["as-it-is"].total_usd - usd
        rungs["arm"] = replace(rungs["arm"], total_usd=usd, saving_usd=saving_usd)
    return rungs


def workload(
    size: Size, busy_ms: float, span_months: float, architecture: str = "x86_64"
) -> Workload:
    """Return a month of the requests of a log, of which each was busy for up to ``busy_ms``.

    INIT that was billed, and restoring, is the work of those that were cold. The lengths are a
    sample, whose sum is that of the log.
    """
    sums = size.sums
    calls = sums.invocations
    beside_ms = sums.init_billed_ms + sums.restore_billed_ms
    lengths = _sample(size.by_billed_ms, (sums.billed_total_ms - beside_ms) / calls)
    cpu_ms = _busy(lengths, busy_ms)
    cold = min(size.cold.sums.invocations, calls)
    return Workload(
        requests_per_month=calls / span_months,
        memory_mb=size.memory_mb,
        measured_at_mb=size.memory_mb,  # how long it was busy, by the clock
        cpu_ms=cpu_ms,
        wait_ms=lengths - cpu_ms,
        init_ms=beside_ms / cold if cold else 0.0,
        cold_start_share=cold / calls,
        architecture=architecture,  # type: ignore[arg-type]
        peak_memory_mb=sums.peak_used_mb,
        log_bytes=400.0,
    )


def _sample(by_billed_ms: Mapping[int, int], mean_ms: float) -> Any:
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


def _known(rungs: Mapping[str, Rung]) -> list[Change]:
    return [
        _change(rung, rung.saving_usd, rung.saving_usd, rung.saving_usd) for rung in rungs.values()
    ]


def _between(busiest: Mapping[str, Rung], laziest: Mapping[str, Rung]) -> list[Change]:
    """Join the rungs of a function that waits as little as it may and of one that waits most."""
    found = []
    for name, rung in laziest.items():
        ends = [rung.saving_usd, busiest[name].saving_usd if name in busiest else 0.0]
        low, high = min(ends), max(ends)
        same = high - low <= max(abs(high), 1.0) * 1e-6
        found.append(_change(rung, high if same else None, low, high))
    return found


def _change(rung: Rung, usd: float | None, low: float, high: float) -> Change:
    return Change(
        id=rung.id,
        name=rung.name,
        saving_usd=usd,
        low_usd=low,
        high_usd=high,
        effort_hours=rung.effort_hours,
        change=rung.finding if usd is not None else "",
        risk=rung.risk,
        lost=rung.lost,
    )


def _ranked(found: Sequence[Change]) -> list[Change]:
    saving = [one for one in found if one.high_usd >= LEAST_USD and one.id != "as-it-is"]
    return sorted(saving, key=lambda one: (-(one.saving_usd or one.low_usd), -one.high_usd))
