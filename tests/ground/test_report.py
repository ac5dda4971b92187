"""The REPORT line: every variant seen in public logs, and no input that breaks the reader."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serverless_tax.ground.report import (
    FIELDS,
    START,
    Report,
    billed_ms,
    format_report,
    parse_report,
    parse_reports,
)

LOG = (Path(__file__).parents[1] / "data" / "report-lines.log").read_text()
PLAIN = (
    "REPORT RequestId: 2b0a5ad0\tDuration: 0.85 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 15 MB\t"
)
JSON = (
    '{"time":"2024-02-09T08:42:44.080Z","type":"platform.report","record":{"requestId":"d661f7cf",'
    '"status":"success","metrics":{"durationMs":1.317,"billedDurationMs":2,"memorySizeMB":1024,'
    '"maxMemoryUsedMB":68,"initDurationMs": 10}}}'
)

milliseconds = st.decimals(0, 10**9, places=2)
reports = st.builds(
    Report,
    request_id=st.from_regex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", fullmatch=True),
    duration_ms=milliseconds,
    billed_ms=st.integers(0, 10**9),
    memory_mb=st.integers(128, 10240),
    max_memory_used_mb=st.integers(0, 10240),
    init_ms=st.none() | milliseconds,
    restore_ms=st.none() | milliseconds,
    billed_restore_ms=st.none() | st.integers(0, 10**6),
    status=st.sampled_from([None, "error", "failure", "timeout"]),
    error_type=st.sampled_from([None, "Runtime.ExitError", "Sandbox.Timedout"]),
    xray_trace_id=st.sampled_from([None, "1-6a507b87-0cc4438344b48ef127ab1931"]),
)


def read(line: str) -> Report:
    """Parse a line that must be readable."""
    report = parse_report(line)
    assert report is not None
    return report


def test_every_invocation_of_the_sample_log_is_read() -> None:
    """Twenty-one invocations, none unreadable; INIT and RESTORE records are not invocations."""
    unreadable: list[str] = []

    found = list(parse_reports(LOG, on_unreadable=unreadable.append))

    assert len(found) == LOG.count("\nREPORT ") + LOG.startswith("REPORT ") + LOG.count(
        "platform.report"
    )
    assert unreadable == []


@pytest.mark.parametrize("separator", ["\t", " ", "   ", " \t"])
def test_tabs_and_spaces_mean_the_same(separator: str) -> None:
    """A pasted line, its tabs turned into spaces, reads like the original."""
    assert read(PLAIN.replace("\t", separator)) == read(PLAIN)


@pytest.mark.parametrize("between", ["\n", ""])
def test_xray_trace_is_read_on_the_same_line_and_on_the_next(between: str) -> None:
    """AWS writes the trace id as the second line of one event; pasted logs join them."""
    text = f"{PLAIN}{between}XRAY TraceId: 1-6213be54\tSegmentId: 282cd\tSampled: true"

    assert [report.xray_trace_id for report in parse_reports(text)] == ["1-6213be54"]


def test_a_duration_is_not_taken_from_a_longer_label() -> None:
    """Duration, Billed, Init, Restore and Billed Restore keep apart."""
    line = PLAIN + "Restore Duration: 398.97 ms\tBilled Restore Duration: 182 ms\t"

    report = read(line)

    assert (report.duration_ms, report.billed_ms, report.init_ms) == (Decimal("0.85"), 1, None)
    assert (report.restore_ms, report.billed_restore_ms) == (Decimal("398.97"), 182)


def test_a_value_cut_off_in_the_middle_is_not_a_value() -> None:
    """`Init Duration: 544.9` without its unit may have been 544.98: it is left out."""
    assert read(PLAIN + "Init Duration: 544.9").init_ms is None


@pytest.mark.parametrize("length", range(len(PLAIN) - 1))
def test_a_record_cut_off_before_its_last_required_field_is_counted(length: int) -> None:
    """A cut record yields nothing, and is handed to `on_unreadable` once its start is there."""
    unreadable: list[str] = []

    assert list(parse_reports(PLAIN[:length], on_unreadable=unreadable.append)) == []
    assert len(unreadable) == ("RequestId:" in PLAIN[:length])


def test_two_records_on_one_line_are_two_records() -> None:
    """A paste that lost its line breaks still counts every invocation."""
    assert len(list(parse_reports(PLAIN + PLAIN))) == 2


def test_json_event_reads_like_text() -> None:
    """The JSON log format carries the same figures."""
    report = read(JSON)

    assert (report.duration_ms, report.billed_ms) == (Decimal("1.317"), 2)
    assert (report.memory_mb, report.max_memory_used_mb, report.init_ms) == (1024, 68, 10)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "START RequestId: 2b0a5ad0",
        "INIT_REPORT Init Duration: 1236.04 ms Phase: init Status: timeout",
        "RESTORE_REPORT Restore Duration: 1236.04 ms Status: timeout",
        JSON.replace("platform.report", "platform.runtimeDone"),
        JSON[:-1],
        JSON.replace("1.317", "NaN"),
        JSON.replace("1.317", "-1"),
        JSON.replace("1.317", '"1.317"'),
        JSON.replace('"billedDurationMs":2', '"billedDurationMs":2.5'),
        JSON.replace("1024", "1e999999999"),
        '{"type":"platform.report","record":null}',
        '{"a":' * 50_000,
    ],
)
def test_what_is_no_report_is_none(line: str) -> None:
    """Other lines, other events and impossible values are None, never an exception."""
    assert parse_report(line) is None


@pytest.mark.parametrize(
    ("duration", "billed", "init", "expected"),
    [
        ("1655.10", 1978, "322.04", True),  # the ceiling of the sum; two ceilings would be 1,979
        ("3190.16", 3191, "842.33", False),  # before August 2025
        ("469.40", 500, "100.99", None),  # before December 2020: steps of 100 ms
        ("469.40", 470, None, None),  # warm
        ("469.40", 470, "0.00", None),  # both rules give 470
    ],
)
def test_whether_init_was_billed_is_found_from_the_line(
    duration: str, billed: int, init: str | None, *, expected: bool | None
) -> None:
    """The billed figure tells which rule was in force."""
    report = Report(
        request_id="1a",
        duration_ms=Decimal(duration),
        billed_ms=billed,
        memory_mb=128,
        max_memory_used_mb=64,
        init_ms=None if init is None else Decimal(init),
    )

    assert report.init_billed is expected


@pytest.mark.parametrize(
    ("duration", "init", "expected"),
    [("4855.00", None, 4855), ("4855.01", None, 4856), ("0.85", "0.15", 1), ("0.85", "0.16", 2)],
)
def test_billed_is_one_ceiling_over_the_sum(duration: str, init: str | None, expected: int) -> None:
    """Both sides of a millisecond, with and without INIT."""
    assert billed_ms(Decimal(duration), None if init is None else Decimal(init)) == expected


@given(reports)
def test_what_is_written_is_read_back(report: Report) -> None:
    """format_report and parse_report are inverse, for the text form."""
    assert list(parse_reports(format_report(report))) == [report]


def test_written_line_has_the_order_and_tabs_of_aws() -> None:
    """Fields stand in AWS's order with a tab after each."""
    line = "REPORT RequestId: b92a\tDuration: 3.10 ms\tBilled Duration: 546 ms\t"
    line += "Memory Size: 2048 MB\tMax Memory Used: 95 MB\tInit Duration: 542.01 ms\t"

    assert format_report(read(line)) == line


@given(st.text() | st.text('REPORT questId:DurationBilled0123456789. ms\tMB\n{}"', max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Garbage, and garbage made of the right letters, is passed over."""
    assert all(isinstance(report, Report) for report in parse_reports(text))
    parse_report(text)


@pytest.mark.parametrize(
    "text",
    ["REPORT RequestId: " * 50_000, "REPORT" + " " * 500_000, "B " * 300_000 + "Restore Duration:"],
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    """Near-misses a million characters long are read in seconds, not minutes."""
    started = time.perf_counter()

    assert list(parse_reports(text)) == []
    assert parse_report("REPORT RequestId: 1 " + text) is None
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("pattern", [START, *(field.pattern for field in FIELDS)])
def test_patterns_are_portable(pattern: str) -> None:
    """No backslash, no look-around, and one group in each field: SQL and JavaScript take them."""
    assert "\\" not in pattern
    assert "(?" not in pattern
    assert re.compile(pattern).groups == (pattern != START)
