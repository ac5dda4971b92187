"""Ten functions, each told in four ways: options, a file, a page's link, and a log. One answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from audit_logs import line

from serverless_tax.cli.app import run
from serverless_tax.widgets.page_request import page_day
from serverless_tax.widgets.scenario import FIELDS, ZERO_IS_UNKNOWN, scenario
from serverless_tax.widgets.widget import widgets

#: What a preset has and none of these functions: one wait, and work before it.
PLAIN = dict.fromkeys(
    ("receive_ms", "retrieve_ms", "prompt_ms", "call_ms", "output_tokens", "generate_ms"), 0.0
) | {"cpu_ms_per_output_token": 0.0, "metered_cpu_ms_per_token": 0.0}


@dataclass(frozen=True, kw_only=True)
class Told:
    """A function: its quantities, the answers, and the steps that all ways have to name."""

    quantities: dict[str, float]
    answers: dict[str, Any]
    steps: list[str]
    #: What a month costs less, where it is worked out by hand.
    saves_usd: float | None = None
    #: Of its log: how long each invocation takes, if that is not what it waits.
    took_ms: float = 0
    lines: int = 400
    fate: dict[str, Any] = field(default_factory=dict)
    #: What its log says, and an option has to.
    logged: tuple[str, ...] = ()
    #: Whether a log of it can be written: not of fifty million lines, where a price is of a month.
    has_log: bool = True

    @property
    def words(self) -> list[str]:
        """Return its quantities and answers as options."""
        q = self.quantities
        said = [
            *("--requests", f"{q['requests_per_month']:.0f}", "--memory", f"{q['memory_mb']:.0f}"),
            *("--cpu", f"{q['cpu_ms']}ms", "--wait", f"{q['wait_ms']}ms"),
            *("--peak-memory", f"{q['peak_memory_mb']:.0f}"),
        ]
        return [*said, *self.facts, *(f"--{name.replace('_', '-')}" for name in self.logged)]

    @property
    def facts(self) -> list[str]:
        """Return what no log has, as options."""
        words = ["--hour-usd", f"{self.answers.get('hour_usd', 100)}"]
        for name, value in self.answers.items():
            option = name.replace("_", "-")
            if name == "longest_ms":
                words += ["--longest-call", f"{value:g}ms"]
            elif isinstance(value, bool):
                words.append(f"--{option}" if value else f"--no-{option}")
            elif name != "hour_usd":
                words += [f"--{option}", f"{value:g}"]
        return words

    def values(self) -> dict[str, float]:
        """Return it as a page has it."""
        q = self.quantities
        page = scenario() | PLAIN | {name: q[name] for name in q if name in scenario()}
        page |= {"receive_ms": q["cpu_ms"], "generate_ms": q["wait_ms"]}
        page |= dict.fromkeys(self.logged, 1.0)
        return page | {name: float(value) for name, value in self.answers.items()}


def _told(
    requests: float,
    memory_mb: float,
    peak_memory_mb: float,
    *,
    wait_ms: float = 0.0,
    cpu_ms: float = 0.0,
    steps: str = "",
    answers: dict[str, Any] | None = None,
    **more: Any,
) -> Told:
    quantities = {
        "requests_per_month": requests,
        "memory_mb": memory_mb,
        "peak_memory_mb": peak_memory_mb,
        "wait_ms": wait_ms,
        "cpu_ms": cpu_ms,
    }
    usual = {
        "reads_along": True,
        "sees_answer": True,
        "own_process": False,
        "other_vendor": False,
        "calls": 1,
        "in_order": True,
    }
    return Told(quantities=quantities, answers=usual | (answers or {}), steps=steps.split(), **more)


#: A GB-second in US East.
X86, ARM = 0.0000166667, 0.0000133334
CALLS: dict[str, Any] = {"calls": 12, "reads_along": True}
TOLD = {
    "an ETL that computes": _told(1e5, 1024, 600, cpu_ms=4800, took_ms=8281, steps="memory"),
    "out of memory": _told(
        1e6,
        512,
        512,
        wait_ms=2000,
        steps="memory",
        logged=("out_of_memory",),
        fate={"status": "error", "error_type": "Runtime.OutOfMemory"},
    ),
    "an agent in order": _told(
        1e6, 1024, 300, wait_ms=30_000, steps="memory arm", answers=CALLS | {"in_order": True}
    ),
    "an agent at once": _told(
        1e6,
        1024,
        300,
        wait_ms=30_000,
        steps="memory overlap",
        answers=CALLS | {"in_order": False, "longest_ms": 2500, "reads_along": False},
    ),
    # Twenty seconds of five calls, of which the longest takes eight: twelve of them are saved. A
    # fifth over 500 MB is 600, and 424 MB less of 8 s would save $55.21 a month: it is done too.
    "a fan-out that is read along": _told(
        1e6,
        1024,
        500,
        wait_ms=20_000,
        steps="memory overlap",
        saves_usd=1e6 * (20 - 8 * 600 / 1024) * X86,
        answers={"calls": 5, "in_order": False, "longest_ms": 8000},
    ),
    "a chat that streams": _told(1e7, 1024, 100, wait_ms=4800, steps="memory"),
    "a nightly batch": _told(
        30, 3008, 900, wait_ms=600_000, answers={"reads_along": False}, lines=30
    ),
    "a front end at Vercel": _told(
        5e7,
        1024,
        100,
        wait_ms=30_000,
        cpu_ms=5,
        steps="active-cpu",
        answers={"other_vendor": True},
        has_log=False,
    ),
    "resized in mid-month": _told(1e6, 512, 400, wait_ms=1000),
    "a hobby": _told(1e4, 512, 90, wait_ms=5000),
    # On a step of the CPU's staircase, where the clock alone leaves an eighth of the work open.
    "waits and works": _told(
        2e7,
        1536,
        300,
        wait_ms=900,
        cpu_ms=100,
        steps="memory arm",
        took_ms=1001,
        lines=20_000,
    ),
    # Suspended at each of its calls: thirteen steps, twelve waits and a start, at $8 a million.
    "an agent at night": _told(
        5e6,
        2048,
        1500,
        wait_ms=60_000,
        steps="suspended",
        answers=CALLS | {"in_order": True, "reads_along": False},
    ),
    "a cron report": _told(
        720,
        3008,
        2100,
        wait_ms=60_000,
        cpu_ms=45_000,
        answers={"reads_along": False},
        took_ms=105_000,
    ),
    "an image pipeline": _told(
        3e6, 2048, 700, wait_ms=300, cpu_ms=1200, steps="memory", took_ms=1500, lines=30_000
    ),
    "a voice bot": _told(
        1.5e6,
        2048,
        350,
        wait_ms=180_000,
        cpu_ms=900,
        steps="share",
        answers={"own_process": True, "hour_usd": 150},
        has_log=False,  # the tasks of fewer requests are no fewer
    ),
    "a push relay": _told(
        2e8, 512, 110, wait_ms=3000, cpu_ms=3, steps="no-proxy", answers={"sees_answer": False}
    ),
    # At 70 % of list 1.5 GB for 1.2 s is $105.70, 240 MB $17.11. Arm saves $39 a year, for $320.
    "a mailer at a discount": _told(
        5e6,
        1536,
        200,
        wait_ms=1200,
        steps="memory",
        saves_usd=0.7 * 5e6 * 1.2 * (1536 - 240) / 1024 * X86,
        answers={"effective_rate": 0.7, "hour_usd": 80},
    ),
    # Eight fetches fill 16 s, the longest 6 s. A fifth over 400 MB is 480: $200 a year, for $200.
    "a crawler": _told(
        2e6,
        512,
        400,
        wait_ms=16_000,
        steps="overlap",
        saves_usd=2e6 * 10 * 0.5 * X86,
        answers={"calls": 8, "in_order": False, "longest_ms": 6000, "reads_along": False},
    ),
    # 18 to 20 ms of CPU are six whole quotas of 2.89 ms in 256 MB, a period of 20 ms each: 121 ms.
    # In 144 MB they are 11, and 12 for the last 0.46 of these 2 ms, of 1.63 ms: 225.6 ms.
    "a classifier": _told(
        6e7,
        256,
        120,
        wait_ms=400,
        cpu_ms=20,
        steps="memory",
        took_ms=521,
        saves_usd=6e7 * (0.521 * 0.25 - 0.6256 * 144 / 1024) * X86,
        lines=20_000,
    ),
    # A start, two steps and a wait at $8 a million each, for $8,813.
    "a queue's worker": _told(
        4e6,
        3008,
        2500,
        wait_ms=45_000,
        steps="suspended",
        saves_usd=4e6 * (45 * 3008 / 1024 * X86 - 4 * 8e-6),
        answers={"reads_along": False},
    ),
    # $3.50 a million for the gateway. 24 h at $100 leave $7,203 of the year, memory and Arm $4,591.
    "what a gateway streams": _told(
        1e7,
        256,
        128,
        wait_ms=20_000,
        steps="gateway",
        saves_usd=1e7 * (20 * 0.25 * X86 + 0.2e-6 - 3.5e-6),
        answers={"sees_answer": False},
    ),
    # 53 % of $7.54 a month are $48 a year, for $200 of work.
    "two hours that never pay": _told(2e5, 768, 300, wait_ms=3000, saves_usd=0),
    # No size is smaller; a fifth of $41.67 is $100 a year, for $400 of work.
    "the least there is": _told(8e7, 128, 60, wait_ms=250, saves_usd=0, lines=20_000),
    # It ends without an answer, and has 664 MB of 1,024 too many; Arm would save $141 a year.
    "at its time limit": _told(
        1e6,
        1024,
        300,
        wait_ms=10_000,
        steps="memory",
        saves_usd=1e6 * 10 * 664 / 1024 * X86,
        logged=("times_out",),
        fate={"status": "timeout"},
    ),
    # Twice the memory is $50 more; Arm takes $20 of the $100, $240 a year for $160.
    "short of memory": _told(
        2e6,
        1024,
        1024,
        wait_ms=1500,
        steps="memory arm",
        saves_usd=2e6 * 1.5 * (X86 - 2 * ARM),
        answers={"hour_usd": 40},
        logged=("out_of_memory",),
        fate={"status": "error", "error_type": "Runtime.OutOfMemory"},
    ),
    # 114 in flight, 342 at the peak, on five tasks: $186 as for the voice bot, for $5,001.
    "a hub of sockets": _told(
        5e6,
        1024,
        800,
        wait_ms=60_000,
        steps="share",
        saves_usd=5e6 * (60 * X86 + 0.2e-6)
        - (5 * 730 * (0.03238 + 2 * 0.00356) + 730 * 0.0225 + 0.20 + 7 * 730 * 0.005),
        answers={"own_process": True, "hour_usd": 50},
        has_log=False,
    ),
    "of a hundred, the largest": _told(1e7, 1024, 100, wait_ms=5000, steps="memory"),
}


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
    *("out of memory", "an ETL that computes"),
)


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
    if told.saves_usd is not None:
        assert by_options["saving_usd"] == pytest.approx([told.saves_usd] * 2, rel=0.01, abs=0.01)
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
    told = _told(2e7, 1536, 300, wait_ms=9000, cpu_ms=40, answers={"calls": 3})
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


def test_time_that_may_be_work_is_a_range_on_a_page_too(
    javascript: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a pasted log leaves open: the page, its link and ``--took`` say the same."""
    told = _told(1e7, 512, 100, wait_ms=4700)
    facts = told.values() | {"unsplit": 1.0}
    words = widgets()["decide"].words()
    sentence = javascript("advised", words["ADVICE"], words["CHANGES"], facts)["sentence"]
    assert sentence.startswith("First find out how much of the time is work")
    by_link = said(capsys, "decide", "--scenario", javascript("writeAddress", "article", facts))
    month = ("--requests", "1e7", "--memory", "512", "--peak-memory", "100")
    by_options = said(capsys, "decide", *month, "--took", "4700ms", *told.facts)
    assert by_link["sentence"] == by_options["sentence"] == sentence
    assert by_link["saving_usd"] == by_options["saving_usd"]


def test_an_hour_without_a_price_leaves_a_point_in_hours(
    javascript: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the step is the same at any price; without a payback, for nobody can say one."""
    told = _told(1e9, 1024, 900, wait_ms=4800)
    facts = told.values() | {"hour_usd": None}
    words = widgets()["decide"].words()
    advice = javascript("advised", words["ADVICE"], words["CHANGES"], facts)
    link = javascript("writeAddress", "article", facts)
    assert run(["decide", "--scenario", link, "--on", page_day().isoformat()]) == 0
    sentence, total, *_ = capsys.readouterr().out.splitlines()
    assert (sentence, total) == (advice["sentence"], advice["sum"])
    assert sentence.endswith("four hours. Then stop.")
    assert total.endswith("a month, for 4 h of work.")


ABOVE = _told(1e6, 512, 700, wait_ms=1000)
#: A function whose bill is a range and its advice is none, one whose unknown moves no dollars, one
#: that answers sooner for the same bill, one that pays the same whatever is unknown, one that pays
#: from a number on, two that take more than Lambda's time, and one that pays from a number on, but
#: in no month of a million times as many, whose seconds are cheaper.
NO_DOLLARS = [
    _told(1000, 1024, 400, wait_ms=500).values() | {"effective_rate": None},
    _told(100, 1024, 400, wait_ms=3081).values() | {"unsplit": 1.0},
    _told(1000, 1024, 400, cpu_ms=900).values(),
    _told(910_869, 1024, 860, wait_ms=31_007).values() | {"unsplit": 1.0},
    _told(0, 128, 60, wait_ms=20_000).values() | {"sees_answer": None, "arm": 1.0},
    _told(1e6, 1024, 300, wait_ms=950_000).values(),
    _told(1e6, 1024, 300).values() | {"retrieve_ms": 899_990.0, "generate_ms": None},
    _told(0, 128, 60, wait_ms=21_000, answers={"reads_along": False}).values() | {"arm": 1.0},
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
