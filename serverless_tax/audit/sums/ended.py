"""Records of which another line tells the ending, joined with it by the id of their request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from serverless_tax.audit.read.endings import Ended
from serverless_tax.audit.read.grammar import Record
from serverless_tax.audit.read.plain import Bools, Ints
from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.sums.once import hashed
from serverless_tax.audit.sums.table import SUMS, Sums
from serverless_tax.audit.sums.tally import Key

#: Endings that wait for their record.
_MOST_WAITING = 100_000
#: What an ending says of a record.
_SAYS = ("status", "error_type")


class Counted(NamedTuple):
    """Records in columns that were counted under a name, and say nothing of their ending.

    Attributes:
        name, cold: of all.
        ids, memory_mb, billed_ms: of each.
        sources, logs: all there are, and the number of the one of each.
        left: which of them were counted, and have no ending yet.
    """

    name: str
    cold: int
    ids: np.ndarray
    memory_mb: Ints
    billed_ms: Ints
    sources: Sequence[Source]
    logs: Ints
    left: Bools

    def key(self, k: int) -> Key:
        """Return what one of them is added up under."""
        label = self.sources[int(self.logs[k])].label
        return ("report", label, self.name, int(self.memory_mb[k]), self.cold)


class Endings:
    """Joins endings with records of the same block, or of the one before or behind it.

    A call that was tried again has several of each under one id: they meet one by one.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, list[Ended]] = {}
        self._before: list[Counted] = []
        self._columns: list[Counted] = []
        self._singles_before: dict[str, list[tuple[Key, int]]] = {}
        self._singles: dict[str, list[tuple[Key, int]]] = {}

    def wait(self, one: Ended) -> None:
        """Take an ending, whose record may stand before it or behind it."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.setdefault(one.request_id, []).append(one)

    def counted(self, columns: Counted) -> None:
        """Take records that were counted."""
        self._columns.append(columns)

    def counted_one(self, label: str, one: Record) -> None:
        """Take a record that was counted, unless it says how it ended."""
        if one.kind == "report" and one.request_id and not (one.sums.timeouts or one.sums.failures):
            key = ("report", label, one.function_name, one.memory_mb, one.cold)
            self._singles.setdefault(one.request_id, []).append((key, one.billed_ms))

    def end_block(self) -> Iterator[tuple[Key, Sums]]:
        """Yield what endings add to the sums of records, each with the key of its record."""
        if self._waiting:
            keys = hashed(np.array([*self._waiting], "S36"))
            for of in (*self._before, *self._columns):
                for k in np.flatnonzero(of.left & np.isin(hashed(of.ids), keys)).tolist():
                    if one := self._taken(of.ids[k].decode()):
                        of.left[k] = False
                        yield of.key(k), _added(one, int(of.billed_ms[k]))
            for singles in (self._singles_before, self._singles):
                for request_id in self._waiting.keys() & singles.keys():
                    while singles[request_id] and (one := self._taken(request_id)):
                        key, billed_ms = singles[request_id].pop(0)
                        yield key, _added(one, billed_ms)
        self._before, self._columns = self._columns, []
        self._singles_before, self._singles = self._singles, {}

    def _taken(self, request_id: str) -> Ended | None:
        some = self._waiting.get(request_id, [])
        one = some.pop(0) if some else None
        if not some:
            self._waiting.pop(request_id, None)
        return one


def _added(one: Ended, billed_ms: int) -> Sums:
    """Return what an ending adds to the sums of a record that is counted already."""
    values = {"status": one.status, "error_type": one.error_type, "billed_ms": billed_ms}
    added: list[Any] = [
        one_of.of_records(values, 1) if one_of.when and one_of.when[0] in _SAYS else one_of.nothing
        for one_of in SUMS
    ]
    return Sums(*added)
