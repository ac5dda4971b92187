"""Token prices: the sheet as written, and the bills it leads to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from workloads import DAY

from serverless_tax.prices import UnknownPrice
from serverless_tax.prices.tokens import MODELS, token_price, token_prices, token_rows


def test_every_model_of_the_book_has_a_price() -> None:
    """The sheet holds exactly the models it is generated for, none of them free."""
    assert list(token_prices()) == [model for _, model, *_ in MODELS]
    assert all(price.input_usd > 0 and price.output_usd > 0 for price in token_prices().values())


def test_a_call_of_gpt_4o_mini_costs_what_openai_says() -> None:
    """$0.15 a million read and $0.60 a million written (OpenAI's price page)."""
    read, written = token_rows("gpt-4o-mini", DAY).values()
    assert [round(row.tiers[0][1] * 1e6, 6) for row in (read, written)] == [0.15, 0.60]


def test_a_call_costs_what_it_reads_and_what_it_writes() -> None:
    """3,000 tokens at $2 a million and 500 at $8: $0.006 and $0.004."""
    dollars = {"input_usd": 2e-6, "output_usd": 8e-6}
    price = replace(token_price("gpt-4o-mini"), **dollars)
    assert price.call_usd(3000, 500) == pytest.approx(0.010)


def test_an_unknown_model_is_refused_rather_than_free() -> None:
    """A missing price names the model and lists what there is."""
    with pytest.raises(UnknownPrice, match=r"'gpt-9'.*gpt-4o"):
        token_price("gpt-9")


@pytest.mark.usefixtures("prices_of_the_day")
@pytest.mark.parametrize(
    ("model", "per_million"),
    [
        ("llama-3.1-8b-instant", (0.05, 0.08, None, None, None)),  # https://groq.com/pricing
        ("amazon.nova-micro-v1:0", (0.035, 0.14, 0.00875, None, None)),  # Bedrock's price page
        ("openai.gpt-oss-20b-1:0", (0.07, 0.30, None, None, None)),  # the same
        ("openai/gpt-oss-20b", (0.075, 0.30, 0.0375, 0.0375, 0.15)),  # https://groq.com/pricing
        ("claude-haiku-5-5", (0.10, 0.50, 0.01, 0.05, 0.25)),  # https://claude.com/pricing
        ("gpt-6-luna", (0.10, 0.50, 0.01, 0.05, 0.25)),  # OpenAI's price page
    ],
)
def test_small_models_of_today_at_their_vendors_prices(
    model: str, per_million: tuple[float | None, ...]
) -> None:
    """Read, written, read from a cache, read and written in a batch; None where it is not sold."""
    p = token_price(model)
    usd = (p.input_usd, p.output_usd, p.cached_input_usd, p.batch_input_usd, p.batch_output_usd)
    assert [None if one is None else round(one * 1e6, 6) for one in usd] == list(per_million)
