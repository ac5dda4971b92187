"""What an audit concludes: money, months, waiting and changes, each from figures worked by hand."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from audit_logs import by_plain_reader, event, line, meter, numbered

from serverless_tax import Workload, bill
from serverless_tax.audit import run as adding
from serverless_tax.audit.find.findings import Audit, findings
from serverless_tax.audit.find.money import Terms, calendar_month_usd
from serverless_tax.audit.find.requests import workload
from serverless_tax.audit.read.sources import find_sources
from serverless_tax.audit.sums.functions import functions
from serverless_tax.questions.sentence import paid_back

DAY = date(2026, 11, 1)
TERMS = Terms(on=DAY)


def audited(folder: Path, *lines: str, function: str = "rag", **more: Any) -> Audit:
    """Audit some lines."""
    path = folder / "a.log"
    path.write_text(numbered(lines))
    sources = find_sources([str(path)], function)
    return findings(by_plain_reader(path), sources, more.pop("terms", TERMS), **more)


def timed(days: int, each: int = 1, text: str = "") -> list[str]:
    """Lines of several days from 2026-10-01 noon on, some a day."""
    first = datetime(2026, 10, 1, 12)  # noqa: DTZ001 - written with its Z below
    stamps = [first + timedelta(days=k) for k in range(days) for _ in range(each)]
    return [f"{stamp.isoformat()}.000Z {text or line()}" for stamp in stamps]


def test_the_cost_is_requests_and_gb_seconds_at_the_sheets_prices(tmp_path: Path) -> None:
    """Ten invocations of 100 ms at 1,024 MB: one GB-second, and ten requests."""
    found = audited(tmp_path, *[line()] * 10)
    assert found.total("gb_seconds") == 1.0
    assert found.usd == pytest.approx(0.0000166667 + 10 * 0.0000002, rel=1e-12)


def test_it_is_the_packages_bill_of_the_same_requests(tmp_path: Path) -> None:
    """A million alike requests: `bill` and the audit agree."""
    found = audited(tmp_path, *[line("4855.50")] * 100)
    w = Workload(requests_per_month=100, memory_mb=1024, wait_ms=4855.5)
    assert found.usd == pytest.approx(bill("aws-lambda", w, on=DAY).total, rel=1e-9)


def test_tiers_are_of_the_account_and_its_month() -> None:
    """Beyond six billion GB-seconds of a month a GB-second is cheaper."""
    mb_ms = 7_000_000_000 * 1024 * 1000
    _, time_usd = calendar_month_usd(1, mb_ms, TERMS.prices(), TERMS)
    assert time_usd == pytest.approx(6e9 * 0.0000166667 + 1e9 * 0.000015, rel=1e-12)


def test_a_share_that_nobody_knows_leaves_the_list_price() -> None:
    """1,000 ms in 1,024 MB are $0.0000166667 then, and half of that at half the price."""
    used = 1, 1024 * 1000, TERMS.prices()
    for rate, usd in ((None, 0.0000166667), (0.5, 0.00000833335)):
        assert calendar_month_usd(*used, Terms(on=DAY, effective_rate=rate))[1] == usd


def test_the_free_tier_is_off_unless_asked_for(tmp_path: Path) -> None:
    """A small log costs nothing with it."""
    assert audited(tmp_path, line()).usd > 0
    assert audited(tmp_path, line(), terms=Terms(on=DAY, free_tier=True)).usd == 0


@pytest.mark.parametrize(("days", "known"), [(7, False), (8, True)])
def test_a_month_is_named_from_seven_days_on(days: int, tmp_path: Path, *, known: bool) -> None:
    """Noon of the first day to noon of the eighth are seven days."""
    found = audited(tmp_path, *timed(days))
    assert (found.month is not None) == known
    assert any("less than a week" in note for note in found.notes) != known


def test_a_month_has_a_range_around_it(tmp_path: Path) -> None:
    """Days that differ widen it; days that are alike do not."""
    alike = audited(tmp_path, *timed(29)).month
    assert alike is not None
    assert alike.low_usd <= alike.usd <= alike.high_usd
    heavy = [text for k, text in enumerate(timed(29)) for _ in range(1 + 20 * (k % 7 == 0))]
    uneven = audited(tmp_path, *heavy).month
    assert uneven is not None
    spreads = [(m.high_usd - m.low_usd) / m.usd for m in (alike, uneven)]
    assert spreads[0] < 0.1 < spreads[1]


def test_missing_days_are_listed(tmp_path: Path) -> None:
    """Two days and three without a line, as a gap each."""
    lines = timed(10)
    found = audited(tmp_path, *lines[:2], *lines[4:6], *lines[9:])
    gaps = [["2026-10-03", "2026-10-04"], ["2026-10-07", "2026-10-09"]]
    assert found.period.to_dict()["missing"] == gaps
    assert found.period.to_dict()["missing_days"] == 5


def test_without_a_time_nothing_is_said_of_a_month(tmp_path: Path) -> None:
    """Nor of a period."""
    found = audited(tmp_path, line(), *timed(30))
    assert found.month is None
    assert found.period.untimed == 1


def test_no_day_is_no_trap(tmp_path: Path) -> None:
    """A prefix that only looks like a time is none."""
    found = audited(tmp_path, f"2026-13-99T99:99:99.000Z {line()}")
    assert found.period.first is None


def test_waiting_is_unknown_without_cpu(tmp_path: Path) -> None:
    """REPORT lines alone say nothing, and nothing is assumed."""
    (one,) = audited(tmp_path, *[line()] * 50).functions
    assert (one.waiting.how, one.waiting.share, one.waiting_usd) == ("unknown", None, None)


def test_measured_cpu_is_corrected_for_the_quota(tmp_path: Path) -> None:
    """50 ms of CPU take 691 of 875 ms at 128 MB, less a last period: a quarter was waiting."""
    report = line("875.00", memory_mb=128)
    (one,) = audited(tmp_path, report, meter(50, 875, memory_mb=128)).functions
    assert one.waiting.how == "measured"
    assert one.waiting.share == pytest.approx(1 - (50 * 1769 / 128 - 20) / 875, abs=0.01)
    assert one.waiting.cpu_share == pytest.approx(50 / 875)


def test_above_a_whole_cpu_nothing_is_corrected(tmp_path: Path) -> None:
    """At 1,769 MB and above one thread has all it can use."""
    for memory_mb in (1769, 3008):
        lines = line("250.00", memory_mb=memory_mb), meter(50, 250, memory_mb=memory_mb)
        (one,) = audited(tmp_path, *lines).functions
        assert one.waiting.share == pytest.approx(0.8)


def test_a_function_that_was_not_held_to_its_share_says_so(tmp_path: Path) -> None:
    """More CPU than 128 MB buy was measured on another machine than Lambda's."""
    lines = line("250.00", memory_mb=128), meter(50, 250, memory_mb=128)
    (one,) = audited(tmp_path, *lines).functions
    assert one.waiting.share == pytest.approx(0.8)
    assert "not held to its share" in one.waiting.says


def test_two_sizes_of_one_day_tell_cpu_from_waiting(tmp_path: Path) -> None:
    """At 128 and 1,024 MB: 48 to 53 ms of CPU, and 183 to 217 ms of waiting in 578."""
    stamp = "2026-11-01T10:00:00.000Z "
    sizes = [line("875.00", memory_mb=128), line("281.00", memory_mb=1024)]
    (one,) = audited(tmp_path, *[stamp + text for text in sizes * 20]).functions
    assert one.waiting.how == "experiment"
    assert one.waiting.cpu_ms == pytest.approx(50, abs=4)
    assert one.waiting.says.endswith(
        "fit 48.1 ms to 52.9 ms of CPU and 183.2 ms to 217.4 ms of waiting, if requests were alike."
    )
    assert one.waiting.share == pytest.approx(183.2 / 578, abs=1e-3)
    assert one.waiting.most_share == pytest.approx(217.4 / 578, abs=1e-3)
    assert one.waiting_usd is not None
    assert one.most_waiting_usd is not None
    assert one.waiting_usd < one.most_waiting_usd


def test_sizes_of_different_days_are_no_experiment(tmp_path: Path) -> None:
    """Code and traffic may have changed with the memory: consistent with, but no share."""
    sizes = [
        f"2026-11-0{1 + k}T10:00:00.000Z {text}"
        for k, text in enumerate([line("875.00", memory_mb=128), line("281.00", memory_mb=1024)])
    ]
    (one,) = audited(tmp_path, *sizes * 20).functions
    assert one.waiting.share is None
    assert "consistent with" in one.waiting.says


def test_stated_cpu_is_by_function_or_for_all(tmp_path: Path) -> None:
    """25 of 100 ms at 1,769 MB; a name goes before the star."""
    report = line(memory_mb=1769)
    for stated in ({"rag": 25.0}, {"*": 25.0}, {"rag": 25.0, "*": 99.0}):
        (one,) = audited(tmp_path, report, cpu_ms=stated).functions
        assert (one.waiting.how, one.waiting.share) == ("stated", pytest.approx(0.75))


def test_lambda_insights_is_a_measurement_too(tmp_path: Path) -> None:
    """An event of another log group, matched by the function's name."""
    insights = (
        '{"cpu_total_time":25,"duration":100,"total_memory":1769,"function_name":"rag","a":1}'
    )
    (one,) = audited(tmp_path, line(memory_mb=1769), insights).functions
    assert one.waiting.share == pytest.approx(0.75)


def test_a_saving_of_memory_never_ignores_the_cpu(tmp_path: Path) -> None:
    """A function that only computes saves nothing with less memory; one that waits does."""
    a_month = timed(31, each=40, text=line("1000.00", memory_mb=1769))
    computes, waits = (
        audited(tmp_path, *a_month, cpu_ms={"*": cpu}).functions[0] for cpu in (1000.0, 1.0)
    )
    ids = [{change.id for change in one.changes} for one in (computes, waits)]
    assert "memory" not in ids[0]
    assert computes.unused_usd > 0
    assert "memory" in ids[1]


def test_unknown_waiting_gives_from_to_and_no_figure(tmp_path: Path) -> None:
    """What depends on the waiting is between none and all of it, and ranks by the least."""
    found = audited(tmp_path, *timed(31, each=40, text=line("20000.00")))
    changes = {change.id: change for change in found.functions[0].changes}
    assert changes["memory"].saving_usd is None
    assert changes["memory"].low_usd == 0
    assert changes["memory"].high_usd > 0
    assert changes["memory"].first_year_usd == -200  # two hours, and nothing that is sure
    assert found.functions[0].to_dict()["changes_per"] == "month"
    assert changes["gateway"].only_if[0] == "it waits for longer than it works"


def test_two_hours_come_before_forty(tmp_path: Path) -> None:
    """By what the first year leaves, and what needs an answer that no log gives comes last.

    It saves nothing where that is not so, however well its waiting is known.
    """
    found = audited(tmp_path, *timed(31, each=40, text=line("20000.00")), cpu_ms={"*": 5.0})
    ranked = [change for _, change in found.ranked]
    assert [change.id for change in ranked[:2]] == ["memory", "arm"]
    assert [bool(change.only_if) for change in ranked] == [False] * 2 + [True] * (len(ranked) - 2)
    assert all(change.risk for change in ranked)
    on_condition = ranked[2:]
    assert {(it.saving_usd, it.low_usd, it.first_year_usd) for it in on_condition} == {
        (None, 0.0, -100 * it.effort_hours) for it in on_condition
    }
    years = [12 * it.if_met_usd - 100 * it.effort_hours for it in on_condition]
    assert years == sorted(years, reverse=True)
    assert all(it.high_usd >= it.if_met_usd > 0 for it in on_condition)
    # A day's 40 calls of 20 s at 1 GB are a month of $0.41; each stands on those before it.
    assert sum(change.high_usd for change in ranked[:2]) < found.functions[0].month.usd


def test_an_hour_and_a_rate_that_nobody_says_are_ranges(tmp_path: Path) -> None:
    """Two hours at $20 are paid sooner than at $250, by which it ranks; of $1 AWS is paid half."""
    path = tmp_path / "a.log"
    lines = timed(31, each=300, text=line("60000.00", max_memory_used_mb=300))
    path.write_text(numbered(lines))
    sources, sums = find_sources([str(path)], "rag"), by_plain_reader(path)
    known, hour, rate = (
        findings(sums, sources, Terms(on=DAY, **terms), {"*": 5.0}).functions[0]
        for terms in ({}, {"hour_usd": None}, {"effective_rate": None})
    )
    memory, of_hour, of_rate = (one.changes[0] for one in (known, hour, rate))
    assert [one.id for one in (memory, of_hour, of_rate)] == ["memory"] * 3
    assert of_hour.saving_usd == memory.saving_usd
    assert memory.payback == paid_back(2 * 100 / memory.low_usd)
    assert paid_back(2 * 20 / memory.low_usd) == "7 months"
    assert of_hour.payback == "7 months, or not within five years"
    assert of_hour.first_year_usd == pytest.approx(12 * memory.low_usd - 2 * 250)
    assert rate.usd == known.usd  # at list prices, which is said
    assert (of_rate.low_usd, of_rate.high_usd) == pytest.approx(
        (memory.low_usd / 2, memory.low_usd)
    )
    assert of_rate.payback == f"{memory.payback}, or not within five years"  # of all, and of half
    assert of_rate.would_change == "what share of its list prices AWS is paid"


def test_out_of_memory_is_given_memory_first(tmp_path: Path) -> None:
    """Whatever it costs; of a function that only computes, no gateway and no sharing is said."""
    ended = line(
        "900.00", status="error", error_type="Runtime.OutOfMemory", max_memory_used_mb=1024
    )
    lines = [*timed(31, each=40, text=line("900.00")), *timed(31, text=ended)]
    found = audited(tmp_path, *lines, cpu_ms={"*": 900.0})
    (_, first), *others = found.ranked
    assert (first.id, first.needed) == ("memory", True)
    assert "2,048 MB" in first.name  # twice: how much it lacked, no line says
    assert not {"gateway", "no-proxy", "suspended"} & {change.id for _, change in others}
    assert found.functions[0].sentence.startswith("Set memory to 2,048 MB: ")


@pytest.mark.parametrize("apart_ms", [0, 7])
def test_twice_the_memory_is_the_same_size_however_lengths_scatter(
    tmp_path: Path, apart_ms: int
) -> None:
    """Of 457 MB twice is 914, which no round size is: of requests alike, and of any lengths."""
    fate = {"status": "error", "error_type": "Runtime.OutOfMemory"}
    sized = {"memory_mb": 457, "max_memory_used_mb": 457}
    lines = [line(f"{900 + k * apart_ms}.00", **sized, **(fate if k else {})) for k in range(40)]
    (first, *_) = audited(tmp_path, *lines, cpu_ms={"*": 2.0}).functions[0].changes
    assert (first.id, first.name, first.needed) == ("memory", "Set memory to 914 MB", True)


def test_work_has_one_size_however_its_waits_scatter(tmp_path: Path) -> None:
    """700 ms of CPU in 3,008 MB, of which it needs 1,134, and 100 to 1,500 ms of waiting.

    From 1,134 MB on the law of the CPU has its steps between whole sizes: at 1,147 MB the work is a
    period shorter than at 1,146. So it is for what all of these requests are on average.
    """
    for waits_ms in ([800] * 40, [100 + 36 * k for k in range(39)] + [800]):
        lines = [
            line(f"{700 + wait_ms:.2f}", memory_mb=3008, max_memory_used_mb=945)
            for wait_ms in waits_ms * 5
        ]
        (first, *_) = audited(tmp_path, *lines, cpu_ms={"*": 700.0}).functions[0].changes
        assert (first.id, first.name) == ("memory", "Set memory to 1,147 MB")


def test_an_architecture_is_of_a_function(tmp_path: Path) -> None:
    """One that is on Arm already costs a fifth less, and is not told to go there."""
    lines = timed(31, each=40, text=line("20000.00"))
    on_x86 = audited(tmp_path, *lines, cpu_ms={"*": 5.0})
    terms = Terms(on=DAY, architectures={"rag": "arm64"})
    on_arm = audited(tmp_path, *lines, cpu_ms={"*": 5.0}, terms=terms)
    assert on_arm.usd == pytest.approx(on_x86.usd * 0.8, rel=1e-3)
    assert "arm" not in {change.id for _, change in on_arm.ranked}


def test_the_ladders_first_rung_is_the_logs_bill(tmp_path: Path) -> None:
    """The sample that stands for the log costs what the log does, cold starts included."""
    lengths = [line(f"{k * 7 % 900 + 5}.50") for k in range(450)]
    lengths += [line(f"{k * 7 % 900 + 5}.50", init_ms=Decimal("800.00")) for k in range(50)]
    found = audited(tmp_path, *lengths)
    assert found.functions[0].cold_starts == 50
    path = tmp_path / "a.log"
    (log,) = functions(by_plain_reader(path), find_sources([str(path)]))
    w = workload(log.main_size, 3.0, 1.0)
    assert bill("aws-lambda", w, on=DAY).total == pytest.approx(found.usd, rel=1e-3)
    warm_usd = bill("aws-lambda", w.replace(cold_start_share=0), on=DAY).total
    # 50 × 800 ms of 1 GB, of 500 times half a second: a seventh of the bill.
    assert warm_usd < 0.9 * found.usd


def test_what_is_suspended_is_said_beside_other_changes(tmp_path: Path) -> None:
    """A minute a request, of which nobody knows the work: memory and Arm come before it."""
    found = audited(tmp_path, *timed(30, 20, line("60000.00")))
    assert {"memory", "suspended"} < {change.id for _, change in found.ranked}
    assert any(note.startswith("100 % of its waiting is suspended") for note in found.notes)


def test_half_short_and_half_long_are_so_in_what_is_priced(tmp_path: Path) -> None:
    """Each has 3 ms of work, and waits for the rest of its 100 or 300 ms."""
    path = tmp_path / "a.log"
    path.write_text("\n".join([line("100.00")] * 50 + [line("300.00")] * 50))
    (log,) = functions(by_plain_reader(path), find_sources([str(path)]))
    assert sorted(workload(log.main_size, 3.0, 1.0).wait_ms) == [97] * 32 + [297] * 32


def test_json_events_and_text_lines_are_one_function(tmp_path: Path) -> None:
    """The log's format changed in between; the sizes stay apart."""
    found = audited(tmp_path, line(), event(memorySizeMB=512), function="rag")
    assert [size.memory_mb for size in found.functions[0].sizes] == [512, 1024]


def test_an_audit_is_three_parts(tmp_path: Path) -> None:
    """Totals, functions, and what could not be read."""
    found = audited(tmp_path, line(), line()[:70]).to_dict()
    assert list(found) == ["totals", "ranked", "functions", "unread"]
    assert {"invocations", "billed_ms", "gb_seconds", "usd"} <= set(found["totals"])
    assert found["unread"]["records"] == 1


def test_a_length_that_was_printed_rounded_is_billed_as_the_line_says(tmp_path: Path) -> None:
    """220.00 ms billed as 221: 4,274 of 975,000 real lines, where the clock said 220.001."""
    found = audited(tmp_path, *[line("220.00", billed_ms=221)] * 3)
    (one,) = found.functions
    assert (one.billed_ms, one.cold_starts, one.init_usd) == (3 * 221, 0, 0)
    assert found.unread["records"] == 0
    assert not any("rounded" in note for note in found.notes)


def test_lengths_in_hundreds_are_known_for_those_of_before_december_2020(tmp_path: Path) -> None:
    """Priced as they were billed, and what 1 ms would leave is said: 3 × 130.5 of 600 ms."""
    old = [line("130.00", billed_ms=200)] * 3
    found = audited(tmp_path, *old)
    assert found.functions[0].billed_ms == 600
    (note,) = [note for note in found.notes if "100 ms" in note]
    assert note.startswith("rag: every length is rounded up to 100 ms, as Lambda billed until")
    assert "about 35% less" in note
    whole = [line("200.00")] * 3
    for others in ([*old, line("130.00")], [line("199.50")] * 3, whole, old[:2]):
        assert not any("100 ms" in note for note in audited(tmp_path, *others).notes)


def test_long_lengths_with_a_billed_init_are_not_taken_for_those_of_2020(tmp_path: Path) -> None:
    """A minute is put together with what is up to half a second longer: none is a whole hundred."""
    minutes = [line(f"{ms}.40", init_ms=Decimal("400.20")) for ms in (59_665, 60_012, 64_321)]
    found = audited(tmp_path, *minutes)
    assert found.functions[0].billed_ms == 60_066 + 60_413 + 64_722
    assert not any("100 ms" in note for note in found.notes)
    old = [line(f"{ms}.40", billed_ms=ms + 100 - ms % 100) for ms in (59_665, 60_012, 64_321)]
    (note,) = [note for note in audited(tmp_path, *old).notes if "100 ms" in note]
    assert note.startswith("rag: every length is rounded up to 100 ms")


def test_less_than_several_vcpus_says_what_becomes_of_work_on_all_of_them(tmp_path: Path) -> None:
    """A job in 10,240 MB that takes 3,000: nothing in a log says that one thread does its work."""
    job = line("60000.00", memory_mb=10_240, max_memory_used_mb=3000)
    found = audited(tmp_path, *timed(30, 20, job))
    assert found.functions[0].changes[0].id == "memory"
    (note,) = [note for note in found.notes if "thread" in note]
    assert note.startswith("rag: work is taken to run on one thread. If it uses every vCPU ")
    small = line("60000.00", max_memory_used_mb=300)
    assert not any("thread" in note for note in audited(tmp_path, *timed(30, 20, small)).notes)


def test_datadog_s_cpu_is_a_measurement(tmp_path: Path) -> None:
    """The mean of its points, of the function that they name and of no other."""
    log = tmp_path / "a.log"
    begin = "2026-11-01T10:00:00.000Z 2026/11/01/rag[$LATEST]ab"
    log.write_text(f"{begin} {line('1000.00', memory_mb=1769)}\n")
    metric = "aws.lambda.enhanced.cpu_total_time"
    points = [[1_790_841_600_000.0, 100.0], [1_790_841_660_000.0, 140.0], [1, None]]
    for name, how in (("rag", "measured"), ("chat", "unknown")):
        series = {"metric": metric, "pointlist": points, "tag_set": [f"functionname:{name}"]}
        (tmp_path / "datadog.json").write_text(json.dumps({"series": [series]}, indent=2))
        logs = find_sources([str(tmp_path)])
        (found,) = findings(adding.tally(logs), logs).functions
        assert found.waiting.how == how
    (tmp_path / "datadog.json").unlink()


@pytest.mark.parametrize("columns", ["cpu_total_time", "cpu_user_time,cpu_system_time"])
@pytest.mark.parametrize("form", ["event", "table"])
def test_cpu_of_lambda_insights_is_a_measurement(columns: str, form: str, tmp_path: Path) -> None:
    """As the extension writes it, or as a query's table, with the total or its two parts."""
    log, insights = tmp_path / "a.log", tmp_path / "insights"
    begin = "2026-11-01T10:00:00.000Z 2026/11/01/rag[$LATEST]ab"
    log.write_text(f"{begin} {line('1000.00', memory_mb=1769)}\n")
    figures = dict(zip(columns.split(","), (120,) if columns.endswith("total_time") else (90, 30),
                       strict=True))  # fmt: skip
    said = {"function_name": "rag", "duration": 1000, "total_memory": 1769, **figures}
    table = "\n".join(",".join(map(str, row)) for row in (said.keys(), said.values()))
    insights.write_text(json.dumps(said) if form == "event" else table)
    logs = find_sources([str(log), str(insights)])
    (found,) = findings(adding.tally(logs), logs).functions
    assert (found.waiting.how, found.waiting.cpu_ms) == ("measured", 120.0)


@pytest.mark.parametrize("count", [1, 40])
def test_lambda_s_own_spans_say_when_answers_began(count: int, tmp_path: Path) -> None:
    """Their means, whether lines are read one by one or many at once; and that it is no waiting."""
    log = tmp_path / "a.log"
    lines = []
    for k in range(count):
        lengths = {"responseLatency": 2.5 + k, "responseDuration": 10.25, "runtimeOverhead": 0.5}
        at = f"2026-11-01T10:00:{k:02d}.000Z"
        metrics = {"durationMs": 20 + k, "billedDurationMs": 20 + k, "memorySizeMB": 256,
                   "maxMemoryUsedMB": 64}  # fmt: skip
        spans = [{"name": name, "start": at, "durationMs": ms} for name, ms in lengths.items()]
        record = {"requestId": f"{k:08x}-0000-4000-8000-000000000000", "metrics": metrics,
                  "spans": spans, "status": "success"}  # fmt: skip
        lines.append(json.dumps({"time": at, "type": "platform.report", "record": record}))
    log.write_text("\n".join(lines))
    logs = find_sources([str(log)])
    (found,) = findings(adding.tally(logs), logs).functions
    assert found.waiting.how == "unknown"
    assert found.answers is not None
    assert found.answers.invocations == found.invocations == count
    assert found.answers.first_byte_ms == pytest.approx(2.5 + (count - 1) / 2)
    assert (found.answers.sending_ms, found.answers.overhead_ms) == (10.25, 0.5)
    assert "They do not say what of that was waiting." in found.answers.says
