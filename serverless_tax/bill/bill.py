"""A month's bill: what a platform charges for a workload, line by line, with its sources."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from serverless_tax.bill.design import Design, design, of_aws
from serverless_tax.bill.lines import LineItem, line_items, token_items
from serverless_tax.bill.month import month_usage
from serverless_tax.bill.pricing import (
    Charge,
    at_rates,
    charges,
    check_allowances,
    without_included,
)
from serverless_tax.bill.unread import unread
from serverless_tax.ground.html import Table, link, tag
from serverless_tax.ground.show import adding_up, show
from serverless_tax.prices import (
    HOME_REGION,
    Price,
    billing_day,
    elsewhere,
    home_region,
    stale,
    to_come,
    vendor,
)
from serverless_tax.request.workload import Workload

if TYPE_CHECKING:
    from serverless_tax.prices.overrides import Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What one platform charges for one workload in a month, in USD.

    ``work + waiting + idle`` is ``total``. Work is what is paid for each request, and the part
    of the billed time in which the CPU was busy; waiting is the rest of the billed time; idle is
    capacity in which no request was (nothing, on demand).

    ``path`` names the parts of the path that are on the bill, and ``obstacles`` says why this
    platform cannot serve these requests as they are, where it cannot.
    """

    platform: str
    region: str
    on: date
    items: tuple[LineItem, ...]
    free_tier: bool
    total_with_free_tier: float
    path: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    #: The month it is of.
    workload: Workload | None = field(default=None, repr=False, compare=False)
    #: Finds the notes, once they are asked for: with many settings it takes longer than the bill.
    _noted: Callable[[], tuple[str, ...]] = field(default=tuple, repr=False, compare=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of this bill has to know, a sentence each."""
        return self._noted()

    def __reduce__(self) -> tuple[Callable[[], Bill], tuple[()]]:
        """Give a copy the notes themselves: what finds them cannot be pickled."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return partial(Bill, **values | {"_noted": partial(tuple, self.notes)}), ()

    @property
    def title(self) -> str:
        """The ids of the platform and of the parts of its path, joined by ``+``."""
        return "+".join((self.platform, *self.path))

    @property
    def total(self) -> float:
        """The month's total in USD."""
        return math.fsum(item.cost for item in self.items)

    @property
    def work(self) -> float:
        """The part paid for work, in USD."""
        return math.fsum(item.work for item in self.items)

    @property
    def fees(self) -> float:
        """The part of the work that is paid by the piece, such as requests and messages, in USD."""
        return math.fsum(item.cost for item in self.items if item.by_the_piece)

    @property
    def waiting(self) -> float:
        """The part paid for waiting, the tax, in USD."""
        return math.fsum(item.waiting for item in self.items)

    @property
    def idle(self) -> float:
        """The part paid for capacity that served nobody, in USD."""
        return math.fsum(item.idle for item in self.items)

    def to_dict(self) -> dict[str, Any]:
        """Return the bill as plain values, ready for JSON."""
        items = [item.to_dict() for item in self.items]
        return {
            "platform": self.platform,
            "path": list(self.path),
            "region": self.region,
            "on": self.on.isoformat(),
            "free_tier": self.free_tier,
            "total": self.total,
            "work": self.work,
            "waiting": self.waiting,
            "idle": self.idle,
            "items": items,
            "total_with_free_tier": self.total_with_free_tier,
            "obstacles": list(self.obstacles),
            "notes": list(self.notes),
        }

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield the bill's lines as text: what, how much, at what price, what it comes to."""
        told = adding_up(item.cost for item in self.items)
        for item, cost in zip(self.items, told, strict=True):
            several = item.quantity != 1 and not item.unit.isupper()  # "2 GB", but "2 requests"
            quantity = f"{show(item.quantity, 'count')} {item.unit}{'s' if several else ''}"
            yield item.label, quantity, show(item.unit_price, "price"), cost

    def __str__(self) -> str:
        """Return the bill as a table of plain text."""
        head = (f"{self.title}, {self.region}, {self.on}", "quantity", "unit price", "USD")
        table = [head, *self.rows(), ("Total", "", "", show(self.total, "usd"))]
        widths = [max(len(row[k]) for row in table) for k in range(4)]
        lines = [
            "  ".join([row[0].ljust(widths[0]), *(row[k].rjust(widths[k]) for k in (1, 2, 3))])
            for row in table
        ]
        lines.insert(1, "-" * len(lines[0]))
        lines.insert(-1, lines[1])
        return "\n".join([*lines, self.split(), *self.obstacles, *self.notes])

    def split(self) -> str:
        """Return one line: the split into work, waiting and idle, and the other free-tier total."""
        waiting, idle, work = adding_up([self.waiting, self.idle, self.work])
        text = f"of which work {work}, waiting {waiting}" + (f", idle {idle}" if self.idle else "")
        if not self.free_tier:
            text += f"; with the free tier the total is {show(self.total_with_free_tier, 'usd')}"
        return text

    def _repr_html_(self) -> str:
        """Return the bill as a table for a notebook or a page."""
        rows = (
            (link(item.source, row[0], title=f"seen {item.seen}"), *row[1:])
            for item, row in zip(self.items, self.rows(), strict=True)
        )
        return Table.of(
            f"{self.title}, {self.region}, prices of {self.on}",
            ("Line", "Quantity", "Unit price", "USD a month"),
            rows,
            foot=("Total", "", "", tag("strong", show(self.total, "usd"))),
            below=(self.split(), *self.obstacles, *self.notes),
            about=self.as_data(),
        ).html

    def as_data(self) -> dict[str, str]:
        """Return what the dollars are of, as data of a page: design, path, day, chip, memory."""
        about = {"data_design": self.platform, "data_path": " ".join(self.path) or "none"}
        return about | {"data_day": str(self.on)} | of_month(self.workload)


def of_month(of: Workload | None) -> dict[str, str]:
    """Return as data which chip, memory and month: how many requests, of what length each."""
    if of is None:
        return {}
    took_ms = of.cpu_ms + of.wait_ms + of.streaming_ms + of.init_ms * of.cold_start_share
    month = {"": of.requests_per_month, " x ": took_ms, " ms, idle ": of.session_idle_ms}
    return {
        "data_chip": "x86" if of.architecture == "x86_64" else "arm",
        "data_memory": f"{float(np.max(of.memory_mb)):g}",
        "data_month": "".join(f"{what}{float(np.mean(n)):g}" for what, n in month.items()),
    }


def bill(
    platform_id: str,
    workload: Workload,
    *,
    on: date | None = None,
    region: str = "us-east-1",
    free_tier: bool = False,
    path: str | tuple[str, ...] = (),
    model: str | None = None,
    rates: Rates | None = None,
    used_up: bool = False,
) -> Bill:
    """Price a month of ``workload`` on a platform, at the prices of one day (today by default).

    ``path`` adds parts of the path to the bill: a tuple of their ids, ``"needed"`` for those the
    platform cannot be reached without, ``"whole"`` for logs and data transfer besides. An id may
    name its parts itself: ``"aws-lambda+aws-websocket"``. ``model`` adds the lines of a model's
    tokens, and ``rates`` puts your own rates in place of list prices. ``used_up`` says that what a
    plan includes is used up by something else, as ``free_tier`` says that nothing else uses it.

    >>> article = Workload.preset("article")
    >>> round(bill("aws-lambda", article, on=date(2026, 11, 1)).total, 2)
    811.33

    Raises:
        InvalidQuantity: for an unknown platform, a workload the platform cannot be set to, or an
            allowance that is both deducted and used up.
        UnknownPrice: if there is no price for that region, that day or that model.
    """
    check_allowances(free_tier=free_tier, used_up=used_up)
    target = design(platform_id, path)
    target.check(workload)
    day = billing_day(on)
    used = month_usage(target, workload)
    listed = at_rates(target.prices(used, day, region), rates)
    prices = without_included(listed) if used_up else listed

    def lines(w: Workload) -> Iterator[LineItem]:
        return line_items(month_usage(target, w), prices, free_tier=free_tier)

    items = tuple(line_items(used, prices, free_tier=free_tier))
    tokens = tuple(token_items(workload, model, day, rates)) if model else ()
    freely = items if free_tier else charges(used, prices, free_tier=1)
    with_free = math.fsum(line.cost for line in (*freely, *tokens))

    @cache
    def notes() -> tuple[str, ...]:
        asked = "used_up" if used_up else "free_tier" if free_tier else ""
        return (
            *target.notes(workload),
            *target.not_sold(day),
            *_not_priced(target, path),
            *_no_allowance(target, asked, items, charges(used, listed)),
            *unread(target, workload, items, lines),
            *to_come(day),
            *elsewhere(target.platform.priced_by, region),
            *dict.fromkeys(_of_tiers(items, prices, region)),
            *_stale([prices[i.dimension] for i in items]),
        )

    return Bill(
        platform=target.platform.id,
        region=home_region(target.platform.priced_by[0], region),
        on=day,
        items=items + tokens,
        free_tier=free_tier,
        total_with_free_tier=with_free,
        path=tuple(part.id for part in target.parts),
        workload=workload,
        obstacles=tuple(target.obstacles(workload)),
        _noted=notes,
    )


def _not_priced(target: Design, path: str | tuple[str, ...]) -> Iterator[str]:
    """Yield what the whole path has and this bill has not, where the vendor is not AWS."""
    if path == "whole" and not of_aws(target.platform):
        free = vendor(target.platform.priced_by[0]) == "Cloudflare"  # or its gigabytes are a line
        what = "Logs are" if free else "Logs and data transfer are"
        yield f"{what} not on this bill: what the vendor charges for them is unknown here."


#: Why what was asked for of a plan's allowances leaves a month as it is.
_NO_ALLOWANCE = {
    "used_up": "its prices include nothing that is deducted",
    "free_tier": "nothing of this month is free",
}


def _no_allowance(
    target: Design, asked: str, items: Iterable[LineItem], listed: Iterable[Charge]
) -> Iterator[str]:
    """Yield that what was asked for of allowances changes nothing, where it does not."""
    if asked and math.fsum(i.cost for i in items) == math.fsum(one.cost for one in listed):
        yield f"{asked} changes nothing on {target.platform.name}: {_NO_ALLOWANCE[asked]}."


def _of_tiers(items: Iterable[LineItem], prices: Mapping[str, Price], region: str) -> Iterator[str]:
    """Yield what is to know of another region's prices, where a month reaches an upper tier."""
    for item in items:
        price = prices[item.dimension]
        if price.note and region != HOME_REGION and item.unit_price != price.tiers[0][1]:
            yield f"{price.label}: {price.note}"


def _stale(prices: list[Price]) -> Iterator[str]:
    for price in dict.fromkeys(prices):
        sentence = stale(price, billing_day())
        if sentence:
            yield sentence
