"""The days that a log covers, and what a month like them comes to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from statistics import fmean, stdev

#: Days of a month, as in a year's twelfth.
MONTH_DAYS = 365.25 / 12

#: A log that covers less says nothing of a month: no weekend is in it, or no working day.
LEAST_DAYS = 7

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Range:
    """An estimate for a month, and how far it may be off: two standard errors of the days.

    The low end takes days without a line for days without traffic, the high end leaves them out.
    """

    usd: float
    low_usd: float
    high_usd: float

    def to_dict(self) -> dict[str, float]:
        """Return plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first line that says when it was written to the last, UTC."""

    first: datetime | None
    last: datetime | None
    days: tuple[date, ...]
    untimed: int

    @property
    def span_days(self) -> float:
        """Length in days; 0 where no line has a time."""
        if self.first is None or self.last is None:
            return 0.0
        return ((self.last - self.first).total_seconds() + 1) / _DAY_S

    @property
    def missing(self) -> list[date]:
        """Days between the first and the last that have no line."""
        if not self.days:
            return []
        count = (self.days[-1] - self.days[0]).days
        every = (self.days[0] + timedelta(days=k) for k in range(count))
        present = set(self.days)
        return [day for day in every if day not in present]

    @property
    def gaps(self) -> list[tuple[date, date]]:
        """The missing days as stretches: the first and the last of each."""
        found: list[tuple[date, date]] = []
        for day in self.missing:
            if found and found[-1][1] == day - timedelta(days=1):
                found[-1] = (found[-1][0], day)
            else:
                found.append((day, day))
        return found

    @property
    def a_month_is_known(self) -> bool:
        """Whether it is long enough to speak of a month, with a time on every line."""
        return self.span_days >= LEAST_DAYS and not self.untimed

    @property
    def span_months(self) -> float:
        """Its length in months."""
        return self.span_days / MONTH_DAYS

    def to_dict(self) -> dict[str, object]:
        """Return plain values, ready for JSON."""
        return {
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "days": self.span_days,
            "missing_days": len(self.missing),
            "missing": [[first.isoformat(), last.isoformat()] for first, last in self.gaps],
            "invocations_without_a_time": self.untimed,
        }


def period(by_day: Mapping[str, tuple[int, int]], times: Sequence[str]) -> Period:
    """Return the period of a log from its days, and its first and last times."""
    days = sorted(day for text in by_day if (day := _day(text)) is not None)
    moments = sorted(moment for text in times if (moment := _moment(text)) is not None)
    untimed = sum(count for text, (count, _) in by_day.items() if _day(text) is None)
    return Period(
        moments[0] if moments else None, moments[-1] if moments else None, tuple(days), untimed
    )


def monthly(covered: Period, by_day: Mapping[str, float], usd: float) -> Range | None:
    """Return what a month like the period costs, or None if too little is known.

    Args:
        covered: the period.
        by_day: anything that is proportional to each day's cost.
        usd: cost of the whole period.
    """
    total = math.fsum(by_day.values())
    if not covered.a_month_is_known or not total:
        return None
    inner = set(covered.days[1:-1])  # the first day and the last are not whole
    present = [by_day.get(day.isoformat(), 0.0) * usd / total for day in sorted(inner)]
    all_days = [*present, *([0.0] * len(covered.missing))]
    if not all_days:
        return None
    estimate = usd / covered.span_days * MONTH_DAYS
    low = (fmean(all_days) - _two_errors(all_days)) * MONTH_DAYS
    high = (fmean(present) + _two_errors(present)) * MONTH_DAYS if present else estimate
    return Range(estimate, max(min(low, estimate), 0.0), max(high, estimate))


def _two_errors(values: Sequence[float]) -> float:
    return 2 * stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
