"""Where two platforms cost the same: the curve of both, and the crossings, found exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from serverless_tax.bill import bill
from serverless_tax.platforms.capacity import HOURS_PER_MONTH
from serverless_tax.platforms.timeline import wall_ms
from serverless_tax.units import InvalidQuantity
from serverless_tax.workload import Workload

#: What a curve can run over: its range by default, and whether it comes in whole numbers.
OVER = {
    "requests_per_month": (1_000.0, 1e9, True),
    "concurrent_waits": (0.01, 10_000.0, False),
    "wait_ms": (10.0, 600_000.0, True),
    "memory_mb": (128.0, 10_240.0, True),
}
_POINTS = 241
_MONTH_MS = HOURS_PER_MONTH * 3_600_000


@dataclass(frozen=True, slots=True)
class Crossing:
    """The first value from which on the other of the two is cheaper."""

    at: float
    cheaper_below: str
    cheaper_from_here: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """The month's bill of two designs along one quantity, and where they cross.

    ``x`` is in the unit of ``over``; ``a_usd`` and ``b_usd`` are the bills at each of its values.
    """

    a: str
    b: str
    over: str
    x: tuple[float, ...]
    a_usd: tuple[float, ...]
    b_usd: tuple[float, ...]
    crossings: tuple[Crossing, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the curve and its crossings as plain values, ready for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """Say in a sentence for each crossing what is cheaper on either side of it."""
        if not self.crossings:
            cheaper = self.a if self.a_usd[0] <= self.b_usd[0] else self.b
            return f"{cheaper} is cheaper all the way from {self.x[0]:,g} to {self.x[-1]:,g}."
        return "\n".join(
            f"Below {c.at:,.10g} {self.over} {c.cheaper_below} is cheaper,"
            f" from there on {c.cheaper_from_here}."
            for c in self.crossings
        )


def break_even(
    a: str,
    b: str,
    workload: Workload,
    *,
    over: str = "requests_per_month",
    low: float | None = None,
    high: float | None = None,
    path: str | tuple[str, ...] = "needed",
    **when: Any,
) -> BreakEven:
    """Return the bills of two designs along one quantity, and every crossing between them.

    ``over`` is ``requests_per_month``, ``concurrent_waits`` (requests in flight on average, in
    which case requests are set to make them), ``wait_ms`` or ``memory_mb``. Between two points of
    the curve a crossing is found by halving: requests, milliseconds and megabytes to the unit,
    concurrent waits to a millionth. A curve with steps may cross within one, at a whole task.
    Two crossings closer together than two points of the curve are not seen.

    >>> crossed = break_even("aws-lambda", "aws-lambda+aws-http-api", Workload.preset("article"))
    >>> crossed.crossings
    ()

    Raises:
        InvalidQuantity: if ``over`` is something else, or its range is empty.
        UnknownPrice: as :func:`bill` does.
    """
    least, most, whole = _range(over, low, high)
    difference = _Difference(a, b, workload, over, {"path": path, **when})
    x = np.geomspace(least, most, _POINTS)
    x[0], x[-1] = least, most
    if whole:
        x = np.unique(np.round(x))
    points = [difference.bills(float(value)) for value in x]
    return BreakEven(
        a=a,
        b=b,
        over=over,
        x=tuple(float(value) for value in x),
        a_usd=tuple(usd for usd, _ in points),
        b_usd=tuple(usd for _, usd in points),
        crossings=tuple(_crossings(difference, x, points, whole=whole)),
    )


def _range(over: str, low: float | None, high: float | None) -> tuple[float, float, bool]:
    if over not in OVER:
        msg = f"over is {over!r}; use one of {', '.join(OVER)}."
        raise InvalidQuantity(msg)
    least, most, whole = OVER[over]
    least = least if low is None else float(low)
    most = most if high is None else float(high)
    if not 0 < least < most < np.inf:
        msg = f"The range of {over} is {least:g} to {most:g}; expected two rising numbers over 0."
        raise InvalidQuantity(msg)
    return least, most, whole


@dataclass(frozen=True, slots=True)
class _Difference:
    """Two bills of the same workload, with one of its quantities moved."""

    a: str
    b: str
    workload: Workload
    over: str
    when: dict[str, Any]

    def bills(self, value: float) -> tuple[float, float]:
        w = self.at(value)
        return bill(self.a, w, **self.when).total, bill(self.b, w, **self.when).total

    def at(self, value: float) -> Workload:
        if self.over != "concurrent_waits":
            return self.workload.replace(**{self.over: value})
        in_flight_ms = float(np.mean(wall_ms(self.workload)))
        if not in_flight_ms:
            msg = "These requests take no time, so none is ever in flight; give them a wait."
            raise InvalidQuantity(msg)
        return self.workload.replace(requests_per_month=value * _MONTH_MS / in_flight_ms)

    def a_is_dearer(self, value: float) -> bool:
        a_usd, b_usd = self.bills(value)
        return a_usd > b_usd


def _crossings(
    difference: _Difference, x: Any, points: list[tuple[float, float]], *, whole: bool
) -> Iterator[Crossing]:
    dearer = [a_usd > b_usd for a_usd, b_usd in points]
    for k in range(1, len(points)):
        if dearer[k] == dearer[k - 1]:
            continue
        at = _first(difference.a_is_dearer, float(x[k - 1]), float(x[k]), whole=whole)
        below, above = (difference.a, difference.b) if dearer[k] else (difference.b, difference.a)
        yield Crossing(at, below, above)


def _first(is_dearer: Callable[[float], bool], low: float, high: float, *, whole: bool) -> float:
    """Return the least value at which the answer is no longer that at ``low``, by halving."""
    at_low = is_dearer(low)
    while high - low > (1 if whole else 1e-6 * high):
        middle = (low + high) / 2
        middle = float(np.floor(middle)) if whole else middle
        if is_dearer(middle) == at_low:
            low = middle
        else:
            high = middle
    return high
