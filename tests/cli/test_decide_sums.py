"""The sum under what ``decide`` says, and what stands there once or not at all."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from workloads import DAY

from serverless_tax.cli.app import run

#: Of a function that keeps its shape: its one call is seen by its code, and read by a person.
NOTHING_ELSE = ("--calls", "1", "--reads-along", "--sees-answer")
NOTHING_ELSE += ("--no-own-process", "--no-other-vendor")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what the command prints, which it must leave with 0."""
    assert run(["decide", *words, "--on", DAY.isoformat()]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ("--preset", "article"),
        ("--requests", "1e6", "--memory", "3008", "--cpu", "6s", "--wait", "0ms"),
        ("--requests", "987654", "--memory", "1536", "--cpu", "7ms", "--wait", "3333ms"),
    ],
)
def test_the_sum_is_right_to_the_cent(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """What twelve months save, less the hours, is the first year as it is shown."""
    text = said(capsys, *words, "--peak-memory", "100", *NOTHING_ELSE)
    sum_of = re.search(r"save \$([\d,.]+), − (\d+) h × \$([\d.]+) = \$([\d,.]+)\.", text)
    assert sum_of
    saved, hours, hour, year = (Decimal(one.replace(",", "")) for one in sum_of.groups())
    assert saved - hours * hour == year


def test_memory_that_no_size_has_is_beaten_by_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Out of memory at the largest size: nothing is compared with the function that has enough."""
    words = (
        "--requests",
        "1e6",
        "--memory",
        "10240",
        "--cpu",
        "1ms",
        "--wait",
        "5s",
        *NOTHING_ELSE,
    )
    beaten = "beat the function with the memory it needs"
    assert beaten in said(capsys, *words, "--peak-memory", "900")
    full = [("--peak-memory", "900", "--out-of-memory"), ("--peak-memory", "10240")]
    for short in full:
        text = said(capsys, *words, *short)
        assert text.startswith("No size has enough memory")
        assert beaten not in text


def test_what_is_needed_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    """512 MB that run out become 1,024, of however many requests; a million cost as much more."""
    short = ("--memory", "512", "--peak-memory", "512", "--out-of-memory", *NOTHING_ELSE)
    text = said(capsys, *short, "--cpu", "0ms", "--wait", "5s")
    advice = " ".join(text.splitlines()[:2])
    assert advice.count("Set memory to 1,024 MB") == 1
    assert advice.endswith(" For a million: $41.67 a month more, two hours. Then stop.")


def test_no_calls_are_assumed_of_what_does_not_wait(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody says how many calls a request makes, and it only works."""
    words = ("--requests", "1e6", "--memory", "1024", "--cpu", "5s", "--peak-memory", "300")
    assert "A request waits for 1 to 100 calls" in said(capsys, *words, "--wait", "1s")
    assert "A request waits for 1 to 100 calls" not in said(capsys, *words, "--wait", "0ms")
