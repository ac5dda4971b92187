"""A function that was changed in the log: what is said of it is of what it is now."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from audit_logs import line, numbered

from serverless_tax.audit.sums.period import Period, monthly
from serverless_tax.cli.app import run

FIRST = datetime(2026, 10, 1, 12)  # noqa: DTZ001 - written with its Z below
DAY_USD_512 = 100 * (5 * 0.5 * 0.0000166667 + 0.0000002)


def days(first: int, last: int, each: int = 100, **figures: Any) -> list[str]:
    """Lines of five seconds on the days of October from one to another, some a day."""
    return [
        f"{(FIRST + timedelta(days=day - 1, minutes=k)).isoformat()}.000Z"
        f" {line('5000.00', **figures)}"
        for day in range(first, last + 1)
        for k in range(each)
    ]


def audited(folder: Path, capsys: pytest.CaptureFixture[str], *lines: str, json_: bool) -> Any:
    """What the command says of some lines of a function."""
    path = folder / "rag.log"
    path.write_text(numbered(lines))
    words = ["audit", str(path), "--function", "rag", "--on", "2026-11-01", "--cpu-ms", "5ms"]
    assert run([*words, *(["--json"] if json_ else [])]) == 0
    said = capsys.readouterr().out
    return json.loads(said) if json_ else said


def resized() -> list[str]:
    """From 3,008 MB to 512 on the 20th, with a peak of 430 MB."""
    return [
        *days(1, 19, memory_mb=3008, max_memory_used_mb=430),
        *days(20, 31, memory_mb=512, max_memory_used_mb=430),
    ]


def test_a_month_is_of_the_memory_that_it_has_now(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """512 MB since the 20th: 100 calls of 2.5 GB-seconds a day, and no range around days alike."""
    found = audited(tmp_path, capsys, *resized(), json_=True)
    month = found["functions"][0]["month"]
    # From the midnight after the last call of before to the last line: 11.57 days, 12 days' calls.
    assert month["usd"] == pytest.approx(DAY_USD_512 * 730 / 24 * 12 / 11.57, rel=0.001)
    assert month["low_usd"] <= DAY_USD_512 * 730 / 24 <= month["high_usd"]
    assert found["totals"]["month"]["usd"] == pytest.approx(month["usd"])
    # The log's own cost is still all of it.
    assert found["totals"]["usd"] > 19 * 100 * 5 * 3008 / 1024 * 0.0000166667


def test_a_memory_that_is_gone_is_not_advised_upon(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At 512 MB with a peak of 430 there is nothing to take away; 3,008 is said to be over."""
    said = audited(tmp_path, capsys, *resized(), json_=False)
    assert "Give it the memory it needs" not in said
    assert "Set memory" not in said
    assert "3,008 MB, until 2026-10-19: 1,900 invocations" in said
    assert "rag: 3,008 MB until 2026-10-19, 512 MB now" in said


def test_sizes_beside_each_other_are_both_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two versions that share the traffic are no change."""
    both = [*days(1, 31, memory_mb=2048), *days(1, 31, memory_mb=1024)]
    said = audited(tmp_path, capsys, *both, json_=False)
    assert "until 2026" not in said


def test_a_memory_that_was_tried_in_between_is_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From 512 to 3,008 and back: what it has is 512, and a month is of the days since."""
    lines = [*days(1, 9, memory_mb=512), *days(10, 12, memory_mb=3008)]
    said = audited(tmp_path, capsys, *lines, *days(13, 31, memory_mb=512), json_=False)
    assert "rag: 3,008 MB until 2026-10-12, 512 MB now" in said


def test_what_was_changed_this_week_has_no_month_yet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three days are no run rate; that is said, and no figure."""
    lines = [*days(1, 28, memory_mb=3008), *days(29, 31, memory_mb=512)]
    found = audited(tmp_path, capsys, *lines, json_=True)
    assert found["functions"][0]["month"] is None
    assert found["totals"]["month"] is None
    assert any("no month is named" in note for note in found["totals"]["notes"])


def test_a_month_holds_the_last_week(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Traffic that grew sixfold ten days ago: a month like the present, not like the average."""
    lines = [*days(1, 21, each=20, memory_mb=512), *days(22, 31, each=100, memory_mb=512)]
    month = audited(tmp_path, capsys, *lines, json_=True)["functions"][0]["month"]
    assert month["usd"] == pytest.approx(DAY_USD_512 * 730 / 24, rel=1e-6)
    assert month["low_usd"] <= month["usd"] <= month["high_usd"]
    assert month["since"] == "2026-10-24"


def test_a_week_that_differs_by_a_call_is_not_unlike(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A call each 36 minutes and a bit: 39 or 40 a day, and all of thirty days are the present."""
    midnight, month = FIRST.replace(hour=0), timedelta(days=30)
    times = [(midnight + k * month / 1199).isoformat()[:19] for k in range(1200)]
    lines = [f"{at}.000Z {line('5000.00')}" for at in times]
    found = audited(tmp_path, capsys, *lines, json_=True)
    assert found["functions"][0]["month"]["since"] is None
    assert not [note for note in found["totals"]["notes"] if "unlike" in note]


@pytest.mark.parametrize("fate", [{}, {"status": "error", "error_type": "Runtime.OutOfMemory"}])
def test_a_function_that_nobody_calls_any_more_costs_nothing_a_month(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fate: dict[str, Any]
) -> None:
    """Called until the 20th, beside another that is called on: nothing to save, or to mend."""
    (tmp_path / "kept.log").write_text(numbered(days(1, 31)))
    gone = numbered(days(1, 20, max_memory_used_mb=1024, **fate)).replace("-c73d-", "-c73e-")
    (tmp_path / "gone.log").write_text(gone)
    assert run(["audit", str(tmp_path), "--on", "2026-11-01", "--json"]) == 0
    functions = json.loads(capsys.readouterr().out)["functions"]
    (found,) = [one for one in functions if "gone" in one["name"]]
    assert found["usd"] > 0
    assert found["month"]["usd"] == 0
    assert (found["steps"], found["saving_usd"]) == ([], [0.0, 0.0])
    assert found["sentence"] == "Leave it as it is: nothing earns its work within a year."


@pytest.mark.parametrize(
    ("days", "usd", "since"),
    [
        # Eight whole days at $10 and seven at $1, 15 days: 87 / 15 a day, 365 / 12 days a month.
        (15, 87 / 15 * 365 / 12, None),
        # Eight and eight. Of the 14 between the first day and the last, the last week was $1 a day.
        (16, 365 / 12, date(2026, 10, 9)),
    ],
)
def test_the_last_week_counts_alone_where_two_weeks_are_whole(
    days: int, usd: float, since: date | None
) -> None:
    """With a whole day less than two weeks, all days are what a month is like."""
    each = [date(2026, 10, 1) + timedelta(days=k) for k in range(days)]
    first = datetime.combine(each[0], time(), UTC)
    last = first + timedelta(days=days, seconds=-1)
    by_day = {day.isoformat(): 10.0 if k < 8 else 1.0 for k, day in enumerate(each)}
    found = monthly(Period(first, last, tuple(each), 0), by_day)
    assert found is not None
    assert (found.usd, found.since) == (pytest.approx(usd), since)
