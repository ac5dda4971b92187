"""The shapes of the lines of a log, each learned from one line.

The rules of `records` read a line, and read it again with other numbers and ids in it: what they
then say tells which figure stands where. A line that differs from the first in such places alone
says the same with its own figures. What fits no shape is read by the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from serverless_tax.audit.read.grammar import Fact, Record, records
from serverless_tax.audit.read.plain import Bools, Ints
from serverless_tax.audit.read.shape import LONGEST_LINE, NS_PER_MS, ZERO, Part, Shape, Shaped, Text
from serverless_tax.audit.sums.answers import ANSWER_SPANS

#: Shapes that are kept, and lines of a block that may be models of few others.
_MOST_SHAPES, _MOST_IN_VAIN = 256, 6
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
            parts[k] = Part("literal", part.text)
            if k + 2 < len(parts) and parts[k + 2].kind == "fraction":
                parts[k + 2] = Part("literal", parts[k + 2].text)
    free = {k for k, part in enumerate(parts) if part.kind != "literal"}
    marked = [_one(_marked(parts, free, salt)) for salt in (0, 1)]
    if not all(_alike(model, one) for one in marked):
        return None
    facts, record = model
    shape = Shape(parts, facts, record)
    others = [one[1] for one in marked if one and one[1]]
    return shape if record is None or _places(shape, record, others) else None


def _parts(line: bytes) -> list[Part]:
    """Cut a line: every second part is a literal."""
    parts: list[Part] = []
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
        parts += [Part("literal", before), Part(kind, text)]
        end = found.end()
    return [*parts, Part("literal", line[end:])]


def _marker(part: Part, k: int, salt: int) -> bytes:
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


def _marked(parts: Sequence[Part], which: set[int], salt: int) -> bytes:
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
        record.answer is None,
        bool(record.time), bool(record.request_id), sums.restore_billed_ms > 0,
        sums.timeouts, sums.failures, sums.out_of_memory,
    )  # fmt: skip


def _places(shape: Shape, model: Record, marked: list[Record]) -> bool:
    """Find which part says what; False if one figure is said by none."""
    first, second = marked
    if model.sums.restore_billed_ms or (model.cold and model.init_ns is None):  # such are few
        return False
    wanted = _wanted(model, first, second)
    said = [dict(_said(shape.parts, salt)) for salt in (0, 1)]
    for name, is_length, one, other in wanted:
        if name == "memory_mb" and model.kind == "cpu" and model.memory_mb == one == other == 0:
            continue
        scale = NS_PER_MS if is_length else 1
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
    return (shape.time is not None) == bool(model.time) and (shape.request_id is not None) == bool(
        model.request_id
    )


def _wanted(model: Record, first: Record, second: Record) -> list[tuple[str, bool, Any, Any]]:
    """Return each figure: its name, whether it is a length, and what two marked lines say."""
    wanted: list[tuple[str, bool, Any, Any]] = [
        ("memory_mb", False, first.memory_mb, second.memory_mb)
    ]
    if model.kind == "report":
        wanted += [
            ("billed_ms", False, first.billed_ms, second.billed_ms),
            ("max_memory_used_mb", False, first.sums.peak_used_mb, second.sums.peak_used_mb),
            ("duration_ns", True, first.sums.duration_total_ns, second.sums.duration_total_ns),
        ]
        for name in ANSWER_SPANS.values() if model.answer else ():
            one, other = (getattr(line.answer, name) for line in (first, second))
            if one or other:  # else that span is not there
                wanted.append((name, True, one, other))
        if model.init_ns is not None:
            wanted.append(("init_ns", True, first.init_ns, second.init_ns))
    else:
        wanted += [
            ("cpu_ns", True, first.sums.cpu_total_ns, second.sums.cpu_total_ns),
            ("wall_ns", True, first.sums.wall_total_ns, second.sums.wall_total_ns),
        ]
    return wanted


def _said(parts: Sequence[Part], salt: int) -> Iterator[tuple[int, Decimal]]:
    """Yield the figures of a marked line; a fraction belongs to the number before it."""
    for k, part in enumerate(parts):
        if part.kind == "number":
            text = _marker(part, k, salt).decode()
            if k + 2 < len(parts) and parts[k + 2].kind == "fraction":
                text += "." + _marker(parts[k + 2], k + 2, salt).decode()
            yield k, Decimal(text)


class Shapes:
    """The shapes of the lines so far; threads may share them."""

    def __init__(self, is_part: Callable[[bytes], bool]) -> None:
        """Start with none; lines that are parts of something larger have no shape."""
        self._shapes: list[Shape] = []
        self._is_part = is_part

    def read(
        self, text: Text, lines: bytes, begins: Ints, ends: Ints
    ) -> tuple[Bools, list[Shaped], list[tuple[Ints, Fact]]]:
        """Read lines as far as they have shapes.

        Returns which of them are read, the records in them, and facts with where they stand.
        """
        done = np.zeros(len(begins), bool)
        # What the next line begins with may make it a part of this one.
        may = (ends - begins <= LONGEST_LINE) & _stands_alone(text, ends)
        found: list[Shaped] = []
        facts: list[tuple[Ints, Fact]] = []

        def use(shape: Shape) -> int:
            left = np.flatnonzero(may & ~done)
            which, alike = shape.read(text, begins[left], ends[left])
            done[left[which]] = True
            count = int(which.sum())
            if count:
                facts.extend((begins[left[which]], fact) for fact in shape.facts)
                if alike is not None:
                    found.append(alike)
            shape.used = shape.used // 2 + count
            return count

        for shape in list(self._shapes):
            if (may & ~done).any():
                use(shape)
        left = np.flatnonzero(may & ~done)
        in_vain = 0
        for _ in range(_MOST_SHAPES):
            if len(left) < _FEWEST or in_vain == _MOST_IN_VAIN:
                break
            k = left[0]
            line = lines[begins[k] : ends[k]]
            left = left[1:]
            new = None if self._is_part(line) else learned(line)
            if new is None:
                in_vain += 1
                continue
            in_vain += use(new) < _FEWEST
            left = left[~done[left]]
            if new.used > 1:
                self._keep(new)
        return done, found, facts

    def _keep(self, shape: Shape) -> None:
        shapes = sorted([*self._shapes, shape], key=lambda one: -one.used)
        self._shapes = shapes[:_MOST_SHAPES]


_NEXT = (b"XRAY", b"STAR", b"END ", b"REPO", b"INIT")


def _stands_alone(text: Text, ends: Ints) -> Bools:
    """Whether what follows a line begins as no part of it would."""
    sign = text.bytes[ends + 1]
    alone: Bools = ((sign >= ZERO) & (sign <= ZERO + 9)) | (sign == ord("{")) | (sign == ord("\n"))
    if not alone.all():
        words = text.at(ends + 1, "S4")
        for word in _NEXT:
            alone |= words == word
    return alone
