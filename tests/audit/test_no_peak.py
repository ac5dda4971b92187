"""A log whose records do not say how much memory was in use."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from audit_logs import line

from serverless_tax.cli.app import run

#: Answers that leave nothing but its memory and its chip to change.
NOTHING_ELSE: tuple[str, ...] = ("--calls", "1", "--reads-along", "--sees-answer")
NOTHING_ELSE += ("--no-own-process", "--no-other-vendor")


def test_an_unknown_peak_gives_a_range(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Four hundred calls of 30 s in 30 days, at a cent an hour: a size is found out first."""
    start, apart = datetime(2026, 10, 1, tzinfo=UTC), timedelta(days=30) / 399
    report = line("30000.00", max_memory_used_mb=None)
    assert "Max Memory" not in report
    log = tmp_path / "my.log"
    with log.open("w", encoding="utf-8") as out:
        for k in range(400):
            said = report.replace("c3252230", f"{k:08d}")
            out.write(f"{start + k * apart:%Y-%m-%dT%H:%M:%S}.000Z {said}\n")
    words = ["audit", str(log), "--cpu-ms", "50ms", "--hour-usd", "0.01", "--json"]
    assert run([*words, *NOTHING_ELSE]) == 0
    [found] = json.loads(capsys.readouterr().out)["functions"]
    assert (found["invocations"], found["unused_usd"]) == (400, 0)
    assert "Then find out the peak memory: " in found["sentence"]
    assert found["steps"] is found["saving_usd"] is None
    low, high = found["first_year_usd"]
    assert 0 < low < high
