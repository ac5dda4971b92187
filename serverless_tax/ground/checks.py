"""The door of a workload: every value is checked once, here, and trusted from then on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from decimal import Decimal
from difflib import get_close_matches
from numbers import Real
from reprlib import repr as short
from typing import Any, TypeVar

import numpy as np

from serverless_tax.ground.units import InvalidQuantity, parse_mb, parse_ms, parse_number

#: The most that anything is: beyond it, products of quantities are no numbers any more.
MOST = 1e30

_Kind = TypeVar("_Kind")


class Value:
    """Something that is equal to another of its kind with the same values, arrays included."""

    __slots__ = ()

    def _key(self) -> tuple[Any, ...]:
        values = (getattr(self, f.name) for f in fields(self) if f.compare)  # type: ignore[arg-type]
        return tuple(v.tobytes() if isinstance(v, np.ndarray) else v for v in values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())


def meant(name: object, known: Iterable[str], otherwise: str = "") -> str:
    """Return the end of a sentence about a name that is none: the nearest there is, or all.

    >>> meant("request", ["requests", "answers"]), meant("x", ["requests", "answers"])
    ("did you mean 'requests'?", 'there are requests, answers.')
    """
    names = list(known)
    close = get_close_matches(str(name), names, n=1)
    return f"did you mean {close[0]!r}?" if close else otherwise or f"there are {', '.join(names)}."


def is_one_of(names: tuple[str, ...], value: object) -> bool:
    """Whether ``value`` is one of some words."""
    return isinstance(value, str) and value in names  # an array has no single answer to "in"


def checked(field: str, value: Any) -> Any:
    """Check a value at the door: finite, at least 0, not a bool; return it as float or floats.

    Raises:
        InvalidQuantity: naming the field, the value and what was expected.
    """
    if type(value) is float and 0 <= value <= MOST:  # as most are, and quick to tell
        return value + 0.0
    if isinstance(value, str):
        value = _parse(field, value)
    if isinstance(value, bool | np.bool_):
        msg = f"{field} is {value}, a yes or no; expected a number of at least 0."
        raise InvalidQuantity(msg)
    array = _as_floats(value)
    if array is None:
        msg = f"{field} is {short(value)}; expected a number of at least 0, or an array of them."
        raise InvalidQuantity(msg)
    if array.ndim > 1 or array.size == 0:
        msg = f"{field} has the shape {array.shape}; expected one number or a flat array of them."
        raise InvalidQuantity(msg)
    lowest, highest = array.min(), array.max()  # two passes; a NaN anywhere comes out of both
    if MOST < highest < np.inf:
        msg = f"{field} is {highest:g}; expected at most {MOST:g}: no month has more."
        raise InvalidQuantity(msg)
    if not (lowest >= 0 and highest < np.inf):
        bad = lowest if not lowest >= 0 else highest
        msg = f"{field} is {bad:g}; expected a finite number of at least 0."
        raise InvalidQuantity(msg)
    if array.ndim == 0:
        return float(array) + 0.0  # a minus zero would show its sign on a bill
    array = array.view()
    array.flags.writeable = False  # checked once, so not to be changed behind the check's back
    return array


def setting(
    field: str, value: Any, expected: str, *, over: float = -1.0, least: float = 0.0, most: float
) -> float:
    """Return a single number that lies over ``over``, at or above ``least``, and at most ``most``.

    Raises:
        InvalidQuantity: naming the field, the value and what was expected.
    """
    array = None if isinstance(value, bool | np.bool_) else _as_floats(value)
    number = float(array) if array is not None and array.ndim == 0 else np.nan
    if not (number > over and least <= number <= most):
        shown = f"{value:g}" if isinstance(value, float) else short(value)
        msg = f"{field} is {shown}; expected {expected}."
        raise InvalidQuantity(msg)
    return number


def of_kind(field: str, value: Any, kind: type[_Kind], expected: str) -> _Kind:
    """Return a value that is one of a class.

    Raises:
        InvalidQuantity: if it is something else, and what was expected.
    """
    if not isinstance(value, kind):
        msg = f"{field} is {short(value)}; expected {expected}."
        raise InvalidQuantity(msg)
    return value


def several(field: str, value: Any, example: str) -> list[Any]:
    """Return the values of a list.

    Raises:
        InvalidQuantity: if it is one value, or none.
    """
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        msg = f"{field} is {short(value)}; expected a list such as {example}."
        raise InvalidQuantity(msg)
    return list(value)


def _as_floats(value: Any) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """Return a number, or a sequence of them, as an array of floats; None if it is neither."""
    try:
        if isinstance(value, Real | Decimal):  # numpy takes a Decimal or a long int for an object
            value = float(value)
        array = np.asarray(value)
        return array.astype(np.float64, copy=False) if array.dtype.kind in "iuf" else None
    except OverflowError:
        return np.asarray(np.inf)
    except (TypeError, ValueError):
        return None


def _parse(field: str, text: str) -> float:
    number = text.strip().removesuffix("%")
    if number != text.strip() and (field.endswith("_share") or field == "target_utilisation"):
        share = parse_number(number, field=field) / 100
        msg = f"{field} is {text!r}; expected a share from 0 to 1, so write {share:g}."
        raise InvalidQuantity(msg)
    if "ms" in re.split(r"[_ ]", field):
        return parse_ms(text, field=field)
    if field.endswith("_mb"):
        return parse_mb(text, field=field)
    return parse_number(text, field=field)
