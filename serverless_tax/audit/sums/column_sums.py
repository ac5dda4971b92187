"""Columns of plain lines added up: per block in numpy, and of all blocks as whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from serverless_tax.audit.read.columns import Plain
from serverless_tax.audit.read.plain import Ints
from serverless_tax.audit.read.shape import Shaped
from serverless_tax.audit.sums.table import SUMS, WRITTEN, Sum, Sums
from serverless_tax.audit.sums.tally import Group, Tally

_DAY = 10**6  # the digits of a day, behind which those of its time stand
_NO_TIME, _LAST_TIME = 0, np.iinfo(np.int64).max
#: What a plain line says by not saying it; of the other quantities it has none.
_SAYS = {"cold": 0}
_ADDS = {"total": np.add, "most": np.maximum, "first": np.minimum, "last": np.maximum}
#: Lengths that are kept one by one before they are counted.
_KEPT = 1 << 21
# Of a number with a billed length or a day, the memory above it, and the log above both.
_BITS, _MB_BITS = 27, 20


@dataclass(frozen=True, slots=True)
class BlockSums:
    """What a block adds: a row for each log and memory, and each line's billed length.

    Attributes:
        kind, function_name, cold: of all lines; the name may be nothing.
        rows: the number of a log, memory, and what its lines add up to.
        days: log, memory, day as digits, records and their billed milliseconds.
        lengths: log, memory and billed length of each line, in one number.
    """

    kind: str
    function_name: str
    cold: int
    rows: list[tuple[int, int, Sums]]
    days: list[tuple[int, int, int, int, int]]
    lengths: Ints


def added(lines: Plain | Shaped, logs: Ints | int = 0) -> BlockSums:
    """Add up the columns of a block.

    Args:
        lines: the columns.
        logs: the number of the log that each line is of, or that of all of them.
    """
    if isinstance(lines, Shaped):
        columns, says, kind, cold = lines.values, lines.says, lines.kind, lines.cold
    else:
        columns = {name: getattr(lines, name) for name in Plain._fields if name != "function_name"}
        says, kind, cold = _SAYS, "report", 0
    memory_mb, billed_ms = columns["memory_mb"], columns["billed_ms"]
    own = ((logs << _MB_BITS) | memory_mb) << _BITS
    of_day = own | (columns["written_at"] // _DAY)
    order = np.argsort(of_day)
    columns = {name: column[order] for name, column in columns.items()}
    ordered = of_day[order]
    on = _begins(ordered)
    counts = np.diff(on, append=len(ordered))
    per_day = (*_apart(ordered[on]), counts, np.add.reduceat(columns["billed_ms"], on))
    rows = _begins(ordered >> _BITS)
    keys = ordered[rows]
    sums = map(Sums, *(_added(one, columns, says, rows) for one in SUMS))
    return BlockSums(
        kind, lines.function_name, cold,
        list(zip(*(part.tolist() for part in _apart(keys)[:2]), sums, strict=True)),
        list(zip(*(part.tolist() for part in per_day), strict=True)),
        own | billed_ms,
    )  # fmt: skip


def _begins(ordered: Ints) -> Ints:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.diff(ordered, prepend=-1))


def _apart(keys: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the log, the memory and what is below them in one number."""
    above = keys >> _BITS
    return above >> _MB_BITS, above & ((1 << _MB_BITS) - 1), keys & ((1 << _BITS) - 1)


def _added(
    one: Sum, columns: Mapping[str, Ints], says: Mapping[str, Any], rows: Ints
) -> Sequence[Any]:
    """Return what the lines add to one of the sums, for each row, which begins where it is said."""
    quantity, values = one.when or ("", ())
    never = one.when and quantity not in columns and says.get(quantity) not in values
    if never or (one.of and one.of not in columns):
        return [one.nothing] * len(rows)
    value = columns[one.of] if one.of else np.ones_like(columns["billed_ms"])
    if quantity in columns:
        value = np.where(np.isin(columns[quantity], values), value, 0)
    if one.adds == "first":
        value = np.where(value == _NO_TIME, _LAST_TIME, value)
    found: list[int] = _ADDS[one.adds].reduceat(value, rows).tolist()
    return [_text(time) for time in found] if one.of == WRITTEN else found


@dataclass(slots=True)
class ColumnSums:
    """The sums of the lines in columns so far, of one log or of several."""

    _groups: dict[tuple[str, str, int, int, int], Group] = field(default_factory=dict)
    _lengths: dict[tuple[str, str, int], list[Ints]] = field(default_factory=dict)
    _kept: int = 0

    def add(self, block: BlockSums) -> None:
        """Add a block's."""
        kind, name, cold = block.kind, block.function_name, block.cold
        for log, memory_mb, sums in block.rows:
            of = kind, name, cold, log, memory_mb
            if of in self._groups:
                self._groups[of].sums.add(sums)
            else:
                self._groups[of] = Group(sums)
        for log, memory_mb, day, count, billed_ms in block.days:
            group = self._groups[kind, name, cold, log, memory_mb]
            group.add_day(_text(day * _DAY)[:10], count, billed_ms)
        self._lengths.setdefault((kind, name, cold), []).append(block.lengths)
        self._kept += len(block.lengths)
        if self._kept > _KEPT:
            self._count()

    def tally(self, *labels: str) -> Tally:
        """Return the sums under the names of the logs."""
        self._count()
        groups = {
            (kind, labels[log], name, memory_mb, cold): group
            for (kind, name, cold, log, memory_mb), group in self._groups.items()
        }
        return Tally(groups=groups)

    def _count(self) -> None:
        for of, kept in self._lengths.items():
            numbers, counts = np.unique(np.concatenate(kept), return_counts=True)
            logs, sizes_mb, lengths_ms = _apart(numbers)
            begins = _begins(numbers >> _BITS)
            for one in map(slice, begins.tolist(), [*begins[1:].tolist(), None]):
                group = self._groups[*of, int(logs[one.start]), int(sizes_mb[one.start])]
                columns = (column[one].tolist() for column in (lengths_ms, counts))
                group.add_lengths(dict(zip(*columns, strict=True)))
        self._lengths, self._kept = {}, 0


@lru_cache(maxsize=1024)
def _text(time: int) -> str:
    """Write a time as a log does: ``2026-11-01T10:00:00``, or nothing if there is none."""
    if time in {_NO_TIME, _LAST_TIME}:
        return ""
    d = f"{time:014d}"
    return f"{d[:4]}-{d[4:6]}-{d[6:8]}T{d[8:10]}:{d[10:12]}:{d[12:]}"
