"""Refreshing and checking the sheets, against answers of the price list served over HTTP."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from old_sheets import as_of

from serverless_tax import InvalidQuantity, Workload, bill
from serverless_tax.cli.app import run
from serverless_tax.prices import aws_list, price_sheet, shipped_path, tokens
from serverless_tax.prices.aws_list import PricesUnreachable
from serverless_tax.prices.refresh import check, refresh

ANSWERS = Path(__file__).parents[1] / "data" / "price-list"
TODAY = date(2027, 1, 15)
ARTICLE = Workload.preset("article")


def reprice(answers: Path, sku: str, usd: str) -> None:
    """Change the price of a product's first tier in the recorded answer."""
    path = answers / "AWSLambda.us-east-1.json"
    found = json.loads(path.read_text("utf-8"))
    [terms] = found["terms"]["OnDemand"][sku].values()
    for step in terms["priceDimensions"].values():
        if step["beginRange"] == "0":
            step["pricePerUnit"]["USD"] = usd
    path.write_text(json.dumps(found))


DURATION_X86 = "TG3M4CAGBA3NYQBH"


@pytest.mark.usefixtures("answers", "sheets")
def test_sheets_that_hold_have_no_difference() -> None:
    """Tiers are read by where they begin, whatever order their rate codes are in."""
    assert check(["aws-lambda", "aws-lambda-provisioned", "aws-alb"]) == []


def test_a_check_finds_drift_and_writes_nothing(answers: Path, sheets: Path) -> None:
    """The difference says what was and what is; the file stays as it was."""
    before = (sheets / "aws-lambda.toml").read_bytes()
    reprice(answers, DURATION_X86, "0.0000150000")
    [difference] = check(["aws-lambda"])
    assert difference.dimension == "duration_x86_gb_seconds"
    assert (difference.before[0], difference.after[0]) == ((0, 1.66667e-05), (0, 1.5e-05))
    assert "$1.66667e-05" in str(difference)
    assert (sheets / "aws-lambda.toml").read_bytes() == before


def test_a_refresh_appends_what_changed_from_today(answers: Path, sheets: Path) -> None:
    """The new rate holds from today, INIT with it; yesterday's bill is what it was."""
    reprice(answers, DURATION_X86, "0.0000150000")
    assert len(refresh(["aws-lambda"], on=TODAY)) == 1
    # 48.56 million GB-seconds: $809.33 before, and 48.56 × $15 from today on; $2 of requests.
    assert round(bill("aws-lambda", ARTICLE, on=date(2027, 1, 14)).total, 2) == 811.33
    assert round(bill("aws-lambda", ARTICLE, on=TODAY).total, 2) == 730.40
    started = ARTICLE.replace(init_ms=1000, cold_start_share=1)
    init = [
        i for i in bill("aws-lambda", started, on=TODAY).items if i.dimension.startswith("init")
    ]
    assert [item.unit_price for item in init] == [1.5e-05]
    text = (sheets / "aws-lambda.toml").read_text("utf-8")
    assert text.startswith("# AWS Lambda, US East")
    assert "0.0000166667" in text
    assert check(["aws-lambda"], on=TODAY) == []


@pytest.mark.usefixtures("answers")
def test_what_did_not_change_was_seen_today(sheets: Path) -> None:
    """A refresh without news moves the day on which a price was last seen, and nothing else."""
    rows = len(price_sheet("aws-lambda").rows)
    assert refresh(["aws-lambda"], on=TODAY) == []
    held = price_sheet("aws-lambda").on(TODAY)
    assert held["requests"].seen == held["duration_arm_gb_seconds"].seen == TODAY
    assert len(price_sheet("aws-lambda").rows) == rows
    assert [path.name for path in sheets.iterdir() if path.suffix != ".toml"] == []


@pytest.mark.usefixtures("answers")
def test_another_region_gets_sheets_of_its_own(sheets: Path) -> None:
    """Its usage types start with the region; the sheet goes before what is shipped of it."""
    assert price_sheet("aws-lambda", "eu-west-1").rows[0].seen < TODAY
    refresh(["aws-lambda"], region="eu-west-1", on=TODAY)
    assert (sheets / "aws-lambda.eu-west-1.toml").is_file()
    assert price_sheet("aws-lambda", "eu-west-1").rows[0].seen == TODAY
    month = bill("aws-lambda", ARTICLE, region="eu-west-1", on=TODAY, path="needed")
    assert round(month.total, 2) == 811.33
    assert price_sheet("aws-lambda").region == "us-east-1"


@pytest.mark.usefixtures("answers")
def test_a_region_without_every_price_gets_none(sheets: Path) -> None:
    """No price is made up: the sentence names what the list does not have."""
    with pytest.raises(InvalidQuantity, match="provisioned_x86_gb_seconds"):
        refresh(["aws-lambda-provisioned"], region="eu-west-1", on=TODAY)
    assert not (sheets / "aws-lambda-provisioned.eu-west-1.toml").exists()


@pytest.mark.usefixtures("answers")
def test_either_every_sheet_is_written_or_none(sheets: Path) -> None:
    """The second has no prices there, so the first is not made either."""
    with pytest.raises(InvalidQuantity, match="none is made up"):
        refresh(["aws-lambda", "aws-lambda-provisioned"], region="eu-west-1", on=TODAY)
    assert not list(sheets.glob("*.eu-west-1.toml"))


def test_a_price_that_changes_twice_in_a_day_has_one_row(answers: Path, sheets: Path) -> None:
    """The last one holds from that day, and the one before the day stays."""
    for usd in ("0.0000150000", "0.0000140000"):
        reprice(answers, DURATION_X86, usd)
        refresh(["aws-lambda"], on=TODAY)
    assert (sheets / "aws-lambda.toml").read_text("utf-8").count(str(TODAY)) > 1
    rows = [r for r in price_sheet("aws-lambda").rows if r.dimension == "duration_x86_gb_seconds"]
    assert [row.effective_from for row in rows][-2:] == [date(2022, 8, 5), TODAY]
    assert rows[-1].tiers[0] == (0, 1.4e-05)
    assert check(["aws-lambda"], on=TODAY) == []


@pytest.mark.usefixtures("answers")
def test_a_price_that_a_region_did_not_have_is_added(sheets: Path) -> None:
    """A sheet of a region that lacks a price gets it with the next refresh."""
    refresh(["aws-lambda"], region="eu-west-1", on=TODAY)
    path = sheets / "aws-lambda.eu-west-1.toml"
    head, first, *rest = path.read_text("utf-8").split("[[price]]")
    assert 'dimension = "requests"' in first
    path.write_text("[[price]]".join((head, *rest)))
    price_sheet.cache_clear()
    [difference] = refresh(["aws-lambda"], region="eu-west-1", on=TODAY)
    assert (difference.dimension, difference.before) == ("requests", ())
    month = bill("aws-lambda", ARTICLE, region="eu-west-1", on=TODAY)
    assert round(month.total, 2) == 811.33


def test_a_new_model_is_added(sheets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that the list of them gains is on the sheet after a refresh, from its release on."""
    shipped = as_of(shipped_path("llm-tokens").read_text("utf-8"))
    (sheets / "llm-tokens.toml").write_text(shipped)
    tokens.token_prices()
    o3 = ("openai", "o3", date(2025, 6, 10), "https://platform.openai.com/docs/pricing")
    monkeypatch.setattr(tokens, "MODELS", (*tokens.MODELS, o3))
    added = {d.dimension.rpartition("/")[2] for d in refresh(["llm-tokens"])}
    assert added == {"input", "output", "cached-input", "batch-input", "batch-output"}
    held = price_sheet("llm-tokens").on(date(2025, 6, 10))
    assert held["openai/o3/input"].tiers == ((0, 2e-06),)
    assert held["openai/o3/output"].tiers == ((0, 8e-06),)
    assert tokens.token_price("o3").call_usd(1_000_000, 1_000_000) == pytest.approx(10)


@pytest.mark.usefixtures("sheets")
def test_what_the_list_does_not_have_is_said(answers: Path) -> None:
    """A price that was not found was not checked; the sheet keeps it."""
    path = answers / "AWSLambda.us-east-1.json"
    found = json.loads(path.read_text("utf-8"))
    del found["products"][DURATION_X86]
    path.write_text(json.dumps(found))
    said: list[str] = []
    assert check(["aws-lambda"], progress=said.append) == []
    assert any("duration_x86_gb_seconds" in line and "not checked" in line for line in said)


@pytest.mark.parametrize("answer", ["", "[]", "{}", "<html>", '{"terms": {"OnDemand": 3}}'])
def test_what_is_no_price_list_changes_nothing(answer: str, answers: Path, sheets: Path) -> None:
    """Whatever a server answers, the sheets stay as they are and one sentence says why."""
    before = (sheets / "aws-lambda.toml").read_bytes()
    (answers / "AWSLambda.us-east-1.json").write_text(answer)
    with pytest.raises(
        PricesUnreachable, match=r"did not answer with a price list.*nothing was changed"
    ):
        refresh(["aws-lambda"])
    assert (sheets / "aws-lambda.toml").read_bytes() == before


def test_without_a_network_it_says_so(
    sheets: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody answers: exit 2, one sentence, nothing changed."""
    before = (sheets / "aws-lambda.toml").read_bytes()
    monkeypatch.setattr(aws_list, "ADDRESS", "http://127.0.0.1:9/{offer}.{region}.json")
    assert run(["prices", "refresh", "aws-lambda"]) == 2
    assert "cannot be reached" in capsys.readouterr().err
    assert (sheets / "aws-lambda.toml").read_bytes() == before


def test_a_check_on_the_command_line_fails_on_drift(
    answers: Path, sheets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 0 while the sheets hold, and 1 once a price has moved, also as JSON."""
    assert sheets.is_dir()
    assert run(["prices", "check", "aws-lambda"]) == 0
    assert "as the sheet has it" in capsys.readouterr().out
    reprice(answers, DURATION_X86, "0.0000150000")
    assert run(["prices", "check", "aws-lambda", "--json"]) == 1
    [difference] = json.loads(capsys.readouterr().out)
    assert difference["after"][0] == [0, 1.5e-05]


@pytest.mark.usefixtures("answers", "sheets")
def test_an_unknown_sheet_is_refused() -> None:
    """A sheet that no list refreshes is named, with the nearest one."""
    with pytest.raises(InvalidQuantity, match="did you mean 'aws-lambda'"):
        check(["aws-lamda"])


@pytest.mark.usefixtures("answers")
def test_a_file_that_cannot_be_replaced_stays_whole(
    sheets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full in the middle leaves the old file, and a sentence."""
    before = (sheets / "aws-lambda.toml").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("serverless_tax.ground.files.tempfile.mkstemp", full)
    with pytest.raises(InvalidQuantity, match=r"No space left.*SERVERLESS_TAX_PRICES"):
        refresh(["aws-lambda"], on=TODAY)
    assert (sheets / "aws-lambda.toml").read_bytes() == before


@pytest.mark.usefixtures("sheets")
def test_boto3_gives_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the API each product is a text of JSON; the prices come out alike."""
    found = json.loads((ANSWERS / "AWSLambda.us-east-1.json").read_text("utf-8"))
    texts = [
        json.dumps({"product": product, "terms": {"OnDemand": found["terms"]["OnDemand"][sku]}})
        for sku, product in found["products"].items()
    ]
    asked: list[Any] = []

    class Client:
        def get_paginator(self, name: str) -> Client:
            asked.append(name)
            return self

        def paginate(self, **words: Any) -> list[dict[str, list[str]]]:
            asked.append(words)
            return [{"PriceList": texts[:3]}, {"PriceList": texts[3:]}]

    monkeypatch.setattr("boto3.client", lambda *_, **__: Client())
    assert check(["aws-lambda"], via="api") == []
    assert asked[0] == "get_products"
    assert asked[1]["ServiceCode"] == "AWSLambda"


def test_boto3_without_an_account_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials: one sentence, and the way that needs none."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(PricesUnreachable, match="try --via bulk"):
        check(["aws-lambda"], via="api")
