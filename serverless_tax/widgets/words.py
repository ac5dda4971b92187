"""Words of the widgets beside their captions: what is asked, what is compared, what a log says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from serverless_tax.audit.read.grammar import (
    JSON_LINE,
    JSON_REPORT,
    METER,
    MOST_MEMORY_MB,
    MOST_MS,
    STREAM_FUNCTION,
)
from serverless_tax.audit.sums.table import SUMS, WRITTEN
from serverless_tax.ground.report import FIELDS, REQUIRED, START, Report, billed_ms, format_report
from serverless_tax.request.presets import RAG_STEPS

#: The steps of a request on the meter, in order.
_STEP_LABELS = (
    "receive and parse",
    "look up passages",
    "build the prompt",
    "call the model",
    "wait for the answer",
)

#: The designs of the session: title, the figure of its total, and its lines with their concept.
SESSION_DESIGNS: tuple[dict[str, Any], ...] = (
    {
        "title": "HTTP, the function streams",
        "total": "http_usd",
        "lines": [("the function, waiting", "http_usd", "waiting")],
    },
    {
        "title": "WebSocket, the function waits",
        "total": "socket_usd",
        "lines": [
            ("the function, waiting", "socket_function_usd", "waiting"),
            ("messages and minutes", "socket_door_usd", "cpu"),
        ],
    },
    {
        "title": "WebSocket, a shared process waits",
        "total": "handed_usd",
        "lines": [
            ("the function, handing over", "handed_function_usd", "cpu"),
            ("two containers, waiting for all", "handed_process_usd", "waiting"),
            ("messages and minutes", "socket_door_usd", "cpu"),
        ],
    },
)

#: What the decision asks, by the field that holds the answer.
QUESTIONS = {
    "reads_along": "Does a person read along?",
    "sees_answer": "Must your code see the answer on its way?",
    "own_process": "May a process of your own run all month?",
    "other_vendor": "May it move to another vendor?",
}

#: What is said of a function's log: each sentence where the figure named first is more than zero.
_LOG_LINES = (
    ("invocations", "{invocations:count} invocations, {gb_seconds:number} GB-seconds."),
    (
        "cold_starts",
        "Cold starts: {cold_starts:count}, INIT {init_usd:usd}, {init_share:percent} of the time.",
    ),
    ("timeouts", "Timeouts: {timeouts:count}, {timeout_usd:usd} for no answer."),
    ("failures", "Crashes: {failures:count}, {failure_usd:usd}."),
    (
        "unused_usd",
        "Memory never used: {unused_usd:usd}. No saving yet: less memory is less CPU.",
    ),
    ("calls", "CPU measured on {calls:count} invocations."),
    (
        "unmeasured",
        "How much of it was waiting, a REPORT line cannot tell. Log CPU time with metered.py.",
    ),
)
_LOG_SAYS = {
    "none": "No REPORT line was found. Paste lines of a Lambda function's log, as CloudWatch"
    " shows them.",
    "unread": "{unread:count} records could not be read and are not counted. The first of them:",
    "concurrent": "{concurrent:count} calls ran beside another: their CPU is not known.",
    "cut": "Only the first {most:count} characters were read. serverless-tax audit reads it all.",
    "climb": "Put it on the ladder above",
    "climb_unknown": "Put it on the ladder above, as if all of it waited",
    "unnamed": "a function without a name",
}


_MS = {"": (1, 0), "ms": (1, 0), "s": (1, 3), "min": (60, 3), "h": (3600, 3)}
#: What may stand behind a typed number of each unit: its factor, and a power of ten. The powers go
#: into the number's exponent, so that 4.855s is exactly 4855 ms, as Python's Decimal has it.
SUFFIXES: dict[str, dict[str, tuple[int, int]]] = {
    "ms": _MS,
    "s": {"": (1, 0), "ms": (1, -3), "s": (1, 0), "min": (60, 0), "h": (3600, 0)},
    "min": {"": (60, 0), "min": (60, 0), "s": (1, 0), "h": (3600, 0)},  # seconds, shown as minutes
    "mb": {"": (1, 0), "mb": (1, 0), "gb": (1024, 0)},
    "count": {"": (1, 0), "k": (1, 3), "m": (1, 6)},
    "percent": {"": (1, 0), "%": (1, -2)},
    "usd": {"": (1, 0), "usd": (1, 0)},
    "switch": {"": (1, 0)},
}
_LONG = {
    **dict.fromkeys(("millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("sec", "second", "seconds"), "s"),
    **dict.fromkeys(("minute", "minutes"), "min"),
    **dict.fromkeys(("hour", "hours"), "h"),
}

_RUNG_SAYS = {
    "start": "Where you stand: nothing to do.",
    "takes": "It takes about {effort_hours:count} hours of work. ",
    "paid_back": "At {hour_usd:usd} an hour they are paid back in {payback_months:months}.",
    "never": "At {hour_usd:usd} an hour they are never paid back.",
}
_CROSSES = {
    "from": "costs less than the function from {from_requests:count} requests a month on"
    " ({from_at_once:number} at once).",
    "none": "No number of requests is known from which on another costs less than the function.",
}


def widget_words() -> dict[str, Any]:
    """Return the constants of the page's script that are words, or patterns of report.py."""
    steps = zip(RAG_STEPS, _STEP_LABELS, strict=True)
    return {
        "STEPS": [
            {"name": name, "kind": "cpu" if kind == "cpu" else "waiting", "label": label}
            for (name, kind), label in steps
        ],
        "SESSION_DESIGNS": SESSION_DESIGNS,
        "QUESTIONS": QUESTIONS,
        "SUFFIXES": SUFFIXES,
        "LONG": _LONG,
        "RUNG_SAYS": _RUNG_SAYS,
        "CROSSES": _CROSSES,
        "LOG": {
            "fields": [
                {
                    "name": field.name,
                    "kind": field.kind,
                    "pattern": field.pattern,
                    "label": field.label,
                    "unit": field.unit,
                    "json_name": field.json_name,
                }
                for field in FIELDS
            ],
            "required": REQUIRED,
            "start": START,
            "json_line": JSON_LINE,
            "json_report": JSON_REPORT,
            "stream_function": STREAM_FUNCTION,
            "meter": METER,
            "sums": [
                {"name": one.name, "of": one.of, "when": one.when, "adds": one.adds}
                for one in SUMS
                if one.of != WRITTEN
            ],
            "most_mb": MOST_MEMORY_MB,
            "most_ms": MOST_MS,
            "lines": _LOG_LINES,
            "says": _LOG_SAYS,
            "sample": sample_log(),
        },
    }


def sample_log() -> str:
    """Return a log to try: ten invocations of a function that waits, one cold, one timed out.

    >>> sample_log().count("REPORT RequestId")
    10
    """
    lines = []
    for k in range(10):
        cold, late = k == 0, k == 9  # noqa: PLR2004 - the last one times out
        duration = Decimal("30000.00") if late else Decimal(4700 + 37 * k) + Decimal("0.31")
        init = Decimal("912.44") if cold else None
        report = Report(
            request_id=f"sample-{k}",
            duration_ms=duration,
            billed_ms=billed_ms(duration, init),
            memory_mb=1024,
            max_memory_used_mb=96 + k,
            init_ms=init,
            status="timeout" if late else None,
        )
        lines.append(format_report(report).replace("sample-", "5f1c9a70-sample-"))
        if not late:
            lines.append(
                f'{{"metered": 1, "request_id": "5f1c9a70-sample-{k}", "cpu_ms": {88 + 2 * k},'
                f' "wall_ms": {duration}, "cold": {str(cold).lower()}, "function": "chat",'
                ' "memory_mb": 1024}'
            )
    return "\n".join(lines)
