"""The REPORT line: what AWS Lambda says about each invocation, and how to read it.

One table, `FIELDS`, holds every field's name, label and pattern; the parser and the writer here are
built from it, and so can patterns for SQL or JavaScript be. The patterns therefore use only what
every regular expression engine knows: no backslash, no look-around, exactly one group each.

A line as AWS writes it (tabs between the fields; logs that were pasted have spaces)::

    REPORT RequestId: b92a… Duration: 3.10 ms Billed Duration: 546 ms Memory Size: 2048 MB
    Max Memory Used: 95 MB Init Duration: 542.01 ms

Format: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html and, for the JSON form,
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from typing import Any, Literal

SPACE = "[ \t]"
"""What may stand between two fields: a tab from AWS, a space in a pasted log."""

START = f"REPORT{SPACE}+RequestId:"
"""Where a record begins. INIT_REPORT and RESTORE_REPORT carry no request id: no invocation."""

# Twelve digits are 31 years of milliseconds: longer numbers are not read as numbers.
_NUMBER = "[0-9]{1,12}[.]?[0-9]{0,6}"
_WHOLE = "[0-9]{1,12}"
_LIMIT = Decimal(10) ** 12
_ID = "[0-9A-Za-z-]{1,64}"
# "Duration:" ends four other labels, so it must follow the request id; "Restore Duration:" also
# ends "Billed Restore Duration:", so it must follow the unit of the field before it (MB or ms).
_AFTER_ID = f"RequestId:{SPACE}*{_ID}{SPACE}+"
_AFTER_UNIT = f"[Bs]{SPACE}+"


@dataclass(frozen=True, slots=True)
class ReportField:
    """One field of the REPORT line.

    Attributes:
        name: attribute of `Report` that holds the value.
        label: the words before the colon in the text form.
        value: pattern of the value alone.
        kind: `text`, `whole` (an integer) or `number` (a Decimal, for a ceiling follows).
        unit: what follows the value, `ms`, `MB` or nothing.
        before: pattern of what must stand before the label, where the label alone is ambiguous.
        json_name: the key in `record.metrics` of the JSON form, if it is one of the metrics.
    """

    name: str
    label: str
    value: str
    kind: Literal["text", "whole", "number"]
    unit: str = ""
    before: str = ""
    json_name: str = ""

    @property
    def pattern(self) -> str:
        """The portable pattern that finds this field in a record; group 1 is the value."""
        unit = f"{SPACE}*{self.unit}" if self.unit else ""
        return f"{self.before}{self.label}:{SPACE}*({self.value}){unit}"


FIELDS: tuple[ReportField, ...] = (
    ReportField("request_id", "RequestId", _ID, "text", before=f"REPORT{SPACE}+"),
    ReportField("duration_ms", "Duration", _NUMBER, "number", "ms", _AFTER_ID, "durationMs"),
    ReportField("billed_ms", "Billed Duration", _WHOLE, "whole", "ms", "", "billedDurationMs"),
    ReportField("memory_mb", "Memory Size", _WHOLE, "whole", "MB", "", "memorySizeMB"),
    ReportField(
        "max_memory_used_mb", "Max Memory Used", _WHOLE, "whole", "MB", "", "maxMemoryUsedMB",
    ),
    ReportField("init_ms", "Init Duration", _NUMBER, "number", "ms", "", "initDurationMs"),
    ReportField(
        "restore_ms", "Restore Duration", _NUMBER, "number", "ms", _AFTER_UNIT,
        "restoreDurationMs",
    ),
    ReportField(
        "billed_restore_ms", "Billed Restore Duration", _WHOLE, "whole", "ms", "",
        "billedRestoreDurationMs",
    ),
    ReportField("status", "Status", "[a-z]{1,32}", "text"),
    ReportField("error_type", "Error Type", "[0-9A-Za-z._]{1,128}", "text"),
    ReportField("xray_trace_id", "XRAY TraceId", _ID, "text"),
)  # fmt: skip

REQUIRED = ("request_id", "duration_ms", "billed_ms", "memory_mb", "max_memory_used_mb")
"""Fields that every whole line has."""
BILLED = REQUIRED[:-1]
"""Those without which nobody knows its cost; without the last alone its peak is unknown."""

_COMPILED = {field.name: re.compile(field.pattern) for field in FIELDS}
_START = re.compile(START)
# An X-Ray line belongs to the record above it: AWS writes both as one log event.
_XRAY_LINE = re.compile(f"{SPACE}*XRAY{SPACE}+TraceId:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One invocation as AWS reports and bills it.

    Attributes:
        request_id: the invocation's id.
        duration_ms: wall clock of the invocation, milliseconds; INIT is not in it.
        billed_ms: what is charged, whole milliseconds.
        memory_mb: configured memory, MB of 2**20 bytes.
        max_memory_used_mb: the environment's peak so far, MB; None where the record lacks it.
        init_ms: INIT of a cold start, milliseconds; None when warm or cut off.
        restore_ms: restoring a SnapStart snapshot, milliseconds.
        billed_restore_ms: the part of the restore that is charged, whole milliseconds.
        status: `error`, `failure` or `timeout`; text lines of successes carry none.
        error_type: for instance `Runtime.ExitError`.
        xray_trace_id: the trace's id, when the function is traced.
    """

    request_id: str
    duration_ms: Decimal
    billed_ms: int
    memory_mb: int
    max_memory_used_mb: int | None = None
    init_ms: Decimal | None = None
    restore_ms: Decimal | None = None
    billed_restore_ms: int | None = None
    status: str | None = None
    error_type: str | None = None
    xray_trace_id: str | None = None

    @property
    def init_billed(self) -> bool | None:
        """Whether INIT is in the bill, found from this line alone.

        Since 2025-08-01 AWS charges ceil(Duration + Init); before, on-demand zip functions were
        charged ceil(Duration). The date of a line does not tell which (some lines of that day
        follow the older rule), the figures do. None when there is no INIT on the line or when
        neither rule, or both, give the billed figure.
        """
        if self.init_ms is None:
            return None
        with_init = _may_be_ceiling(self.billed_ms, self.duration_ms + self.init_ms)
        without = _may_be_ceiling(self.billed_ms, self.duration_ms)
        return None if with_init == without else with_init

    @property
    def init_added_ms(self) -> int:
        """What INIT added to the bill, whole milliseconds: more than the handler alone costs."""
        return max(self.billed_ms - _ceiling(self.duration_ms), 0) if self.init_billed else 0

    @property
    def cold(self) -> bool:
        """Whether the environment was started for this invocation, or restored."""
        return self.init_ms is not None or self.restore_ms is not None


def billed_ms(duration_ms: Decimal, init_ms: Decimal | None = None) -> int:
    """Milliseconds charged for an invocation: one ceiling over the sum, not a sum of ceilings.

    >>> billed_ms(Decimal("1655.10"), Decimal("322.04"))
    1978
    """
    return _ceiling(duration_ms + (init_ms or Decimal(0)))


def parse_report(line: str, fields: Sequence[str] = REQUIRED) -> Report | None:
    """Read one REPORT line or JSON `platform.report` event; None if it is neither, or cut short.

    It is cut short where it lacks one of ``fields``: those that it has to have.

    >>> line = "REPORT RequestId: 1a Duration: 0.85 ms Billed Duration: 1 ms Memory Size: 128 MB"
    >>> parse_report(line + " Max Memory Used: 15 MB").billed_ms
    1
    """
    if line.lstrip().startswith("{"):
        return _from_json(line, fields)
    start = _START.search(line)
    return _from_text(line[start.start() :], fields) if start else None


def parse_reports(
    text: str, *, on_unreadable: Callable[[str], None] | None = None
) -> Iterator[Report]:
    """Read every invocation in a log, in order.

    Args:
        text: the log; other lines are passed over, two records on one line are two records.
        on_unreadable: called with each record that began but could not be read (cut off, say), so
            that a caller can count what is missing from a sum.
    """
    for record in _records(text):
        report = parse_report(record)
        if report is not None:
            yield report
        elif on_unreadable is not None:
            on_unreadable(record)


def format_report(report: Report) -> str:
    """Write a REPORT line as AWS does: its field order, a tab after each field.

    >>> made = Report(request_id="1a", duration_ms=Decimal("0.85"), billed_ms=1,
    ...               memory_mb=128, max_memory_used_mb=15)
    >>> format_report(made).split(chr(9))[1:3]
    ['Duration: 0.85 ms', 'Billed Duration: 1 ms']
    """
    parts = []
    for field in FIELDS:
        value = getattr(report, field.name)
        if value is None:
            continue
        shown = f"{value:.2f}" if field.kind == "number" else str(value)
        line_break = "\n" if field.name == "xray_trace_id" else ""
        parts.append(f"{line_break}{field.label}: {shown}{' ' * bool(field.unit)}{field.unit}\t")
    return "REPORT " + "".join(parts)


def _ceiling(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_CEILING))


def _may_be_ceiling(billed: int, milliseconds: Decimal) -> bool:
    # Each printed figure was rounded to 0.01 ms after AWS had taken the ceiling of the exact sum.
    slack = Decimal("0.01")
    return _ceiling(milliseconds - slack) <= billed <= _ceiling(milliseconds + slack)


def _records(text: str) -> Iterator[str]:
    """Cut a log into records: a REPORT with its X-Ray line, or one JSON event."""
    pending = ""
    for line in text.splitlines():
        if pending and _XRAY_LINE.match(line):
            pending += " " + line
            continue
        if pending:
            yield pending
            pending = ""
        if line.lstrip().startswith("{"):
            if "platform.report" in line:
                yield line
            continue
        starts = [match.start() for match in _START.finditer(line)]
        pieces = [line[a:b] for a, b in pairwise([*starts, len(line)])]
        yield from pieces[:-1]
        pending = pieces[-1] if pieces else ""
    if pending:
        yield pending


def _from_text(record: str, fields: Sequence[str]) -> Report | None:
    values: dict[str, Any] = {}
    for field in FIELDS:
        found = _COMPILED[field.name].search(record)
        if found:
            values[field.name] = _convert(field, found.group(1))
    return _make(values, fields)


def _from_json(line: str, fields: Sequence[str]) -> Report | None:
    try:
        event = json.loads(line, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    if not isinstance(event, Mapping) or event.get("type") != "platform.report":
        return None
    record = event.get("record")
    metrics = record.get("metrics") if isinstance(record, Mapping) else None
    if not isinstance(record, Mapping) or not isinstance(metrics, Mapping):
        return None
    values: dict[str, Any] = {
        "request_id": record.get("requestId"),
        "status": record.get("status"),
        "error_type": record.get("errorType"),
    }
    values |= {field.name: metrics.get(field.json_name) for field in FIELDS if field.json_name}
    checked = {field.name: _checked(field, values.get(field.name)) for field in FIELDS}
    said = {name: value for name, value in checked.items() if value is not None}
    return _make(said, fields)


def _checked(field: ReportField, value: object) -> str | int | Decimal | None:
    """A JSON value if it looks as the text form's would, else None."""
    if field.kind == "text":
        return value if isinstance(value, str) and re.fullmatch(field.value, value) else None
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < _LIMIT:
        return None
    return _convert(field, str(value)) if field.kind == "number" or value == int(value) else None


def _convert(field: ReportField, text: str) -> str | int | Decimal:
    if field.kind == "text":
        return text
    return int(Decimal(text)) if field.kind == "whole" else Decimal(text)


def _make(values: dict[str, Any], fields: Sequence[str]) -> Report | None:
    return Report(**values) if all(name in values for name in fields) else None
