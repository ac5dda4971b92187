"""Let Python's calendar run a year ahead, where this folder stands first on PYTHONPATH.

Python imports ``sitecustomize`` before anything else, so no module has taken hold of the true
calendar yet. For tests of what the day may not change; nothing of the package knows of it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

AHEAD = dt.timedelta(days=365)
TRUE_DATE, TRUE_DATETIME = dt.date, dt.datetime


class _AnyDate(type):
    """Take a date made by the standard library's own code for one of ours."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, TRUE_DATE)


class _AnyDatetime(type):
    """Take a moment made by the standard library's own code for one of ours."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, TRUE_DATETIME)


class Date(TRUE_DATE, metaclass=_AnyDate):
    """A date; today's is next year's."""

    __slots__ = ()  # C extensions look at the size of what they are given

    @classmethod
    def today(cls) -> Self:
        """Return the day a year from now."""
        ahead = TRUE_DATE.today() + AHEAD
        return cls(ahead.year, ahead.month, ahead.day)


class Datetime(TRUE_DATETIME, metaclass=_AnyDatetime):
    """A moment; now is a year from now."""

    __slots__ = ()

    @classmethod
    def now(cls, tz: Any = None) -> Self:
        """Return the moment a year from now."""
        return super().now(tz) + AHEAD


# A message that names a type names the calendar's own.
Date.__name__, Datetime.__name__ = "date", "datetime"
# The classes are C's and take no new attribute: the module names others instead.
dt.date = Date  # type: ignore[misc]
dt.datetime = Datetime  # type: ignore[misc]
