"""What the market shows of a scenario: each design's month, split, its lines, and crossings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from serverless_tax.bill.design import design
from serverless_tax.bill.pricing import charges
from serverless_tax.platforms import Platform, platform
from serverless_tax.platforms.meters.capacity import MONTH_MS
from serverless_tax.prices import Price
from serverless_tax.questions.compare import sum_in_order
from serverless_tax.widgets.request import Request, charges_of, dimensions, month_of

#: Who is compared: one of each way to bill a wait, and the two names everybody knows.
MARKET = (
    "aws-lambda",
    "aws-fargate",
    "aws-ec2",
    "google-cloud-run",
    "azure-functions-flex",
    "azure-container-apps",
    "vercel-fluid",
    "cloudflare-durable-objects",
    "cloudflare-workers",
    "cloudflare-containers",
)
PARTS = ("cost", "work", "waiting", "idle")

#: Designs that cost something a month and so much a request, until they need a second process or
#: leave an allowance behind: for the function there is a number of requests from which on it costs
#: more. With it, how often the search takes the line through its last two points.
CROSSING = {"aws-fargate": 0, "cloudflare-workers": 3}
_FUNCTION = "aws-lambda"
_FEW = 10_000.0
_SAME = 1e-6


def slug(name: str) -> str:
    """Return a design's id as a part of a figure's name."""
    return name.replace("-", "_").replace("+", "_")


def needed(name: str) -> str:
    """Return a design with the parts of the path it cannot be reached without."""
    parts = [part for part in _head(name).path if "+" not in name]
    return "+".join([name, *parts])


def _head(name: str) -> Platform:
    return platform(name.partition("+")[0])


def market(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return the month of each design of :data:`MARKET`: ``market_<id>_usd``, parts and lines.

    A line is a dimension of the price sheet: ``market_<id>_<dimension>_usd`` for an amount of
    ``market_<id>_<dimension>_amount``. ``market_<id>_open`` is 1 where the design can serve the
    requests as they are, else 0; ``market_least_usd`` is the cheapest of those that can.
    """
    figures: dict[str, Any] = {}
    least: Any = np.inf
    for name in MARKET:
        request, bar = sized(name, Request(s)), f"market_{slug(name)}"
        lines = charges_of(needed(name), request, prices)
        usd = {part: sum_in_order(getattr(line, part) for line in lines) for part in PARTS}
        figures[f"{bar}_usd"] = usd.pop("cost")
        figures |= {f"{bar}_{part}_usd": parted for part, parted in usd.items()}
        for dimension in dict.fromkeys(line.price.dimension for line in lines):
            tiers = [line for line in lines if line.price.dimension == dimension]
            figures[f"{bar}_{dimension}_usd"] = sum_in_order(line.cost for line in tiers)
            figures[f"{bar}_{dimension}_amount"] = sum_in_order(line.quantity for line in tiers)
        serves = design(needed(name)).can_serve(request)
        figures[f"{bar}_open"] = serves
        counted = figures[f"{bar}_usd"] / serves  # endless where it cannot serve
        least = counted if least is np.inf else np.minimum(least, counted)
    return figures | {"market_least_usd": least} | _crossings(s, prices)


def total_usd(name: str, request: Any, prices: Mapping[str, Price]) -> Any:
    """Return a design's month of a request, with the path it needs, where a search runs.

    Written down on the spot, so that a loop computes what changes in it and no more.
    """
    target = design(needed(name))
    priced = {each: prices[each] for each in dimensions(needed(name)) if each in prices}
    lines = charges(target.month(target.usage(request), request), priced)
    return sum_in_order(line.cost for line in lines)


def _crossings(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return from how many requests a month on each of :data:`CROSSING` costs less.

    Endless where the search does not find it: at its answer both are billed, and must agree.
    """
    figures = {}
    for name, times in CROSSING.items():
        base = sized(name, Request(s))
        found = _crossing(needed(name), base, prices, times)
        wall_ms = _head(_FUNCTION).wall_ms(base)
        figures[f"market_{slug(name)}_from_requests"] = found
        figures[f"market_{slug(name)}_from_at_once"] = found * wall_ms / MONTH_MS
    return figures


def _crossing(name: str, base: Request, prices: Mapping[str, Price], times: int) -> Any:
    """Return where a design and the function cost the same, by the rule of the secant."""

    def usd(which: str, requests: Any) -> Any:
        return month_of(which, base.changed(requests_per_month=requests), prices).total

    function_usd = usd(_FUNCTION, np.float64(_FEW)) / _FEW  # of a request, however many there are
    before, before_usd = np.float64(0), usd(name, np.float64(0))
    here, here_usd = np.float64(_FEW), usd(name, np.float64(_FEW)) - _FEW * function_usd
    for _ in range(times + 1):
        apart = here_usd - before_usd
        step = here_usd * (here - before) / (apart + (apart == 0))  # found: it stays there
        before, before_usd, here = here, here_usd, here - step
        here_usd = usd(name, here) - here * function_usd
    there, function = usd(name, here), usd(_FUNCTION, here)
    apart = np.maximum(there, function) - np.minimum(there, function)
    return here / ((apart <= there * _SAME) * (here > 0))


def sized(name: str, request: Request) -> Request:
    """Return the request on an instance of a size that the platform offers."""
    offers = _head(name).offers
    changes = {
        size: np.minimum(np.maximum(getattr(request, size), low), high)
        for size, (low, high) in offers.items()
        if size.startswith("instance_")
    }
    return request.changed(**changes)
