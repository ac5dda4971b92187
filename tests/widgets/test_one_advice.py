"""Ten functions, each told in four ways: options, a file, a page's link, and a log. One answer."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from audit_logs import line
from told import TOLD, Told, told_of

from serverless_tax.cli.app import run
from serverless_tax.widgets.page_request import page_day
from serverless_tax.widgets.scenario import FIELDS, ZERO_IS_UNKNOWN, scenario
from serverless_tax.widgets.widget import widgets


def said(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """Return what a command writes as JSON."""
    assert run([*words, "--on", page_day().isoformat(), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def written(told: Told, path: Path) -> Path:
    """Write it as a scenario's file."""
    every = told.quantities | told.answers | dict.fromkeys(told.logged, True)
    lines = [f"{name} = {json.dumps(value)}" for name, value in every.items()]
    path.write_text("\n".join(lines), "utf-8")
    return path


def on_page(javascript: Any, told: Told) -> tuple[str, str]:
    """Return the sentence that the page shows, and the link that it hands out."""
    values = told.values()
    words = widgets()["decide"].words()
    advice = javascript("advised", words["ADVICE"], words["CHANGES"], values)
    return advice["sentence"], javascript("writeAddress", "article", values)


def logged(told: Told, path: Path) -> Path:
    """Write the function's log of thirty days, evenly spread."""
    q = told.quantities
    took_ms = told.took_ms or q["wait_ms"]
    start, apart = datetime(2026, 10, 1, tzinfo=UTC), timedelta(days=30) / (told.lines - 1)
    reports = []
    for k in range(told.lines):
        at = (start + k * apart).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        report = line(
            f"{took_ms:.2f}",
            request_id=f"c3252230-c73d-49f6-8844-{k:012d}",
            memory_mb=int(q["memory_mb"]),
            max_memory_used_mb=int(q["peak_memory_mb"]),
            **told.fate,
        )
        reports.append(f"{at} {report}")
    path.write_text("\n".join(reports), "utf-8")
    return path


def audited(capsys: pytest.CaptureFixture[str], told: Told, log: Path) -> dict[str, Any]:
    """Return what the audit finds of a log with fewer requests, each hour as much cheaper."""
    q = told.quantities
    words = ["audit", str(log), "--cpu-ms", f"{q['cpu_ms']}ms", *told.facts]
    a_month = told.lines / 30 * 365 / 12
    part = a_month / q["requests_per_month"]
    words[words.index("--hour-usd") + 1] = f"{told.answers.get('hour_usd', 100) * part:.12g}"
    found = said(capsys, *words)
    (function,) = found["functions"]
    return {**function, "part": part}


SAMPLE = (
    *("an agent at once", "a fan-out that is read along"),
    *("out of memory", "a hobby out of memory", "an ETL that computes"),
)


@pytest.mark.usefixtures("prices_of_the_day")
@pytest.mark.parametrize("name", [one for one in TOLD if TOLD[one].saves_usd is not None])
def test_a_saving_is_what_it_is_by_hand(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Within 1 %, at the prices of the day of these figures."""
    saving_usd = said(capsys, "decide", *TOLD[name].words)["saving_usd"]
    assert saving_usd == pytest.approx([TOLD[name].saves_usd] * 2, rel=0.01, abs=0.01)


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=() if one in SAMPLE else pytest.mark.slow) for one in TOLD]
)
def test_every_way_of_telling_gives_one_advice(
    javascript: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    """Options, a file, the page, its link and a log: the same steps, and dollars within 1 %."""
    told = TOLD[name]
    by_options = said(capsys, "decide", *told.words)
    assert by_options["steps"] == told.steps
    by_file = said(capsys, "decide", "--scenario", str(written(told, tmp_path / "my.toml")))
    assert by_file == by_options
    sentence, link = on_page(javascript, told)
    assert sentence == by_options["sentence"]
    by_link = said(capsys, "decide", "--scenario", link)
    assert (by_link["sentence"], by_link["steps"]) == (sentence, told.steps)
    if not told.has_log:
        return
    by_log = audited(capsys, told, logged(told, tmp_path / "my.log"))
    start_usd = by_log["month"]["usd"] / by_log["part"]
    assert start_usd == pytest.approx(by_options["start_usd"], rel=0.01)
    assert by_log["steps"] == told.steps
    # The same words, but for the dollars of a log that has fewer requests.
    assert by_log["sentence"].partition(":")[0] == sentence.partition(":")[0]
    saved_usd = [usd / by_log["part"] for usd in by_log["saving_usd"]]
    assert saved_usd == pytest.approx(by_options["saving_usd"], rel=0.01)


#: What each answer narrows, one after the other, of a function that waits for calls.
ANSWERS = [
    ("--no-other-vendor",), ("--no-own-process",), ("--sees-answer",), ("--no-reads-along",),
    ("--calls", "5"), ("--no-in-order",), ("--longest-call", "12s"),
]  # fmt: skip


@pytest.mark.parametrize("cpu", [("--cpu-ms", "40ms"), ()], ids=["measured", "unknown"])
def test_what_a_log_does_not_say_is_as_unknown_as_to_decide(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, cpu: tuple[str, ...]
) -> None:
    """The same range of the same facts, and each answer that is known leaves no wider one."""
    told = told_of(1e6, 1024, 300, wait_ms=29_960, cpu_ms=40, took_ms=30_000)
    log = logged(told, tmp_path / "my.log")
    a_month = told.lines / 30 * 365 / 12
    lasts = ("--cpu", "40ms", "--wait", "29960ms") if cpu else ("--took", "30s")
    month = ("--requests", f"{a_month:.9g}", "--memory", "1024", "--peak-memory", "300", *lasts)
    hour = ("--hour-usd", "0.005")
    low, high = -1e9, 1e9
    for k in range(len(ANSWERS) + 1):
        answers = [word for words in ANSWERS[:k] for word in words]
        (by_log,) = said(capsys, "audit", str(log), *cpu, *hour, *answers)["functions"]
        by_options = said(capsys, "decide", *month, *hour, *answers)
        assert by_log["steps"] == by_options["steps"]
        assert by_log["first_year_usd"] == pytest.approx(by_options["first_year_usd"], rel=0.01)
        ask = by_options["ask"]
        assert ask is None or ask["how"] in by_log["sentence"]
        least, most = by_log["first_year_usd"]
        assert low - 0.01 <= least <= most <= high + 0.01
        low, high = least, most


#: What nobody knows, by the names of a page's fields, of a function that may change in all ways.
UNKNOWN = [
    ("in_order",),
    ("calls", "in_order"),
    ("generate_ms",),
    ("receive_ms", "sees_answer"),
    ("memory_mb", "own_process"),
    ("requests_per_month", "other_vendor"),
    ("peak_memory_mb", "generate_ms", "receive_ms"),
    ("memory_mb", "peak_memory_mb", "calls", "in_order", "reads_along"),
    ("hour_usd", "effective_rate"),
    ("memory_mb", "peak_memory_mb", "generate_ms", "receive_ms", "calls"),
]


@pytest.mark.parametrize("names", UNKNOWN, ids="-".join)
def test_what_is_unknown_on_a_page_is_so_in_its_link(
    javascript: Any, capsys: pytest.CaptureFixture[str], names: tuple[str, ...]
) -> None:
    """The link says so, an address reads it back, and the command says the page's sentence."""
    told = told_of(2e7, 1536, 300, wait_ms=9000, cpu_ms=40, answers={"calls": 3})
    nothing = dict.fromkeys(names) | dict.fromkeys({*names} & {*ZERO_IS_UNKNOWN}, 0.0)
    facts = told.values() | nothing
    words = widgets()["decide"].words()
    advice = javascript("advised", words["ADVICE"], words["CHANGES"], facts)
    link = javascript("writeAddress", "article", facts)
    assert link.count("=unknown") == len([name for name, value in nothing.items() if value is None])
    assert scenario() | javascript("readAddress", link)["changes"] == facts
    by_link = said(capsys, "decide", "--scenario", link)
    assert by_link["sentence"] == advice["sentence"]
    assert by_link["ask"] is not None
    assert (by_link["steps"] is None) is ("in any case: " not in advice["sentence"])
    word = javascript("readAddress", f"#st?v=2&{KEYS[names[0]]}=unknown")["changes"]
    assert word == {names[0]: nothing[names[0]]}


@pytest.mark.parametrize(
    "told",
    [told_of(1e7, 512, 100, wait_ms=4700), told_of(1e6, 3008, 610, wait_ms=6000)],
    ids=["below a vCPU", "above"],
)
def test_time_that_may_be_work_is_a_range_on_a_page_too(
    javascript: Any, capsys: pytest.CaptureFixture[str], told: Told
) -> None:
    """What a pasted log leaves open: the page, its link and ``--took`` say the same."""
    facts = told.values() | {"unsplit": 1.0}
    words = widgets()["decide"].words()
    advice = javascript("advised", words["ADVICE"], words["CHANGES"], facts)
    sentence = advice["sentence"]
    assert sentence.startswith("First find out how much of the time is work")
    link = javascript("writeAddress", "article", facts)
    by_link = said(capsys, "decide", "--scenario", link)
    took = ["--took", f"{told.quantities['wait_ms']}ms"]
    by_options = said(capsys, "decide", *told.words[:4], *took, *told.words[8:])
    assert by_link["sentence"] == by_options["sentence"] == sentence
    assert by_link["saving_usd"] == by_options["saving_usd"]
    assert run(["decide", "--scenario", link, "--on", page_day().isoformat()]) == 0
    between = advice["sum"].partition("Worth least: ")[0].rstrip()
    assert capsys.readouterr().out.startswith(f"{sentence}\n{between}".strip() + "\nWorth least: ")


def test_an_hour_without_a_price_leaves_a_point_in_hours(
    javascript: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the step is the same at any price; without a payback, for nobody can say one."""
    told = told_of(1e9, 1024, 900, wait_ms=4800)
    facts = told.values() | {"hour_usd": None}
    words = widgets()["decide"].words()
    advice = javascript("advised", words["ADVICE"], words["CHANGES"], facts)
    link = javascript("writeAddress", "article", facts)
    assert run(["decide", "--scenario", link, "--on", page_day().isoformat()]) == 0
    sentence, total, *_ = capsys.readouterr().out.splitlines()
    assert (sentence, total) == (advice["sentence"], advice["sum"])
    assert sentence.endswith("four hours. Then stop.")
    assert total.endswith(" then; 4 h of work.")


ABOVE = told_of(1e6, 512, 700, wait_ms=1000)
#: A function whose bill is a range and its advice is none, two whose unknown moves no dollars, of
#: which the first are few, one that has too little memory for as few, one that answers sooner for
#: the same bill, one whose work costs nothing, one that pays the same whatever is unknown, one that
#: pays from a number on, two that take more than Lambda's time, and one that pays from a number on,
#: but in no month of a million times as many, whose seconds are cheaper.
NO_DOLLARS = [
    told_of(1000, 1024, 400, wait_ms=500).values() | {"effective_rate": None},
    told_of(100, 1024, 400, wait_ms=3081).values() | {"unsplit": 1.0},
    told_of(1e6, 1024, 860, wait_ms=3081).values() | {"unsplit": 1.0},
    told_of(1000, 1024, 800, wait_ms=800, logged=("out_of_memory",)).values() | {"unsplit": 1.0},
    told_of(1000, 1024, 400, cpu_ms=900).values(),
    told_of(1000, 1024, 300, wait_ms=4800).values() | {"hour_usd": 0.0},
    told_of(2e6, 512, 300, cpu_ms=600).values(),
    told_of(910_869, 1024, 860, wait_ms=31_007).values() | {"unsplit": 1.0},
    told_of(0, 128, 60, wait_ms=20_000).values() | {"sees_answer": None, "arm": 1.0},
    told_of(1e6, 1024, 300, wait_ms=950_000).values(),
    told_of(1e6, 1024, 300).values() | {"retrieve_ms": 899_990.0, "generate_ms": None},
    told_of(0, 128, 60, wait_ms=21_000, answers={"reads_along": False}).values() | {"arm": 1.0},
]


@pytest.mark.parametrize("facts", NO_DOLLARS)
def test_what_no_dollars_hang_on_is_said_alike(
    javascript: Any, capsys: pytest.CaptureFixture[str], facts: dict[str, Any]
) -> None:
    """The page and the command: the same sentence, and the same sum of a shorter answer."""
    words = widgets()["decide"].words()
    advice = javascript("advised", words["ADVICE"], words["CHANGES"], facts)
    link = javascript("writeAddress", "article", facts)
    assert run(["decide", "--scenario", link, "--on", page_day().isoformat()]) == 0
    out = capsys.readouterr().out
    assert " ".join(out.splitlines()).startswith(f"{advice['sentence']} ")
    for told in filter(None, advice["sum"].split(" Worth most: ")):
        assert f"\n{told}\n" in out or f"\nWorth most: {told}\n" in out


#: What a page can hold and its table has to say: what is known, unknown, unsplit, and of a range.
TABLES = [
    *(TOLD[name].values() for name in SAMPLE),
    *NO_DOLLARS,
    scenario(),
    scenario("thinking") | {"requests_per_month": 0.0},
    scenario("thinking") | {"sees_answer": None, "effective_rate": 0.83},
    told_of(2e7, 1536, 300, wait_ms=9000, cpu_ms=40).values() | {"generate_ms": None},
    told_of(2e7, 1536, 300, wait_ms=9000, cpu_ms=40).values() | {"memory_mb": None},
    told_of(1e7, 512, 100, wait_ms=4700).values() | {"unsplit": 1.0},
    told_of(0, 512, 512, wait_ms=900, logged=("out_of_memory", "times_out")).values(),
    told_of(1e6, 10_240, 10_240, wait_ms=5000).values(),
    told_of(1e6, 10_240, 900, wait_ms=5000, logged=("out_of_memory",)).values(),
]


@pytest.mark.parametrize("facts", TABLES)
def test_the_table_of_a_page_is_the_command_s(
    javascript: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, facts: dict[str, Any]
) -> None:
    """Byte by byte: each fact as it is kept, with its unit, and what each step saves."""
    words = widgets()["decide"].words()
    on_the_page = javascript("tabled", words["ADVICE"], words["CHANGES"], facts)
    link = javascript("writeAddress", "article", facts)
    file = tmp_path / "advice.csv"
    said(capsys, "decide", "--scenario", link, "--csv", str(file))
    assert on_the_page == file.read_text("utf-8")
    kept = dict(row[:2] for row in csv.reader(on_the_page.splitlines()))
    assert kept["fact: requests_per_month"] == (
        f"{facts['requests_per_month']:.0f}" if facts["requests_per_month"] else "unknown"
    )
    assert "session_s" not in on_the_page


def test_a_peak_above_the_memory_is_refused_alike(
    javascript: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Options, a file, the page and its link say one sentence, and no sum."""
    sentence, link = on_page(javascript, ABOVE)
    words = widgets()["decide"].words()
    assert not javascript("advised", words["ADVICE"], words["CHANGES"], ABOVE.values())["sum"]
    file = str(written(ABOVE, tmp_path / "my.toml"))
    for options in (ABOVE.words, ["--scenario", link], ["--scenario", file]):
        assert run(["decide", *options]) == 2
        assert capsys.readouterr().err == f"serverless-tax: {sentence}\n"


KEYS = {field.name: field.key for field in FIELDS}


def test_a_preset_waits_for_all_its_calls_wherever_it_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Five calls of the article, none of which needs another: by option, in a link and in a file.

    Of its 4.85 s each would take 0.97: how long the longest does is asked for.
    """
    option = said(capsys, "decide", "--preset", "article", "--calls", "5", "--no-in-order")
    file = tmp_path / "my.toml"
    file.write_text('preset = "article"\ncalls = 5\nin_order = false\n', "utf-8")
    assert option["ask"]["fact"] == "longest_ms"
    for source in (str(file), "#st?v=2&preset=article&calls=5&order=0"):
        other = said(capsys, "decide", "--scenario", source)
        assert other["sentence"] == option["sentence"]


def test_what_a_link_leaves_unknown_prices_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Only advice can be a range: any other command says what it needs, and takes it."""
    link = "#st?v=2&preset=article&wait=unknown"
    assert run(["price", "aws-lambda", "--scenario", link]) == 2
    assert "leaves streaming_ms unknown" in capsys.readouterr().err
    assert run(["price", "aws-lambda", "--scenario", link, "--streaming", "4s"]) == 0
    assert run(["ladder", "--scenario", "#st?v=2&preset=article&requests=unknown"]) == 2
    assert "leaves requests_per_month unknown" in capsys.readouterr().err
