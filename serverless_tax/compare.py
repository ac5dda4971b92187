"""The tax, by the three definitions that the whole book uses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from serverless_tax.bill import bill
from serverless_tax.design import design
from serverless_tax.prices import billing_day
from serverless_tax.pricing import charges
from serverless_tax.sample import month_usage
from serverless_tax.units import InvalidQuantity
from serverless_tax.workload import Workload

#: Hours in a month, as AWS counts them (365 × 24 / 12).
HOURS_PER_MONTH = 730
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class WaitingRate:
    """Dollars for an hour of waiting: one hour more, and the mean of the hours already paid."""

    marginal_usd: float
    average_usd: float


def tax_multiple(workload: Workload, platform_id: str = "aws-lambda") -> float:
    """Return billed milliseconds over CPU milliseconds, at the configured memory.

    Infinite if the requests use no CPU at all.

    >>> round(tax_multiple(Workload.preset("article")))
    883
    """
    target = design(platform_id)
    target.check(workload)
    one = month_usage(target, workload.replace(requests_per_month=1))  # no matter how many
    return one["billed_ms"] / one["busy_ms"] if one["busy_ms"] else math.inf


def tax_share(workload: Workload, platform_id: str = "aws-lambda", **when: Any) -> float:
    """Return waiting's part of the bill, from 0 to 1 (0 for a bill of nothing).

    Keywords are those of :func:`bill`.

    >>> round(tax_share(Workload.preset("transcode"), on=date(2026, 11, 1)), 3)
    0.0
    """
    month = bill(platform_id, workload, **when)
    return month.waiting / month.total if month.total else 0.0


def waiting_rate(
    platform_id: str,
    workload: Workload,
    *,
    on: date | None = None,
    region: str = "us-east-1",
) -> WaitingRate:
    """Return what an hour of waiting costs on a platform, in USD.

    *Marginal* is the price of one more hour on top of the month; *average* is the waiting on
    the bill over the hours waited. On demand they agree but for rounding and tiers.

    >>> rate = waiting_rate("aws-lambda", Workload.preset("article"), on=date(2026, 11, 1))
    >>> round(rate.marginal_usd, 4), round(rate.average_usd, 4)
    (0.06, 0.06)

    Raises:
        InvalidQuantity: if there is no request, so nothing ever waits.
    """
    target = design(platform_id)
    target.check(workload)
    used = month_usage(target, workload)
    if not workload.requests_per_month:
        msg = "requests_per_month is 0; a price of waiting needs at least one request."
        raise InvalidQuantity(msg)
    prices = target.prices(used, billing_day(on), region)
    one = workload.replace(requests_per_month=1)
    hour_longer = month_usage(target, one.replace(wait_ms=one.wait_ms + _HOUR_MS))
    before = month_usage(target, one)
    more = {name: used[name] + hour_longer[name] - before[name] for name in used}
    marginal = math.fsum(charge.cost for charge in charges(more, prices)) - math.fsum(
        charge.cost for charge in charges(used, prices)
    )
    waited_hours = (used["billed_ms"] - used["busy_ms"]) / _HOUR_MS
    waiting = math.fsum(charge.waiting for charge in charges(used, prices))
    average = waiting / waited_hours if waited_hours > 0 else 0.0
    return WaitingRate(marginal_usd=marginal, average_usd=average)


def sweep(
    platform_id: str,
    workload: Workload,
    *,
    on: date | None = None,
    region: str = "us-east-1",
    free_tier: bool = False,
) -> dict[str, Any]:
    """Price many months at once, for a curve: each element of an array is a month of its own.

    Returns arrays (or numbers) under ``total``, ``work``, ``waiting``, ``idle``, ``billed_ms``
    (of the month) and ``busy_ms``; nothing is summed over the elements.

    >>> costs = sweep("aws-lambda", Workload(requests_per_month=1e6, memory_mb=[128, 1024],
    ...               wait_ms=1000), on=date(2026, 11, 1))["total"]
    >>> [round(float(usd), 2) for usd in costs]
    [2.28, 16.87]

    Raises:
        InvalidQuantity, UnknownPrice: as :func:`bill` does.
    """
    target = design(platform_id)
    target.check(workload)
    used = target.month(target.usage(workload), workload)
    prices = target.prices(used, billing_day(on), region)
    lines = list(charges(used, prices, free_tier=float(bool(free_tier))))
    return {
        "total": sum_in_order(charge.cost for charge in lines),
        "work": sum_in_order(charge.work for charge in lines),
        "waiting": sum_in_order(charge.waiting for charge in lines),
        "idle": sum_in_order(charge.idle for charge in lines),
        "billed_ms": used["billed_ms"] + 0.0,  # the ceiling of no time at all is a minus zero
        "busy_ms": used["busy_ms"],
    }


def sum_in_order(values: Any) -> Any:
    """Add from left to right, as the page's JavaScript does, so that both come out alike."""
    total: Any = 0.0
    for value in values:
        total = np.add(total, value)
    return total
