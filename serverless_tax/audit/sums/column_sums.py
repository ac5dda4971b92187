"""Columns of plain lines added up: per block in numpy, and of all blocks as whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from serverless_tax.audit.read.columns import Plain
from serverless_tax.audit.read.grammar import Ints
from serverless_tax.audit.read.shape import Shaped
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
        kind, function_name, cold: of all lines; the name may be nothing.
        rows: memory, day as digits, and what its lines add up to.
        lengths: memory and billed length of each line, in one number.
    """

    kind: str
    function_name: str
    cold: int
    rows: list[tuple[int, int, Sums]]
    lengths: Ints


def added(lines: Plain | Shaped) -> BlockSums:
    """Add up the columns of a block."""
    if isinstance(lines, Shaped):
        columns, says, kind, cold = lines.values, lines.says, lines.kind, lines.cold
    else:
        columns = {name: getattr(lines, name) for name in Plain._fields if name != "function_name"}
        says, kind, cold = _SAYS, "report", 0
    memory_mb, billed_ms = columns["memory_mb"], columns["billed_ms"]
    days = columns["written_at"] // _DAY
    keys, which = np.unique(memory_mb * 10**8 + days, return_inverse=True)
    sums = map(Sums, *(_added(one, columns, says, which, len(keys)) for one in SUMS))
    of_rows = (part.tolist() for part in np.divmod(keys, 10**8))
    rows = list(zip(*of_rows, sums, strict=True))
    return BlockSums(kind, lines.function_name, cold, rows, (memory_mb << _BITS) | billed_ms)


def _added(
    one: Sum, columns: Mapping[str, Ints], says: Mapping[str, Any], which: Ints, rows: int
) -> Sequence[Any]:
    """Return what the lines add to one of the sums, for each row."""
    quantity, values = one.when or ("", ())
    never = one.when and quantity not in columns and says.get(quantity) not in values
    if never or (one.of and one.of not in columns):
        return [one.nothing] * rows
    value = columns[one.of] if one.of else np.ones(len(which), np.int64)
    if quantity in columns:
        counts = np.isin(columns[quantity], values)
        value, which = value[counts], which[counts]
    start = _LAST_TIME if one.adds == "first" else 0
    column = np.full(rows, start)
    _ADDS[one.adds].at(column, which, value)
    found: list[int] = column.tolist()
    return [_text(time) for time in found] if one.of == WRITTEN else found


@dataclass(slots=True)
class ColumnSums:
    """The sums of a log's plain lines so far."""

    _groups: dict[tuple[str, str, int, int], Group] = field(default_factory=dict)
    _lengths: dict[tuple[str, str, int], list[Ints]] = field(default_factory=dict)
    _kept: int = 0

    def add(self, block: BlockSums) -> None:
        """Add a block's."""
        kind, name, cold = block.kind, block.function_name, block.cold
        for memory_mb, day, sums in block.rows:
            group = self._groups.setdefault((kind, name, cold, memory_mb), Group())
            group.sums.add(sums)
            group.add_day(_text(day * _DAY)[:10], sums.invocations, sums.billed_total_ms)
        self._lengths.setdefault((kind, name, cold), []).append(block.lengths)
        self._kept += len(block.lengths)
        if self._kept > _KEPT:
            self._count()

    def tally(self, label: str) -> Tally:
        """Return the sums under the name of their log."""
        self._count()
        groups = {
            (kind, label, name, memory_mb, cold): group
            for (kind, name, cold, memory_mb), group in self._groups.items()
        }
        return Tally(groups=groups)

    def _count(self) -> None:
        for of, kept in self._lengths.items():
            lengths, counts = np.unique(np.concatenate(kept), return_counts=True)
            memory_mb, billed_ms = lengths >> _BITS, lengths & ((1 << _BITS) - 1)
            columns = (column.tolist() for column in (memory_mb, billed_ms, counts))
            for mb, ms, count in zip(*columns, strict=True):
                self._groups[*of, mb].add_length(ms, count)
        self._lengths, self._kept = {}, 0


def _text(time: int) -> str:
    """Write a time as a log does: ``2026-11-01T10:00:00``, or nothing if there is none."""
    if time == _NO_TIME:
        return ""
    digits = f"{time:014d}"
    day, clock = (digits[:4], digits[4:6], digits[6:8]), (digits[8:10], digits[10:12], digits[12:])
    return f"{'-'.join(day)}T{':'.join(clock)}"
