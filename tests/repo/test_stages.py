"""The runner of `make test`: what it counts, what it says of time, and that nothing is skipped."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import run as runner

ROOT = Path(__file__).resolve().parents[2]
REPORT = """\
<testsuites><testsuite tests="4" failures="1" errors="0" skipped="2">
<testcase classname="tests.cloud.test_node" name="test_plain">
<skipped type="pytest.skip" message="Node is not installed">there</skipped></testcase>
<testcase classname="tests.repo.test_book_settings" name="test_nothing">
<skipped type="pytest.skip" message="the repository has an address">there</skipped></testcase>
<testcase classname="tests.a" name="test_b"/>
<testcase classname="tests.a" name="test_c"><failure message="no"/></testcase>
</testsuite></testsuites>
"""


@pytest.fixture
def outcome(tmp_path: Path) -> runner.Outcome:
    """A stage of four tests, of which two were skipped."""
    (tmp_path / "unit.xml").write_text(REPORT)
    counts = runner.read_counts(tmp_path / "unit.xml")
    skipped = runner.read_skipped(tmp_path / "unit.xml")
    return runner.Outcome("unit", 240, 100.04, counts, 61.2, skipped)


def test_a_stage_says_what_it_counted_and_how_long_of_how_long(outcome: runner.Outcome) -> None:
    """A hundred seconds of 240; two of four skipped, one failed."""
    said = "unit ok 100.0 of 240 s, 61 s of CPU 1 failed, 1 passed, 2 skipped"
    assert " ".join(outcome.line().split()) == said


@pytest.mark.parametrize(
    ("seconds", "budget_s", "said"),
    [
        (240.0, 240, "240.0 of 240 s, 61 s of CPU"),
        (240.1, 240, "240.1 of 240 s, over, 61 s of CPU"),
        (900.0, None, "900.0 s, 61 s of CPU"),
    ],
)
def test_over_its_budget_a_stage_says_so_and_passes(
    seconds: float, budget_s: float | None, said: str
) -> None:
    """A machine that does other things is no failure of ours."""
    outcome = runner.Outcome("unit", budget_s, seconds, cpu_s=61.2)
    assert outcome.pace().strip() == said
    assert outcome.ok


def test_every_stage_has_a_budget_and_all_fit_into_a_quarter_of_an_hour() -> None:
    """With a minute each for clients in other languages and for Pyodide."""
    assert runner.BUDGETS_S.keys() == runner.STAGES.keys()
    assert sum(runner.BUDGETS_S.values()) + 2 * 60 <= 15 * 60


def test_a_skipped_test_fails_where_every_test_must_run(outcome: runner.Outcome) -> None:
    """By name and reason; what no installation changes may be skipped."""
    outcome.expect_nothing_skipped()
    [sentence] = outcome.failed_commands
    assert sentence.startswith("tests.cloud.test_node.test_plain was skipped where every test must")
    assert sentence.endswith("run: Node is not installed")
    assert not outcome.ok


def test_what_failed_beside_something_says_its_warnings_and_its_end_again() -> None:
    """A warning of pages before the end is why a book was not built."""
    outcome = runner.Outcome("book", 170)
    said = "print('page.md: WARNING: no such id'); print(*range(99), sep='\\n'); exit(1)"
    runner.run(outcome, sys.executable, "-c", said, shown_later=True)
    [again] = outcome.failed_commands
    assert "WARNING: no such id" in again
    assert again.split()[-30:] == [str(k) for k in range(69, 99)]


def test_what_may_be_skipped_is_what_tests_say() -> None:
    """A reason that no test gives any more leaves the list."""
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]
    said = "\n".join(path.read_text("utf-8") for path in tests)
    for reason in runner.MAY_BE_SKIPPED:
        assert re.search(rf"skip.*{reason}", said)


def test_ci_adds_what_the_list_names_and_prints_its_version(tmp_path: Path) -> None:
    """The list is read to its end; no chore but `make` is run, with nothing skipped."""
    (tmp_path / "make").write_text('#!/bin/sh\necho "make $* $NOTHING_SKIPPED"\n')
    asked = "#!/bin/sh\n"  # everything is there, so nothing is installed
    for command in ("chromium-headless-shell", "chromium", "node", "ip", "java"):
        (tmp_path / command).write_text(asked)
    for path in tmp_path.iterdir():
        path.chmod(0o755)
    where = {"PATH": f"{tmp_path}:/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path)}
    for chore, packages in (
        ("test", ["chromium-headless-shell", "chromium", "nodejs", "iproute2"]),
        (
            "test-all",
            ["chromium-headless-shell", "chromium", "nodejs", "iproute2", "default-jre-headless"],
        ),
    ):
        command = [ROOT / ".ci" / "run", chore]
        done = subprocess.run(command, env=where, capture_output=True, text=True, check=True)
        head, *versions, last = done.stdout.splitlines()
        assert head == "== from Debian"
        assert [line.split()[0] for line in versions] == packages
        assert all(len(line.split()) > 1 for line in versions)
        assert last == f"make {chore} 1"


@pytest.mark.parametrize(("missing", "runs"), [("chromium-headless-shell", True), ("node", False)])
def test_only_the_chromium_without_windows_may_be_missing(
    tmp_path: Path, missing: str, *, runs: bool
) -> None:
    """Where apt has it not, the whole browser does its work; what else is missing stops the run."""
    for command in ("bash", "dirname", "env", "grep", "id", "sh"):
        (tmp_path / command).symlink_to(shutil.which(command) or command)
    (tmp_path / "python3").symlink_to(sys.executable)
    said = {"make": "echo ran", "apt-get": "exit 100", "sudo": 'exec "$@"'}
    needed = {"chromium-headless-shell", "chromium", "node", "ip", "dpkg-query", "apt-cache"}
    for command in (needed | said.keys()) - {missing}:
        (tmp_path / command).write_text(f"#!/bin/sh\n{said.get(command, '')}\n")
        (tmp_path / command).chmod(0o755)
    where = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(
        [ROOT / ".ci" / "run"], env=where, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0, done.stdout.endswith("ran\n")) == (runs, runs), done


def test_the_list_is_all_that_ci_installs() -> None:
    """A package is named there, with its command, or not at all."""
    rows = [
        line.split()
        for line in (ROOT / ".ci" / "debian.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert all(len(row) in (3, 4) for row in rows)
    assert all(re.match(r"(\d+:)?\d[\w.+~-]*$", row[2]) for row in rows)
    chores = {row[3] for row in rows if len(row) > 3}
    workflows = [path.read_text("utf-8") for path in (ROOT / ".github/workflows").glob("*.yml")]
    run = {
        step
        for text in workflows
        for step in re.findall(r"run: \.ci/run ?(.*)$", text, re.MULTILINE)
    }
    assert chores <= run
    assert (ROOT / ".ci" / "run").read_text("utf-8").count("apt-get install") == 1


def test_the_cpu_of_a_stage_is_its_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that computes for a third of a second counts with it; one that sleeps does not."""
    work = "import time\nwhile time.process_time() < 0.33: pass"
    for code, works in ((work, True), ("import time; time.sleep(0.5)", False)):
        command = [sys.executable, "-c", code]
        stage = {"lint": lambda *_, command=command, **__: subprocess.run(command, check=True)}
        monkeypatch.setattr(runner, "STAGES", stage)
        [outcome] = runner.run_stages(["lint"], slow=False)
        assert (outcome.cpu_s > 0.3) == works
