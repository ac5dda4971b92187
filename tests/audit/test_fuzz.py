"""A million damaged lines, and what a coverage-guided fuzzer thinks of: no traceback, no hang."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from audit_logs import by_audit, by_plain_reader, by_sql, event, invocations, line, meter

HERE = Path(__file__).resolve().parent
SAMPLE = (HERE.parent / "data" / "report-lines.log").read_text("utf-8").splitlines()
STAMP = "2026-11-01T10:00:00.000Z "
WHOLE = [*SAMPLE, line(), line("0.00"), event(), meter(5.0, 10.0), *[STAMP + line("7.25")] * 9]
LINES = 1_000_000
#: What a line can be damaged with: what separates, quotes, counts, and is not text at all.
BITS = [
    "\t",
    " ",
    "{",
    "}",
    '"',
    ":",
    ",",
    "REPORT",
    "RequestId:",
    "ms",
    "MB",
    "-1",
    "1e9",
    "é",
]


def damaged(draw: random.Random) -> str:
    """A line with something cut out of it, put into it, said twice, or joined with another."""
    text = draw.choice(WHOLE)
    for _ in range(draw.choice((0, 1, 1, 2, 5))):
        first, last = sorted(draw.randrange(len(text) + 1) for _ in range(2))
        last = min(last, first + 40)
        inside = draw.choice(("", draw.choice(BITS), text[first:last] * 2, draw.choice(WHOLE)))
        text = text[:first] + inside + text[last:]
    return text


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_all_readers_agree_on_a_million_damaged_lines(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every record is counted or unread in all, and those not damaged are all there.

    Queries of some seconds write nothing: the output belongs to the report.
    """
    draw = random.Random(8)  # noqa: S311 - to damage lines, not to keep a secret
    path = tmp_path / "damaged.log"
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for _ in range(LINES):
            out.write(damaged(draw) + "\n")
    sums, sql, oracle = by_audit(path), by_sql(path), by_plain_reader(path)
    for one in (sums, sql, oracle):  # which are the first is the engine's affair: it has threads
        one.unread_shown = []
    assert sums == oracle
    assert sql == oracle
    assert capfd.readouterr().out == ""
    assert invocations(sums) > LINES / 10
    assert sums.unread > LINES / 100


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_fuzzer_guided_by_coverage_finds_nothing() -> None:
    """Atheris, where it installs: whatever the bytes, the readers return."""
    pytest.importorskip("atheris", reason="atheris is not installed: pip install atheris")
    command = [sys.executable, str(HERE / "fuzz_lines.py"), "-runs=200000", "-max_total_time=300"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
