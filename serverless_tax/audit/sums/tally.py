"""The sums of a log, from whichever engine: merged, exact, and small whatever the log's size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from serverless_tax.audit.read.grammar import Fact, Found, Record, Unread, records
from serverless_tax.audit.sums.answers import AnswerSums
from serverless_tax.audit.sums.steps import Steps, merged_steps, step_of, steps_of
from serverless_tax.audit.sums.table import SUMS, Sums
from serverless_tax.audit.sums.waits import SpanSums

#: Records that could not be read of which the text is kept.
SHOWN = 3
_LONGEST_SHOWN = 300

#: What records that are alike have in common: kind, source, function's name, memory, cold.
Key = tuple[str, str, str, int, int]
#: What invocations with spans have in common: source, names as record and spans say them, memory.
SpanKey = tuple[str, str, str, int]
#: Which of the sums are texts.
_IS_TEXT = [isinstance(one.nothing, str) for one in SUMS]


@dataclass(slots=True)
class Group:
    """Records that are alike: their sums, how many were billed how long, and each day's.

    Attributes:
        sums: everything added up.
        by_billed_ms: records for each billed length.
        by_step: records of an engine's rows, which have lengths in steps, and not in the former.
        by_day: records and billed milliseconds of each day; the day is nothing where no line
            says when it was written.
    """

    sums: Sums = field(default_factory=Sums)
    by_billed_ms: dict[int, int] = field(default_factory=dict)
    by_step: Steps = field(default_factory=dict)
    by_day: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def steps(self) -> Steps:
        """All records by the step of their length."""
        return merged_steps([self.by_step, steps_of(self.by_billed_ms)])

    def add_length(self, billed_ms: int, count: int) -> None:
        """Add records that were billed alike."""
        self.by_billed_ms[billed_ms] = self.by_billed_ms.get(billed_ms, 0) + count

    def add_lengths(self, by_billed_ms: dict[int, int]) -> None:
        """Add records for each billed length."""
        if not self.by_billed_ms:
            self.by_billed_ms = dict(by_billed_ms)
            return
        for billed_ms, count in by_billed_ms.items():
            self.add_length(billed_ms, count)

    def add(self, other: Group) -> None:
        """Add another's records to these."""
        self.sums.add(other.sums)
        self.add_lengths(other.by_billed_ms)
        if other.by_step:
            self.by_step = merged_steps([self.by_step, other.by_step])
        for day, (count, billed_ms) in other.by_day.items():
            self.add_day(day, count, billed_ms)

    def add_day(self, day: str, invocations: int, billed_ms: int) -> None:
        """Add a day's records."""
        before = self.by_day.get(day, (0, 0))
        self.by_day[day] = (before[0] + invocations, before[1] + billed_ms)


class Alike(NamedTuple):
    """Records that are alike, as an engine adds them up: a row of the SQL analysis.

    ``day`` is None where rows are grouped by length, and ``billed_ms`` is None where they are
    grouped by day. Both are None where the lengths come by themselves.
    """

    key: Key
    billed_ms: int | None
    day: str | None
    sums: Sums

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> Self:
        """Return what a row says: the columns of its key, length, day, then the sums in order.

        Whole numbers come as whatever the engine has for them, or as text.
        """
        kind, source, function_name, memory_mb, cold, billed_ms, day, *said = row
        sums: list[Any] = [v if text else int(v) for v, text in zip(said, _IS_TEXT, strict=True)]
        return cls(
            (kind, source, function_name, int(memory_mb), int(cold)),
            None if billed_ms is None else int(billed_ms),
            day,
            Sums(*sums),
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
        twice: records that stood in the logs before, and are counted once.
        again: records of a request that had one before: it was tried again, and each counts.
        alike: of those, the ones with the very same figures.
        once_is_full: whether some of those may count twice all the same.
        facts: what lines say of a log's functions: log, function's name, what of, its value.
        spans: what spans say, by log, function's name as its record and as they say it, memory.
        kinds: how many of the unread are lines that look encoded, and rows without known heads.
        left: lines of the unread that an engine left to other rules, and that nobody brought.
        by_engine: whether an engine added up, which counts what stands twice twice.
        by_events: whether an endpoint did not add up, so that its events were read.
        answers: what Lambda's own spans say, by log and function's name as its record says it.
        lost_spans: invocations that have spans and no record.
        failed: files of folders that could not be read, or not to their end, and why.
    """

    groups: dict[Key, Group] = field(default_factory=dict)
    unread: int = 0
    unread_shown: list[tuple[str, str]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    unread_measurements: int = 0
    concurrent: int = 0
    twice: int = 0
    again: int = 0
    alike: int = 0
    once_is_full: bool = False
    facts: set[tuple[str, str, str, str]] = field(default_factory=set)
    spans: dict[SpanKey, SpanSums] = field(default_factory=dict)
    answers: dict[tuple[str, str], AnswerSums] = field(default_factory=dict)
    lost_spans: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    left: int = 0
    by_engine: bool = False
    by_events: bool = False

    @classmethod
    def of(cls, source: str, lines: Iterable[str]) -> Self:
        """Return the sums of lines, read one by one: for small logs."""
        sums = cls()
        for line in lines:
            sums.add_line(source, line)
        return sums

    def add_line(self, source: str, line: str) -> None:
        """Add what a line holds, by the rules of :mod:`serverless_tax.audit.read.grammar`."""
        for found in records(line):
            self.add_found(source, found)

    def add_found(self, source: str, found: Found) -> None:
        """Add what stands on a line."""
        if isinstance(found, Unread):
            self._add_unread(source, found)
        elif isinstance(found, Fact):
            self.facts.add((source, found.function_name, found.of, found.value))
        elif isinstance(found, Record):  # an ending needs its record, which another line has
            self._add_record(source, found)

    def _add_unread(self, source: str, found: Unread) -> None:
        if found.kind == "concurrent":
            self.concurrent += 1
        elif found.kind == "cpu":
            self.unread_measurements += 1
        else:
            self.unread += 1
            self.kinds[found.kind] += 1
            if len(self.unread_shown) < SHOWN:
                self.unread_shown.append((source, found.text[:_LONGEST_SHOWN].strip()))

    def _add_record(self, source: str, found: Record) -> None:
        key = (found.kind, source, found.function_name, found.memory_mb, found.cold)
        group = self.groups.setdefault(key, Group())
        group.sums.add(found.sums)
        group.add_length(found.billed_ms, 1)
        group.add_day(found.time[:10], 1, found.billed_ms)
        if found.answer:
            self.add_answers((source, found.function_name), found.answer)

    def add_sums(self, key: Key, sums: Sums) -> None:
        """Add more of records that are counted already."""
        self.groups.setdefault(key, Group()).sums.add(sums)

    def add_spans(self, key: SpanKey, sums: SpanSums) -> None:
        """Add what spans say of invocations that are alike."""
        self.spans.setdefault(key, SpanSums()).add(sums)

    def add_answers(self, key: tuple[str, str], sums: AnswerSums) -> None:
        """Add what Lambda's own spans say of the answers of a log's function."""
        self.answers.setdefault(key, AnswerSums()).add(sums)

    def add_rows(self, rows: Iterable[Sequence[Any]]) -> int:
        """Add rows of the SQL analysis; return how many lines it left to other rules."""
        left = 0
        for row in map(Alike.of_row, rows):
            kind = row.key[0]
            if kind in ("report", "cpu"):
                self._add_step(row)
            elif kind == "left" and row.day is None:
                left += row.sums.invocations
        return left

    def _add_step(self, row: Alike) -> None:
        """Add records that are alike, of which the length is that of their step."""
        self.add_alike(row._replace(billed_ms=None))
        if row.billed_ms is not None:
            by_step = self.groups[row.key].by_step
            count, total_ms = by_step.get(step_of(row.billed_ms), (0, 0))
            sums = row.sums
            by_step[step_of(row.billed_ms)] = (
                count + sums.invocations,
                total_ms + sums.billed_total_ms,
            )

    def add_alike(self, row: Alike) -> None:
        """Add records that are alike."""
        group = self.groups.setdefault(row.key, Group())
        sums = row.sums
        if row.day is not None:
            group.add_day(row.day, sums.invocations, sums.billed_total_ms)
            return
        if row.billed_ms is not None:
            group.add_length(row.billed_ms, sums.invocations)
        group.sums.add(sums)

    def add(self, other: Tally) -> None:
        """Add another log's sums to these, which are not to be used any more: some are taken."""
        for key, theirs in other.groups.items():
            mine = self.groups.setdefault(key, theirs)
            if mine is not theirs:
                mine.add(theirs)
        self.unread += other.unread
        self.kinds += other.kinds
        room = SHOWN - len(self.unread_shown)
        self.unread_shown += other.unread_shown[:room]
        self.unread_measurements += other.unread_measurements
        self.concurrent += other.concurrent
        self.twice += other.twice
        self.again += other.again
        self.alike += other.alike
        self.once_is_full = self.once_is_full or other.once_is_full
        self.facts |= other.facts
        for of, sums in other.spans.items():
            self.add_spans(of, sums)
        self.lost_spans += other.lost_spans
        self.failed |= other.failed
        self.by_events = self.by_events or other.by_events
        for answered, theirs_of in other.answers.items():
            self.add_answers(answered, theirs_of)
