"""Run the stages of `make test` one after the other, and say once at the end how each went.

A stage that fails does not stop the next: one run shows everything there is to repair. Counts
come from the JUnit files that pytest writes, so that a stage in which no test ran counts as
failed (pytest's own exit status says so too).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from chromium import TESTS_SKIPPED, find_chromium

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
REPORTS = ROOT / "_build" / "test-reports"
FRESH_RUNS = ROOT / "_build" / "lab-runs"
# .ci/run sets this: there, a test that was skipped is a failure.
NOTHING_SKIPPED = os.environ.get("NOTHING_SKIPPED") == "1"
# But for three reasons that no installation takes away: the words of the one are the test's, the
# second is a kernel that gives nobody a network of their own, and the third a network without any
# place where Pyodide lies; where one is reached, the book's stage fetches it.
MAY_BE_SKIPPED = ("the repository has an address", "network namespace", "no Pyodide set")
UNREACHED = 75  # of serverless_tax/book/python/fetch.py
# Seconds that each stage of `make test` may take on two quiet cores: a quarter of an hour in all,
# with two minutes left for clients in other languages and for Pyodide.
BUDGETS_S = {"lint": 40, "unit": 390, "book": 170, "browser": 180}
NBVAL_CELL_SECONDS = 120
LAST_LINES = 30  # of what failed beside other work, said again in the summary, after its warnings
SPREAD = ("--numprocesses=auto", "--dist=worksteal")
# What mostly waits, for three quarters of its time: four files beside each other, while the book is
# built, which keeps one core. The labs themselves wait for two thirds of theirs, and measure: two
# of them beside each other.
WAITING = ("tests/cloud", "tests/labs")
IN_FOURS = ("--numprocesses=4", "--dist=loadfile")
IN_PAIRS = ("--numprocesses=2", "--dist=loadfile")
# What runs beside a measurement.
GIVING_WAY = ("nice", "-n", "10")
# What the labs measured, a program that promises its users an answer within ten seconds, and the
# labs on one CPU, which are slow.
BESIDE_NOTHING = ("tests/labs/fresh_runs.py", "tests/cli/test_doctor.py", "tests/labs/one_cpu.py")
# Only what shows a page in a browser needs its fixtures, which every test would pass through.
NO_BROWSER = ("-p", "no:playwright")
# What tests start again and again is compiled once: the packages were by `make env`, beside them.
for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"):
    os.environ.pop(name, None)
# The lab that measures how much one core holds.
FULL_CORE = "4-sharing-the-wait.ipynb"


@dataclass
class Outcome:
    """How one stage went: seconds taken, tests by result, and what to say about it.

    ``cpu_s`` are the CPU seconds of its processes, which a busy machine stretches less. ``skipped``
    has the reason why a test was skipped, by its name; ``budget_s`` is None where nobody waits for
    the stage.
    """

    stage: str
    budget_s: float | None = None
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    cpu_s: float = 0.0
    skipped: dict[str, str] = field(default_factory=dict)
    failed_commands: list[str] = field(default_factory=list)
    reports: list[Path] = field(default_factory=list)
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether every command of the stage succeeded."""
        return not self.failed_commands

    def line(self) -> str:
        """Return the stage's line of the closing summary."""
        verdict = "ok" if self.ok else "FAILED"
        tests = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))
        return f"  {self.stage:<8}{verdict:<8}{self.pace():<34}  {tests or self.note}".rstrip()

    def pace(self) -> str:
        """Return the seconds it took, of how many, whether those were too few, and those of CPU."""
        over = ", over" if self.budget_s is not None and self.seconds > self.budget_s else ""
        of = "" if self.budget_s is None else f" of {self.budget_s:3.0f}"
        return f"{self.seconds:6.1f}{of} s{over}, {self.cpu_s:.0f} s of CPU"

    def new_report(self, name: str) -> Path:
        """Return the path of a JUnit file that pytest is about to write, and nobody has yet."""
        REPORTS.mkdir(parents=True, exist_ok=True)
        report = REPORTS / f"{self.stage}-{name}.xml"
        report.unlink(missing_ok=True)
        self.reports.append(report)
        return report

    def read_reports(self) -> None:
        """Add up what its runs of pytest counted."""
        for report in filter(Path.exists, self.reports):
            self.counts += read_counts(report)
            self.skipped |= read_skipped(report)

    def expect_nothing_skipped(self) -> None:
        """Count each test as a failure that was skipped for a reason that can be taken away."""
        for test, why in self.skipped.items():
            if not any(reason in why for reason in MAY_BE_SKIPPED):
                self.failed_commands.append(f"{test} was skipped where every test must run: {why}")


def run(
    outcome: Outcome, *command: str | Path, shown_later: bool = False, **variables: str
) -> None:
    """Run one command of a stage in the repository's root; note it when it fails.

    What is ``shown_later`` says everything once it has ended, as something else runs beside it, and
    how it ended once more in the summary: pages of other output may stand between.
    """
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=ROOT,
        env=os.environ | variables,
        stdout=subprocess.PIPE if shown_later else None,
        stderr=subprocess.STDOUT if shown_later else None,
        check=False,
    )
    said = done.stdout.decode(errors="replace") if shown_later else ""
    if said:
        print(said, flush=True)
    if done.returncode != 0:
        lines = said.rstrip().splitlines()
        why = [one for one in lines[:-LAST_LINES] if "WARNING:" in one or "ERROR:" in one]
        told = [" ".join(words), *why[:LAST_LINES], *lines[-LAST_LINES:]]
        outcome.failed_commands.append("\n            ".join(told))


def run_pytest(
    outcome: Outcome,
    *arguments: str | Path,
    named: str = "tests",
    before: tuple[str, ...] = (),
    shown_later: bool = False,
    **variables: str,
) -> None:
    """Run pytest for a stage, ``before`` it what starts it; ``named`` tells its report by."""
    report = outcome.new_report(named)
    command = (*before, sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments)
    run(outcome, *command, shown_later=shown_later, **variables)


def read_counts(report: Path) -> Counter[str]:
    """Return how many tests of a JUnit file passed, failed and were skipped."""
    counts: Counter[str] = Counter()
    # The file was written a moment ago by pytest on this machine.
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314
        failed = int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
        skipped = int(suite.get("skipped", "0"))
        passed = int(suite.get("tests", "0")) - failed - skipped
        counts.update(failed=failed, skipped=skipped, passed=passed)
    return +counts


def read_skipped(report: Path) -> dict[str, str]:
    """Return why each test of a JUnit file was skipped, by its name; one that may fail is none."""
    return {
        f"{case.get('classname')}.{case.get('name')}": skipped.get("message", "")
        for case in ET.parse(report).getroot().iter("testcase")  # noqa: S314 - as above
        for skipped in case.iter("skipped")
        if skipped.get("type") != "pytest.xfail"
    }


def lint(outcome: Outcome, *, slow: bool) -> None:
    """Style, types, spelling; the widgets' scripts; the workflows and what is unsafe in them."""
    del slow
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    commands: list[tuple[str | Path, ...]] = [
        (BIN / "mypy", "--no-error-summary"),  # which takes as long as all others
        (BIN / "ruff", "check", "--quiet"),
        (BIN / "ruff", "format", "--check", "--quiet"),
        (sys.executable, "tests/lint_pages.py"),
        (BIN / "codespell",),
        (sys.executable, "tests/lint_scripts.py"),
        (BIN / "check-jsonschema", "--builtin-schema=vendor.github-workflows", *workflows),
        (BIN / "check-jsonschema", "--builtin-schema=vendor.github-actions", "action.yml"),
        (BIN / "zizmor", "--offline", "--quiet", ".github/workflows", "action.yml"),
    ]
    with ThreadPoolExecutor(max_workers=2) as beside:
        for _ in beside.map(lambda command: run(outcome, *command), commands):
            pass


def chosen(*, slow: bool) -> tuple[str, ...]:
    """Return the options that choose the tests without a browser, and how long each may take."""
    if not slow:
        return (*NO_BROWSER, "-m", "not browser and not slow", "--hypothesis-profile=quick")
    # Ten thousand examples of whole months take more than the limit that a quick test has.
    return (*NO_BROWSER, "-m", "not browser", "--hypothesis-profile=thorough", "--timeout=1200")


def unit(outcome: Outcome, *, slow: bool) -> None:
    """Unit, property, parity and repository tests, and every doctest; beside them the labs.

    A lab waits for most of its time: these tests take what the labs leave of both cores.
    """
    elsewhere = (*WAITING, *BESIDE_NOTHING, "tests/browser")
    ignored = (f"--ignore={path}" for path in elsewhere)
    alone = ROOT / "labs" / FULL_CORE
    others = sorted(set((ROOT / "labs").glob("*.ipynb")) - {alone})
    # What each run measures is kept here, for the comparison below.
    FRESH_RUNS.mkdir(parents=True, exist_ok=True)
    for left in FRESH_RUNS.glob("*.json"):
        left.unlink()
    run_labs(outcome, "lab-alone", alone)
    with ThreadPoolExecutor() as beside:
        labs = beside.submit(run_labs, outcome, "labs", *IN_PAIRS, *others, shown_later=True)
        run_pytest(outcome, *chosen(slow=slow), *SPREAD, *ignored, before=GIVING_WAY)
        labs.result()
    run_pytest(outcome, *chosen(slow=slow), *BESIDE_NOTHING, named="beside-nothing")


def run_labs(outcome: Outcome, named: str, *labs: str | Path, shown_later: bool = False) -> None:
    """Run labs as a learner would, against their stored outputs; keep what they measure."""
    # Random order would break the notebooks' own order of cells.
    options = (
        *("-p", "no:randomly", "--override-ini=addopts=-ra", "--timeout=0"),
        *("--nbval", "--nbval-current-env", "--nbval-sanitize-with=labs/nbval.cfg"),
        f"--nbval-cell-timeout={NBVAL_CELL_SECONDS}",
    )
    command, kept = (*options, *labs), str(FRESH_RUNS)
    run_pytest(outcome, *command, named=named, shown_later=shown_later, LAB_RECORD=kept)


def book(outcome: Outcome, *, slow: bool) -> None:
    """Build the book, warnings as errors; beside it, the tests of local cloud and labs.

    The Python that the book's cells run on is fetched first, where that can be.
    """
    fetch = [sys.executable, "-m", "serverless_tax.book.python.fetch"]
    if subprocess.run(fetch, cwd=ROOT, check=False).returncode not in (0, UNREACHED):
        outcome.failed_commands.append(" ".join(fetch))
    made = (os.environ.get("MAKE", "make"), "--no-print-directory", "book")
    with ThreadPoolExecutor() as beside:
        build = beside.submit(run, outcome, *made, shown_later=True)
        if slow:  # some of them take the built book
            build.result()
        run_pytest(outcome, *chosen(slow=slow), *IN_FOURS, *WAITING)
        build.result()


def browser(outcome: Outcome, *, slow: bool) -> None:
    """Read the built book in a real browser."""
    marked = "browser" if slow else "browser and not slow"
    if find_chromium() is None:
        outcome.note = TESTS_SKIPPED
        outcome.counts["skipped"] = 1
        outcome.skipped["tests/browser"] = TESTS_SKIPPED
        print(TESTS_SKIPPED)
    else:
        # A fault in a script is noticed by browser tests that run in a copy of the tree.
        faults = ("tests/mutants",) if slow else ()
        if slow:
            os.environ["PICTURES"] = "1"
            if whole := find_chromium(whole=True):
                os.environ["CHROMIUM"] = str(whole)
        run_pytest(outcome, "-m", marked, *SPREAD, "tests/browser", *faults)


STAGES: dict[str, Callable[..., None]] = {
    "lint": lint,
    "unit": unit,
    "book": book,
    "browser": browser,
}


def _cpu_s() -> float:
    """Return the CPU seconds of all processes that were started here and have ended."""
    used = os.times()
    return used.children_user + used.children_system


def run_stages(names: list[str], *, slow: bool) -> Iterator[Outcome]:
    """Run the named stages in the order given."""
    for name in names:
        print(f"\n== {name}: {(STAGES[name].__doc__ or name).splitlines()[0]}", flush=True)
        # Nobody waits for the slow tests.
        outcome = Outcome(name, budget_s=None if slow else BUDGETS_S[name])
        began, cpu_s = time.monotonic(), _cpu_s()
        STAGES[name](outcome, slow=slow)
        outcome.seconds, outcome.cpu_s = time.monotonic() - began, _cpu_s() - cpu_s
        outcome.read_reports()
        if NOTHING_SKIPPED:
            outcome.expect_nothing_skipped()
        yield outcome


def summarise(outcomes: list[Outcome]) -> None:
    """Print the one closing summary of the whole run."""
    total = sum((outcome.counts for outcome in outcomes), Counter[str]())
    seconds = sum(outcome.seconds for outcome in outcomes)
    print(f"\n== summary, {seconds:.0f} s")
    for outcome in outcomes:
        print(outcome.line())
        for command in outcome.failed_commands:
            print(f"          failed: {command}")
    # A linter or the book has no tests to count, and must show in the closing line all the same.
    untested = sum(not outcome.ok and not outcome.counts["failed"] for outcome in outcomes)
    failed = total["failed"] + untested
    print(f"\n{total['passed']} passed, {failed} failed, {total['skipped']} skipped")


def main() -> int:
    """Run the stages named on the command line; return 1 if one failed, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--slow", action="store_true", help="the slow tests and long fuzzing too")
    parser.add_argument("stages", nargs="+", choices=STAGES)
    arguments = parser.parse_args()
    outcomes = list(run_stages(arguments.stages, slow=arguments.slow))
    summarise(outcomes)
    return 0 if all(outcome.ok for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
