"""Token prices: a dated sheet in the format of the others, and the rows of one model.

``serverless-tax prices refresh llm-tokens`` writes the sheet again from the ``genai-prices``
package (MIT), which has to be installed for that. Prices are asked for one call at a time, with
the provider named and the moment given: other providers list the same model at other prices,
matching is fuzzy, and long prompts have tiers of their own.

A model that thinks writes its thoughts as tokens, billed as those of the answer.
"""

from __future__ import annotations

import re
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

#: Who sells what others have made.
_HOSTS = {"groq": "Groq", "aws": "Amazon Bedrock"}

#: The models that the book prices: the provider's id, the model's (as the provider's API names it,
#: Amazon Bedrock's too), the day from which this price is known to hold (its release, or, where it
#: changed, the first day it was read), and its price page.
MODELS = (
    ("openai", "gpt-4", date(2023, 3, 14), _OPENAI),
    ("openai", "gpt-4-turbo", date(2024, 4, 9), _OPENAI),
    ("openai", "gpt-4o", date(2024, 10, 2), _OPENAI),
    ("openai", "gpt-4o-mini", date(2024, 7, 18), _OPENAI),
    ("anthropic", "claude-sonnet-4-5", date(2025, 9, 29), _ANTHROPIC),
    ("anthropic", "claude-haiku-4-5", date(2025, 10, 15), _ANTHROPIC),
    ("openai", "gpt-4.1-nano", date(2025, 4, 14), _OPENAI),
    ("openai", "gpt-5-nano", date(2025, 8, 7), _OPENAI),
    ("openai", "gpt-6.1-sol", date(2026, 10, 26), _OPENAI),
    ("openai", "gpt-6-luna", date(2026, 9, 22), _OPENAI),
    ("anthropic", "claude-sonnet-5-5", date(2026, 9, 29), _ANTHROPIC),
    ("anthropic", "claude-haiku-5-5", date(2026, 10, 7), _ANTHROPIC),
    ("google", "gemini-2.5-flash-lite", date(2025, 7, 22), _GOOGLE),
    ("groq", "llama-3.1-8b-instant", date(2024, 7, 23), _GROQ),
    ("groq", "openai/gpt-oss-20b", date(2026, 11, 1), _GROQ),
    ("aws", "openai.gpt-oss-20b-1:0", date(2025, 8, 5), _BEDROCK),
    ("aws", "amazon.nova-micro-v1:0", date(2024, 12, 3), _BEDROCK),
    ("aws", "global.anthropic.claude-sonnet-5-5", date(2026, 10, 14), _BEDROCK),
    ("aws", "global.anthropic.claude-haiku-4-5-20251001-v1:0", date(2026, 10, 14), _BEDROCK),
)

#: What a call is asked for to learn the price of one kind of token, which kind that is, and what
#: the tokens are called. The last three are not sold by every provider.
_KINDS = {
    "input": ("input", {"input_tokens": 1}, {}, "tokens read"),
    "output": ("output", {"output_tokens": 1}, {}, "tokens written"),
    "cached-input": (
        "input",
        {"input_tokens": 1, "cache_read_tokens": 1},
        {},
        "tokens read from a cache",
    ),
    "batch-input": (
        "input",
        {"input_tokens": 1},
        {"processing": "batch"},
        "tokens read in a batch",
    ),
    "batch-output": (
        "output",
        {"output_tokens": 1},
        {"processing": "batch"},
        "tokens written in a batch",
    ),
}
#: The day on which genai-prices read cached and batch prices on the providers' pages; older ones
#: are not in it.
_CHECKED = date(2026, 10, 14)
_ENDS = ("input", "output")
_CALL_TOKENS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPrice:
    """USD for a token read and a token written, of one model, as seen on a day."""

    model: str
    provider: str
    input_usd: float
    output_usd: float
    #: Read from a cache, and read and written in a batch; None where that is not sold.
    cached_input_usd: float | None = None
    batch_input_usd: float | None = None
    batch_output_usd: float | None = None
    source: str
    seen: date
    via: str

    @property
    def name(self) -> str:
        """The model without its maker and version, and its host if it has one.

        >>> token_prices()["openai/gpt-oss-20b"].name
        'gpt-oss-20b, Groq'
        """
        model = re.sub(r"^(?:openai|amazon|global\.anthropic)[./]|-v?\d+:\d+$", "", self.model)
        return ", ".join(filter(None, (model, _HOSTS.get(self.provider))))

    def call_usd(
        self,
        input_tokens: float,
        output_tokens: float,
        *,
        cached_share: float = 0.0,
        reasoning_tokens: float = 0.0,
    ) -> float:
        """Return the price of one call, without a batch discount.

        ``cached_share`` of what is read comes from a cache, at the full price where a model has no
        other; ``reasoning_tokens`` are written beside the answer's.
        """
        cached_usd = self.input_usd if self.cached_input_usd is None else self.cached_input_usd
        read_usd = self.input_usd * (1 - cached_share) + cached_usd * cached_share
        return input_tokens * read_usd + (output_tokens + reasoning_tokens) * self.output_usd


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
        read = latest[f"{name}/input"]
        usd = {
            f"{kind.replace('-', '_')}_usd": latest[f"{name}/{kind}"].tiers[0][1]
            for kind in _KINDS
            if f"{name}/{kind}" in latest
        }
        provider, _, model = name.partition("/")
        prices[model] = TokenPrice(
            model=model,
            provider=provider,
            **usd,
            source=read.source,
            seen=read.seen,
            via=read.note,
        )
    return prices


def token_price(model: Any) -> TokenPrice:
    """Return one model's price.

    Raises:
        UnknownPrice: if the sheet does not have the model; a missing price is never zero.
    """
    prices = token_prices()
    if not isinstance(model, str) or model not in prices:
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
    return [
        row for model in MODELS for kind in _KINDS if (row := _row(model, kind, now)) is not None
    ]


def _row(
    model_of: tuple[str, str, date, str], kind: str, moment: datetime
) -> dict[str, Any] | None:
    """Return the row of one kind of token, or None if it has no price of its own."""
    provider, model, since, source = model_of
    usd = _usd(provider, model, kind, moment)
    plain = kind.rpartition("-")[2]
    if kind != plain and usd == _usd(provider, model, plain, moment):
        return None
    return {
        "dimension": f"{provider}/{model}/{kind}",
        "label": f"{model}, {_KINDS[kind][3]}",
        "unit": "token",
        "usd": usd,
        "effective_from": since if kind == plain else max(since, _CHECKED),
        "source": source,
        "seen": moment.date(),
        "confidence": "seen",
        "note": f"genai-prices {version('genai-prices')}",
    }


def _usd(provider: str, model: str, kind: str, moment: datetime) -> float:
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - an extra, for this alone

    end, tokens, context, _ = _KINDS[kind]
    priced = calc_price(
        Usage(**{name: _CALL_TOKENS * count for name, count in tokens.items()}),
        model_ref=model,
        provider_id=provider,
        genai_request_timestamp=moment,
        price_context=context,
    )
    if priced.model.id != model:
        msg = f"Asked for the price of {model}, got that of {priced.model.id}."
        raise UnknownPrice(msg)
    return float(getattr(priced, f"{end}_price") / _CALL_TOKENS)
