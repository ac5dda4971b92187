"""The command line as a user meets it: what it prints, as JSON and as text, and how it leaves."""

from __future__ import annotations

import itertools
import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import spans_of
from audit_logs import line as report_line
from sampled import one_in

from serverless_tax import Workload, bill, compare
from serverless_tax.cli import main
from serverless_tax.cli.app import app, run
from serverless_tax.cli.options import option_name
from serverless_tax.cli.output import say, use_any_encoding, write_table
from serverless_tax.cli.reference import reference
from serverless_tax.ground.described import described
from serverless_tax.ground.settings import Settings
from serverless_tax.request.workload import QUANTITIES

ROOT = Path(__file__).parents[2]
#: The page of the book about the command line, which a test holds against the commands.
PAGE = (ROOT / "book" / "reference" / "command-line.md").read_text("utf-8")
SCRIPT = Path(sys.executable).with_name("serverless-tax")
DAY = "2026-11-01"
ARTICLE = ["--preset", "article", "--on", DAY]
ISSUE_KEYS = {"dimension", "quantity", "unit", "unit_price", "cost", "source", "seen"}


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Run a command that has to succeed and return its JSON."""
    assert run([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_price_is_the_package_s_bill(capsys: pytest.CaptureFixture[str]) -> None:
    """The options of the issue give the article's bill, line by line, with source and day."""
    words = (
        "price aws-lambda --requests 10e6 --wait 4.85s --cpu 5.5ms --memory 1024 --measured-at 1024"
    )
    month = answer(capsys, *words.split(), "--on", DAY)
    lengths = {"wait_ms": "4.85s", "cpu_ms": "5.5ms", "measured_at_mb": 1024}
    w = Workload(requests_per_month=10e6, memory_mb=1024, **lengths)
    assert month == bill("aws-lambda", w, on=date.fromisoformat(DAY)).to_dict()
    assert round(month["total"], 2) == 811.33
    assert all(set(item) >= ISSUE_KEYS for item in month["items"])
    parts = month["work"] + month["waiting"] + month["idle"]
    assert parts == pytest.approx(month["total"], rel=1e-12)


def test_a_comparison_is_a_list_of_bills_cheapest_first(capsys: pytest.CaptureFixture[str]) -> None:
    """Those that cannot serve these requests come last, each with its reason."""
    ranked = answer(capsys, "compare", "--preset", "thinking", "--wait", "20s", "--on", DAY)
    served = [month["total"] for month in ranked if not month["obstacles"]]
    assert served == sorted(served)
    assert [bool(month["obstacles"]) for month in ranked] == sorted(
        bool(month["obstacles"]) for month in ranked
    )
    assert any("30 s" in why for month in ranked for why in month["obstacles"])
    w = Workload.preset("thinking", wait_ms="20s")
    assert len(ranked) == len(compare(w, on=date.fromisoformat(DAY)))


@pytest.mark.parametrize("wait", ["4.855s", "4855ms", "4_855ms", "4,855 ms", "4.855e3ms"])
def test_a_length_is_the_same_however_it_is_written(
    wait: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """4.855 s and 4,855 ms bill alike, to the last bit."""
    words = ["price", "aws-lambda", "--requests", "10e6", "--memory", "1 GB", "--on", DAY]
    assert answer(capsys, *words, "--wait", wait)["items"][1]["quantity"] == 48_550_000


def test_text_in_a_pipe_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe gets aligned columns without escape codes, however long a line is."""
    assert run(["price", "aws-lambda+aws-websocket", "--path", "whole", *ARTICLE]) == 0
    text = capsys.readouterr().out
    assert "\x1b" not in text
    assert re.search(
        r"^Duration, x86 +48,560,000 GB-seconds +\$0\.0000166667 +\$809\.33$", text, re.MULTILINE
    )


def test_a_terminal_gets_a_table() -> None:
    """On a terminal the same lines stand in a table with rules."""
    head, tail = pty.openpty()
    words = [str(SCRIPT), "price", "aws-lambda", *ARTICLE]
    with subprocess.Popen(words, stdout=tail, env={**os.environ, "TERM": "xterm"}) as program:
        program.wait(60)
    os.close(tail)
    shown = os.read(head, 65_536).decode()
    os.close(head)
    assert "━━━" in shown  # rich's rule below the heading
    assert "$811.33" in shown


def test_a_table_as_wide_as_its_terminal_is_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """80 columns are filled to the last, and no letter of the last column is cut."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    write_table("A title", ("First", "Another", "Last"), [("a " * 20, "x" * 30, "y" * 30)])
    lines = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out).splitlines()
    assert max(map(len, lines)) == 80
    assert any(line.endswith(f"{'x' * 30} │ {'y' * 30}") for line in lines)


def test_a_first_column_that_would_be_a_tower_of_words_is_a_list(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three lines of a cell are read as one; seven of a word each, beside wide columns, are not."""
    monkeypatch.setenv("COLUMNS", "80")
    first = "1. resizer: Set memory to 1,024 MB or more"
    write_table("A title", ("Change", "Saves", "Back in"), [(first, "x" * 33, "y" * 33)])
    assert f"\n{first}\n    Saves: {'x' * 33}\n    Back in: " in capsys.readouterr().out
    write_table("A title", ("Change", "Saves", "Back in"), [(first, "x" * 28, "y" * 28)])
    assert re.search(r"^1\. resizer: Set +x{28} ", capsys.readouterr().out, re.MULTILINE)


CONSOLES = [{"PYTHONUTF8": "0", "LC_ALL": "C"}, {"PYTHONIOENCODING": "cp1252"}]
LADDERS = [["ladder", *ARTICLE], ["ladder", *ARTICLE, "--json"]]


@pytest.mark.parametrize(("env", "words"), one_in(3, itertools.product(CONSOLES, LADDERS)))
def test_an_old_console_has_every_sign(words: list[str], env: dict[str, str]) -> None:
    """A redirected console of Windows has no minus sign: it gets a hyphen, and no traceback."""
    env = os.environ | env
    done = subprocess.run([str(SCRIPT), *words], capture_output=True, env=env, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    said = done.stdout.decode("cp1252")
    assert "?" not in said
    if words[-1] == "--json":
        json.loads(said)
    else:
        assert re.search(r"^Provisioned concurrency .* -\$27\.27 ", said, re.MULTILINE)


def test_a_narrow_terminal_gets_lists_and_whole_words() -> None:
    """At 40 columns no word is cut: what does not fit as a table stands row by row."""
    words = [str(SCRIPT), "ladder", *ARTICLE]
    env = os.environ | {"COLUMNS": "40"}
    done = subprocess.run(words, capture_output=True, env=env, check=True)
    said = done.stdout.decode()
    assert "Give it the memory it needs\n    USD a month: $104.15\n    Saves: $707.19\n" in said
    assert max(map(len, said.splitlines())) <= 40


def test_an_address_wider_than_a_terminal_stays_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """It has a line of its own, from which it can be copied."""
    write_wrapped = "see https://example.org/" + "a/" * 50 + " (2024) for more"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "80")
        say(write_wrapped)
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["see", write_wrapped.split()[1], "(2024) for more"]


def test_a_reader_who_leaves_early_is_no_error() -> None:
    """A closed pipe ends the program without a traceback."""
    words = f"'{SCRIPT}' compare --preset article --json | head -c 1"
    done = subprocess.run(["sh", "-c", words], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.stdout == "["


def test_every_quantity_has_one_option_and_a_help_text() -> None:
    """The options are the workload's own fields, none forgotten and none alike."""
    names = [option_name(quantity) for quantity in QUANTITIES]
    assert len(set(names)) == len(names)
    helped = app["price"].generate_docs(output_format="markdown")
    for name in names:
        assert re.search(rf"^\* `{name} STR`: \w.*\.", helped, re.MULTILINE), name
        assert f"`{name}" in PAGE
    assert set(described(Settings)) <= set(QUANTITIES)


def examples() -> list[Any]:
    """Return every example of the help texts; those of a second or more are left to test-all."""
    blocks = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    typed = [line for line in lines if "OPTIONS" not in line and not line.endswith("COMMAND")]
    # The vendor's price list needs a network, a log group an account, and a cloud runs until it is
    # stopped; those have tests of their own, as a bill and the rows of an engine have.
    elsewhere = r"prices (refresh|check|new)|cloud (up|provider|sweep)|aws logs|log-group:"
    shown = [one for one in typed if not re.search(f"{elsewhere}|--reconcile|--from-rows", one)]
    slow = [pytest.mark.slow]
    return [
        pytest.param(one, marks=slow if re.search("doctor|traffic", one) else []) for one in shown
    ]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file that an example of the help reads."""
    made = tmp_path_factory.mktemp("examples")
    (made / "requests.csv").write_text("time,prompt,answer\n2026-11-01 12:00:00,20,300\n")
    for scenario in ("service.toml", "my.toml"):
        (made / scenario).write_text('preset = "transcode"\n')
    spans = [spans_of.span(1, "server", 0, 100, faas__invocation_id="1")]
    (made / "traces.json").write_text(json.dumps(spans_of.request(spans)))
    with (made / "main.json").open("w") as ranking, redirect_stdout(ranking):
        assert run(["compare", "aws-lambda", "--preset", "transcode", "--json"]) == 0
    for name in ("rag.log", "chat.log", "logs/rag.log", "exports/a/b.gz"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(report_line())
    return made


@pytest.mark.parametrize("example", examples())
def test_an_example_of_the_help_runs(
    example: str,
    files: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the help shows can be typed, and reads on a terminal of 80 columns."""
    shutil.copytree(files, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    assert run(shlex.split(example)[1:]) == 0
    said = capsys.readouterr().out
    assert said
    use_any_encoding()
    for letters in ("cp1252", "ascii"):  # no sign is lost in a redirected console, or with LC_ALL=C
        shown = said.encode(letters, "serverless-tax").decode(letters)
        assert shown.count("?") == said.count("?")
    if said[0] not in "[{":
        # What is longer is one word: an address.
        assert [one for one in said.splitlines() if len(one) > 80 and " " in one.strip()] == []


def commands(of: Any = app, at: tuple[str, ...] = ()) -> list[list[str]]:
    """Return the words of every command and subcommand, as the app has them."""
    named = [name for name in of if not name.startswith("-")]
    return [[*at], *(words for name in named for words in commands(of[name], (*at, name)))]


def test_every_command_is_found() -> None:
    """Those of a group too: what is added is tried without being listed here."""
    words = [" ".join(each) for each in commands()]
    assert {"audit", "cloud sweep", "decide", "prices new", "sensitivity"} < set(words)


#: Those with the most to say, whose help is read in every run; of the others each third is.
LONGEST = [["audit"], ["decide"], ["compare"], []]
OTHERS = [words for words in commands() if words not in LONGEST]


@pytest.mark.parametrize(
    "words", [*LONGEST, *one_in(3, [(words,) for words in OTHERS])], ids=" ".join
)
def test_every_help_reads_in_a_console_without_its_letters(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 80 columns: no line too long, no word broken, and no sign lost in cp1252 or ASCII."""

    def words_of(text: str) -> set[str]:
        return set(re.findall(r"[^\s|│╭╮╰╯─+-][^\s|│╭╮╰╯─]*", text))

    def helped(columns: int) -> str:
        monkeypatch.setenv("COLUMNS", f"{columns}")
        assert run([*words, "--help"]) == 0
        return capsys.readouterr().out

    use_any_encoding()
    narrow = helped(80)
    assert max(map(len, narrow.splitlines())) <= 80
    for letters in ("cp1252", "ascii"):
        assert b"?" not in narrow.encode(letters, "serverless-tax")
    if words in LONGEST:
        assert words_of(narrow) <= words_of(helped(2000))


def test_a_summary_comes_before_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """The first line of what has a table is a sentence with the answer."""
    for words, says in {
        "price aws-lambda": "aws-lambda: $811.33 a month, 99.6 % of it for waiting.",
        "compare": "The cheapest is aws-rest-api-proxy, $35.00 a month; aws-lambda+",
        "break-even aws-lambda aws-fargate": "Below 1,272,204 requests_per_month aws-lambda is",
        "ladder": "As it is $811.33 a month; least is left by the rung ",
        "sensitivity": "output_tokens_per_second moves the bill of $811.33 most: $3,483.51 to",
        "batching": "With messages of 1 token it is $5,019.54 a month; with 500, $831.54, and",
    }.items():
        assert run([*words.split(), *ARTICLE]) == 0
        assert capsys.readouterr().out.startswith(says)


def test_a_gate_fails_above_the_share(capsys: pytest.CaptureFixture[str]) -> None:
    """Nearly all of the article's bill is waiting, none of the control's: exit 1 and exit 0."""
    assert run(["compare", "aws-lambda", *ARTICLE, "--fail-above", "30%"]) == 1
    assert "of the bill of aws-lambda+aws-function-url is waiting, more than 30 %" in (
        capsys.readouterr().err
    )
    assert run(["compare", "aws-lambda", "--preset", "transcode", "--fail-above", "0.3"]) == 0


def test_a_scenario_is_a_file_or_an_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """TOML, JSON and a widget's link start a workload, and options change it."""
    toml, js = tmp_path / "s.toml", tmp_path / "s.json"
    toml.write_text('preset = "article"\nmemory_mb = "512 MB"\n')
    js.write_text('{"requests_per_month": 10e6, "memory_mb": 512, "wait_ms": "4.8555s"}')
    link = "https://example.org/book/index.html#st?memory=512"
    newer = "https://example.org/book/index.html#st?v=2&preset=article&memory=512MB"
    totals = [
        answer(capsys, "price", "aws-lambda", "--scenario", source, "--on", DAY)["total"]
        for source in (str(toml), str(js), link, newer)
    ]
    # 4,850 ms of waiting and 5.5 ms of CPU, within the 5.8 that 512 MB have in a period: 4,856 ms.
    assert totals == pytest.approx([406.67] * 4, abs=0.005)
    words = ["price", "aws-lambda", "--scenario", link, "--memory", "1024", "--on", DAY]
    assert round(answer(capsys, *words)["total"], 2) == 811.33


def test_a_link_starts_from_the_preset_it_names(capsys: pytest.CaptureFixture[str]) -> None:
    """What a reader copied under another preset is that preset's month, not the article's."""
    words = ["price", "aws-lambda", "--on", DAY]
    copied = answer(capsys, *words, "--scenario", "x#st?v=2&preset=thinking&memory=512MB")
    named = answer(capsys, *words, "--preset", "thinking", "--memory", "512")
    assert copied["total"] == pytest.approx(named["total"])


def test_tokens_are_lines_of_the_bill(capsys: pytest.CaptureFixture[str]) -> None:
    """10 million answers of 500 tokens at $0.60 a million are $3,000, and as much is read."""
    month = answer(capsys, "price", "aws-lambda", *ARTICLE, "--model", "gpt-4o-mini")
    tokens = [item["cost"] for item in month["items"] if "gpt-4o-mini" in item["dimension"]]
    assert tokens == pytest.approx([3000, 3000])


def test_the_other_questions_are_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    """Each answers with what the function of its name returns."""
    rungs = answer(capsys, "ladder", *ARTICLE)
    assert [round(rung["total_usd"]) for rung in rungs[:3]] == [811, 104, 84]
    crossed = answer(capsys, "break-even", "aws-lambda", "aws-fargate", *ARTICLE)
    assert len(crossed["crossings"]) == 1
    rates = answer(capsys, "waiting-rate", "aws-lambda", *ARTICLE)
    assert rates[0]["marginal_usd"] == pytest.approx(0.06, abs=1e-6)
    batches = answer(capsys, "batching", "1", "10", *ARTICLE)
    assert batches[0]["front_door_usd"] == pytest.approx(4208.20, abs=0.01)
    before, after = answer(
        capsys, "history", "aws-lambda", "--preset", "article", "--init", "1s", "--cold-starts", "1"
    )
    assert before["total"] < after["total"]
    assert answer(capsys, "sensitivity", *ARTICLE)[0]["quantity"] == "output_tokens_per_second"


def test_history_says_on_which_days_it_was_not_sold(capsys: pytest.CaptureFixture[str]) -> None:
    """Bundled had its last day in February 2024; its price is shown for the day after too."""
    days = ("2024-02-29", "2024-03-01")
    assert run(["history", "cloudflare-workers-bundled", *days, "--preset", "article"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "2024-03-01: No longer sold: the last day to choose" in out
    assert "2024-02-29: " not in out


def test_the_sheets_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    """Each sheet is listed with the day it was seen, and shows its prices and sources."""
    sheets = {row["sheet"]: row for row in answer(capsys, "prices", "list")}
    assert sheets["aws-lambda"]["oldest_seen"] >= "2026-09-06"
    rows = answer(capsys, "prices", "show", "aws-lambda", "--on", "2026-11-01")
    assert {row["usd"] for row in rows if row["dimension"] == "requests"} == {2e-7}
    assert all(row["source"].startswith("https://") for row in rows)


@pytest.mark.parametrize(
    ("asked", "region"),
    [([], "us-central1"), (["--region", "google=europe-west3"], "europe-west3")],
)
def test_prices_are_shown_with_the_region_that_they_are_of(
    capsys: pytest.CaptureFixture[str], asked: list[str], region: str
) -> None:
    """The vendor's own, where none is asked for."""
    assert run(["prices", "show", "google-cloud-run", *asked]) == 0
    assert capsys.readouterr().out.startswith(f"google-cloud-run, {region}: ")


def test_each_setting_is_billed_by_or_has_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """Of Cloud Run: its size is billed, and no peak is planned for."""
    assert run(["settings", "google-cloud-run"]) == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert "--instance-vcpu, --instance-memory" in first
    assert "--peak-to-mean changes nothing: no capacity is planned ahead" in "\n".join(others)
    said = answer(capsys, "settings", "aws-fargate+aws-alb")
    assert "connection_ms" in said["billed_by"]
    assert "requests_per_instance" in said["changes_nothing"]


def test_the_reference_page_is_up_to_date() -> None:
    """The page of the book says what the commands say of themselves."""
    assert reference() == PAGE, "write it again: python -m serverless_tax.cli.reference"


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    """``--version`` is that of the package."""
    assert run(["--version"]) == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\s*", capsys.readouterr().out)


def test_without_its_packages_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An installation of the package alone has the script, and one sentence."""
    monkeypatch.setattr("serverless_tax.cli.find_spec", lambda _: None)
    with pytest.raises(SystemExit) as left:
        main(["price"])
    assert left.value.code == 2
    assert "pip install cyclopts rich" in capsys.readouterr().err


def test_the_commands_are_those_of_the_issue() -> None:
    """Every question has its command."""
    assert {"price", "compare", "break-even", "ladder", "prices"} <= set(app)
