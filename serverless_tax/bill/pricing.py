"""Usage × price sheet -> charges: the arithmetic between a rule and a bill.

Everything here is traced to the page's JavaScript too, so it keeps to the same few
operations as a rule and never branches on a quantity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from serverless_tax.ground.request import Quantity
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.meters.shares import share
from serverless_tax.prices import Price

#: What is taken off before a quantity is rounded up: a rounding error begins no other whole one.
_HAIR = 1e-9


class Charge(NamedTuple):
    """One line: a quantity at a unit price, and how its cost splits into work, waiting and idle."""

    price: Price
    unit_price: Quantity
    quantity: Quantity
    cost: Quantity
    work: Quantity
    waiting: Quantity
    idle: Quantity


def charges(
    usage: Mapping[str, Quantity], prices: Mapping[str, Price], *, free_tier: Quantity = 0
) -> Iterator[Charge]:
    """Price a month's usage: one charge for each tier of each dimension that has a price.

    Tiers and free allowances apply to the month's total. A dimension that is charged as
    another (INIT, as duration) stacks on top of it, in the tiers that the other left.
    ``free_tier`` is 1 to deduct the free allowances and 0 to leave them out.
    """
    for name, price in prices.items():
        if name not in usage:
            continue
        quantity = usage[name]
        base = usage[price.charged_as] if price.charged_as else 0.0
        free = price.free_per_month * free_tier
        if price.free_after:
            free = np.maximum(free - price.free_worth * usage.get(price.free_after, 0.0), 0)
        for k, (_, usd) in enumerate(price.tiers):
            in_tier = _in_tier(base + quantity, price.tiers, k, free)
            if price.charged_as:
                in_tier = in_tier - _in_tier(base, price.tiers, k, free)
            if price.in_wholes_of and k + 1 == len(price.tiers):
                in_tier = np.ceil(in_tier / price.in_wholes_of - _HAIR) * price.in_wholes_of
            cost = in_tier * usd
            yield Charge(price, usd, in_tier, cost, *_split(cost, quantity, usage, price))


def at_rates(prices: Mapping[str, Price], rates: Any) -> dict[str, Price]:
    """Return the prices with your own rates in place of list prices, where there are any.

    Raises:
        InvalidQuantity: if they are no rates.
    """
    if rates is None:
        return dict(prices)
    if not hasattr(rates, "apply"):
        msg = f"rates is {short(rates)}; expected rates that a file has: Rates.load('rates.toml')."
        raise InvalidQuantity(msg)
    at: dict[str, Price] = rates.apply(prices)
    return at


def check_allowances(*, free_tier: Any, used_up: Any) -> None:
    """Refuse allowances that are to be both deducted and gone, and a word for either: it is true.

    Raises:
        InvalidQuantity: if both are asked for, or one is not True or False.
    """
    for name, asked in (("free_tier", free_tier), ("used_up", used_up)):
        if not isinstance(asked, int | np.bool_):
            msg = f"{name} is {asked!r}; expected True or False."
            raise InvalidQuantity(msg)
    if free_tier and used_up:
        msg = (
            "free_tier and used_up are both asked for; what is free is deducted or used up by"
            " something else: leave one out."
        )
        raise InvalidQuantity(msg)


def without_included(prices: Mapping[str, Price]) -> dict[str, Price]:
    """Return the prices without what a plan includes: a first tier of nothing costs the second."""
    return {
        name: replace(price, tiers=((0.0, price.tiers[1][1]), *price.tiers[2:]), free_per_month=0.0)
        if len(price.tiers) > 1 and not price.tiers[0][1]
        else replace(price, free_per_month=0.0)
        for name, price in prices.items()
    }


def _split(
    cost: Quantity, quantity: Quantity, usage: Mapping[str, Quantity], price: Price
) -> tuple[Quantity, Quantity, Quantity]:
    """Split a cost into work, waiting and idle, in the shares of the quantity that the sheet names.

    ``busy`` names the part in which the CPU worked and ``used`` the part in which a request was.
    With neither, the line is paid for each request or byte: all of it is work. With ``used``
    alone no CPU is sold, so none of it is.
    """
    used = cost * share(usage[price.used], quantity) if price.used else cost
    if price.busy:
        work = np.minimum(cost * share(usage[price.busy], quantity), used)
    else:
        work = used * 0.0 if price.used else cost
    return work, used - work, cost - used


def _in_tier(
    total: Quantity, tiers: tuple[tuple[Quantity, Quantity], ...], k: int, free: Quantity
) -> Quantity:
    """Return how much of ``total`` falls into tier ``k``, after ``free`` units of it."""
    billable = np.maximum(total - free, 0)
    if k + 1 < len(tiers):
        billable = np.minimum(billable, tiers[k + 1][0])
    if k == 0:
        return billable
    return np.maximum(billable - tiers[k][0], 0)
