"""The price of an hour of waiting: the unit in which every platform can be compared."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from serverless_tax.bill.design import design
from serverless_tax.bill.month import month_usage, request_sums, whole_month
from serverless_tax.bill.pricing import at_rates, charges
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.meters.capacity import HOUR_MS
from serverless_tax.prices import billing_day
from serverless_tax.request.workload import Workload

if TYPE_CHECKING:
    from serverless_tax.prices.overrides import Rates


@dataclass(frozen=True, slots=True)
class WaitingRate:
    """Dollars for an hour of waiting: one hour more, and the mean of the hours already paid."""

    marginal_usd: float
    average_usd: float

    def to_dict(self) -> dict[str, Any]:
        """Return the rates as plain values, ready for JSON."""
        return asdict(self)


def waiting_rate(
    platform_id: str,
    workload: Workload,
    *,
    on: date | None = None,
    region: str = "us-east-1",
    path: str | tuple[str, ...] = (),
    rates: Rates | None = None,
) -> WaitingRate:
    """Return what an hour of waiting costs on a platform, in USD.

    *Marginal* is the price of one more hour on top of the month: nothing where a process that is
    paid for anyway has room. *Average* is what the month pays for waiting, and for capacity kept
    idle for it, over the hours waited. On demand they agree but for rounding and tiers. Keywords
    are those of :func:`bill`.

    >>> rate = waiting_rate("aws-lambda", Workload.preset("article"), on=date(2026, 11, 1))
    >>> round(rate.marginal_usd, 4), round(rate.average_usd, 4)
    (0.06, 0.06)

    Raises:
        InvalidQuantity: if there is no request, so nothing ever waits.
    """
    target = design(platform_id, path)
    target.check(workload)
    used = month_usage(target, workload)
    if not workload.requests_per_month:
        msg = "requests_per_month is 0; a price of waiting needs at least one request."
        raise InvalidQuantity(msg)
    prices = at_rates(target.prices(used, billing_day(on), region), rates)
    sums = request_sums(target, workload)
    one = workload.replace(requests_per_month=1)
    longer = request_sums(target, one.replace(wait_ms=one.wait_ms + HOUR_MS))
    before = request_sums(target, one)
    more = {name: sums[name] + longer[name] - before[name] for name in sums}
    lines = list(charges(used, prices))
    marginal = math.fsum(
        charge.cost for charge in charges(whole_month(target, more, workload), prices)
    ) - math.fsum(charge.cost for charge in lines)
    waited_hours = (used["billed_ms"] - used["busy_ms"]) / HOUR_MS
    waiting = math.fsum(charge.waiting + charge.idle for charge in lines)
    average = waiting / waited_hours if waited_hours > 0 else 0.0
    return WaitingRate(marginal_usd=marginal, average_usd=average)
