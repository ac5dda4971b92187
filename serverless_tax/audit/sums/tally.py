"""The sums of a log, from whichever engine: merged, exact, and small whatever the log's size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from serverless_tax.audit.read.records import Record, Sums, Unread, records

#: Records that could not be read of which the text is kept.
SHOWN = 3
_LONGEST_SHOWN = 300

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

    def add_length(self, billed_ms: int, count: int) -> None:
        """Add records that were billed alike."""
        self.by_billed_ms[billed_ms] = self.by_billed_ms.get(billed_ms, 0) + count

    def add(self, other: Group) -> None:
        """Add another's records to these."""
        self.sums.add(other.sums)
        for billed_ms, count in other.by_billed_ms.items():
            self.add_length(billed_ms, count)
        for day, (count, billed_ms) in other.by_day.items():
            self.add_day(day, count, billed_ms)

    def add_day(self, day: str, invocations: int, billed_ms: int) -> None:
        """Add a day's records."""
        before = self.by_day.get(day, (0, 0))
        self.by_day[day] = (before[0] + invocations, before[1] + billed_ms)


class Row(NamedTuple):
    """One row of the SQL analysis: its `COLUMNS`, by name.

    ``day`` is None where rows are grouped by length, and the length and what comes with it are
    None where they are grouped by day. Both are None where the lengths come by themselves.
    """

    kind: str
    source: str
    function_name: str
    memory_mb: int
    cold: int
    init_rule: int
    outcome: str
    out_of_memory: int
    billed_ms: int | None
    day: str | None
    records: int
    billed_total_ms: int
    length_total_ns: int
    busy_total_ns: int
    init_total_ms: int
    restore_total_ms: int
    peak_used_mb: int
    first_time: str
    last_time: str

    def sums(self) -> Sums:
        """Return what the records of the row add up to."""
        count, billed_ms = int(self.records), int(self.billed_total_ms)
        length_ns = int(self.length_total_ns)
        is_report = self.kind == "report"
        timeout, failed = self.outcome == "timeout", self.outcome == "failed"
        return Sums(
            invocations=count,
            billed_total_ms=billed_ms,
            duration_total_ns=length_ns * is_report,
            init_billed=count * (int(self.init_rule) == 1),
            init_not_billed=count * (int(self.init_rule) == 0),
            init_billed_ms=int(self.init_total_ms),
            restore_billed_ms=int(self.restore_total_ms),
            timeouts=count * timeout,
            timeout_billed_ms=billed_ms * timeout,
            failures=count * failed,
            failure_billed_ms=billed_ms * failed,
            out_of_memory=count * int(self.out_of_memory),
            peak_used_mb=int(self.peak_used_mb),
            first_time=self.first_time,
            last_time=self.last_time,
            cpu_total_ns=int(self.busy_total_ns),
            wall_total_ns=length_ns * (not is_report),
        )


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

    @classmethod
    def of(cls, source: str, lines: Iterable[str]) -> Self:
        """Return the sums of lines, read one by one: for small logs."""
        sums = cls()
        for line in lines:
            sums.add_line(source, line)
        return sums

    def add_line(self, source: str, line: str) -> None:
        """Add what a line holds, by the rules of :mod:`serverless_tax.audit.read.records`."""
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
        group.add_length(found.billed_ms, 1)
        group.add_day(found.time[:10], 1, sums.billed_total_ms)

    def add_rows(self, rows: Iterable[Sequence[Any]]) -> int:
        """Add rows of the SQL analysis; return how many lines it left to other rules."""
        left = 0
        for values in rows:
            row = Row(*values)
            if row.kind in ("report", "cpu"):
                self._add_row(row)
            elif row.kind == "left" and row.day is None:
                left += int(row.records)
        return left

    def _add_row(self, row: Row) -> None:
        key = (row.kind, row.source, row.function_name, int(row.memory_mb), int(row.cold))
        group = self.groups.setdefault(key, Group())
        count = int(row.records)
        if row.day is not None:
            group.add_day(row.day, count, int(row.billed_total_ms))
            return
        if row.billed_ms is not None:
            group.add_length(int(row.billed_ms), count)
        group.sums.add(row.sums())

    def add_lengths(self, rows: Iterable[tuple[str, str, str, int, int, int, int]]) -> None:
        """Add how many records were billed how long, where their sums come in rows of their own."""
        for *alike, billed_ms, count in rows:
            self.groups[tuple(alike)].add_length(billed_ms, count)  # type: ignore[index]

    def add(self, other: Tally) -> None:
        """Add another log's sums to these."""
        for key, theirs in other.groups.items():
            self.groups.setdefault(key, Group()).add(theirs)
        self.unread += other.unread
        room = SHOWN - len(self.unread_shown)
        self.unread_shown += other.unread_shown[:room]
        self.unread_measurements += other.unread_measurements
        self.concurrent += other.concurrent
