"""No test's outcome follows the day on which it is run, nor the day's prices.

A test that types a figure names the day of its prices. So a vendor's change, appended with its
date, breaks no test but those of what the book says in words; and neither does a year that passes.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from pathlib import Path

import pytest
from moved_prices import move_prices
from tree import ROOT, copy_of_the_tree, environment, pytest_in

AHEAD = ROOT / "tests" / "support" / "a_year_ahead"
#: The doctests, and every test that prices something.
PRICING = (
    *("serverless_tax", "tests/test_mistakes.py", "tests/test_metered.py"),
    *(f"tests/{part}" for part in ("bill", "book", "cli", "examples", "ground", "platforms")),
    *(f"tests/{part}" for part in ("prices", "questions", "request", "traffic", "widgets")),
)
#: One says what the book says in words, that a price has never moved. The other is about machines.
BUT = "not has_not_moved and not doctor"
#: A whole run in one process, on a machine that does other things too.
LIMIT_S = 1500


@pytest.mark.slow
@pytest.mark.timeout(LIMIT_S)
def test_a_price_that_moves_today_breaks_no_test(tmp_path: Path) -> None:
    """Every price of every sheet a quarter dearer from today on."""
    copy = copy_of_the_tree(tmp_path / "tree")
    assert move_prices(copy / "serverless_tax", dt.date.today()) > 80  # noqa: DTZ011 - as a bill's
    _expect_no_failure(pytest_in(copy, *PRICING, "-k", BUT, "-m", "not browser and not slow"))


@pytest.mark.slow
@pytest.mark.timeout(LIMIT_S)
def test_a_year_that_passes_breaks_no_test(tmp_path: Path) -> None:
    """The same tests with Python's calendar a year ahead."""
    copy = copy_of_the_tree(tmp_path / "tree")
    arguments = (*PRICING, "-k", BUT, "-m", "not browser and not slow")
    _expect_no_failure(pytest_in(copy, *arguments, before=(AHEAD,)))


def test_a_price_that_moves_is_noticed(tmp_path: Path) -> None:
    """The row appended is in force: today's bill is a quarter dearer, the first of November's not.

    The article's month is $811.334 then, and a quarter more is $1,014.17.
    """
    copy = copy_of_the_tree(tmp_path / "tree")
    move_prices(copy / "serverless_tax", dt.date.today())  # noqa: DTZ011 - as a bill's
    code = (
        "from datetime import date\n"
        "from serverless_tax import Workload, bill\n"
        "article = Workload.preset('article')\n"
        "days = ({}, {'on': date(2026, 11, 1)})\n"
        "print(*(round(bill('aws-lambda', article, **day).total, 2) for day in days))\n"
    )
    assert _python(copy, code) == "1014.17 811.33"


def test_the_calendar_runs_a_year_ahead(tmp_path: Path) -> None:
    """Today and now, for who asks the module and for who took its classes; a date stays a date."""
    code = (
        "import datetime, tomllib\n"
        "from datetime import date, datetime, UTC\n"
        "read = tomllib.loads('day = 2026-11-01')['day']\n"
        "print(date.today(), datetime.now(UTC).date(), isinstance(read, date), read < date.today())"
    )
    today = dt.date.today()  # noqa: DTZ011 - the calendar that is moved
    today_too, now, is_date, earlier = _python(tmp_path, code, AHEAD).split()
    # At midnight the two are asked for on different days.
    assert 365 <= (dt.date.fromisoformat(today_too) - today).days <= 366
    assert 364 <= (dt.date.fromisoformat(now) - today).days <= 366
    assert (is_date, earlier) == ("True", "True")


def _python(root: Path, code: str, *before: Path) -> str:
    """Run a few lines with the package of a copy, and return what they print."""
    command = [sys.executable, "-c", code]
    where = environment(root, *before)
    done = subprocess.run(command, cwd=root, env=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _expect_no_failure(done: subprocess.CompletedProcess[str]) -> None:
    """Show what failed, if something did; that nothing ran is a failure too."""
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    assert not failed, "\n".join([*failed, done.stdout[-3000:]])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > 1000
