"""A price sheet at its door: what is in it is checked once, here, and trusted from then on.

A sheet may be one of your own, so whatever is wrong with it is one sentence that names the file,
the row and what was expected.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from serverless_tax.ground.checks import meant
from serverless_tax.ground.files import unreadable
from serverless_tax.ground.units import InvalidQuantity

#: No unit costs this much, and no month has so many: beyond it a bill could not be added up.
_MOST = 1e15


class NoPriceSheet(InvalidQuantity):
    """A file of prices cannot be read, or is none: it is never passed over in silence."""


class Key(NamedTuple):
    """What stands behind a key: whether it may be left out, what fits, and how that is said."""

    fits: Callable[[Any], bool]
    expected: str
    required: bool = True


def is_amount(value: Any) -> bool:
    """Whether it is a number of at least 0 that one can pay."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value < _MOST  # a NaN is neither


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


_TEXT, _A_DAY = "some text in quotes", "a day, such as 2026-11-01, without quotes"
_USD = "USD a unit, a number of at least 0 and below 1e15"
_UNITS = "units a month, a number of at least 0 and below 1e15"

_SHEET = {
    "platform": Key(_is_text, _TEXT),
    "vendor": Key(_is_text, _TEXT),
    "region": Key(_is_text, _TEXT),
    "currency": Key(lambda value: bool(value == "USD"), '"USD"'),
    "price": Key(_are_tables, "rows, each under [[price]]", required=False),
}
_ROW = {
    "dimension": Key(_is_text, _TEXT),
    "label": Key(_is_text, _TEXT),
    "unit": Key(_is_text, _TEXT),
    "usd": Key(is_amount, _USD, required=False),
    "tiers": Key(_are_tables, "tiers such as [{ above = 0, usd = 0.05 }]", required=False),
    "in_wholes_of": Key(is_amount, _UNITS, required=False),
    "charged_as": Key(_is_text, _TEXT, required=False),
    "free_per_month": Key(is_amount, _UNITS, required=False),
    "free_after": Key(_is_text, _TEXT, required=False),
    "free_worth": Key(is_amount, _UNITS, required=False),
    "effective_from": Key(_is_day, _A_DAY),
    "source": Key(_is_text, _TEXT),
    "seen": Key(_is_day, _A_DAY),
    "confidence": Key(_is_text, _TEXT),
    "busy": Key(_is_text, _TEXT, required=False),
    "used": Key(_is_text, _TEXT, required=False),
    "note": Key(lambda value: isinstance(value, str), _TEXT, required=False),
}
_TIER = {
    "above": Key(is_amount, _UNITS),
    "usd": Key(is_amount, _USD),
}
#: A row says in one of these ways what a unit costs.
_WAYS = ("usd", "tiers", "charged_as")


def read_sheet(path: Path) -> dict[str, Any]:
    """Return a price sheet's file as plain values, checked.

    Raises:
        NoPriceSheet: if it cannot be read, or is no price sheet.
    """
    sheet = read_toml(path, "The price sheet")
    for sentence in _wrong(sheet):
        msg = f"The price sheet {path} {sentence}."
        raise NoPriceSheet(msg)
    return sheet


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """Return a file's values; ``what`` it is begins the sentence that says why it has none.

    Raises:
        NoPriceSheet: if it cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))  # some editors begin with a mark
    except OSError as error:
        raise NoPriceSheet(unreadable(f"{what} {path}", error)) from None
    except UnicodeDecodeError as error:
        msg = f"{what} {path} is not text in UTF-8, from byte {error.start} on; save it as that."
        raise NoPriceSheet(msg) from None
    except RecursionError:
        msg = f"{what} {path} is not TOML that can be read: its brackets go too deep."
        raise NoPriceSheet(msg) from None
    except ValueError as error:
        msg = f"{what} {path} is not TOML: {error}."
        raise NoPriceSheet(msg) from None


def unknown(found: Mapping[str, Any], known: Mapping[str, Any] | tuple[str, ...]) -> Iterator[str]:
    """Yield the end of a sentence for each key that is not one of those known."""
    for name in found:
        if name not in known:
            yield f"has {name!r}, which means nothing there; {meant(name, known)[:-1]}"


def _wrong(sheet: Mapping[str, Any]) -> Iterator[str]:
    """Yield the end of a sentence for each thing that is wrong with a sheet."""
    yield from _misfits(sheet, _SHEET)
    rows = sheet.get("price", [])
    for k, row in enumerate(rows, 1):
        where = f"in row {k} of its [[price]]"
        if _is_text(row.get("dimension")):
            where += f", {row['dimension']!r},"
        for sentence in _wrong_row(row):
            yield f"{where} {sentence}"
    yield from _wrong_together(rows)


def _misfits(found: Mapping[str, Any], keys: Mapping[str, Key]) -> Iterator[str]:
    yield from unknown(found, tuple(keys))
    for name, key in keys.items():
        if name not in found:
            if key.required:
                yield f"has no {name!r}; expected {key.expected}"
        elif not key.fits(found[name]):
            yield f"has {name} = {_shown(found[name])}; expected {key.expected}"


def _shown(value: Any) -> str:
    """Return a value as it is written in a sheet, or nearly."""
    return str(value) if isinstance(value, date) else repr(value)


def _wrong_row(row: Mapping[str, Any]) -> Iterator[str]:
    yield from _misfits(row, _ROW)
    ways = [way for way in _WAYS if way in row]
    if len(ways) != 1:
        has = " and ".join(ways) or "no price"
        yield f"has {has}; expected one of usd, tiers and charged_as"
    if "tiers" in row:
        for k, tier in enumerate(row["tiers"], 1):
            for sentence in _misfits(tier, _TIER):
                yield f"{sentence}, in tier {k}"
        edges = [tier["above"] for tier in row["tiers"]]
        if edges[:1] != [0] or edges != sorted(set(edges)):
            yield f"has tiers from {edges}; expected them to start at 0 and to rise"


def _wrong_together(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with rows that are right alone."""
    seen: set[tuple[str, date]] = set()
    priced: dict[str, date] = {}
    for row in rows:
        name, day = row["dimension"], row["effective_from"]
        if (name, day) in seen:
            yield f"has two prices of {name!r} from {day} on; expected one"
        seen.add((name, day))
        if "charged_as" not in row:
            priced[name] = min(day, priced.get(name, day))
    for row in rows:
        name, meter = row["dimension"], row.get("charged_as")
        if meter and (meter == name or priced.get(meter, date.max) > row["effective_from"]):
            yield (
                f"has {name!r} charged as {meter!r}, which has no price of its own from"
                f" {row['effective_from']} on; expected a dimension that has"
            )
