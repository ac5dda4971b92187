"""Where two platforms cost the same: the curve of both, and the crossings, found exactly.

:class:`Grid`, :func:`is_cheaper`, :func:`first_turn` and :func:`halved` are the search, in plain
arithmetic, which a page runs too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from serverless_tax.bill.design import design
from serverless_tax.bill.totals import Pricer
from serverless_tax.ground.checks import MOST, is_one_of, setting
from serverless_tax.ground.trace import best_of, repeat
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.aws_lambda import PLATFORM
from serverless_tax.platforms.meters.capacity import MONTH_MS
from serverless_tax.questions.compare import sweep
from serverless_tax.request.workload import Workload, a_workload

#: What a curve can run over: its range by default, and whether it comes in whole numbers.
OVER = {
    "requests_per_month": (1_000.0, 1e9, True),
    "concurrent_waits": (0.01, 10_000.0, False),
    "wait_ms": (10.0, 600_000.0, True),
    "memory_mb": (128.0, 10_240.0, True),
    "cpu_ms_per_output_token": (0.001, 100.0, False),
    "requests_per_instance": (1.0, 1_000.0, True),
}
_STEPS = 240
_FINER = 16
_SAME = 1e-12  # of a total: bills closer than that are equal
_ROOTS = 6  # square roots, one of another: a 64th root, in which a curve's points lie evenly
_NO_POINT = 1e9


@dataclass(frozen=True)
class Grid:
    """Points from ``low`` to ``high``, each by about the same factor over the one before it."""

    low: float
    high: float
    steps: int
    whole: bool

    def at(self, k: Any) -> Any:
        """Return point ``k`` of 0 to ``steps``, to the unit where values come in whole numbers.

        The points' 64th roots lie evenly: that is within a quarter of even factors over nine
        powers of ten, and needs no logarithm.
        """
        first, last = self.low, self.high
        for _ in range(_ROOTS):
            first, last = np.sqrt(first), np.sqrt(last)
        x = first + (last - first) * (k / self.steps)
        for _ in range(_ROOTS):
            x = x * x
        x = np.minimum(np.maximum(x, self.low), self.high)
        if self.whole:
            return np.floor(x + 0.5)
        ends = self.low * (k <= 0) + self.high * (k >= self.steps)
        return ends + x * ((k > 0) * (k < self.steps))

    @cached_property
    def points(self) -> Any:
        """All points."""
        return self.at(np.arange(self.steps + 1.0))

    @cached_property
    def halvings(self) -> int:
        """How often to halve what lies between two points: to the unit, or to a millionth."""
        apart = np.diff(self.points) / (1.0 if self.whole else 1e-6 * self.points[1:])
        return int(np.ceil(np.log2(max(float(np.max(apart)), 1.0)))) + 1


def is_cheaper(one_usd: Any, other_usd: Any) -> Any:
    """Return 1 where the first is cheaper; a last digit, from the order of a sum, is nothing."""
    return 1.0 * (other_usd - one_usd > _SAME * np.maximum(one_usd, other_usd))


def first_turn(turned: Callable[[Any], Any], after: Any, steps: int) -> Any:
    """Return the first point past ``after`` at which ``turned`` is 1; else a large number."""
    return best_of(np.minimum, 1, steps, lambda k: k + _NO_POINT * (1 - turned(k) * (k > after)))


def halved(turned: Callable[[Any], Any], grid: Grid, k: Any) -> Any:
    """Return the least value with a ``turned`` of 1, between point ``k - 1`` and point ``k``."""

    def halve(low: Any, high: Any) -> tuple[Any, Any]:
        middle = (low + high) / 2
        middle = np.floor(middle) if grid.whole else middle
        there = turned(middle) * (middle > low)
        return low * there + middle * (1 - there), middle * there + high * (1 - there)

    return repeat(grid.halvings, (grid.at(k - 1), grid.at(k)), halve)[1]


def crossing(
    cheaper: Callable[[Any], Any], dearer: Callable[[Any], Any], low: float, high: float
) -> Any:
    """Return the first whole number from which on one is cheaper that is dearer at ``low``.

    ``cheaper`` and ``dearer`` say with 1 or 0 what it is at a number. Endless where it is dearer
    all the way, or not at ``low``.
    """
    grid = Grid(low, high, _STEPS * _FINER, whole=True)
    k = first_turn(lambda k: cheaper(grid.at(k)), 0, grid.steps)
    exists = 1.0 * (k < _NO_POINT) * dearer(grid.at(0))
    return halved(cheaper, grid, np.minimum(k, grid.steps)) / exists


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
    ``obstacles`` says why one of them cannot serve the requests at the upper end of the curve,
    where it cannot: a crossing there is one on paper.
    """

    a: str
    b: str
    over: str
    x: tuple[float, ...]
    a_usd: tuple[float, ...]
    b_usd: tuple[float, ...]
    crossings: tuple[Crossing, ...]
    obstacles: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the curve and its crossings as plain values, ready for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """Say in a sentence for each crossing what is cheaper on either side of it."""
        if self.crossings:
            lines = [
                f"Below {c.at:,.10g} {self.over} {c.cheaper_below} is cheaper,"
                f" from there on {c.cheaper_from_here}."
                for c in self.crossings
            ]
        else:
            lines = [self._never()]
        return "\n".join([*lines, *self.obstacles])

    def _never(self) -> str:
        """Say what is cheaper on a curve without a crossing."""
        span = f"all the way from {self.x[0]:,g} to {self.x[-1]:,g} {self.over}"
        signs = {_sign(pair) for pair in zip(self.a_usd, self.b_usd, strict=True)}
        if signs == {0}:
            return f"{self.a} and {self.b} cost the same {span}."
        cheaper, other = (self.a, self.b) if -1 in signs else (self.b, self.a)
        if 0 in signs:
            return f"{cheaper} is never dearer than {other}, {span}."
        return f"{cheaper} is cheaper {span}."


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
    which case requests are set to make them), ``wait_ms``, ``memory_mb``,
    ``cpu_ms_per_output_token`` or ``requests_per_instance``. Where the cheaper of
    the two changes between two points, the crossing is found by halving, each half billed:
    requests, milliseconds and megabytes to the unit, the others to a millionth. A bill
    with steps may cross within one, at a whole task. Bills that are equal cross nowhere.

    The search looks at sixteen points for each one of the curve, a third of a percent apart in
    the default range of requests; two crossings between two of those can be missed. For a sample
    of requests it looks at the points of the curve only.

    >>> crossed = break_even("aws-lambda", "aws-lambda+aws-http-api", Workload.preset("article"))
    >>> crossed.crossings
    ()

    Raises:
        InvalidQuantity: if ``over`` is something else, or its range is empty.
        UnknownPrice: as :func:`bill` does.
    """
    least, most, whole = _range(over, low, high)
    when = {"path": path, **when}
    pair = _Pair(a, b, a_workload(workload), over, when, Pricer(**when))
    curve = Grid(least, most, _STEPS, whole=whole)
    x = np.unique(curve.points)
    bills = {float(value): pair.bills(float(value)) for value in x}
    if workload.sample_size == 1:
        grid = Grid(least, most, _STEPS * _FINER, whole=whole)
        signs = pair.signs(grid.points)
    else:
        grid, signs = curve, [_sign(bills[float(value)]) for value in curve.points]
    return BreakEven(
        a=a,
        b=b,
        over=over,
        x=tuple(bills),
        a_usd=tuple(usd for usd, _ in bills.values()),
        b_usd=tuple(usd for _, usd in bills.values()),
        crossings=tuple(_crossings(pair, grid, np.array(signs))),
        obstacles=pair.obstacles(most),
    )


def _range(over: str, low: float | None, high: float | None) -> tuple[float, float, bool]:
    if not is_one_of(tuple(OVER), over):
        msg = f"over is {over!r}; use one of {', '.join(OVER)}."
        raise InvalidQuantity(msg)
    least, most, whole = OVER[over]
    expected = f"a number over 0, and at most {MOST:g}"
    if low is not None:
        least = setting("low", low, expected, over=0, most=MOST)
    if high is not None:
        most = setting("high", high, expected, over=0, most=MOST)
    if not least < most:
        msg = f"The range of {over} is {least:g} to {most:g}; expected two rising numbers."
        raise InvalidQuantity(msg)
    return least, most, whole


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two bills of the same workload, with one of its quantities moved."""

    a: str
    b: str
    workload: Workload
    over: str
    when: dict[str, Any]
    pricer: Pricer

    def bills(self, value: float) -> tuple[float, float]:
        """Return what the two bill at one value."""
        w = self.at(value)
        return self.pricer.totals(self.a, w).total, self.pricer.totals(self.b, w).total

    def sign(self, value: float) -> int:
        """Return -1 where the first is cheaper, 1 where the second is, 0 where they are equal."""
        return _sign(self.bills(value))

    def signs(self, values: Any) -> Any:
        """Return the sign at many values; what a model's tokens cost is the same on both sides."""
        when = {name: value for name, value in self.when.items() if name != "model"}
        w = self.at(values)
        a_usd, b_usd = (
            np.zeros(len(values)) + sweep(name, w, **when)["total"] for name in (self.a, self.b)
        )
        return is_cheaper(b_usd, a_usd) - is_cheaper(a_usd, b_usd)

    def obstacles(self, value: float) -> tuple[str, ...]:
        """Return why one of the two cannot serve the requests at a value."""
        w, path = self.at(value), self.when["path"]
        found = [design(name, path).obstacles(w) for name in (self.a, self.b)]
        return tuple(dict.fromkeys(sentence for each in found for sentence in each))

    def at(self, value: Any) -> Workload:
        """Return the workload with the quantity set."""
        if self.over != "concurrent_waits":
            return self.workload.replace(**{self.over: value})
        in_flight_ms = float(np.mean(PLATFORM.wall_ms(self.workload)))
        if not in_flight_ms:
            msg = "These requests take no time, so none is ever in flight; give them a wait."
            raise InvalidQuantity(msg)
        return self.workload.replace(requests_per_month=value * MONTH_MS / in_flight_ms)


def _sign(bills: tuple[float, float]) -> int:
    """Return -1 where the first is cheaper, 1 where the second is, 0 where they are equal."""
    a_usd, b_usd = bills
    return int(is_cheaper(b_usd, a_usd) - is_cheaper(a_usd, b_usd))


def _crossings(pair: _Pair, grid: Grid, signs: Any) -> Iterator[Crossing]:
    """Yield a crossing wherever the cheaper of the two changes, with or without a tie between."""
    k = int(np.argmax(signs != 0))  # the first point at which one of the two is cheaper
    while True:
        turned = -int(signs[k])
        found = float(first_turn(lambda j: signs[j.astype(int)] == turned, k, grid.steps))  # noqa: B023
        if not turned or found >= _NO_POINT:
            return
        k = int(found)
        at = float(halved(lambda value: 1.0 * (pair.sign(float(value)) == turned), grid, k))  # noqa: B023
        below, above = (pair.a, pair.b) if turned > 0 else (pair.b, pair.a)
        yield Crossing(at, below, above)
