"""What only the owner of a function knows of it, checked at the door."""

from __future__ import annotations

from dataclasses import dataclass, fields
from reprlib import repr as short
from typing import Any

import numpy as np

from serverless_tax.ground.checks import of_kind, setting
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.aws_lambda import TIMEOUT_MS

#: The most calls that one request is taken to make, where nobody says how many.
MOST_CALLS = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What only you know about the function.

    ``reads_along``: a person reads the answer while it is written. ``sees_answer``: your code has
    to see the answer on its way, to filter, log or charge for it. ``own_process``: a process may
    run all month, and somebody looks after it. ``other_vendor``: it may move to another vendor.
    ``calls``: of a model or another service that it waits for, in one request. ``in_order``: each
    of these needs what the one before brought. ``longest_ms``: how long the longest of them takes,
    where no timeline says it; 0 for calls that are all alike. ``out_of_memory``: requests end for
    want of memory. ``times_out``: requests reach the function's time limit.
    """

    reads_along: bool = True
    sees_answer: bool = True
    own_process: bool = True
    other_vendor: bool = False
    calls: float = 1.0
    in_order: bool = True
    longest_ms: float = 0.0
    out_of_memory: bool = False
    times_out: bool = False

    def __post_init__(self) -> None:
        """Check the answers at the door."""
        check_calls(self.calls)
        check_longest(self.longest_ms)
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name not in ("calls", "longest_ms") and not isinstance(value, bool | np.bool_):
                msg = f"{each.name} is {short(value)}; expected True or False."
                raise InvalidQuantity(msg)


def some_answers(value: Any) -> Answers:
    """Return the answers, by default what nobody was asked about.

    Raises:
        InvalidQuantity: if it is something else, and what to write.
    """
    if value is None:
        return Answers()
    return of_kind("answers", value, Answers, "Answers(), with what you know in it")


def check_calls(calls: float) -> None:
    """Refuse what is no number of calls of a request.

    Raises:
        InvalidQuantity: if it is not 1 to 100.
    """
    setting("calls", calls, f"1 to {MOST_CALLS:g} in one request", least=1, most=MOST_CALLS)


def check_longest(longest_ms: float) -> None:
    """Refuse what no call of a request takes.

    Raises:
        InvalidQuantity: if it is not 0 to Lambda's time limit.
    """
    expected = f"milliseconds, up to {TIMEOUT_MS:,g}"
    setting("longest_ms", longest_ms, expected, least=0, most=TIMEOUT_MS)
