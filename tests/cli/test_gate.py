"""The check for a pipeline: it fails where it should, and says why in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from audit_logs import line, numbered

from serverless_tax.cli.app import run

ARTICLE = ["compare", "--preset", "article", "--on", "2026-11-01"]


@pytest.fixture
def main_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The last commit's ranking, as the command writes it: the article's function for $811.33."""
    assert run([*ARTICLE, "--json"]) == 0
    path = tmp_path / "main.json"
    path.write_text(capsys.readouterr().out, "utf-8")
    (yours,) = [one for one in json.loads(path.read_text("utf-8")) if one["yours"]]
    assert (yours["platform"], round(yours["total"], 2)) == ("aws-lambda", 811.33)
    return str(path)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--fail-above", "30%"], 1),  # not the REST proxy, which ranks first and never waits
        (["--fail-above", "99.9%"], 0),
        (["--fail-above", "30%", "--yours", "aws-rest-api-proxy"], 0),
        (["aws-rest-api-proxy", "aws-lambda", "--fail-above", "30%"], 0),  # the first one named
        (["aws-rest-api-proxy", "--yours", "aws-lambda", "--fail-above", "30%"], 1),
        (["--fail-above", "100%", "--requests", "0"], 1),  # nothing to judge
        (["--fail-above", "100%", "--memory", "128"], 0),
        (["--fail-above", "100%", "--wait", "20min"], 1),  # Lambda ends after 15 minutes
    ],
)
def test_your_design_is_judged_and_not_the_cheapest(
    words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Yours is the first one named, or AWS Lambda."""
    assert run([*ARTICLE, *words]) == code
    said = capsys.readouterr()
    assert "Your design, aws-" in said.out
    assert bool(said.err) == bool(code)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 0),
        (["--wait", "6s"], 1),
        (["--memory", "512"], 0),
        (["--requests", "10.4e6", "--tolerance", "5%"], 0),
        (["--requests", "10.6e6", "--tolerance", "5%"], 1),
        # Less CPU: a larger share waits, 99.9 %, of a smaller bill, for no more dollars.
        (["--cpu", "1ms"], 0),
    ],
)
def test_it_fails_where_the_last_commit_was_cheaper(
    words: list[str], code: int, main_json: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In dollars of the whole, and in those of waiting; what makes both smaller passes."""
    assert run([*ARTICLE, *words, "--against", main_json]) == code
    said = capsys.readouterr()
    assert "before $811.33, 99.6 %" in said.out
    assert ("of before" in said.err) == bool(code)


def test_a_larger_share_fails_alone_where_more_is_waited_for(
    main_json: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """$790 of $900 waited before, and now some $808 of $811: 2.3 % more, which 5 % lets pass."""
    (before,) = [one for one in json.loads(Path(main_json).read_text("utf-8")) if one["yours"]]
    path = tmp_path / "before.json"
    path.write_text(json.dumps([before | {"total": 900.0, "waiting": 790.0}]), "utf-8")
    assert run([*ARTICLE, "--against", str(path), "--tolerance", "5%"]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert " is waiting, more than 5 % above the 87.8 % of before" in said


def test_two_shares_that_differ_do_not_read_alike(capsys: pytest.CaptureFixture[str]) -> None:
    """99.64 % of the bill waits: beside a limit of 99.62 % both were 99.6 %."""
    assert run([*ARTICLE, "--fail-above", "99.62%"]) == 1
    share, _, limit = capsys.readouterr().err.partition(" is waiting, more than ")
    assert limit == "99.62 %.\n"
    assert "99.6405 % of the bill" in share


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '[{"yours": true}]', "\x89PNG", "[1]"])
def test_what_is_no_ranking_is_refused(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty file passes nothing."""
    path = tmp_path / "main.json"
    path.write_text(text, "latin-1")
    assert run([*ARTICLE, "--against", str(path)]) == 2
    said = capsys.readouterr()
    assert "holds no ranking" in said.err
    assert "compare … --json" in said.err
    assert said.out == ""


def test_the_difference_is_a_comment(main_json: str, tmp_path: Path) -> None:
    """As Markdown: before and now, and what failed."""
    path = tmp_path / "comment.md"
    words = ["--memory", "2048", "--against", main_json, "--summary", str(path), "--json"]
    assert run([*ARTICLE, *words]) == 1
    text = path.read_text("utf-8")
    assert text.startswith("### Serverless tax: $1,620")
    assert "| A month | $811.33 | $1,620" in text
    assert text.count("**Failed:**") == 3


def test_a_design_that_was_another_is_said_to_be(
    main_json: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fargate for $104 against the function's $811: both in the line and in the comment."""
    path = tmp_path / "comment.md"
    against = ["--against", main_json, "--summary", str(path)]
    assert run([*ARTICLE, "aws-fargate", *against]) == 0
    assert "; before as aws-lambda+aws-function-url $811.33, 99.6 %." in capsys.readouterr().out
    assert "prices of 2026-11-01; before as aws-lambda+aws-function-url." in path.read_text("utf-8")
    there = ["compare", "--preset", "article", "--region", "eu-west-1", "--on", "2026-10-01"]
    run([*there, "--free-tier", *against])
    other = "before in us-east-1 at prices of 2026-11-01 without the free tier"
    assert f"; {other} $811.33" in capsys.readouterr().out
    assert f"; {other}." in path.read_text("utf-8")
    run([*ARTICLE, *against])
    assert "; before $811.33" in capsys.readouterr().out
    assert "prices of 2026-11-01." in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", 1),
        (b"\x89PNG\r\n\x1a\n\x00\x00", 2),  # refused before it is read
        (b"# A page\n\nwithout an invocation\n", 1),
        (numbered([line()] * 99 + [line()[:70]] * 9).encode(), 1),
        (numbered([line()] * 99).encode(), 0),
    ],
)
def test_an_audit_that_read_nothing_or_not_all_passes_no_check(
    data: bytes, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong file costs nothing, and is no pass; nor is one of which a tenth is unread."""
    path = tmp_path / "a.log"
    path.write_bytes(data)
    assert run(["audit", str(path), "--fail-above", "100"]) == code
    assert bool(capsys.readouterr().err) == bool(code)


def test_answers_said_of_every_function_are_no_conditions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the audit's user answers is asked no more; at half the list price half is paid."""
    log = tmp_path / "rag.log"
    log.write_bytes(numbered([line("20000.00")] * 5000).encode())
    answers = ["--no-reads-along", "--no-sees-answer", "--other-vendor", "--own-process"]
    found = []
    known = ["--calls", "1", "--in-order", "--effective-rate", "0.5", "--cpu-ms", "5ms"]
    for words in ([], [*answers, *known]):
        assert run(["audit", str(log), "--function", "rag", *words, "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out))
    asked, told = (one["functions"][0]["changes"] for one in found)
    assert any(change["only_if"] for change in asked)
    assert not any(change["only_if"] for change in told)
    paid = [one["totals"]["usd"] for one in found]
    assert paid[1] == pytest.approx(paid[0] / 2)
