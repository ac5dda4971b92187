"""What a log's invocations cost: the sheet's prices, its tiers over the account's months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from serverless_tax.audit.sums.functions import FunctionLog, merged_days
from serverless_tax.bill.pricing import at_rates, charges
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.prices import Price, UnknownPrice, billing_day, price_sheet

if TYPE_CHECKING:
    from serverless_tax.prices.overrides import Rates

#: MB·ms in a GB-second.
MB_MS = 1024 * 1000

_CHIPS = {"x86_64": "x86", "arm64": "arm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Whose prices of which day, and what a log does not say of its functions.

    ``region_is_given`` is whether their user says the region; else the log may. ``architectures``
    are those of functions by name, where they are not the one of all others. ``hour_usd`` is what
    an hour of work costs, and ``effective_rate`` the share of the list price that is paid; None
    is unknown, and the log's dollars are then those of the list. ``known`` are answers of the
    advisor's that are said of all functions, by their names in :class:`serverless_tax.Facts`.
    """

    on: date | None = None
    region: str = "us-east-1"
    region_is_given: bool = False
    architecture: str = "x86_64"
    architecture_is_given: bool = False
    architectures: Mapping[str, str] = field(default_factory=dict)
    free_tier: bool = False
    rates: Rates | None = None
    hour_usd: float | None = 100.0
    effective_rate: float | None = 1.0
    known: Mapping[str, Any] = field(default_factory=dict)

    def architecture_of(self, name: str) -> str:
        """Return a function's architecture, as its user says.

        Raises:
            InvalidQuantity: for one that does not exist.
        """
        said = self.architectures.get(name, self.architecture)
        if said not in _CHIPS:
            msg = f"architecture is {said!r}; use one of {', '.join(_CHIPS)}."
            raise InvalidQuantity(msg)
        return said

    def chip_of(self, name: str) -> str:
        """Return the name of a function's architecture in the price sheet."""
        return _CHIPS[self.architecture_of(name)]

    def prices(self) -> dict[str, Price]:
        """Return Lambda's prices on these terms.

        Raises:
            UnknownPrice: if there are none for that region or day.
        """
        day = billing_day(self.on)
        return at_rates(price_sheet("aws-lambda", self.region).on(day), self.rates)


@dataclass(frozen=True, slots=True)
class Money:
    """Average prices of the account, its tiers and allowances shared by all its functions."""

    usd_per_request: float
    usd_per_mb_ms: float

    def usd(self, invocations: int, mb_ms: float) -> float:
        """Return what some invocations cost, in USD."""
        return invocations * self.usd_per_request + self.duration_usd(mb_ms)

    def duration_usd(self, mb_ms: float) -> float:
        """Return what some billed time costs, in USD."""
        return mb_ms * self.usd_per_mb_ms


@dataclass(frozen=True, slots=True)
class Tariff:
    """By which prices a function is billed: of which sheet, region and architecture."""

    sheet: str
    region: str
    chip: str


def tariff_of(log: FunctionLog, terms: Terms) -> Tariff:
    """Return by which prices a function is billed, as its lines say."""
    if log.is_edge:
        return Tariff("aws-lambda-edge", "us-east-1", "x86")
    sheet = "aws-lambda-provisioned" if log.is_provisioned else "aws-lambda"
    return Tariff(sheet, region_of(log, terms), terms.chip_of(log.name))


def region_of(log: FunctionLog, terms: Terms) -> str:
    """Return the region a function is priced in: as its user says, or its lines, if it is known."""
    if terms.region_is_given or not log.region:
        return terms.region
    try:
        replace(terms, region=log.region).prices()
    except (UnknownPrice, InvalidQuantity):
        return terms.region
    return log.region


def money(logs: Sequence[FunctionLog], terms: Terms) -> dict[str, Money]:
    """Price what all functions were billed for, month by month; return the averages of each.

    Functions that are billed by the same prices share their tiers and allowances.
    """
    by_tariff: dict[Tariff, list[FunctionLog]] = {}
    for log in logs:
        by_tariff.setdefault(tariff_of(log, terms), []).append(log)
    found: dict[str, Money] = {}
    for tariff, alike in by_tariff.items():
        one = _averages(alike, _prices(tariff, terms), tariff.chip, terms)
        found |= {log.name: one for log in alike}
    return found


def _prices(tariff: Tariff, terms: Terms) -> dict[str, Price]:
    time = f"duration_{tariff.chip}_gb_seconds"
    if tariff.sheet == "aws-lambda":
        return replace(terms, region=tariff.region).prices()
    prices = price_sheet(tariff.sheet, tariff.region).on(billing_day(terms.on))
    names = {"requests": "edge_requests", time: "edge_gb_seconds"}
    if tariff.sheet == "aws-lambda-provisioned":
        names = {"requests": "provisioned_requests", time: f"provisioned_{time}"}
    return {
        name: replace(prices[there], dimension=name, busy="busy_gb_seconds")
        for name, there in names.items()
    }


def _averages(
    logs: Sequence[FunctionLog], prices: Mapping[str, Price], chip: str, terms: Terms
) -> Money:
    by_calendar_month: dict[str, tuple[int, int]] = {}
    for day, (count, mb_ms) in merged_days(log.by_day for log in logs).items():
        before = by_calendar_month.get(day[:7], (0, 0))
        by_calendar_month[day[:7]] = (before[0] + count, before[1] + mb_ms)
    paid = [calendar_month_usd(*used, prices, terms, chip) for used in by_calendar_month.values()]
    invocations = sum(count for count, _ in by_calendar_month.values())
    mb_ms = sum(quantity for _, quantity in by_calendar_month.values())
    return Money(
        sum(usd for usd, _ in paid) / max(invocations, 1),
        sum(usd for _, usd in paid) / max(mb_ms, 1),
    )


def calendar_month_usd(
    invocations: int, mb_ms: int, prices: Mapping[str, Price], terms: Terms, chip: str = "x86"
) -> tuple[float, float]:
    """Return a calendar month's cost in USD: for the requests, and for the time."""
    time = f"duration_{chip}_gb_seconds"
    used = {"requests": invocations, time: mb_ms / MB_MS, "busy_gb_seconds": 0.0}
    found = {"requests": 0.0, time: 0.0}
    for charge in charges(used, prices, free_tier=float(terms.free_tier)):
        found[charge.price.dimension] += float(charge.cost)
    paid = 1.0 if terms.effective_rate is None else terms.effective_rate
    return found["requests"] * paid, found[time] * paid
