"""One table of sums: every reader carries what stands in it, and a new line of it is enough."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import serverless_tax
from serverless_tax.audit.read.columns import read
from serverless_tax.audit.read.sql import COLUMNS, KEYS
from serverless_tax.audit.sums.column_sums import added
from serverless_tax.audit.sums.table import QUANTITIES, SUMS, Sums
from serverless_tax.audit.sums.tally import Alike

NAMES = [one.name for one in SUMS]
SUPPORT = Path(__file__).parents[1] / "support"
# Four sums that nobody asked for: of a length, of warm calls, a maximum, and one with a condition.
MORE = """
    init_total_ns: int = _total("init_ns")
    warm_billed_ms: int = _total("billed_ms", ("cold", (0,)))
    longest_ms: int = _most("billed_ms")
    small_calls: int = _counted(("memory_mb", (128, 512)))
"""
COUNT = """
import json, sys
from decimal import Decimal
from pathlib import Path
from audit_logs import both, line
path = Path(sys.argv[1])
path.write_text("\\n".join([
    line("10.00"), line("30.50"), line("7.00", memory_mb=512),
    line("20.00", init_ms=Decimal("80.25")), line("900.00", status="timeout"),
]))
sums = [group.sums for group in both(path).groups.values()]
names = ("init_total_ns", "warm_billed_ms", "longest_ms", "small_calls")
print(json.dumps({name: [getattr(one, name) for one in sums] for name in names}))
"""


def test_every_reader_carries_the_names_of_the_table() -> None:
    """The record, the text of SQL, a row of it, and the columns of numpy."""
    assert list(Sums.__slots__) == NAMES
    assert list(COLUMNS) == [*KEYS, *NAMES]
    row = ["report", "a.log", "rag", 1024, 0, 100, None, *range(len(NAMES))]
    for k, one in enumerate(SUMS):
        row[len(KEYS) + k] = f"{k}"
        expected = f"{k}" if one.nothing == "" else k
        assert getattr(Alike.of_row(row).sums, one.name) == expected
    (_, _, sums), *_ = added(read((b"",)).plain).rows or [(0, 0, Sums())]
    assert sums == Sums()


def test_a_sum_names_a_quantity_once() -> None:
    """And no column of the analysis is named as what it adds up, which engines take for another."""
    assert len(set(NAMES)) == len(NAMES)
    assert not set(NAMES) & set(QUANTITIES)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Sums(invocations=2, peak_used_mb=90), Sums(invocations=3, peak_used_mb=80), (5, 90)),
        (Sums(invocations=2, peak_used_mb=80), Sums(invocations=3, peak_used_mb=90), (5, 90)),
    ],
)
def test_totals_are_added_and_a_peak_is_the_higher_one(
    one: Sums, other: Sums, both: tuple[int, int]
) -> None:
    """Whichever comes first."""
    one.add(other)
    assert (one.invocations, one.peak_used_mb) == both


def test_nothing_is_no_time() -> None:
    """A record without a time leaves the first and the last as they are."""
    early, late = "2026-11-01T10:00:00", "2026-11-02T10:00:00"
    sums = Sums()
    for time in ("", late, "", early, ""):
        sums.add(Sums.of({"written_at": time}))
    assert (sums.first_time, sums.last_time) == (early, late)


def test_a_record_counts_where_its_condition_holds() -> None:
    """A timeout of 3,000 ms, and three failures of 50 ms all together."""
    timeout = Sums.of({"status": "timeout", "billed_ms": 3000})
    failed = Sums.of({"status": "failure", "billed_ms": 50}, 3)
    assert (timeout.timeouts, timeout.timeout_billed_ms, timeout.failures) == (1, 3000, 0)
    assert (failed.failures, failed.failure_billed_ms, failed.timeouts) == (3, 50, 0)
    assert (timeout.billed_total_ms, failed.billed_total_ms, failed.invocations) == (3000, 50, 3)


def test_a_line_more_in_the_table_is_all_that_a_new_sum_takes(tmp_path: Path) -> None:
    """In a copy of the package: columns, SQL and the plain reader then add it up, and agree."""
    copy = tmp_path / "serverless_tax"
    original = Path(serverless_tax.__file__).parent
    shutil.copytree(original, copy, ignore=shutil.ignore_patterns("__pycache__"))
    table = copy / "audit" / "sums" / "table.py"
    text, before = table.read_text("utf-8"), "    peak_used_mb: int"
    assert text.count(before) == 1
    table.write_text(text.replace(before, MORE + before), "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", COUNT, str(tmp_path / "a.log")],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{SUPPORT}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = {name: sorted(values) for name, values in json.loads(done.stdout).items()}
    # By group: the cold one of 101 ms, the warm ones of 1,024 MB (10, 31 and 900 ms), that of 512.
    assert found == {
        "init_total_ns": [0, 0, 80_250_000],
        "warm_billed_ms": [0, 7, 941],
        "longest_ms": [7, 101, 900],
        "small_calls": [0, 0, 1],
    }
