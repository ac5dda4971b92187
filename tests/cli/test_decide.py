"""The command that says what to do: its words, its numbers, and what it refuses."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from workloads import DAY

from serverless_tax import Facts, advise
from serverless_tax.cli.app import run

ON = ("--on", DAY.isoformat())
#: Twelve calls of 2.5 s, of which each twentieth is made again.
AGENT = """
requests_per_month = 1_000_000
memory_mb = 1024
peak_memory_mb = 300
cpu_ms = 0
in_order = true
sees_answer = true
reads_along = false
own_process = false
other_vendor = false

[[steps]]
kind = "wait"
ms = "2.5s"
times = 12
retries = 0.05
"""


#: Of a function that keeps its shape: its one call is seen by its code, and read by a person.
NOTHING_ELSE = ("--calls", "1", "--reads-along", "--sees-answer")
NOTHING_ELSE += ("--no-own-process", "--no-other-vendor")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what the command prints, which it must leave with 0."""
    assert run(["decide", *words, *ON]) == 0
    return capsys.readouterr().out


def test_a_preset_is_a_sentence_with_its_sum(capsys: pytest.CaptureFixture[str]) -> None:
    """First what to do, then the sum, then what was assumed; the same as ``advise``."""
    lines = said(capsys, "--preset", "article").splitlines()
    assert lines[0] == "Set memory to 128 MB: $707.19 a month less, two hours. Then stop."
    assert lines[1].startswith("From $811.33 to $104.15 a month. The first year: 12 months save")
    assert "Assumed: The peak memory is 100 MB, as stated; a fifth is kept over it." in lines
    found = json.loads(said(capsys, "--preset", "article", "--json"))
    (unpriced,) = found.pop("without_a_price")
    assert "below $0.31 an hour of vCPU" in unpriced == lines[-1]
    assert found == json.loads(json.dumps(advise(Facts.preset("article"), on=DAY).to_dict()))


def test_an_end_of_a_range_is_of_dollars(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """5 s that are all work end sooner for the same bill: that is worth no dollars, and loses none.

    It was said to be worth at least nothing, and −$200.94 under it.
    """
    words = ("--requests", "1e6", "--memory", "1024", "--took", "5s", "--peak-memory", "300")
    text = said(capsys, *words, "--csv", str(tmp_path / "advice.csv"))
    assert "At most $448.44 in the first year, and perhaps nothing" in text
    assert "Worth least: Leave it as it is: nothing earns its work within a year. For about" in text
    assert "bill, 1,769 MB answer after 2.896 s instead of 5 s.\nWorth most: Set memory to" in text
    assert not {"−$", "not within five"} & {*re.findall(r"−\$|not within five", text)}
    rows = csv.reader((tmp_path / "advice.csv").read_text("utf-8").splitlines())
    value = {row[0]: row[1] for row in rows}
    assert value["worth least: first year after the work"] == "0.00"
    assert value["worth least: work"] == "0"


def test_a_bill_below_the_least_work_is_left_and_asks_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """800 ms in 1 GB ten thousand times are 14 cents; two hours at $100 are paid by $16.67 a month.

    Nothing is asked then, and no product without a price is named. Memory that is missing is given.
    """
    few = ("--requests", "10000", "--memory", "1024", "--peak-memory", "900")
    nothing = "Leave it as it is: nothing earns its work within a year."
    first, *rest = said(capsys, *few, "--wait", "790ms", "--cpu", "5ms").splitlines()
    assert first == nothing
    assert all(line.startswith("Assumed: ") for line in rest)
    first, beside, *rest = said(capsys, *few, "--took", "800ms", "--out-of-memory").splitlines()
    assert first == "Set memory to 2,048 MB: it has too little."
    assert beside == "Beside that nothing earns its work within a year."
    assert all(line.startswith("Assumed: ") for line in rest)
    many = ("--requests", "2e6", *few[2:])
    assert "Web Functions" in said(capsys, *many, "--wait", "790ms", "--cpu", "5ms")
    assert "find out" in said(capsys, *many, "--took", "800ms", "--out-of-memory")


def test_above_the_requests_that_it_takes_it_is_said_what_pays(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """11 ms in 128 MB are $22.92 for a billion, and Arm takes a fifth of it: $4.58 a month.

    Its 4 h are $33.33 of each month of a year, and nothing else is open: 7.27 billion.
    """
    words = ("--memory", "128", "--wait", "10ms", "--cpu", "1ms", "--peak-memory", "100")
    text = said(capsys, *words, *NOTHING_ELSE)
    assert "Below 7,280,000,000 of them nothing earns its work within a year. From there" in text
    assert "on this is the first to earn it: Build for Arm.\n" in text
    assert "For a million" not in text


def test_what_is_not_for_money_is_not_paid_back(capsys: pytest.CaptureFixture[str]) -> None:
    """Memory that is missing, and a shorter answer: hours, and no payback that never comes."""
    month = ("--requests", "1e5", "--memory", "1024", "--peak-memory", "600", *NOTHING_ELSE)
    works = (*month, "--wait", "0s", "--cpu", "4800ms")
    for words, reason in (
        ((*works, "--out-of-memory"), "needed: it has too little"),
        (works, "for a shorter answer"),
    ):
        text = said(capsys, *words)
        assert " then; 2 h of work." in text
        assert "aid back" not in text
        assert json.loads(said(capsys, *words, "--json"))["most"]["payback"] == reason


def test_an_address_says_what_its_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The facts of a link are kept; a peak of 300 MB takes 360, and then Arm earns its work."""
    text = said(capsys, "--scenario", "#st?v=2&preset=article&peak=300MB&process=0")
    assert text.startswith("Set memory to 360 MB, then build for Arm: $581.19 a month less")
    unknown = said(capsys, "--scenario", "#st?v=2&preset=article&peak=0MB&process=0")
    assert unknown.startswith("First find out the peak memory: ")


def test_a_file_lists_calls_and_retries(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A call that fails once in twenty is made 1 / 0.95 times: 31.58 s, $526.52 a month."""
    file = tmp_path / "my.toml"
    file.write_text(AGENT, "utf-8")
    found = json.loads(said(capsys, "--scenario", str(file), "--json"))
    gb_seconds = 1e6 * 12 * 2.5 / 0.95
    assert found["start_usd"] == pytest.approx(0.2 + gb_seconds * 0.0000166667, rel=1e-3)
    assert found["steps"] == ["memory", "arm"]
    free = json.loads(said(capsys, "--scenario", str(file), "--no-in-order", "--json"))
    assert free["steps"] == ["memory", "overlap"]


def test_retries_of_calls_at_once_wait_for_the_longest(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Two calls of 1 s, of which half fail: one after another they take 2 s each, 4 s in all.

    At once both are done after k tries with a chance of (1 - 2^-k)^2, so they take the sum of
    1 - (1 - 2^-k)^2 = 2 x 2^-k - 4^-k over k from 0: 4 - 4 / 3 = 2.667 s, and not 2 s. Overlapping
    saves 1.333 s a request, of which 1e8 at 1 GB are $2,222.
    """
    file = tmp_path / "my.toml"
    two = AGENT.replace("2.5s", "1s").replace("= 12", "= 2").replace("0.05", "0.5")
    file.write_text(two.replace("in_order = true", "in_order = false"), "utf-8")
    words = ("--scenario", str(file), "--requests", "1e8", "--peak-memory", "900", "--json")
    found = json.loads(said(capsys, *words))["most"]
    (overlap,) = (step for step in found["steps"] if step["id"] == "overlap")
    assert found["start_usd"] == pytest.approx(1e8 * 4 * 0.0000166667, rel=0.01)
    saves_usd = 1e8 * 4 / 3 * 0.0000133334  # on Arm
    assert overlap["step_usd"] == pytest.approx(saves_usd, rel=1e-3)
    file.write_text(two.replace("in_order = true\n", "").replace("reads_along = false\n", "")
                    + '[[steps]]\nkind = "streaming"\nms = 5\n', "utf-8")  # fmt: skip
    assert run(["decide", "--scenario", str(file)]) == 2
    assert "say reads_along: what a person reads along lasts" in capsys.readouterr().err


def test_the_region_stands_in_the_first_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Where it is not the one that is taken if nobody says."""
    first = said(capsys, "--preset", "article", "--region", "eu-central-1").splitlines()[0]
    assert first.startswith("In eu-central-1: Set memory to 128 MB")


def test_a_shorter_answer_for_the_same_bill_has_its_sum(capsys: pytest.CaptureFixture[str]) -> None:
    """900 ms of CPU take 1.54 s in 1,024 MB, and 0.9 s in 1,769: $25.82 and $25.92 a million."""
    lines = said(capsys, "--requests", "1e6", "--memory", "1024", "--peak-memory", "400", "--cpu",
                 "900ms", "--wait", "0s", *NOTHING_ELSE).splitlines()  # fmt: skip
    assert lines[0].startswith("Set memory to 1,769 MB: about the same bill, and an answer after")
    assert lines[1].startswith("$25.")
    assert lines[1].endswith(" then; 2 h of work.")


def test_the_table_holds_the_advice_and_its_facts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A file of three columns: the sentence, the dollars, what was assumed, and each fact."""
    file = tmp_path / "advice.csv"
    said(capsys, "--requests", "1e6", "--memory", "1024", "--wait", "5s", "--csv", str(file))
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[0] == ["what", "value", "unit"]
    assert ["fact: reads_along", "unknown", ""] in rows
    assert ["fact: cpu_ms", "unknown", "ms"] in rows
    assert ["fact: wait_ms", "5000", "ms"] in rows
    assert ["fact: requests_per_month", "1000000", "requests"] in rows
    assert ["fact: out_of_memory", "no", ""] in rows
    assert ["fact: hour_usd", "100", "USD"] in rows
    assert ["fact: effective_rate", "1", "of the list price"] in rows
    assert not any("a month then" in row[0] for row in rows)  # of work nobody bounds
    said(capsys, "--requests", "1e6", "--memory", "1024", "--took", "5s", "--csv", str(file))
    assert "worth most: a month then" in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ('kind = "wait"', "lacks ms"),
        ('kind = "wait"\nms = 5\nneeds = "a"', "longest_ms says how long the longest chain"),
        ('kind = "wait"\nms = 5\ntime = 2', "has 'time'"),
        ('kind = "wait"\nms = 5\ntimes = 0', "times of a step"),
        ('kind = "wait"\nms = 5\ntimes = 2.5', "expected a whole number from 1 to 100"),
        ('kind = "wait"\nms = 5\nretries = 1', "retries of a step"),
    ],
)
def test_a_wrong_step_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, step: str, says: str
) -> None:
    """One sentence names the file and what a step may say."""
    file = tmp_path / "my.toml"
    text = f"requests_per_month = 1e6\nmemory_mb = 512\n[[steps]]\n{step}\n"
    file.write_text(text, "utf-8")
    assert run(["decide", "--scenario", str(file)]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("--longest-call", "5s"), ["longest_ms is 5,000", "waits 4,000 ms in all"]),
        (("--calls", "4", "--longest-call", "100ms"), ["is 100 and calls 4", "fill 400", "4,000"]),
        (("--calls", "1", "--longest-call", "1s"), ["is 1,000 and calls 1:", "waits 4,000"]),
    ],
)
def test_facts_that_contradict_each_other_are_refused(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], values: list[str]
) -> None:
    """The longest call is a part of the waiting, and the calls have to fill it: in a link too."""
    keys = dict(zip(words[::2], words[1::2], strict=True))
    link = "#st?v=2&preset=article&retrieve=0ms&wait=4s&calls=" + keys.get("--calls", "9")
    assert run(["decide", "--scenario", f"{link}&longest={keys['--longest-call']}"]) == 2
    assert all(value in capsys.readouterr().err for value in values[:1])
    assert run(["decide", "--requests", "1e6", "--memory", "512", "--wait", "4s", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert all(value in line for value in values)
    said(capsys, "--requests", "1e6", "--memory", "512", "--wait", "4s", "--cpu", "1ms",
         "--peak-memory", "100", "--calls", "3", "--longest-call", "1333ms")  # fmt: skip


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--calls", "1"), "calls is 1, and its timeline lists 12 steps that wait"),
        (("--longest-call", "1s"), "longest_ms is 1,000, and its timeline lists a wait of 2,631"),
    ],
)
def test_what_contradicts_a_file_s_steps_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    """A file that lists twelve calls makes twelve, each of 2.5 s and its retries."""
    path = tmp_path / "agent.toml"
    path.write_text(AGENT, "utf-8")
    assert run(["decide", "--scenario", str(path), *words]) == 2
    assert says in capsys.readouterr().err


def test_work_that_a_file_of_steps_leaves_out_is_unknown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """As on the line; with what it takes in all the rest is work, and calls keep their lengths.

    Of 5.1 s in 1,769 MB two calls are 1 s and 4 s, so 100 ms are work: together they take 4.1 s.
    """
    file = tmp_path / "my.toml"
    calls = "".join(f'[[steps]]\nkind = "wait"\nms = {ms}\n' for ms in (1000, 4000))
    facts = "requests_per_month = 1e7\nmemory_mb = 1769\npeak_memory_mb = 1600\n"
    facts += "in_order = false\nown_process = false\nother_vendor = false\n"
    facts += "reads_along = true\nsees_answer = true\n"
    file.write_text(facts + calls, "utf-8")
    asked = json.loads(said(capsys, "--scenario", str(file), "--json"))
    assert asked["ask"]["fact"] == "cpu_ms"
    assert asked["first_year_usd"] == [0, None]
    known = json.loads(said(capsys, "--scenario", str(file), "--took", "5.1s", "--json"))
    assert known["steps"] == ["arm", "overlap"]
    gb_s = 1e7 * 4.1 * 1769 / 1024
    assert known["most"]["total_usd"] == pytest.approx(2 + gb_s * 0.0000133334, rel=1e-3)
    file.write_text(f"cpu_ms = 100\n{facts}{calls}", "utf-8")
    assert json.loads(said(capsys, "--scenario", str(file), "--json"))["start_usd"] == (
        pytest.approx(known["start_usd"])
    )
    file.write_text(f"wait_ms = 100\n{facts}{calls}", "utf-8")
    for command in (["decide"], ["price", "aws-lambda"]):
        assert run([*command, "--scenario", str(file)]) == 2
        assert "has both wait_ms and steps of kind wait" in capsys.readouterr().err


def test_what_a_request_takes_in_all_gives_the_length_that_is_not_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """5 s with 4.9 s of waiting at a whole vCPU are 100 ms of work, and the other way round."""
    words = ["--requests", "1e7", "--memory", "1769", "--json"]
    both = said(capsys, *words, "--wait", "4.9s", "--cpu", "100ms")
    for length in (("--wait", "4.9s"), ("--cpu", "100ms")):
        assert said(capsys, *words, "--took", "5s", *length) == both


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--memory 512 --took 5s --wait 2s --cpu 1s", "leave its work or its waiting out"),
        ("--memory 512 --took 5s --wait 6s", "less than the 6,000 ms of what is said"),
        ("--took 5s --wait 2s", "give memory_mb too"),
    ],
)
def test_what_a_request_takes_in_all_has_to_be_in_all(
    words: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And it tells nothing of a memory that is not known."""
    assert run(["decide", "--requests", "1e6", *words.split()]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("name", ["requests", "memory", "peak-memory", "cpu", "streaming"])
def test_a_preset_s_quantity_can_be_called_unknown(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """On the line and in a file: it is asked for, as where it is left out."""
    quantity = {"requests": "requests_per_month", "memory": "memory_mb"}.get(name, "")
    quantity = quantity or name.replace("-", "_") + ("_mb" if "memory" in name else "_ms")
    by_option = said(capsys, "--preset", "article", f"--{name}", "unknown", "--json")
    assert quantity in json.loads(by_option)["unknown"]
    assert json.loads(by_option)["ask"]["fact"] == quantity
    file = tmp_path / "my.toml"
    file.write_text(f'preset = "article"\n{quantity} = "unknown"\n', "utf-8")
    assert said(capsys, "--scenario", str(file), "--json") == by_option


@pytest.mark.parametrize("of", ["vercel-fluid", "cloudflare-workers", "aws-fargate", "aws-lamda"])
def test_what_is_no_lambda_function_is_refused_with_its_reason(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, of: str
) -> None:
    """On the line and in a file: it names the platform, how that bills a wait, and what to ask."""
    file = tmp_path / "site.toml"
    file.write_text(f'runs_on = "{of}"\nmemory_mb = 1024\n', "utf-8")
    for words in (["--preset", "article", "--runs-on", of], ["--scenario", str(file)]):
        assert run(["decide", *words]) == 2
        said = capsys.readouterr().err
        assert of in said
        assert "serverless-tax price" in said or "did you mean" in said
        for option in re.findall(r"and compare (--\w+) where", said):
            assert run(["compare", option, "--preset", "article"]) == 0
            assert of in capsys.readouterr().out


def test_a_file_and_a_link_may_leave_the_requests_open(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Neither is refused: both name the number below which nothing pays."""
    file = tmp_path / "my.toml"
    file.write_text("memory_mb = 1024\ntook_ms = '5s'\npeak_memory_mb = 700\ncalls = 1\n", "utf-8")
    for source in (str(file), "#st?v=2&preset=article&requests=0&peak=700MB&process=0"):
        text = said(capsys, "--scenario", source)
        assert text.startswith("First find out how many requests it has in a month: ")
        assert "nothing earns its work within a year. From there on this is the first to" in text


def test_other_commands_take_the_facts_of_a_file_or_say_that_they_do_not(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The ladder pays what ``decide`` pays, and heads with no rung that a fact rules out."""
    file = tmp_path / "agent.toml"
    file.write_text("effective_rate = 0.5\nhour_usd = 5\n" + AGENT, "utf-8")
    now_usd = json.loads(said(capsys, "--scenario", str(file), "--json"))["start_usd"]
    assert run(["ladder", "--scenario", str(file), "--json", *ON]) == 0
    rungs = {rung["id"]: rung for rung in json.loads(capsys.readouterr().out)}
    assert rungs["as-it-is"]["total_usd"] == pytest.approx(now_usd)
    memory = rungs["memory"]  # two hours at $5
    assert memory["payback_months"] == pytest.approx(10 / memory["step_usd"])
    assert rungs["overlap"]["ruled_out"] == "Each call needs what the one before brought."
    assert rungs["suspended"]["ruled_out"] is None
    assert run(["ladder", "--scenario", str(file), *ON]) == 0
    found = capsys.readouterr().out
    assert 'least is left by the rung "A shorter wait' in found.splitlines()[0]
    assert "Overlap the waits of one request (ruled out)" in found
    for command in ("compare", "sensitivity"):
        assert run([command, "--scenario", str(file), *ON]) == 0
        (told,) = capsys.readouterr().err.splitlines()
        assert told.startswith("Not used here")
        assert "effective_rate" in told
        assert "hour_usd" in told


def test_memory_that_is_missing_comes_first_however_much_of_the_time_is_work(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All waiting takes twice the 512 MB, all work 1,717: either way there is too little."""
    line = "decide --requests 600000 --memory 512 --took 4.01s --out-of-memory --peak-memory 512"
    assert run(line.split()) == 0
    assert capsys.readouterr().out.startswith(
        "Set memory to 1,024 MB or more: it has too little.\nThen find out how much"
    )


def test_a_size_for_a_shorter_answer_is_a_step_of_the_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The bill is the same within 2 %, and two hours at $100 cost what nothing brings back.

    Nobody has to take it: what is done for dollars leaves none, with the work known or not.
    """
    work = "--requests 2e6 --memory 1024 --cpu 4s --measured-at 1024 --peak-memory 400 --wait 0s"
    answers = "--calls 1 --no-reads-along --no-sees-answer --no-own-process --no-other-vendor"
    found = json.loads(said(capsys, *work.split(), *answers.split(), "--json"))
    assert found["sentence"].startswith("Set memory to 1,769 MB: about the same bill")
    assert found["steps"] == ["memory"]
    for one in (found["least"], found["most"]):
        assert [step["id"] for step in one["steps"]] == ["memory"]
        assert one["hours"] == 2
        year_usd = 12 * one["saving_usd"] - 200
        assert one["first_year_usd"] == pytest.approx(year_usd, abs=0.01)
    assert found["first_year_usd"] == [0, 0]


def test_a_timeline_without_a_wait_waits_for_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Its steps are all that a request does: the wait is no fact to find out."""
    file = tmp_path / "my.toml"
    steps = '[[steps]]\nkind = "cpu"\nms = "4s"\n'
    file.write_text(f"requests_per_month = 2e6\nmemory_mb = 1024\n{steps}", "utf-8")
    assert "wait_ms" not in json.loads(said(capsys, "--scenario", str(file), "--json"))["unknown"]
    took = json.loads(said(capsys, "--scenario", str(file), "--took", "9s", "--json"))
    assert took["start_usd"] == pytest.approx(2e6 * (9 * 0.0000166667 + 0.0000002), rel=1e-3)


#: What only its owner knows of a function and may not: its option, and its key in a link.
MAY_BE_UNKNOWN = {
    "calls": ("calls", "calls"),
    "in_order": ("in-order", "order"),
    "reads_along": ("reads-along", "reads"),
    "sees_answer": ("sees-answer", "sees"),
    "own_process": ("own-process", "process"),
    "other_vendor": ("other-vendor", "vendor"),
}


@pytest.mark.parametrize("name", MAY_BE_UNKNOWN)
def test_each_answer_can_be_called_unknown_wherever_a_preset_says_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    """By an option, in a file and in a link: it is unknown in each, and the advice the same."""
    option, key = MAY_BE_UNKNOWN[name]
    file = tmp_path / "my.toml"
    others = {"calls": 3, "in_order": False} | {name: "unknown"}
    said_of = (f"{one} = {json.dumps(value)}" for one, value in others.items())
    file.write_text("\n".join(['preset = "thinking"', *said_of]), "utf-8")
    told = ["--calls", "3"] * (name != "calls") + ["--no-in-order"] * (name != "in_order")
    keys = {"calls": "3", "order": "0"} | {key: "unknown"}
    link = "&".join(["#st?v=2&preset=thinking", *map("=".join, keys.items())])
    found = [
        json.loads(said(capsys, *words, "--json"))
        for words in (
            ("--preset", "thinking", *told, "--unknown", option),
            ("--scenario", str(file)),
            ("--scenario", link),
        )
    ]
    assert all(name in one["unknown"] for one in found)
    assert len({one["sentence"] for one in found}) == 1
    assert run(["decide", "--help"]) == 0
    assert option in " ".join(capsys.readouterr().out.split("--unknown")[-1].split())


def test_what_cannot_be_unknown_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Another word, what another option says, and what a log says."""
    for words, says in (
        (("--unknown", "price"), "--unknown is 'price'; expected one of calls, longest-call"),
        (("--reads-along", "--unknown", "reads-along"), "leave one of them out"),
    ):
        assert run(["decide", "--preset", "article", *words]) == 2
        assert says in capsys.readouterr().err
    file = tmp_path / "my.toml"
    file.write_text('preset = "article"\nout_of_memory = "unknown"\n', "utf-8")
    assert run(["decide", "--scenario", str(file)]) == 2
    assert "its log says it" in capsys.readouterr().err
