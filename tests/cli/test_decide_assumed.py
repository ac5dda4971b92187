"""What the command takes for granted is said: where it is priced, at what share, on what work."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from workloads import DAY

from serverless_tax.cli.app import run

ON = ("--on", DAY.isoformat())


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what the command prints, which it must leave with 0."""
    assert run(["decide", *words, *ON]) == 0
    return capsys.readouterr().out


def test_dollars_that_are_a_cent_off_their_difference_are_said_to_be_rounded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """$811.33 less $104.15 is $707.18, and the saving is $707.189."""
    told = said(capsys, "--preset", "article")
    assert "$707.19 a month less" in told
    assert "From $811.33 to $104.15 a month." in told
    assert "Each figure is rounded by itself." in told


def test_several_regions_are_named_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its vendor, in the first line and beside the prices."""
    there = ("--region", "aws=eu-west-1,vercel=fra1", "--other-vendor")
    lines = said(capsys, "--preset", "article", *there).splitlines()
    words = "eu-west-1 of AWS and fra1 of Vercel"
    assert lines[0].startswith(f"In {words}: Set memory to 128 MB: ")
    assert any(line.startswith("Assumed: list prices") and words in line for line in lines)
    assert not any("aws=" in line or "Vercel has no prices" in line for line in lines)


def test_a_region_that_a_vendor_is_not_priced_in_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """AWS's eu-west-1 says nothing of Vercel, which is priced at home, where it was looked at."""
    words = ("--preset", "article", "--region", "eu-west-1")
    home = "Assumed: Vercel has no prices here for 'eu-west-1': these are those of 'iad1'."
    assert home in said(capsys, *words, "--other-vendor").splitlines()
    assert "Vercel has no prices" not in said(capsys, *words, "--no-other-vendor")
    assert home not in said(capsys, *words[:2], "--other-vendor").splitlines()


@pytest.mark.parametrize(("cpu", "is_said"), [("0ms", False), ("5ms", True)])
def test_work_on_one_thread_is_assumed_where_there_is_work(
    cpu: str, *, is_said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not of a request that only waits, at a size of more than one vCPU."""
    month = ("--requests", "1e6", "--memory", "3008", "--peak-memory", "300", "--wait", "5s")
    assert ("one thread" in said(capsys, *month, "--cpu", cpu)) is is_said
    took = ("--requests", "1e6", "--memory", "3008", "--peak-memory", "300", "--took", "5s")
    assert "Assumed: Its work runs on one thread." in said(capsys, *took)


def test_a_share_is_written_one_way_everywhere(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """As a number or with its sign, behind each option and in a file; above a whole it is none."""
    plain = said(capsys, "--preset", "article", "--effective-rate", "0.8")
    assert said(capsys, "--preset", "article", "--effective-rate", "80%") == plain
    file = tmp_path / "my.toml"
    file.write_text('preset = "article"\neffective_rate = "80 %"\n', "utf-8")
    assert said(capsys, "--scenario", str(file)) == plain
    for words in (["decide", "--effective-rate"], ["compare", "--fail-above"]):
        assert run([*words, "lots"]) == 2
        assert "lots', which is not a share such as 0.3 or 30%" in capsys.readouterr().err
        assert run([*words, "130%"]) == 2
        assert capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "covers", "inside", "outside"),
    [
        ("--hour-usd", r"costs \$(\d+) to \$(\d+): .* Another price is not", "60", "10 300"),
        ("--effective-rate", r"at (\d+ %) to (\d+ %) of it: .* Less is not", "70%", "30%"),
    ],
)
def test_a_range_covers_what_it_says_it_does(
    option: str, covers: str, inside: str, outside: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An hour of $10 or $300, and 30 % of list prices, are taken, and are in none of its ranges."""

    def year_usd(value: str) -> list[float]:
        words = ("--preset", "article", option, value, "--json")
        ends: list[float] = json.loads(said(capsys, *words))["first_year_usd"]
        return ends

    told = re.search(covers, said(capsys, "--preset", "article", option, "unknown"))
    assert told
    low, high = year_usd("unknown")
    for value in (*told.groups(), inside):
        least, most = year_usd(value.replace(" ", ""))
        assert low - 0.01 <= least == most <= high + 0.01
    for value in outside.split():
        assert not low <= year_usd(value)[0] <= high


@pytest.mark.parametrize("name", ["empty.toml", "empty.log", "said.toml"])
def test_a_scenario_that_says_nothing_is_refused(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A file of no kind, and one with a comment: advice on nothing would look like some."""
    file = tmp_path / name
    file.write_text("# nothing yet\n" if name == "said.toml" else "", "utf-8")
    assert run(["decide", "--scenario", str(file), *ON]) == 2
    assert "holds no names with values; write memory_mb = 1024" in capsys.readouterr().err
