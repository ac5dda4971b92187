"""Columns of plain lines added up: per block in numpy, and of all blocks as whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from serverless_tax.audit.read.columns import Plain
from serverless_tax.audit.read.heads import Ints
from serverless_tax.audit.read.records import Sums
from serverless_tax.audit.sums.tally import Group, Tally

_DAY = 10**6  # the digits of a day, behind which those of its time stand
_NO_TIME = 0
#: Lengths that are kept one by one before they are counted.
_KEPT = 1 << 19
_BITS = 32  # of a billed length, in a number that holds the memory above them


@dataclass(frozen=True, slots=True)
class BlockSums:
    """What a block adds: a row for each memory and day, and each line's billed length.

    Attributes:
        function_name: of all lines, or nothing.
        rows: memory, day, lines, billed milliseconds, nanoseconds, peak memory, first and last
            time.
        lengths: memory and billed length of each line, in one number.
    """

    function_name: str
    rows: list[list[int]]
    lengths: Ints


def added(plain: Plain) -> BlockSums:
    """Add up the columns of a block."""
    days = plain.time // _DAY
    keys, which, counts = np.unique(
        plain.memory_mb * 10**8 + days, return_inverse=True, return_counts=True
    )
    billed, durations, peaks, last = (np.zeros(len(keys), np.int64) for _ in range(4))
    first = np.full(len(keys), np.iinfo(np.int64).max)
    np.add.at(billed, which, plain.billed_ms)
    np.add.at(durations, which, plain.duration_ns)
    np.maximum.at(peaks, which, plain.used_mb)
    np.minimum.at(first, which, plain.time)
    np.maximum.at(last, which, plain.time)
    memory_mb, day = np.divmod(keys, 10**8)
    rows = np.stack([memory_mb, day, counts, billed, durations, peaks, first, last], axis=1)
    lengths = (plain.memory_mb << _BITS) | plain.billed_ms
    return BlockSums(plain.function_name, rows.tolist(), lengths)


@dataclass(slots=True)
class ColumnSums:
    """The sums of a log's plain lines so far."""

    _groups: dict[tuple[str, int], Group] = field(default_factory=dict)
    _lengths: dict[str, list[Ints]] = field(default_factory=dict)
    _kept: int = 0

    def add(self, block: BlockSums) -> None:
        """Add a block's."""
        for memory_mb, day, count, billed_ms, length_ns, peak_mb, first, last in block.rows:
            group = self._groups.setdefault((block.function_name, memory_mb), Group())
            group.sums.add(
                Sums(
                    invocations=count,
                    billed_total_ms=billed_ms,
                    duration_total_ns=length_ns,
                    peak_used_mb=peak_mb,
                    first_time=_text(first),
                    last_time=_text(last),
                )
            )
            group.add_day(_text(day * _DAY)[:10], count, billed_ms)
        self._lengths.setdefault(block.function_name, []).append(block.lengths)
        self._kept += len(block.lengths)
        if self._kept > _KEPT:
            self._count()

    def tally(self, label: str) -> Tally:
        """Return the sums under the name of their log."""
        self._count()
        groups = {("report", label, *key, 0): group for key, group in self._groups.items()}
        return Tally(groups=groups)

    def _count(self) -> None:
        for name, kept in self._lengths.items():
            lengths, counts = np.unique(np.concatenate(kept), return_counts=True)
            memory_mb, billed_ms = lengths >> _BITS, lengths & ((1 << _BITS) - 1)
            columns = (column.tolist() for column in (memory_mb, billed_ms, counts))
            for mb, ms, count in zip(*columns, strict=True):
                self._groups[name, mb].add_length(ms, count)
        self._lengths, self._kept = {}, 0


def _text(time: int) -> str:
    """Write a time as a log does: ``2026-11-01T10:00:00``, or nothing if there is none."""
    if time == _NO_TIME:
        return ""
    digits = f"{time:014d}"
    day, clock = (digits[:4], digits[4:6], digits[6:8]), (digits[8:10], digits[10:12], digits[12:])
    return f"{'-'.join(day)}T{':'.join(clock)}"
