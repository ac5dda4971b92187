"""Which records stand in the logs twice, as they do where fetches overlap.

A record is known by its invocation's id, its figures and its time, so that a call that was retried
counts again. Of each, eight bytes are kept, and of no more than some millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from serverless_tax.audit.read.grammar import ID_LENGTH, Bools, Ints

#: Records of which the keys are kept: 64 MB of them.
MOST = 8_000_000
#: A set of keys becomes one with that before it, unless that is so many times as large: sets stay
#: few, and a key is sorted again few times. Sets of different times stay apart, up to so many.
_TIMES_LARGER, _MOST_SETS = 3, 256
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93,
                 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3],
                np.uint64)  # fmt: skip
_SHIFT = np.uint64(29)
_WORDS = (ID_LENGTH + 7) // 8
_SECOND_NS = 10**9

Keys = NDArray[np.uint64]


class _Set(NamedTuple):
    """Keys in their order, of records that were written from a time on and up to another."""

    keys: Keys
    first: int
    last: int

    def meets(self, other: _Set) -> bool:
        """Whether a record may be in both."""
        return self.first <= other.last and other.first <= self.last


@dataclass(slots=True)
class Once:
    """The keys of the records so far.

    Attributes:
        twice: records that stood there before and were left out.
        full: whether there were more than are kept, so that some may count twice.
    """

    twice: int = 0
    full: bool = False
    _sets: list[_Set] = field(default_factory=list)

    def new(self, keys: Keys, times: Ints) -> Bools:
        """Say which of these have not been seen; from now on they have. 0 is never seen.

        Args:
            keys: of `keys_of`.
            times: of the records, which their keys know.
        """
        if not len(keys):
            return np.ones(0, bool)
        asked = _Set(np.sort(keys), int(times.min()), int(times.max()))
        unique = asked.keys
        if not (unique[0] and (unique[1:] != unique[:-1]).all()):
            return self._new_of_some(keys, asked)
        seen = self._seen(asked)
        if not seen.any():
            self._keep(asked)
            return np.ones(len(keys), bool)
        self._keep(asked._replace(keys=unique[~seen]))
        self.twice += int(seen.sum())
        return np.isin(keys, unique[seen], invert=True)

    def _new_of_some(self, keys: Keys, asked: _Set) -> Bools:
        """Do the same where some stand twice among these, or are 0."""
        unique, first = np.unique(keys, return_index=True)
        is_new = np.zeros(len(keys), bool)
        is_new[first] = True
        is_new[first[self._seen(asked._replace(keys=unique))]] = False
        is_new |= keys == 0
        self._keep(asked._replace(keys=unique[is_new[first] & (unique != 0)]))
        self.twice += int(len(keys) - is_new.sum())
        return is_new

    def _seen(self, asked: _Set) -> Bools:
        seen = np.zeros(len(asked.keys), bool)
        for known in (one.keys for one in self._sets if one.meets(asked)):
            at = np.searchsorted(known, asked.keys).clip(max=len(known) - 1)
            seen |= known[at] == asked.keys
        return seen

    def _keep(self, fresh: _Set) -> None:
        if not len(fresh.keys):
            return
        sets = self._sets
        sets.append(fresh)
        while len(sets) > 1 and len(sets[-2].keys) <= _TIMES_LARGER * len(sets[-1].keys):
            one, other = sets[-2:]
            if not one.meets(other) and len(sets) <= _MOST_SETS:
                break
            keys = np.sort(np.concatenate([one.keys, other.keys]))
            first, last = min(one.first, other.first), max(one.last, other.last)
            sets[-2:] = [_Set(keys, first, last)]
        if sum(len(one.keys) for one in sets) > MOST:
            self._sets, self.full = [], True


def keys_of(
    ids: NDArray[np.bytes_], duration_ns: Ints, billed_ms: Ints, memory_mb: Ints, time: Ints
) -> Keys:
    """Return a key for each record; 0 where nothing tells it from another.

    Without a time, a call that ran for whole seconds may have timed out twice.
    """
    words = _words(ids)
    figures = [duration_ns, (billed_ms << 32) ^ memory_mb, time]
    key = _mixed([*words.T, *(one.astype(np.int64).view(np.uint64) for one in figures)])
    told = (words[:, 0] != 0) & ((time > 0) | (duration_ns % _SECOND_NS > 0))
    return np.where(told, key, np.uint64(0))


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
