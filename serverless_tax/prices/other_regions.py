"""Regions: which one each vendor is priced in, and the prices of its other regions.

A region is asked for as AWS names it, ``eu-west-1``, or as one a vendor,
``aws=eu-west-1,vercel=fra1``. What a vendor charges elsewhere stands in one table, by sheet and
dimension; all else of a price (its unit, allowance, the edges of its tiers) is the home region's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from serverless_tax.ground.units import InvalidQuantity

_TABLES = files("serverless_tax.prices") / "regions"


class PriceThere(NamedTuple):
    """What a unit costs elsewhere: USD by tier, where that was read, and when."""

    usd: tuple[float, ...]
    effective_from: date
    source: str
    seen: date
    confidence: str
    note: str
    #: What is free of it in a month, where that is not as much as at home.
    free: float | None


@cache
def _table() -> dict[tuple[str, str], dict[str, PriceThere]]:
    """Return the prices of each sheet and region by dimension."""
    found: dict[tuple[str, str], dict[str, PriceThere]] = {}
    for block in _blocks():
        note, free = block.get("note", ""), block.get("free", {})
        said = {key: block[key] for key in ("effective_from", "source", "seen", "confidence")}
        for region, name, amount in _amounts(block):
            sheet, _, dimension = name.partition(".")
            usd = tuple(amount) if isinstance(amount, list) else (amount,)
            of_tiers = note if len(usd) > 1 or not note.startswith("The first tier") else ""
            of_sheet = found.setdefault((sheet, region), {})
            of_sheet[dimension] = PriceThere(usd=usd, note=of_tiers, free=free.get(name), **said)
    return found


def _blocks() -> Iterator[Mapping[str, Any]]:
    for table in _TABLES.iterdir():
        yield from tomllib.loads(table.read_text("utf-8"))["listed"]


def _amounts(block: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield region, name and price: the same ones of several regions, or a row for each."""
    for region in block.get("regions", [block.get("region")]):
        for name, amount in block.get("usd", {}).items():
            yield region, name, amount
    for region, row in block.get("rows", {}).items():
        for name, amount in zip(block["dimensions"], row, strict=True):
            yield region, name, amount


def listed(sheet: str, region: str) -> Mapping[str, PriceThere]:
    """Return what a sheet costs in another region, by dimension; nothing if that is not known.

    >>> listed("aws-lambda", "eu-west-1")["requests"].usd
    (2e-07,)
    """
    return _table().get((sheet, region), {})


def listed_regions(sheet: str) -> list[str]:
    """Return the regions in which the table has prices of a sheet.

    >>> listed_regions("aws-fargate")
    ['ap-northeast-1', 'ap-southeast-2', 'eu-central-1', 'eu-west-1', 'us-west-2']
    """
    return sorted(region for name, region in _table() if name == sheet)


def short_name(vendor: str) -> str:
    """Return how a vendor is named in a region that is asked for.

    >>> short_name("Google Cloud")
    'google'
    """
    return vendor.split(maxsplit=1)[0].lower()


def region_asked(vendor: str, region: str, vendors: Iterable[str]) -> str | None:
    """Return which region of a vendor is asked for by name, or None if none is.

    Args:
        vendor: whose region.
        region: what was asked for: one of AWS's, or one a vendor.
        vendors: all that there are, for the sentence about one that is not.

    >>> region_asked("Vercel", "aws=eu-west-1,vercel=fra1", ["AWS", "Vercel"])
    'fra1'

    Raises:
        InvalidQuantity: if it cannot be read, or names a vendor that does not exist.
    """
    if "=" not in region:
        return region if vendor == "AWS" else None
    asked: dict[str, str] = {}
    known = {short_name(one) for one in vendors}
    for part in region.split(","):
        name, equals, where = (word.strip() for word in part.partition("="))
        if not equals or not where:
            msg = f"region is {region!r}; write one a vendor, such as aws=eu-west-1,vercel=fra1."
            raise InvalidQuantity(msg)
        if name.lower() not in known:
            msg = f"region names {name!r}, which is no vendor here; there are {_named(known)}."
            raise InvalidQuantity(msg)
        if asked.setdefault(name.lower(), where) != where:
            msg = (
                f"region names {name!r} twice, as {asked[name.lower()]} and {where}; name it once."
            )
            raise InvalidQuantity(msg)
    return asked.get(short_name(vendor))


def _named(names: Iterable[Any]) -> str:
    return ", ".join(sorted(names))
