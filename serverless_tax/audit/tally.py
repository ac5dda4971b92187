"""The sums of a log, from whichever engine: merged, exact, and small whatever the log's size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from serverless_tax.audit.records import KEYS, SUMS, Record, Sums, Unread, records

#: Records that could not be read of which the text is kept.
SHOWN = 3
_LONGEST_SHOWN = 300

_DAY, _BILLED = KEYS.index("day"), KEYS.index("billed_ms")
_INVOCATIONS = len(KEYS) + SUMS.index("invocations")
_BILLED_TOTAL = len(KEYS) + SUMS.index("billed_total_ms")

#: What records that are alike have in common: kind, source, function's name, memory, cold.
Key = tuple[str, str, str, int, int]


@dataclass(slots=True)
class Group:
    """Records that are alike: their sums, how many were billed how long, and each day's.

    Attributes:
        sums: everything added up.
        by_billed_ms: records for each billed length.
        by_day: records and billed milliseconds of each day; the day is nothing where no line
            says when it was written.
    """

    sums: Sums = field(default_factory=Sums)
    by_billed_ms: dict[int, int] = field(default_factory=dict)
    by_day: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add_day(self, day: str, invocations: int, billed_ms: int) -> None:
        """Add a day's records."""
        before = self.by_day.get(day, (0, 0))
        self.by_day[day] = (before[0] + invocations, before[1] + billed_ms)


@dataclass(slots=True)
class Tally:
    """Everything that an audit takes from its logs.

    Attributes:
        groups: the sums of records that are alike.
        unread: records that began but could not be read.
        unread_shown: the text of the first of them, with where it stands.
        unread_measurements: lines of CPU that could not be read.
        concurrent: calls that the meter says it could not measure.
    """

    groups: dict[Key, Group] = field(default_factory=dict)
    unread: int = 0
    unread_shown: list[tuple[str, str]] = field(default_factory=list)
    unread_measurements: int = 0
    concurrent: int = 0

    def add_line(self, source: str, line: str) -> None:
        """Add what a line holds, by the rules of :mod:`serverless_tax.audit.records`."""
        for found in records(line):
            if isinstance(found, Unread):
                self._add_unread(source, found)
            else:
                self._add_record(source, found)

    def _add_unread(self, source: str, found: Unread) -> None:
        if found.kind == "concurrent":
            self.concurrent += 1
        elif found.kind == "cpu":
            self.unread_measurements += 1
        else:
            self.unread += 1
            if len(self.unread_shown) < SHOWN:
                self.unread_shown.append((source, found.text[:_LONGEST_SHOWN].strip()))

    def _add_record(self, source: str, found: Record) -> None:
        key = (found.kind, source, found.function_name, found.memory_mb, found.cold)
        group = self.groups.setdefault(key, Group())
        sums = found.sums
        sums.first_time = sums.last_time = found.time
        group.sums.add(sums)
        billed_ms = found.billed_ms
        group.by_billed_ms[billed_ms] = group.by_billed_ms.get(billed_ms, 0) + 1
        group.add_day(found.time[:10], 1, sums.billed_total_ms)

    def add_row(self, row: Sequence[Any]) -> None:
        """Add one row of the SQL analysis: columns `KEYS`, then `SUMS`."""
        key = (str(row[0]), str(row[1]), str(row[2]), int(row[3]), int(row[4]))
        group = self.groups.setdefault(key, Group())
        if row[_DAY] is not None:
            group.add_day(row[_DAY], int(row[_INVOCATIONS]), int(row[_BILLED_TOTAL]))
            return
        billed_ms = int(row[_BILLED])
        count = int(row[_INVOCATIONS])
        group.by_billed_ms[billed_ms] = group.by_billed_ms.get(billed_ms, 0) + count
        figures = zip(SUMS, row[len(KEYS) :], strict=True)
        values: dict[str, Any] = {n: v if isinstance(v, str) else int(v) for n, v in figures}
        group.sums.add(Sums(**values))

    def add_rows(self, rows: Iterable[Sequence[Any]]) -> int:
        """Add rows of the SQL analysis; return how many lines it left to other rules."""
        left = 0
        for row in rows:
            if row[0] != "left":
                self.add_row(row)
            elif row[_DAY] is None:
                left += int(row[_INVOCATIONS])
        return left

    def add(self, other: Tally) -> None:
        """Add another log's sums to these."""
        for key, theirs in other.groups.items():
            ours = self.groups.setdefault(key, Group())
            ours.sums.add(theirs.sums)
            for billed_ms, count in theirs.by_billed_ms.items():
                ours.by_billed_ms[billed_ms] = ours.by_billed_ms.get(billed_ms, 0) + count
            for day, (count, billed_ms) in theirs.by_day.items():
                ours.add_day(day, count, billed_ms)
        self.unread += other.unread
        room = SHOWN - len(self.unread_shown)
        self.unread_shown += other.unread_shown[:room]
        self.unread_measurements += other.unread_measurements
        self.concurrent += other.concurrent
