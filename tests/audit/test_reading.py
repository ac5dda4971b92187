"""Every way a record may be written: both readers agree, and nothing is lost without a word."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from audit_logs import ID, billed_total_ms, both, event, invocations, line, meter, numbered, report
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sampled import at_most

from serverless_tax.ground.report import Report, format_report

SAMPLE = Path(__file__).parents[1] / "data" / "report-lines.log"
STAMP = "2026-11-01T10:00:00.000Z "

milliseconds = st.decimals(0, 900_000, places=2)
reports = st.builds(
    Report,
    request_id=st.just(ID) | st.from_regex("[0-9a-f]{4,8}", fullmatch=True),
    duration_ms=milliseconds,
    billed_ms=st.integers(0, 900_545),
    memory_mb=st.sampled_from([128, 1024, 1769, 10240]),
    max_memory_used_mb=st.integers(0, 10240),
    init_ms=st.none() | milliseconds,
    restore_ms=st.none() | milliseconds,
    billed_restore_ms=st.none() | st.integers(0, 10**6),
    status=st.sampled_from([None, "error", "failure", "timeout"]),
    error_type=st.sampled_from([None, "Runtime.ExitError", "Runtime.OutOfMemory"]),
    xray_trace_id=st.sampled_from([None, "1-6a507b87-0cc4438344b48ef127ab1931"]),
)
texts = st.builds(
    lambda r, tab, before: before + format_report(r).replace("\t", tab),
    reports,
    st.sampled_from(["\t", " ", "  ", "\t "]),
    st.sampled_from(["", STAMP, f"{STAMP}2026/11/01/rag[$LATEST]4f0c ", "INFO ", "| ", "{ "]),
)
garbage = st.text(
    'REPORT questId:DurationBilled0123456789. ms\tMB{}",platform.report', max_size=200
)
pieces = st.one_of(
    texts,
    texts.map(lambda text: text[: len(text) * 2 // 3]),
    texts.map(lambda text: text.replace("Duration", "Durations", 1)),
    texts.map(lambda text: text.partition("Max Memory")[0]),
    texts.map(lambda text: f'{{"message": "{text}"}}'),
    texts.map(lambda text: f"{text} {text}"),
    garbage,
    st.text(max_size=80),
    st.sampled_from([event(), event(initDurationMs=10), event(durationMs=1.1234567), event()[:-9]]),
    st.sampled_from([meter(10.5, 200), meter(10.5, 200)[:-20], f"{STAMP}{event()}"]),
)


def test_every_line_of_the_sample_is_counted(tmp_path: Path) -> None:
    """Real lines of every variant: twenty invocations, whichever way they are read."""
    sums = both(SAMPLE)
    assert invocations(sums) == SAMPLE.read_text().count("REPORT RequestId:") + 3
    assert sums.unread == 0
    del tmp_path


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (line(), (1, 100, 0)),
        (line(init_ms=Decimal("80.00")), (1, 180, 80)),
        (line(init_ms=Decimal("80.00"), billed_ms=100), (1, 100, 0)),
        (line("2338.66", billed_ms=2521, restore_ms=Decimal("398.97"), billed_restore_ms=182),
         (1, 2521, 0)),
        (line().replace("\t", " "), (1, 100, 0)),
        (line(request_id="2b0a5ad0"), (1, 100, 0)),
        (STAMP + line(), (1, 100, 0)),
        (line() + line(request_id="2b0a5ad0"), (2, 200, 0)),
        (line("900000.00", billed_ms=900_545, init_ms=Decimal("544.90")), (1, 900_545, 545)),
        (event(), (1, 101, 0)),
        (event(initDurationMs=10, billedDurationMs=111), (1, 111, 10)),
        (STAMP + event(), (1, 101, 0)),
        ("INIT_REPORT Init Duration: 1236.04 ms Phase: init Status: timeout", (0, 0, 0)),
        (f'{{"message": "{line()}"}}'.replace("\t", "\\t"), (1, 100, 0)),
        (line() + "\n" + line(), (1, 100, 0)),
    ],
)  # fmt: skip
def test_a_variant_reads_as_expected(
    written: str, expected: tuple[int, int, int], tmp_path: Path
) -> None:
    """Invocations, billed milliseconds, and what INIT added to them."""
    path = tmp_path / "a.log"
    path.write_text(f"START RequestId: {ID}\n{written}\nEND RequestId: {ID}\n")
    sums = both(path)
    init = sum(group.sums.init_billed_ms for group in sums.groups.values())
    assert (invocations(sums), billed_total_ms(sums), init) == expected
    assert sums.unread == 0


def test_how_it_ended_is_counted_with_what_it_cost(tmp_path: Path) -> None:
    """Timeouts, crashes and those out of memory keep apart."""
    path = tmp_path / "a.log"
    path.write_text(
        "\n".join([
            line("3000.00", status="timeout"),
            line("50.00", status="error", error_type="Runtime.ExitError"),
            line("70.00", status="error", error_type="Runtime.OutOfMemory"),
        ])
    )  # fmt: skip
    (group,) = both(path).groups.values()
    sums = group.sums
    assert (sums.timeouts, sums.timeout_billed_ms) == (1, 3000)
    assert (sums.failures, sums.failure_billed_ms, sums.out_of_memory) == (2, 120, 1)


@pytest.mark.parametrize(
    "cut",
    [
        line()[:60],
        line().replace(" MB", ""),
        *(line().replace(figure, f"-{figure}") for figure in ("90 MB", "1024 MB", "100.00 ms")),
        event()[:-3],
        event(billedDurationMs=-1),
    ],
)
def test_what_cannot_be_read_is_counted_and_shown(cut: str, tmp_path: Path) -> None:
    """A record that began is never dropped without a word."""
    path = tmp_path / "a.log"
    path.write_text(f"{line()}\n{cut}\n")
    sums = both(path)
    assert (invocations(sums), sums.unread) == (1, 1)
    assert sums.unread_shown[0][0] == str(path)


def test_a_piece_of_json_before_a_record_says_when_it_was(tmp_path: Path) -> None:
    """Where line breaks were lost, the event before it may be cut off; its time is the line's."""
    path = tmp_path / "a.log"
    path.write_text(f'"time":"2026-11-02T10:00:00.000Z","type"{line()}\n{STAMP}{line()}\n')
    (group,) = both(path).groups.values()
    assert sorted(group.by_day) == ["2026-11-01", "2026-11-02"]


def test_a_log_begins_with_its_first_line_and_ends_with_its_last(tmp_path: Path) -> None:
    """Whatever their order, and however long each took."""
    path = tmp_path / "a.log"
    times = ("2026-11-02T10:00:00", "2026-11-01T09:00:00", "2026-11-03T08:00:00")
    path.write_text("\n".join(f"{t}.000Z {line(f'{k}.50')}" for k, t in enumerate(times)))
    (group,) = both(path).groups.values()
    assert (group.sums.first_time, group.sums.last_time) == (times[1], times[2])


def test_only_the_first_three_are_shown(tmp_path: Path) -> None:
    """A million broken lines are a number, and three examples."""
    path = tmp_path / "a.log"
    path.write_text("\n".join([line()[:60]] * 10))
    sums = both(path)
    assert (sums.unread, len(sums.unread_shown)) == (10, 3)


def test_a_figure_that_no_function_has_is_unread(tmp_path: Path) -> None:
    """One line of ten to the twelve milliseconds would drown the sum."""
    path = tmp_path / "a.log"
    path.write_text(line(billed_ms=10**11) + "\n" + line(memory_mb=10**8) + "\n")
    assert both(path).unread == 2


def test_cpu_is_read_from_the_meter_and_from_lambda_insights(tmp_path: Path) -> None:
    """Both kinds of line, by function and memory."""
    insights = (
        '{"cpu_total_time":670,"duration":4519,"billed_duration":4520,"total_memory":256,'
        '"function_name":"chat","request_id":"1a"}'
    )
    path = tmp_path / "a.log"
    path.write_text(numbered([meter(41.25, 4855.2), insights, STAMP + meter(1, 2)]))
    groups = {key[2:4]: group.sums for key, group in both(path).groups.items()}
    assert groups["rag", 1024].cpu_total_ns == 42_250_000
    assert groups["rag", 1024].wall_total_ns == 4_857_200_000
    assert groups["chat", 256].cpu_total_ns == 670_000_000


def test_a_call_that_could_not_be_measured_is_counted_as_such(tmp_path: Path) -> None:
    """The meter says when calls ran side by side in one process."""
    path = tmp_path / "a.log"
    path.write_text('{"metered": 1, "request_id": "1a", "cpu_ms": null, "concurrent": true}\n')
    sums = both(path)
    assert (sums.concurrent, sums.groups) == (1, {})


@settings(at_most(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(pieces, max_size=120))
@example(lines=["REPORT RequestId: " * 5000, "{" * 5000, '"platform.report"' * 200])
def test_both_readers_agree_on_anything(lines: list[str], tmp_path: Path) -> None:
    """Real lines, cut ones, quoted ones and noise: the same sums, to the last MB·ms."""
    path = tmp_path / "fuzz.log"
    # A line of a log's own between them, so that none is taken for the rest of a wrapped one. Which
    # of two records of a request a measurement meets hangs on what is read together: where one is
    # measured, only the first record keeps the request's id.
    measured = [k for k, text in enumerate(lines) if '"metered"' in text]
    records = [k for k, text in enumerate(lines) if ID in text and k not in measured]
    for k in records[1:] if measured else ():
        lines[k] = lines[k].replace(ID, f"{k:08x}{ID[8:]}")
    text = "\nEND RequestId: 1a\n".join(["", *lines, ""])
    path.write_text(text, "utf-8", "replace", newline="")
    both(path)


def test_the_bill_of_a_written_log_is_its_own(tmp_path: Path) -> None:
    """What reports say is what the audit adds up."""
    made = [report(f"{k * 37 % 5000}.25", init_ms=Decimal(k) if k % 9 == 0 else None)
            for k in range(1, 400)]  # fmt: skip
    path = tmp_path / "a.log"
    path.write_text("\n".join(format_report(one) for one in made))
    assert billed_total_ms(both(path)) == sum(one.billed_ms for one in made)
