"""What the market says of each design."""

from __future__ import annotations

from functools import cache
from typing import Any

from serverless_tax.bill.design import design
from serverless_tax.widgets.market.figures import CROSSING, MARKET, market, needed, slug
from serverless_tax.widgets.page_request import dimensions
from serverless_tax.widgets.scenario import compute, page_prices, scenario

CROSSES = {
    "from": "costs less than the function from {from_requests:requests} a month on"
    " ({from_at_once:number} at once).",
    "none": "No number of requests is known from which on another costs less than the function.",
}


@cache
def market_words() -> list[dict[str, Any]]:
    """Return each design of the market: its part of a figure's name, its words, and its lines."""
    prices, known = page_prices(), compute(scenario(), market)
    return [
        {
            "slug": slug(name),
            "name": design(name).name,
            "waits": design(name).platform.waits,
            "crosses": name in CROSSING,
            "lines": [
                [line, prices[line].label, prices[line].unit]
                for line in dimensions(needed(name))
                if f"market_{slug(name)}_{line}_usd" in known
            ],
        }
        for name in MARKET
    ]
