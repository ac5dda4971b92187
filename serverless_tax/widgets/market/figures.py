"""What the market shows of a scenario: each design's month, split, its lines, and crossings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from serverless_tax.bill.design import design
from serverless_tax.bill.pricing import charges
from serverless_tax.bill.totals import sum_in_order
from serverless_tax.ground.request import Request
from serverless_tax.ground.trace import part
from serverless_tax.platforms import Platform, platform
from serverless_tax.platforms.meters.capacity import MONTH_MS
from serverless_tax.platforms.meters.changed import changed
from serverless_tax.prices import Price
from serverless_tax.questions.break_even import crossing, is_cheaper
from serverless_tax.widgets.page_request import charges_of, dimensions, page_request

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
PARTS = ("cost", "work", "waiting", "idle", "fees")

#: Designs that cost something a month and so much a request: for the function there is a number
#: of requests from which on it costs more. And between which numbers it is looked for.
CROSSING = ("aws-fargate", "cloudflare-workers")
REQUESTS = (1.0, 1e9)
_FUNCTION = "aws-lambda"


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
        request, bar = sized(name, page_request(s)), f"market_{slug(name)}"
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
    return figures | {"market_least_usd": least}


def total_usd(name: str, request: Request, prices: Mapping[str, Price]) -> Any:
    """Return a design's month of a request, with the path it needs, where a search runs.

    Written down on the spot, so that a loop computes what changes in it and no more.
    """
    target, chip = design(needed(name)), _one_chip(prices, request.arm)
    priced = {each: chip[each] for each in dimensions(needed(name)) if each in chip}
    on_it = changed(request, arm=0.0)
    lines = charges(target.month(target.usage(on_it), on_it), priced)
    return sum_in_order(line.cost for line in lines)


def _one_chip(prices: Mapping[str, Price], arm: Any) -> dict[str, Price]:
    """Return the prices with those of the processor that is asked for, 0 or 1, under x86's names.

    So a search that prices ten thousand months prices one of the two.
    """
    chosen = {name: price for name, price in prices.items() if "_arm_" not in name}
    for name in (each for each in prices if each not in chosen):
        x86 = name.replace("_arm_", "_x86_")
        on_x86, on_arm = prices[x86].tiers, prices[name].tiers
        tiers = tuple(
            tuple(x * (1 - arm) + y * arm for x, y in zip(*tier, strict=True))
            for tier in zip(on_x86, on_arm, strict=True)
        )
        chosen[x86] = replace(prices[x86], tiers=tiers)
    return chosen


def crossings(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return from how many requests a month on each of :data:`CROSSING` costs less.

    Endless where it never does, of those that a reader can set, or does for the first of them.
    """
    figures = {}
    for name in CROSSING:
        base = sized(name, page_request(s))
        found = part(f"from_{slug(name)}", partial(_from_requests, name, prices), base)["requests"]
        figures[f"market_{slug(name)}_from_requests"] = found
        wall_ms = _head(_FUNCTION).wall_ms(base)
        figures[f"market_{slug(name)}_from_at_once"] = found * wall_ms / MONTH_MS
    return figures


def _from_requests(name: str, prices: Mapping[str, Price], w: Request) -> dict[str, Any]:
    def is_less(one: str, other: str, requests: Any) -> Any:
        at = changed(w, requests_per_month=requests)
        return is_cheaper(total_usd(one, at, prices), total_usd(other, at, prices))

    cheaper, dearer = partial(is_less, name, _FUNCTION), partial(is_less, _FUNCTION, name)
    return {"requests": crossing(cheaper, dearer, *REQUESTS)}


def sized(name: str, request: Request) -> Request:
    """Return the request on an instance of a size that the platform offers."""
    offers = _head(name).offers
    changes = {
        size: np.minimum(np.maximum(getattr(request, size), low), high)
        for size, (low, high) in offers.items()
        if size.startswith("instance_")
    }
    return changed(request, **changes)
