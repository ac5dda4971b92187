"""Token prices: a dated sheet like the others, and the token line of a month's bill.

``python -m serverless_tax.prices.tokens`` writes the sheet again from the ``genai-prices``
package (MIT), which has to be installed for that. Prices are asked for one call at a time, with
the provider named and the moment given: other providers list the same model at other prices,
matching is fuzzy, and long prompts have tiers of their own.
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from serverless_tax.prices import UnknownPrice

SHEET = "llm-tokens.toml"

#: The models that the book prices: the provider's id, the model's, and its price page.
MODELS = (
    ("openai", "gpt-4", "https://platform.openai.com/docs/pricing"),
    ("openai", "gpt-4o", "https://platform.openai.com/docs/pricing"),
    ("openai", "gpt-4o-mini", "https://platform.openai.com/docs/pricing"),
    ("anthropic", "claude-sonnet-4-5", "https://claude.com/pricing"),
    ("openai", "gpt-5-nano", "https://platform.openai.com/docs/pricing"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPrice:
    """USD for a token read and a token written, of one model, as seen on a day."""

    model: str
    provider: str
    input_usd: float
    output_usd: float
    source: str
    seen: date
    via: str

    def call_usd(self, input_tokens: float, output_tokens: float) -> float:
        """Return the price of one call, without caching or batch discounts."""
        return input_tokens * self.input_usd + output_tokens * self.output_usd


@cache
def token_prices() -> dict[str, TokenPrice]:
    """Return the price of each model's tokens, by model id.

    >>> token_prices()["gpt-4o-mini"].call_usd(1000, 500)
    0.00045
    """
    sheet = tomllib.loads(files("serverless_tax.prices").joinpath(SHEET).read_text("utf-8"))
    return {row["model"]: TokenPrice(**row) for row in sheet["price"]}


def token_price(model: str) -> TokenPrice:
    """Return one model's price.

    Raises:
        UnknownPrice: if the sheet does not have the model; a missing price is never zero.
    """
    prices = token_prices()
    if model not in prices:
        msg = f"There is no token price for {model!r}; there are {', '.join(prices)}."
        raise UnknownPrice(msg)
    return prices[model]


def _row(provider: str, model: str, source: str, moment: datetime) -> str:
    from genai_prices import Usage, calc_price  # type: ignore[import-not-found]  # noqa: PLC0415

    def usd(usage: Any) -> Any:
        priced = calc_price(
            usage, model_ref=model, provider_id=provider, genai_request_timestamp=moment
        )
        if priced.model.id != model:
            msg = f"asked for the price of {model}, got that of {priced.model.id}"
            raise UnknownPrice(msg)
        return priced.total_price / 1000

    return "\n".join(
        (
            "[[price]]",
            f'model = "{model}"',
            f'provider = "{provider}"',
            f"input_usd = {usd(Usage(input_tokens=1000)):.12f}".rstrip("0"),
            f"output_usd = {usd(Usage(output_tokens=1000)):.12f}".rstrip("0"),
            f'source = "{source}"',
            f"seen = {moment.date()}",
            f'via = "genai-prices {version("genai-prices")}"',
            "",
        )
    )


def main() -> None:
    """Write the sheet again with today's prices from the installed ``genai-prices``."""
    moment = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    head = (
        "# Token prices, USD a token, standard tier, short context, no caching.\n"
        "# Written by: python -m serverless_tax.prices.tokens. Do not edit by hand.\n"
        "# seen is the day asked for; how fresh the data is, the version in via has to say.\n\n"
    )
    text = head + "\n".join(_row(*model, moment) for model in MODELS)
    path = Path(__file__).with_name(SHEET)
    path.write_text(text, "utf-8")
    sys.stdout.write(f"{path}: {len(MODELS)} models, prices of {moment.date()}\n")


if __name__ == "__main__":
    main()
