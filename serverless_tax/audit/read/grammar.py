"""What the audit reads from a line of a log, and how each such thing is written.

A line holds records: REPORT lines, JSON ``platform.report`` events, and two kinds that say how
busy the CPU was, the line of :mod:`serverless_tax.metered` and an event of Lambda Insights. The
rules of `records` are the reference. The SQL of :mod:`serverless_tax.audit.read.sql` reads the
usual cases by itself, and hands every other line back to these.

Almost every line of a large log that matters is plain, exactly as AWS writes it: ``REPORT
RequestId:``, an id of the usual length, the figures that every record has, in their order, a tab
between two of them, and nothing else. Labels, units and order come from the table of fields in
`report.py`. Before it stand the time, and the log stream where a tool prints it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

import numpy as np
from numpy.typing import NDArray

from serverless_tax.audit.sums.table import MS, NS, QUANTITIES, WRITTEN, Sums
from serverless_tax.ground.report import FIELDS, REQUIRED, START, Report, parse_report

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


#: How a record begins, and its id, which follows: how long it is.
PLAIN_START = "REPORT RequestId: "
PLAIN_ID = next(field for field in FIELDS if field.name == "request_id")
ID_LENGTH = 36
#: Its figures.
FIGURES = tuple(field for field in FIELDS if field.json_name and field.name in REQUIRED)
#: What begins the figures, what stands between two of them, and what ends the last one.
FIRST = f"\t{FIGURES[0].label}: "
BETWEEN = [f" {one.unit}\t{other.label}: " for one, other in pairwise(FIGURES)]
LAST = f" {FIGURES[-1].unit}"


Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Nothing that is longer is looked at.
LONGEST = 256
_TIME_HEAD = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[0-9.:+Z-]{0,16} "
_STREAM_HEAD = (
    rb"[0-9]{4}/[0-9]{2}/[0-9]{2}/([0-9A-Za-z_-]{0,140})\[[$0-9A-Z]{1,20}\]([0-9a-f]{32}) "
)
_HEAD = re.compile(b"%s(?:%s)?" % (_TIME_HEAD, _STREAM_HEAD))
_NAME, _STREAM_ID = 1, 2  # its groups
_TIME_DIGITS = 14  # year to second
_ZERO = ord("0")


class Heads(NamedTuple):
    """What lines say before the record.

    Attributes:
        time: digits of the time as one number, year to second; 0 where they say none.
        function_name: of all of them, or nothing.
        fit: which lines begin so.
    """

    time: Ints
    function_name: str
    fit: Bools


def heads(rows: NDArray[np.uint8], model: bytes) -> Heads:
    """Read what lines begin with that begin as one of them does.

    Args:
        rows: the bytes of each beginning, all of one length.
        model: one of them. The others may have other digits in it, and another id of the stream,
            which nothing is taken from.
    """
    found = _HEAD.fullmatch(model)
    if found is None:
        return Heads(np.zeros(len(rows), np.int64), "", np.zeros(len(rows), bool))
    bytes_of = np.frombuffer(model, np.uint8)
    at = np.arange(len(model))
    is_digit = (bytes_of >= _ZERO) & (bytes_of <= _ZERO + 9)
    is_digit &= (at < found.start(_NAME)) | (at >= found.end(_NAME))
    # Letters of the id lie in one range with digits; so do signs, which no rule looks for.
    is_id = (at >= found.start(_STREAM_ID)) & (at < found.end(_STREAM_ID))
    lowest = np.where(is_digit | is_id, _ZERO, bytes_of).astype(np.uint8)
    room = np.where(is_id, ord("f") - _ZERO, np.where(is_digit, 9, 0)).astype(np.uint8)
    within: Bools = (rows - lowest) <= room
    digits = rows[:, np.flatnonzero(is_digit)[:_TIME_DIGITS]] - float(_ZERO)
    time = (digits @ 10.0 ** np.arange(_TIME_DIGITS - 1, -1, -1)).astype(np.int64)
    return Heads(time, stream_function(model.decode()), whole_rows(within) & (time > 0))


def whole_rows(rows: Bools) -> Bools:
    """Say of which rows all is true; mostly of all of them, which is seen faster."""
    if rows.all():
        return np.ones(len(rows), bool)
    whole: Bools = np.asarray(rows.all(axis=1))
    return whole


_TASK_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# The stream's name in an export: a slash has become a hyphen.
_STREAM_FOLDER = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-([0-9A-Za-z_-]*)\[.*")


def function_of_path(path: Path) -> str:
    """Return the function's name from the folders of an export to S3, or nothing.

    An export writes ``PREFIX/TASK-ID/STREAM/000000.gz``, and the log group's name is not in it: so
    the name is that in the stream, if several functions share the group, or else the last part of
    the prefix.

    >>> task = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
    >>> function_of_path(Path(f"exports/rag/{task}/2026-11-01-[$LATEST]4f0c/000000.gz"))
    'rag'
    >>> function_of_path(Path("rag.log"))
    ''
    """
    parts = path.parts
    for k in range(len(parts) - 2):
        stream = _STREAM_FOLDER.fullmatch(parts[k + 1])
        if _TASK_ID.fullmatch(parts[k]) and stream:
            return stream.group(1) or (parts[k - 1] if k else "")
    return ""


def unknown(label: str) -> str:
    """Return what a function is called whose name nothing says.

    >>> unknown("logs/rag.log")
    'unknown function (rag.log)'
    """
    return f"unknown function ({Path(label).name})"


def function_of_log_group(group: str) -> str:
    """Return the function's name from its log group's, or the group's name.

    >>> function_of_log_group("/aws/lambda/rag"), function_of_log_group("shared")
    ('rag', 'shared')
    """
    return group.removeprefix("/aws/lambda/")
