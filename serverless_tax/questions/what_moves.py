"""What moves the answer: each fact over its range alone, and the pairs that act on each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache, partial
from typing import Any

import numpy as np

from serverless_tax.ground.checks import checked
from serverless_tax.ground.units import InvalidQuantity, parse_number
from serverless_tax.platforms.aws_lambda import PLATFORM
from serverless_tax.questions.advise import Advice, advice_on
from serverless_tax.questions.answers import MOST_CALLS
from serverless_tax.questions.decide import Climbed, sizes_of
from serverless_tax.questions.facts import Facts, some_facts, with_the_rest
from serverless_tax.questions.paid_months import Bills
from serverless_tax.questions.ranges import first_year_usd
from serverless_tax.questions.sensitivity import (
    Pair,
    at_value,
    default_ranges,
    ends_of,
    some_ranges,
    together,
    value_of,
)
from serverless_tax.questions.ways import choices_of, prices_of, worked_out
from serverless_tax.request.workload import QUANTITIES, Workload

#: The facts that are no quantity of the month, with the range that is tried where none is given.
_OF_FACTS = {"hour_usd": (50.0, 200.0), "effective_rate": (0.7, 1.0)}
YES_OR_NO = ("in_order", "reads_along", "sees_answer", "own_process", "other_vendor")
#: Those that a range can set.
_FACTS = (*_OF_FACTS, *YES_OR_NO, "calls", "longest_ms")
#: The lengths of which one is the rest of the other, where only their sum is known.
_SPLIT = {"cpu_ms": "wait_ms", "wait_ms": "cpu_ms"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What the advice is at both ends of one fact's range, all others as they are.

    ``low`` and ``high`` are the ends, in the unit that the fact's name says, or False and True, and
    ``base`` is what it is, or None where that is unknown;
    the sentences are what to do there, whether that is another thing than as it is, and the dollars
    what the first year leaves after the work.
    Where the advice is a range, they are its least, and ``low_most_usd`` and ``high_most_usd`` its
    most: endless where nothing known bounds it.
    """

    fact: str
    low: float
    base: float | None
    high: float
    low_says: str
    high_says: str
    low_usd: float
    high_usd: float
    low_most_usd: float
    high_most_usd: float
    low_changes: bool
    high_changes: bool

    @property
    def changes(self) -> bool:
        """Whether there is another thing to do at one of the ends than as it is."""
        return self.low_changes or self.high_changes

    @property
    def swing_usd(self) -> float:
        """How far apart the first year's dollars are at one end of it at least, in USD."""
        ends = ((self.low_usd, self.high_usd), (self.low_most_usd, self.high_most_usd))
        return max((abs(high - low) for low, high in ends if low != high), default=0.0)

    def to_dict(self) -> dict[str, Any]:
        """Return the move as plain values, ready for JSON; what is endless is null."""
        plain = asdict(self) | {"swing_usd": self.swing_usd, "changes": self.changes}
        return {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in plain.items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatMoves:
    """The advice as it is, what each fact does to it, and which pairs act on each other."""

    advice: Advice
    moves: tuple[Move, ...]
    pairs: tuple[Pair, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values, ready for JSON."""
        return {
            "sentence": self.advice.sentence,
            "first_year_usd": self.advice.to_dict()["first_year_usd"],
            "moves": [move.to_dict() for move in self.moves],
            "pairs": [pair.to_dict() for pair in self.pairs],
        }


def what_moves(
    facts: Facts,
    ranges: Mapping[str, tuple[Any, Any]] | None = None,
    *,
    progress: Callable[[str], object] | None = None,
    **when: Any,
) -> WhatMoves:
    """Return what each fact does to the advice over its range, the widest first, and the pairs.

    ``ranges`` gives both ends of quantities of the month and of facts, as numbers, text with a
    unit, or False and True. By default they are :func:`fact_ranges`. ``progress`` is called with a
    sentence before each fact. Other keywords are those of :func:`serverless_tax.advise`.

    >>> from datetime import date
    >>> found = what_moves(
    ...     Facts.preset("article"), {"requests_per_month": (1e4, 1e7), "hour_usd": (50, 200)},
    ...     on=date(2026, 11, 1))
    >>> [(move.fact, move.changes) for move in found.moves]
    [('requests_per_month', True), ('hour_usd', True)]

    Where nothing known bounds the dollars, and no ranges are given, nothing moves them.

    Raises:
        InvalidQuantity: for a fact that does not exist, or an end that it cannot have.
        UnknownPrice: as :func:`serverless_tax.advise` does.
    """
    chosen = fact_ranges(some_facts(facts)) if ranges is None else some_ranges(ranges)
    ends = {name: _both(name, given) for name, given in chosen.items()}
    priced, known = cache(partial(Bills, prices_of(when))), dict[Any, Climbed]()

    def asked(about: Facts) -> Advice:
        return advice_on(about, worked_out(about, priced, known, **when), when, known)

    as_it_is = asked(facts)
    if as_it_is.has_no_end and ranges is None:
        return WhatMoves(advice=as_it_is, moves=(), pairs=())

    def usd(*settings: tuple[str, Any]) -> float:
        about = _with(facts, settings)
        worked = worked_out(about, priced, known, **when)
        return first_year_usd(about, worked, choices_of(worked))[0]

    moves = []
    for k, (name, (low, high)) in enumerate(ends.items(), 1):
        if progress:
            progress(f"Asking what to do at both ends of {name}, fact {k} of {len(ends)} …")
        at_low, at_high = (asked(_with(facts, [(name, end)])) for end in (low, high))
        moves.append(
            Move(
                fact=name,
                low=_plain(facts, name, low),
                base=_base(facts, name),
                high=_plain(facts, name, high),
                low_says=at_low.sentence,
                high_says=at_high.sentence,
                low_usd=at_low.first_year_usd[0],
                high_usd=at_high.first_year_usd[0],
                low_most_usd=at_low.first_year_usd[1],
                high_most_usd=at_high.first_year_usd[1],
                low_changes=_does(at_low) != _does(as_it_is),
                high_changes=_does(at_high) != _does(as_it_is),
            )
        )
    moves.sort(key=lambda move: (-move.swing_usd, not move.changes, move.fact))
    alone = {move.fact: move.high_usd - move.low_usd for move in moves}
    pairs = together({name: ends[name] for name in alone}, alone, usd)
    return WhatMoves(advice=as_it_is, moves=tuple(moves), pairs=pairs)


def fact_ranges(facts: Facts) -> dict[str, tuple[Any, Any]]:
    """Return the ranges to try where none are given: half and twice, or what can be.

    What is unknown is tried over all that it can be. Memory is what is chosen and no fact; the peak
    memory is tried up to the memory there is.
    """
    return dict(_fact_ranges(facts))


def _fact_ranges(facts: Facts) -> Iterator[tuple[str, tuple[Any, Any]]]:
    w, may_be = facts.workload, facts.may_be()
    yield from _lengths_and_requests(facts)
    peak_mb, at_mb = float(np.max(w.peak_memory_mb)), float(np.max(w.memory_mb))
    if "peak_memory_mb" in may_be:
        yield "peak_memory_mb", (1.0, at_mb - 1)
    elif peak_mb:
        yield "peak_memory_mb", (peak_mb / 2, max(min(peak_mb * 2, at_mb - 1), peak_mb))
    if "longest_ms" in may_be:
        waits_ms = float(np.mean(w.wait_ms + w.streaming_ms))
        yield "longest_ms", (waits_ms / (facts.calls or MOST_CALLS), waits_ms)
    for name in ("calls", *_OF_FACTS):
        if name in may_be:
            yield name, (may_be[name][0], may_be[name][-1])
        elif name in _OF_FACTS:
            yield name, _OF_FACTS[name]
    for name in YES_OR_NO:
        if name != "in_order" or facts.calls not in (None, 1):
            yield name, (False, True)


def _lengths_and_requests(facts: Facts) -> Iterator[tuple[str, tuple[float, float]]]:
    w = facts.workload
    requests, cpu_ms = float(np.mean(w.requests_per_month)), float(np.mean(w.cpu_ms))
    if requests:
        yield "requests_per_month", (requests / 2, requests * 2)
    if facts.busiest is not None:
        yield "cpu_ms", (0.0, float(np.mean(facts.busiest.cpu_ms)))
        return
    if cpu_ms:
        yield "cpu_ms", (cpu_ms / 2, cpu_ms * 2)
    yield from (item for item in default_ranges(w).items() if item[0] != "memory_mb")


def _both(name: str, given: Any) -> tuple[Any, Any]:
    if name in YES_OR_NO:
        words = {"no": False, "yes": True, "false": False, "true": True, False: False, True: True}
        try:
            low, high = (words[end.lower() if isinstance(end, str) else end] for end in given)
        except (KeyError, TypeError, ValueError):
            msg = f"The range of {name} is {given!r}; expected no and yes."
            raise InvalidQuantity(msg) from None
        return low, high
    if name == "longest_ms":
        first, last = (checked(name, end) for end in given)
        return first, last
    if name in _OF_FACTS or name == "calls":
        first, last = (parse_number(e, field=name) if isinstance(e, str) else e for e in given)
        return first, last
    if name not in QUANTITIES and name in {f.name for f in fields(Facts)}:
        msg = f"{name} has no range; use a quantity of Workload, {', '.join(_FACTS)}."
        raise InvalidQuantity(msg)
    return ends_of(name, given)


def _with(facts: Facts, settings: Any) -> Facts:
    """Return the facts with some set, and everything else as it is."""
    for name, value in settings:
        if name in _FACTS:
            facts = replace(facts, **{name: value})
        elif facts.busiest is not None and name in _SPLIT:
            facts = _told_apart(facts, name, value)
        else:
            busiest, w = facts.busiest, at_value(facts.workload, name, value)
            facts = replace(
                facts,
                workload=w,
                longest_ms=_longest_ms(facts, w),
                busiest=None if busiest is None else at_value(busiest, name, value),
                per_million=facts.per_million and name != "requests_per_month",
                between={other: ends for other, ends in facts.between.items() if other != name},
            )
    return facts


def _told_apart(facts: Facts, name: str, value: Any) -> Facts:
    """Return the facts where one length is known of requests of which only the sum of both was."""
    took_ms = float(np.mean(PLATFORM.wall_ms(facts.workload)))
    w = facts.workload.replace(**{"streaming_ms": 0.0, _SPLIT[name]: 0.0, name: value})
    w = with_the_rest(w, _SPLIT[name], took_ms, memory_is_known=not facts.no_end)
    return replace(facts, workload=w, busiest=None)


def _longest_ms(facts: Facts, w: Workload) -> float | None:
    """Return how long the longest call takes where a request waits as in ``w``: in proportion."""
    before_ms, after_ms = (float(np.mean(m.wait_ms + m.streaming_ms)) for m in (facts.workload, w))
    if not facts.longest_ms or not before_ms:
        return facts.longest_ms
    return facts.longest_ms * after_ms / before_ms


def _base(facts: Facts, name: str) -> float | None:
    if name in _FACTS:
        value = getattr(facts, name)
        return None if value is None else float(value)
    if name in facts.unknown:
        return None
    return value_of(facts.workload, name)


def _plain(facts: Facts, name: str, value: Any) -> float:
    return float(_base(_with(facts, [(name, value)]), name) or 0.0)


def _does(advice: Advice) -> tuple[Any, ...]:
    """Return what is recommended at both ends of what is unknown, and what to find out first."""
    ends = (advice.least, advice.most)
    return advice.ask, sizes_of(advice.common), *(sizes_of(one.as_said.steps) for one in ends)
