"""What an audit finds of each memory size that a function has, or had."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from serverless_tax.audit.find.cpu_share import percentile
from serverless_tax.audit.sums.functions import FunctionLog
from serverless_tax.questions.right_size import needed_mb


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeFinding:
    """A function at one memory size; the lengths are what was billed, exactly.

    ``peak_used_mb`` is 0 where no record says it, and ``needed_mb`` all there is then.
    ``gone_since`` is when its last call was written, where it has that memory no more.
    """

    memory_mb: int
    invocations: int
    peak_used_mb: int
    needed_mb: int
    p50_ms: int
    p99_ms: int
    gone_since: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


def unused_mb_ms(log: FunctionLog) -> float:
    """Return the MB·ms of memory that was never used, headroom taken off; 0 of an unknown peak."""
    over = 0.0
    for memory_mb, size in log.sizes.items():
        peak_mb = size.sums.peak_used_mb
        spare_mb = max(memory_mb - int(needed_mb(peak_mb)), 0) if peak_mb else 0
        over += size.mb_ms * spare_mb / memory_mb
    return over


def sizes_of(log: FunctionLog) -> list[SizeFinding]:
    """Return what is found of each size of a function, the smallest first."""
    found, gone = [], log.gone
    for memory_mb, size in sorted(log.sizes.items()):
        lengths = size.by_billed_ms
        peak_mb = size.sums.peak_used_mb
        found.append(
            SizeFinding(
                memory_mb=memory_mb,
                invocations=size.sums.invocations,
                peak_used_mb=peak_mb,
                needed_mb=int(needed_mb(peak_mb)) if peak_mb else memory_mb,
                p50_ms=percentile(lengths, 0.5),
                p99_ms=percentile(lengths, 0.99),
                gone_since=gone.get(memory_mb),
            )
        )
    return found
