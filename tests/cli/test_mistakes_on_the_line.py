"""A user's mistake is one sentence on stderr that says what to write instead, and exit code 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sampled import at_most

from serverless_tax.cli.app import run

SCRIPT = Path(sys.executable).with_name("serverless-tax")
PRICE = ["price", "aws-lambda"]
ARTICLE = [*PRICE, "--preset", "article"]


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command that has to be refused and return its sentence."""
    assert run(list(words)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("serverless-tax: ")
    return said.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["prise"], 'Did you mean "price"?'),
        ([*ARTICLE, "--wiat", "3s"], "Did you mean --wait?"),
        (["price", "aws-lamda", "--preset", "article"], "did you mean 'aws-lambda'?"),
        ([*PRICE, "--preset", "artcle"], "did you mean 'article'?"),
        ([*ARTICLE, "--model", "gpt-4o-mni"], "did you mean 'gpt-4o-mini'?"),
        (["price", "aws-lambda+aws-fargate", "--preset", "article"], "can only stand first"),
        (["price"], "PLATFORM"),
        (PRICE, "--requests and --memory missing"),
        ([*PRICE, "--requests", "10"], "--memory missing"),
        ([*ARTICLE, "--scenario", "x.toml"], "both given"),
        ([*ARTICLE, "--wait", "4.855"], "write 4.855ms or 4.855s"),
        ([*ARTICLE, "--wait", "abc"], "'abc'"),
        ([*ARTICLE, "--wait", "5\n"], "--wait is 5\\n, without a unit"),
        ([*ARTICLE, "--prices", "5\n"], "file of rates 5\\n cannot be read"),
        ([*ARTICLE, "--wait", "4,8s"], "'4,8s'"),
        ([*ARTICLE, "--wait=-1s"], "--wait is -1000"),
        (["audit", "x.log", "--days", "3"], "--days is for a log group, and none is named"),
        (["audit", "x.log", "--fail-above", "nan"], "--fail-above is nan; expected dollars"),
        (["waiting-rate", "--preset", "article", "--region", "mars"], "the region 'mars'"),
        (["waiting-rate", *ARTICLE[2:], "--model", "gpt-4o"], "--model changes nothing here"),
        (["waiting-rate", *ARTICLE[2:], "--free-tier"], "--free-tier changes nothing here"),
        (["waiting-rate", *ARTICLE[2:], "--used-up"], "--used-up changes nothing here"),
        (["whole-bill", *ARTICLE[2:], "--model", "gpt-4o"], "--models names the models"),
        (["compare", *ARTICLE[2:], "--tolerance", "5%"], "--tolerance 5% is for --against"),
        (["traffic", "--measured-at", "256"], "--measured-at says where CPU was timed"),
        ([*PRICE, "--requests", "1", "--memory", "256", "--measured-at", "256"], "none is given"),
        (["traffic", "--timestamp", "time"], "name a file's columns, and no file is named"),
        (["traffic", "x.csv", "--traffic", "code"], "draws requests, and x.csv has some"),
        (["ladder", "--preset", "article", "--slower", "inf"], "slower is inf; expected at least"),
        (["cpu-budget", "aws-lambda", "--preset", "article"], "name another platform"),
        (["eras", "2022-07-01", *ARTICLE[2:], "--on", "2024-01-01"], "2024-01-01 among them"),
        (["eras", "2024-01-01T12:00", *ARTICLE[2:]], "into date, such as 2026-11-01."),
        (["eras", "2023-02-29", *ARTICLE[2:]], "into date, such as 2026-11-01."),
        (
            ["eras", "1900-01-01", *ARTICLE[2:]],
            "no aws-fargate price for 1900-01-01: the",
        ),
        ([*ARTICLE, "--requests", "nan"], "nan"),
        ([*ARTICLE, "--requests", "1e400"], "inf"),
        (
            [*PRICE, "--requests", "1", "--memory", "512", "--streaming", "3s"],
            "--cpu-per-token is missing",
        ),
        ([*ARTICLE, "--memory", "64"], "--memory is 64; AWS Lambda offers 128 to 10,240 MB"),
        ([*ARTICLE, "--memory", "333.3"], "--memory is 333.3; AWS Lambda offers whole megabytes"),
        ([*ARTICLE, "--memory", ""], "--memory is ''"),
        ([*ARTICLE, "--cold-starts", "2"], "a share from 0 to 1"),
        ([*ARTICLE, "--architecture", "sparc"], "use one of x86_64, arm64"),
        ([*ARTICLE, "--on", "yesterday"], '"yesterday"'),
        ([*ARTICLE, "--on", "none"], 'unable to convert "none" into date'),
        (["prices", "show", "aws-lambda", "--on", "null"], '"null" into date'),
        ([*ARTICLE, "--on", "2019-01-01"], "the sheet starts on 2020-12-01"),
        ([*ARTICLE, "--region", "eu-west-9"], "only for 'us-east-1', 'ap-north"),
        ([*ARTICLE, "--path", "aws-lgos"], "did you mean 'aws-logs'?"),
        ([*ARTICLE, "--model="], "--model is empty"),
        (["ladder", *ARTICLE[2:], "--path="], "--path is empty"),
        ([*ARTICLE, "--region", "aws=us-west-2,aws=eu-west-1"], "names 'aws' twice"),
        ([*ARTICLE, "--prices", "none.toml"], "none.toml cannot be read"),
        ([*PRICE, "--scenario", "none.toml"], "none.toml cannot be read"),
        ([*PRICE, "--scenario", "x#st?memori=5"], "did you mean memory?"),
        ([*PRICE, "--scenario", "x#st?memory=5"], "expected 128 to 10,240"),
        ([*PRICE, "--scenario", "x#st?v=3&memory=512"], "is of version '3'"),
        ([*PRICE, "--scenario", "x#st?v=2&preset=thinkin"], "no preset 'thinkin'"),
        (["compare", "--preset", "article", "--fail-above", "lots"], "such as 0.3 or 30%"),
        (["sensitivity", "--preset", "article", "--range", "wait_ms"], "such as wait_ms=2s..20s"),
        (["break-even", "aws-lambda", "aws-fargate", *ARTICLE[2:], "--over", "x"], "use one of"),
        (["prices", "show", "aws-lamda"], "no price sheet for 'aws-lamda'"),
    ],
)
def test_a_mistake_has_its_sentence(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the value and what was expected."""
    assert says in refusal(capsys, *words)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("s.toml", "preset = article", "is not TOML"),
        ("s.json", "{", "is not JSON"),
        ("s.json", "[1]", "holds no names"),
        ("s.json", "[" * 5000, "is not JSON"),
        ("s.json", '{"memory_mb": 512, "memory_mb": 256}', "'memory_mb' is said twice"),
        ("s.toml", "memory_mb = 512", "lacks requests_per_month"),
        ("s.toml", 'preset = "article"\nmemori_mb = 5', "did you mean memory_mb?"),
        ("s.toml", 'preset = "article"\nmemory_mb = true', "memory_mb is True"),
    ],
)
def test_a_broken_scenario_has_its_sentence(
    name: str, text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that cannot be read is named, with what is wrong in it."""
    (tmp_path / name).write_text(text)
    assert says in refusal(capsys, *PRICE, "--scenario", str(tmp_path / name))


def test_bytes_that_are_no_text_are_no_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A picture in place of a file is refused like any other."""
    (tmp_path / "s.toml").write_bytes(b"\x89PNG\xff")
    assert "is not TOML" in refusal(capsys, *PRICE, "--scenario", str(tmp_path / "s.toml"))


@given(
    option=st.sampled_from(["--wait", "--memory", "--requests", "--tokens", "--path", "--on"]),
    text=st.text(max_size=12).filter(lambda text: not text.startswith("-")),
)
@example(option="--wait", text="١s")
@settings(at_most(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_there_is_no_traceback(
    option: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any value is priced, or refused in a sentence of its own and nothing else."""
    code = run([*ARTICLE, option, text])
    out, err = capsys.readouterr()
    assert code in {0, 2}
    assert bool(out.strip()) is (code == 0)
    assert bool(err.strip()) is (code == 2) or "changes nothing here" in err
    assert "Traceback" not in err


def test_the_script_leaves_with_the_same_code() -> None:
    """What is installed is what was tested: exit 2, the sentence, nothing on stdout."""
    done = subprocess.run(
        [str(SCRIPT), "price", "aws-lamda", "--preset", "article"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("serverless-tax: There is no platform 'aws-lamda'")


@pytest.mark.parametrize(
    "words",
    [
        ["compare"], ["ladder"], ["eras"], ["sensitivity"], ["waiting-rate"], ["whole-bill"],
        ["batching"], ["cpu-budget"], ["price", "aws-lambda"],
        ["break-even", "aws-lambda", "aws-ec2"],
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_a_day_that_is_to_come_is_said_once(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """On every command that takes one: nobody knows the prices of 2199."""
    assert run([*words, "--preset", "article", "--on", "2199-01-01"]) == 0
    said = capsys.readouterr()
    assert (said.out + said.err).count("2199-01-01 is to come") == 1
