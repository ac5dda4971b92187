"""Token prices: a dated sheet in the format of the others, and the rows of one model.

``serverless-tax prices refresh llm-tokens`` writes the sheet again from the ``genai-prices``
package (MIT), which has to be installed for that. Prices are asked for one call at a time, with
the provider named and the moment given: other providers list the same model at other prices,
matching is fuzzy, and long prompts have tiers of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cache
from importlib.metadata import version
from typing import Any

from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.prices import Price, UnknownPrice, price_sheet

SHEET = "llm-tokens"

_OPENAI = "https://platform.openai.com/docs/pricing"
_ANTHROPIC = "https://claude.com/pricing"
_GOOGLE = "https://ai.google.dev/gemini-api/docs/pricing"
_GROQ = "https://groq.com/pricing"
_BEDROCK = "https://aws.amazon.com/bedrock/pricing/"
_READ = date(2026, 11, 1)

#: The models that the book prices: the provider's id, the model's, the day from which this price
#: is known to hold (its release, unless it changed, or the first day it was read here), and its
#: price page.
MODELS = (
    ("openai", "gpt-4", date(2023, 3, 14), _OPENAI),
    ("openai", "gpt-4-turbo", date(2024, 4, 9), _OPENAI),
    ("openai", "gpt-4o", date(2024, 10, 2), _OPENAI),
    ("openai", "gpt-4o-mini", date(2024, 7, 18), _OPENAI),
    ("anthropic", "claude-sonnet-4-5", date(2025, 9, 29), _ANTHROPIC),
    ("anthropic", "claude-haiku-4-5", date(2025, 10, 15), _ANTHROPIC),
    ("openai", "gpt-4.1-nano", date(2025, 4, 14), _OPENAI),
    ("openai", "gpt-5-nano", date(2025, 8, 7), _OPENAI),
    ("openai", "gpt-6.1-sol", _READ, _OPENAI),
    ("openai", "gpt-6-luna", _READ, _OPENAI),
    ("anthropic", "claude-sonnet-5-5", _READ, _ANTHROPIC),
    ("anthropic", "claude-haiku-5-5", _READ, _ANTHROPIC),
    ("google", "gemini-2.5-flash-lite", _READ, _GOOGLE),
    ("groq", "llama-3.1-8b-instant", _READ, _GROQ),
    ("groq", "openai/gpt-oss-20b", _READ, _GROQ),
    ("aws", "amazon.nova-micro-v1:0", _READ, _BEDROCK),
)

_ENDS = ("input", "output")
_CALL_TOKENS = 1000


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
    """Return the latest price of each model's tokens, by model id.

    >>> token_prices()["gpt-4"].provider
    'openai'

    Raises:
        InvalidQuantity: if the sheet has one end of a model without the other.
    """
    latest: dict[str, Price] = {}
    for row in sorted(price_sheet(SHEET).rows, key=lambda row: row.effective_from):
        latest[row.dimension] = row
    prices = {}
    for name in dict.fromkeys(row.dimension.rpartition("/")[0] for row in price_sheet(SHEET).rows):
        missing = [end for end in _ENDS if f"{name}/{end}" not in latest]
        if missing:
            msg = f"The sheet {SHEET} has no price for {name}/{missing[0]}; a model has both ends."
            raise InvalidQuantity(msg)
        read, written = (latest[f"{name}/{end}"] for end in _ENDS)
        provider, _, model = name.partition("/")
        prices[model] = TokenPrice(
            model=model,
            provider=provider,
            input_usd=read.tiers[0][1],
            output_usd=written.tiers[0][1],
            source=read.source,
            seen=read.seen,
            via=read.note,
        )
    return prices


def token_price(model: str) -> TokenPrice:
    """Return one model's price.

    Raises:
        UnknownPrice: if the sheet does not have the model; a missing price is never zero.
    """
    prices = token_prices()
    if model not in prices:
        close = get_close_matches(str(model), prices, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        msg = f"There is no token price for {model!r}; {hint}there are {', '.join(prices)}."
        raise UnknownPrice(msg)
    return prices[model]


def token_rows(model: str, day: date) -> Mapping[str, Price]:
    """Return the two rows of a model, of tokens read and of tokens written, as of ``day``.

    >>> list(token_rows("gpt-4o-mini", date(2026, 11, 1)))
    ['openai/gpt-4o-mini/input', 'openai/gpt-4o-mini/output']

    Raises:
        UnknownPrice: if the sheet does not have the model, or no price of it as old as that.
    """
    price = token_price(model)
    names = [f"{price.provider}/{price.model}/{end}" for end in _ENDS]
    return {
        name: held
        for name, held in price_sheet(SHEET).priced(dict.fromkeys(names, 1), day).items()
        if name in names
    }


def todays_rows(moment: datetime | None = None) -> list[dict[str, Any]]:
    """Return the rows of the sheet as the installed ``genai-prices`` has them at a moment.

    Each price is that of a call of a thousand tokens, over a thousand: a longer call may be in
    another tier. The model that was matched is checked, for matching is fuzzy.

    Raises:
        UnknownPrice: if another model was matched than the one asked for.
        ImportError: if ``genai-prices`` is not installed.
    """
    now = moment or datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    return [_row(model, end, now) for model in MODELS for end in _ENDS]


def _row(model_of: tuple[str, str, date, str], end: str, moment: datetime) -> dict[str, Any]:
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - an extra, for this alone

    provider, model, since, source = model_of
    priced = calc_price(
        Usage(**{f"{end}_tokens": _CALL_TOKENS}),
        model_ref=model,
        provider_id=provider,
        genai_request_timestamp=moment,
    )
    if priced.model.id != model:
        msg = f"Asked for the price of {model}, got that of {priced.model.id}."
        raise UnknownPrice(msg)
    return {
        "dimension": f"{provider}/{model}/{end}",
        "label": f"{model}, tokens {'read' if end == 'input' else 'written'}",
        "unit": "token",
        "usd": float(priced.total_price / _CALL_TOKENS),
        "effective_from": since,
        "source": source,
        "seen": moment.date(),
        "confidence": "seen",
        "note": f"genai-prices {version('genai-prices')}",
    }
