"""A learner's answer is right, or is told what it looks like: a misconception, a slip of a unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from serverless_tax.ground.show import show

#: How far an answer may be from the right one, as a share of it.
WITHIN = 0.02
_HALF = 0.5
#: What an answer is off by when its unit slipped, and what to say then.
_SLIPS = {
    10.0: "ten times too large: how many requests are there?",
    0.1: "ten times too small: how many requests are there?",
    1000.0: "a thousand times too large: milliseconds where seconds belong, or MB where GB do?",
    0.001: "a thousand times too small: seconds where milliseconds belong, or GB where MB do?",
    1024.0: "1,024 times too large: MB where GB belong?",
    1 / 1024: "1,024 times too small: GB where MB belong?",
    100.0: "a hundred times too large: percent where a share from 0 to 1 belongs?",
    0.01: "a hundred times too small: a share where percent belong?",
    -1.0: "right but for its sign: what is less is not negative here.",
    12.0: "twelve times too large: is it the year's?",
    1e-7: "one request's, not the month's: multiply by the requests.",
    1e7: "ten million times too large: were the requests counted twice?",
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
        if isinstance(answer, bool) or not _is_number(answer):
            msg = f"{answer!r} is {_kind(answer)}. What is asked for is a number: {self.what}."
            raise NotYet(msg)
        value = float(answer)
        if self._is(value, self.right):
            return f"Right: {show(self.right, self.unit)}, {self.what}."
        msg = f"{show(value, self.unit)} is not {self.what}. {self._hint(value)}"
        raise NotYet(msg)

    def _is(self, value: float, other: float) -> bool:
        if self.whole:
            return abs(value - other) < _HALF
        return math.isclose(value, other, rel_tol=self.within, abs_tol=1e-12)

    def _hint(self, value: float) -> str:
        for says, figure in self.looks_like.items():
            if self._is(value, figure):
                return says
        if not math.isfinite(value):
            return "It has to be a number that ends."
        for times, says in _SLIPS.items():
            if self.right and math.isclose(value, self.right * times, rel_tol=WITHIN):
                return f"It is {says}"
        if value < 0 <= self.right:
            return "It cannot be negative."
        side = "high" if value > self.right else "low"
        near = self.right and _HALF < value / self.right < 1 / _HALF
        more = self.too_high if value > self.right else self.too_low
        far = ", though not by far" if near else ", by more than half"
        return f"It is too {side}{far}. {more}".rstrip()


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str)


def _kind(value: Any) -> str:
    names = {str: "a text", bool: "a yes or no", list: "a list", tuple: "a tuple", dict: "a dict"}
    return names.get(type(value), f"an object of {type(value).__name__}")
