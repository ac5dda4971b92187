"""Columns of plain lines added up: per block in numpy, and of all blocks as whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from serverless_tax.audit.read.columns import Plain
from serverless_tax.audit.read.grammar import Ints
from serverless_tax.audit.sums.table import SUMS, WRITTEN, Sum, Sums
from serverless_tax.audit.sums.tally import Group, Tally

_DAY = 10**6  # the digits of a day, behind which those of its time stand
_NO_TIME, _LAST_TIME = 0, np.iinfo(np.int64).max
#: What a plain line says by not saying it; of the other quantities it has none.
_SAYS = {"cold": 0}
_ADDS = {"total": np.add, "most": np.maximum, "first": np.minimum, "last": np.maximum}
#: Lengths that are kept one by one before they are counted.
_KEPT = 1 << 19
_BITS = 32  # of a billed length, in a number that holds the memory above them


@dataclass(frozen=True, slots=True)
class BlockSums:
    """What a block adds: a row for each memory and day, and each line's billed length.

    Attributes:
        function_name: of all lines, or nothing.
        rows: memory, day as digits, and what its lines add up to.
        lengths: memory and billed length of each line, in one number.
    """

    function_name: str
    rows: list[tuple[int, int, Sums]]
    lengths: Ints


def added(plain: Plain) -> BlockSums:
    """Add up the columns of a block."""
    days = plain.written_at // _DAY
    keys, which = np.unique(plain.memory_mb * 10**8 + days, return_inverse=True)
    sums = map(Sums, *(_added(one, plain, which, len(keys)) for one in SUMS))
    memory_mb, day = (part.tolist() for part in np.divmod(keys, 10**8))
    lengths = (plain.memory_mb << _BITS) | plain.billed_ms
    rows = list(zip(memory_mb, day, sums, strict=True))
    return BlockSums(plain.function_name, rows, lengths)


def _added(one: Sum, plain: Plain, which: Ints, rows: int) -> Sequence[Any]:
    """Return what the lines add to one of the sums, for each row."""
    quantity, values = one.when or ("", ())
    never = one.when and quantity not in Plain._fields and _SAYS.get(quantity) not in values
    if never or (one.of and one.of not in Plain._fields):
        return [one.nothing] * rows
    value = getattr(plain, one.of) if one.of else np.ones(len(which), np.int64)
    if quantity in Plain._fields:
        counts = np.isin(getattr(plain, quantity), values)
        value, which = value[counts], which[counts]
    start = _LAST_TIME if one.adds == "first" else 0
    column = np.full(rows, start)
    _ADDS[one.adds].at(column, which, value)
    found: list[int] = column.tolist()
    return [_text(time) for time in found] if one.of == WRITTEN else found


@dataclass(slots=True)
class ColumnSums:
    """The sums of a log's plain lines so far."""

    _groups: dict[tuple[str, int], Group] = field(default_factory=dict)
    _lengths: dict[str, list[Ints]] = field(default_factory=dict)
    _kept: int = 0

    def add(self, block: BlockSums) -> None:
        """Add a block's."""
        for memory_mb, day, sums in block.rows:
            group = self._groups.setdefault((block.function_name, memory_mb), Group())
            group.sums.add(sums)
            group.add_day(_text(day * _DAY)[:10], sums.invocations, sums.billed_total_ms)
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
