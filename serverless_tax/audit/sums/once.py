"""Which records stand in the logs twice, as they do where fetches overlap.

A record is known by its invocation's id, its figures and its time, so that a call that was retried
counts again. Of each, eight bytes are kept, and of no more than some millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from serverless_tax.audit.read.grammar import ID_LENGTH, Bools, Ints

#: Records of which the keys are kept: 64 MB of them.
MOST = 8_000_000
#: A set of keys becomes one with that before it, unless that is so many times as large: sets stay
#: few, and a key is sorted again few times.
_TIMES_LARGER = 3
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93,
                 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3],
                np.uint64)  # fmt: skip
_SHIFT = np.uint64(29)
_WORDS = (ID_LENGTH + 7) // 8
_SECOND_NS = 10**9

Keys = NDArray[np.uint64]


@dataclass(slots=True)
class Once:
    """The keys of the records so far.

    Attributes:
        twice: records that stood there before and were left out.
        full: whether there were more than are kept, so that some may count twice.
    """

    twice: int = 0
    full: bool = False
    _sets: list[Keys] = field(default_factory=list)

    def new(self, keys: Keys) -> Bools:
        """Say which of these have not been seen; from now on they have. 0 is never seen."""
        unique = np.sort(keys)
        if len(keys) and not (unique[0] and (unique[1:] != unique[:-1]).all()):
            return self._new_of_some(keys)
        seen = self._seen(unique)
        if not seen.any():
            self._keep(unique)
            return np.ones(len(keys), bool)
        self._keep(unique[~seen])
        self.twice += int(seen.sum())
        return np.isin(keys, unique[seen], invert=True)

    def _new_of_some(self, keys: Keys) -> Bools:
        """Do the same where some stand twice among these, or are 0."""
        unique, first = np.unique(keys, return_index=True)
        is_new = np.zeros(len(keys), bool)
        is_new[first] = True
        is_new[first[self._seen(unique)]] = False
        is_new |= keys == 0
        self._keep(unique[is_new[first] & (unique != 0)])
        self.twice += int(len(keys) - is_new.sum())
        return is_new

    def _seen(self, unique: Keys) -> Bools:
        seen = np.zeros(len(unique), bool)
        for known in self._sets:
            seen |= known[np.searchsorted(known, unique).clip(max=len(known) - 1)] == unique
        return seen

    def _keep(self, fresh: Keys) -> None:
        if not len(fresh):
            return
        sets = self._sets
        sets.append(fresh)
        while len(sets) > 1 and len(sets[-2]) <= _TIMES_LARGER * len(sets[-1]):
            sets[-2:] = [np.sort(np.concatenate(sets[-2:]))]
        if sum(map(len, sets)) > MOST:
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
