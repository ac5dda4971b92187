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
#: Sets of keys that are looked through one by one before they become one.
_MOST_SETS = 8
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
        unique, first = np.unique(keys, return_index=True)
        is_new = np.zeros(len(keys), bool)
        is_new[first] = True
        for known in self._sets:
            at = np.searchsorted(known, unique).clip(max=len(known) - 1)
            is_new[first[known[at] == unique]] = False
        is_new |= keys == 0
        fresh = unique[is_new[first] & (unique != 0)]
        self.twice += int(len(keys) - is_new.sum())
        if len(fresh):
            self._keep(fresh)
        return is_new

    def _keep(self, fresh: Keys) -> None:
        self._sets.append(fresh)
        if len(self._sets) > _MOST_SETS:
            self._sets = [np.sort(np.concatenate(self._sets))]
            if len(self._sets[0]) > MOST:
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
