"""The tax, the ranking of platforms, and months in bulk for a curve."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.bill.design import Design, design, of_aws
from serverless_tax.bill.month import request_sums
from serverless_tax.bill.pricing import at_rates, charges, check_allowances, without_included
from serverless_tax.bill.totals import sum_in_order
from serverless_tax.ground.checks import several
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms import platforms
from serverless_tax.prices import HOME_REGION, UnknownPrice, billing_day, region_in_words
from serverless_tax.prices.schema import NoPriceSheet
from serverless_tax.request.workload import Workload

if TYPE_CHECKING:
    from serverless_tax.prices.overrides import Rates


def tax_multiple(
    workload: Workload, platform_id: str = "aws-lambda", *, on: date | None = None
) -> float:
    """Return billed milliseconds over CPU milliseconds, at the configured memory.

    With a day, INIT counts only if it was billed that day. Infinite if the requests use no CPU
    at all.

    >>> round(tax_multiple(Workload.preset("article")))
    883
    """
    target = design(platform_id)
    target.check(workload)
    one = request_sums(target, workload.replace(requests_per_month=1))  # no matter how many
    if on is not None and not _init_is_billed(target, one, on):
        one = request_sums(target, workload.replace(requests_per_month=1, init_ms=0))
    return one["billed_ms"] / one["busy_ms"] if one["busy_ms"] else math.inf


def _init_is_billed(target: Design, used: dict[str, float], on: date) -> bool:
    prices = target.prices(used, billing_day(on), HOME_REGION)
    init = [price for name, price in prices.items() if name.startswith("init_")]
    return any(usd for price in init for _, usd in price.tiers)


def tax_share(workload: Workload, platform_id: str = "aws-lambda", **when: Any) -> float:
    """Return waiting's part of the bill, from 0 to 1 (0 for a bill of nothing).

    Keywords are those of :func:`bill`.

    >>> round(tax_share(Workload.preset("transcode"), on=date(2026, 11, 1)), 3)
    0.0
    """
    billed = bill(platform_id, workload, **when)
    return billed.waiting / billed.total if billed.total else 0.0


#: Front doors of a Lambda function that change what an answer costs, or how long it may take.
_OTHER_DOORS = ("aws-lambda+aws-http-api", "aws-lambda+aws-websocket")


def designs(*, everything: bool = False, on: date | None = None) -> tuple[str, ...]:
    """Return the designs that are compared: all of AWS that serves, and Lambda's other doors.

    With ``everything``, those of every vendor; what was no longer sold on that day is left out.

    >>> "aws-lambda+aws-websocket" in designs()
    True
    """
    day = billing_day(on)
    serving = (p for p in platforms().values() if p.serves)
    sold = (p for p in serving if not p.not_sold(day))
    chosen = (p.id for p in sold if everything or of_aws(p))
    return (*chosen, *_OTHER_DOORS)


def is_priced(name: str, when: Mapping[str, Any]) -> bool:
    """Whether a design has price sheets for the region that is asked for, path and all."""
    return design(name, when.get("path", "needed")).priced_in(when.get("region", HOME_REGION))


def left_out(names: Iterable[str], when: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence with the designs that a region has no price sheets of, if there are some."""
    if gone := [name for name in names if not is_priced(name, when)]:
        where = region_in_words(when["region"])
        yield f"Left out, with no prices here for {where}: {', '.join(gone)}."


def not_offered(names: Iterable[str], workload: Workload, when: Mapping[str, Any]) -> Iterator[str]:
    """Yield why each design with prices does not offer the workload's size, where one does not."""
    for name in names:
        if is_priced(name, when):
            try:
                design(name, when.get("path", "needed")).check(workload)
            except InvalidQuantity as refusal:
                yield str(refusal)


def compare(
    workload: Workload,
    platform_ids: Iterable[str] | None = None,
    *,
    path: str | tuple[str, ...] = "needed",
    everything: bool = False,
    **when: Any,
) -> list[Bill]:
    """Return a month's bill on every AWS platform, cheapest first; ``everything``: every vendor's.

    Those that cannot serve these requests as they are come last, each with its obstacle; so a
    ranking never recommends them. A platform that does not offer the workload's size, which
    :func:`not_offered` says, or had no price yet on that day, is left out unless it is asked for.
    ``path`` is that of every bill, by
    default the parts without which each cannot be reached. Other keywords are those of
    :func:`bill`.

    >>> doors = ["aws-lambda", "aws-lambda+aws-http-api"]
    >>> ranked = compare(Workload.preset("article"), doors, on=date(2026, 11, 1))
    >>> [round(billed.total, 2) for billed in ranked]
    [811.33, 821.33]

    Raises:
        InvalidQuantity, UnknownPrice: as :func:`bill` does.
    """
    if platform_ids is not None:
        asked = [bill(name, workload, path=path, **when) for name in some_ids(platform_ids)]
        bills = [*{one.title: one for one in asked}.values()]  # a path may be asked for twice, too
    else:
        ids = designs(everything=everything, on=when.get("on"))
        bills = _those_on_offer(ids, workload, path, when)
    return sorted(bills, key=lambda billed: (bool(billed.obstacles), billed.total))


def some_ids(platform_ids: Any) -> list[str]:
    """Return the ids of a list, each once.

    Raises:
        InvalidQuantity: if it is none.
    """
    return [*dict.fromkeys(several("platform_ids", platform_ids, "['aws-lambda']"))]


def _those_on_offer(
    ids: tuple[str, ...], workload: Workload, path: str | tuple[str, ...], when: dict[str, Any]
) -> list[Bill]:
    bills, refusals = [], []
    for name in ids:
        try:
            bills.append(bill(name, workload, path=path, **when))
        except NoPriceSheet:
            raise  # a ranking without it would be wrong
        except (InvalidQuantity, UnknownPrice) as refusal:
            refusals.append(refusal)
    if not bills:  # what is asked for is wrong everywhere: a region, a day, a model
        early = [one for one in refusals if isinstance(one, UnknownPrice) and one.since]
        raise min(early, key=lambda one: one.since or date.max) if early else refusals[0]
    return bills


def sweep(
    platform_id: str,
    workload: Workload,
    *,
    on: date | None = None,
    region: str = "us-east-1",
    free_tier: bool = False,
    path: str | tuple[str, ...] = (),
    rates: Rates | None = None,
    used_up: bool = False,
) -> dict[str, Any]:
    """Price many months at once, for a curve: each element of an array is a month of its own.

    Returns arrays (or numbers) under ``total``, ``work``, ``waiting``, ``idle``, ``billed_ms``
    (of the month) and ``busy_ms``; nothing is summed over the elements. Keywords are those of
    :func:`bill`.

    >>> costs = sweep("aws-lambda", Workload(requests_per_month=1e6, memory_mb=[128, 1024],
    ...               wait_ms=1000), on=date(2026, 11, 1))["total"]
    >>> [round(float(usd), 2) for usd in costs]
    [2.28, 16.87]

    Raises:
        InvalidQuantity, UnknownPrice: as :func:`bill` does.
    """
    check_allowances(free_tier=free_tier, used_up=used_up)
    target = design(platform_id, path)
    target.check(workload)
    used = target.month(target.usage(workload), workload)
    prices = at_rates(target.prices(used, billing_day(on), region), rates)
    if used_up:
        prices = without_included(prices)
    lines = list(charges(used, prices, free_tier=float(free_tier)))
    return {
        "total": sum_in_order(charge.cost for charge in lines),
        "work": sum_in_order(charge.work for charge in lines),
        "waiting": sum_in_order(charge.waiting for charge in lines),
        "idle": sum_in_order(charge.idle for charge in lines),
        "billed_ms": used["billed_ms"] + 0.0,  # the ceiling of no time at all is a minus zero
        "busy_ms": used["busy_ms"],
    }
