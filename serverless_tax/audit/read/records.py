"""What the audit takes from a line of a log.

A line holds records: REPORT lines, JSON ``platform.report`` events, and two kinds that say how
busy the CPU was, the line of :mod:`serverless_tax.metered` and an event of Lambda Insights. The
rules here are the reference. The SQL of :mod:`serverless_tax.audit.read.sql` reads the plain cases
by itself, and hands every other line back to these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeGuard

from serverless_tax.audit.sums.table import MS, NS, QUANTITIES, WRITTEN, Sums
from serverless_tax.ground.report import START, Report, parse_report

#: More than any function has or runs for: a larger figure is no figure, and would drown the sum.
MOST_MEMORY_MB, MOST_MS = 10**6, 10**9

#: When a line was written, UTC, to the second: at its start, or in the event that it is. Whether
#: there is such a day is seen when the days are counted.
LINE_TIME = "^(.{4}-.{2}-.{2}T.{2}:.{2}:.{2})"
TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
JSON_TIME = f'"time": ?"({TIME})'

#: The function's name in the name of a log stream that several functions share, as
#: ``aws logs tail`` prints it: ``2026-11-01T… 2026/11/01/rag[$LATEST]4f0c…``.
STREAM_FUNCTION = "^[^ ]{10,40} [0-9]{4}/[0-9]{2}/[0-9]{2}/([0-9A-Za-z_-]{1,140})"

#: What a line of JSON begins with, after the time and the stream.
JSON_LINE = '^[^{"]{0,400}([{])'
JSON_REPORT = '("type": ?"platform[.]report")'
METER = '{"metered": 1,'
INSIGHTS = '"cpu_total_time"'

_START, _JSON_LINE = re.compile(START), re.compile(JSON_LINE)
_JSON_REPORT = re.compile(JSON_REPORT)
_TIMES = (re.compile(LINE_TIME), re.compile(JSON_TIME))
_STREAM = re.compile(STREAM_FUNCTION)
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
    """

    kind: str
    function_name: str
    memory_mb: int
    cold: int
    billed_ms: int
    time: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that began but could not be read, or a measurement that says it is none."""

    kind: str
    text: str


def records(line: str) -> Iterator[Record | Unread]:
    """Yield what a line holds: none for most lines, several where line breaks were lost."""
    if METER in line:
        yield _meter(line)
        return
    if INSIGHTS in line and (found := _insights(line)) is not None:
        yield found
        return
    starts = [match.start() for match in _START.finditer(line)]
    brace = _JSON_LINE.match(line)
    is_json = brace is not None and not (starts and starts[0] < brace.start(1))
    if brace and is_json and _JSON_REPORT.search(line):
        yield _report(line, line[brace.start(1) :])
        return
    if not starts or (is_json and _is_json(line)):
        return
    for begin, end in pairwise([*starts, len(line)]):
        yield _report(line, line[begin:end])


def _report(line: str, text: str) -> Record | Unread:
    report = parse_report(text)
    if report is None or not _plausible(report):
        return Unread("report", text)
    time = time_of(line)
    return Record(
        kind="report",
        function_name=stream_function(line),
        memory_mb=report.memory_mb,
        cold=int(report.cold),
        billed_ms=report.billed_ms,
        time=time,
        sums=Sums.of({name: _quantity(report, name) for name in QUANTITIES} | {WRITTEN: time}),
    )


def _plausible(report: Report) -> bool:
    lengths = (report.duration_ms, report.billed_ms, report.init_ms or 0)
    return (
        0 < report.memory_mb <= MOST_MEMORY_MB
        and report.max_memory_used_mb <= MOST_MEMORY_MB
        and max(*lengths, report.billed_restore_ms or 0) <= MOST_MS
    )


def _quantity(report: Report, name: str) -> Any:
    """Return a quantity of the table of sums: of the line, or one of its lengths in nanoseconds."""
    if not name.endswith(NS):
        return getattr(report, name, None)
    length_ms = getattr(report, name.removesuffix(NS) + MS, None)
    return None if length_ms is None else _ns(length_ms)


def _meter(line: str) -> Record | Unread:
    """Read a line of the meter; one that says it could not measure is handed back as such."""
    text = line[line.index(METER) :]
    values = _object(text)
    if values.get("concurrent"):
        return Unread("concurrent", text)
    return _cpu(text, line, values, ("function", "memory_mb", "cpu_ms", "wall_ms"))


def _insights(line: str) -> Record | Unread | None:
    """Read an event of Lambda Insights; None if the line is something else."""
    start = line.find("{")
    values = _object(line[start:]) if start >= 0 else {}
    if "cpu_total_time" not in values or "duration" not in values:
        return None
    names = ("function_name", "total_memory", "cpu_total_time", "duration")
    return _cpu(line[start:], line, values, names)


def _cpu(text: str, line: str, values: dict[str, Any], names: tuple[str, ...]) -> Record | Unread:
    function, memory_mb, cpu_ms, wall_ms = (values.get(name) for name in names)
    if not (_is_length(cpu_ms) and _is_length(wall_ms)):
        return Unread("cpu", text)
    whole = _is_length(memory_mb) and memory_mb <= MOST_MEMORY_MB and memory_mb == int(memory_mb)
    time = time_of(line)
    values = {WRITTEN: time, "cpu_ns": _ns(cpu_ms), "wall_ns": _ns(wall_ms)}
    return Record(
        kind="cpu",
        function_name=function if isinstance(function, str) else "",
        memory_mb=int(memory_mb or 0) if whole else 0,
        cold=0,
        billed_ms=0,
        time=time,
        sums=Sums.of(values),
    )


def _is_length(value: object) -> TypeGuard[Decimal]:
    return isinstance(value, Decimal) and value.is_finite() and 0 <= value <= MOST_MS


def _object(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _is_json(line: str) -> bool:
    """Whether the rest of a line is JSON: what somebody logged, which may quote a REPORT line."""
    try:
        json.loads(line[line.index("{") :])
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def _ns(ms: Decimal) -> int:
    return int((ms * _NS_PER_MS).to_integral_value())


def time_of(line: str) -> str:
    """Return when a line was written: ``2026-11-01T10:00:00``, or nothing."""
    found = next((match for pattern in _TIMES if (match := pattern.search(line))), None)
    return found.group(1) if found else ""


def stream_function(line: str) -> str:
    """Return the function's name if the line begins with the name of its stream.

    >>> stream_function("2026-11-01T10:00:00 2026/11/01/rag[$LATEST]4f0c REPORT RequestId: 1")
    'rag'
    """
    found = _STREAM.match(line)
    return found.group(1) if found else ""
