"""The whole bill, tokens included, and a month at several speeds of the model."""

from __future__ import annotations

import math
from datetime import date

import pytest

from serverless_tax import InvalidQuantity, UnknownPrice, Workload, bill, by_speed, whole_bill
from serverless_tax.traffic import realistic_month

DAY = date(2026, 11, 1)
ARTICLE = Workload.preset("article")


@pytest.mark.usefixtures("prices_of_the_day")
def test_the_share_of_the_article_by_hand() -> None:
    """2,000 tokens read at 0.15 and 500 written at 0.60 USD a million, ten million times: 6,000."""
    [row] = whole_bill(ARTICLE, ["gpt-4o-mini"], ["aws-lambda"], on=DAY)
    assert row.tokens_usd == pytest.approx(6000)
    assert row.hosting_usd == pytest.approx(811.33, abs=0.01)
    assert row.waiting_share == pytest.approx(808.42 / 6811.33, rel=1e-4)


@pytest.mark.usefixtures("prices_of_the_day")
def test_cached_input_and_thinking_are_counted() -> None:
    """Half of 2,000 tokens at 0.075 instead of 0.15, and 300 more written at 0.60 a million."""
    asked = {"cached_share": 0.5, "reasoning_tokens": 300}
    [row] = whole_bill(ARTICLE, ["gpt-4o-mini"], ["aws-lambda"], **asked, on=DAY)
    assert row.tokens_usd == pytest.approx(10 * (1000 * 0.15 + 1000 * 0.075 + 800 * 0.60))
    for wrong in ({"cached_share": 1.1}, {"reasoning_tokens": -1}):
        with pytest.raises(InvalidQuantity, match=next(iter(wrong))):
            whole_bill(ARTICLE, ["gpt-4o-mini"], ["aws-lambda"], **wrong, on=DAY)


def test_dear_tokens_hide_the_wait_and_cheap_ones_show_it() -> None:
    """With GPT-4's prices of 2023 waiting was a thousandth; with today's it is a fifth and more."""
    month = realistic_month(requests_per_month=1e6)
    rows = whole_bill(month, ["gpt-4", "gpt-5-nano"], ["aws-lambda"], on=DAY)
    then, today = (row.waiting_share for row in rows)
    assert then < 0.002
    assert today > 0.2


@pytest.mark.usefixtures("prices_of_the_day")
def test_a_sample_s_tokens_are_all_counted() -> None:
    """Not those of a mean request's rounding, and each on its own price."""
    w = ARTICLE.replace(output_tokens=[100.0, 900.0], input_tokens=[0.0, 1000.0])
    [row] = whole_bill(w, ["gpt-4"], ["aws-lambda"], on=DAY)
    assert row.tokens_usd == pytest.approx(5e6 * (1000 * 60 + 1000 * 30) / 1e6)


def test_every_platform_that_can_serve_is_there() -> None:
    """By default, and none that cannot."""
    slow = ARTICLE.replace(streaming_ms="40s")
    named = {row.platform for row in whole_bill(slow, ["gpt-4"], on=DAY)}
    assert "cloudflare-workers" in named
    assert "aws-lambda+aws-http-api" not in named


def test_a_slow_model_costs_more_where_waiting_is_billed() -> None:
    """Not where CPU is; and what takes too long has no price."""
    rows = by_speed(ARTICLE, on=DAY, speeds=(10, 100))
    assert rows["aws-lambda+aws-function-url"][0] > 5 * rows["aws-lambda+aws-function-url"][1]
    assert rows["cloudflare-workers"][0] == rows["cloudflare-workers"][1]
    assert math.isnan(rows["aws-lambda+aws-http-api"][0])
    w = ARTICLE.replace(streaming_ms=5000)
    assert rows["vercel-fluid"][1] == pytest.approx(bill("vercel-fluid", w, on=DAY).total)


def test_mistakes() -> None:
    """No tokens, and a model that is not in the sheet."""
    silent = Workload(requests_per_month=1, memory_mb=128)
    with pytest.raises(InvalidQuantity, match="has no tokens; say how many"):
        whole_bill(silent)
    with pytest.raises(InvalidQuantity, match="output_tokens is 0, so no speed changes anything"):
        by_speed(silent)
    with pytest.raises(UnknownPrice, match="There is no token price for 'gpt-nothing'"):
        whole_bill(ARTICLE, ["gpt-nothing"])
