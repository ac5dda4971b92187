"""A pasted log gives on the page what the audit gives: the same records, the same dollars."""

from __future__ import annotations

import json
import tempfile
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from audit_logs import ID, by_plain_reader, line, meter
from hypothesis import assume, given
from hypothesis import strategies as st
from sampled import at_most

from serverless_tax.audit.find import findings as audit_findings
from serverless_tax.audit.find.findings import Audit, findings
from serverless_tax.audit.find.money import Terms
from serverless_tax.audit.read.sources import _no_log, find_sources
from serverless_tax.audit.sums.functions import functions
from serverless_tax.audit.sums.table import SUMS
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.cli.app import run
from serverless_tax.ground.report import Report, billed_ms, format_report
from serverless_tax.prices import price_sheet
from serverless_tax.questions.answers import Answers
from serverless_tax.widgets.page_request import page_day
from serverless_tax.widgets.paste.words import sample_log
from serverless_tax.widgets.scenario import scenario

REAL = (Path(__file__).parents[1] / "data/report-lines.log").read_text("utf-8")
READ = """((text) => {
  const { unread, concurrent, ...log } = readLog(text);
  return { found: findingsOf(log), unread: unread.length, concurrent };
})"""

#: Where a hundredth of a millisecond, by which AWS rounds, decides whether INIT was billed.
ROUNDED = [
    f"REPORT RequestId: 1a Duration: {ms} ms Billed Duration: {billed} ms Memory Size: 1024 MB"
    f" Max Memory Used: 90 MB Init Duration: {init} ms"
    for ms, init, billed in (
        ("100.00", "100.01", 200), ("100.00", "100.00", 201), ("100.00", "50.00", 101),
        ("100.01", "50.00", 100), ("100.00", "99.98", 201), ("100.00", "100.02", 200),
    )
]  # fmt: skip

MS = st.decimals(0, 10**6, places=2)
REPORTS = st.builds(
    Report,
    request_id=st.text("0123456789abcdef-", min_size=1, max_size=36),
    duration_ms=MS,
    billed_ms=st.integers(0, 10**6),
    memory_mb=st.sampled_from([128, 512, 1024, 1769, 10_240]),
    max_memory_used_mb=st.integers(1, 10_240),
    init_ms=st.none() | MS,
    restore_ms=st.none() | MS,
    billed_restore_ms=st.none() | st.integers(0, 10**5),
    status=st.none() | st.sampled_from(["timeout", "error", "failure", "success"]),
    error_type=st.none() | st.just("Runtime.ExitError"),
)


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A line as it may stand in a log: whole, billed by either rule, cut, in JSON, or nothing."""
    report = draw(REPORTS)
    whole = draw(st.sampled_from(["as drawn", "init billed", "init free"]))
    if whole != "as drawn":
        init_ms = report.init_ms if whole == "init billed" else None
        report = replace(report, billed_ms=billed_ms(report.duration_ms, init_ms))
    if report.billed_restore_ms is not None:  # a part of what is billed, never more
        least_ms = min(report.billed_restore_ms, report.billed_ms)
        report = replace(report, billed_restore_ms=least_ms)
    text = format_report(report).replace("\n", " ")
    kind = draw(st.sampled_from(["text", "tail", "spaces", "cut", "json", "meter", "noise", "two"]))
    if kind == "tail":
        return f"2026-11-01T10:00:00 2026/11/01/rag[$LATEST]4f0c {text}"
    if kind == "spaces":
        return text.replace("\t", " ")
    if kind == "cut":
        return text[: draw(st.integers(0, len(text)))]
    if kind == "json":
        return as_json(report)
    if kind == "meter":
        wall = float(report.duration_ms)
        return json.dumps(
            {"metered": 1, "cpu_ms": draw(st.floats(0, wall)), "wall_ms": wall, "cold": False,
             "function": "rag", "memory_mb": report.memory_mb}
        )  # fmt: skip
    return text + text if kind == "two" else draw(st.text(max_size=40)).replace("\n", " ")


def as_json(report: Report) -> str:
    """The same invocation as Lambda's JSON log format has it."""
    metrics: dict[str, Any] = {
        "durationMs": float(report.duration_ms),
        "billedDurationMs": report.billed_ms,
        "memorySizeMB": report.memory_mb,
    }
    if report.max_memory_used_mb is not None:
        metrics["maxMemoryUsedMB"] = report.max_memory_used_mb
    if report.init_ms is not None:
        metrics["initDurationMs"] = float(report.init_ms)
    record = {"requestId": report.request_id, "status": report.status or "success"}
    event = {"type": "platform.report", "record": {**record, "metrics": metrics}}
    return json.dumps({"time": "2026-11-01T10:00:00.000Z", **event})


BEFORE_PEAK = (
    "REPORT RequestId: 1a\tDuration: 5000.00 ms\tBilled Duration: 5000 ms\tMemory Size: 1024 MB\t"
)


def audited(text: str) -> Audit:
    """What the audit finds in the same text, read by the reference reader.

    Without its advice, which the page has none of, and which takes most of the time.
    """
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(audit_findings, "WITH_RUNGS", 0)
        path = Path(folder, "pasted.log")
        path.write_bytes(text.encode("utf-8", "replace"))
        sources = find_sources([str(path)])
        return findings(by_plain_reader(path), sources, Terms(on=page_day()))


def hold(reader: Any, text: str) -> None:
    """Compare the page's findings with the audit's, function by function."""
    page, ours = reader(READ, text), audited(text)
    assert page["unread"] == ours.unread["records"] + ours.unread["measurements"]
    assert len(page["found"]) == len(ours.functions)
    for one in ours.functions:
        named = [f for f in page["found"] if f["name"] == one.name]
        [shown] = named or [f for f in page["found"] if f["name"] == "a function without a name"]
        assert shown["invocations"] == one.invocations
        assert shown["billed_total_ms"] == one.billed_ms
        assert shown["mb_ms"] == one.mb_ms
        assert (shown["timeouts"], shown["failures"]) == (one.timeouts, one.crashes)
        assert shown["cold_starts"] == one.cold_starts
        pairs = (
            ("usd", one.usd), ("init_usd", one.init_usd), ("timeout_usd", one.timeout_usd),
            ("failure_usd", one.crash_usd), ("unused_usd", one.unused_usd),
        )  # fmt: skip
        for name, usd in pairs:
            assert shown[name] == pytest.approx(usd, rel=1e-9, abs=1e-15), name
        assert (shown["calls"] > 0) is (one.waiting.how == "measured")
        if one.waiting.how == "measured":
            assert shown["waiting_share"] == pytest.approx(one.waiting.share, rel=1e-9, abs=1e-12)


@at_most(60)
@given(st.lists(lines(), max_size=8))
def test_the_page_finds_what_the_audit_finds(reader: Any, written: list[str]) -> None:
    """Of any log: the same records read and refused, the same sums, the same amounts.

    A file that is hardly text is refused at the audit's door, which a pasted one has not.
    """
    text = "\n".join(written)
    assume(not _no_log(text.encode("utf-8", "replace")))
    hold(reader, text)


#: Records without their peak memory: a line, one that was cut before it, one of which the next line
#: goes on with it, an event, and a row of a table.
NO_PEAK = [
    f"{BEFORE_PEAK}\n{BEFORE_PEAK}Max Mem\n",
    f"{BEFORE_PEAK}\nMax Memory Used: 95 MB\n{BEFORE_PEAK}\n",
    f"{BEFORE_PEAK}\nEND RequestId: 1b\n",
    as_json(Report(request_id="1c", duration_ms=Decimal(9), billed_ms=9, memory_mb=1024)),
    "@requestId,@duration,@billedDuration,@memorySize\n1d-000000000000,99.5,100.0,512000000\n",
]


@pytest.mark.parametrize("text", NO_PEAK)
def test_a_record_without_its_peak_memory_is_counted(reader: Any, text: str) -> None:
    """By both readers, with what it cost; what of its memory was never used nobody knows."""
    hold(reader, text)
    [one] = audited(text).functions
    known_mb = 95 if "95 MB" in text else 0
    [size] = one.sizes
    assert (one.billed_ms > 0, size.peak_used_mb) == (True, known_mb)
    assert (one.unused_usd > 0) is (known_mb > 0)


def test_the_page_adds_up_what_stands_in_the_table(reader: Any) -> None:
    """All of it but the times, of which the page says nothing."""
    times = {"first_time", "last_time"}
    names = [one.name for one in SUMS if one.name not in times]
    assert reader("(() => LOG.sums.map((one) => one.name))") == names
    assert reader("(() => readLog(LOG.sample).functions[0].sizes)") == [{
        # Five calls. The cold one takes 4,700.31 ms and 912.44 ms of INIT: 5,613 are billed. Three
        # more take 37 ms longer each than the one before: 3 × 4,701 + 6 × 37 = 14,325 are billed.
        # The last one runs into its limit of 30,000 ms. 5,613 - 4,701 = 912 were added by INIT.
        "invocations": 5, "billed_total_ms": 49_938, "duration_total_ns": 49_023_240_000,
        "cold_starts": 1, "billed_inits": 1, "free_inits": 0, "init_billed_ms": 912,
        "restore_billed_ms": 0, "timeouts": 1, "timeout_billed_ms": 30_000, "failures": 0,
        "failure_billed_ms": 0, "out_of_memory": 0, "peak_used_mb": 100, "cpu_total_ns": 0,
        "wall_total_ns": 0, "memory_mb": 1024, "first": 0, "last": 0,
    }]  # fmt: skip


@pytest.mark.parametrize("line", [*REAL.splitlines(), REAL, sample_log(), *ROUNDED])
def test_every_line_that_python_knows(reader: Any, line: str) -> None:
    """Real lines one by one, all together, and the sample that the page offers."""
    hold(reader, line)


def test_the_reader_is_plain_javascript_that_needs_no_page(reader: Any) -> None:
    """Two functions, evaluated alone: a log becomes plain data, and that becomes amounts."""
    log = reader("readLog", sample_log() + "\nREPORT RequestId: cut off")
    assert log.keys() == {"functions", "unread", "twice", "again", "concurrent", "cut", "other"}
    assert log["unread"] == ["REPORT RequestId: cut off"]
    assert (log["concurrent"], log["cut"], log["other"]) == (0, False, False)
    [chat] = log["functions"]
    assert chat["name"] == "chat"
    assert [size["memory_mb"] for size in chat["sizes"]] == [1024]
    assert [measured["memory_mb"] for measured in chat["cpu"]] == [1024]
    assert chat["sizes"][0]["invocations"] == 5
    # What crossed as JSON is read as what did not.
    [found] = reader("findingsOf", log)
    assert found["main"]["memory_mb"] == 1024
    assert found["invocations"] == 5
    # 30 s of the last, with a GB.
    second = price_sheet("aws-lambda").on(page_day())["duration_x86_gb_seconds"]
    assert found["timeout_usd"] == pytest.approx(30 * second.tiers[0][1], rel=1e-4)


def at(day: int, minute: int = 0, of: str = "rag", **figures: Any) -> str:
    """A record of a function on a day of October."""
    said = {"duration": "5000.00", "request_id": f"{of}-{day}-{minute}"} | figures
    stream = f"2026/10/{day:02d}/{of}[$LATEST]4f0c"
    return f"2026-10-{day:02d}T10:{minute:02d}:00 {stream} {line(**said)}"


def measured(day: int, memory_mb: int, cpu_ms: float) -> str:
    """What the meter wrote of its request of that day."""
    return meter(cpu_ms, 5000, memory_mb=memory_mb).replace(ID, f"rag-{day}-0")


KILLED: dict[str, Any] = {"status": "error", "error_type": "Runtime.OutOfMemory"}
#: Logs of a function that was changed, or was not, each with the memory that it has now, whether it
#: has too little there, and whether requests reach its limit there.
CHANGED: dict[str, tuple[list[str], int, int, int]] = {
    "down on the 20th": (
        [*(at(d, memory_mb=3008) for d in range(1, 20)), *(at(d, memory_mb=512) for d in (20, 21))],
        512, 0, 0,
    ),
    "up, after it was killed": (
        [*(at(d, memory_mb=512, max_memory_used_mb=512, **KILLED) for d in range(1, 20)),
         at(20, memory_mb=1024)],
        1024, 0, 0,
    ),
    "late at a size that is gone": (
        [at(1, memory_mb=2048, status="timeout"), at(9, memory_mb=1024)], 1024, 0, 0,
    ),
    "tried in between, and given up": (
        [*(at(d) for d in (1, 2)), *(at(d, memory_mb=3008) for d in (3, 4)),
         *(at(d, status="timeout") for d in (5, 6, 7))],
        1024, 0, 1,
    ),
    "two beside each other": (
        [at(d, k, memory_mb=mb) for d in (1, 2) for k, mb in enumerate((1024, 2048))], 2048, 0, 0,
    ),
    "still running when it was changed": (
        [at(1, 0, memory_mb=2048), at(1, 5, memory_mb=512), at(1, 9, memory_mb=2048),
         at(1, 30, memory_mb=512)],
        512, 0, 0,
    ),
    "lines without a time": ([line("9000.00", memory_mb=3008), line(memory_mb=512)], 3008, 0, 0),
    "one line without a time": ([at(1, memory_mb=3008), line(memory_mb=512)], 3008, 0, 0),
    "killed at the size it has": (
        [at(1, memory_mb=3008), at(9, memory_mb=512, max_memory_used_mb=512, **KILLED)], 512, 1, 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
def test_what_goes_on_the_receipt_is_of_the_function_as_it_is_now(reader: Any, name: str) -> None:
    """The memory that it has, with its peak, its length and its ends there, as the audit has it."""
    lines, memory_mb, short, late = CHANGED[name]
    text = "\n".join(lines)
    facts = reader("((text) => findingsOf(readLog(text)).map(factsOf))", text)[0]
    assert (facts["memory_mb"], facts["out_of_memory"], facts["times_out"]) == (
        memory_mb, short, late
    )  # fmt: skip
    log = functions(Tally.of("pasted", text.splitlines()), [])[0]
    size = log.main_size
    assert size.memory_mb == facts["memory_mb"]
    assert size.sums.peak_used_mb == facts["peak_memory_mb"]
    each_ms = size.sums.billed_total_ms / size.sums.invocations
    assert facts["generate_ms"] == pytest.approx(each_ms, abs=0.06)
    assert facts["unsplit"] == 1


def test_the_cpu_on_the_receipt_is_that_of_the_size_it_has_now(reader: Any) -> None:
    """200 ms were measured at 1,769 MB, 40 ms before that at 512; INIT is no wait."""
    lines = [
        *(at(d, memory_mb=512) for d in range(1, 20)), measured(1, 512, 40),
        at(21, memory_mb=1769), at(22, memory_mb=1769, init_ms=Decimal("600.00")),
        measured(21, 1769, 200), measured(22, 1769, 200),
    ]  # fmt: skip
    facts = reader("((text) => factsOf(findingsOf(readLog(text))[0]))", "\n".join(lines))
    assert (facts["receive_ms"], facts["generate_ms"], facts["unsplit"]) == (200, 4800, 0)
    assert (facts["init_ms"], facts["cold_start_share"]) == (600, 0.5)


def test_what_a_log_does_not_say_is_unknown_on_the_receipt(
    reader: Any, javascript: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """No answer of the page's own request is taken for a fact of it, and its link says so too."""
    facts = reader("((text) => factsOf(findingsOf(readLog(text))[0]))", REAL)
    unsaid = {name for name, value in facts.items() if value is None}
    assert unsaid == {field.name for field in fields(Answers)} - {
        "longest_ms", "out_of_memory", "times_out"
    }  # fmt: skip
    assert facts["longest_ms"] == 0
    link = javascript("writeAddress", "article", scenario() | facts)
    assert run(["decide", "--scenario", link, "--on", page_day().isoformat(), "--json"]) == 0
    by_link = json.loads(capsys.readouterr().out)
    assert {"calls", "reads_along", "own_process"} < {*by_link["unknown"]}


def test_the_dearest_function_comes_first(reader: Any) -> None:
    """By dollars, whatever the order of their lines."""
    line = "2026-11-01T10:00:00 2026/11/01/{}[$LATEST]4f0c " + REAL.splitlines()[0]
    log = reader("readLog", "\n".join(
        line.format(name).replace("RequestId: ", f"RequestId: {k}")
        for k, name in enumerate(("one", "two", "two", "two"))))  # fmt: skip
    assert [one["name"] for one in log["functions"]] == ["one", "two"]
    assert [one["name"] for one in reader("findingsOf", log)] == ["two", "one"]


def test_the_sample_has_something_to_say(reader: Any) -> None:
    """A cold start, a timeout, unused memory, and nearly all of it waiting."""
    [found] = reader(READ, sample_log())["found"]

    assert found["name"] == "chat"
    assert found["cold_starts"] == found["timeouts"] == 1
    assert found["unused_usd"] > 0
    assert found["waiting_share"] > 0.8


@pytest.mark.parametrize(
    "hostile",
    [
        "REPORT RequestId: <img src=x onerror=alert(1)> Duration: 1 ms",
        '{"type": "platform.report", "record": {"metrics": {"durationMs": {"toString": 1}}}}',
        '{"type": "platform.report", "record": null}',
        '{"metered": 1, "cpu_ms": "1e999", "wall_ms": []}',
        '{"metered": 1,' + "[" * 50_000,
        "REPORT RequestId: " * 2_000,
    ],
)
def test_hostile_lines_are_refused_and_counted(reader: Any, hostile: str) -> None:
    """Nothing of them becomes a figure, and nothing breaks."""
    page = reader(READ, hostile)
    assert page["found"] == []
    assert page["unread"] >= 1
