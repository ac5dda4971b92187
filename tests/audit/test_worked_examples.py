"""Every figure that an audit finds, of small logs, worked by hand.

Prices of 2026-11-01, x86 in us-east-1: $0.0000166667 a GB-second, $0.0000002 a request; beyond six
billion GB-seconds of an account's month $0.000015; on Arm $0.0000133334. A second at 1,024 MB is a
GB-second, at 2,048 MB it is two.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from audit_logs import both, by_plain_reader, event, line, meter, numbered

from serverless_tax import bill
from serverless_tax.audit.find.findings import Audit, FunctionFinding, findings
from serverless_tax.audit.find.money import Terms
from serverless_tax.audit.find.requests import workload
from serverless_tax.audit.read.sources import find_sources
from serverless_tax.audit.sums.functions import functions
from serverless_tax.ground.report import format_report, parse_report
from serverless_tax.platforms.aws_lambda import PLATFORM

DAY = date(2026, 11, 1)
GB_SECOND_USD, REQUEST_USD = 0.0000166667, 0.0000002
#: Calls of each day from 2026-10-01 to 2026-10-11. Those of the nine days between are 10 on
#: average, 2 more or less: 8 × 2² = 32, of which an eighth is 4, so the deviation is 2, and two
#: errors of the mean are 2 × 2 / √9 = 1⅓.
CALLS = (10, 8, 8, 8, 8, 10, 12, 12, 12, 12, 10)


def audited(folder: Path, lines: list[str], **more: Any) -> Audit:
    """Audit lines; all readers have to read them alike."""
    path = folder / "a.log"
    path.write_text(numbered(lines))
    sums = both(path) if len(lines) < 200 else by_plain_reader(path)
    terms = more.pop("terms", Terms(on=DAY))
    return findings(sums, find_sources([str(path)], "rag"), terms, **more)


def of_one(folder: Path, lines: list[str], **more: Any) -> FunctionFinding:
    """Audit lines of one function."""
    (one,) = audited(folder, lines, **more).functions
    return one


def near(value: float) -> Any:
    """A figure as exact as a sum of floats is."""
    return pytest.approx(value, rel=1e-9)


def at_noon(day: int, text: str) -> str:
    """A line of noon of a day in October."""
    return f"2026-10-{day:02d}T12:00:00.000Z {text}"


#: Thirteen calls at 1,024 MB and two at 512 MB, and how each ended.
MIXED = [
    *[line("1000.00")] * 6,  # warm: 6,000 ms are billed
    line("700.00", init_ms=Decimal("300.00")),  # cold, INIT billed: 1,000 ms, of which 300
    line("900.00", init_ms=Decimal("300.00"), billed_ms=900),  # cold, INIT free
    line("700.00", restore_ms=Decimal("400.00"), billed_restore_ms=200, billed_ms=900),  # restored
    line("3000.00", status="timeout"),
    line("500.00", status="error", error_type="Runtime.ExitError"),
    line("400.00", status="error", error_type="Runtime.OutOfMemory", max_memory_used_mb=250),
    line("100.00", status="failure"),
    line("500.00", init_ms=Decimal("100.00"), memory_mb=512),  # 600 ms are billed
    line("2000.00", status="timeout", memory_mb=512),
]


def test_invocations_time_and_cost(tmp_path: Path) -> None:
    """The bill: 12,800 ms at 1 GB and 2,600 ms at half a GB are 14.1 GB-seconds."""
    found = audited(tmp_path, MIXED)
    assert found.total("invocations") == 15
    assert found.total("billed_ms") == 12_800 + 2_600
    assert found.total("gb_seconds") == near(14.1)
    assert found.usd == near(14.1 * GB_SECOND_USD + 15 * REQUEST_USD) == near(0.00023800047)


def test_init_is_what_cold_starts_added_to_the_bill(tmp_path: Path) -> None:
    """300 ms and 200 ms of restoring at 1 GB, 100 ms at half: 0.55 of 14.1 GB-seconds."""
    one = of_one(tmp_path, MIXED)
    assert one.cold_starts == 4
    assert one.init_rule == {"billed": 2, "not_billed": 1}
    assert one.init_usd == near(0.55 * GB_SECOND_USD)
    assert one.init_share == near(0.55 / 14.1) == near(0.03900709219858156)


def test_timeouts_and_crashes_are_counted_and_priced(tmp_path: Path) -> None:
    """Timeouts: 3 s at 1 GB and 2 s at half are 4 GB-seconds. Crashes: 0.5 + 0.4 + 0.1 s."""
    one = of_one(tmp_path, MIXED)
    assert (one.timeouts, one.crashes, one.out_of_memory) == (2, 3, 1)
    assert one.timeout_usd == near(4 * GB_SECOND_USD)
    assert one.crash_usd == near(1 * GB_SECOND_USD)


def test_memory_never_used_is_priced_by_size(tmp_path: Path) -> None:
    """A peak of 250 MB needs 300, so 724 of 1,024 are spare; one of 90 needs the least, 128.

    12.8 × 724 / 1,024 = 9.05 GB-seconds, and 1.3 × 384 / 512 = 0.975.
    """
    one = of_one(tmp_path, MIXED)
    assert [(s.memory_mb, s.peak_used_mb, s.needed_mb) for s in one.sizes] == [
        (512, 90, 128),
        (1024, 250, 300),
    ]
    assert one.unused_usd == near((9.05 + 0.975) * GB_SECOND_USD)


def test_a_peak_above_the_memory_leaves_nothing_unused(tmp_path: Path) -> None:
    """1,000 MB with headroom are 1,200: nothing is spare, and nothing is less than nothing."""
    lines = [line(max_memory_used_mb=1000), line(memory_mb=512)]
    assert of_one(tmp_path, lines).unused_usd == near(0.05 * 384 / 512 * GB_SECOND_USD)


def test_two_meters_in_a_log_name_no_function(tmp_path: Path) -> None:
    """One does; of two nobody knows which the lines are of."""
    path = tmp_path / "a.log"
    for names, expected in ((["rag"], "rag"), (["rag", "chat"], "unknown function (a.log)")):
        measured = [meter(5, 100, function=name) for name in names]
        path.write_text(numbered([line() if len(names) == 1 else line(request_id="1a"), *measured]))
        (one,) = findings(by_plain_reader(path), find_sources([str(path)])).functions
        assert one.name == expected


def test_percentiles_are_lengths_that_were_billed(tmp_path: Path) -> None:
    """A hundred calls of 10, 20, … 1,000 ms: half take up to 500 ms, 99 of them up to 990 ms."""
    (size,) = of_one(tmp_path, [line(f"{10 * k - 1}.50") for k in range(1, 101)]).sizes
    assert (size.invocations, size.p50_ms, size.p99_ms) == (100, 500, 990)
    (size,) = of_one(tmp_path, [line(f"{10 * k - 1}.50") for k in range(1, 102)]).sizes
    assert (size.p50_ms, size.p99_ms) == (510, 1000)  # of 101, half are 51, and 99 % are 100


def test_cold_calls_count_in_the_percentiles(tmp_path: Path) -> None:
    """Two warm calls of 100 ms and two cold ones of 300: the median is 100, the rest 300."""
    cold = line("100.00", init_ms=Decimal("200.00"))
    (size,) = of_one(tmp_path, [line(), line(), cold, cold]).sizes
    assert (size.p50_ms, size.p99_ms) == (100, 300)
    # Four calls of 100 ms, one of them cold, and two of 300: three of six are at most 100.
    alike = line("60.00", init_ms=Decimal("40.00"))
    (size,) = of_one(tmp_path, [*[line()] * 3, alike, *[line("300.00")] * 2]).sizes
    assert (size.p50_ms, size.p99_ms) == (100, 300)


@pytest.mark.parametrize(
    ("duration", "init", "billed", "in_the_bill", "added"),
    [
        # 200.01 ms are printed and may be 200.00; 200.00 are printed and may be 200.01.
        ("100.00", "100.01", 200, True, 100),
        ("100.00", "100.00", 201, True, 101),
        # The same of the handler alone.
        ("100.00", "50.00", 101, False, 0),
        ("100.01", "50.00", 100, False, 0),
        # A hundredth further is no rounding, by neither rule.
        ("100.02", "50.00", 100, None, 0),
        ("99.98", "50.00", 101, None, 0),
        ("100.00", "99.98", 201, None, 0),
        ("100.00", "100.02", 200, None, 0),
    ],
)
def test_a_hundredth_of_a_millisecond_is_rounding(
    duration: str, init: str, billed: int, *, in_the_bill: bool | None, added: int, tmp_path: Path
) -> None:
    """AWS rounds what it prints after it has billed, by up to 0.01 ms each way."""
    text = line(duration, init_ms=Decimal(init), billed_ms=billed)
    report = parse_report(text)
    assert report is not None
    assert (report.init_billed, report.init_added_ms) == (in_the_bill, added)
    one = of_one(tmp_path, [text])
    billed_or_not = {"billed": int(in_the_bill is True), "not_billed": int(in_the_bill is False)}
    assert one.init_rule == billed_or_not
    assert one.init_usd == near(added / 1000 * GB_SECOND_USD)


def test_init_of_an_event_and_of_a_line_are_one_rule(tmp_path: Path) -> None:
    """100.5 ms and 10 ms of INIT: 111 are billed, 101 without it, so INIT added 10."""
    text = event(initDurationMs=10, billedDurationMs=111)
    report = parse_report(text)
    assert report is not None
    assert parse_report(format_report(report)) == report
    assert of_one(tmp_path, [text]).init_share == near(10 / 111)


def test_the_request_that_stands_for_the_log_costs_what_it_does(tmp_path: Path) -> None:
    """Its lengths, its INIT and what restoring added: 4 × 1 s, 2 × 1.5 s, 2 × 1.2 s are 9.4 s."""
    lines = [line("1000.00")] * 4
    lines += [line("1000.00", init_ms=Decimal("500.00"))] * 2
    restored = {"restore_ms": Decimal("300.00"), "billed_restore_ms": 200, "billed_ms": 1200}
    lines += [line("1000.00", **restored)] * 2
    path = tmp_path / "a.log"
    path.write_text(numbered(lines))
    (log,) = functions(by_plain_reader(path), find_sources([str(path)]))
    w = workload(log.main_size, 50.0, 1.0)
    assert (w.requests_per_month, w.cold_start_share, w.init_ms) == (8, 0.5, near(350))
    assert float(np.mean(PLATFORM.busy_ms(w))) == near(50)
    assert float(np.mean(PLATFORM.wall_ms(w))) == near(1000)
    assert bill("aws-lambda", w, on=DAY).total == near(9.4 * GB_SECOND_USD + 8 * REQUEST_USD)


@pytest.mark.slow
def test_changes_are_worked_out_for_the_hundred_that_cost_most(tmp_path: Path) -> None:
    """Of 101 functions the cheapest has none, and that is said."""
    stream = "2026-10-01T12:00:00.000Z 2026/10/01/f{}[$LATEST]4f0c {}"
    lines = [stream.format(k, line(f"{10_000 * k}.00")) for k in range(1, 102)]
    found = audited(tmp_path, lines)
    assert [one.changes_known for one in found.functions] == [True] * 100 + [False]
    assert found.functions[-1].name == "f1"
    assert "Changes are worked out for the 100 functions that cost most." in found.notes


def test_tiers_begin_anew_with_each_month(tmp_path: Path) -> None:
    """Four billion GB-seconds in October and four in November: none is beyond six billion.

    A record of 10^9 ms at 10,240 MB is ten million GB-seconds.
    """
    huge = line("1000000000.00", memory_mb=10_240)
    lines = [f"2026-{month}-15T12:00:00.000Z {huge}" for month in (10, 11) for _ in range(400)]
    found = audited(tmp_path, lines)
    assert found.total("gb_seconds") == 8e9
    assert found.usd == near(8e9 * GB_SECOND_USD + 800 * REQUEST_USD)


def test_beyond_six_billion_a_month_is_cheaper(tmp_path: Path) -> None:
    """All eight in one month: six at the first price, two at the second, alike for all calls."""
    huge = line("1000000000.00", memory_mb=10_240)
    found = audited(tmp_path, [at_noon(day, huge) for day in (1, 31) for _ in range(400)])
    assert found.usd == near(6e9 * GB_SECOND_USD + 2e9 * 0.000015 + 800 * REQUEST_USD)


def test_the_free_tier_is_of_each_month(tmp_path: Path) -> None:
    """Of 300,000 and 500,000 GB-seconds, 100,000 of the second month are paid: $1.66667."""
    text = line("10000000.00", memory_mb=10_240)  # 100,000 GB-seconds
    lines = [f"2026-10-15T12:00:00.000Z {text}"] * 3 + [f"2026-11-15T12:00:00.000Z {text}"] * 5
    found = audited(tmp_path, lines, terms=Terms(on=DAY, free_tier=True))
    assert found.usd == near(1.66667)


def test_arm_and_the_day_choose_the_price(tmp_path: Path) -> None:
    """Ten GB-seconds of Arm."""
    found = audited(tmp_path, [line("10000.00")], terms=Terms(on=DAY, architecture="arm64"))
    assert found.usd == near(10 * 0.0000133334 + REQUEST_USD)


def busy_days(missing: int = 0) -> list[str]:
    """Calls of 100 s at 2,048 MB, 200 GB-seconds each, on eleven days but one."""
    text = line("100000.00", memory_mb=2048)
    days = [(day, calls) for day, calls in enumerate(CALLS, 1) if day != missing]
    return [at_noon(day, text) for day, calls in days for _ in range(calls)]


def test_a_month_is_the_period_and_its_range_two_errors(tmp_path: Path) -> None:
    """110 calls in ten days and a second; a month is 730 hours, 30.416667 days.

    A call costs $0.00333354. A month like it: 110 × 30.416667 / 10.0000116 calls, from
    8⅔ × 30.416667 calls to 11⅓ × 30.416667.
    """
    one = of_one(tmp_path, busy_days())
    assert one.month is not None
    assert one.period.span_days == near(10 + 1 / 86_400)
    assert one.usd == near(110 * 0.00333354)
    assert one.month.usd == pytest.approx(1.115346, abs=1e-6)
    assert one.month.low_usd == near((10 - 4 / 3) * 730 / 24 * 0.00333354)
    assert one.month.high_usd == near((10 + 4 / 3) * 730 / 24 * 0.00333354)


def test_a_day_without_a_line_is_no_traffic_or_no_log(tmp_path: Path) -> None:
    """The low end takes it for the one, the high end for the other.

    Eight days of 10 ± 2 calls: an error of √(32 / 7 / 8) = 0.755929, so at most 11.511858 a day.
    With a ninth of none the mean is 8.888889 and the error √(120.888889 / 8 / 9) = 1.295767: at
    least 6.297355 a day.
    """
    one = of_one(tmp_path, busy_days(missing=6))
    assert one.month is not None
    assert len(one.period.missing) == 1
    a_call_a_day_usd = 730 / 24 * 0.00333354
    assert one.month.low_usd == pytest.approx(6.297355 * a_call_a_day_usd, rel=1e-6)
    assert one.month.high_usd == pytest.approx(11.511858 * a_call_a_day_usd, rel=1e-6)
    assert one.month.usd == pytest.approx(10 * a_call_a_day_usd, rel=2e-6)


def test_days_that_differ_widely_leave_the_low_end_at_nothing(tmp_path: Path) -> None:
    """Nine days between: eight of one call and one of 100. The mean is 12, and two errors are 22.

    The deviation is √((8 × 11² + 88²) / 8) = 33, a third of it 11: from nothing to 34 a day.
    """
    calls = (1, 1, 1, 1, 1, 100, 1, 1, 1, 1, 1)
    lines = [at_noon(day, line()) for day, n in enumerate(calls, 1) for _ in range(n)]
    month = of_one(tmp_path, lines).month
    assert month is not None
    a_call_usd = 0.1 * GB_SECOND_USD + REQUEST_USD
    assert (month.low_usd, month.high_usd) == (0, near(34 * 730 / 24 * a_call_usd))


def test_the_range_holds_the_estimate(tmp_path: Path) -> None:
    """Eleven days alike in a period of ten: the days say 30.42 calls, the period says 33.46."""
    month = of_one(tmp_path, [at_noon(day, line()) for day in range(1, 12)]).month
    assert month is not None
    a_call_usd = 0.1 * GB_SECOND_USD + REQUEST_USD
    assert month.low_usd == near(730 / 24 * a_call_usd)
    assert month.usd == month.high_usd == pytest.approx(33.458333 * a_call_usd, rel=2e-6)


def test_waiting_is_what_the_handler_was_not_busy_for(tmp_path: Path) -> None:
    """800 ms of which 80 are CPU, and 200 ms of INIT, which is work: 720 of 1,000 ms waited."""
    lines = [
        line("800.00", init_ms=Decimal("200.00"), memory_mb=1769),
        meter(80, 800, memory_mb=1769),
    ]
    one = of_one(tmp_path, lines)
    assert one.waiting.share == near(0.72)
    assert (one.waiting.cpu_ms, one.waiting.busy_ms) == (near(80), near(80))
    assert one.waiting.cpu_share == near(0.1)
    assert one.waiting_usd == near(0.72 * 1769 / 1024 * GB_SECOND_USD)


def test_measurements_of_several_calls_are_weighed_by_their_length(tmp_path: Path) -> None:
    """50 of 100 ms and 50 of 900: a tenth of the time, 50 ms a call."""
    texts = [line("100.00", memory_mb=2048), line("900.00", memory_mb=2048)]
    texts += [meter(50, 100, memory_mb=2048), meter(50, 900, memory_mb=2048)]
    waiting = of_one(tmp_path, texts).waiting
    assert (waiting.share, waiting.cpu_ms, waiting.cpu_share) == (near(0.9), near(50), near(0.1))


def test_a_measurement_is_of_the_calls_that_were_measured(tmp_path: Path) -> None:
    """One of four calls: 40 ms of CPU in 100, whatever the others did."""
    waiting = of_one(
        tmp_path, [*[line(memory_mb=2048)] * 4, meter(40, 100, memory_mb=2048)]
    ).waiting
    assert (waiting.share, waiting.cpu_ms, waiting.busy_ms) == (near(0.6), near(40), near(40))
    assert waiting.says == "CPU measured on 1 of 4 invocations."


def test_several_threads_are_busy_for_no_longer_than_the_call(tmp_path: Path) -> None:
    """250 ms of CPU in 100 ms at more than a whole CPU: none of it waited, and that is no burst."""
    waiting = of_one(tmp_path, [line(memory_mb=2048), meter(250, 100, memory_mb=2048)]).waiting
    assert (waiting.share, waiting.busy_ms, waiting.cpu_share) == (near(0), near(100), near(2.5))
    assert "not held" not in waiting.says


@pytest.mark.parametrize("cpu_ms", [6.0, 10.0])
def test_below_a_whole_cpu_work_takes_longer(cpu_ms: float, tmp_path: Path) -> None:
    """122 of 1,769 MB are 40/29 ms in a period: 6 ms take 64.4, 10 ms more than the 100 there are.

    6 ms are counted between 4 and 6, after 2 quotas for 4/29 ms, 3 for 40/29 and 4 for 14/29: a
    millisecond and (40 × 4 + 60 × 40 + 80 × 14) / 58. 10 ms would take 121.7, so that the function
    was not held to its share, and nothing is corrected.
    """
    lines = [line(memory_mb=122), meter(cpu_ms, 100, memory_mb=122)]
    waiting = of_one(tmp_path, lines).waiting
    busy_ms = {6.0: 1 + 3680 / 58, 10.0: 10.0}[cpu_ms]
    assert waiting.busy_ms == near(busy_ms)
    assert waiting.share == near(1 - busy_ms / 100)
    assert ("not held" in waiting.says) == (cpu_ms == 10.0)


def test_a_measurement_at_another_size_alone_is_taken_as_it_was(tmp_path: Path) -> None:
    """6 ms at 122 MB take 64.4 of 100, as above, of a function that has 2,048 MB now."""
    lines = [
        line(memory_mb=122),
        *[line("1000.00", memory_mb=2048)] * 2,
        meter(6, 100, memory_mb=122),
    ]
    waiting = of_one(tmp_path, lines).waiting
    assert (waiting.busy_ms, waiting.cpu_ms) == (near(1 + 3680 / 58), 6)


def test_a_measurement_without_a_memory_is_of_the_main_size(tmp_path: Path) -> None:
    """The main size is the one that most is paid for: one call of 10 s at 122 MB.

    Three calls of 10 ms at 1,769 MB are more calls and more memory, but 53,070 MB·ms to 1,220,000.
    """
    small, large = line("10000.00", memory_mb=122), line("10.00", memory_mb=1769)
    one = of_one(tmp_path, [small, large, large, large, meter(60, 10_000, memory_mb=0)])
    assert one.waiting.busy_ms == pytest.approx(60 * 29 / 2, abs=23)


def test_stated_cpu_is_weighed_by_size(tmp_path: Path) -> None:
    """10 ms of CPU take 121.7 ms at 122 MB: of 200 + 100 + 100 ms, 141.7 were work.

    They are counted between 8 and 10, after 5 quotas for 8/29 ms, 6 for 40/29, 7 for 10/29.
    """
    lines = [line("200.00", memory_mb=122), *[line(memory_mb=2048)] * 2]
    one = of_one(tmp_path, lines, cpu_ms={"rag": 10.0})
    work_ms = 1 + (100 * 8 + 120 * 40 + 140 * 10) / 58 + 20
    assert one.waiting.share == near(1 - work_ms / 400)
    assert (one.waiting.cpu_ms, one.waiting.busy_ms) == (10.0, near(10))
    assert one.waiting.cpu_share == near(30 / 400)
    assert "check the figure" not in one.waiting.says


def test_stated_cpu_that_does_not_fit_is_said(tmp_path: Path) -> None:
    """10 ms of CPU take 121.7 ms at 122 MB, which is longer than the call."""
    one = of_one(tmp_path, [line("121.00", memory_mb=122)], cpu_ms={"rag": 10.0})
    assert one.waiting.share == near(0)
    assert "longer than an invocation lasts" in one.waiting.says


@pytest.mark.parametrize(("calls", "how"), [(20, "experiment"), (19, "unknown")])
def test_two_sizes_give_cpu_and_waiting(calls: int, how: str, tmp_path: Path) -> None:
    """250 ms at 1,769 MB and 925 ms at 122 MB: wait + cpu = 250, wait + about 14.5 cpu = 925.

    So about 50 ms of CPU and 200 of waiting, of 1,175 ms: what is said is a range that holds them.
    """
    sizes = [line("250.00", memory_mb=1769), line("925.00", memory_mb=122)]
    one = of_one(tmp_path, [at_noon(1, text) for text in sizes * calls])
    assert one.waiting.how == how
    if how == "experiment":
        assert one.waiting.cpu_ms == one.waiting.busy_ms == pytest.approx(50, abs=6)
        assert one.waiting.share is not None
        assert one.waiting.most_share is not None
        assert 0.28 < one.waiting.share < 400 / 1175 < one.waiting.most_share < 0.4


def test_the_main_size_says_what_part_of_the_time_that_is(tmp_path: Path) -> None:
    """200 calls at 122 MB make it the main one: about 725 of its 925 ms were work."""
    texts = [line("250.00", memory_mb=1769)] * 20 + [line("925.00", memory_mb=122)] * 200
    waiting = of_one(tmp_path, [at_noon(1, text) for text in texts]).waiting
    assert waiting.busy_ms is not None
    assert waiting.least_busy_ms is not None
    assert 650 < waiting.least_busy_ms < 725 < waiting.busy_ms < 800
    assert waiting.share is not None
    assert waiting.most_share is not None
    assert 0.17 < waiting.share < 200 * 220 / (200 * 925 + 20 * 250) < waiting.most_share < 0.27


def test_a_cold_call_is_none_of_the_twenty(tmp_path: Path) -> None:
    """19 warm calls and a cold one say nothing of a size."""
    small = [line("925.00", memory_mb=122)] * 19
    small.append(line("925.00", memory_mb=122, init_ms=Decimal("80.00")))
    texts = [line("250.00", memory_mb=1769)] * 20 + small
    assert of_one(tmp_path, [at_noon(1, text) for text in texts]).waiting.how == "unknown"


def test_every_size_must_have_been_used_beside_another(tmp_path: Path) -> None:
    """Two on one day and a third on the next are no experiment."""
    sizes = {1769: "250.00", 122: "925.00", 244: "562.50"}
    lines = [at_noon(2 if mb == 244 else 1, line(ms, memory_mb=mb)) for mb, ms in sizes.items()]
    one = of_one(tmp_path, lines * 20)
    assert one.waiting.share is None
    assert "are consistent with" in one.waiting.says


@pytest.mark.parametrize("small_ms", ["200.00", "10000.00"])
def test_two_sizes_that_fit_no_request_say_nothing(small_ms: str, tmp_path: Path) -> None:
    """A smaller size that is faster would need less than no CPU, one 40 times slower no waiting."""
    sizes = [line("250.00", memory_mb=1769), line(small_ms, memory_mb=122)]
    one = of_one(tmp_path, [at_noon(1, text) for text in sizes * 20])
    assert one.waiting.share is None
    assert "fit no CPU and waiting" in one.waiting.says


def test_the_waiting_of_an_account_is_between_none_and_all_of_what_is_unknown(
    tmp_path: Path,
) -> None:
    """Of rag's second 0.9 waited; of chat's it is not known, but 0.2 of INIT were work."""
    stream = "2026-10-01T12:00:00.000Z 2026/10/01/{}[$LATEST]4f0c {}"
    lines = [
        stream.format("rag", line("1000.00", memory_mb=2048)),
        meter(100, 1000, function="rag", memory_mb=2048),
        stream.format("chat", line("800.00", init_ms=Decimal("200.00"))),
    ]
    low, high = audited(tmp_path, lines).waiting_usd
    assert low == near(1.8 * GB_SECOND_USD)
    assert high == near((1.8 + 0.8) * GB_SECOND_USD + REQUEST_USD)
