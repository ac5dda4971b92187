"""Lengths of time and sizes of memory written as text, read exactly.

Text is parsed with :class:`decimal.Decimal`, because ``float("4.855") * 1000`` is already
a hair above 4855, and a hair above is a whole billed millisecond once it meets a ceiling.
"""

from __future__ import annotations

import re
from decimal import Decimal, DecimalException

_MS_PER_UNIT = {
    "us": Decimal("0.001"),
    "µs": Decimal("0.001"),
    "ms": Decimal(1),
    "s": Decimal(1000),
    "m": Decimal(60_000),
    "min": Decimal(60_000),
    "h": Decimal(3_600_000),
}
#: Units written out.
_LONG = {
    "millisecond": "ms",
    "milliseconds": "ms",
    "sec": "s",
    "second": "s",
    "seconds": "s",
    "minute": "min",
    "minutes": "min",
    "hour": "h",
    "hours": "h",
}
_MB_PER_UNIT = {"mb": Decimal(1), "mib": Decimal(1), "gb": Decimal(1024), "gib": Decimal(1024)}
# A comma only separates thousands, in threes: "4,8s" is 4.8 s to half of the world, and reading
# it as 48 s would be ten times wrong without a word.
_QUANTITY = re.compile(
    r"""\s* ( [+-]?
          (?: (?: [0-9]{1,3}(?:,[0-9]{3})+ | [0-9]+(?:_[0-9]+)* ) (?:\.[0-9]*)? | \.[0-9]+ )
          (?:[eE][+-]?[0-9]+)? )
        \s* ( [a-zA-Zµ]* | % ) \s*""",
    re.VERBOSE,
)
# Where a length in several units, such as "1m30s" or "1 minute 30 seconds", goes on with the next:
# behind a unit, which may end in an "e" that is no exponent's, where a number with a unit follows.
_NEXT_UNIT = re.compile(
    r"(?:(?<=[a-df-z])|(?<=[a-df-z]e))\s*(?=[0-9][0-9.]*\s*[a-zµ])", re.IGNORECASE
)
_A_SHARE = "a share such as 0.3 or 30%"
_GREEK_MU, _MICRO_SIGN = "\u03bc", "\u00b5"  # they look alike; keyboards give either


class InvalidQuantity(ValueError):
    """A quantity that cannot be used; the message names the field, the value and the way out."""


def parse_ms(text: str, *, field: str = "duration", bare_unit: str = "ms") -> float:
    """Return the milliseconds that ``text`` says.

    A number without a unit is read in ``bare_unit``: the field it is for names that unit.

    >>> parse_ms("4.855s"), parse_ms("4855ms"), parse_ms("5.5"), parse_ms("1m30s")
    (4855.0, 4855.0, 5.5, 90000.0)

    Raises:
        InvalidQuantity: if it is not a number followed by us, ms, s, m, min or h, or several.
    """
    expected = "a length such as 4.85s, 4850ms or 2min"
    pieces = _NEXT_UNIT.split(text)
    return sum(_parse(text, _MS_PER_UNIT, bare_unit, field, expected, of=p) for p in pieces)


def parse_mb(text: str, *, field: str = "memory_mb") -> float:
    """Return the megabytes that ``text`` says; 1 GB is 1,024 MB, as on an AWS bill.

    >>> parse_mb("1769"), parse_mb("1 GB"), parse_mb("512MB")
    (1769.0, 1024.0, 512.0)

    Raises:
        InvalidQuantity: if it is not a number followed by MB or GB.
    """
    return _parse(text, _MB_PER_UNIT, "mb", field, "a size such as 1024, 512MB or 1GB")


def parse_number(text: str, *, field: str) -> float:
    """Return the plain number that ``text`` says, thousands separators allowed.

    >>> parse_number("10e6", field="requests_per_month"), parse_number("10,000", field="n")
    (10000000.0, 10000.0)

    Raises:
        InvalidQuantity: if it is not a number, or carries a unit.
    """
    return _parse(text, {"": Decimal(1)}, "", field, "a plain number such as 500 or 10e6")


def parse_share(text: str, *, field: str) -> float:
    """Return the part of a whole that ``text`` says.

    >>> parse_share("0.3", field="part"), parse_share("30 %", field="part")
    (0.3, 0.3)

    Raises:
        InvalidQuantity: if it is not a number, or one of percent.
    """
    return _parse(text, {"": Decimal(1), "%": Decimal("0.01")}, "", field, _A_SHARE)


def _parse(
    text: str, units: dict[str, Decimal], bare: str, field: str, expected: str, *, of: str = ""
) -> float:
    """Return what ``text`` says, or the piece ``of`` it."""
    match = _QUANTITY.fullmatch((of or text).replace(_GREEK_MU, _MICRO_SIGN))
    unit = (match.group(2) or bare) if match else ""
    scale = units.get(unit) or units.get(_LONG.get(unit.lower(), unit.lower()))
    if match and scale is not None:
        try:
            return float(Decimal(re.sub("[_,]", "", match.group(1))) * scale)
        except DecimalException:  # an exponent beyond what Decimal holds
            pass
    msg = f"{field} is {text!r}, which is not {expected}: write it that way, or as a number."
    raise InvalidQuantity(msg)
