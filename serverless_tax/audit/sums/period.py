"""The days that a log covers, and what a month like them comes to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from statistics import fmean, stdev

from serverless_tax.ground.settings import HOURS_PER_MONTH

#: Days of a month, by the hours that every bill here has.
MONTH_DAYS = HOURS_PER_MONTH / 24

#: A log that covers less says nothing of a month: no weekend is in it, or no working day.
LEAST_DAYS = 7

_DAY_S = 86_400


#: What the present is judged by, where days differ from those before them: by more than this share.
_WEEK, _ALIKE = 7, 0.01


@dataclass(frozen=True, slots=True)
class Range:
    """An estimate for a month, and how far it may be off: two standard errors of the days.

    The low end takes days without a line for days without traffic, the high end leaves them out.
    ``since`` is the first day that it is of, where those before it are of another time: the memory
    was another, or the last week is out of the range that all days give.
    """

    usd: float
    low_usd: float
    high_usd: float
    since: date | None = None

    def to_dict(self) -> dict[str, object]:
        """Return plain values, ready for JSON."""
        return asdict(self) | {"since": self.since.isoformat() if self.since else None}


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

    def after(self, text: str) -> Period:
        """Return its part from the midnight that follows a moment; all of it without one."""
        changed = moment(text)
        if changed is None or self.first is None:
            return self
        first_day = changed.date() + timedelta(days=1)
        first = datetime.combine(first_day, time(), self.first.tzinfo)
        return replace(
            self,
            first=first,
            last=max(self.last or first, first),
            days=tuple(day for day in self.days if day >= first_day),
        )

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
    moments = sorted(at for text in times if (at := moment(text)) is not None)
    untimed = sum(count for text, (count, _) in by_day.items() if _day(text) is None)
    return Period(
        moments[0] if moments else None, moments[-1] if moments else None, tuple(days), untimed
    )


def monthly(covered: Period, by_day: Mapping[str, float], changed_at: str = "") -> Range | None:
    """Return what a month like the present costs, or None if too little is known.

    Args:
        covered: the period.
        by_day: each day's cost, USD.
        changed_at: when what it is of was last changed; days up to then are left out.
    """
    now = covered.after(changed_at)
    usd = math.fsum(by_day.get(day.isoformat(), 0.0) for day in now.days)
    if not now.a_month_is_known or not usd:
        return None
    inner = now.days[1:-1]  # the first day and the last are not whole
    present = [by_day.get(day.isoformat(), 0.0) for day in inner]
    estimate = usd / now.span_days * MONTH_DAYS
    since = now.days[0] if changed_at else None
    found = _around(estimate, present, len(now.missing), since)
    if len(inner) < 2 * _WEEK:
        return found
    week = [inner[-1] - timedelta(days=k) for k in range(_WEEK)]
    last = [by_day.get(day.isoformat(), 0.0) for day in week]
    recent = fmean(last) * MONTH_DAYS
    alike_usd = _ALIKE * estimate
    if found.low_usd - alike_usd <= recent <= found.high_usd + alike_usd:
        return found
    return _around(recent, [usd for usd in last if usd], last.count(0.0), week[-1])


def _around(estimate: float, present: list[float], missing: int, since: date | None) -> Range:
    """Return the range of an estimate, from each day's cost and how many days have no line."""
    all_days = [*present, *([0.0] * missing)]
    if not all_days:
        return Range(estimate, 0.0, estimate, since)
    low = (fmean(all_days) - _two_errors(all_days)) * MONTH_DAYS
    high = (fmean(present) + _two_errors(present)) * MONTH_DAYS if present else estimate
    return Range(estimate, max(min(low, estimate), 0.0), max(high, estimate), since)


def together(months: Sequence[Range]) -> Range | None:
    """Return what several functions come to in a month, of which each has days of its own."""
    if not months:
        return None
    usd = math.fsum(one.usd for one in months)
    low = math.hypot(*(one.usd - one.low_usd for one in months))
    high = math.hypot(*(one.high_usd - one.usd for one in months))
    return Range(usd, max(usd - low, 0.0), usd + high)


def _two_errors(values: Sequence[float]) -> float:
    return 2 * stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    """Return when a line was written, or None where its text says no time."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
