"""Which records stand in the logs twice, as they do where fetches overlap, and which are retries.

A record is known by its invocation's id and its figures. Two that agree in both are one event where
a copy came by another way: without a time, within a minute, or with a clock that is quarters of an
hour off. Lambda tries a call again under the same id a minute later or more, and bills it again: so
others of the same id count. Of each, 16 bytes are kept, and of no more than some millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from serverless_tax.audit.read.plain import ID_LENGTH, Bools, Ints

#: Records of which the keys are kept: 96 MB of them.
MOST = 6_000_000
#: A set of keys becomes one with that before it, unless that is so many times as large: sets stay
#: few, and a key is sorted again few times. Sets of different times stay apart, up to so many.
_TIMES_LARGER, _MOST_SETS = 3, 256
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93,
                 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3],
                np.uint64)  # fmt: skip
_SHIFT, _HALF = np.uint64(29), np.uint64(32)
_WORDS = (ID_LENGTH + 7) // 8
_SECOND_NS = 10**9
#: Lambda tries an asynchronous call again after a minute; clocks of zones differ by quarters.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
_RETRY_S, _ZONE_S = 60, 900
#: Events that are further from each other are not looked at: no zone is, and no retry.
_FAR_S = 14 * 3600
#: Records of one id that are compared: a call, and it tried again twice, and one of them copied.
_MOST_OF_ID = 4
_DAY = 10**6

Keys = NDArray[np.uint64]
Halves = NDArray[np.uint32]


class Told(NamedTuple):
    """Records by what tells them apart.

    Attributes:
        ids: a key of the request's id; 0 where nothing tells a record from another.
        figures: a key of its figures.
        seconds: when it was written, since 1970; 0 where it does not say.
        is_round: whether it ran for whole seconds, as one does that ran into its limit.
    """

    ids: Keys
    figures: Halves
    seconds: Halves
    is_round: Bools

    def of(self, which: Bools | Ints) -> Told:
        """Return some of them, or all in another order."""
        return Told(self.ids[which], self.figures[which], self.seconds[which], self.is_round[which])

    def and_also(self, other: Told) -> Told:
        """Return these and others, in the order of their ids."""
        both = Told(
            np.concatenate([self.ids, other.ids]),
            np.concatenate([self.figures, other.figures]),
            np.concatenate([self.seconds, other.seconds]),
            np.concatenate([self.is_round, other.is_round]),
        )
        return both.of(np.argsort(both.ids, kind="stable"))


def told(
    ids: NDArray[np.bytes_], duration_ns: Ints, billed_ms: Ints, memory_mb: Ints, time: Ints
) -> Told:
    """Return what tells records apart; their times are digits, year to second, or 0.

    Without a time, a call that ran for whole seconds may have timed out twice.
    """
    is_round = duration_ns % _SECOND_NS == 0
    figures = [duration_ns, (billed_ms << 32) ^ memory_mb]
    mixed = _mixed([one.astype(np.int64).view(np.uint64) for one in figures])
    keys = np.where((time > 0) | ~is_round, hashed(ids), np.uint64(0))
    return Told(keys, (mixed >> _HALF).astype(np.uint32), _seconds(time), is_round)


def _seconds(time: Ints) -> Halves:
    days, clock = time // _DAY, time % _DAY
    known, at = np.unique(days, return_inverse=True) if len(time) else (days, days)
    begins = np.array([_day_s(day) for day in known.tolist()], np.int64)
    of_day = clock // 10_000 * 3600 + clock // 100 % 100 * 60 + clock % 100
    return np.where(time > 0, begins[at] + of_day if len(time) else time, 0).astype(np.uint32)


def _day_s(day: int) -> int:
    """Return when a day begins; one that is in no calendar, after the month's others."""
    month = np.datetime64(f"{day // 10_000:04d}-{min(max(day // 100 % 100, 1), 12):02d}", "M")
    return int(month.astype("M8[s]").astype(np.int64)) + (day % 100 - 1) * 86400


class _Set(NamedTuple):
    """Records in the order of their ids, written from a time on and up to another."""

    told: Told
    first: int
    last: int

    def meets(self, other: _Set) -> bool:
        """Whether a record of one may be a copy of one in the other, or a retry."""
        apart = self.first > other.last + _FAR_S or other.first > self.last + _FAR_S
        return not apart or not self.first or not other.first


@dataclass(slots=True)
class Once:
    """What tells the records so far apart.

    Attributes:
        twice: records that stood there before and were left out.
        again: records of a request that had one before, which count.
        alike: of those, the ones with the very same figures, and a duration of parts of a second.
        full: whether there were more than are kept, so that some may count twice.
    """

    twice: int = 0
    again: int = 0
    alike: int = 0
    full: bool = False
    _sets: list[_Set] = field(default_factory=list)

    def new(self, records: Told) -> Bools:
        """Say which of these have not been seen; from now on they have."""
        is_new = np.ones(len(records.ids), bool)
        if not len(is_new):
            return is_new
        order = np.argsort(records.ids)
        ordered = records.of(order)
        if not (ordered.ids[0] and (ordered.ids[1:] != ordered.ids[:-1]).all()):
            order, is_copy = _copies_among(records)
            self.twice += int(is_copy.sum())
            is_new[order[is_copy]] = False
            order = order[~is_copy]
            ordered = records.of(order)
            order, ordered = order[ordered.ids > 0], ordered.of(ordered.ids > 0)
            if not len(order):
                return is_new
        asked = _Set(ordered, int(ordered.seconds.min()), int(ordered.seconds.max()))
        is_copy, is_met, is_alike = self._seen(asked)
        same = ordered.ids[1:] == ordered.ids[:-1]
        is_met[1:] |= same
        same &= ordered.figures[1:] == ordered.figures[:-1]
        is_alike[1:] |= same & ~ordered.is_round[1:]
        self.again += int((is_met & ~is_copy).sum())
        self.alike += int((is_alike & ~is_copy).sum())
        if is_copy.any():
            self.twice += int(is_copy.sum())
            is_new[order[is_copy]] = False
            asked = asked._replace(told=ordered.of(~is_copy))
        self._keep(asked)
        return is_new

    def _seen(self, asked: _Set) -> tuple[Bools, Bools, Bools]:
        """Say which are copies, whose request had a record before, and one with their figures."""
        is_copy, is_met, is_alike = np.zeros((3, len(asked.told.ids)), bool)
        for known in (one.told for one in self._sets if one.meets(asked)):
            at = np.searchsorted(known.ids, asked.told.ids)
            for _ in range(_MOST_OF_ID):
                place = at.clip(max=len(known.ids) - 1)
                same = known.ids[place] == asked.told.ids
                same &= at < len(known.ids)
                if not same.any():
                    break
                is_met |= same
                before, told = known.of(place[same]), asked.told.of(same)
                is_copy[same] |= _are_one(before, told)
                is_alike[same] |= (before.figures == told.figures) & ~told.is_round
                at += 1
        return is_copy, is_met, is_alike

    def _keep(self, fresh: _Set) -> None:
        if not len(fresh.told.ids):
            return
        sets = self._sets
        sets.append(fresh)
        while len(sets) > 1 and len(sets[-2].told.ids) <= _TIMES_LARGER * len(sets[-1].told.ids):
            one, other = sets[-2:]
            if not one.meets(other) and len(sets) <= _MOST_SETS:
                break
            first, last = min(one.first, other.first), max(one.last, other.last)
            sets[-2:] = [_Set(one.told.and_also(other.told), first, last)]
        if sum(len(one.told.ids) for one in sets) > MOST:
            self._sets, self.full = [], True


def _copies_among(records: Told) -> tuple[Ints, Bools]:
    """Return records in an order, and which of them are copies of one before them."""
    order = np.lexsort((records.seconds, records.figures, records.ids))
    ordered = records.of(order)
    first, second = ordered.of(np.arange(len(order) - 1)), ordered.of(np.arange(1, len(order)))
    is_copy = np.zeros(len(order), bool)
    is_copy[1:] = (first.ids == second.ids) & (first.ids > 0) & _are_one(first, second)
    return order, is_copy


def _are_one(some: Told, others: Told) -> Bools:
    """Say which records of the same request are one event."""
    apart_s = np.abs(some.seconds.astype(np.int64) - others.seconds)
    untimed = (some.seconds == 0) | (others.seconds == 0)
    by_zone = (apart_s % _ZONE_S == 0) & (apart_s <= _FAR_S)
    by_figures = ~others.is_round & (untimed | by_zone)
    one: Bools = (some.figures == others.figures) & (by_figures | (apart_s < _RETRY_S))
    return one


def hashed(ids: NDArray[np.bytes_]) -> Keys:
    """Return a key for each id; 0 for none."""
    words = _words(ids)
    return np.where(words[:, 0] != 0, _mixed([*words.T]), np.uint64(0))


def _words(ids: NDArray[np.bytes_]) -> Keys:
    whole = np.ascontiguousarray(ids.astype(f"S{_WORDS * 8}"))
    return whole.view(np.uint64).reshape(-1, _WORDS)


def _mixed(words: Sequence[Keys]) -> Keys:
    key = np.zeros(len(words[0]), np.uint64)
    for mix, word in zip(_MIX, words, strict=False):
        key = (key ^ word) * mix
        key ^= key >> _SHIFT
    return key
