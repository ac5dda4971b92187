"""What the market shows of a scenario: each design's month, split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from serverless_tax.platforms import Platform, platform
from serverless_tax.prices import Price
from serverless_tax.widgets.request import Request, month_of

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
PARTS = ("total", "work", "waiting", "idle")


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
    """Return the month of each design of :data:`MARKET`: ``market_<id>_usd`` and its parts."""
    figures = {}
    for name in MARKET:
        request = _sized(name, Request(s))
        month = month_of(needed(name), request, prices)
        for part in PARTS:
            end = "_usd" if part == "total" else f"_{part}_usd"
            figures[f"market_{slug(name)}{end}"] = getattr(month, part)
    return figures


def _sized(name: str, request: Request) -> Request:
    """Return the request on an instance of a size that the platform offers."""
    offers = _head(name).offers
    changes = {
        size: np.minimum(np.maximum(getattr(request, size), low), high)
        for size, (low, high) in offers.items()
        if size.startswith("instance_")
    }
    return request.changed(**changes)
