"""The lines of a bill: each a quantity at a price, where the price is from, and its split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from serverless_tax.bill.pricing import at_rates, charges
from serverless_tax.prices import Price
from serverless_tax.request.workload import Workload

if TYPE_CHECKING:
    from serverless_tax.prices.overrides import Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItem:
    """One line of a bill: ``quantity`` units at ``unit_price`` USD, and where the price is from."""

    dimension: str
    label: str
    quantity: float
    unit: str
    unit_price: float
    cost: float
    work: float
    waiting: float
    idle: float
    source: str
    seen: date
    #: Whether it is paid by the piece, for a request, a message or a byte, and not for CPU time.
    by_the_piece: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the line as plain values, ready for JSON."""
        keys = ("dimension", "quantity", "unit", "unit_price", "cost", "source")
        split = ("label", "work", "waiting", "idle")
        return {
            **{key: getattr(self, key) for key in keys},
            "seen": self.seen.isoformat(),
            **{key: getattr(self, key) for key in split},
        }


def line_items(
    used: Mapping[str, float], prices: Mapping[str, Price], *, free_tier: bool
) -> Iterator[LineItem]:
    """Yield a line for each charge: each tier that the month reaches of each dimension used."""
    for charge in charges(used, prices, free_tier=float(free_tier)):
        price = charge.price
        # The other architecture's lines, and tiers that the month does not reach, are left out.
        # That there were no requests is said, unless another line counts them.
        counts = price.dimension == "requests" and "provisioned_requests" not in used
        if not charge.quantity and not counts:
            continue
        yield LineItem(
            dimension=price.dimension,
            label=price.label,
            quantity=float(charge.quantity),
            unit=price.unit,
            unit_price=float(charge.unit_price),
            cost=float(charge.cost),
            work=float(charge.work),
            waiting=float(charge.waiting),
            idle=float(charge.idle),
            source=price.source,
            seen=price.seen,
            by_the_piece=price.by_the_piece,
        )


def token_items(
    w: Workload, model: str, day: date, rates: Rates | None = None
) -> Iterator[LineItem]:
    """Yield the lines of a model's tokens: those read and those written, at your rates if given.

    Raises:
        UnknownPrice: if the token sheet has no such model, or no price as old as ``day``.
    """
    from serverless_tax.prices.tokens import token_rows  # noqa: PLC0415 - only for this line

    tokens = {
        "input": float(np.mean(w.input_tokens)) * w.requests_per_month,
        "output": float(np.mean(w.output_tokens)) * w.requests_per_month,
    }
    rows = at_rates(token_rows(model, day), rates)
    used = {name: tokens[name.rpartition("/")[2]] for name in rows}
    yield from line_items(used, rows, free_tier=False)
