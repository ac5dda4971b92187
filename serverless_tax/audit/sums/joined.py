"""The records of one log, each once, with the measurements of their own request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from serverless_tax.audit.read.columns import Lines, Plain
from serverless_tax.audit.read.grammar import Bools, Found, Ints, Record
from serverless_tax.audit.read.shape import Shaped
from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.sums.column_sums import ColumnSums, added
from serverless_tax.audit.sums.once import Keys, Once, hashed, keys_of
from serverless_tax.audit.sums.table import WRITTEN, Sums
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.audit.sums.waits import SpanSums, Waits

#: Measurements that wait for their invocation's record.
_MOST_WAITING = 100_000
_NO_DIGITS = str.maketrans("", "", "-T:")
_DAY_SIGNS = ((4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"))


_Columns = tuple[Plain | Shaped, Ints, np.ndarray]


class _Rows(NamedTuple):
    """Records of one kind in columns, with where each begins and its request."""

    columns: Plain | Shaped
    at: Ints
    ids: np.ndarray
    which: Bools


class Join:
    """Adds up a log block by block.

    A measurement is written before the record of its request, so it waits for that, gives it the
    function's name if the log has none, and counts once however many there are of it: a metered
    function that calls another is measured by its own line, which is the longer one.
    """

    def __init__(self, source: Source, once: Once, waits: Waits | None = None) -> None:
        self._label = source.label
        self._function = source.function
        self._waits = waits
        self._once = once
        self._columns = ColumnSums()
        self._sums = Tally()
        self._waiting: dict[str, Record] = {}

    def add(
        self,
        lines: Lines,
        found: Sequence[tuple[int, Found]],
        traces: Mapping[str, str] | None = None,
    ) -> None:
        """Add what is in a block.

        Args:
            lines: its columns.
            found: its other records, and where each begins.
            traces: the trace of each request, where spans are joined by that.
        """
        singles = [
            (at, one) for at, one in found if isinstance(one, Record) and one.kind == "report"
        ]
        columns: list[_Columns] = [(lines.plain, lines.at, lines.ids)]
        columns += [(one, one.at, one.ids) for one in lines.alike if one.kind == "report"]
        is_new = self._new(columns, [one for _, one in singles])
        rows, start = [], 0
        for one, at, ids in columns:
            rows.append(_Rows(one, at, ids, is_new[start : start + len(at)]))
            start += len(at)
        reports = [pair for pair, new in zip(singles, is_new[start:], strict=True) if new]
        for fact in [*lines.facts, *(one for _, one in found if not isinstance(one, Record))]:
            self._sums.add_found(self._label, fact)
        measured = [(at, one) for at, one in found if isinstance(one, Record) and one.kind == "cpu"]
        measures = [
            _Rows(one, one.at, one.ids, np.ones(one.lines, bool))
            for one in lines.alike
            if one.kind == "cpu"
        ]
        if self._waits:
            self._add_spans(rows, [one for _, one in reports], traces or {})
        if measured or measures or self._waiting:
            self._joined(rows, reports, measures, measured)
            return
        for of in rows:
            self._add_columns(of, of.which, of.columns.function_name)
        for _, report in reports:
            self._sums.add_found(self._label, report)

    def _new(self, columns: Sequence[_Columns], reports: list[Record]) -> Bools:
        """Say which records stand here for the first time: those in columns, then the others."""
        ids = [ids for _, _, ids in columns]
        ids.append(np.array([one.request_id.encode() for one in reports], ids[0].dtype))
        figures = [
            [_column(one, name) for one, _, _ in columns]
            for name in ("duration_ns", "billed_ms", "memory_mb", WRITTEN)
        ]
        singles = [
            [one.sums.duration_total_ns for one in reports],
            [one.billed_ms for one in reports],
            [one.memory_mb for one in reports],
            [_digits(one.time) for one in reports],
        ]
        both = [
            np.concatenate([*a, np.array(b, np.int64)])
            for a, b in zip(figures, singles, strict=True)
        ]
        return self._once.new(keys_of(np.concatenate(ids), *both))

    def _add_columns(self, rows: _Rows, which: Bools, name: str) -> None:
        if which.any():
            self._columns.add(added(rows.columns.of(which, name)))

    def _joined(
        self,
        rows: list[_Rows],
        reports: list[tuple[int, Record]],
        measures: list[_Rows],
        measured: list[tuple[int, Record]],
    ) -> None:
        """Add records and measurements; each measurement is of the record of its request."""
        report_keys = _keys(rows, [one for _, one in reports])
        cpu_keys = _keys(measures, [one for _, one in measured])
        waiting = hashed(np.array([*self._waiting], "S36")) if self._waiting else _NO_KEYS
        pairs = _once_in_each(report_keys, cpu_keys, waiting)
        names = ["", *dict.fromkeys(of.columns.function_name for of in measures)]
        codes = [np.full(len(of.at), names.index(of.columns.function_name)) for of in measures]
        code_of = np.concatenate([*codes, np.zeros(len(measured), np.int64)])
        # Most stand once in each: which comes first is nothing then.
        sorted_cpu = np.argsort(cpu_keys)
        code = np.zeros(len(report_keys), np.int64)
        simple = np.isin(report_keys, pairs)
        at = sorted_cpu[np.searchsorted(cpu_keys, report_keys[simple], sorter=sorted_cpu)]
        code[simple] = code_of[at]
        counted = np.isin(cpu_keys, pairs)
        in_columns = sum(len(of.at) for of in measures)
        asked = np.isin(report_keys, np.concatenate([cpu_keys, waiting])) & ~simple
        asked[np.flatnonzero(simple)[at >= in_columns]] = True  # of a single record: one by one
        counted[in_columns:] = False
        named = self._in_order(rows, reports, measures, measured, asked, counted)
        for k, name in named.items():
            if name not in names:
                names.append(name)
            code[k] = names.index(name)
        self._add_named(rows, reports, names, code)
        start = 0
        for of in measures:
            which = counted[start : start + len(of.at)]
            self._add_columns(of, which, of.columns.function_name)
            start += len(of.at)

    def _in_order(  # noqa: PLR0917 - two kinds, each in columns and one by one, and which of them
        self,
        rows: list[_Rows],
        reports: list[tuple[int, Record]],
        measures: list[_Rows],
        measured: list[tuple[int, Record]],
        asked: Bools,
        counted: Bools,
    ) -> dict[int, str]:
        """Let those that are not simply pairs meet in the order in which they stand.

        Returns the name for each report that is measured, by its place among all reports.
        """
        events: list[tuple[int, int, str, Record | None]] = []
        start = 0
        for of in rows:
            meets = asked[start : start + len(of.at)] & of.which
            events += [
                (int(of.at[k]), start + k, of.ids[k].decode(), None)
                for k in np.flatnonzero(meets).tolist()
            ]
            start += len(of.at)
        for k, (at, one) in enumerate(reports):
            if asked[start + k]:
                events.append((at, start + k, one.request_id, None))
        start = 0
        for of in measures:
            meets = ~counted[start : start + len(of.at)]
            events += [
                (int(of.at[k]), -1, "", _record(of.columns, k, of.ids[k].decode()))
                for k in np.flatnonzero(meets).tolist()
            ]
            start += len(of.at)
        events += [(at, -1, "", one) for at, one in measured]
        events.sort(key=lambda event: event[0])
        named: dict[int, str] = {}
        late: list[tuple[int, str]] = []
        for _, place, request_id, cpu in events:
            if cpu is not None:
                self._wait(cpu)
            elif (name := self._measured(request_id)) is None:
                late.append((place, request_id))
            else:
                named[place] = name
        for place, request_id in late:  # where the newest stands first
            if (name := self._measured(request_id)) is not None:
                named[place] = name
        return named

    def _add_named(
        self,
        rows: list[_Rows],
        reports: list[tuple[int, Record]],
        names: list[str],
        code: Ints,
    ) -> None:
        """Add reports, each under the name that its measurement says where nothing else does."""
        start = 0
        for of in rows:
            own = code[start : start + len(of.at)]
            start += len(of.at)
            if of.columns.function_name or self._function:
                self._add_columns(of, of.which, of.columns.function_name)
                continue
            for k in np.unique(own[of.which]).tolist():
                self._add_columns(of, of.which & (own == k), names[k])
        for k, (_, one) in enumerate(reports):
            unnamed = not one.function_name and not self._function
            name = names[code[start + k]] if unnamed else one.function_name
            self._sums.add_found(self._label, replace(one, function_name=name))

    def _add_spans(
        self, rows: list[_Rows], reports: list[Record], traces: Mapping[str, str]
    ) -> None:
        """Add what spans say of the invocations that have records here."""
        invocations = [
            (of.columns.function_name, *row)
            for of in rows
            for row in zip(
                of.ids[of.which].astype(str).tolist(),
                _column(of.columns, "memory_mb")[of.which].tolist(),
                _column(of.columns, "duration_ns")[of.which].tolist(),
                strict=True,
            )
        ] + [
            (one.function_name, one.request_id, one.memory_mb, one.sums.duration_total_ns)
            for one in reports
        ]
        for name, request_id, memory_mb, duration_ns in invocations:
            known = name or self._function
            one = self._waits and self._waits.take(request_id, traces.get(request_id, ""), known)
            if one:
                sums = SpanSums.of(one, duration_ns)
                self._sums.add_spans((self._label, name, one.function, memory_mb), sums)

    def _wait(self, one: Record) -> None:
        if not one.request_id:
            self._sums.add_found(self._label, one)
            return
        before = self._waiting.get(one.request_id)
        if before is None or one.sums.wall_total_ns > before.sums.wall_total_ns:
            self._waiting[one.request_id] = one
        if len(self._waiting) > _MOST_WAITING:
            self._release()

    def _measured(self, request_id: str) -> str | None:
        """Count the measurement of a request, if there is one; return its function's name."""
        one = self._waiting.pop(request_id, None) if request_id else None
        if one is None:
            return None
        self._sums.add_found(self._label, one)
        return one.function_name

    def _release(self) -> None:
        for one in self._waiting.values():
            self._sums.add_found(self._label, one)
        self._waiting = {}

    def tally(self) -> Tally:
        """Return the sums of the log."""
        self._release()
        found = self._columns.tally(self._label)
        found.add(self._sums)
        return found


_NO_KEYS: Keys = np.zeros(0, np.uint64)


def _keys(rows: Iterable[_Rows], singles: Sequence[Record]) -> Keys:
    """Return a key for the request of each; of those that are left out, none that is another's."""
    found = [np.where(of.which, hashed(of.ids), np.uint64(0)) for of in rows]
    found.append(hashed(np.array([one.request_id.encode() for one in singles], "S36")))
    return np.concatenate([one for one in found if len(one)] or [_NO_KEYS])


def _once_in_each(reports: Keys, measures: Keys, waiting: Keys) -> Keys:
    """Return the keys that stand once among reports, once among measurements, and do not wait."""
    once = []
    for keys in (reports, measures):
        unique, count = np.unique(keys, return_counts=True)
        once.append(unique[(count == 1) & (unique != 0)])
    both: Keys = np.intersect1d(once[0], once[1], assume_unique=True)
    return both[~np.isin(both, waiting)] if len(waiting) else both


def _column(one: Plain | Shaped, name: str) -> Ints:
    column: Ints = one.values[name] if isinstance(one, Shaped) else getattr(one, name)
    return column


def _record(columns: Plain | Shaped, k: int, request_id: str) -> Record:
    """Return one measurement of some that stand in columns."""
    values = {name: int(column[k]) for name, column in columns.values.items()}  # type: ignore[union-attr]
    time = _text(values[WRITTEN])
    sums = Sums.of({WRITTEN: time, "cpu_ns": values["cpu_ns"], "wall_ns": values["wall_ns"]})
    name, memory_mb = columns.function_name, values["memory_mb"]
    return Record("cpu", name, memory_mb, 0, 0, time, sums, request_id)


def _text(time: int) -> str:
    text = f"{time:014d}" if time else ""
    for place, sign in _DAY_SIGNS if text else ():
        text = text[:place] + sign + text[place:]
    return text


def _digits(time: str) -> int:
    digits = time.translate(_NO_DIGITS)
    return int(digits) if digits.isdigit() else 0
