"""The records of one log, each once, with the measurements of their own request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from serverless_tax.audit.read.columns import Lines, Plain
from serverless_tax.audit.read.grammar import Found, Record
from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.sums.column_sums import ColumnSums, added
from serverless_tax.audit.sums.once import Once, keys_of
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.audit.sums.waits import SpanSums, Waits

#: Measurements that wait for their invocation's record.
_MOST_WAITING = 100_000
_NO_DIGITS = str.maketrans("", "", "-T:")


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
        self._plain = ColumnSums()
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
        plain = lines.plain
        reports = [
            (at, one) for at, one in found if isinstance(one, Record) and one.kind == "report"
        ]
        is_new = self._new(lines, [one for _, one in reports])
        new_reports = [
            pair for pair, new in zip(reports, is_new[plain.lines :], strict=True) if new
        ]
        which = is_new[: plain.lines]
        for _, one in found:
            if not isinstance(one, Record):
                self._sums.add_found(self._label, one)
        measured = [(at, one) for at, one in found if isinstance(one, Record) and one.kind == "cpu"]
        if self._waits:
            self._add_spans(lines, which, [one for _, one in new_reports], traces or {})
        if measured or self._waiting:
            self._joined(lines, which, new_reports, measured)
        else:
            self._plain.add(added(plain if which.all() else plain.of(which, plain.function_name)))
            for _, one in new_reports:
                self._sums.add_found(self._label, one)

    def _new(self, lines: Lines, reports: list[Record]) -> np.ndarray:
        """Say which records stand here for the first time: the plain ones, then the others."""
        plain = lines.plain
        ids = np.array([one.request_id.encode() for one in reports], lines.ids.dtype)
        columns = [
            (plain.duration_ns, [one.sums.duration_total_ns for one in reports]),
            (plain.billed_ms, [one.billed_ms for one in reports]),
            (plain.memory_mb, [one.memory_mb for one in reports]),
            (plain.written_at, [_digits(one.time) for one in reports]),
        ]
        both = [np.concatenate([a, np.array(b, np.int64)]) for a, b in columns]
        return self._once.new(keys_of(np.concatenate([lines.ids, ids]), *both))

    def _joined(
        self,
        lines: Lines,
        which: np.ndarray,
        reports: list[tuple[int, Record]],
        measured: list[tuple[int, Record]],
    ) -> None:
        """Add records and measurements in the order in which they stand."""
        plain = lines.plain
        rows = np.flatnonzero(which)
        ids = lines.ids[rows].astype(str).tolist()
        events = sorted(
            [(at, 0, k) for k, at in enumerate(lines.at[rows].tolist())]
            + [(at, 1, k) for k, (at, _) in enumerate(reports)]
            + [(at, 2, k) for k, (at, _) in enumerate(measured)]
        )
        names = [""] * len(rows)
        late: list[tuple[str, int, int]] = []
        named: dict[int, str] = {}
        for _, kind, k in events:
            if kind == 2:  # noqa: PLR2004 - a measurement
                self._wait(measured[k][1])
                continue
            request_id = ids[k] if kind == 0 else reports[k][1].request_id
            name = self._measured(request_id)
            if name is None:
                late.append((request_id, kind, k))
            elif kind == 0:
                names[k] = name
            else:
                named[k] = name
        for request_id, kind, k in late:  # where the newest stands first
            name = self._measured(request_id) or ""
            if kind == 0:
                names[k] = name
            else:
                named[k] = name
        self._add_rows(plain, rows, names)
        for k, (_, one) in enumerate(reports):
            unnamed = not one.function_name and not self._function
            own = replace(one, function_name=named.get(k, "")) if unnamed else one
            self._sums.add_found(self._label, own)

    def _add_rows(self, plain: Plain, rows: np.ndarray, names: list[str]) -> None:
        if plain.function_name or self._function:
            names = [plain.function_name] * len(rows)
        of_row = np.array(names or [""])
        for name in dict.fromkeys(names):
            which = np.zeros(plain.lines, bool)
            which[rows[of_row == name]] = True
            self._plain.add(added(plain.of(which, name)))

    def _add_spans(
        self, lines: Lines, which: np.ndarray, reports: list[Record], traces: Mapping[str, str]
    ) -> None:
        """Add what spans say of the invocations that have records here."""
        plain = lines.plain
        rows = np.flatnonzero(which)
        columns = (lines.ids[rows].astype(str), plain.memory_mb[rows], plain.duration_ns[rows])
        invocations = [
            (plain.function_name, *row)
            for row in zip(*(column.tolist() for column in columns), strict=True)
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
        found = self._plain.tally(self._label)
        found.add(self._sums)
        return found


def _digits(time: str) -> int:
    digits = time.translate(_NO_DIGITS)
    return int(digits) if digits.isdigit() else 0
