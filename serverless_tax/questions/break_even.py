"""Where two platforms cost the same: the curve of both, and the crossings, found exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from serverless_tax.bill.bill import bill
from serverless_tax.bill.design import design
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.aws_lambda import PLATFORM
from serverless_tax.platforms.meters.capacity import MONTH_MS
from serverless_tax.questions.compare import sweep
from serverless_tax.request.workload import Workload

#: What a curve can run over: its range by default, and whether it comes in whole numbers.
OVER = {
    "requests_per_month": (1_000.0, 1e9, True),
    "concurrent_waits": (0.01, 10_000.0, False),
    "wait_ms": (10.0, 600_000.0, True),
    "memory_mb": (128.0, 10_240.0, True),
    "cpu_ms_per_output_token": (0.001, 100.0, False),
    "requests_per_instance": (1.0, 1_000.0, True),
}
_POINTS = 241
_FINER = 16
_SAME = 1e-12  # of a total: bills closer than that are equal


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
    pair = _Pair(a, b, workload, over, {"path": path, **when})
    x = _points(least, most, _POINTS, whole=whole)
    bills = [pair.bills(float(value)) for value in x]
    finer, signs = x, [_sign(each) for each in bills]
    if workload.sample_size == 1:
        finer = _points(least, most, (_POINTS - 1) * _FINER + 1, whole=whole)
        signs = pair.signs(finer)
    return BreakEven(
        a=a,
        b=b,
        over=over,
        x=tuple(float(value) for value in x),
        a_usd=tuple(usd for usd, _ in bills),
        b_usd=tuple(usd for _, usd in bills),
        crossings=tuple(_crossings(pair, finer, signs, whole=whole)),
        obstacles=pair.obstacles(most),
    )


def _points(low: float, high: float, count: int, *, whole: bool) -> Any:
    """Return values evenly spread on a log scale, both ends exactly."""
    x = np.geomspace(low, high, count)
    x[0], x[-1] = low, high
    return np.unique(np.round(x)) if whole else x


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
class _Pair:
    """Two bills of the same workload, with one of its quantities moved."""

    a: str
    b: str
    workload: Workload
    over: str
    when: dict[str, Any]

    def bills(self, value: float) -> tuple[float, float]:
        """Return what the two bill at one value."""
        w = self.at(value)
        return bill(self.a, w, **self.when).total, bill(self.b, w, **self.when).total

    def sign(self, value: float) -> int:
        """Return -1 where the first is cheaper, 1 where the second is, 0 where they are equal."""
        return _sign(self.bills(value))

    def signs(self, values: Any) -> list[int]:
        """Return the sign at many values; what a model's tokens cost is the same on both sides."""
        when = {name: value for name, value in self.when.items() if name != "model"}
        w = self.at(values)
        a_usd, b_usd = (
            np.zeros(len(values)) + sweep(name, w, **when)["total"] for name in (self.a, self.b)
        )
        return [_sign(pair) for pair in zip(a_usd, b_usd, strict=True)]

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
    """Compare two bills; what a last digit makes of the order of a sum is no difference."""
    a_usd, b_usd = bills
    if abs(a_usd - b_usd) <= _SAME * max(a_usd, b_usd):
        return 0
    return 1 if a_usd > b_usd else -1


def _crossings(pair: _Pair, x: Any, signs: list[int], *, whole: bool) -> Iterator[Crossing]:
    """Yield a crossing wherever the cheaper of the two changes, with or without a tie between."""
    last = 0  # the last point at which one of the two was cheaper
    for k, sign in enumerate(signs):
        if not sign:
            continue
        if sign == -signs[last]:
            at = _first(pair.sign, float(x[last]), float(x[k]), whole=whole)
            below, above = (pair.a, pair.b) if sign > 0 else (pair.b, pair.a)
            yield Crossing(at, below, above)
        last = k


def _first(sign: Callable[[float], int], low: float, high: float, *, whole: bool) -> float:
    """Return the least value at which what is cheaper at ``low`` no longer is, by halving."""
    at_low = sign(low)
    while high - low > (1 if whole else 1e-6 * high):
        middle = (low + high) / 2
        middle = float(np.floor(middle)) if whole else middle
        if sign(middle) == at_low:
            low = middle
        else:
            high = middle
    return high
