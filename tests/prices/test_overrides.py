"""Rates of your own: they take the place of list prices, and every line they change says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from workloads import DAY

from serverless_tax import Bill, InvalidQuantity, Workload, bill
from serverless_tax.prices.overrides import Rates

ARTICLE = Workload.preset("article")


def rates(folder: Path, text: str) -> Rates:
    """Write a file of rates and read it."""
    path = folder / "my.toml"
    path.write_text(text)
    return Rates.load(path)


def month(folder: Path, text: str, platform: str = "aws-lambda", w: Workload = ARTICLE) -> Bill:
    """Return the bill with a file of rates."""
    return bill(platform, w, on=DAY, rates=rates(folder, text))


def test_a_discount_is_taken_off_and_named(tmp_path: Path) -> None:
    """17 % off $809.33 are $671.75; the requests beside them cost what they did."""
    text = """name = "Compute Savings Plan"
    [rates]
    "aws-lambda.duration_x86_gb_seconds" = { discount = 0.17 }"""
    requests, duration = month(tmp_path, text).items
    assert (round(requests.cost, 2), requests.label) == (2.00, "Requests")
    assert round(duration.cost, 2) == 671.75
    assert duration.label == "Duration, x86 (Compute Savings Plan)"
    assert duration.source == "my.toml"


def test_init_follows_the_duration_it_is_charged_as(tmp_path: Path) -> None:
    """A negotiated rate for duration is what INIT costs too."""
    w = ARTICLE.replace(init_ms=1000, cold_start_share=0.5)
    text = '[rates]\n"aws-lambda.duration_x86_gb_seconds" = 0.00001'
    items = {i.dimension: i for i in month(tmp_path, text, w=w).items}
    assert items["init_x86_gb_seconds"].unit_price == 0.00001
    assert "your rate" in items["init_x86_gb_seconds"].label


def test_tiers_stars_and_tables_are_rates_too(tmp_path: Path) -> None:
    """A star stands for every price of a sheet; tiers and TOML's own tables are read."""
    half = month(tmp_path, '[rates]\n"aws-fargate.*" = { discount = 0.5 }', "aws-fargate")
    assert half.total == pytest.approx(bill("aws-fargate", ARTICLE, on=DAY).total / 2)
    tiers = "[rates.aws-lambda]\nduration_x86_gb_seconds = { tiers = [[0, 0.00002], [1e6, 0]] }"
    assert round(month(tmp_path, tiers).total, 2) == 22.00


@pytest.mark.parametrize("pattern", ["*.requests", "aws-*.requests", "*.r*s"])
def test_a_star_stands_for_a_sheet_too(pattern: str, tmp_path: Path) -> None:
    """It stands for any of them; 10 million requests at $0.10 a million are $1."""
    [requests, duration] = month(tmp_path, f"[rates]\n'{pattern}' = 0.0000001").items
    assert (round(requests.cost, 2), round(duration.cost, 2)) == (1.00, 809.33)


def test_a_whole_name_goes_before_a_star(tmp_path: Path) -> None:
    """Wherever it stands in the file."""
    text = "[rates]\n'aws-lambda.*' = { discount = 0.5 }\n'aws-lambda.requests' = 0"
    requests, duration = month(tmp_path, text).items
    assert (requests.cost, round(duration.cost, 2)) == (0, 404.67)


def test_tokens_have_rates_of_your_own_too(tmp_path: Path) -> None:
    """Half off the tokens halves their two lines, and says so on both."""
    path = tmp_path / "my.toml"
    path.write_text("[rates]\n'llm-tokens.openai/*' = { discount = 0.5 }")
    plain = bill("aws-lambda", ARTICLE, on=DAY, model="gpt-4.1-nano")
    yours = bill("aws-lambda", ARTICLE, on=DAY, model="gpt-4.1-nano", rates=Rates.load(path))
    tokens = plain.items[-2:]
    assert [i.cost for i in yours.items[-2:]] == [i.cost / 2 for i in tokens]
    assert all(i.label.endswith("(your rate)") for i in yours.items[-2:])
    assert yours.items[:-2] == plain.items[:-2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[rates]\n'aws-lambda.reqests' = 1", "did you mean 'aws-lambda.requests'"),
        ("[rates]\n'aws-lambda.requests' = -1", "expected USD a unit of at least 0"),
        ("[rates]\n'aws-lambda.requests' = nan", "expected USD a unit of at least 0"),
        ("[rates]\n'aws-lambda.requests' = true", "expected USD a unit of at least 0"),
        ("[rates]\n'aws-lambda.requests' = 'cheap'", "expected USD a unit of at least 0"),
        ("[rates]\n'aws-lambda.requests' = { discount = 17 }", "a share from 0 to 1"),
        ("[rates]\n'aws-lambda.requests' = { tiers = [[0, 1], [0, 2]] }", "expected them to rise"),
        ("[rates]\n'aws-lambda.requests' = { tiers = [[5, 1]] }", "expected USD a unit"),
        ("[rates]\n'aws-lambda.requests' = { tiers = [] }", "expected USD a unit"),
        ("name = 'empty'", "has no [rates]"),
        ("[rates", "is not TOML"),
    ],
)
def test_what_is_no_rate_is_refused(text: str, says: str, tmp_path: Path) -> None:
    """The sentence names the file, the price and what was expected."""
    with pytest.raises(InvalidQuantity) as caught:
        rates(tmp_path, text)
    assert says in str(caught.value)
    assert "my.toml" in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """It is named, with the system's reason."""
    with pytest.raises(InvalidQuantity, match="cannot be read: No such file"):
        Rates.load(tmp_path / "none.toml")
