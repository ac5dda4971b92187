"""The pages to look things up in are complete: every public name, every price, every setting."""

from __future__ import annotations

import re
from dataclasses import fields
from html import escape, unescape
from pathlib import Path

import pytest

import serverless_tax
from serverless_tax import book as pages
from serverless_tax.ground.settings import UNSET, Settings
from serverless_tax.ground.show import show
from serverless_tax.platforms import platforms
from serverless_tax.prices import price_sheet, sheet_ids
from serverless_tax.prices.tokens import MODELS
from serverless_tax.prices.tokens import SHEET as TOKENS

BOOK = Path(__file__).parents[2] / "book"


def test_every_public_name_is_on_the_page() -> None:
    """The page of the package documents each name of ``__all__``, and no other, once."""
    text = (BOOK / "reference" / "api.md").read_text("utf-8")
    named = re.findall(r"^\.\. auto\w+:: serverless_tax\.(\w+)", text, re.MULTILINE)
    assert sorted(named) == sorted(serverless_tax.__all__)


def test_every_sheet_has_a_table() -> None:
    """What serves, what leads to it and the tokens together are all the sheets there are."""
    assert sorted([*pages.serving_sheets(), *pages.path_sheets(), TOKENS]) == sheet_ids()
    text = (BOOK / "price-sheets.md").read_text("utf-8")
    for call in ("sheets(serving_sheets())", "sheets(path_sheets())", "token_table()"):
        assert f"\n{call}\n" in text


@pytest.mark.parametrize("name", [name for name in sheet_ids() if name != TOKENS])
def test_every_price_of_a_sheet_is_on_the_page(name: str) -> None:
    """Label, every tier, unit, source and both dates of each row; an anchor for the sheet."""
    html = pages.sheets([name]).html
    assert f'id="{name}"' in html
    assert f"{name}, " not in html, "its title is an id"
    for row in price_sheet(name).rows:
        for said in (row.label, row.source, str(row.effective_from), str(row.seen)):
            assert escape(said) in html
        for above, usd in row.tiers:
            assert show(usd, "price") in html
            assert not above or show(above, "count") in html


def test_a_price_that_changed_says_until_when_it_held() -> None:
    """INIT was free until it was billed; the row in force has no end."""
    html = pages.sheets(["aws-lambda"]).html
    assert "until <time>2025-08-01</time>" in html
    assert html.count("until") == sum(
        any(
            later.dimension == row.dimension and later.effective_from > row.effective_from
            for later in price_sheet("aws-lambda").rows
        )
        for row in price_sheet("aws-lambda").rows
    )


@pytest.mark.usefixtures("prices_of_the_day")
def test_every_model_is_on_the_page() -> None:
    """A million tokens of each, in dollars: $0.15 read and $0.60 written on that day."""
    html = pages.token_table().html
    for _, model, *_ in MODELS:
        assert escape(model) in html
    [row] = re.findall(r"<tr>(?:(?!</tr>).)*gpt-4o-mini.*?</tr>", html, re.DOTALL)
    assert "$0.15" in row
    assert "$0.60" in row


def test_the_method_names_every_assumption() -> None:
    """Each default of the settings stands there with its meaning."""
    html = unescape(pages.settings_table().html.replace("<wbr>", ""))
    for field in fields(Settings):
        default = "" if field.default == UNSET else f"{field.default:,g}"  # the platform's own
        assert f"<code>{field.name}</code></th><td>{default}</td>" in html


def test_the_method_says_what_each_platform_bills_for_a_wait() -> None:
    """One line a platform, with the page that says so."""
    html = pages.waits_table(serves=True).html + pages.waits_table(serves=False).html
    for platform in platforms().values():
        assert escape(platform.waits) in html
        assert escape(platform.source) in html
