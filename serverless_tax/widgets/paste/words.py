"""What is read of a pasted log, what is said of it, and a log to try."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from serverless_tax.audit.read import (
    documents,
    endings,
    envelope,
    figures,
    grammar,
    payload,
    tables,
    tidy,
    where,
    words,
)
from serverless_tax.audit.read.grammar import METER, MOST_MEMORY_MB, MOST_MS
from serverless_tax.audit.sums.table import FAILED, OUT_OF_MEMORY, SUMS, TIMEOUT, WRITTEN
from serverless_tax.ground.report import FIELDS, REQUIRED, Report, billed_ms, format_report
from serverless_tax.questions.choose import NEEDS

#: What is said of a function's log: each sentence where the figure named first is more than zero.
_LOG_LINES = (
    ("invocations", "{invocations:invocations}, {gb_seconds:number} GB-seconds."),
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
    ("calls", "CPU measured on {calls:invocations}."),
    (
        "unmeasured",
        "How much of it was waiting, a REPORT line cannot tell. Log CPU time with metered.py.",
    ),
)
_LOG_SAYS = {
    "none": "No REPORT line was found. Paste a Lambda function's log.",
    "other": "Not read here: dumps, bills, odd tables. serverless-tax audit FILE reads more.",
    "unread": "Unread records, not counted: {unread:count}. The first:",
    "twice": "Records found twice, counted once: {twice:count}.",
    "again": "Calls tried again, each counted: {again:count}.",
    "concurrent": "Calls beside others, CPU unknown: {concurrent:count}.",
    "cut": "Only the first {most:count} characters were read. serverless-tax audit reads all.",
    "no_month": "These lines are no month: the receipt asks for its requests.",
    "put": "Put it on the receipt above",
    "unnamed": "a function without a name",
}

#: What no line of a log says: the answers that a change needs.
_UNSAID = ("calls", *dict.fromkeys(answer for needs in NEEDS.values() for answer in needs))


def _shorter(pattern: str) -> str:
    return pattern.replace("[0-9]", r"\d")


#: What several rules have in them, which the page puts in again.
_PARTS = tuple(map(_shorter, (
    tidy.ANY_LABEL,
    where.OFFSET,
    "|".join(where.MONTHS),
    tidy.START.pattern,
    where.NAME,
    payload.PACKED_BEGIN,
    r"(?:\r?\n)?",
    "[0-9A-Za-z_]",
    payload.LONG_WORD.pattern,
)))  # fmt: skip


def log_words() -> dict[str, Any]:
    """Return what the reader of a log and the widget around it know, as the constant ``LOG``."""
    return {
        "LOG": {
            "fields": [
                _said(field, "name", "kind", "pattern", "label", "unit", "json_name")
                for field in FIELDS
            ],
            "required": REQUIRED,
            "rules": _rules(),
            "parts": _PARTS,
            "words": words.WORDS,
            "worth": [one for one in documents.WORTH if one not in words.WORDS],
            "cut_off": payload.CUT_OFF,
            "columns": envelope.COLUMNS,
            "times": where.TIMES,
            "zones": where.ZONES,
            "functions": where.FUNCTIONS,
            "groups": where.GROUPS,
            "datadog_columns": where.DATADOG_COLUMNS,
            "streams": where.STREAMS,
            "meter": METER,
            "stopped": (*TIMEOUT, *FAILED),
            "killed": OUT_OF_MEMORY,
            "sums": [
                _said(one, "name", "of", "when", *(["adds"] if one.adds != "total" else []))
                for one in SUMS
                if one.of != WRITTEN
            ],
            "most_mb": MOST_MEMORY_MB,
            "most_ms": MOST_MS,
            "unsaid": _UNSAID,
            "lines": _LOG_LINES,
            "says": _LOG_SAYS,
            "sample": sample_log(),
        },
    }


def _said(one: object, *names: str) -> dict[str, Any]:
    """Return what a row of a table says under some names, without what it leaves empty."""
    return {name: value for name in names if (value := getattr(one, name))}


def _rules() -> dict[str, str]:
    """Return the patterns by which a record is found, as both languages read them."""
    patterns = {
        "start": tidy.START,
        "begun": tidy.BEGUN,
        "cut_word": tidy.CUT_WORD,
        "odd": tidy.ODD_SIGNS,
        "escaped": tidy.ESCAPED,
        "colour": tidy.COLOUR,
        "encoded": tidy.ENCODED,
        "percent": tidy.PERCENT,
        "recased": tidy.RECASED,
        "unlabelled": tidy.UNLABELLED,
        "any_case": tidy.ANY_CASE,
        "separated": tidy.SEPARATED,
        "thousands": tidy.THOUSANDS,
        "decimal_comma": tidy.DECIMAL_COMMA,
        "points": tidy.POINTS,
        "around": tidy.AROUND,
        "tab": tidy.TAB,
        "break": tidy.BREAK,
        "tag": tidy.TAG,
        "next": tidy.NEXT,
        "with_json": tidy.WITH_JSON,
        "more": tidy.MORE,
        "peak": tidy.PEAK,
        "json_begun": tidy.JSON_BEGUN,
        "cut_event": tidy.CUT_EVENT,
        "margin": tidy.MARGIN,
        "tail": tidy.TAIL,
        "labelled": tidy.LABELLED,
        "iso": where.ISO,
        "day_first": where.DAY_FIRST,
        "epoch": where.EPOCH,
        "stream": where.STREAM,
        "group_value": where.GROUP_VALUE,
        "function_arn": where.FUNCTION_ARN,
        "lambda_source": where.LAMBDA_SOURCE,
        "group_in_text": where.GROUP_IN_TEXT,
        "group_before_stream": where.GROUP_BEFORE_STREAM,
        "said_in_text": where.SAID_IN_TEXT,
        "is_name": where.IS_NAME,
        "named": grammar.NAMED,
        "ended": endings.ENDED,
        "figure": figures.FIGURE,
        "request": figures.REQUEST,
        "events_time": grammar.EVENTS_TIME,
        "json_begin": grammar.JSON_BEGIN,
        "behind": documents.BEHIND,
        "printed": payload.PRINTED,
        "pieces": payload.PIECES,
        "printed_sign": payload.PRINTED_SIGN,
        "printed_begin": documents.PRINTED_BEGIN,
        "block": documents.BLOCK,
        "json_cell": documents.JSON_CELL,
        "packed": envelope.PACKED,
        "in_base64": documents.PACKED_LINES,
        "packed_text": payload.PACKED_TEXT,
        "of_logs": payload.OF_LOGS,
        "long": payload.LONG_WORD,
        "result": documents.RESULT,
        "event_name": envelope.EVENT_NAME,
        "key_signs": envelope.KEY_SIGNS,
        "cell": tables.CELL,
        "message_cells": tables.MESSAGE_CELLS,
    }
    shorter = {name: _shorter(pattern.pattern) for name, pattern in patterns.items()}
    for k, part in enumerate(_PARTS):
        shorter = {name: pattern.replace(part, f"~{k}") for name, pattern in shorter.items()}
    return shorter


def sample_log() -> str:
    """Return a log to try: five invocations of a function that waits, one cold, one timed out.

    >>> sample_log().count("REPORT RequestId")
    5
    """
    lines = []
    for k in range(5):
        cold, late = k == 0, k == 4  # noqa: PLR2004 - the last one times out
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
        lines.append(format_report(report))
        if not late:
            lines.append(
                f'{{"metered": 1, "request_id": "sample-{k}", "cpu_ms": {88 + 2 * k},'
                f' "wall_ms": {duration}, "cold": {str(cold).lower()}, "function": "chat",'
                ' "memory_mb": 1024}'
            )
    return "\n".join(lines)
