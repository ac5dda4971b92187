"""What moves the answer: each fact over its range alone, and the pairs that act on each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from serverless_tax.ground.units import InvalidQuantity, parse_number
from serverless_tax.questions.advise import Advice, advise
from serverless_tax.questions.decide import sizes_of
from serverless_tax.questions.facts import Facts, some_facts
from serverless_tax.questions.sensitivity import (
    Pair,
    at_value,
    default_ranges,
    ends_of,
    some_ranges,
    together,
    value_of,
)
from serverless_tax.request.workload import QUANTITIES, Workload

#: The facts that are no quantity of the month, with the range that is tried where none is given.
_OF_FACTS = {"hour_usd": (50.0, 200.0), "effective_rate": (0.7, 1.0)}
YES_OR_NO = ("in_order", "reads_along", "sees_answer", "own_process", "other_vendor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What the advice is at both ends of one fact's range, all others as they are.

    ``low`` and ``high`` are the ends, in the unit that the fact's name says, or False and True;
    the sentences are what to do there, whether that is another thing than as it is, and the dollars
    what the first year leaves after the work.
    Where the advice is a range, they are its least.
    """

    fact: str
    low: float
    base: float | None
    high: float
    low_says: str
    high_says: str
    low_usd: float
    high_usd: float
    low_changes: bool
    high_changes: bool

    @property
    def changes(self) -> bool:
        """Whether there is another thing to do at one of the ends than as it is."""
        return self.low_changes or self.high_changes

    @property
    def swing_usd(self) -> float:
        """How far apart the first year's dollars are, in USD."""
        return abs(self.high_usd - self.low_usd)

    def to_dict(self) -> dict[str, Any]:
        """Return the move as plain values, ready for JSON."""
        return asdict(self) | {"swing_usd": self.swing_usd, "changes": self.changes}


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
    facts: Facts, ranges: Mapping[str, tuple[Any, Any]] | None = None, **when: Any
) -> WhatMoves:
    """Return what each fact does to the advice over its range, the widest first, and the pairs.

    ``ranges`` gives both ends of quantities of the month and of facts, as numbers, text with a
    unit, or False and True. By default they are :func:`fact_ranges`. Other keywords are those of
    :func:`serverless_tax.advise`.

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
    as_it_is = advise(facts, **when)
    if as_it_is.has_no_end and ranges is None:
        return WhatMoves(advice=as_it_is, moves=(), pairs=())

    def usd(*settings: tuple[str, Any]) -> float:
        return advise(_with(facts, settings), **when).first_year_usd[0]

    moves = []
    for name, (low, high) in ends.items():
        at_low, at_high = (advise(_with(facts, [(name, end)]), **when) for end in (low, high))
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

    Memory is what is chosen and no fact; the peak memory is tried up to the memory there is.
    """
    return dict(_fact_ranges(facts))


def _fact_ranges(facts: Facts) -> Iterator[tuple[str, tuple[Any, Any]]]:
    w = facts.workload
    for name in ("requests_per_month", "cpu_ms"):
        mean = float(np.mean(getattr(w, name)))
        if mean:
            yield name, (mean / 2, mean * 2)
    for name, ends in default_ranges(w).items():
        if name != "memory_mb":
            yield name, ends
    peak_mb, at_mb = float(np.max(w.peak_memory_mb)), float(np.max(w.memory_mb))
    if peak_mb:
        yield "peak_memory_mb", (peak_mb / 2, max(min(peak_mb * 2, at_mb - 1), peak_mb))
    yield from _OF_FACTS.items()
    for name in YES_OR_NO:
        if name != "in_order" or facts.calls not in (None, 1):
            yield name, (False, True)


def _both(name: str, given: Any) -> tuple[Any, Any]:
    if name in YES_OR_NO:
        words = {"no": False, "yes": True, "false": False, "true": True, False: False, True: True}
        try:
            low, high = (words[end.lower() if isinstance(end, str) else end] for end in given)
        except (KeyError, TypeError, ValueError):
            msg = f"The range of {name} is {given!r}; expected no and yes."
            raise InvalidQuantity(msg) from None
        return low, high
    if name in _OF_FACTS or name == "calls":
        first, last = (parse_number(e, field=name) if isinstance(e, str) else e for e in given)
        return first, last
    if name not in QUANTITIES and name in {f.name for f in fields(Facts)}:
        there_are = ", ".join((*_OF_FACTS, *YES_OR_NO))
        msg = f"{name} has no range; use a quantity of Workload, calls, {there_are}."
        raise InvalidQuantity(msg)
    return ends_of(name, given)


def _with(facts: Facts, settings: Any) -> Facts:
    """Return the facts with some set, and everything else as it is."""
    for name, value in settings:
        if name in {*_OF_FACTS, *YES_OR_NO, "calls"}:
            facts = replace(facts, **{name: value})
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


def _longest_ms(facts: Facts, w: Workload) -> float | None:
    """Return how long the longest call takes where a request waits as in ``w``: in proportion."""
    before_ms, after_ms = (float(np.mean(m.wait_ms + m.streaming_ms)) for m in (facts.workload, w))
    if not facts.longest_ms or not before_ms:
        return facts.longest_ms
    return facts.longest_ms * after_ms / before_ms


def _base(facts: Facts, name: str) -> float | None:
    if name in {*_OF_FACTS, *YES_OR_NO, "calls"}:
        value = getattr(facts, name)
        return None if value is None else float(value)
    return value_of(facts.workload, name)


def _plain(facts: Facts, name: str, value: Any) -> float:
    return float(_base(_with(facts, [(name, value)]), name) or 0.0)


def _does(advice: Advice) -> tuple[Any, ...]:
    """Return what is recommended at both ends of what is unknown, and what to find out first."""
    ends = (advice.least, advice.most)
    return advice.ask, sizes_of(advice.common), *(sizes_of(one.as_said.steps) for one in ends)
