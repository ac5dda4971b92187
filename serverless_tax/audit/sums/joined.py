"""The records of a log, each once, with the measurements of their own request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from serverless_tax.audit.read.columns import Lines, Plain
from serverless_tax.audit.read.endings import Ended
from serverless_tax.audit.read.grammar import Found, Record
from serverless_tax.audit.read.plain import Bools, Ints
from serverless_tax.audit.read.shape import Shaped
from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.sums.answers import ANSWER_SPANS, AnswerSums
from serverless_tax.audit.sums.column_sums import ColumnSums, added
from serverless_tax.audit.sums.ended import Counted, Endings
from serverless_tax.audit.sums.once import Keys, Once, hashed, told
from serverless_tax.audit.sums.table import WRITTEN, Sums
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.audit.sums.waits import SpanSums, Waits

#: Measurements that wait for their invocation's record.
_MOST_WAITING = 100_000
_FIRST_BYTE = ANSWER_SPANS["responseLatency"]
_NO_DIGITS = str.maketrans("", "", "-T:")
_DAY_SIGNS = ((4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"))


_Columns = tuple[Plain | Shaped, Ints, np.ndarray]
#: The number of a log, and the id of a request in it.
_Request = tuple[int, str]


class _Rows(NamedTuple):
    """Records of one kind in columns, with where each begins, its request and its log."""

    columns: Plain | Shaped
    at: Ints
    ids: np.ndarray
    logs: Ints
    which: Bools


class Join:
    """Adds up a log block by block, or small logs that one block holds.

    A measurement is written before the record of its request, so it waits for that, gives it the
    function's name if the log has none, and counts once however many there are of it: a metered
    function that calls another is measured by its own line, which is the longer one.
    """

    def __init__(self, sources: Sequence[Source], once: Once, waits: Waits | None = None) -> None:
        self._sources = sources
        self._is_named = np.array([bool(source.function) for source in sources])
        first: dict[str, int] = {}
        self._first_of_name = np.array(
            [
                first.setdefault(source.function, k) if source.function else k
                for k, source in enumerate(sources)
            ]
        )
        self._begins: Ints = _ONE_LOG
        self._waits = waits
        self._once = once
        self._columns = ColumnSums()
        self._sums = Tally()
        self._waiting: dict[_Request, Record] = {}
        self._endings = Endings()

    def add(
        self,
        lines: Lines,
        found: Sequence[tuple[int, Found]],
        traces: Mapping[str, str] | None = None,
        begins: Ints | None = None,
    ) -> None:
        """Add what is in a block.

        Args:
            lines: its columns.
            found: its other records, and where each begins.
            traces: the trace of each request, where spans are joined by that.
            begins: where each log begins in it, if it holds several.
        """
        self._begins = _ONE_LOG if begins is None else begins
        singles = [
            (at, one) for at, one in found if isinstance(one, Record) and one.kind == "report"
        ]
        columns: list[_Columns] = [(lines.plain, lines.at, lines.ids)]
        columns += [(one, one.at, one.ids) for one in lines.alike if one.kind == "report"]
        is_new = self._new(columns, [one for _, one in singles])
        rows, start = [], 0
        for one, at, ids in columns:
            rows.append(_Rows(one, at, ids, self._logs(at), is_new[start : start + len(at)]))
            start += len(at)
        reports = [pair for pair, new in zip(singles, is_new[start:], strict=True) if new]
        for at, fact in lines.facts:
            for log in np.unique(self._logs(at)).tolist():
                self._sums.add_found(self._sources[log].label, fact)
        for where, other in found:
            if isinstance(other, Ended):
                self._endings.wait(other)
            elif not isinstance(other, Record):
                self._add_single(where, other)
        measured = [(at, one) for at, one in found if isinstance(one, Record) and one.kind == "cpu"]
        measures = [
            _Rows(one, one.at, one.ids, self._logs(one.at), np.ones(one.lines, bool))
            for one in lines.alike
            if one.kind == "cpu"
        ]
        if self._waits:
            self._add_spans(rows, reports, traces or {})
        self._add_joined(rows, reports, measures, measured)
        for key, more in self._endings.end_block():
            self._sums.add_sums(key, more)

    def _logs(self, at: Ints) -> Ints:
        """Return the number of the log that stands at each place."""
        if len(self._sources) == 1:
            return np.zeros(len(at), np.int64)
        return np.searchsorted(self._begins, at, "right") - 1

    def _log(self, at: int) -> int:
        return int(self._logs(np.array([at]))[0])

    def _add_single(self, at: int, one: Found) -> None:
        label = self._sources[self._log(at)].label
        self._sums.add_found(label, one)
        if isinstance(one, Record):
            self._endings.counted_one(label, one)

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
        return self._once.new(told(np.concatenate(ids), *both))

    def _keys(self, rows: Iterable[_Rows], singles: Sequence[tuple[int, Record]]) -> Keys:
        """Return a key for the request of each; 0 for those that are left out."""
        found = [np.where(of.which, _within(hashed(of.ids), of.logs), np.uint64(0)) for of in rows]
        ids = np.array([one.request_id.encode() for _, one in singles], "S36")
        logs = self._logs(np.array([at for at, _ in singles], np.int64))
        found.append(_within(hashed(ids), logs))
        return np.concatenate(found)

    def _add_columns(self, rows: _Rows, which: Bools, name: str) -> None:
        """Add some of the rows, those of logs whose function is known to be one together."""
        if which.any():
            logs, columns = rows.logs[which], rows.columns
            if not name or (isinstance(columns, Shaped) and columns.kind == "cpu"):
                logs = self._first_of_name[logs]
            self._columns.add(added(columns.of(which, name), logs))
            self._may_end(rows, which, name)
            if isinstance(columns, Shaped) and _FIRST_BYTE in columns.values:
                self._add_answers(columns.values, which, logs, name)

    def _may_end(self, rows: _Rows, which: Bools, name: str) -> None:
        """Keep records that were counted and do not say how they ended."""
        columns, logs = rows.columns, rows.logs
        cold = 0
        if isinstance(columns, Shaped):
            if columns.kind != "report" or "status" in columns.says:
                return
            cold = columns.cold
        sizes, lengths = (_column(columns, name) for name in ("memory_mb", "billed_ms"))
        logs = logs if name else self._first_of_name[logs]
        self._endings.counted(
            Counted(name, cold, rows.ids, sizes, lengths, self._sources, logs, which.copy())
        )

    def _add_answers(self, values: Mapping[str, Ints], which: Bools, logs: Ints, name: str) -> None:
        """Add what Lambda's own spans say on some lines, of which each log is given."""
        for log in np.unique(logs).tolist():
            of = np.flatnonzero(which)[logs == log]
            sums = (
                int(values[span][of].sum()) if span in values else 0
                for span in ANSWER_SPANS.values()
            )
            self._sums.add_answers((self._sources[log].label, name), AnswerSums(len(of), *sums))

    def _add_joined(
        self,
        rows: list[_Rows],
        reports: list[tuple[int, Record]],
        measures: list[_Rows],
        measured: list[tuple[int, Record]],
    ) -> None:
        """Add records and measurements; each measurement is of the record of its request."""
        if not (measured or measures or self._waiting):
            for of in rows:
                self._add_columns(of, of.which, of.columns.function_name)
            for where, report in reports:
                self._add_single(where, report)
            return
        report_keys = self._keys(rows, reports)
        cpu_keys = self._keys(measures, measured)
        waiting = _NO_KEYS
        if self._waiting:
            logs, ids = zip(*self._waiting, strict=True)
            waiting = _within(hashed(np.array(ids, "S36")), np.array(logs))
        simple, pair, asked = _met(report_keys, cpu_keys, waiting)
        names = ["", *dict.fromkeys(of.columns.function_name for of in measures)]
        codes = [np.full(len(of.at), names.index(of.columns.function_name)) for of in measures]
        code_of = np.concatenate([*codes, np.zeros(len(measured), np.int64)])
        # Most stand once in each: which comes first is nothing then.
        code = np.zeros(len(report_keys), np.int64)
        code[simple] = code_of[pair]
        counted = np.zeros(len(cpu_keys), bool)
        counted[pair] = True
        in_columns = sum(len(of.at) for of in measures)
        asked[simple[pair >= in_columns]] = True  # of a single record: one by one
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
        events: list[tuple[int, int, _Request, Record | None]] = []
        start = 0
        for of in rows:
            meets = asked[start : start + len(of.at)] & of.which
            events += [
                (int(of.at[k]), start + k, (int(of.logs[k]), of.ids[k].decode()), None)
                for k in np.flatnonzero(meets).tolist()
            ]
            start += len(of.at)
        for k, (at, one) in enumerate(reports):
            if asked[start + k]:
                events.append((at, start + k, (self._log(at), one.request_id), None))
        start = 0
        for of in measures:
            meets = ~counted[start : start + len(of.at)]
            events += [
                (int(of.at[k]), -1, (int(of.logs[k]), ""), _record(of, k))
                for k in np.flatnonzero(meets).tolist()
            ]
            start += len(of.at)
        events += [(at, -1, (self._log(at), ""), one) for at, one in measured]
        events.sort(key=lambda event: event[0])
        named: dict[int, str] = {}
        late: list[tuple[int, _Request]] = []
        for _, place, request, cpu in events:
            if cpu is not None:
                self._wait(request[0], cpu)
            elif (name := self._measured(request)) is None:
                late.append((place, request))
            else:
                named[place] = name
        for place, request in late:  # where the newest stands first
            if (name := self._measured(request)) is not None:
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
            name = of.columns.function_name
            unnamed = of.which & ~self._is_named[of.logs] & (not name)
            self._add_columns(of, of.which & ~unnamed, name)
            for k in np.unique(own[unnamed]).tolist():
                self._add_columns(of, unnamed & (own == k), names[k])
        for k, (at, one) in enumerate(reports):
            is_named = one.function_name or self._sources[self._log(at)].function
            name = one.function_name if is_named else names[code[start + k]]
            self._add_single(at, replace(one, function_name=name))

    def _add_spans(
        self,
        rows: list[_Rows],
        reports: list[tuple[int, Record]],
        traces: Mapping[str, str],
    ) -> None:
        """Add what spans say of the invocations that have records here."""
        invocations = [
            (of.columns.function_name, *row)
            for of in rows
            for row in zip(
                of.logs[of.which].tolist(),
                of.ids[of.which].astype(str).tolist(),
                _column(of.columns, "memory_mb")[of.which].tolist(),
                _column(of.columns, "duration_ns")[of.which].tolist(),
                strict=True,
            )
        ] + [
            (one.function_name, self._log(at), one.request_id, one.memory_mb,
             one.sums.duration_total_ns)
            for at, one in reports
        ]  # fmt: skip
        for name, log, request_id, memory_mb, duration_ns in invocations:
            known = name or self._sources[log].function
            one = self._waits and self._waits.take(request_id, traces.get(request_id, ""), known)
            if one:
                sums = SpanSums.of(one, duration_ns)
                label = self._sources[log].label
                self._sums.add_spans((label, name, one.function, memory_mb), sums)

    def _wait(self, log: int, one: Record) -> None:
        if not one.request_id:
            self._sums.add_found(self._sources[log].label, one)
            return
        request = log, one.request_id
        before = self._waiting.get(request)
        if before is None or one.sums.wall_total_ns > before.sums.wall_total_ns:
            self._waiting[request] = one
        if len(self._waiting) > _MOST_WAITING:
            self._release()

    def _measured(self, request: _Request) -> str | None:
        """Count the measurement of a request, if there is one; return its function's name."""
        one = self._waiting.pop(request, None)
        if one is None:
            return None
        self._sums.add_found(self._sources[request[0]].label, one)
        return one.function_name

    def _release(self) -> None:
        for (log, _), one in self._waiting.items():
            self._sums.add_found(self._sources[log].label, one)
        self._waiting = {}

    def tally(self) -> Tally:
        """Return the sums of the logs."""
        self._release()
        found = self._columns.tally(*(source.label for source in self._sources))
        found.add(self._sums)
        return found


_NO_KEYS: Keys = np.zeros(0, np.uint64)
_ONE_LOG: Ints = np.zeros(1, np.int64)
_OF_A_LOG = np.uint64(0x9FB21C651E98DF25)


def _within(keys: Keys, logs: Ints) -> Keys:
    """Return other keys for the same ids in other logs; 0 stays 0."""
    return np.where(keys != 0, keys ^ (logs.astype(np.uint64) * _OF_A_LOG), np.uint64(0))


def _met(reports: Keys, measures: Keys, waiting: Keys) -> tuple[Ints, Ints, Bools]:
    """Say which records and measurements are of the same request.

    Returns the places of the records that stand once and are measured once, the place of each one's
    measurement, and which of the other records are measured at all.
    """
    keys = np.concatenate([reports, measures, waiting])
    order = np.argsort(keys)
    ordered = keys[order]
    begins = np.ones(len(keys) + 1, bool)
    begins[1:-1] = ordered[1:] != ordered[:-1]
    is_report = order < len(reports)
    at = np.flatnonzero(begins[:-2] & ~begins[1:-1] & begins[2:] & (ordered[:-1] != 0))
    first, second = np.sort([order[at], order[at + 1]], axis=0)
    known = len(reports) + len(measures)
    is_pair = (first < len(reports)) & (second >= len(reports)) & (second < known)
    simple, pair = first[is_pair], second[is_pair] - len(reports)
    group = np.cumsum(begins[:-1]) - 1
    is_measured = np.zeros(len(keys), bool)
    is_measured[group[~is_report]] = True
    asked = np.zeros(len(reports), bool)
    asked[order[is_report & is_measured[group]]] = True
    asked[simple] = False
    return simple, pair, asked


def _column(one: Plain | Shaped, name: str) -> Ints:
    column: Ints = one.values[name] if isinstance(one, Shaped) else getattr(one, name)
    return column


def _record(of: _Rows, k: int) -> Record:
    """Return one measurement of some that stand in columns."""
    columns, request_id = of.columns, of.ids[k].decode()
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
