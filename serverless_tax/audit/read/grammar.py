"""What the audit reads from a line of a log, and how each such thing is written.

A line holds records: REPORT lines, JSON ``platform.report`` events, and two kinds that say how
busy the CPU was, the line of :mod:`serverless_tax.metered` and an event of Lambda Insights. Lines
of an environment's start say its region and whether it was provisioned. The rules of `records` are
the reference. The SQL of :mod:`serverless_tax.audit.read.sql` reads the usual cases by itself, and
hands every other line back to these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeGuard

from serverless_tax.audit.read.endings import Ended, endings_in
from serverless_tax.audit.read.envelope import lines_of
from serverless_tax.audit.read.figures import NAME, reports_in
from serverless_tax.audit.read.marks import MARKS
from serverless_tax.audit.read.payload import ANY_PACKED, packed_in, printed, unpacked
from serverless_tax.audit.read.plain import PLAIN_START
from serverless_tax.audit.read.tidy import (
    MORE,
    ODD,
    PEAK,
    SEPARATED,
    START,
    TAIL,
    clean,
    read_record,
    unwrapped,
)
from serverless_tax.audit.read.where import (
    Where,
    before,
    function_of_log_group,
    stream_function,
    time_of,
)
from serverless_tax.audit.sums.answers import AnswerSums
from serverless_tax.audit.sums.table import MS, NS, QUANTITIES, WRITTEN, Sums
from serverless_tax.ground.report import BILLED, Report, parse_report

__all__ = ["function_of_log_group", "records", "stream_function"]

#: More than any function has or runs for: a larger figure is no figure, and would drown the sum.
MOST_MEMORY_MB, MOST_MS = 10**6, 10**9

#: When a line was written, UTC, to the second: at its start, or in the event that it is. Whether
#: there is such a day is seen when the days are counted.
TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"

#: The function's name in the name of a log stream that several functions share, as
#: ``aws logs tail`` prints it: ``2026-11-01T… 2026/11/01/rag[$LATEST]4f0c…``.
STREAM_FUNCTION = "^[^ ]{10,40} [0-9]{4}/[0-9]{2}/[0-9]{2}/([0-9A-Za-z_./#-]{1,512})"

#: What a line of JSON begins with, after the time and the stream.
JSON_LINE = '^[^{"]{0,400}([{])'
JSON_REPORT = '("type": ?"platform[.]report")'
METER = '{"metered": 1,'
INSIGHTS = '"cpu_total_time"'

#: What a fact is of that is a mean of Datadog's, with how many points.
DATADOG = "datadog_cpu"

JSON_BEGIN = re.compile(r'^[^{"]{0,400}?(\[\s*(?=[{\["\'])|\{)')
NAMED = re.compile(
    r"(?:type.{0,12}|[\"'>;2])platform[.]report(?![0-9A-Za-z_])"
    # A cell of a table without quotes, and a request's id in another.
    r"|(?<![^,;|\t])platform[.]report(?=[,;|\t].{0,400}-[0-9a-f]{12}(?![^,;|\t]))"
    r"|-[0-9a-f]{12}[,;|\t](?:.{0,400}[,;|\t])?platform[.]report(?![^,;|\t])"
    # And one that is set apart by blanks, as what prints a table does.
    r"|  platform[.]report(?=  .*\d)"
)
#: An event that stands beside a record in what is no JSON any more.
EVENT_BESIDE = re.compile(r"platform[.]report\W.{0,400}?illedDurationMs")
#: The time of an event that the command line wrote as text: the last field of its row, which a line
#: break in the message parts from the rest. Before the message it says when it was ingested.
EVENTS_TIME = re.compile(r"^EVENTS\t.*\n?\t(1[0-9]{12})\r?(?:\n|$)")
_REGION = re.compile(r"INIT_START .*?arn:aws[a-z-]*:lambda:([a-z]{2}(?:-[a-z]+)+-[0-9]):")
_INIT_EVENTS = ("platform.initStart", "platform.initReport")
_DECODER, _LOOSE = json.JSONDecoder(), json.JSONDecoder(strict=False)
#: What a quote became: escaped, or doubled as in a cell of a table, once or in a cell of another.
_QUOTES = [re.compile(one) for one in (r'\\+"', '""', '"{2,}')]
_NS_PER_MS = 10**6


@dataclass(frozen=True, slots=True)
class Record:
    """One record that could be read.

    Attributes:
        kind: ``report`` for an invocation, ``cpu`` for a measurement of one.
        function_name: if the line says it, else nothing.
        memory_mb: configured memory; 0 if a measurement does not say.
        cold: 1 if the environment was started or restored for it.
        billed_ms: what was charged; 0 for a measurement.
        time: when it was written, or nothing.
        sums: what it adds.
        request_id: of the invocation, or nothing.
        init_ns: INIT of a cold start in nanoseconds; None where there is none.
        answer: what Lambda's own spans say, where it has some.
    """

    kind: str
    function_name: str
    memory_mb: int
    cold: int
    billed_ms: int
    time: str
    sums: Sums
    request_id: str = ""
    init_ns: int | None = None
    answer: AnswerSums | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that began but could not be read, or a measurement that says it is none."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What a line says of a function and its environments.

    Attributes:
        function_name: if the line says it, else nothing.
        of: ``region``, ``initialization`` or ``emulator``.
        value: of it.
    """

    function_name: str
    of: str
    value: str


Found = Record | Unread | Fact | Ended


def records(line: str, following: Sequence[str] = ()) -> Iterator[Found]:
    """Yield what a line holds: none for most lines, several where line breaks were lost.

    Args:
        line: of a log.
        following: the lines behind it, of which some may be a part of it that was wrapped.
    """
    mark = next(filter(line.startswith, MARKS), None)
    if mark is None:
        yield from _line(line, following, Where())
    else:
        yield Unread(MARKS[mark], line.removeprefix(mark))


def _line(line: str, following: Sequence[str], around: Where) -> Iterator[Found]:
    if line.startswith(METER):
        yield _meter(line, around)
        return
    begin = JSON_BEGIN.match(line)
    first = START.search(line)
    if begin and not (first and first.start() < begin.start(1)):
        at = begin.start(1)
        outer = before(line[:at]).within(around)
        try:
            while at < len(line):
                value, at = _DECODER.raw_decode(line, at)
                yield from _document(value, outer)
                rest = line[at:].lstrip(" \t\r\n,;")
                at = len(line) - len(rest)
                if rest and not rest.startswith(("{", "[")):
                    break
        except RecursionError:
            if "REPORT" in line or "platform.report" in line:
                yield Unread("report", line)
            return
        except ValueError:
            if value := printed(line[at:]) or _of_ruby(line[at:]):
                yield from _document(value, outer)
                return
        if at >= len(line):
            return
        line = line[at:] if at > begin.start(1) else line
    yield from _text(line, following, around)


def _of_ruby(text: str) -> Any:
    """Return an object as Ruby prints it, with what stands behind it; None if it is none."""
    with suppress(ValueError, RecursionError):
        return _LOOSE.raw_decode(text.replace('"=>', '":'))[0] if '"=>' in text else None
    return None


def _document(value: Any, outer: Where) -> Iterator[Found]:
    """Yield what a document on a line holds."""
    regions = set()
    for where, text in lines_of(value, outer):
        if where.region and where.region not in regions:
            regions.add(where.region)
            yield Fact(where.function, "region", where.region)
        if text.startswith("{"):
            yield from _event(text, where)
        else:
            yield from _line(text, (), where)


def _event(text: str, where: Where) -> Iterator[Found]:
    """Yield what an event that stands by itself holds: the platform's, or a measurement."""
    values = _object(text)
    if values.get("metered") == 1:
        yield _meter(text, where)
    elif "datadog_points" in values:
        said = f"{values['datadog_points']} {values.get('cpu_total_time')}"
        yield Fact(str(values.get("function") or where.function), DATADOG, said)
    elif "cpu_total_time" in values:
        yield _cpu(
            text, values, where, ("function_name", "total_memory", "cpu_total_time", "duration")
        )
    elif values.get("type") in _INIT_EVENTS:
        yield from _init(values, where)
    elif values.get("type") == "platform.report" or '"platform.report"' in text:
        report = _report(text, parse_report(text), where)
        if isinstance(report, Record) and '"spans"' in text:
            report = replace(report, answer=_answer(values.get("record")))
        yield report
    elif NAMED.search(text) and not START.search(text):
        yield Unread("report", text)
    else:
        yield from _text(text, (), where)


def _answer(record: Any) -> AnswerSums | None:
    """Return what the spans of an event say."""
    spans = record.get("spans") if isinstance(record, dict) else None
    said = {
        str(one.get("name")): _ns(one["durationMs"])
        for one in (spans if isinstance(spans, list) else [])
        if isinstance(one, dict) and _is_length(one.get("durationMs"))
    }
    return AnswerSums.of(said)


def _init(values: dict[str, Any], where: Where) -> Iterator[Fact]:
    record = values.get("record")
    said = record if isinstance(record, dict) else {}
    if isinstance(kind := said.get("initializationType"), str):
        yield Fact(where.function, "initialization", kind)
    arn = str(said.get("runtimeVersionArn", "")).split(":")
    if len(arn) > 3 and arn[3]:  # noqa: PLR2004 - the region's place in an ARN
        yield Fact(where.function, "region", arn[3])


def _text(raw: str, following: Sequence[str], outer: Where | None = None) -> Iterator[Found]:
    """Yield the records of a line of text."""
    plain = _alone(raw, following)
    line = raw if plain else clean(unwrapped(raw, following)[0])
    starts = [plain[0]] if plain else [match.start() for match in START.finditer(line)]
    where = before(line[: starts[0]] if starts else line[:400]).within(outer or Where())
    if said := EVENTS_TIME.match("\n".join([line, *following[:1]])):
        where = where._replace(time=time_of(said[1]))
    if region := _REGION.search(line):
        yield Fact(where.function, "region", region.group(1))
    if not plain and NAMED.search(line):
        yield from _events(line, where, are_all=not starts)
    if METER in line and not starts:
        yield _meter(line[line.index(METER) :], where)
    packed = [unpacked(one[0]) for one in packed_in(raw, ANY_PACKED)] if not starts else []
    yield from _document([*filter(None, packed)], where)
    for begin, end in pairwise([*starts, len(line)]):
        report = plain[1] if plain else read_record(line[begin:end])
        yield _report(line[begin:end], report, where)
        if "Init Duration" in line[begin:end] and _of_emulator(line[begin:end]):
            yield Fact(where.function, "emulator", "1")
    yield from endings_in(line)


def _events(line: str, where: Where, *, are_all: bool) -> Iterator[Found]:
    """Yield the events in what is no JSON as a whole; those that cannot be read are unread.

    Where they are not all that the line has, objects with a record in them are left to the rules of
    text.
    """
    named = [one[0] for one in EVENT_BESIDE.finditer(line)] or [line] * are_all
    found = _by_figures(line, where) if named else []
    read_as = (line, *(sign.sub('"', line) for sign in _QUOTES))
    for text in read_as:
        values = _objects(text, has_records=are_all)
        events = [one for value in values for one in _document(value, where)]
        reports = [
            one for one in events if isinstance(one, Record | Unread) and one.kind == "report"
        ]
        found = max(found, reports, key=len)
    yield from found
    yield from (Unread("report", text) for text in named[len(found) :])


def _by_figures(text: str, where: Where) -> list[Record | Unread]:
    """Return the records of events whose figures have their names, though they are no JSON."""
    found = ((Where(time_of(head)).within(where), one) for head, one in reports_in(text))
    return [_report(text, one, here) for here, one in found]


def _objects(text: str, *, has_records: bool) -> Iterator[Any]:
    """Yield the objects of JSON that stand in a text."""
    at = text.find("{")
    while at >= 0:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if has_records or not START.search(text, at, end):
                yield value
        at = text.find("{", end)


def _alone(line: str, following: Sequence[str]) -> tuple[int, Report] | None:
    """Return where the only record of a line begins, and what it says, if it is whole as it is."""
    at = line.find(PLAIN_START)
    is_one = line.count("REPORT") == 1 and "platform.report" not in line
    if at < 0 or not is_one or ODD.search(line) or TAIL.search(line):
        return None
    if SEPARATED.search(line, at):
        return None
    if following and MORE.match(following[0].lstrip()) and "XRAY" not in following[0]:
        return None
    report = parse_report(line[at:])
    return None if report is None else (at, report)


def _of_emulator(text: str) -> bool:
    """Whether a record has INIT before its duration, which only the local emulator writes."""
    return 0 < text.find("Init Duration:") < text.find("\tDuration:")


def _report(text: str, report: Report | None, where: Where) -> Record | Unread:
    if report is None and (text.startswith("{") or NAME not in text):
        report = next((one for _, one in reports_in(text)), None)
    if report is None and not PEAK.search(text):
        report = read_record(text, BILLED)
    if report is None or not _plausible(report):
        return Unread("report", text)
    return Record(
        kind="report",
        function_name=where.function,
        memory_mb=report.memory_mb,
        cold=int(report.cold),
        billed_ms=report.billed_ms,
        time=where.time,
        sums=Sums.of(
            {name: _quantity(report, name) for name in QUANTITIES} | {WRITTEN: where.time}
        ),
        request_id="" if report.request_id == "unknown" else report.request_id,
        init_ns=None if report.init_ms is None else _ns(report.init_ms),
    )


def _plausible(report: Report) -> bool:
    lengths = (report.duration_ms, report.billed_ms, report.init_ms or 0)
    return (
        0 < report.memory_mb <= MOST_MEMORY_MB
        and (report.max_memory_used_mb or 0) <= MOST_MEMORY_MB
        and max(*lengths, report.billed_restore_ms or 0) <= MOST_MS
    )


def _quantity(report: Report, name: str) -> Any:
    """Return a quantity of the table of sums: of the line, or one of its lengths in nanoseconds."""
    if not name.endswith(NS):
        return getattr(report, name, None)
    length_ms = getattr(report, name.removesuffix(NS) + MS, None)
    return None if length_ms is None else _ns(length_ms)


def _meter(text: str, where: Where) -> Record | Unread:
    """Read a line of the meter; one that says it could not measure is handed back as such."""
    values = _object(text)
    if values.get("concurrent"):
        return Unread("concurrent", text)
    return _cpu(text, values, where, ("function", "memory_mb", "cpu_ms", "wall_ms"))


def _cpu(
    text: str, values: dict[str, Any], where: Where, names: tuple[str, ...]
) -> Record | Unread:
    function, memory_mb, cpu_ms, wall_ms = (values.get(name) for name in names)
    if not (_is_length(cpu_ms) and _is_length(wall_ms)):
        return Unread("cpu", text)
    whole = _is_length(memory_mb) and memory_mb <= MOST_MEMORY_MB and memory_mb == int(memory_mb)
    said = {WRITTEN: where.time, "cpu_ns": _ns(cpu_ms), "wall_ns": _ns(wall_ms)}
    request_id = values.get("request_id")
    return Record(
        kind="cpu",
        function_name=function if isinstance(function, str) else "",
        memory_mb=int(memory_mb or 0) if whole else 0,
        cold=0,
        billed_ms=0,
        time=where.time,
        sums=Sums.of(said),
        request_id=request_id if isinstance(request_id, str) else "",
    )


def _is_length(value: object) -> TypeGuard[Decimal]:
    return isinstance(value, Decimal) and value.is_finite() and 0 <= value <= MOST_MS


def _object(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _ns(ms: Decimal) -> int:
    return int((ms * _NS_PER_MS).to_integral_value())
