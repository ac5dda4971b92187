"""In which order changes stand in an audit: what each is credited with, and where to stop."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from audit_logs import line, numbered

from serverless_tax.cli.app import run

X86, ARM = 0.0000166667, 0.0000133334
#: Answers that leave nothing but its memory and its chip to change, of a function that waits.
NOTHING_ELSE: tuple[str, ...] = (
    "--calls",
    "1",
    "--reads-along",
    "--sees-answer",
    "--no-own-process",
)
NOTHING_ELSE += ("--no-other-vendor", "--cpu-ms", "5ms")


def log(path: Path, days: float = 30, **figures: Any) -> str:
    """Write 3,000 calls of 10 s, evenly spread over some days, and return where they are."""
    start, apart = datetime(2026, 10, 1, tzinfo=UTC), timedelta(days=days) / 2999
    said = line("10000.00", **figures)
    times = (f"{start + k * apart:%Y-%m-%dT%H:%M:%S}.000Z" for k in range(3000))
    path.write_text(numbered(f"{at} {said}" for at in times), "utf-8")
    return str(path)


def audited(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """Return what the command writes as JSON."""
    assert run(["audit", *words, "--function", "rag", "--on", "2026-11-01", "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def changes_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the changes of the only function in the order of the ranked list."""
    (function,) = found["functions"]
    by_id = {change["id"]: change for change in function["changes"]}
    assert [*by_id] == found["ranked"]
    return [by_id[name] for name in found["ranked"]]


def test_arm_comes_after_the_memory_on_which_its_dollars_stand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A peak of 800 MB is 960 with a fifth: 64 MB of 1,024 less, and a fifth of the rest on Arm.

    Arm saves three times as much, and what it saves is that of 960 MB.
    """
    path = log(tmp_path / "rag.log", max_memory_used_mb=800)
    found = audited(capsys, path, "--hour-usd", "0.1", *NOTHING_ELSE)
    memory, arm = changes_of(found)
    assert (memory["rung"], arm["rung"]) == ("memory", "arm")
    (function,) = found["functions"]
    calls = function["month"]["usd"] / (10 * X86 + 2e-7)
    assert memory["saving_usd"] == pytest.approx(calls * 10 * 64 / 1024 * X86, rel=0.001)
    assert arm["saving_usd"] == pytest.approx(calls * 10 * 960 / 1024 * (X86 - ARM), rel=0.001)
    assert arm["first_year_usd"] > memory["first_year_usd"] > 0


def test_arm_alone_is_credited_with_what_it_saves_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where 64 MB do not pay for two hours, Arm stands first, and saves a fifth of all there is."""
    path = log(tmp_path / "rag.log", max_memory_used_mb=800)
    found = audited(capsys, path, "--hour-usd", "0.25", *NOTHING_ELSE)
    arm, memory = changes_of(found)
    (function,) = found["functions"]
    assert function["steps"] == [arm["rung"]] == ["arm"]
    calls = function["month"]["usd"] / (10 * X86 + 2e-7)
    assert arm["saving_usd"] == pytest.approx(calls * 10 * (X86 - ARM), rel=0.001)
    assert [arm["saving_usd"]] * 2 == pytest.approx(function["saving_usd"])
    assert memory["saving_usd"] == pytest.approx(calls * 10 * 64 / 1024 * ARM, rel=0.001)
    assert memory["first_year_usd"] < 0


#: Five calls of 2 s that may run together, of a function that keeps its place.
AT_ONCE = ("--calls", "5", "--no-in-order", "--longest-call", "2s", *NOTHING_ELSE[2:])


@pytest.mark.parametrize(
    ("hour_usd", "steps"),
    [
        ("0.01", ["memory", "overlap", "arm"]),
        ("0.1", ["memory", "overlap"]),
        ("0.3", ["memory"]),
        ("10", []),
    ],
)
def test_what_pays_adds_up_to_what_the_sentence_saves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], hour_usd: str, steps: list[str]
) -> None:
    """360 MB, then 2 s instead of 10, then a fifth of the rest: each on what pays, and no other.

    At $0.10 an hour Arm does not pay: the calls together save of x86's seconds, and what Arm saves
    is a fifth of the two seconds that they leave.
    """
    path = log(tmp_path / "rag.log", max_memory_used_mb=300)
    found = audited(capsys, path, "--hour-usd", hour_usd, *AT_ONCE)
    (function,) = found["functions"]
    assert sorted(function["steps"]) == sorted(steps)
    saved = {change["rung"]: change["saving_usd"] for change in changes_of(found)}
    assert {*[*saved][: len(steps)]} == {*steps}
    assert [sum(saved[name] for name in steps)] * 2 == pytest.approx(function["saving_usd"])
    calls = function["month"]["usd"] / (10 * X86 + 2e-7)
    if steps == ["memory", "overlap"]:
        x86_usd, arm_usd = (calls * 360 / 1024 * price for price in (X86, ARM))
        assert saved["overlap"] == pytest.approx(8 * x86_usd, rel=0.01)
        assert saved["arm"] == pytest.approx(2 * (x86_usd - arm_usd), rel=0.01)
        assert [*saved] == ["memory", "overlap", "arm"]


def test_without_a_month_what_earns_its_work_first_is_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three days: 40 hours that save most stand behind two and four that pay of fewer requests.

    A sixteenth less for two hours needs more of them than a fifth less for four.
    """
    path = log(tmp_path / "rag.log", days=3, max_memory_used_mb=800)
    words = [word for word in NOTHING_ELSE if word != "--sees-answer"]
    found = audited(capsys, path, *words, "--no-sees-answer")
    rungs = [change["rung"] for change in changes_of(found)]
    saved = {change["rung"]: change["saving_usd"] for change in changes_of(found)}
    assert saved["no-proxy"] > saved["arm"] > saved["memory"]
    assert rungs[0] == "arm"
    assert rungs.index("memory") < rungs.index("no-proxy")
    (function,) = found["functions"]
    assert function["sentence"].endswith("this is the first to earn it: Build for Arm.")
    assert {change["payback"] for change in changes_of(found)} == {"unknown: no month is named"}


def test_a_log_without_a_month_says_how_to_get_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a hobby in the free tier too: what is asked for has a command that takes it."""
    path = log(tmp_path / "rag.log", days=1)
    notes = audited(capsys, path, "--cpu-ms", "5ms", "--free-tier")["totals"]["notes"]
    (note,) = [one for one in notes if "less than a week" in one]
    assert note.endswith(
        "or tell serverless-tax decide what it says, with --requests for a month's."
    )
    month = ("--requests", "10000", "--memory", "1024", "--cpu", "5ms", "--wait", "9995ms")
    assert run(["decide", *month, "--peak-memory", "90", "--free-tier"]) == 0
    assert "nothing earns its work within a year" in capsys.readouterr().out


def test_what_a_smaller_size_may_take_longer_is_said_where_one_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A quarter, beside a change of the memory; nothing of it where none is."""
    said = "No size is taken at which an answer takes more than 25 % longer."
    for peak_mb, is_said in ((300, True), (900, False)):
        path = log(tmp_path / "rag.log", max_memory_used_mb=peak_mb)
        found = audited(capsys, path, *NOTHING_ELSE, "--hour-usd", "0.1")
        assert (said in found["totals"]["notes"]) is is_said
        rungs = [change["rung"] for change in changes_of(found)]
        assert ("memory" in rungs) is is_said
