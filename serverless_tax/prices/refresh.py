"""Refreshing the price sheets from the vendors' own lists, and checking them against those.

A price that changed is appended with today's date; one that did not gets today's date as the day
it was last seen. Nothing is ever removed, and a file is replaced whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table

from serverless_tax.ground.checks import meant
from serverless_tax.ground.files import write_whole
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.prices import Price, billing_day, price_sheet, regions, sheet_path, shipped_path
from serverless_tax.prices.aws_list import ROWS, Tiers, from_api, from_bulk, tiers_of
from serverless_tax.prices.aws_list import PricesUnreachable as PricesUnreachable  # noqa: PLC0414
from serverless_tax.prices.tokens import SHEET as TOKENS
from serverless_tax.prices.tokens import todays_rows, token_prices

_HOME = "us-east-1"
_NEARLY = 1e-9
_REFUSED = "{path} cannot be written ({reason}); set SERVERLESS_TAX_PRICES to a folder that can."


@dataclass(frozen=True, slots=True)
class Difference:
    """A price that is not what the sheet has: the tiers of ``(above, usd)`` before and after."""

    sheet: str
    region: str
    dimension: str
    before: Tiers
    after: Tiers

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as plain values, ready for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __str__(self) -> str:
        """Say what was, and what is."""
        was, now = (_in_words(tiers) for tiers in (self.before, self.after))
        return f"{self.sheet}, {self.region}, {self.dimension}: {was} -> {now}"


def _in_words(tiers: Tiers) -> str:
    if not tiers:
        return "none"
    return ", ".join(
        f"${usd:.12g}" + (f" above {above:,g}" if above else "") for above, usd in tiers
    )


def refreshable() -> list[str]:
    """Return the sheets that some list can refresh; the others are looked up by hand.

    >>> "aws-lambda" in refreshable()
    True
    """
    return [*dict.fromkeys(sheet for sheet, _ in ROWS), TOKENS]


def check(
    sheets: Iterable[str] | None = None,
    *,
    region: str = _HOME,
    via: str = "bulk",
    on: date | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Difference]:
    """Return every price that is not what the vendors' lists say today; write nothing.

    Raises:
        InvalidQuantity: for a sheet that no list has.
        PricesUnreachable: if a list cannot be read.
    """
    found = _found(_named(sheets, region), region, via, progress)
    return [
        d for sheet, tiers in found for d in _differences(sheet, region, tiers, billing_day(on))
    ]


def refresh(
    sheets: Iterable[str] | None = None,
    *,
    region: str = _HOME,
    via: str = "bulk",
    on: date | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Difference]:
    """Bring the sheets up to date, and return what changed.

    For a region without sheets of its own, new ones are made beside the others. Sheets are read
    from and written to the folder in ``SERVERLESS_TAX_PRICES`` first, if that is set.

    Raises:
        InvalidQuantity: for a sheet that no list has.
        PricesUnreachable: if a list cannot be read; then nothing is written.
    """
    today = billing_day(on)
    found = list(_found(_named(sheets, region), region, via, progress))
    changed = [d for sheet, tiers in found for d in _differences(sheet, region, tiers, today)]
    renewed = {  # all of them, before any is written
        _target(sheet, region): _renewed(sheet, region, tiers, today) for sheet, tiers in found
    }
    try:
        for path, text in renewed.items():
            write_whole(path, text, _REFUSED)
    finally:
        price_sheet.cache_clear()
        token_prices.cache_clear()
    return changed


def _named(sheets: Iterable[str] | None, region: str) -> list[str]:
    every = refreshable()
    if sheets is None:
        return every if region == _HOME else [sheet for sheet in every if sheet != TOKENS]
    for sheet in (named := list(sheets)):
        if sheet not in every:
            msg = f"No price list refreshes {sheet!r}; {meant(sheet, every)}"
            raise InvalidQuantity(msg)
    return named


def _found(
    sheets: list[str], region: str, via: str, progress: Callable[[str], None]
) -> Iterator[tuple[str, dict[str, Tiers]]]:
    """Yield the tiers that the lists have for each sheet, by dimension."""
    if via not in ("bulk", "api"):
        msg = f"via is {via!r}; use bulk, the public files, or api, boto3."
        raise InvalidQuantity(msg)

    @cache
    def offer(name: str) -> Any:
        progress(f"reading the price list of {name}, {region}")
        return (from_bulk if via == "bulk" else from_api)(name, region)

    for sheet in sheets:
        if sheet == TOKENS:
            yield sheet, _token_tiers()
            continue
        listed = {
            dimension: tiers_of(row, offer(row.offer))
            for (named, dimension), row in ROWS.items()
            if named == sheet
        }
        for dimension in (name for name, tiers in listed.items() if not tiers):
            progress(f"{dimension} of {sheet} is not in the list of {region}; not checked")
        yield sheet, {name: tiers for name, tiers in listed.items() if tiers}


def _token_tiers() -> dict[str, Tiers]:
    try:
        return {row["dimension"]: ((0.0, row["usd"]),) for row in todays_rows()}
    except ImportError:
        msg = "The prices of tokens need genai-prices; pip install 'serverless-tax[prices]'."
        raise PricesUnreachable(msg) from None


def _differences(
    sheet: str, region: str, found: dict[str, Tiers], today: date
) -> Iterator[Difference]:
    held = price_sheet(sheet, region).on(today) if region in regions(sheet) else {}
    for dimension, tiers in found.items():
        before = held[dimension].tiers if dimension in held else ()
        if not _alike(before, tiers):
            yield Difference(sheet, region, dimension, before, tiers)


def _alike(a: Tiers, b: Tiers) -> bool:
    return len(a) == len(b) and all(
        abs(x - y) <= _NEARLY * max(abs(x), abs(y))
        for one, other in zip(a, b, strict=True)
        for x, y in zip(one, other, strict=True)
    )


def _renewed(sheet: str, region: str, found: dict[str, Tiers], today: date) -> str:
    """Return the sheet's text, what changed appended to it, and what did not seen today."""
    own = sheet_path(sheet, region)
    template = own or sheet_path(sheet, _HOME)
    if template is None:
        msg = f"There is no price sheet {sheet!r} to start from."
        raise InvalidQuantity(msg)
    document = tomlkit.parse(template.read_text("utf-8"))
    if own is None:
        _start_region(document, sheet, region, found, today)
    rows = document["price"]
    if not isinstance(rows, AoT):
        msg = f"{template} has no [[price]] rows."
        raise InvalidQuantity(msg)
    held = {row["dimension"]: row for row in sorted(rows, key=lambda row: row["effective_from"])}
    prices: dict[str, Price] = price_sheet(sheet, _HOME if own is None else region).on(today)
    for dimension, tiers in found.items():
        row = held.get(dimension)
        if row is None:
            rows.append(_new(sheet, dimension, tiers, today))
        elif own is None or _alike(prices[dimension].tiers, tiers):
            row["seen"] = today
        else:
            if row["effective_from"] == today:  # changed twice in a day: the last one holds
                del rows[next(k for k, one in enumerate(rows) if one is row)]
            rows.append(_changed(row, tiers, today))
    return tomlkit.dumps(document)


def _new(sheet: str, dimension: str, tiers: Tiers, today: date) -> Table:
    """Return a row for a price that the file did not have: a new model's, or the home region's."""
    template = sheet_path(sheet, _HOME)
    if sheet == TOKENS or template is None:
        fresh = tomlkit.table()
        fresh.update(next(row for row in todays_rows() if row["dimension"] == dimension))
        return fresh
    rows = tomlkit.parse(template.read_text("utf-8"))["price"]
    return _changed([row for row in rows if row["dimension"] == dimension][-1], tiers, today)


def _start_region(
    document: Any, sheet: str, region: str, found: dict[str, Tiers], today: date
) -> None:
    """Make the sheet of another region of the home region's: its rows, the region's prices."""
    held = price_sheet(sheet, _HOME).on(today)
    missing = [n for n, p in held.items() if n not in found and not p.charged_as]
    if missing:
        names = ", ".join(missing)
        msg = f"The list has no price for {names} of {sheet} in {region}; none is made up."
        raise InvalidQuantity(msg)
    rows = tomlkit.aot()
    latest = {
        row["dimension"]: row
        for row in sorted(document["price"], key=lambda row: row["effective_from"])
    }
    for dimension in held:
        rows.append(_changed(latest[dimension], found.get(dimension), today))
    document["region"] = region
    document["price"] = rows


def _changed(row: Table, tiers: Tiers | None, today: date) -> Table:
    """Return a row like this one with other tiers, in force and seen from today."""
    fresh = tomlkit.table()
    for name, value in row.items():
        if name not in ("usd", "tiers", "note"):
            fresh[name] = value
        if name == "unit" and tiers is not None:
            if len(tiers) == 1:
                fresh["usd"] = tiers[0][1]
            else:
                steps = tomlkit.array().multiline(multiline=True)
                for above, usd in tiers:
                    steps.append(tomlkit.inline_table().append("above", above).append("usd", usd))
                fresh["tiers"] = steps
    fresh["effective_from"] = today
    fresh["seen"] = today
    return fresh


def _target(sheet: str, region: str) -> Path:
    ending = ".toml" if region == _HOME else f".{region}.toml"
    folder = os.environ.get("SERVERLESS_TAX_PRICES")
    return Path(folder, sheet + ending) if folder else shipped_path(sheet, ending)
