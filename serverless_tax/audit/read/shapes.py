"""Lines that are alike but for their figures, read many at once.

A shape is learned from one line. The rules of `records` read that line, and read it again with
other numbers and ids in it: what they then say tells which figure stands where. A line that differs
from the first in such places alone says the same with its own figures, and numpy reads thousands of
those in one step. What fits no shape is read by the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from serverless_tax.audit.read.grammar import (
    MOST_MEMORY_MB,
    Bools,
    Fact,
    Ints,
    Record,
    records,
    whole_rows,
)
from serverless_tax.audit.sums.table import FAILED, NS, OUT_OF_MEMORY, TIMEOUT

#: Lines that are longer are read one by one.
LONGEST_LINE = 1500
#: Shapes that are kept, and lines of a block from which a new one is learned.
_MOST_SHAPES, _MOST_NEW = 48, 6
#: So few lines are not worth learning from.
_FEWEST = 16

_TOKEN = re.compile(
    rb"(?<![0-9A-Za-z])(?:"
    rb"(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![0-9A-Za-z])"
    rb"|(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]{1,9})?)(?![0-9])"
    rb"|(?P<hex>[0-9a-f]{8,64})(?![0-9A-Za-z])"
    rb"|(?P<number>[0-9]{1,8})(?![0-9A-Za-z]))"
)
#: Digits of a date, an hour or a version, which are no figure by themselves.
_JOINED_BEFORE, _JOINED_AFTER = re.compile(rb"[0-9][-/:+]$"), re.compile(rb"^[-/:+][0-9]")
_TIME_DIGITS = 14
_NS_PER_MS, _SLACK_NS = 10**6, 10**4
_FRACTION_DIGITS = 6
_IS_HEX = np.array([chr(byte) in "0123456789abcdef" for byte in range(256)])
_ZERO, _HYPHEN = ord("0"), ord("-")


class Text(Protocol):
    """Bytes that can be looked at in many places at once."""

    bytes: NDArray[np.uint8]

    def at(self, places: Ints, kind: str) -> NDArray[Any]:
        """Return what stands at some places, as values of a type of numpy's."""

    def rows(self, places: Ints, size: int) -> NDArray[np.uint8]:
        """Return that many bytes from each place, a row for each."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A literal, or what may stand in its place in another line."""

    kind: str  # literal, id, time, hex, number, fraction
    text: bytes


class Alike(NamedTuple):
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

    def of(self, which: Bools, function_name: str) -> Alike:
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

    parts: list[_Part]
    facts: list[Fact]
    record: Record | None
    whole: dict[str, int] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    time: int | None = None
    request_id: int | None = None
    used: int = 0

    def read(self, text: Text, begins: Ints, ends: Ints) -> tuple[Bools, Alike | None]:
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
        return which, Alike(
            self.record.kind, self.record.function_name, self.record.cold, begins[rows[good]],
            ids[good], {name: column[good] for name, column in values.items()}, self._says(),
        )  # fmt: skip

    def _has_fraction(self, k: int) -> bool:
        return k + 2 < len(self.parts) and self.parts[k + 2].kind == "fraction"

    def _values(self, found: dict[int, Any], rows: int) -> tuple[dict[str, Ints], Bools]:
        """Return the quantities, and which rows have figures that a function may have."""
        values = {name: found[k] for name, k in self.whole.items()}
        for name, k in self.lengths.items():
            values[name] = found[k] * _NS_PER_MS
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
            added = np.maximum(billed_ms + -ns // _NS_PER_MS, 0)
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
    least, most = (-(-(ns + slack) // _NS_PER_MS) for slack in (-_SLACK_NS, _SLACK_NS))
    found: Bools = (least <= billed_ms) & (billed_ms <= most)
    return found


def _read_part(part: _Part, text: Text, at: Ints, *, is_kept: bool) -> tuple[Any, Any, Bools]:
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
        is_digit = (model >= _ZERO) & (model <= _ZERO + 9)
        lowest = np.where(is_digit, _ZERO, model).astype(np.uint8)
        good = whole_rows((rows - lowest) <= np.where(is_digit, 9, 0).astype(np.uint8))
        if not is_kept:
            return size, None, good
        digits = rows[:, np.flatnonzero(is_digit)[:_TIME_DIGITS]] - float(_ZERO)
        time = (digits @ 10.0 ** np.arange(_TIME_DIGITS - 1, -1, -1)).astype(np.int64)
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
    good = (size > 0) & ((size == 1) | (text.bytes[at] != _ZERO))
    return size, value, good


def _fraction(text: Text, at: Ints) -> tuple[Ints, Ints, Bools]:
    """Read what stands behind a point, in millionths."""
    size, value = _digits(text, at)
    return size, value * _TENS[size], (size > 0) & (size <= _FRACTION_DIGITS)


# -- learning ----------------------------------------------------------------------------------


def learned(line: bytes) -> Shape | None:
    """Return the shape of a line; None if it is no model for others.

    Args:
        line: as it stands in the log.
    """
    if len(line) > LONGEST_LINE or b"\x00" in line:
        return None
    parts = _parts(line)
    model = _one(line)
    if model is None or not parts:
        return None
    for k, part in enumerate(parts):
        if part.kind == "literal":
            continue
        if not _alike(model, _one(_marked(parts, {k}, 0))):
            parts[k] = _Part("literal", part.text)
            if k + 2 < len(parts) and parts[k + 2].kind == "fraction":
                parts[k + 2] = _Part("literal", parts[k + 2].text)
    free = {k for k, part in enumerate(parts) if part.kind != "literal"}
    marked = [_one(_marked(parts, free, salt)) for salt in (0, 1)]
    if not all(_alike(model, one) for one in marked):
        return None
    facts, record = model
    shape = Shape(parts, facts, record)
    others = [one[1] for one in marked if one and one[1]]
    return shape if record is None or _places(shape, record, others) else None


def _parts(line: bytes) -> list[_Part]:
    """Cut a line: every second part is a literal."""
    parts: list[_Part] = []
    end = 0
    for found in _TOKEN.finditer(line):
        kind, text = str(found.lastgroup), found.group()
        before = line[end : found.start()]
        if kind == "number" and (
            _JOINED_BEFORE.search(line[: found.start()]) or _JOINED_AFTER.match(line[found.end() :])
        ):
            continue
        if kind == "number" and parts and before == b"." and parts[-1].kind == "number":
            kind = "fraction"
        elif kind == "number" and text.startswith(b"0") and text != b"0":
            continue
        parts += [_Part("literal", before), _Part(kind, text)]
        end = found.end()
    return [*parts, _Part("literal", line[end:])]


def _marker(part: _Part, k: int, salt: int) -> bytes:
    """Return what stands for a part in a line that is marked: nothing else in it is the same."""
    if part.kind == "number":
        return b"%d" % (1011 + k if not salt else 30_311 + k)
    if part.kind == "fraction":
        return b"%d" % (101 + k if not salt else 3011 + k)
    if part.kind == "time":
        day, minute = (b"%02d" % (1 + (k + salt) % 27), b"%02d" % (k % 60))
        return b"2023-0%d-%sT05:%s:%02d" % (4 + salt, day, minute, k // 60) + part.text[19:]
    digits = b"%02x" % (k % 256)
    mark = (digits + b"%x" % (10 + salt)) * (len(part.text) // 3 + 1)
    if part.kind == "id":
        return b"-".join(mark[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))
    return mark[: len(part.text)]


def _marked(parts: Sequence[_Part], which: set[int], salt: int) -> bytes:
    return b"".join(
        _marker(part, k, salt) if k in which else part.text for k, part in enumerate(parts)
    )


_Model = tuple[list[Fact], Record | None]


def _one(line: bytes) -> _Model | None:
    """Return what a line holds, if it is no more than a record and facts."""
    facts: list[Fact] = []
    record: Record | None = None
    for one in records(line.rstrip(b"\r").decode("utf-8", "replace")):
        if isinstance(one, Fact):
            facts.append(one)
        elif isinstance(one, Record) and record is None:
            record = one
        else:
            return None
    return facts, record


def _alike(one: _Model, other: _Model | None) -> bool:
    """Whether two lines hold the same but for figures."""
    return other is not None and one[0] == other[0] and _kept(one[1]) == _kept(other[1])


def _kept(record: Record | None) -> Any:
    if record is None:
        return None
    sums = record.sums
    return (
        record.kind, record.function_name, record.cold, record.init_ns is None,
        bool(record.time), bool(record.request_id), sums.restore_billed_ms > 0,
        sums.timeouts, sums.failures, sums.out_of_memory,
    )  # fmt: skip


def _places(shape: Shape, model: Record, marked: list[Record]) -> bool:
    """Find which part says what; False if one figure is said by none."""
    first, second = marked
    if model.cold and model.init_ns is None:  # restored: such lines are few
        return False
    wanted: list[tuple[str, bool, Any, Any]] = [
        ("memory_mb", False, first.memory_mb, second.memory_mb)
    ]
    if model.kind == "report":
        wanted += [
            ("billed_ms", False, first.billed_ms, second.billed_ms),
            ("max_memory_used_mb", False, first.sums.peak_used_mb, second.sums.peak_used_mb),
            ("duration_ns", True, first.sums.duration_total_ns, second.sums.duration_total_ns),
        ]
        if model.init_ns is not None:
            wanted.append(("init_ns", True, first.init_ns, second.init_ns))
    else:
        wanted += [
            ("cpu_ns", True, first.sums.cpu_total_ns, second.sums.cpu_total_ns),
            ("wall_ns", True, first.sums.wall_total_ns, second.sums.wall_total_ns),
        ]
    said = [dict(_said(shape.parts, salt)) for salt in (0, 1)]
    for name, is_length, one, other in wanted:
        if name == "memory_mb" and model.kind == "cpu" and model.memory_mb == one == other == 0:
            continue
        scale = _NS_PER_MS if is_length else 1
        whole = [k for k in said[0] if said[0][k] * scale == one and said[1][k] * scale == other]
        if len(whole) != 1 or (not is_length and int(said[0][whole[0]]) != said[0][whole[0]]):
            return False
        (shape.lengths if is_length else shape.whole)[name] = whole[0]
    for k, part in enumerate(shape.parts):
        marks = [_marker(part, k, salt).decode() for salt in (0, 1)]
        if part.kind == "time" and [one.time for one in marked] == [m[:19] for m in marks]:
            shape.time = k
        if part.kind == "id" and [one.request_id for one in marked] == marks:
            shape.request_id = k
    return (shape.time is not None) == bool(model.time) and (
        shape.request_id is not None
    ) == bool(model.request_id)


def _said(parts: Sequence[_Part], salt: int) -> Iterator[tuple[int, Decimal]]:
    """Yield the figures of a marked line; a fraction belongs to the number before it."""
    for k, part in enumerate(parts):
        if part.kind == "number":
            text = _marker(part, k, salt).decode()
            if k + 2 < len(parts) and parts[k + 2].kind == "fraction":
                text += "." + _marker(parts[k + 2], k + 2, salt).decode()
            yield k, Decimal(text)


# -- many lines --------------------------------------------------------------------------------


class Shapes:
    """The shapes of the lines so far; threads may share them."""

    def __init__(self, is_part: Callable[[bytes], bool]) -> None:
        """Start with none; lines that are parts of something larger have no shape."""
        self._shapes: list[Shape] = []
        self._is_part = is_part

    def read(self, text: Text, lines: bytes, begins: Ints, ends: Ints) -> tuple[
        Bools, list[Alike], list[Fact]
    ]:
        """Read lines as far as they have shapes.

        Returns which of them are read, the records in them, and facts.
        """
        done = np.zeros(len(begins), bool)
        # What the next line begins with may make it a part of this one.
        may = (ends - begins <= LONGEST_LINE) & _stands_alone(text, ends)
        found: list[Alike] = []
        facts: list[Fact] = []

        def use(shape: Shape) -> int:
            left = np.flatnonzero(may & ~done)
            which, alike = shape.read(text, begins[left], ends[left])
            done[left[which]] = True
            count = int(which.sum())
            if count:
                facts.extend(shape.facts)
                if alike is not None:
                    found.append(alike)
            shape.used = shape.used // 2 + count
            return count

        for shape in list(self._shapes):
            if (may & ~done).any():
                use(shape)
        left = np.flatnonzero(may & ~done)
        for _ in range(_MOST_NEW):
            if len(left) < _FEWEST:
                break
            k = left[0]
            line = lines[begins[k] : ends[k]]
            left = left[1:]
            shape = None if self._is_part(line) else learned(line)
            if shape is None:
                continue
            use(shape)
            left = left[~done[left]]
            if shape.used > 1:
                self._keep(shape)
        return done, found, facts

    def _keep(self, shape: Shape) -> None:
        shapes = sorted([*self._shapes, shape], key=lambda one: -one.used)
        self._shapes = shapes[:_MOST_SHAPES]


_NEXT = (b"XRAY", b"STAR", b"END ", b"REPO", b"INIT")


def _stands_alone(text: Text, ends: Ints) -> Bools:
    """Whether what follows a line begins as no part of it would."""
    sign = text.bytes[ends + 1]
    alone: Bools = ((sign >= _ZERO) & (sign <= _ZERO + 9)) | (sign == ord("{")) | (sign == 10)
    if not alone.all():
        words = text.at(ends + 1, "S4")
        for word in _NEXT:
            alone |= words == word
    return alone
