"""Runs of lines that are no words, and may hold records all the same: read, or said to be unread.

Something wrote a log anew and put it between other lines: in another base, as bytes one by one, in
pieces as a container's engine cuts them, as rows of a table whose heads nobody knows. A few bytes
of each line tell these from most others; they are looked at, with the lines around them.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from math import ceil
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from serverless_tax.audit.read.alphabets import (
    ALPHABETS,
    BASE64,
    SHORTEST_LINE,
    Alphabet,
    said_in,
)
from serverless_tax.audit.read.marks import IS_A_ROW, LOOKS_ENCODED
from serverless_tax.audit.read.payload import LONG_SIGNS
from serverless_tax.audit.read.plain import Bools, Ints
from serverless_tax.audit.read.rewritten import CRI, PIECE, in_one_piece
from serverless_tax.audit.read.words import WORDS

_LOOKS_ENCODED, _IS_A_ROW = _MARKS = LOOKS_ENCODED.encode(), IS_A_ROW.encode()
_WORDS = tuple(word.encode() for word in WORDS)
#: What a line has that is no whole one.
PIECES = (b"stdout P", b"stderr P")

#: Bytes that are looked at together; a line that is so long may begin with anything.
_SAMPLE, _LONG_LINE = 8, 200
_ONES, _HIGH, _LOW = (np.uint64(int(one * _SAMPLE, 16)) for one in ("01", "80", "7f"))
_BLANKS, _QUOTES, _BARS = (np.uint64(int(one * _SAMPLE, 16)) for one in ("20", "22", "7c"))
#: Added to letters from "g" on, and to those from "x" on, these give high bytes: no number has one
#: of those between.
_FROM_G, _FROM_X = (_ONES * np.uint64(0x80 - ord(sign)) for sign in "gx")
_BRACES = b"{}"

_MARGIN, _COLOUR = re.compile(rb"^(?:[ \t]|[>|] )+"), re.compile(rb"\x1b\[[0-9;]*m")
_UUID = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z")
_BETWEEN_CELLS = re.compile(rb"[\s,;|\"'\x01\x1f]+")
_NUMBER, _NO_WORD = re.compile(rb"[0-9]{1,9}(?:[.][0-9]{1,6})?\Z"), re.compile(rb"[\d:.TZ+/-]+\Z")
_UNITS = (b"ms", b"MB", b"s", b"GB")
_MOST_WORDS, _LONGEST_ROW = 4, 400
_MEMORY_MB = range(128, 10_241)


class Passage(NamedTuple):
    """Lines, by their numbers, and the lines that stand for them.

    Of base64 with long lines others know more: what stands before it, and where one text ends.
    """

    first: int
    behind: int
    lines: list[bytes]
    is_base64: bool = False


class TextOfLines:
    """A text, and where each of its lines begins and ends."""

    def __init__(self, text: bytes, begins: Ints, ends: Ints) -> None:
        """Take them as they are."""
        self.text, self.begins, self.ends = text, begins, ends

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self.begins)

    def __getitem__(self, k: int) -> bytes:
        """Return a line, without its margin and what colours it."""
        line = self.text[int(self.begins[k]) : int(self.ends[k])].rstrip(b"\r\0")
        line = _COLOUR.sub(b"", line) if b"\x1b" in line else line
        return _MARGIN.sub(b"", line)

    @classmethod
    def of(cls, text: bytes) -> Self:
        """Return the lines of a text, of which the last may have no end."""
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
        ends = np.append(ends, len(text))
        return cls(text, np.append(0, ends[:-1] + 1), ends)

    def runs(self, which: Ints | None = None) -> Iterator[Passage]:
        """Yield the runs that begin with one of some lines, or have it within."""
        end = 0
        which = np.arange(len(self)) if which is None else which
        for k in self._may_be(which).tolist():
            while k >= end:
                run = self._run(k, end)
                end = run.behind
                if run.lines:
                    yield run

    def pieces(self, at: Ints | None = None) -> Iterator[Passage]:
        """Yield lines that an engine cut into pieces, whole; ``at`` is where some may stand."""
        end = 0
        some = self._with_pieces() if at is None else np.searchsorted(self.ends, np.sort(at))
        for k in [int(one) for one in some if PIECE.search(self[int(one)])]:
            behind = k
            if quoted := _quoted(self[k]):
                yield Passage(k, k + 1, quoted)
            while k >= end and behind < len(self) and CRI.fullmatch(self[behind]):
                behind += 1
            if behind > max(k, end):
                end = behind
                whole = b"".join(in_one_piece([b"\n".join(self[n] for n in range(k, end))]))
                yield Passage(k, end, whole.split(b"\n"))

    def _with_pieces(self) -> list[int]:
        found = []
        for piece in PIECES:
            at = self.text.find(piece)
            while at >= 0:
                k = int(np.searchsorted(self.ends, at))
                found.append(k)
                at = self.text.find(piece, int(self.ends[k]))
        return sorted(found)

    def _may_be(self, which: Ints) -> Ints:
        """Return those of some lines that may be encoded: no words are where most lines have some.

        Their last 16 bytes are looked at, 16 in the middle, and the first eight, unless a time or
        other words may stand before what is long. Of that four more places count.
        """
        sizes = self.ends[which] - self.begins[which]
        which = which[sizes >= SHORTEST_LINE]
        if not len(which):
            return which
        every = np.ndarray((len(self.text) - _SAMPLE + 1,), "<u8", self.text, strides=(1,))
        begins, ends = self.begins[which], self.ends[which]
        at_end = _are_words(every[ends - _SAMPLE], every[ends - 2 * _SAMPLE])
        is_long = ends - begins >= _LONG_LINE
        some = ~at_end | is_long
        which, begins, ends = which[some], begins[some], ends[some]
        is_long, odd = is_long[some], at_end[some]
        middle = (begins + ends) // 2
        odd |= _are_words(every[middle - _SAMPLE], every[middle])
        # What is joined on one line has a blank now and then, and words have one everywhere.
        again = np.flatnonzero(odd & is_long)
        with_words = np.zeros(len(again), int)
        for k in (1, 2, 4, 5):
            place = begins[again] + (ends - begins)[again] * k // 6
            with_words += _are_words(every[place - _SAMPLE], every[place])
        odd[again] = with_words > 1
        kept = ~odd
        kept &= is_long | ~_are_words(every[begins])
        signs = np.frombuffer(self.text, np.uint8)
        kept &= signs[begins] != _BRACES[0]
        which, begins, ends = which[kept], begins[kept], ends[kept]
        quoted = np.zeros(len(which), bool)
        for k in range(1, 8):  # what has quotes and ends so is JSON
            place = begins + (ends - begins - _SAMPLE) * k // 8
            quoted |= _has(every[place] & _LOW, _QUOTES) != 0
        found: Ints = which[~quoted | (signs[ends - 1] != _BRACES[1])]
        return found

    def _run(self, k: int, end: int) -> Passage:
        most = k + 1
        if quoted := _quoted(self[k]):
            return Passage(k, most, quoted)
        for alphabet in ALPHABETS:
            if self._part(alphabet, k):
                first, behind = self._around(k, end, alphabet)
                some = range(first, behind)
                parts = [alphabet.part(self[n]) or alphabet.end(self[n]) for n in some]
                said = said_in(alphabet, parts)
                if said:
                    parts = _needed(alphabet, parts, said)
                    behind = first + len(parts)
                    others_know = alphabet is BASE64 and len(parts[0]) >= LONG_SIGNS
                    others_know &= all(self._stands_alone(n) for n in range(first, behind))
                    return Passage(first, behind, said.encode().split(b"\n"), others_know)
                if alphabet.is_odd(parts):
                    return Passage(first, behind, [_LOOKS_ENCODED + self[n] for n in some])
                most = max(most, behind)
        if not (count := _cells_of_record(self[k])):
            return Passage(k, most, [])
        behind = k + 1
        while behind < len(self) and _cells(self[behind]) == count:
            behind += 1
        return Passage(k, behind, [_IS_A_ROW + self[n] for n in range(k, behind)])

    def _stands_alone(self, k: int) -> bool:
        """Whether a line has no margin but blanks, nor a colour."""
        whole = self.text[int(self.begins[k]) : int(self.ends[k])]
        return whole.strip(b" \t\r\0") == self[k].strip()

    def _part(self, alphabet: Alphabet, k: int, size: int = 0) -> bytes:
        """Return what a line has of such a text: nothing if it names a record itself.

        Nor if it is of another size than those beside it, where they have one.
        """
        line = self[k] if k < len(self) else b""
        if size and alphabet.is_even and len(line) != size:
            return b""
        return b"" if any(word in line for word in _WORDS) else alphabet.part(line)

    def _around(self, k: int, end: int, alphabet: Alphabet) -> tuple[int, int]:
        """Return where the run begins and ends that a line is of."""
        first, behind, size = k, k + 1, len(self[k])
        while first > end and self._part(alphabet, first - 1, size):
            first -= 1
        while self._part(alphabet, behind, size):
            behind += 1
        before, last = self[behind - 1], self[behind] if behind < len(self) else b""
        is_last = len(last) < len(before) and len(last.split()) == len(before.split())
        if alphabet.is_even:  # it ends with its padding, and others begin with two lines as long
            is_last &= not before.endswith(b"=") and not self._part(alphabet, behind + 1, len(last))
            is_last &= last not in (b"[", b"{")  # so a document begins
        return first, behind + bool(is_last and alphabet.end(last))


def _quoted(line: bytes) -> list[bytes]:
    """Return the lines with records that are hidden in a line which is one text of JSON."""
    if not line.startswith(b'"') or b"\\n" not in line:
        return []
    try:
        inside = json.loads(line).encode("utf-8", "replace")
    except (ValueError, AttributeError):
        return []
    text = as_read(inside, others_know=False)
    return text.split(b"\n") if text != inside else []


def _needed(alphabet: Alphabet, parts: list[bytes], said: str) -> list[bytes]:
    """Return the first of some parts, without those behind them that change nothing they say.

    Another text may stand there, in another alphabet or of its own.
    """
    if len(parts) < 2 or said_in(alphabet, parts[:-1]) != said:  # noqa: PLR2004 - it and another
        return parts
    counts = range(1, len(parts))
    return parts[
        : counts[bisect_left(counts, 1, key=lambda n: said_in(alphabet, parts[:n]) == said)]
    ]


def as_read(text: bytes, *, others_know: bool = True) -> bytes:
    """Return a text with what such runs say in their place; what is unread in it stays.

    So does base64 that others know, if they read what this returns.
    """
    for find in (TextOfLines.pieces, TextOfLines.runs):
        lines = TextOfLines.of(text)
        found: list[bytes] = []
        at = 0
        for run in find(lines):
            if not (run.is_base64 and others_know) and not run.lines[0].startswith(_MARKS):
                found += [text[at : int(lines.begins[run.first])], b"\n".join(run.lines)]
                at = int(lines.ends[run.behind - 1])
        text = b"".join([*found, text[at:]]) if found else text
    return text


def marked(lines: list[str]) -> list[str]:
    """Return lines, those that look encoded or are rows of a record marked as such.

    >>> marked(["8f0c5a30-0000-4000-8000-000000000000;99.10;100;512;87"])[0][:28]
    'REPORT RequestId: in columns'
    """
    if max(map(len, lines), default=0) < SHORTEST_LINE:
        return lines
    text = TextOfLines.of("\n".join(lines).encode("utf-8", "replace"))
    for run in text.runs():
        if run.lines[0].startswith(_MARKS):
            lines[run.first : run.behind] = [one.decode() for one in run.lines]
    return lines


def _are_words(*samples: NDArray[np.uint64]) -> Bools:
    """Whether bytes have a blank, and a letter that no number has, and no bar; or are no ASCII."""
    blank = small = bar = wide = np.zeros(len(samples[0]), np.uint64)
    for one in samples:
        low = one & _LOW
        blank = blank | _has(low, _BLANKS)
        bar = bar | _has(low, _BARS)
        small = small | ((low + _FROM_G) & ~(low + _FROM_X) & _HIGH)
        wide = wide | (one & _HIGH)
    found: Bools = ((blank != 0) & (small != 0) & (bar == 0)) | (wide != 0)
    return found


def _has(low: NDArray[np.uint64], signs: np.uint64) -> NDArray[np.uint64]:
    """Return what is not zero where one of the bytes is that sign."""
    other = low ^ signs
    return (other - _ONES) & ~other & _HIGH


def _cells(line: bytes) -> int:
    """Return how many cells a row has in which a request's id stands; 0 for another line."""
    cells = list(filter(None, _BETWEEN_CELLS.split(line[:_LONGEST_ROW])))
    return len(cells) if any(map(_UUID.match, cells)) else 0


def _cells_of_record(line: bytes) -> int:
    """Return the same of a row that says what was billed of a duration, and a size of memory."""
    count = _cells(line)
    cells = filter(None, _BETWEEN_CELLS.split(line)) if count and len(line) < _LONGEST_ROW else ()
    words = [one for one in cells if not _UUID.match(one) and one not in _UNITS]
    numbers = [one for one in words if _NUMBER.match(one)]
    if b"REPORT" in line or len([one for one in words if not _NO_WORD.match(one)]) > _MOST_WORDS:
        return 0
    billed = {ceil(float(one)) for one in numbers if b"." in one}
    whole = {int(one) for one in numbers if b"." not in one}
    sizes = {one for one in whole if one in _MEMORY_MB}
    return (
        count if any(whole - {one} and one in whole and set(sizes) - {one} for one in billed) else 0
    )
