"""The audit on the command line: its outputs, its refusals, and what it leaves behind."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from audit_logs import line, meter, numbered

from serverless_tax.audit.find.findings import Audit
from serverless_tax.audit.report.anonymous import anonymous
from serverless_tax.cli import audit
from serverless_tax.cli.app import run

SCRIPT = Path(sys.executable).with_name("serverless-tax")
HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of twenty invocations, measured."""
    path = tmp_path / "rag.log"
    path.write_text(numbered([line("875.00"), meter(50, 875)] * 20))
    return path


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Run an audit that has to succeed and return its JSON."""
    assert run(["audit", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run an audit that has to be refused and return its sentence."""
    assert run(["audit", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_json_is_totals_functions_and_unread(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The function is named by its meter, and its waiting is measured."""
    found = answer(capsys, str(log))
    assert list(found) == ["totals", "ranked", "functions", "unread"]
    assert found["totals"]["invocations"] == 20
    assert found["totals"]["billed_ms"] == 17_500
    assert found["functions"][0]["name"] == "rag"
    assert found["functions"][0]["waiting"]["how"] == "measured"
    assert found["unread"]["records"] == 0


def test_text_says_what_is_paid_and_what_to_change(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table of the functions, then each with its changes."""
    log.write_text(numbered([line("20000.00"), meter(50, 20000)] * 500))
    assert run(["audit", str(log)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^Total +500 ", said, re.MULTILINE)
    assert "CPU measured on 500 of 500 invocations" in said
    assert said.startswith("$0.17 for one function.\nFirst, rag: Find out how many requests")
    assert "For a million: Set memory to 128 MB" in said
    assert "each on top of those of its function above it" in said


def test_standard_input_is_a_log(log: Path) -> None:
    """Plain and packed, named by a lone hyphen."""
    import gzip  # noqa: PLC0415 - for this test alone

    for data in (log.read_bytes(), gzip.compress(log.read_bytes())):
        command = [str(SCRIPT), "audit", "-", "--json"]
        done = subprocess.run(command, input=data, capture_output=True, check=True)
        assert json.loads(done.stdout)["totals"]["invocations"] == 20


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "SOURCES|No log was named"),
        (["nothing.log"], "There is no file nothing.log"),
        (["LOG", "--htlm", "x"], "Unknown option: --htlm"),
        (["LOG", "--cpu-ms", "lots"], "--cpu-ms is 'lots'"),
        (["LOG", "--cpu-ms", "=3ms"], "rag=40ms"),
        (["LOG", "--architecture", "sparc"], "x86_64, arm64"),
        (["LOG", "--region", "eu-west-9"], "only for 'us-east-1', 'ap-north"),
        (["LOG", "--html", "no/such/folder/a.html"], "a folder that exists"),
    ],
)
def test_a_mistake_is_one_sentence(
    words: list[str], says: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what was wrong, and what to write instead."""
    said = refusal(capsys, *(str(log) if word == "LOG" else word for word in words))
    assert re.search(says, said)


@pytest.mark.parametrize(("most", "code"), [("0.0001", 1), ("1", 0)])
def test_a_cost_above_the_limit_fails(
    most: str, code: int, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For a pipeline: exit code 1, and a sentence on stderr."""
    assert run(["audit", str(log), "--fail-above", most, "--json"]) == code
    assert ("above $0.0001." in capsys.readouterr().err) == bool(code)


def test_hostile_names_and_lines_stay_text(tmp_path: Path) -> None:
    """Nothing of a log becomes markup in the page, or a formula in a spreadsheet."""
    path = tmp_path / "a.log"
    path.write_text(f"{line()}\n{line()[:70]}{HOSTILE}\n")
    page, table = tmp_path / "a.html", tmp_path / "a.csv"
    words = ["--function", f"={HOSTILE}", "--html", str(page), "--csv", str(table)]
    assert run(["audit", str(path), *words]) == 0
    html = page.read_text("utf-8")
    assert not re.search(r"<(script|img)|onerror=[^&]*>", html)
    assert html.count("<title>What the functions") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "default-src 'none'" in html
    (row,) = csv.DictReader(table.read_text("utf-8").splitlines())
    assert row["name"].startswith("'=")


def test_a_terminal_is_not_steered_by_a_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Escape codes of a log are shown as question marks."""
    path = tmp_path / "a.log"
    path.write_text(f"{line()}\n{line()[:70]}\x1b[31m\x1b]0;x\x07\n")
    assert run(["audit", str(path), "--function", "\x1b[2J"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_the_page_is_whole_in_itself(log: Path, tmp_path: Path) -> None:
    """No address is loaded: no link, no script, no style from elsewhere."""
    page = tmp_path / "a.html"
    assert run(["audit", str(log), "--html", str(page)]) == 0
    html = page.read_text("utf-8")
    assert not re.search(r"(src|href)=|@import|url\(", html)
    assert html.count("<svg") == 1
    assert html.rstrip().endswith("</html>")


def test_an_anonymous_report_names_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No function, no file, no line and no id of the log is in any output."""
    path = tmp_path / "secretlog.log"
    path.write_text(f"{line()}\n{line(request_id='5ec7e7')[:55]}\n")
    page, table = tmp_path / "a.html", tmp_path / "a.csv"
    words = ["--function", "secretname", "--anonymise", "--html", str(page), "--csv", str(table)]
    assert run(["audit", str(path), *words]) == 0
    assert run(["audit", str(path), *words, "--json"]) == 0
    said = capsys.readouterr().out + page.read_text() + table.read_text()
    assert not re.search("secret|5ec7e7|RequestId", said)
    assert "function-" in said


def test_hashes_differ_between_reports(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody can try names against them."""
    names = {answer(capsys, str(log), "--anonymise")["functions"][0]["name"] for _ in range(2)}
    assert len(names) == 2
    assert anonymous.__module__ != Audit.__module__


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_killed_midway_it_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    """No report, and no copy of the log in the temporary folder."""
    page, scratch = tmp_path / "a.html", tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [str(SCRIPT), "audit", "-", "--html", str(page)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(scratch)},
        # As a terminal would start it: a program in the background is started with SIGINT ignored.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )  # fmt: skip
    assert process.stdin is not None
    # More than a pipe holds, so that it reads once all of it is written.
    process.stdin.write(numbered([*[line()] * 5000, ""]).encode())
    process.stdin.flush()
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode != 0
    assert not page.exists()
    assert list(scratch.iterdir()) == []
    assert b"Traceback" not in said


class Terminal(io.StringIO):
    """Standard error as a terminal: what was written to it."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def shown(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, after_s: float, columns: int = 100
) -> str:
    """Read three gigabytes of four; return what was written once a bar would be there."""
    for name, value in {"TERM": "xterm", "COLUMNS": f"{columns}", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(audit, "_PROGRESS_AFTER_S", after_s)
    with audit._progress(4_000_000_000) as read:
        read(1_000_000_000)
        read(2_000_000_000)
        limit = time.monotonic() + 0.5
        while "3.0/4.0 GB" not in stream.getvalue() and time.monotonic() < limit:
            time.sleep(0.01)
    return stream.getvalue()


def test_what_takes_long_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar with what was read of what; at the end it is gone, and the cursor is back."""
    said = shown(monkeypatch, Terminal(), 0)
    assert "audit ━" in said
    assert "3.0/4.0 GB" in said
    assert said.rindex("\x1b[?25h") > said.rindex("GB")
    assert said.endswith("\x1b[2K")


def test_a_narrow_terminal_has_a_bar_of_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """COLUMNS is what there is room for."""
    said = shown(monkeypatch, Terminal(), 0, columns=30)
    lines = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", said).replace("\r", "\n").split("\n")
    assert max(map(len, lines)) <= 30


@pytest.mark.parametrize("forced", [{}, {"FORCE_COLOR": "1"}, {"TTY_COMPATIBLE": "1"}])
def test_nothing_is_said_in_a_pipe(forced: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where colours are forced, as many pipelines do."""
    for name, value in forced.items():
        monkeypatch.setenv(name, value)
    assert shown(monkeypatch, io.StringIO(), 0) == ""


def test_nothing_is_said_of_what_is_over_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most logs are read in less than two seconds."""
    assert shown(monkeypatch, Terminal(), 60) == ""


def test_a_thousand_lines_are_answered_at_once(log: Path) -> None:
    """Well within the seconds that a slow machine needs to start Python."""
    log.write_text(numbered([line()] * 1000))
    before = os.times()
    command = [str(SCRIPT), "audit", str(log), "--json"]
    subprocess.run(command, check=True, capture_output=True)
    after = os.times()
    cpu_s = after.children_user + after.children_system
    assert cpu_s - before.children_user - before.children_system < 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cpu-ms", "nosuch=40ms"], "nosuch is not in the log, which has rag."),
        (["--architecture", "nosuch=arm64"], "nosuch is not in the log, which has rag."),
        (["--calls", "1.5"], "--calls is 1.5; expected a whole number from 1 to 100."),
        (["--calls", "0"], "Leave it out where a request waits for no call"),
    ],
)
def test_what_fits_nothing_is_refused(
    words: list[str], said: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An answer about a function that is not there, and a count that is none."""
    log.write_text(numbered([line("20000.00"), meter(50, 20000)] * 2))
    assert run(["audit", str(log), *words]) == 2
    found = capsys.readouterr()
    assert said in found.err
    assert not found.out


def test_a_scenario_is_no_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It has no invocation, and never will."""
    path = tmp_path / "agent.toml"
    path.write_text("requests_per_month = 20278\nmemory_mb = 2048\n")
    assert run(["audit", str(path)]) == 2
    assert "decide --scenario" in capsys.readouterr().err
