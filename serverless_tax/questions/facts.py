"""What is known of a function; what is not stays unknown, and lies between two ends."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.aws_lambda import MEMORY_MB
from serverless_tax.questions.decide import Answers, check_rate
from serverless_tax.request.presets import STATED_PEAK_MB
from serverless_tax.request.workload import Workload, a_workload

#: The most calls that one request is taken to make, where nobody says how many.
MOST_CALLS = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A month of a function, and what only its owner knows; None is unknown.

    ``workload`` is its month: requests, memory, processor, waiting and work. A peak memory of 0 in
    it is unknown. ``busiest`` is the same month if all were work that is not known to be waiting;
    None where the CPU is known. Of a request it is unknown how many ``calls`` it waits for, and
    whether each needs the one before (``in_order``), unless they are given. The other answers are
    those of :class:`Answers`. ``hour_usd`` is an hour of work, ``effective_rate`` the share of
    AWS's list prices that is paid: a Savings Plan's, or a negotiated one.

    Raises:
        InvalidQuantity: for a number out of its range.
    """

    workload: Workload
    busiest: Workload | None = None
    calls: float | None = None
    in_order: bool | None = None
    reads_along: bool | None = None
    sees_answer: bool | None = None
    own_process: bool | None = None
    other_vendor: bool | None = None
    out_of_memory: bool = False
    times_out: bool = False
    hour_usd: float = 100.0
    effective_rate: float = 1.0

    def __post_init__(self) -> None:
        """Check the month and the numbers at the door."""
        a_workload(self.workload)
        if self.calls is not None and not 1 <= self.calls <= MOST_CALLS:
            msg = f"calls is {self.calls:g}; expected 1 to {MOST_CALLS:g} in one request."
            raise InvalidQuantity(msg)
        object.__setattr__(self, "calls", self.calls or _calls_of(self.workload))
        if not 0 <= self.hour_usd < math.inf:
            msg = f"hour_usd is {self.hour_usd:g}; expected dollars an hour, at least 0."
            raise InvalidQuantity(msg)
        check_rate(self.effective_rate)

    @classmethod
    def stated(cls, workload: Workload, answers: Answers | None = None, **more: Any) -> Facts:
        """Return facts of which only the peak memory may be unknown: every answer is given."""
        given = answers or Answers()
        said = {f.name: getattr(given, f.name) for f in fields(given)}
        return cls(workload=workload, **(said | more))

    @classmethod
    def preset(cls, name: str, *, changes: Mapping[str, Any] | None = None, **more: Any) -> Facts:
        """Return the facts of a named request of the book, of which none is unknown.

        ``changes`` are quantities of its workload, and the rest facts.
        """
        said = {"peak_memory_mb": STATED_PEAK_MB.get(name, 0.0)} | dict(changes or {})
        return cls.stated(Workload.preset(name, **said), **more)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names of the facts that are not known, of those that matter."""
        return tuple(self._ends())

    def _ends(self) -> dict[str, tuple[Any, Any]]:
        """Return both ends of each fact that is not known."""
        ends: dict[str, tuple[Any, Any]] = {}
        if not np.any(self.workload.peak_memory_mb) and not self.out_of_memory:
            at_mb = float(np.max(self.workload.memory_mb))
            if at_mb > MEMORY_MB[0]:
                ends["peak_memory_mb"] = (0.0, at_mb - 1)
        if self.busiest is not None:
            ends["cpu_ms"] = (self.workload, self.busiest)
        if self.calls is None:
            ends["calls"] = (1.0, MOST_CALLS)
        if self.in_order is None and self.calls != 1:
            ends["in_order"] = (True, False)
        for name in ("reads_along", "sees_answer", "own_process", "other_vendor"):
            if getattr(self, name) is None:
                ends[name] = (True, False)
        return ends

    def cases(self) -> Iterator[Possibility]:
        """Yield each set of values that the unknown facts may have, at their ends."""
        ends = self._ends()
        for sides in product((0, 1), repeat=len(ends)):
            taken = {name: ends[name][side] for name, side in zip(ends, sides, strict=True)}
            w = taken.get("cpu_ms", self.workload)
            if "peak_memory_mb" in taken:
                w = w.replace(peak_memory_mb=taken["peak_memory_mb"])
            said = {f.name: taken.get(f.name, getattr(self, f.name)) for f in fields(Answers)}
            said["in_order"] = True if said["in_order"] is None else said["in_order"]
            yield Possibility(dict(zip(ends, sides, strict=True)), w, Answers(**said))


def _calls_of(w: Workload) -> float | None:
    """Return how many calls a timeline makes; None where there is no timeline."""
    calls = sum(1.0 for step in w.steps if step.kind != "cpu" and np.any(np.asarray(step.ms) > 0))
    return min(calls, MOST_CALLS) or None


class Possibility(NamedTuple):
    """One way things may be: which end of each unknown it takes, the month and the answers."""

    ends: Mapping[str, int]
    workload: Workload
    answers: Answers


class ToFind(NamedTuple):
    """A fact to find out: what it is called in a sentence, and how to get it."""

    what: str
    how: str


#: How to get each fact.
ASK = {
    "peak_memory_mb": ToFind(
        "the peak memory", "read Max Memory Used in its REPORT lines, over a week"
    ),
    "cpu_ms": ToFind(
        "how much of the time is work", "log the CPU time of a request, as in metered.py"
    ),
    "calls": ToFind("how many calls a request waits for", "count them in the code"),
    "in_order": ToFind(
        "whether each call needs the one before", "see whether its input holds their output"
    ),
    "reads_along": ToFind("whether a person reads along", "ask who uses it"),
    "sees_answer": ToFind(
        "whether your code must see the answer", "list what it does with it on its way"
    ),
    "own_process": ToFind(
        "whether a process of your own may run", "ask who would look after it at night"
    ),
    "other_vendor": ToFind("whether it may move to another vendor", "ask who signs for one"),
}
