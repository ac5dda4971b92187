"""New things: what botocore and the price list have, laid beside an older list of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from serverless_tax.cli.app import run
from serverless_tax.prices import news
from serverless_tax.prices.aws_list import ROWS


@pytest.fixture
def older(answers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A list from before a service, an operation and a usage type of the recorded answers."""
    assert answers.is_dir()
    monkeypatch.setattr(news, "OFFERS", ("AWSLambda",))
    now = news.offered("us-east-1")
    gone = {
        "services": "lambda-microvms",
        "operations": "lambda: InvokeWithResponseStream",
        "usage_types": "AWSLambda: Lambda-GB-Second-ARM",
    }
    before = {kind: [name for name in now[kind] if name != gone[kind]] for kind in now}
    assert all(len(before[kind]) == len(now[kind]) - 1 for kind in now)
    path = tmp_path / "looked-at.json"
    path.write_text(json.dumps(before))
    monkeypatch.setattr(news.looked_at, "__defaults__", (path,))
    monkeypatch.setattr(news.accept, "__defaults__", (path,))
    return path


@pytest.mark.usefixtures("older")
def test_what_is_new_is_listed_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    """By kind, and the command fails, so that the weekly workflow opens an issue."""
    assert run(["prices", "new"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "services, 1 new:",
        "  lambda-microvms",
        "operations, 1 new:",
        "  lambda: InvokeWithResponseStream",
        "usage types, 1 new:",
        "  AWSLambda: Lambda-GB-Second-ARM",
    ]


def test_what_was_looked_at_is_not_listed_again(
    older: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor is what went away lost: the list only grows."""
    kept = json.loads(older.read_text())
    kept["services"].append("simpledb-of-old")
    older.write_text(json.dumps(kept))
    assert run(["prices", "new", "--accept"]) == 0
    assert capsys.readouterr().out.endswith("Noted as looked at.\n")
    assert "simpledb-of-old" in json.loads(older.read_text())["services"]
    assert run(["prices", "new"]) == 0
    assert capsys.readouterr().out == "Nothing is new.\n"


def test_a_list_that_cannot_be_read_is_not_called_old(
    answers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2: nothing is known, which is not that nothing is new."""
    (answers / "AWSLambda.us-east-1.json").unlink()
    assert run(["prices", "new"]) == 2
    assert "cannot be reached" in capsys.readouterr().err


def test_every_row_that_is_priced_was_looked_at() -> None:
    """And the services of this book are among those whose operations are listed."""
    held = news.looked_at()
    assert {f"{row.offer}: {row.usage_type}" for row in ROWS.values()} <= {*held["usage_types"]}
    assert {"lambda", "lambda-web", "bedrock-agentcore"} <= {*held["services"]}
    assert all(names == sorted(names) for names in held.values())
