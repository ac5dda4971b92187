"""Lines that are alike but for their figures, read many at once in numpy.

A shape is a line cut into what stays and what may change: numbers, ids, times. It is learned in
:mod:`serverless_tax.audit.read.shapes`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from serverless_tax.audit.read.grammar import MOST_MEMORY_MB, Fact, Record
from serverless_tax.audit.read.plain import Bools, Ints, whole_rows
from serverless_tax.audit.sums.table import FAILED, OUT_OF_MEMORY, TIMEOUT

#: Lines that are longer are read one by one.
LONGEST_LINE = 1500
_TIME_DIGITS = 14
_PLACES: Ints = 10 ** np.arange(_TIME_DIGITS - 1, -1, -1, dtype=np.int64)
NS_PER_MS, _SLACK_NS = 10**6, 10**4
_FRACTION_DIGITS = 6
_IS_HEX = np.array([chr(byte) in "0123456789abcdef" for byte in range(256)])
ZERO, _HYPHEN = ord("0"), ord("-")


class Text(Protocol):
    """Bytes that can be looked at in many places at once."""

    bytes: NDArray[np.uint8]

    def at(self, places: Ints, kind: str) -> NDArray[Any]:
        """Return what stands at some places, as values of a type of numpy's."""

    def rows(self, places: Ints, size: int) -> NDArray[np.uint8]:
        """Return that many bytes from each place, a row for each."""


@dataclass(frozen=True, slots=True)
class Part:
    """A literal, or what may stand in its place in another line."""

    kind: str  # literal, id, time, hex, number, fraction
    text: bytes


class Shaped(NamedTuple):
    """Records of lines that are alike.

    Attributes:
        kind: ``report`` or ``cpu``.
        function_name: of all, or nothing.
        cold: of all.
        at: where the line of each begins.
        ids: of the requests; empty where they have none.
        values: columns of the quantities that an audit adds up, by name.
        says: quantities that are the same of all.
    """

    kind: str
    function_name: str
    cold: int
    at: Ints
    ids: NDArray[np.bytes_]
    values: dict[str, Ints]
    says: dict[str, Any]

    @property
    def lines(self) -> int:
        """How many they are."""
        return len(self.at)

    def of(self, which: Bools, function_name: str) -> Shaped:
        """Return some of them, under a name."""
        values = {name: column[which] for name, column in self.values.items()}
        return self._replace(
            function_name=function_name, at=self.at[which], ids=self.ids[which], values=values
        )


@dataclass(slots=True)
class Shape:
    """What lines have in common that are alike.

    Attributes:
        parts: of the line, from its beginning to its end.
        facts: what it says of a function.
        record: what its model holds; None if it holds none.
        whole: for a quantity the part that says it, if it is a whole number.
        lengths: for a quantity in nanoseconds the part of its whole milliseconds.
        time, request_id: the parts of them, or None.
        used: lines that were read by it lately.
    """

    parts: list[Part]
    facts: list[Fact]
    record: Record | None
    whole: dict[str, int] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    time: int | None = None
    request_id: int | None = None
    used: int = 0

    def read(self, text: Text, begins: Ints, ends: Ints) -> tuple[Bools, Shaped | None]:
        """Say which lines have this shape, and what they hold."""
        rows = np.arange(len(begins))
        at = begins
        found: dict[int, Any] = {}
        kept = {*self.whole.values(), *self.lengths.values(), self.time, self.request_id}
        kept |= {k + 2 for k in self.lengths.values() if self._has_fraction(k)}
        for k, part in enumerate(self.parts):
            size, value, good = _read_part(part, text, at, is_kept=k in kept)
            if k in kept:
                found[k] = value
            at = at + size
            if not good.all():
                rows, at = rows[good], at[good]
                found = {one: column[good] for one, column in found.items()}
                if not len(rows):
                    return np.zeros(len(begins), bool), None
        good = at == ends[rows]
        if self.record is not None:
            values, plausible = self._values(found, len(rows))
            good &= plausible
        which = np.zeros(len(begins), bool)
        which[rows[good]] = True
        if self.record is None:
            return which, None
        ids = np.zeros(len(rows), "S36") if self.request_id is None else found[self.request_id]
        return which, Shaped(
            self.record.kind, self.record.function_name, self.record.cold, begins[rows[good]],
            ids[good], {name: column[good] for name, column in values.items()}, self._says(),
        )  # fmt: skip

    def _has_fraction(self, k: int) -> bool:
        return k + 2 < len(self.parts) and self.parts[k + 2].kind == "fraction"

    def _values(self, found: dict[int, Any], rows: int) -> tuple[dict[str, Ints], Bools]:
        """Return the quantities, and which rows have figures that a function may have."""
        values = {name: found[k] for name, k in self.whole.items()}
        for name, k in self.lengths.items():
            values[name] = found[k] * NS_PER_MS
            if self._has_fraction(k):
                values[name] = values[name] + found[k + 2]
        good = np.ones(rows, bool)
        nothing = np.zeros(rows, np.int64)
        values.setdefault("billed_ms", nothing)
        values.setdefault("memory_mb", nothing)
        values["written_at"] = nothing if self.time is None else found[self.time]
        for name in ("memory_mb", "max_memory_used_mb"):
            if name in values:
                good &= values[name] <= MOST_MEMORY_MB
        if self.record and self.record.kind == "report":
            good &= values["memory_mb"] > 0
        if "init_ns" in values:
            ns, init_ns, billed_ms = (values[n] for n in ("duration_ns", "init_ns", "billed_ms"))
            with_init = _may_be_ceiling(billed_ms, ns + init_ns)
            without = _may_be_ceiling(billed_ms, ns)
            # Neither rule gives the billed figure, or both do: it is not known.
            values["init_billed"] = np.where(with_init == without, -1, with_init).astype(np.int64)
            added = np.maximum(billed_ms + -ns // NS_PER_MS, 0)
            values["init_added_ms"] = np.where(values["init_billed"] == 1, added, 0)
        return values, good

    def _says(self) -> dict[str, Any]:
        sums = self.record.sums if self.record else None
        says: dict[str, Any] = {"cold": self.record.cold if self.record else 0}
        if sums and sums.timeouts:
            says["status"] = TIMEOUT[0]
        if sums and sums.failures:
            says["status"] = FAILED[0]
        if sums and sums.out_of_memory:
            says["error_type"] = OUT_OF_MEMORY
        return says


def _may_be_ceiling(billed_ms: Ints, ns: Ints) -> Bools:
    """Whether a length may be billed so; see `serverless_tax.ground.report`."""
    least, most = (-(-(ns + slack) // NS_PER_MS) for slack in (-_SLACK_NS, _SLACK_NS))
    found: Bools = (least <= billed_ms) & (billed_ms <= most)
    return found


def _read_part(part: Part, text: Text, at: Ints, *, is_kept: bool) -> tuple[Any, Any, Bools]:
    """Return what a part takes in each line, what it says, and where it fits."""
    size = len(part.text)
    if part.kind == "literal":
        return size, None, text.at(at, f"S{size}") == part.text
    if part.kind == "number":
        return _whole(text, at)
    if part.kind == "fraction":
        return _fraction(text, at)
    rows = text.rows(at, size)
    model = np.frombuffer(part.text, np.uint8)
    if part.kind == "time":
        is_digit = (model >= ZERO) & (model <= ZERO + 9)
        lowest = np.where(is_digit, ZERO, model).astype(np.uint8)
        good = whole_rows((rows - lowest) <= np.where(is_digit, 9, 0).astype(np.uint8))
        if not is_kept:
            return size, None, good
        digits = rows[:, np.flatnonzero(is_digit)[:_TIME_DIGITS]] - np.int64(ZERO)
        time = digits @ _PLACES  # whole numbers: for others, memory is taken for threads
        return size, time, good
    hyphens = model == _HYPHEN
    good = whole_rows(_IS_HEX.take(rows[:, ~hyphens]))
    if hyphens.any():
        good &= whole_rows(rows[:, hyphens] == _HYPHEN)
    return size, text.at(at, "S36") if is_kept else None, good


# Eight bytes are read as one number, of which the first byte is the lowest.
_HIGH, _LOW_BITS, _OVER_NINE, _ZEROS = (
    np.uint64(int(byte * 8, 16)) for byte in ("80", "7f", "76", "30")
)
_PLACE = np.uint64(0x0001020304050607)
_PAIRS = (
    (np.uint64(10), np.uint64(8), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(100), np.uint64(16), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64(10_000), np.uint64(32), np.uint64(0x00000000FFFFFFFF)),
)
_SEVEN, _EIGHT, _TOP = np.uint64(7), np.uint64(8), np.uint64(56)
_ONE = np.uint64(1)
_TENS = 10 ** np.arange(_FRACTION_DIGITS, -3, -1).clip(min=0)


def _digits(text: Text, at: Ints) -> tuple[Ints, Ints]:
    """Return how many digits stand at each place, up to eight, and their number."""
    signs = text.at(at, "<u8") ^ _ZEROS
    ends = (((signs & _LOW_BITS) + _OVER_NINE) | signs) & _HIGH
    first = ends & (~ends + _ONE)
    size = np.where(ends == 0, _EIGHT, ((first >> _SEVEN) * _PLACE) >> _TOP)
    value = signs << ((_EIGHT - np.maximum(size, _ONE)) << np.uint64(3))
    for times, bits, kept in _PAIRS:
        value = (value * times + (value >> bits)) & kept
    return size.astype(np.int64), value.astype(np.int64)


def _whole(text: Text, at: Ints) -> tuple[Ints, Ints, Bools]:
    size, value = _digits(text, at)
    good = (size > 0) & ((size == 1) | (text.bytes[at] != ZERO))
    return size, value, good


def _fraction(text: Text, at: Ints) -> tuple[Ints, Ints, Bools]:
    """Read what stands behind a point, in millionths."""
    size, value = _digits(text, at)
    return size, value * _TENS[size], (size > 0) & (size <= _FRACTION_DIGITS)
