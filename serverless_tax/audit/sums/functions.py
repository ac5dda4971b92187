"""The sums of a log, by function and memory, under the names that the log, or its user, gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from serverless_tax.audit.read.grammar import DATADOG
from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.read.where import unknown
from serverless_tax.audit.sums.answers import AnswerSums
from serverless_tax.audit.sums.period import moment
from serverless_tax.audit.sums.steps import Steps, means_ms, merged_steps
from serverless_tax.audit.sums.table import Sums
from serverless_tax.audit.sums.tally import Group, Tally
from serverless_tax.audit.sums.waits import SpanSums

#: How a function of Lambda@Edge is called: by the region of the function, and its name.
_EDGE = re.compile("[a-z]{2}(-[a-z]+)+-[0-9][.]")
#: A call that began before its function was changed may run for so long, Lambda's longest timeout.
_STILL_RUNNING = timedelta(minutes=15)
#: A size that had no call for so long before the log's end is taken for one that was given up.
_GIVEN_UP = timedelta(days=1)


@dataclass(slots=True)
class Size:
    """A function at one memory size: its warm invocations and its cold ones."""

    memory_mb: int
    warm: Group = field(default_factory=Group)
    cold: Group = field(default_factory=Group)

    @property
    def sums(self) -> Sums:
        """Warm and cold together."""
        both = Sums()
        both.add(self.warm.sums)
        both.add(self.cold.sums)
        return both

    @property
    def mb_ms(self) -> int:
        """What is charged for: megabytes times billed milliseconds, exactly."""
        billed_ms = self.warm.sums.billed_total_ms + self.cold.sums.billed_total_ms
        return self.memory_mb * billed_ms

    @property
    def by_billed_ms(self) -> dict[int, int]:
        """Invocations for each billed length, in order of the length.

        Those that an engine put together in steps have the mean of their step, rounded.
        """
        merged: dict[int, int] = {}
        for group in (self.warm, self.cold):
            means = ((round(ms), count) for ms, count in means_ms(group.by_step).items())
            for billed_ms, count in (*group.by_billed_ms.items(), *means):
                merged[billed_ms] = merged.get(billed_ms, 0) + count
        return dict(sorted(merged.items()))

    @property
    def steps(self) -> Steps:
        """Invocations and their billed milliseconds for each step of the length, in its order."""
        return merged_steps([self.warm.steps, self.cold.steps])

    @property
    def by_day(self) -> dict[str, tuple[int, int]]:
        """Invocations and MB·ms of each day."""
        merged: dict[str, tuple[int, int]] = {}
        for group in (self.warm, self.cold):
            for day, (count, billed_ms) in group.by_day.items():
                calls, mb_ms = merged.get(day, (0, 0))
                merged[day] = (calls + count, mb_ms + billed_ms * self.memory_mb)
        return merged


@dataclass(slots=True)
class FunctionLog:
    """Everything that the log says of one function.

    Attributes:
        name: of the function, or that it is not known.
        is_named: whether it is known; records without a name may be of several functions.
        sizes: by memory, for a memory that was changed must not be averaged away.
        cpu: measurements of CPU, by the memory they were made at; 0 where they do not say.
        spans: what spans say of its invocations, by memory.
        answers: what Lambda's own say of its answers.
        facts: what else its lines say: its regions, how environments were initialized.
    """

    name: str
    is_named: bool = True
    sizes: dict[int, Size] = field(default_factory=dict)
    cpu: dict[int, Sums] = field(default_factory=dict)
    spans: dict[int, SpanSums] = field(default_factory=dict)
    answers: AnswerSums = field(default_factory=AnswerSums)
    facts: dict[str, set[str]] = field(default_factory=dict)

    @property
    def is_edge(self) -> bool:
        """Whether it is of Lambda@Edge, whose log groups have a region before the name."""
        return _EDGE.match(self.name) is not None

    @property
    def is_provisioned(self) -> bool:
        """Whether every environment that the log says it of was provisioned."""
        return self.facts.get("initialization") == {"provisioned-concurrency"}

    @property
    def region(self) -> str:
        """The region that its lines say, if they say one."""
        said = self.facts.get("region", set())
        return next(iter(said)) if len(said) == 1 else ""

    @property
    def sums(self) -> Sums:
        """All sizes together."""
        total = Sums()
        for size in self.sizes.values():
            total.add(size.sums)
        return total

    @property
    def mb_ms(self) -> int:
        """Megabytes times billed milliseconds, exactly."""
        return sum(size.mb_ms for size in self.sizes.values())

    @property
    def by_day(self) -> dict[str, tuple[int, int]]:
        """Invocations and MB·ms of each day."""
        return merged_days(size.by_day for size in self.sizes.values())

    @property
    def gone(self) -> dict[int, str]:
        """The memory that it had and has no more, and when its last call with that was written.

        A size is gone if another took over from it, or if it had no call on the log's last day.
        Nothing is said of lines without a time.
        """
        spans = {}
        for memory_mb, size in self.sizes.items():
            sums = size.sums
            first, last = moment(sums.first_time), moment(sums.last_time)
            if first is None or last is None or "" in size.by_day:
                return {}
            spans[memory_mb] = (first, last)
        newest = max(spans, key=lambda memory_mb: spans[memory_mb][::-1])
        begins, ends = spans[newest]
        return {
            memory_mb: self.sizes[memory_mb].sums.last_time
            for memory_mb, (first, last) in spans.items()
            if (first < begins and last < begins + _STILL_RUNNING) or last < ends - _GIVEN_UP
        }

    @property
    def changed_at(self) -> str:
        """When the last call was written that had a memory which is gone; nothing without one."""
        return max(self.gone.values(), default="")

    @property
    def present(self) -> list[Size]:
        """The sizes that it has now, that with the most paid for first."""
        gone = self.gone
        now = [size for memory_mb, size in self.sizes.items() if memory_mb not in gone]
        return sorted(now, key=lambda size: (-size.mb_ms, -size.memory_mb))

    @property
    def main_size(self) -> Size:
        """Of the sizes that it has now, that with the most paid for."""
        return self.present[0]


def merged_days(days: Iterable[Mapping[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    """Add up what each day has."""
    merged: dict[str, tuple[int, int]] = {}
    for one in days:
        for day, (count, mb_ms) in one.items():
            before = merged.get(day, (0, 0))
            merged[day] = (before[0] + count, before[1] + mb_ms)
    return dict(sorted(merged.items()))


def functions(tally: Tally, sources: Sequence[Source]) -> list[FunctionLog]:
    """Return the functions of a log, that with the most paid for first."""
    names = _Names(tally, sources)
    found: dict[str, FunctionLog] = {}
    of_source: dict[str, set[str]] = {}
    for (kind, source, said, memory_mb, cold), group in tally.groups.items():
        if kind != "report":
            continue
        name = names.of(source, said)
        # Of ten thousand logs, thousands say the same: none is made that is not needed.
        log = found.get(name) or found.setdefault(
            name, FunctionLog(name, names.is_known(source, said))
        )
        size = log.sizes.get(memory_mb) or log.sizes.setdefault(memory_mb, Size(memory_mb))
        (size.cold if cold else size.warm).add(group)
        of_source.setdefault(source, set()).add(name)
    for (kind, source, said, memory_mb, _), group in tally.groups.items():
        if kind == "cpu":
            owner = found.get(said) or found.get(names.of(source, ""))
            if owner:
                owner.cpu.setdefault(memory_mb, Sums()).add(group.sums)
    _add_spans(tally, names, found)
    for source, said, of, value in sorted(tally.facts):
        own = names.of(source, said)
        others = set() if of == DATADOG else of_source.get(source, set())
        for name in {own} & found.keys() or others:
            found[name].facts.setdefault(of, set()).add(value)
    return sorted(found.values(), key=lambda log: (-log.mb_ms, log.name))


def _add_spans(tally: Tally, names: _Names, found: Mapping[str, FunctionLog]) -> None:
    """Add what spans say to the functions that they are of: those of traces, and Lambda's own."""
    for (source, said, called, memory_mb), spans in tally.spans.items():
        owner = found.get(names.of(source, said)) or found.get(called)
        if owner:
            owner.spans.setdefault(memory_mb, SpanSums()).add(spans)
    for (source, said), answers in tally.answers.items():
        found[names.of(source, said)].answers.add(answers)


class _Names:
    """What the function of a record is called.

    As its line says; or as its log is said to be; or else it is unknown. A record that says nothing
    is of the only meter in its log if no other record there is without a name but those of calls
    that were stopped, for a meter cannot write a line for them; and of the only function of its
    spans in the same way, if every other record has spans.
    """

    def __init__(self, tally: Tally, sources: Sequence[Source]) -> None:
        self._given = {source.label: source.function for source in sources}
        self._labels = dict.fromkeys((*self._given, *(source for _, source, *_ in tally.groups)))
        metered: dict[str, set[str]] = {}
        ended: dict[str, int] = {}
        for (kind, source, said, _, _), group in tally.groups.items():
            if kind == "cpu" and said:
                metered.setdefault(source, set()).add(said)
            if kind == "report" and not said:
                sums = group.sums
                alive = sums.invocations - sums.timeouts - sums.failures
                ended[source] = ended.get(source, 0) + alive
        for (source, said, called, _), spans in tally.spans.items():
            if called and not said:
                metered.setdefault(source, set()).add(called)
                ended[source] = ended.get(source, 0) - spans.invocations
        self._metered = {
            source: next(iter(names))
            for source, names in metered.items()
            if len(names) == 1 and ended.get(source, 0) <= 0
        }

    @cached_property
    def _unknown(self) -> dict[str, str]:
        return unknown(self._labels)

    def is_known(self, source: str, said: str) -> bool:
        """Return whether anything says the name."""
        return bool(said or self._given.get(source) or self._metered.get(source))

    def of(self, source: str, said: str) -> str:
        """Return the name for a record of that log."""
        known = said or self._given.get(source, "") or self._metered.get(source, "")
        return known or self._unknown.get(source) or unknown([source])[source]
