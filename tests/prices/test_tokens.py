"""Token prices: the sheet as written, and the bills it leads to."""

from __future__ import annotations

import pytest

from serverless_tax.prices import UnknownPrice
from serverless_tax.prices.tokens import MODELS, token_price, token_prices


def test_every_model_of_the_book_has_a_price() -> None:
    """The sheet holds exactly the models it is generated for, none of them free."""
    assert list(token_prices()) == [model for _, model, *_ in MODELS]
    assert all(price.input_usd > 0 and price.output_usd > 0 for price in token_prices().values())


def test_a_call_of_gpt_4o_mini_costs_what_openai_says() -> None:
    """$0.15 a million read and $0.60 a million written (OpenAI's price page)."""
    assert token_price("gpt-4o-mini").call_usd(1_000_000, 1_000_000) == pytest.approx(0.75)


def test_an_unknown_model_is_refused_rather_than_free() -> None:
    """A missing price names the model and lists what there is."""
    with pytest.raises(UnknownPrice, match=r"'gpt-9'.*gpt-4o"):
        token_price("gpt-9")
