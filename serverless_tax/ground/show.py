"""One rule that formats a number for a reader, the same in Python and on the page.

``widgets/page/show.js`` is its twin; one table of cases in the tests holds both. Rounding is half
up on the scaled number, because Python's ``round`` and JavaScript's ``toFixed`` settle ties
differently.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from itertools import accumulate, pairwise

_SIGNIFICANT = 3
_PLAIN_USD = 0.01  # below a cent, dollars are shown with significant digits
_WHOLE_USD = 10_000  # from here on, cents are noise
_CRUMB = 1e-6  # what is left of a sum that comes to nothing
_COUNTED = ("answer", "hour", "invocation", "request", "token")


def show(value: float, unit: str) -> str:
    """Return ``value`` as text a reader takes in at once.

    Units: ``usd``, ``usd0`` (whole dollars), ``price`` (dollars, every digit), ``count``,
    ``ms``, ``s``, ``min`` (of seconds), ``x`` (a multiple), ``percent`` (of a share from 0 to 1),
    ``mb``, ``number`` (three significant digits), ``months`` (or days, or years), and what is
    counted: ``answers``, ``hours``, ``invocations``, ``requests``, ``tokens``.

    >>> show(811.3319, "usd"), show(0.0000809334, "usd"), show(882.9, "x"), show(4855.5, "ms")
    ('$811.33', '$0.0000809', '883x', '4,855.5 ms')

    Raises:
        KeyError: for a unit that is not listed.
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    text = _UNITS[unit](abs(value))
    return f"−{text}" if value < 0 and any(c in "123456789" for c in text) else text


def many(count: float, noun: str, verb: str = "") -> str:
    """Return how many there are of something, and a verb that fits.

    >>> many(1, "record", "are"), many(1200, "record", "are"), many(1, "function", "have")
    ('1 record is', '1,200 records are', '1 function has')
    """
    one = {"are": "is", "have": "has", "stand": "stands"}
    number = show(count, "count")
    words = [number, noun if number == "1" else f"{noun}s"]
    return " ".join([*words, one.get(verb, verb) if number == "1" else verb]).rstrip()


def fixed(value: float, decimals: int) -> str:
    """Return a number of at least 0 with thousands separators, rounded half up."""
    scaled = math.floor(value * 10**decimals + 0.5)
    digits = str(scaled).rjust(decimals + 1, "0")
    whole, part = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    return f"{int(whole):,}" + (f".{part}" if decimals else "")


def trimmed(value: float, decimals: int) -> str:
    """Return what :func:`fixed` does, without its last zeros; or three digits of less than that."""
    text = fixed(value, decimals)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return significant(value) if text == "0" and value > _CRUMB else text


def significant(value: float) -> str:
    """Return a number with three significant digits, never in powers of ten."""
    if value == 0:
        return "0"
    decimals = 0
    while decimals < 15 and value * 10**decimals < 10 ** (_SIGNIFICANT - 1):
        decimals += 1
    return trimmed(value, decimals)


def exact(value: float) -> str:
    """Return a number with every digit it has, and at least two after the point."""
    text = f"{Decimal(repr(float(value))):f}"
    whole, _, part = text.partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"


def _usd(value: float) -> str:
    if value == 0:
        return "$0.00"
    if value < _PLAIN_USD:
        return "$" + significant(value)
    return "$" + fixed(value, 0 if value >= _WHOLE_USD else 2)


def _multiple(value: float) -> str:
    return (fixed(value, 0) if value >= 10 else trimmed(value, 1)) + "x"


def _months(value: float) -> str:
    if value < 2:
        days = fixed(value * 365 / 12, 0)
        return {"0": "less than a day", "1": "1 day"}.get(days, f"{days} days")
    return fixed(value, 0) + " months" if value < 24 else trimmed(value / 12, 1) + " years"


_UNITS: dict[str, Callable[[float], str]] = {
    "usd": _usd,
    "price": lambda v: "$" + (exact(v) if v < 1 else fixed(v, 2)),
    "usd0": lambda v: "$" + fixed(v, 0),
    "count": lambda v: fixed(v, 0) if v >= 100 else trimmed(v, 2),
    "ms": lambda v: (trimmed(v, 1) if v >= 10 else trimmed(v, 2)) + " ms",
    "s": lambda v: (trimmed(v, 1) if v >= 10 else trimmed(v, 3)) + " s",
    "min": lambda v: trimmed(v / 60, 1) + " min",
    "x": _multiple,
    "percent": lambda v: (trimmed(v * 100, 1) if v >= 0.01 else significant(v * 100)) + " %",
    "mb": lambda v: trimmed(v, 0) + " MB",
    "number": significant,
    "months": _months,
    **{f"{noun}s": partial(many, noun=noun) for noun in _COUNTED},
}


def adding_up(usd: Iterable[float]) -> list[str]:
    """Return dollars as a bill lists them: the lines as they are shown add up to their sum.

    Each is within a cent of what it is. Parts of a cent are shown as they are, and so are all where
    a float has no cents left.

    >>> adding_up([808.4183, 2.9166]), show(811.3349, "usd")
    (['$808.42', '$2.91'], '$811.33')
    """
    amounts = list(usd)
    total = sum(amounts)
    odd = any(0 < amount < _PLAIN_USD or not math.isfinite(amount) for amount in amounts)
    if odd or math.ulp(total) > _PLAIN_USD / 2:
        return [show(amount, "usd") for amount in amounts]
    ends = [0, *(math.floor(100 * amount + 0.5) for amount in accumulate(amounts))]
    return [show((end - start) / 100, "usd") for start, end in pairwise(ends)]
