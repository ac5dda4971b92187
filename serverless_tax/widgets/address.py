"""The address that a widget's link copies, read in Python: what the reader has set on a page."""

from __future__ import annotations

from difflib import get_close_matches
from urllib.parse import parse_qsl, urlsplit

from serverless_tax.ground.units import InvalidQuantity, parse_mb, parse_ms, parse_number
from serverless_tax.widgets.scenario import (
    FIELDS,
    LINK_VERSION,
    UNKNOWABLE,
    ZERO_IS_UNKNOWN,
    scenario,
)

MARK = "st?"


def read_address(address: str) -> tuple[dict[str, float], list[str], set[str]]:
    """Return the values of an address, the names it leaves unknown, and the keys that it says.

    What it leaves out is its preset's. An address without a version is of the first, and one
    without a preset is the article's.

    >>> read_address("#st?v=2&preset=article&memory=512MB")[0]["memory_mb"]
    512.0

    Raises:
        InvalidQuantity: if it says what no widget sets, or a value out of its bounds.
    """
    by_key = {field.key: field for field in FIELDS}
    said = parse_qsl(urlsplit(address).fragment.removeprefix(MARK))
    version, preset = dict(said).get("v", "1"), dict(said).get("preset", "article")
    if version not in map(str, range(1, LINK_VERSION + 1)):
        msg = (
            f"The address is of version {version!r}, and this serverless-tax reads versions up to"
            f" {LINK_VERSION}; update it, or give the quantities as options."
        )
        raise InvalidQuantity(msg)
    values, unknown = scenario(preset), list[str]()
    for key, text in said:
        if key in ("v", "preset", "at"):  # where on a page it leads changes no quantity
            continue
        if key not in by_key:
            close = get_close_matches(key, by_key, n=1)
            hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(by_key)}."
            msg = f"The address has {key!r}, which no widget sets{hint}"
            raise InvalidQuantity(msg)
        field = by_key[key]
        if text == "unknown" and field.name in UNKNOWABLE:
            unknown.append(field.name)
            if field.name in ZERO_IS_UNKNOWN:
                values[field.name] = 0.0
            continue
        value = _read(text, field.unit, f"{key} in the address")
        if not field.low <= value <= field.high:
            expected = f"expected {field.low:,g} to {field.high:,g}"
            msg = f"{key} in the address is {value:,.10g}; {expected}."
            raise InvalidQuantity(msg)
        values[field.name] = value
    return values, unknown, {key for key, _ in said}


def _read(text: str, unit: str, what: str) -> float:
    if unit in ("ms", "s", "min"):
        ms = parse_ms(text, field=what, bare_unit=unit)
        return ms if unit == "ms" else ms / 1000
    if unit == "mb":
        return parse_mb(text, field=what)
    if unit == "percent" and text.endswith("%"):
        return parse_number(text.removesuffix("%"), field=what) / 100
    return parse_number(text.removeprefix("$"), field=what)
