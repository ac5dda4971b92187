"""What an audit finds: of each function, and of all together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from serverless_tax.audit.find.changes import Advised, Change, advised, prices_asked
from serverless_tax.audit.find.cpu_share import Waiting, percentile, waiting
from serverless_tax.audit.find.model_calls import ModelCalls, model_calls
from serverless_tax.audit.find.money import MB_MS, Money, Terms, money, region_of
from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.sums.functions import FunctionLog, functions, merged_days
from serverless_tax.audit.sums.period import LEAST_DAYS, Period, Range, monthly, period, together
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.ground.show import show
from serverless_tax.prices import HOME_REGION, billing_day, price_sheet, regions
from serverless_tax.questions.paid_months import Bills
from serverless_tax.questions.right_size import needed_mb

#: Functions for which the ladder is worked out: those that cost most.
WITH_RUNGS = 100
#: Functions of which much is said: those that cost most.
IN_DETAIL = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeFinding:
    """A function at one memory size; the lengths are what was billed, exactly.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFinding:
    """What an audit finds of a function; each amount is of the period, unless it says a month.

    ``unused_usd`` is what memory that was never used costs, headroom taken off. It is no saving:
    memory is CPU too, and what less of it saves is the change with that name. ``sentence`` is what
    to do, as the advisor says it; of a million requests where a month is not known. ``region`` is
    the one whose prices these are.
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
    waiting_usd: float | None
    most_waiting_usd: float | None
    sizes: tuple[SizeFinding, ...]
    sentence: str
    changes: tuple[Change, ...]
    changes_known: bool

    @property
    def gb_seconds(self) -> float:
        """What was billed, in GB-seconds."""
        return self.mb_ms / MB_MS

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        nested = ("period", "month", "waiting", "models", "sizes", "changes", "changes_known")
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in nested}
        return plain | {
            "gb_seconds": self.gb_seconds,
            "period": self.period.to_dict(),
            "month": self.month.to_dict() if self.month else None,
            "waiting": self.waiting.to_dict(),
            "models": asdict(self.models) if self.models else None,
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
        found = [(one, change) for one in self.functions for change in one.changes]
        return sorted(found, key=lambda each: (*each[1].rank, each[0].name))

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
        return {
            "totals": totals
            | {
                "usd": self.usd,
                "month": self.month.to_dict() if self.month else None,
                "waiting_low_usd": low,
                "waiting_high_usd": high,
                "period": self.period.to_dict(),
                "region": self.terms.region,
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
    pricing: dict[str, Bills] = {}
    for k, log in enumerate(logs):
        known = waiting(log, stated.get(log.name, stated.get("*")))
        there = replace(terms, region=region_of(log, terms))
        bills = None
        if k < WITH_RUNGS and not (log.is_edge or log.is_provisioned):
            bills = pricing.setdefault(
                there.region, Bills(prices_asked(there), terms.effective_rate)
            )
        found.append(
            _function(
                log,
                known,
                rates[log.name],
                covered,
                terms=there,
                pricing=bills,
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
        unread=_unread(tally),
        notes=(*_notes(tally, logs, found, covered, terms), *_not_read(sources), *_failed(tally)),
    )


def _function(
    log: FunctionLog,
    known: Waiting,
    rates: Money,
    covered: Period,
    *,
    terms: Terms,
    pricing: Bills | None,
    in_detail: bool,
) -> FunctionFinding:
    """Return what is found of a function; its changes too, if there is pricing to ask."""
    sums, mb_ms = log.sums, log.mb_ms
    usd = rates.usd(sums.invocations, mb_ms)
    month = monthly(covered, _usd_by_day(log.by_day, rates), log.changed_at)
    init_mb_ms = _over_sizes(log, "init_billed_ms") + _over_sizes(log, "restore_billed_ms")
    time_usd = rates.duration_usd(mb_ms)
    says = Advised()
    if pricing:
        months = _months_of_main_size(log, month, rates)
        paid_usd = month.usd if month else usd
        says = advised(
            log, known, months, terms, paid_usd=paid_usd, pricing=pricing, in_detail=in_detail
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
        unused_usd=rates.duration_usd(_unused_mb_ms(log)),
        waiting=known,
        models=model_calls(log),
        waiting_usd=None if known.share is None else time_usd * known.share,
        most_waiting_usd=None if known.most_share is None else time_usd * known.most_share,
        sizes=tuple(_sizes(log)),
        sentence=says.sentence,
        changes=says.changes,
        changes_known=pricing is not None,
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
    """Return how many months, as the present is, the calls of the main size are, if it is known."""
    if month is None:
        return None
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


def _unused_mb_ms(log: FunctionLog) -> float:
    over = 0.0
    for memory_mb, size in log.sizes.items():
        spare_mb = max(memory_mb - int(needed_mb(size.sums.peak_used_mb)), 0)
        over += size.mb_ms * spare_mb / memory_mb
    return over


def _sizes(log: FunctionLog) -> list[SizeFinding]:
    found, gone = [], log.gone
    for memory_mb, size in sorted(log.sizes.items()):
        lengths = size.by_billed_ms
        peak_mb = size.sums.peak_used_mb
        found.append(
            SizeFinding(
                memory_mb=memory_mb,
                invocations=size.sums.invocations,
                peak_used_mb=peak_mb,
                needed_mb=int(needed_mb(peak_mb)),
                p50_ms=percentile(lengths, 0.5),
                p99_ms=percentile(lengths, 0.99),
                gone_since=gone.get(memory_mb),
            )
        )
    return found


def _unread(tally: Tally) -> dict[str, Any]:
    return {
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
    notes = list(_priced(logs, terms))
    if tally.twice:
        notes.append(f"{tally.twice:,} records stand in the logs twice, and are counted once.")
    if tally.once_is_full:
        notes.append("The logs are long: records that stand far from each other may count twice.")
    if covered.untimed:
        notes.append(f"{covered.untimed:,} of {total:,} invocations have no time on their line.")
    elif covered.span_days < LEAST_DAYS and total:
        notes.append("The log covers less than a week, so nothing is said of a month.")
    if covered.missing:
        count = len(covered.missing)
        notes.append(f"{count} of the days covered have no line: no traffic, or no log of it.")
    if covered.first:
        notes.append("What the log group's retention deleted before the first line is not in it.")
    each = zip(logs, found, strict=True)
    notes.extend(note for log, one in each for note in _changed(log, one.month))
    notes.extend(_rounded(log) for log in logs if _in_hundreds(log))
    if tally.concurrent:
        notes.append(
            f"{tally.concurrent:,} calls ran beside another in their process: their CPU could not"
            " be told apart, and is not counted."
        )
    notes.extend(_beside(tally))
    notes.extend(_about_changes(found, terms))
    return notes


def _beside(tally: Tally) -> Iterator[str]:
    """Say what is not as usual where an engine added up, or spans came beside the log."""
    if tally.by_engine:
        yield (
            "An engine added up, and put lengths together in steps of up to 1%, so p50 and p99 are"
            " right to half a percent; all else is as exact as from the log."
        )
        yield (
            "An engine added up: a record that stands in its table twice counts twice, and no line"
            " says there of which region a function is or whether it is provisioned."
        )
    if tally.left:
        yield (
            f"{tally.left:,} of the unread are lines that the SQL leaves to other rules: bring them"
            " with the query of audit --sql-left."
        )
    if tally.lost_spans:
        yield (
            f"{tally.lost_spans:,} invocations have spans and no record in the logs: they are not"
            " counted."
        )


def _about_changes(found: Sequence[FunctionFinding], terms: Terms) -> Iterator[str]:
    if terms.effective_rate != 1:
        yield f"AWS is paid at {show(terms.effective_rate, 'percent')} of the list price."
    if len(found) > WITH_RUNGS:
        yield f"Changes are worked out for the {WITH_RUNGS} functions that cost most."
    if any(one.changes for one in found):
        yield (
            f"An hour of work is taken for {show(terms.hour_usd, 'usd')} (--hour-usd); the hours"
            " are estimates of ours. Each change stands on those of its function above it."
        )


def _changed(log: FunctionLog, month: Range | None) -> Iterator[str]:
    """Say from which days a month is named, where it is not of all of them."""
    if log.changed_at:
        before = ", ".join(show(memory_mb, "mb") for memory_mb in sorted(log.gone))
        now = ", ".join(show(size.memory_mb, "mb") for size in log.present)
        rest = (
            "a month is that of the days since"
            if month
            else ("since then there is no week, so no month is named")
        )
        yield f"{log.name}: {before} until {log.changed_at[:10]}, {now} now; {rest}."
    elif month and month.since:
        yield (
            f"{log.name}: the last week is unlike the days before it; a month is named from"
            f" {month.since} on."
        )


#: Until 2020-12-01 Lambda rounded up to this many milliseconds.
#: Source: https://aws.amazon.com/about-aws/whats-new/2020/12/aws-lambda-changes-duration-billing-granularity-from-100ms-to-1ms/
_OLD_STEP_MS = 100
#: Lengths that are all whole steps are no chance from so many on.
_NO_CHANCE = 3


def _in_hundreds(log: FunctionLog) -> bool:
    """Whether every length was rounded up to 100 ms: some by more than a millisecond."""
    sums, lengths = log.sums, {ms for size in log.sizes.values() for ms in size.steps}
    added_ms = sums.billed_total_ms - sums.duration_total_ns / 1e6
    return (
        sums.invocations >= _NO_CHANCE
        and all(ms % _OLD_STEP_MS == 0 for ms in lengths)
        and added_ms > 1.01 * sums.invocations
    )


def _rounded(log: FunctionLog) -> str:
    """Say that a log is priced as it was billed, and what today's rounding would leave."""
    sums = log.sums
    today_ms = sums.duration_total_ns / 1e6 + sums.init_billed_ms + 0.5 * sums.invocations
    less = 1 - today_ms / sums.billed_total_ms
    return (
        f"{log.name}: every length is rounded up to 100 ms, as Lambda billed until 2020-12-01, and"
        f" is priced as it was billed. Rounded up to 1 ms, it would be about {less:.0%} less."
    )


def _not_read(sources: Sequence[Source]) -> Iterator[str]:
    refused = [source for source in sources if source.refused]
    if refused:
        first = ", ".join(f"{source.label} ({source.refused})" for source in refused[:3])
        more = ", and more" if len(refused) > 3 else ""  # noqa: PLR2004
        yield f"{len(refused):,} files are not logs and were not read: {first}{more}."


def _failed(tally: Tally) -> Iterator[str]:
    if tally.failed:
        named = [f"{label} ({reason})" for label, reason in tally.failed.items()]
        more = ", and more" if len(named) > 3 else ""  # noqa: PLR2004
        yield (
            f"Of the files, {len(named):,} could not be read to the end, and what is missing was"
            f" not counted: {', '.join(named[:3])}{more}."
        )


def _others(terms: Terms) -> str:
    """Name the functions of another architecture."""
    return "".join(f" ({name}: {which})" for name, which in terms.architectures.items())


def _priced(logs: Sequence[FunctionLog], terms: Terms) -> Iterator[str]:
    """Say by which prices, and where the log says something else."""
    priced_in = {region_of(log, terms) for log in logs if not log.is_edge} or {terms.region}
    yield (
        f"Priced as {terms.architecture}{_others(terms)} in {' and '.join(sorted(priced_in))}, on"
        " demand: a log does"
        " not say the architecture, nor Savings Plans, SnapStart's cache or larger /tmp."
    )
    for log in logs:
        said = log.facts.get("region", set()) - {region_of(log, terms)}
        if said and not log.is_edge:
            here, there = region_of(log, terms), " and ".join(sorted(said))
            why = "as --region says"
            if not terms.region_is_given:
                known = ", ".join(regions("aws-lambda"))
                why = f"for which there is a price sheet: the regions with one are {known}"
            yield (
                f"{log.name}: its lines are of {there}, not of {here}, {why}; prices there differ."
            )
        if log.is_provisioned:
            usd = price_sheet("aws-lambda-provisioned", region_of(log, terms))
            held = usd.on(billing_day(terms.on))
            price = held[f"provisioned_duration_{terms.chip_of(log.name)}_gb_seconds"].tiers[0][1]
            yield (
                f"{log.name}: its environments were provisioned, so its duration costs"
                f" ${price:.10f} a GB-second; the capacity comes on top, and no log says it."
            )
        elif "provisioned-concurrency" in log.facts.get("initialization", set()):
            yield (
                f"{log.name}: some of its environments were provisioned; it is priced on demand,"
                " for a log does not say which calls ran in them."
            )
        if log.facts.get("emulator"):
            yield (
                f"{log.name}: lines of the local emulator, with INIT before the duration and all of"
                " the memory used: no function was billed for them."
            )
    if edge := [log.name for log in logs if log.is_edge]:
        yield f"Priced as Lambda@Edge: {', '.join(edge)}."
