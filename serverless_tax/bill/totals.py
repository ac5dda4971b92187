"""A month's dollars alone, for those who ask for many: a bill's sums, without its lines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from serverless_tax.bill.design import Design, design
from serverless_tax.bill.lines import token_items
from serverless_tax.bill.month import BLOCK, month_usage, request_sums
from serverless_tax.bill.pricing import at_rates, charges, check_allowances, without_included
from serverless_tax.platforms.meters.changed import changed
from serverless_tax.prices import HOME_REGION, Price, billing_day
from serverless_tax.request.workload import Workload


class Totals(NamedTuple):
    """A month in USD: the total, its split, and what of the work is paid by the piece."""

    total: Any
    work: Any
    waiting: Any
    idle: Any
    fees: Any


class Pricer:
    """Prices months as :func:`serverless_tax.bill` does, each design and sheet looked up once.

    It takes its keywords.
    """

    def __init__(
        self,
        *,
        path: str | tuple[str, ...] = (),
        on: date | None = None,
        region: str = HOME_REGION,
        model: str | None = None,
        rates: Any = None,
        free_tier: bool = False,
        used_up: bool = False,
    ) -> None:
        check_allowances(free_tier=free_tier, used_up=used_up)
        self._path, self._day, self._region = path, billing_day(on), region
        self._model, self._rates, self._used_up = model, rates, used_up
        self._free_tier = float(free_tier)
        self._designs: dict[str, Design] = {}
        self._prices: dict[tuple[str, frozenset[str]], dict[str, Price]] = {}

    def design(self, name: str) -> Design:
        """Return the design of that name, with the path that is asked for."""
        if name not in self._designs:
            self._designs[name] = design(name, self._path)
        return self._designs[name]

    def totals(self, name: str, w: Workload) -> Totals:
        """Return a design's month of a workload.

        Raises:
            InvalidQuantity, UnknownPrice: as :func:`serverless_tax.bill` does.
        """
        target = self.design(name)
        target.check(w)
        used = month_usage(target, w)
        lines = list(charges(used, self._priced(name, used), free_tier=self._free_tier))
        columns = (
            (line.cost, line.work, line.waiting, line.idle, line.cost * line.price.by_the_piece)
            for line in lines
        )
        parts = [math.fsum(column) for column in zip(*columns, strict=True)] or [0.0] * 5
        if self._model:
            tokens_usd = math.fsum(
                item.cost for item in token_items(w, self._model, self._day, self._rates)
            )
            for paid in (0, 1, 4):  # of the total, work, and paid by the piece
                parts[paid] += tokens_usd
        return Totals(*parts)

    def usd_of_each(self, name: str, w: Workload) -> Any:
        """Return what a design's month costs, where each element of an array is one of its own."""
        target = self.design(name)
        target.check(w)
        used = target.month(target.usage(w), w)
        lines = charges(used, self._priced(name, used), free_tier=self._free_tier)
        return sum_in_order(line.cost for line in lines)

    def usd_by_memory(self, name: str, w: Workload, memory_mb: Any) -> Any:
        """Return what a design's month of a workload costs at each of these sizes."""
        target = self.design(name)
        used = target.month(_sums_by_memory(target, w, memory_mb), w)
        lines = charges(used, self._priced(name, used), free_tier=self._free_tier)
        return np.sum([np.broadcast_to(line.cost, memory_mb.shape) for line in lines], axis=0)

    def _priced(self, name: str, used: dict[str, Any]) -> dict[str, Price]:
        """Return the prices of what is used, which are looked up once."""
        of = frozenset(dimension for dimension, q in used.items() if _is_used(q))
        key = name, of
        if key not in self._prices:
            prices = at_rates(self.design(name).prices(used, self._day, self._region), self._rates)
            prices = {one: price for one, price in prices.items() if one in of}
            self._prices[key] = without_included(prices) if self._used_up else prices
        return self._prices[key]


def sum_in_order(values: Any) -> Any:
    """Add from left to right, as the page's JavaScript does, so that both come out alike."""
    total: Any = 0.0
    for value in values:
        total = total + value
    return total


def _is_used(quantity: Any) -> bool:
    return bool(quantity) if isinstance(quantity, float) else bool(np.any(quantity))


def at_sizes(w: Workload, memory_mb: Any) -> Iterator[Any]:
    """Yield a sample of requests at these sizes, a row of it for each, not too many at a time."""
    rows = max(BLOCK // w.sample_size, 1)
    for start in range(0, len(memory_mb), rows):
        yield changed(w, memory_mb=memory_mb[start : start + rows, None])


def _sums_by_memory(target: Design, w: Workload, memory_mb: Any) -> dict[str, Any]:
    """Add up what is metered for each request, at each size."""
    n = w.sample_size
    if n > BLOCK:
        each = [request_sums(target, w.replace(memory_mb=float(mb))) for mb in memory_mb]
        return {name: np.array([sums[name] for sums in each]) for name in each[0]}
    weight = w.requests_per_month / n
    parts = []
    for part in at_sizes(w, memory_mb):
        used = target.usage(changed(part, requests_per_month=weight))
        shape = len(part.memory_mb), n
        parts.append({name: np.broadcast_to(q, shape).sum(axis=1) for name, q in used.items()})
    return {name: np.concatenate([used[name] for used in parts]) for name in parts[0]}
