"""A learner's answer is right, or is told what it looks like: a misconception, a slip of a unit."""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from serverless_tax.ground.show import show

#: What to say of a month from which the free tier was taken.
FREE_TIER = "The free tier is off it. Other functions of an account use it up: leave it out."
#: How far an answer may be from the right one, as a share of it.
WITHIN = 0.02
_HALF = 0.5
#: So many letters of what is no number are shown.
_SHORT = 60
#: The same for what is off by less than a half: a GB of 1,000 MB.
_CLOSE = 0.004
#: What an answer is off by when something slipped, in words.
_OFF = {
    10.0: "ten times too large",
    0.1: "ten times too small",
    100.0: "a hundred times too large",
    0.01: "a hundred times too small",
    1000.0: "a thousand times too large",
    0.001: "a thousand times too small",
    1024.0: "1,024 times too large",
    1 / 1024: "1,024 times too small",
    -1.0: "right but for its sign",
}
#: Why it may be so, by the unit that the figure is shown in; "" is any other.
_GB = "a GB has 1,024 MB here, not 1,000."
_ONE = "one request's, not the month's: multiply by the requests."
_WHY: dict[str, dict[float, str]] = {
    "": {
        1000.0: "milliseconds where seconds belong, or MB where GB do?",
        0.001: "seconds where milliseconds belong, or GB where MB do?",
        1024.0: "MB where GB belong?",
        1 / 1024: "GB where MB belong?",
        -1.0: "what is less is not negative here.",
    },
    "usd": {
        10.0: "how many requests are there?",
        0.1: "how many requests are there?",
        100.0: "cents where dollars belong?",
        0.01: "how many requests are there?",
    },
    "percent": {
        100.0: "percent where a share from 0 to 1 belongs?",
        0.01: "a share where percent belong?",
    },
    "count": {1000.0: "", 0.001: "", 1024.0: "", 1 / 1024: ""},
}
#: What a sum of dollars is when another one was worked out.
_OTHER_USD = {
    12.0: "twelve times too large: is it the year's?",
    1 / 30: "thirty times too small: is it the day's?",
    1e-6: _ONE,
    1e-7: _ONE,
    1e-8: _ONE,
    1e6: "a million times too large: were the requests counted twice?",
    1e7: "ten million times too large: were the requests counted twice?",
    1.024: f"2.4 % too large: {_GB}",
    1 / 1.024: f"2.4 % too small: {_GB}",
}


class NotYet(Exception):
    """An answer that is not the right one yet; its text says what it looks like."""

    def _render_traceback_(self) -> list[str]:
        """Show a notebook the sentence alone."""
        return [f"Not yet. {self}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A figure that an exercise asks for.

    ``what`` it is, with its unit, in words; ``right``, the figure; ``unit``, how it is shown, of
    :func:`serverless_tax.ground.show.show`; ``looks_like``, the figure that each misconception
    ends at, and what to say to whoever has it; ``too_low`` and ``too_high``, what to say to whoever
    is on that side for another reason. ``whole`` figures are right to the last unit,
    others ``within`` that share.
    """

    what: str
    right: float
    unit: str
    looks_like: Mapping[str, float] = field(default_factory=dict)
    too_low: str = ""
    too_high: str = ""
    whole: bool = False
    within: float = WITHIN

    def check(self, answer: Any) -> str:
        """Return a sentence that says the answer is right.

        Raises:
            NotYet: if it is not, with the hint that fits.
        """
        if answer is None or answer is ...:
            msg = f"Nothing is there yet. Put in its place {self.what}."
            raise NotYet(msg)
        value = number(answer, self.what)
        if self._is_right(value):
            return f"Right: {show(self.right, self.unit)}, {self.what}."
        msg = f"{show(value, self.unit)} is not {self.what}. {self._hint(value)}"
        raise NotYet(msg)

    def _is(self, value: float, other: float) -> bool:
        if self.whole:
            return abs(value - other) < _HALF
        return math.isclose(value, other, rel_tol=self.within, abs_tol=1e-12)

    def _is_right(self, value: float) -> bool:
        """Whether it is near the right figure, and no misconception's is nearer."""
        if self.whole:
            return value == self.right
        off = abs(value - self.right)
        others = (abs(value - other) for other in self.looks_like.values())
        return self._is(value, self.right) and all(off <= other for other in others)

    def _hint(self, value: float) -> str:
        if not math.isfinite(value):
            return "It has to be a number that ends."
        if self.whole and not value.is_integer():
            return "It is counted, so it is a whole number."
        alike = [item for item in self.looks_like.items() if self._is(value, item[1])]
        if alike:
            return min(alike, key=lambda item: abs(value - item[1]))[0]
        if slip := self._slip(value):
            return f"It is {slip}"
        if value < 0 <= self.right:
            return "It cannot be negative."
        side = "high" if value > self.right else "low"
        near = self.right and _HALF < value / self.right < 1 / _HALF
        more = self.too_high if value > self.right else self.too_low
        far = ", though not by far" if near else ", by more than half"
        return f"It is too {side}{far}. {more}".rstrip()

    def _slip(self, value: float) -> str:
        """What slipped, if the answer is the right one times something known; or empty."""
        known = _OFF | _OTHER_USD if self.unit == "usd" else _OFF
        for times, says in known.items():
            within = _CLOSE if _HALF < times < 1 / _HALF else WITHIN
            if self.right and math.isclose(value, self.right * times, rel_tol=within):
                why = _WHY.get(self.unit, {}).get(times, _WHY[""].get(times, ""))
                if says.endswith((".", "?")):
                    return says
                return f"{says}: {why}" if why else f"{says}."
        if self.unit == "percent" and math.isclose(value, 1 - self.right, rel_tol=WITHIN):
            return "the share of the rest."
        if self.right and math.isclose(value, 1 / self.right, rel_tol=WITHIN):
            return "upside down: divide the other way round."
        return ""


def judge(answer: Any, **sought: Any) -> None:
    """Print that an answer is right.

    Args:
        answer: a learner's.
        sought: the fields of :class:`Sought`.

    Raises:
        NotYet: if it is not, with the hint that fits.
    """
    print(Sought(**sought).check(answer))


def expect_made(exercise: int, made: Mapping[str, Any], names: str) -> None:
    """Whether a learner's cell has made what an exercise asks for.

    Raises:
        NotYet: with the names that are not there.
    """
    missing = [f"`{name}`" for name in names.split(", ") if name not in made]
    if missing:
        msg = f"Exercise {exercise} is not solved yet: make {' and '.join(missing)} above."
        raise NotYet(msg)


def first_number(top: int, reached: Callable[[int], bool]) -> int:
    """Return the first whole number up to ``top`` at which something is reached, and stays so."""
    return 1 + bisect.bisect_left(range(1, top), 1, key=reached)


def number(answer: Any, what: str) -> float:
    """Return an answer as a number.

    Raises:
        NotYet: if it is none, with what it is instead.
    """
    try:
        value = math.nan if isinstance(answer, (str, bool)) else float(answer)
    except (TypeError, ValueError):
        value = math.nan
    except OverflowError:
        value = math.inf
    if math.isnan(value) and not isinstance(answer, (float, Decimal)):
        msg = f"{_short(answer)} is {_kind(answer)}. What is asked for is a number: {what}."
        raise NotYet(msg)
    return value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


def _kind(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"\s*\$?[\d,.]+\s*%?\s*", value):
        return "a text: leave out the quotation marks, and all but digits and point"
    if hasattr(value, "total"):
        return "a whole bill, and its sum is its `.total`"
    if isinstance(value, type) or callable(value):
        return "a function: call it, with brackets behind it"
    names = {str: "a text", bool: "a yes or no", list: "a list", tuple: "a tuple", dict: "a dict"}
    return names.get(type(value), f"an object of {type(value).__name__}")
