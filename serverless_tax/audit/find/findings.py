"""What an audit finds: of each function, and of all together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from typing import Any

from serverless_tax.audit.find.answers import SentAnswers, answers
from serverless_tax.audit.find.changes import Advised, Change, advised, placed, prices_asked
from serverless_tax.audit.find.cpu_share import Waiting, waiting
from serverless_tax.audit.find.model_calls import ModelCalls, model_calls
from serverless_tax.audit.find.money import MB_MS, Money, Terms, money, region_of
from serverless_tax.audit.find.notes import (
    beside,
    changed,
    failed,
    in_hundreds,
    not_read,
    on_one_thread,
    priced,
    repeated,
    rounded,
    silent,
    unread,
)
from serverless_tax.audit.find.sizes import SizeFinding, sizes_of, unused_mb_ms
from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.sums.functions import FunctionLog, functions, merged_days
from serverless_tax.audit.sums.period import LEAST_DAYS, Period, Range, monthly, period, together
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.ground.settings import Settings
from serverless_tax.ground.show import many, show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB
from serverless_tax.prices import HOME_REGION
from serverless_tax.questions.assumed import any_assumed, slower_assumed, suspended_assumed
from serverless_tax.questions.facts import HOURS_USD
from serverless_tax.questions.ladder import HORIZON_MONTHS
from serverless_tax.questions.paid_months import Bills
from serverless_tax.questions.rungs import LEAST_HOURS

#: Functions for which the ladder is worked out: those that cost most.
WITH_RUNGS = 100
#: Functions of which much is said: those that cost most.
IN_DETAIL = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFinding:
    """What an audit finds of a function; each amount is of the period, unless it says a month.

    ``unused_usd`` is what memory that was never used costs, headroom taken off. It is no saving:
    memory is CPU too, and what less of it saves is the change with that name. ``sentence`` is what
    to do, as the advisor says it, ``steps`` the rungs that it names, and ``saving_usd`` what a
    month costs less with them, twice (None where that is a range), and ``first_year_usd`` what is
    left of a year after the work, from the least to the most; an end is None where no month is
    known to bound it. ``region`` is the one whose prices these are.
    """

    name: str
    region: str
    period: Period
    invocations: int
    billed_ms: int
    mb_ms: int
    usd: float
    month: Range | None
    cold_starts: int
    init_usd: float
    init_share: float
    init_rule: dict[str, int]
    timeouts: int
    timeout_usd: float
    crashes: int
    crash_usd: float
    out_of_memory: int
    unused_usd: float
    waiting: Waiting
    models: ModelCalls | None
    answers: SentAnswers | None
    waiting_usd: float | None
    most_waiting_usd: float | None
    sizes: tuple[SizeFinding, ...]
    sentence: str
    steps: tuple[str, ...] | None
    saving_usd: tuple[float, float] | None
    first_year_usd: tuple[float | None, float | None] | None
    changes: tuple[Change, ...]
    changes_known: bool

    @property
    def gb_seconds(self) -> float:
        """What was billed, in GB-seconds."""
        return self.mb_ms / MB_MS

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        nested = (
            "period",
            "month",
            "waiting",
            "models",
            "answers",
            "sizes",
            "changes",
            "changes_known",
        )
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in nested}
        return plain | {
            "gb_seconds": self.gb_seconds,
            "period": self.period.to_dict(),
            "month": self.month.to_dict() if self.month else None,
            "waiting": self.waiting.to_dict(),
            "models": asdict(self.models) if self.models else None,
            "answers": asdict(self.answers) if self.answers else None,
            "sizes": [size.to_dict() for size in self.sizes],
            "changes_per": "month" if self.month else "period of the log",
            "changes": (
                [one.to_dict(self.name) for one in self.changes] if self.changes_known else None
            ),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit finds: the totals, each function, what could not be read, what to know."""

    functions: tuple[FunctionFinding, ...]
    period: Period
    terms: Terms
    usd: float
    month: Range | None
    unread: dict[str, Any]
    notes: tuple[str, ...]

    def total(self, name: str) -> Any:
        """Add up a figure over the functions."""
        values = [getattr(one, name) for one in self.functions]
        return sum(values) if all(isinstance(v, int) for v in values) else math.fsum(values)

    @property
    def ranked(self) -> list[tuple[FunctionFinding, Change]]:
        """Every change of every function, the best first."""
        found = [
            (place, one, change) for one in self.functions for place, change in placed(one.changes)
        ]
        found.sort(key=lambda each: (*each[0], each[1].name))
        return [(one, change) for _, one, change in found]

    @property
    def listed(self) -> list[tuple[FunctionFinding, Change]]:
        """The ranked changes that may pay within five years, or are for more than money.

        A bill below the least work has those alone that pay, or are for more.
        """
        hour_usd = HOURS_USD[0] if self.terms.hour_usd is None else self.terms.hour_usd
        if not self.month or self.month.high_usd * HORIZON_MONTHS > LEAST_HOURS * hour_usd:
            return [one for one in self.ranked if not one[1].never_pays]
        return [one for one in self.ranked if one[1].pays or one[1].faster]

    @property
    def never(self) -> list[tuple[FunctionFinding, Change]]:
        """The changes that pay within five years in no case, where any is listed."""
        return [one for one in self.ranked if one[1].never_pays] if self.listed else []

    @property
    def waiting_usd(self) -> tuple[float, float]:
        """What waiting cost at least, and at most: where it is not known, nothing or all."""
        least = math.fsum(one.waiting_usd or 0.0 for one in self.functions)
        most = (
            one.usd - one.init_usd if one.most_waiting_usd is None else one.most_waiting_usd
            for one in self.functions
        )
        return least, math.fsum(most)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        low, high = self.waiting_usd
        whole = ("invocations", "billed_ms", "mb_ms", "gb_seconds", "cold_starts", "timeouts")
        names = (*whole, "init_usd", "timeout_usd", "crashes", "crash_usd", "unused_usd")
        totals = {name: self.total(name) for name in names}
        regions = {one.region for one in self.functions} or {self.terms.region}
        return {
            "totals": totals
            | {
                "usd": self.usd,
                "month": self.month.to_dict() if self.month else None,
                "waiting_low_usd": low,
                "waiting_high_usd": high,
                "period": self.period.to_dict(),
                "region": regions.pop() if len(regions) == 1 else None,  # several: see functions
                "architecture": self.terms.architecture,
                "free_tier": self.terms.free_tier,
                "notes": list(self.notes),
            },
            "ranked": [f"{one.name}/{change.id}" for one, change in self.ranked],
            "functions": [one.to_dict() for one in self.functions],
            "unread": self.unread,
        }


def findings(
    tally: Tally,
    sources: Sequence[Source],
    terms: Terms | None = None,
    cpu_ms: Mapping[str, float] | None = None,
) -> Audit:
    """Return what an audit finds in the sums of a log.

    Args:
        tally: the sums.
        sources: the logs they are of, for their names.
        terms: prices; today's list prices by default.
        cpu_ms: CPU of an invocation that its user states, by function; ``*`` for every other.

    Raises:
        UnknownPrice: if there is no price for that region or day.
    """
    terms = terms or Terms()
    logs = functions(tally, sources)
    rates = money(logs, terms)
    covered = _period(logs)
    stated = cpu_ms or {}
    found = []
    pricing: dict[str, Callable[[float], Bills]] = {}
    for k, log in enumerate(logs):
        known = waiting(log, stated.get(log.name, stated.get("*")))
        there = replace(terms, region=region_of(log, terms))
        bills = None
        if k < WITH_RUNGS and not (log.is_edge or log.is_provisioned):
            bills = pricing.setdefault(there.region, cache(partial(Bills, prices_asked(there))))
        found.append(
            _function(
                log,
                known,
                rates[log.name],
                covered,
                terms=there,
                priced=bills,
                in_detail=k < IN_DETAIL,
            )
        )
    usd = math.fsum(one.usd for one in found)
    days: dict[str, float] = {}
    for log in logs:
        for day, cost in _usd_by_day(log.by_day, rates[log.name]).items():
            days[day] = days.get(day, 0.0) + cost
    return Audit(
        functions=tuple(found),
        period=covered,
        terms=terms,
        usd=usd,
        month=_month(covered, days, logs, found),
        unread=_unread(tally, sources),
        notes=(
            *_notes(tally, logs, found, covered, terms),
            *not_read(tally, sources),
            *failed(tally),
        ),
    )


def _function(
    log: FunctionLog,
    known: Waiting,
    rates: Money,
    covered: Period,
    *,
    terms: Terms,
    priced: Callable[[float], Bills] | None,
    in_detail: bool,
) -> FunctionFinding:
    """Return what is found of a function; its changes too, if there are prices to ask."""
    sums, mb_ms = log.sums, log.mb_ms
    usd = rates.usd(sums.invocations, mb_ms)
    month = monthly(covered, _usd_by_day(log.by_day, rates), log.changed_at)
    init_mb_ms = _over_sizes(log, "init_billed_ms") + _over_sizes(log, "restore_billed_ms")
    time_usd = rates.duration_usd(mb_ms)
    says = Advised()
    if priced:
        months = _months_of_main_size(log, month, rates)
        paid_usd = month.usd if month else usd
        says = advised(
            log, known, months, terms, paid_usd=paid_usd, priced=priced, in_detail=in_detail
        )
    return FunctionFinding(
        name=log.name,
        region=HOME_REGION if log.is_edge else terms.region,
        period=_period([log]),
        invocations=sums.invocations,
        billed_ms=sums.billed_total_ms,
        mb_ms=mb_ms,
        usd=usd,
        month=month,
        cold_starts=sums.cold_starts,
        init_usd=rates.duration_usd(init_mb_ms),
        init_share=init_mb_ms / mb_ms if mb_ms else 0.0,
        init_rule={"billed": sums.billed_inits, "not_billed": sums.free_inits},
        timeouts=sums.timeouts,
        timeout_usd=rates.duration_usd(_over_sizes(log, "timeout_billed_ms")),
        crashes=sums.failures,
        crash_usd=rates.duration_usd(_over_sizes(log, "failure_billed_ms")),
        out_of_memory=sums.out_of_memory,
        unused_usd=rates.duration_usd(unused_mb_ms(log)),
        waiting=known,
        models=model_calls(log),
        answers=answers(log),
        waiting_usd=None if known.share is None else time_usd * known.share,
        most_waiting_usd=None if known.most_share is None else time_usd * known.most_share,
        sizes=tuple(sizes_of(log)),
        sentence=says.sentence,
        steps=says.steps,
        saving_usd=says.saving_usd,
        first_year_usd=says.first_year_usd,
        changes=says.changes,
        changes_known=priced is not None,
    )


def _month(
    covered: Period,
    days: Mapping[str, float],
    logs: Sequence[FunctionLog],
    found: Sequence[FunctionFinding],
) -> Range | None:
    """Return what all come to in a month; the functions' own months where one was changed."""
    if not any(log.changed_at for log in logs):
        return monthly(covered, days)
    return together([one.month for one in found if one.month])


def _months_of_main_size(log: FunctionLog, month: Range | None, rates: Money) -> float | None:
    """Return how many months, as the present is, the calls of the main size are, if it is known.

    Of a function that nobody calls any more they are more than any number of months.
    """
    if month is None:
        return None
    if not month.usd:
        return math.inf
    main = log.main_size
    part = main.mb_ms / max(sum(size.mb_ms for size in log.present), 1)
    return rates.usd(main.sums.invocations, main.mb_ms) / (month.usd * part) if part else None


def _period(logs: Sequence[FunctionLog]) -> Period:
    times = [t for log in logs for t in (log.sums.first_time, log.sums.last_time)]
    return period(merged_days(log.by_day for log in logs), times)


def _usd_by_day(days: Mapping[str, tuple[int, int]], rates: Money) -> dict[str, float]:
    return {day: rates.usd(count, mb_ms) for day, (count, mb_ms) in days.items()}


def _over_sizes(log: FunctionLog, name: str) -> int:
    return sum(memory_mb * int(getattr(size.sums, name)) for memory_mb, size in log.sizes.items())


def _unread(tally: Tally, sources: Sequence[Source]) -> dict[str, Any]:
    return {
        "silent": [one.label for one in silent(tally, sources) if not one.is_member],
        "records": tally.unread,
        "files": len(tally.failed),
        "measurements": tally.unread_measurements,
        "first": [{"source": source, "text": text} for source, text in tally.unread_shown],
    }


def _notes(
    tally: Tally,
    logs: Sequence[FunctionLog],
    found: Sequence[FunctionFinding],
    covered: Period,
    terms: Terms,
) -> list[str]:
    """Say what to know about the figures."""
    total = sum(log.sums.invocations for log in logs)
    notes = list(priced(logs, terms))
    notes += repeated(tally)
    if covered.untimed:
        notes.append(f"{covered.untimed:,} of {many(total, 'invocation')} had no time on the line.")
    elif covered.span_days < LEAST_DAYS and total:
        notes.append(
            "The log covers less than a week, so nothing is said of a month: audit a week of it, or"
            " tell serverless-tax decide what it says, with --requests for a month's."
        )
    if covered.missing:
        days = f"{len(covered.missing)} of the days covered"
        has = "has" if len(covered.missing) == 1 else "have"
        notes.append(f"{days} {has} no line: no traffic, or no log of it.")
    if covered.first:
        notes.append("What the log group's retention deleted before the first line is not in it.")
    each = zip(logs, found, strict=True)
    notes.extend(note for log, one in each for note in changed(log, one.month))
    notes.extend(rounded(log) for log in logs if in_hundreds(log))
    if tally.concurrent:
        notes.append(
            f"{tally.concurrent:,} calls ran beside another in their process: their CPU could not"
            " be told apart, and is not counted."
        )
    notes.extend(unread(tally))
    notes.extend(beside(tally))
    notes.extend(_about_changes(found, terms))
    return notes


def _about_changes(found: Sequence[FunctionFinding], terms: Terms) -> Iterator[str]:
    if terms.effective_rate is None:
        yield f"The log's dollars are at list prices. {any_assumed()['any_rate']}"
    elif terms.effective_rate != 1:
        yield f"AWS is paid at {show(terms.effective_rate, 'percent')} of the list price."
    if len(found) > WITH_RUNGS:
        yield f"Changes are worked out for the {WITH_RUNGS} functions that cost most."
    if many_cpus := [one.name for one in found if _cuts_many_cpus(one)]:
        yield on_one_thread(many_cpus)
    if any(change.id == "memory" for one in found for change in one.changes):
        yield slower_assumed()
    if any(change.id == "suspended" for one in found for change in one.changes):
        yield suspended_assumed(Settings().suspended_share)
    if any(one.changes for one in found):
        hour = any_assumed()["any_hour"]
        if terms.hour_usd is not None:
            usd = show(terms.hour_usd, "usd")
            hour = (
                f"An hour of work is taken for {usd} (--hour-usd); the hours are estimates of ours."
            )
        yield f"{hour} Each change stands on what pays of its function above it."


def _cuts_many_cpus(one: FunctionFinding) -> bool:
    """Whether a change takes memory from a function that has more than one vCPU."""
    now_mb = max((size.memory_mb for size in one.sizes if not size.gone_since), default=0.0)
    less = any(change.id == "memory" and not change.needed for change in one.changes)
    return less and now_mb > FULL_VCPU_MB
