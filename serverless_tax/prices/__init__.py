"""The dated, sourced price sheets, and how one is read.

A sheet is data: for each dimension its unit, tiers, free allowance, source, the date it was
seen and how sure we are. Which of a dimension's rows holds depends on the day you ask for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from serverless_tax.ground.plugged_in import plugged_in_sheet, plugged_in_sheets
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.prices.other_regions import listed, listed_regions, region_asked
from serverless_tax.prices.schema import NoPriceSheet, read_sheet

#: The vendor whose regions are asked for, and the one that is, where nothing else is said.
HOME_VENDOR, HOME_REGION = "AWS", "us-east-1"

#: Where sheets are shipped: each beside its rule, and here what no rule meters.
_SHIPPED = ("serverless_tax.platforms", "serverless_tax.prices")

#: A price that nobody has looked at for this long says so on the bill.
STALE_AFTER_DAYS = 180


class UnknownPrice(LookupError, ValueError):
    """There is no price for what was asked; the message says what there is.

    ``since`` is the first day with a price of it, where the day is what is wrong.
    """

    def __init__(self, says: str, since: date | None = None) -> None:
        super().__init__(says)
        self.since = since


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One dimension's price from ``effective_from`` on.

    ``tiers`` is a tuple of ``(above, usd)``: the price of a unit beyond that many in the month. Of
    the last one, where it is ``in_wholes_of`` so many, those that are begun are billed whole.
    ``charged_as`` names the dimension whose price and tiers this one shares, ``free_after`` the one
    that uses up the allowance of both first, ``free_worth`` units of it each. ``busy`` names the
    dimension that says in how much of this one the CPU worked, and ``used`` the one that says in
    how much of it there was a request. With neither, all of it is work.
    """

    dimension: str
    label: str
    unit: str
    tiers: tuple[tuple[Any, Any], ...]
    effective_from: date
    source: str
    seen: date
    confidence: str
    in_wholes_of: float = 0.0
    free_per_month: Any = 0.0
    free_after: str | None = None
    free_worth: float = 1.0
    charged_as: str | None = None
    busy: str | None = None
    used: str | None = None
    note: str = ""

    @property
    def by_the_piece(self) -> bool:
        """Whether it is paid for a request, a message or a byte, and not for a time."""
        timed = "cpu" in self.dimension or self.dimension.startswith("init_")
        return not (self.used or self.busy or timed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSheet:
    """The prices of one platform in one region, every row of them, with their dates."""

    platform: str
    vendor: str
    region: str
    currency: str
    rows: tuple[Price, ...]
    #: What the home region has and this one does not: by dimension, what it is called.
    missing: Mapping[str, str] = field(default_factory=dict)

    def on(self, day: date) -> dict[str, Price]:
        """Return the price of each dimension that held on ``day``, in the order of the sheet.

        Raises:
            UnknownPrice: if the sheet has no price as old as that.
        """
        held: dict[str, Price] = {}
        for row in sorted(self.rows, key=lambda row: row.effective_from):
            if row.effective_from <= day:
                held[row.dimension] = row
        if not held and self.rows:
            first = min(row.effective_from for row in self.rows)
            msg = (
                f"There is no {self.platform} price for {day}: the sheet starts on {first};"
                " ask for that day or a later one."
            )
            raise UnknownPrice(msg, first)
        order = dict.fromkeys(row.dimension for row in self.rows)
        return {name: _resolved(held, name) for name in order if name in held}

    def priced(self, used: Mapping[str, Any], day: date) -> dict[str, Price]:
        """Return the prices of ``day``, once sure that everything used had a price by then.

        Raises:
            UnknownPrice: if something used was not on offer yet, or has no price here in this
                region; it must not come out as free.
        """
        for name, label in self.missing.items():
            if np.any(used.get(name, 0)):
                msg = (
                    f"There is no {self.platform} price for {label!r} in {self.region}: none that"
                    " could be sourced; ask without it, or for another region."
                )
                raise UnknownPrice(msg)
        held = self.on(day)
        for row in self.rows:  # in the order of their dates, so the first is where a price starts
            if row.dimension not in held and np.any(used.get(row.dimension, 0)):
                msg = (
                    f"There is no {self.platform} price for {row.label!r} on {day}: it starts on"
                    f" {row.effective_from}; ask for that day or a later one."
                )
                raise UnknownPrice(msg, row.effective_from)
        return held


def _resolved(held: dict[str, Price], name: str) -> Price:
    """Give a dimension that is charged as another the tiers and allowance of that other."""
    price = held[name]
    if price.charged_as is None:
        return price
    meter = held[price.charged_as]
    return replace(price, tiers=meter.tiers, free_per_month=meter.free_per_month)


def billing_day(on: object = None) -> date:
    """Return the day whose prices are asked for: today, unless one is given.

    Raises:
        InvalidQuantity: if it is not a date.
    """
    if on is None:
        return date.today()  # noqa: DTZ011 - a price holds by the local calendar day
    if isinstance(on, datetime):
        return on.date()
    if not isinstance(on, date):
        msg = f"on is {on!r}; expected a date, such as datetime.date(2026, 11, 1)."
        raise InvalidQuantity(msg)
    return on


def to_come(day: date) -> Iterator[str]:
    """Yield a sentence if no price of that day can be known yet."""
    if day > billing_day():
        yield f"{day} is to come: these are the prices that are known today."


def sheet_ids() -> list[str]:
    """Return the id of every price sheet.

    >>> "aws-lambda" in sheet_ids()
    True
    """
    names = [path.name for folder in _SHIPPED for path in files(folder).iterdir()]
    stems = [name.removesuffix(".toml") for name in names if name.endswith(".toml")]
    # A dot is for another region's.
    shipped = {stem.replace("_", "-") for stem in stems if "." not in stem}
    return sorted({*shipped, *plugged_in_sheets()})


def sheet_path(platform: str, region: str = HOME_REGION, *, home: str = HOME_REGION) -> Path | None:
    """Return the file of a sheet, or None if there is none for that region.

    The folder in ``SERVERLESS_TAX_PRICES``, if that is set, is looked into first.
    """
    ending = ".toml" if region == home else f".{region}.toml"
    places = [*_own_places(platform, ending), shipped_path(platform, ending)]
    return next((path for path in places if _is_there(path)), None)


def _own_places(platform: str, ending: str) -> Iterator[Path]:
    """Yield where a sheet of the user's own may stand: by the platform's id, or as it is shipped.

    Raises:
        NoPriceSheet: if there is no such folder.
    """
    own = os.environ.get("SERVERLESS_TAX_PRICES")
    if not own:
        return
    if not Path(own).is_dir():
        msg = f"SERVERLESS_TAX_PRICES is {own!r}: there is no such folder; name one that exists."
        raise NoPriceSheet(msg)
    yield from (Path(own, name + ending) for name in (platform, platform.replace("-", "_")))


def _is_there(path: Path) -> bool:
    """Whether something stands there: if it is no file that can be read, reading it says so."""
    try:
        return path.exists() or path.is_symlink()
    except OSError:
        return True


@cache
def _shipped_folders() -> tuple[Path, ...]:
    return tuple(Path(str(files(folder))) for folder in _SHIPPED)


def shipped_path(platform: str, ending: str = ".toml") -> Path:
    """Return where a sheet is shipped, or would be: beside its rule, under the rule's name."""
    name = platform.replace("-", "_")
    folders = [*_shipped_folders()]
    if elsewhere := plugged_in_sheet(platform):
        folders.append(elsewhere.parent)
    home = next((folder for folder in folders if (folder / f"{name}.toml").is_file()), folders[0])
    return home / (name + ending)


@cache
def _head(platform: str) -> Mapping[str, str]:
    """Return the vendor and the region of a platform's own sheet."""
    path = sheet_path(platform)
    return read_sheet(path) if path else {}


def vendor(platform: str) -> str:
    """Return whose price sheet it is.

    >>> vendor("aws-lambda")
    'AWS'
    """
    return str(_head(platform).get("vendor", HOME_VENDOR))


@cache
def _vendors() -> tuple[str, ...]:
    """Return every vendor that has a sheet."""
    return tuple(dict.fromkeys(vendor(sheet) for sheet in sheet_ids() if "," not in vendor(sheet)))


def regions(platform: str) -> list[str]:
    """Return the regions that a sheet can be priced in: its own first, then those beside it.

    >>> "eu-west-1" in regions("aws-lambda")
    True
    """
    own = str(_head(platform).get("region", HOME_REGION))
    places = [*_own_places(platform, ""), shipped_path(platform, "")]
    beside = [
        path.name.removeprefix(f"{place.name}.").removesuffix(".toml")
        for place in places
        for path in place.parent.glob(f"{place.name}.*.toml")
    ]
    return list(dict.fromkeys([own, *sorted({*beside, *listed_regions(platform)} - {own})]))


def home_region(platform: str, region: Any) -> str:
    """Return the region a sheet is priced in when ``region`` is asked for.

    One of a vendor that is named, as in ``aws=eu-west-1,vercel=fra1``, is that one. A bare one is
    AWS's. Another vendor has its own: the one asked for, if there is a sheet of it, else that of
    the vendor's home.

    >>> home_region("aws-lambda", "eu-west-1"), home_region("vercel-fluid", "vercel=fra1")
    ('eu-west-1', 'fra1')

    Raises:
        InvalidQuantity: if the regions cannot be read, or name a vendor that does not exist.
    """
    if not isinstance(region, str):
        msg = f"region is {region!r}; expected a name such as 'us-east-1'."
        raise InvalidQuantity(msg)
    asked = region_asked(vendor(platform), region, _vendors() if "=" in region else ())
    if asked is not None:
        return asked
    if "=" not in region and (
        sheet_path(platform, region, home="") or region in listed_regions(platform)
    ):
        return region
    return str(_head(platform).get("region", HOME_REGION if "=" in region else region))


def region_in_words(region: str) -> str:
    """Return the region that was asked for as a sentence names it, or one a vendor.

    >>> region_in_words("eu-west-1"), region_in_words("aws=eu-west-1,vercel=fra1")
    ('eu-west-1', 'eu-west-1 of AWS and fra1 of Vercel')
    """
    asked = {one: region_asked(one, region, _vendors()) for one in _vendors() if "=" in region}
    return " and ".join(f"{where} of {one}" for one, where in asked.items() if where) or region


def elsewhere(sheets: Iterable[str], region: str) -> Iterator[str]:
    """Yield a sentence if a region was named that the vendor of these sheets is not priced in."""
    for sheet in list(sheets)[:1]:
        home = home_region(sheet, region)
        elsewhere_by_name = "=" not in region and region not in (
            HOME_REGION,
            _head(sheet)["region"],
        )
        if home != region and elsewhere_by_name:
            yield f"{vendor(sheet)} has no prices here for {region!r}: these are those of {home!r}."


@cache
def price_sheet(platform: str, region: str = HOME_REGION) -> PriceSheet:
    """Read the price sheet of a platform.

    >>> price_sheet("aws-lambda").on(date(2026, 11, 1))["requests"].tiers
    ((0.0, 2e-07),)

    Raises:
        UnknownPrice: if there is no sheet for that platform, or none for that region.
        NoPriceSheet: if the file is none, and what is wrong with it.
    """
    if region == HOME_REGION:
        region = home_region(platform, region)
    path = sheet_path(platform, region) or sheet_path(platform)
    if path is None:
        msg = f"There is no price sheet for {platform!r}; serverless_tax.platforms() lists them."
        raise UnknownPrice(msg)
    sheet = read_sheet(path)
    if sheet["platform"] != platform:
        msg = f"The price sheet {path} is of {sheet['platform']!r}; expected {platform!r}."
        raise NoPriceSheet(msg)
    shipped = shipped_path(platform)
    if "price" not in sheet and path != shipped and "price" in read_sheet(shipped):
        msg = f"The price sheet {path} has no [[price]]: all of {platform} would cost nothing."
        raise NoPriceSheet(msg)
    rows = tuple(_price(row) for row in sheet.pop("price", ()))
    here = PriceSheet(rows=rows, **sheet)
    if region != here.region and rows:  # what costs nothing does so anywhere
        return _elsewhere(here, region)
    home = sheet_path(platform)
    if path == home or not rows or home is None:
        return here
    return replace(here, missing=_lacking(here.rows, price_sheet(platform).rows))


def _lacking(rows: Iterable[Price], home: Iterable[Price]) -> dict[str, str]:
    """Return what the home region has and these rows do not: by dimension, what it is called."""
    there = {row.dimension for row in rows}
    return {row.dimension: row.label for row in home if row.dimension not in there}


def _elsewhere(home: PriceSheet, region: str) -> PriceSheet:
    """Return a sheet in another region, from the table of what is charged there.

    Raises:
        UnknownPrice: if the table has nothing of it; the message lists the regions there are.
    """
    found = listed(home.platform, region)
    latest = {row.dimension: row for row in home.rows}
    rows = []
    for name, row in latest.items():
        if there := found.get(name):
            edges = [above for above, _ in row.tiers]
            tiers = tuple(zip(edges, there.usd, strict=True))
            seen = {key: getattr(there, key) for key in ("source", "seen", "confidence", "note")}
            free = row.free_per_month if there.free is None else there.free
            since = there.effective_from
            moved = replace(row, tiers=tiers, effective_from=since, free_per_month=free, **seen)
            rows.append(moved)
        elif row.charged_as in found:
            since = found[str(row.charged_as)].effective_from
            rows.append(replace(row, effective_from=max(row.effective_from, since)))
    if rows:
        lacking = _lacking(rows, home.rows)
        return replace(home, region=region, rows=tuple(rows), missing=lacking)
    from serverless_tax.prices.aws_list import ROWS  # noqa: PLC0415 - only to say this

    platform, there_are = home.platform, regions(home.platform)
    command = f"serverless-tax prices refresh {platform} --region {region} reads them."
    by_hand = (
        f"look them up, and put {platform}.{region}.toml into the folder that"
        " SERVERLESS_TAX_PRICES names."
    )
    msg = (
        f"{platform} has no prices for the region {region!r}, only for"
        f" {', '.join(map(repr, there_are))};"
        f" {command if any(platform == listed for listed, _ in ROWS) else by_hand}"
    )
    raise UnknownPrice(msg)


def _price(row: dict[str, Any]) -> Price:
    """Make one row of a sheet a price: ``usd`` is short for a single tier."""
    if "usd" in row:
        row["tiers"] = [{"above": 0, "usd": row.pop("usd")}]
    tiers = tuple((float(tier["above"]), float(tier["usd"])) for tier in row.pop("tiers", ()))
    return Price(tiers=tiers, **row)


def stale(price: Price, today: date) -> str | None:
    """Return a sentence for a price that has not been looked at for too long, else None."""
    days = (today - price.seen).days
    if days <= STALE_AFTER_DAYS:
        return None
    return f"{price.label}: price last seen {price.seen}, {days} days ago; see {price.source}"
