"""The whole bill of an answer: its tokens, the hosting, and the part of it all that is waiting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.ground.checks import MOST, setting, several
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.meters.shares import ratio
from serverless_tax.prices.tokens import token_price
from serverless_tax.questions.compare import compare, some_ids
from serverless_tax.questions.sensitivity import TOKENS_PER_SECOND
from serverless_tax.request.workload import Workload, a_workload

#: A model of 2023 and three of today, from dear to cheap.
MODELS = ("gpt-4", "claude-sonnet-5-5", "gpt-6-luna", "amazon.nova-micro-v1:0")


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeBill:
    """A month on one platform with one model: tokens, hosting, and its part that is waiting."""

    hosting: Bill
    model: str
    tokens_usd: float

    @property
    def platform(self) -> str:
        """The name of the platform, and of the path to it."""
        return self.hosting.title

    @property
    def hosting_usd(self) -> float:
        """The month on the platform."""
        return self.hosting.total

    @property
    def waiting_usd(self) -> float:
        """Waiting, and idle capacity that is kept for it."""
        return self.hosting.waiting + self.hosting.idle

    @property
    def waiting_share(self) -> float:
        """Waiting over tokens and hosting."""
        return float(ratio(self.waiting_usd, self.tokens_usd + self.hosting_usd))

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain values, ready for JSON."""
        names = ("platform", "model", "tokens_usd", "hosting_usd", "waiting_usd", "waiting_share")
        return {name: getattr(self, name) for name in names}


def whole_bill(
    workload: Workload,
    models: Iterable[str] = MODELS,
    platform_ids: Iterable[str] | None = None,
    *,
    cached_share: float = 0.0,
    reasoning_tokens: float = 0.0,
    **when: Any,
) -> list[WholeBill]:
    """Return a row for each platform and model: what share of everything is paid for waiting.

    Tokens are at the latest price in the sheet, without batch discounts; a model of 2023 is at its
    price, which has not changed since. ``cached_share`` of what a request reads comes from the
    provider's cache, at the full price where a model has no other. ``reasoning_tokens`` a request
    are written beside the answer and billed as it is; the wait for them is in the request's own.
    Without ids, all platforms that can serve
    these requests. Other keywords are those of :func:`bill`.

    >>> from datetime import date
    >>> [row] = whole_bill(
    ...     Workload.preset("article"), ["gpt-4o-mini"], ["aws-lambda"], on=date(2026, 11, 1))
    >>> row.model, round(row.hosting_usd), round(row.waiting_usd)
    ('gpt-4o-mini', 811, 808)

    Raises:
        UnknownPrice: for a model without a price, and as :func:`bill` does.
        InvalidQuantity: if the requests have no tokens, and as :func:`bill` does.
    """
    if not np.any(a_workload(workload).output_tokens) and not np.any(workload.input_tokens):
        msg = "A request here has no tokens; say how many it reads and writes."
        raise InvalidQuantity(msg)
    cached = setting("cached_share", cached_share, "a share from 0 to 1", most=1)
    thought = setting("reasoning_tokens", reasoning_tokens, "tokens, 0 or more", most=MOST)
    if platform_ids is None:
        bills = [m for m in compare(workload, everything=True, **when) if not m.obstacles]
    else:
        ids = some_ids(platform_ids)
        bills = [bill(name, workload, **{"path": "needed"} | when) for name in ids]
    rows: list[WholeBill] = []
    for model in several("models", models, "['gpt-4o-mini']"):
        price = token_price(model)
        tokens_usd = float(np.sum(workload.requests_per_month)) * price.call_usd(
            float(np.mean(workload.input_tokens)),
            float(np.mean(workload.output_tokens)),
            cached_share=cached,
            reasoning_tokens=thought,
        )
        rows += [WholeBill(hosting=one, model=model, tokens_usd=tokens_usd) for one in bills]
    return rows


def by_speed(
    workload: Workload,
    platform_ids: Iterable[str] | None = None,
    speeds: tuple[float, ...] = (TOKENS_PER_SECOND[0], 80.0, TOKENS_PER_SECOND[1]),
    **when: Any,
) -> dict[str, list[float]]:
    """Return each platform's month in USD at several speeds of the model, in tokens a second.

    Answers are as long; how long they stream is set by the speed. A platform that cannot serve
    them at a speed, because a request then takes too long, has no number there: it is NaN.

    Raises:
        InvalidQuantity: if the answers have no tokens, and as :func:`bill` does.
    """
    if not np.any(a_workload(workload).output_tokens):
        msg = "output_tokens is 0, so no speed changes anything; say how long answers are."
        raise InvalidQuantity(msg)
    rows: dict[str, list[float]] = {}
    ids = None if platform_ids is None else some_ids(platform_ids)
    for k, given in enumerate(several("speeds", speeds, "[20, 80]")):
        speed = setting("A speed", given, "tokens a second, more than 0", over=0, most=MOST)
        streamed = workload.replace(streaming_ms=workload.output_tokens / speed * 1000)
        if ids is None:
            bills = compare(streamed, everything=True, **when)
        else:
            bills = [bill(name, streamed, **{"path": "needed"} | when) for name in ids]
        for billed in bills:
            row = rows.setdefault(billed.title, [np.nan] * len(speeds))
            row[k] = np.nan if billed.obstacles else billed.total
    return rows
