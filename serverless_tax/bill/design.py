"""A design: a platform and the parts of the path in front of it, metered and priced as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from reprlib import repr as short
from typing import Any

from serverless_tax.ground.checks import meant
from serverless_tax.ground.request import Quantity, Request, Sample
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms import Platform, platform
from serverless_tax.platforms.base import IN_FLIGHT
from serverless_tax.prices import HOME_VENDOR, Price, UnknownPrice, home_region, price_sheet, vendor

#: What every request passes on its way, whatever serves it.
_REST_OF_THE_PATH = ("aws-logs", "aws-data-transfer")


@dataclass(frozen=True, slots=True)
class Design:
    """What serves a request, and the parts of the path to it that are on the bill."""

    platform: Platform
    parts: tuple[Platform, ...] = ()

    @property
    def id(self) -> str:
        """The ids of the platform and of its parts, joined by ``+``."""
        return "+".join(part.id for part in (self.platform, *self.parts))

    @property
    def name(self) -> str:
        """The names of the platform and of its parts."""
        return ", ".join(part.name for part in (self.platform, *self.parts))

    def check(self, w: Request) -> None:
        """Refuse a size that cannot be configured, and what is no workload.

        Raises:
            InvalidQuantity: naming the size and what is offered.
        """
        if not hasattr(w, "requests_per_month"):
            msg = f"workload is {short(w)}; expected a Workload: Workload.preset('article')."
            raise InvalidQuantity(msg)
        for part in (self.platform, *self.parts):
            part.check(w)

    def can_serve(self, w: Request) -> Quantity:
        """Return 1 where it can serve these requests as they are, else 0: plain arithmetic."""
        able = self.platform.can_serve(w)
        for part in self.parts:
            able = able * part.can_serve(self.platform.as_served(w))
        return able

    def obstacles(self, w: Sample) -> Iterator[str]:
        """Yield a sentence for each reason why it cannot serve these requests as they are."""
        yield from self.platform.obstacles(w)
        for part in self.parts:
            yield from part.obstacles(self.platform.as_served(w))

    def notes(self, w: Request) -> Iterator[str]:
        """Yield a sentence for each thing that a bill of this workload takes for granted."""
        yield from self.platform.notes(w)
        for part in self.parts:
            yield from part.notes(self.platform.as_served(w))

    def not_sold(self, day: date) -> Iterator[str]:
        """Yield a sentence for each of its parts that one could not choose on that day."""
        yield from filter(None, (part.not_sold(day) for part in (self.platform, *self.parts)))

    def usage(self, w: Request) -> dict[str, Quantity]:
        """Return the month's sums of everything metered for each request."""
        used = self.platform.usage(w)
        if not used.keys() >= IN_FLIGHT:
            used = self.platform.in_flight(w) | used
        for part in self.parts:
            used |= part.usage(self.platform.as_served(w))
        return used

    def month(self, used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
        """Return ``used`` and what only the month as a whole decides: instances, hours, peaks."""
        everything = dict(used)
        for part in (self.platform, *self.parts):
            if part.month:
                everything |= part.month(everything, w)
        return everything

    def priced_in(self, region: str) -> bool:
        """Whether there is a price sheet of each of its parts for a region."""
        sheets = (sheet for part in (self.platform, *self.parts) for sheet in part.priced_by)
        try:
            return all(price_sheet(one, home_region(one, region)) for one in sheets)
        except UnknownPrice:
            return False

    def prices(self, used: Mapping[str, Quantity], day: date, region: str) -> dict[str, Price]:
        """Return the prices of ``day``, of everything this design can be charged for.

        Raises:
            UnknownPrice: if something used has no price for that region or day.
            InvalidQuantity: if a sheet splits a price by something that no rule meters.
        """
        prices: dict[str, Price] = {}
        for part in (self.platform, *self.parts):
            for sheet in part.priced_by:
                prices_there = price_sheet(sheet, home_region(sheet, region))
                for name, price in prices_there.priced(used, day).items():
                    _check_split(sheet, price, used)
                    paid = price if part.free_tier else replace(price, free_per_month=0.0)
                    prices.setdefault(name, paid)
        return prices


def _check_split(sheet: str, price: Price, used: Mapping[str, Quantity]) -> None:
    """Refuse a price whose shares of work and of use are not metered, in a sheet of one's own."""
    for key in ("busy", "used"):
        by = getattr(price, key)
        if price.dimension in used and by and by not in used:
            msg = (
                f"The price sheet of {sheet} has {key} = {by!r} for {price.dimension!r}, which no"
                f" rule meters; {meant(by, used)}"
            )
            raise InvalidQuantity(msg)


def of_aws(part: Platform) -> bool:
    """Say whether it is AWS's."""
    return vendor(part.priced_by[0]) == HOME_VENDOR


def design(name: Any, path: str | tuple[str, ...] = ()) -> Design:
    """Return the design of that name: a platform's id, with the parts of its path behind a ``+``.

    ``path`` adds parts: a tuple of their ids, ``"needed"`` (those that the platform cannot be
    reached without, unless the name has parts of its own) or ``"whole"`` (the same, logs and
    data transfer).

    >>> design("aws-lambda").id
    'aws-lambda'

    Raises:
        InvalidQuantity: for an id that does not exist, or one that cannot stand in that place.
    """
    head, *named = name.split("+") if isinstance(name, str) else (name,)
    target = platform(head)
    known = path in ("needed", "whole") if isinstance(path, str) else isinstance(path, tuple | list)
    if not known:
        msg = f"path is {path!r}; use 'needed', 'whole' or a tuple of ids of its parts."
        raise InvalidQuantity(msg)
    if isinstance(path, str):
        # Logs and data transfer are priced here for AWS alone.
        rest = _REST_OF_THE_PATH if path == "whole" and of_aws(target) else ()
        added = (*(named or target.path), *rest)
    else:
        added = (*named, *path)
    parts = tuple({part.id: part for part in map(platform, added)}.values())
    for part in parts:
        if of_aws(part) != of_aws(target):
            msg = f"{part.id} does not lead to {head}: they are of different vendors."
            raise InvalidQuantity(msg)
        if part.id in target.not_behind:
            msg = (
                f"{part.id} does not lead to {head}: it waits for the whole answer, and passes"
                " nothing on before."
            )
            raise InvalidQuantity(msg)
        if part.serves or part is target:
            msg = f"{part.id} is not a part of the path to {head}; it can only stand first."
            raise InvalidQuantity(msg)
    return Design(target, parts)
