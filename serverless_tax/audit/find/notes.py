"""What to know about an audit's figures: what was left out, rounded or changed, a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from serverless_tax.audit.find.money import Terms, region_of
from serverless_tax.audit.read.marks import A_RECORD_HAS
from serverless_tax.audit.read.sources import SPANS, Source
from serverless_tax.audit.sums.functions import FunctionLog
from serverless_tax.audit.sums.period import Range
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.ground.show import many, show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB
from serverless_tax.prices import billing_day, price_sheet, regions


def unread(tally: Tally) -> Iterator[str]:
    """Say what the unread are that begin as no record does, and what to do with them."""
    if encoded := tally.kinds["encoded"]:
        yield (
            f"Of the unread, {many(encoded, 'line', 'are')} encoded, it seems: nobody knows how"
            " many invocations are in them, so decode them first."
        )
    if rows := tally.kinds["row"]:
        yield (
            f"Of the unread, {many(rows, 'row', 'are')} of a table whose heads do not say which"
            f" column is which: call them {A_RECORD_HAS}."
        )


def beside(tally: Tally) -> Iterator[str]:
    """Say what is not as usual where an engine added up, or spans came beside the log."""
    if tally.by_engine:
        yield (
            "An engine added up, and put lengths together in steps of up to 1%, so p50 and p99 are"
            " right to half a percent; all else is as exact as from the log."
        )
        yield (
            "An engine added up: a record that stands in its table twice counts twice, and no line"
            " says there of which region a function is or whether it is provisioned. A record"
            " without a function's name gets none from what was measured of its request."
        )
    if tally.left:
        yield (
            f"{tally.left:,} of the unread are lines that the SQL leaves to other rules: bring them"
            " with the query of audit --sql-left."
        )
    if tally.lost_spans:
        yield (
            f"{many(tally.lost_spans, 'invocation', 'have')} spans and no record in the logs: not"
            " counted."
        )


def repeated(tally: Tally) -> Iterator[str]:
    """Say how many records stand there twice, and how many are of calls that were tried again."""
    if tally.twice:
        yield stands_twice(tally.twice, "record", "the logs")
    if tally.again:
        yield (
            f"{many(tally.again, 'record', 'have')} the request id of another, and other figures or"
            " a time that is a minute away or more: a call that is tried again is billed again, so"
            " each counts."
        )
    if tally.alike:
        yield (
            f"Of those, {many(tally.alike, 'record', 'have')} the very same figures as another,"
            " which a call that is tried again hardly has: if a shipper sent them again, take the"
            " copies out of the logs."
        )
    if tally.once_is_full:
        yield "The logs are long: records that stand far from each other may count twice."


def stands_twice(count: int, noun: str, where: str) -> str:
    """Say how many of something stand somewhere twice.

    >>> stands_twice(1, "row", "the bill")
    '1 row stands in the bill twice, and is counted once.'
    """
    are = "is" if count == 1 else "are"
    return f"{many(count, noun, 'stand')} in {where} twice, and {are} counted once."


def changed(log: FunctionLog, month: Range | None) -> Iterator[str]:
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


def in_hundreds(log: FunctionLog) -> bool:
    """Whether every length was rounded up to 100 ms: some by more than a millisecond."""
    sums = log.sums
    added_ms = sums.billed_total_ms - sums.duration_total_ns / 1e6
    # A long step begins with a whole hundred whatever lies in it: what it adds up to has to be one.
    lengths = (ms for size in log.sizes.values() for _, ms in size.steps.values())
    return (
        sums.invocations >= _NO_CHANCE
        and added_ms > 1.01 * sums.invocations
        and all(ms % _OLD_STEP_MS == 0 for ms in lengths)
    )


def rounded(log: FunctionLog) -> str:
    """Say that a log is priced as it was billed, and what today's rounding would leave."""
    sums = log.sums
    today_ms = sums.duration_total_ns / 1e6 + sums.init_billed_ms + 0.5 * sums.invocations
    less = 1 - today_ms / sums.billed_total_ms
    return (
        f"{log.name}: every length is rounded up to 100 ms, as Lambda billed until 2020-12-01, and"
        f" is priced as it was billed. Rounded up to 1 ms, it would be about {less:.0%} less."
    )


def on_one_thread(names: Sequence[str]) -> str:
    """Say what less memory does to functions of more than one vCPU whose work uses all of it."""
    return (
        f"{_first_of(names)}: work is taken to run on one thread. If it uses every vCPU that more"
        f" than {show(FULL_VCPU_MB, 'mb')} has, less memory makes it longer and saves nothing of"
        " it."
    )


def silent(tally: Tally, sources: Sequence[Source]) -> list[Source]:
    """Return the logs that were read, and of which no invocation or measurement was counted."""
    told = {source for _, source, *_ in tally.groups} | {source for source, *_ in tally.facts}
    told |= {*tally.failed}
    logs = (one for one in sources if not (one.refused or one.failed or one.form == SPANS))
    return [one for one in logs if one.label not in told]


def not_read(tally: Tally, sources: Sequence[Source]) -> Iterator[str]:
    """Name the files that are no logs, those that hold nothing, and those with no invocation."""
    refused = [f"{source.label} ({source.refused})" for source in sources if source.refused]
    if refused:
        yield f"{len(refused):,} files are not logs and were not read: {_first_of(refused)}."
    empty = [one.label for one in sources if one.is_empty]
    if empty:
        yield f"{many(len(empty), 'file', 'are')} empty: {_first_of(empty)}."
    others = [one.label for one in silent(tally, sources) if not one.is_empty]
    if others:
        hold = "holds" if len(others) == 1 else "hold"
        none = "no invocation that another does not" if tally.twice else "no invocation"
        yield f"{many(len(others), 'log')} {hold} {none}: {_first_of(others)}."


def failed(tally: Tally) -> Iterator[str]:
    """Name the logs that were not read to their end, and why."""
    if tally.failed:
        named = [f"{label} ({reason})" for label, reason in tally.failed.items()]
        yield (
            f"Of the files, {len(named):,} could not be read to the end, and what is missing was"
            f" not counted: {_first_of(named)}."
        )


def _first_of(named: Sequence[str]) -> str:
    return ", ".join(named[:3]) + ", and more" * (len(named) > 3)  # noqa: PLR2004


def _others(logs: Sequence[FunctionLog], terms: Terms) -> str:
    """Name the functions of another architecture."""
    said = {log.name: terms.architecture_of(log.name) for log in logs}
    other = {name: which for name, which in said.items() if which != terms.architecture}
    return "".join(f" ({name}: {which})" for name, which in other.items())


def priced(logs: Sequence[FunctionLog], terms: Terms) -> Iterator[str]:
    """Say by which prices, and where the log says something else."""
    priced_in = {region_of(log, terms) for log in logs if not log.is_edge} or {terms.region}
    yield (
        f"Priced as {terms.architecture}{_others(logs, terms)} in"
        f" {' and '.join(sorted(priced_in))}, on demand: a log does not say"
        " the architecture, nor Savings Plans, SnapStart's cache or larger /tmp."
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
