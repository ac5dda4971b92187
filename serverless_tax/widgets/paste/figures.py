"""What a pasted log costs, from its sums: the amounts of an audit, as plain arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from serverless_tax.audit.find.cpu_share import busy, of_billed
from serverless_tax.audit.find.money import MB_MS
from serverless_tax.bill.pricing import charges
from serverless_tax.bill.totals import sum_in_order
from serverless_tax.platforms.meters.shares import ratio
from serverless_tax.prices import Price
from serverless_tax.questions.right_size import needed_mb

_NS_PER_MS = 1e6


def size_figures(s: Any) -> dict[str, Any]:
    """Return the MB·ms of a function at one memory size, and those of memory it never used."""
    is_known = 1.0 * (s.peak_used_mb > 0)
    spare_mb = np.maximum(s.memory_mb - needed_mb(s.peak_used_mb), 0) * is_known
    return {
        "mb_ms": s.memory_mb * s.billed_total_ms,
        "init_mb_ms": s.memory_mb * (s.init_billed_ms + s.restore_billed_ms),
        "timeout_mb_ms": s.memory_mb * s.timeout_billed_ms,
        "failure_mb_ms": s.memory_mb * s.failure_billed_ms,
        "unused_mb_ms": s.billed_total_ms * spare_mb,
    }


def busy_figures(s: Any) -> dict[str, Any]:
    """Return how long the CPU measured keeps one thread busy, as the audit has it."""
    calls = np.maximum(s.calls, 1)
    cpu_ms, wall_ms = (ns / calls / _NS_PER_MS for ns in (s.cpu_total_ns, s.wall_total_ns))
    return {"busy_ns": busy(s.memory_mb, cpu_ms, wall_ms) * calls * _NS_PER_MS}


def log_figures(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return what a function's invocations cost, for what, and what part of it was waiting.

    ``s`` has the sums of its sizes. Prices are list prices of x86, the log taken as one month;
    ``waiting_share`` means something where ``calls`` were measured.
    """
    used = {
        "requests": s.invocations,
        "duration_x86_gb_seconds": s.mb_ms / MB_MS,
        "busy_gb_seconds": 0.0,
    }
    dimensions = {name: prices[name] for name in ("requests", "duration_x86_gb_seconds")}
    lines = list(charges(used, dimensions))
    time_usd = sum_in_order(
        line.cost for line in lines if line.price.dimension.startswith("duration")
    )
    each_usd = ratio(time_usd, s.mb_ms)
    waited = 1 - ratio(s.busy_ns, s.wall_total_ns)
    share = of_billed(waited, s.duration_total_ns / _NS_PER_MS, s.billed_total_ms)
    measured = s.calls * (s.wall_total_ns > 0)
    return {
        "gb_seconds": s.mb_ms / MB_MS,
        "usd": sum_in_order(line.cost for line in lines),
        "init_usd": s.init_mb_ms * each_usd,
        "init_share": ratio(s.init_mb_ms, s.mb_ms),
        "timeout_usd": s.timeout_mb_ms * each_usd,
        "failure_usd": s.failure_mb_ms * each_usd,
        "unused_usd": s.unused_mb_ms * each_usd,
        "waiting_share": share,
        "waiting_usd": time_usd * share,
        "calls": measured,
        "unmeasured": 1 - np.minimum(measured, 1),
    }
