"""Plain lines of a log, read a block at a time into columns of numbers.

numpy reads thousands of such lines in one step, at a fraction of what it costs to look at each. A
line counts here only if every byte of it is what it has to be; any other line that may hold a
record is handed on as text, to the analysis in SQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_letters, digits
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from serverless_tax.audit.read.blocks import Block
from serverless_tax.audit.read.grammar import MOST_MEMORY_MB, Fact
from serverless_tax.audit.read.hidden import PIECES, TextOfLines
from serverless_tax.audit.read.many_words import ManyWords
from serverless_tax.audit.read.payload import (
    BZ2_IN_BASE64,
    GZIP_IN_BASE64,
    LONG_SIGNS,
    PACKED_TWICE,
)
from serverless_tax.audit.read.plain import (
    BETWEEN,
    FIGURES,
    FIRST,
    ID_LENGTH,
    LAST,
    LONGEST,
    PLAIN_ID,
    PLAIN_START,
    Bools,
    Heads,
    Ints,
    heads,
    whole_rows,
)
from serverless_tax.audit.read.shape import LONGEST_LINE, Shaped
from serverless_tax.audit.read.shapes import Shapes
from serverless_tax.audit.read.tidy import CUT_PAIRS, MOST_LINES, TIME_SIZES, timed, whole_words

#: Room before and behind a block, so that no look to either side of a line leaves it.
_ROOM = b"\n" * 2 * LONGEST_LINE
#: Where a block begins in the text whose places are told here.
BEGIN = len(_ROOM)
_TAB, _NEWLINE, _RETURN, _SPACE, _POINT, _ZERO, _R = b"\t\n\r .0R"
#: Which bytes may stand in an id.
_IN_ID = np.array([re.fullmatch(PLAIN_ID.value, chr(byte)) is not None for byte in range(256)])
_RECORD = b"REPORT"
#: What the other lines that may hold a record have in them.
_LINES = (
    *(b"INIT_START", b"platform.re", b"platform.init", b"illedDuration"),
    *(b'"metered', b"cpu_total_time", b"cpu_user_time"),
)
#: What lines have that carry a log packed, or in columns.
_CARRIED = (
    *(b"LogResult", b'Data":'),
    GZIP_IN_BASE64.encode(),
    *(b"UkVQT1J", b"U1RBUlQg", b"SVCBSZXF1ZXN0SWQ6I", b"SRVBPUlQgUmVxdWVzdElk"),
)
#: And what a record has that is not as AWS writes it: looked for in blocks without plain lines,
#: and in small ones.
_MORE = (
    *(b'"data":', b"rawData", b"END Duration", b"END\tDuration"),
    # Where the second line of a dump begins; a record in other capitals.
    *(b"\n00000010", b"\n0000020 ", b"eport request", b"eport Request"),
    # What is packed twice; then bytes in a list, as a journal has them.
    *(word.encode() for word in PACKED_TWICE),
    *(b"82,69,80,79,82,84,", b"82, 69, 80, 79, 82, 84, "),
)
#: What lines have that say how a request ended.
_ENDED = (b"Task timed out", b"Runtime exited", b"exited before")
#: What follows: the flags of gzip, of which three bits are not in use, and a constant of bz2.
_THEN = {GZIP_IN_BASE64.encode(): b"ABCDEFGH", BZ2_IN_BASE64.encode(): b"T"}
#: Heads of a table that say what Logs Insights found.
_HEADS, _AT = ("@duration", "@billedDuration", "@requestId"), b"@"
_IN_LARGE = ManyWords([_RECORD, *_LINES, *_CARRIED, *_ENDED, *PIECES], _THEN)
_IN_SMALL = ManyWords([*_IN_LARGE.words, *_MORE], _THEN)
_SMALL = 1 << 20
#: What a packed text is made of; and in a large block no word of it is shorter.
_IN_WORD = np.isin(np.arange(256), [*map(ord, f"{ascii_letters}{digits}_+/-")])
_LONG_IN_LARGE = 150
#: Bytes that are looked at in one step.
_STEP_BYTES = 1 << 18
_UNDERSCORE = ord("_")
#: What stands before and behind a line break that cuts a word that names a record.
_IS_CUT = np.isin(np.arange(1 << 16), [ord(pair[0]) << 8 | ord(pair[1]) for pair in CUT_PAIRS])
_AROUND_A_CUT = 48
#: Lines behind one that may be a part of it.
_FOLLOWING = MOST_LINES
#: What stands between two logs of a block, so that neither is a part of the other.
BETWEEN_LOGS = b"\n" * (_FOLLOWING + 2)


class Plain(NamedTuple):
    """Columns of the plain lines of a block, one place for each line.

    All but the first are quantities that an audit adds up, under their names in
    :mod:`serverless_tax.audit.sums.table`.

    Attributes:
        function_name: of all of them, or nothing.
        duration_ns: whole nanoseconds.
        billed_ms, memory_mb, max_memory_used_mb: as on the line.
        written_at: digits of the time as one number, year to second; 0 where they say none.
    """

    function_name: str
    duration_ns: Ints
    billed_ms: Ints
    memory_mb: Ints
    max_memory_used_mb: Ints
    written_at: Ints

    @property
    def lines(self) -> int:
        """How many lines they are."""
        return len(self.billed_ms)

    def of(self, which: Bools, function_name: str) -> Plain:
        """Return some of the lines, under a name."""
        return Plain(function_name, *(column[which] for column in self[1:]))


class Other(NamedTuple):
    """A line that may hold a record, where it begins, and the lines behind it."""

    at: int
    text: bytes
    following: list[bytes]


class Lines(NamedTuple):
    """What is in a block.

    Attributes:
        plain: the plain lines.
        at: where the record of each begins.
        ids: the id of each.
        others: the lines that may hold a record, are not plain and have no shape.
        alike: records of lines that have a shape.
        facts: what such lines say of functions, and where they begin.
    """

    plain: Plain
    at: Ints
    ids: NDArray[np.bytes_]
    others: list[Other]
    alike: list[Shaped]
    facts: list[tuple[Ints, Fact]]


def read(block: Block, shapes: Shapes | None = None) -> Lines:
    """Read a block of whole lines; those that have a shape too, where shapes are given."""
    text = _with_whole_words(_Text(b"".join((_ROOM, *block, _ROOM))))
    starts, plain = _plain(text)
    ids = text.at(starts + len(PLAIN_START), f"S{ID_LENGTH}")
    words = _words(text, is_small=not len(starts) or len(text.text) < _SMALL)
    ended, pieces = (np.concatenate([words.pop(one) for one in of]) for of in (_ENDED, PIECES))
    ends, others = text.spans(_others(text, starts, words))
    which, hidden = _hidden(text, ends, text.spans(starts)[1], others, pieces)
    alike: list[Shaped] = []
    facts: list[tuple[Ints, Fact]] = []
    if shapes is not None and len(which):
        done, alike, facts = shapes.read(text, text.text, ends[which - 1] + 1, ends[which])
        which = which[~done]
    if len(ended):
        which = np.union1d(which, np.setdiff1d(text.spans(ended)[1], others))
    return Lines(plain, starts, ids, [*text.lines(ends, which), *hidden], alike, facts)


def _hidden(
    text: _Text, ends: Ints, plain: Ints, others: Ints, pieces: Ints
) -> tuple[Ints, list[Other]]:
    """Return the other lines without those in which a log is hidden, and the lines of that."""
    lines = TextOfLines(text.text, np.append(0, ends[:-1] + 1), ends)
    rest = np.ones(len(ends), bool)
    rest[plain] = False
    found: list[Other] = []
    for run in (*lines.runs(np.flatnonzero(rest)), *lines.pieces(pieces)):
        own = others[np.searchsorted(others, run.first) : np.searchsorted(others, run.behind)]
        if len(own) and run.is_base64:
            continue
        here = {lines[k] for k in range(run.first, run.behind)}
        others = np.setdiff1d(others, [k for k in own if lines[k] not in run.lines])
        at = int(lines.begins[run.first])
        for k, line in enumerate(run.lines):
            if line not in here:
                found.append(Other(at, line, run.lines[k + 1 : k + 1 + _FOLLOWING]))
    return others, found


class _Text:
    """Bytes that can be looked at in many places at once."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.bytes = np.frombuffer(text, np.uint8)
        # Tabs and line breaks; what other controls there are make a line none of the plain ones.
        self.marks = np.concatenate([*self._marks()])
        self.breaks = self.bytes[self.marks] == _NEWLINE

    def _marks(self) -> Iterator[Ints]:
        """Yield where controls stand.

        So many bytes are looked at in one step that the processor keeps them near.
        """
        found = np.empty(_STEP_BYTES, bool)
        for at in range(0, len(self.bytes), _STEP_BYTES):
            part = self.bytes[at : at + _STEP_BYTES]
            is_mark = np.less_equal(part, _NEWLINE, out=found[: len(part)])
            yield np.flatnonzero(is_mark) + at

    def at(self, places: Ints, kind: str) -> NDArray[Any]:
        """Return what stands at some places, as values of a type of numpy's."""
        size = np.dtype(kind).itemsize
        shape = (len(self.text) - size + 1,)
        every: NDArray[Any] = np.ndarray(shape, kind, self.text, strides=(1,))
        return every[places]

    def says(self, places: Ints, words: str) -> Bools:
        """Whether some words stand at each of the places."""
        found: Bools = self.at(places, f"S{len(words)}") == words.encode()
        return found

    def rows(self, places: Ints, size: int) -> NDArray[np.uint8]:
        """Return that many bytes from each place, a row for each."""
        return self.at(places, f"V{size}").view(np.uint8).reshape(-1, size)

    def spans(self, places: Ints) -> tuple[Ints, Ints]:
        """Return where each line ends, and in which lines these places are, each once."""
        ends = self.marks[self.breaks]
        lines = np.searchsorted(ends, np.sort(places))  # in order, which takes less than `unique`
        return ends, lines[np.diff(lines, prepend=-1) > 0]

    def lines(self, ends: Ints, which: Ints) -> list[Other]:
        """Return some lines, and those behind them."""
        begins = ends[which - 1] + 1
        triples = zip(which.tolist(), begins.tolist(), ends[which].tolist(), strict=True)
        return [
            Other(begin, self.text[begin:end], self._behind(ends, k)) for k, begin, end in triples
        ]

    def _behind(self, ends: Ints, k: int) -> list[bytes]:
        last = min(k + _FOLLOWING, len(ends) - 1)
        end = min(int(ends[last]), int(ends[k]) + LONGEST * 4)
        return self.text[int(ends[k]) + 1 : end].split(b"\n")


def _with_whole_words(text: _Text) -> _Text:
    """Return a text of which no line break parts a record from its name or its time.

    All else stays, and where it stood.
    """
    ends = text.marks[text.breaks]
    ends = ends[(ends >= BEGIN) & (ends < len(text.text) - BEGIN)]
    behind = text.bytes[ends + 1]
    last = ends - 1 - (text.bytes[ends - 1] == _RETURN)
    cut = _IS_CUT[text.bytes[last].astype(np.int64) << 8 | behind]
    sizes = np.diff(ends, prepend=BEGIN - 1) - 1
    alone = (behind == _R) & (sizes >= TIME_SIZES[0]) & (sizes <= TIME_SIZES[1])
    whole: bytearray | None = None
    names, times = ends[cut], ends[alone]
    for begins, stops, mend in (
        (names - _AROUND_A_CUT, names, whole_words),
        (times - sizes[alone], times, timed),
    ):
        for begin, end in zip(begins.tolist(), stops.tolist(), strict=True):
            window = text.text[begin : end + _AROUND_A_CUT].decode("latin-1")
            new = mend(window)
            if new != window:
                whole = whole or bytearray(text.text)
                whole[begin : end + _AROUND_A_CUT] = new.encode("latin-1")
    return text if whole is None else _Text(bytes(whole))


def _plain(text: _Text) -> tuple[Ints, Plain]:
    """Find the plain lines; return where each record starts, and the columns."""
    marks, breaks = text.marks, text.breaks
    # The first tab of a line stands before the first figure.
    first = np.flatnonzero(breaks[:-1] & ~breaks[1:]) + 1
    first = first[text.says(marks[first], FIRST)]
    starts = marks[first] - ID_LENGTH - len(PLAIN_START)
    tabs = [marks[first + k] for k in range(len(FIGURES) + 1)]
    ends = [*tabs[1:-1], _end(text, tabs[-1])]
    good = text.says(starts, PLAIN_START)
    figures = {}
    begin = tabs[0] + len(FIRST)
    for k, (field, behind) in enumerate(zip(FIGURES, [*BETWEEN, LAST], strict=True)):
        end = ends[k] - len(f" {field.unit}")
        good &= text.says(end, behind)
        read_as = _hundredths if field.kind == "number" else _whole
        figures[field.name], is_figure = read_as(text, begin, end)
        good &= is_figure
        begin = end + len(behind)
    good &= whole_rows(_IN_ID.take(text.rows(starts + len(PLAIN_START), ID_LENGTH)))
    good &= (figures["memory_mb"] > 0) & (figures["memory_mb"] <= MOST_MEMORY_MB)
    good &= figures["max_memory_used_mb"] <= MOST_MEMORY_MB
    head = _heads(text, marks[first - 1] + 1, starts, good)
    good &= head.fit
    columns = (*(figures[field.name] for field in FIGURES), head.time)
    return starts[good], Plain(head.function_name, *(column[good] for column in columns))


def _end(text: _Text, mark: Ints) -> Ints:
    """Return where the last figure's unit ends, or 0; a tab, a space or a return may follow it."""
    before, at, second, third = (text.bytes[mark + k] for k in (-1, 0, 1, 2))
    is_break = (second == _NEWLINE) | ((second == _RETURN) & (third == _NEWLINE))
    is_end = (at == _NEWLINE) | ((at == _TAB) & is_break)
    more = (at == _NEWLINE) & ((before == _SPACE) | (before == _RETURN))
    return np.where(is_end, mark - more, 0)


# Eight digits are read at once, as one number of 64 bits of which the first digit is the lowest
# byte: pairs of digits become numbers below 100, pairs of those below 10,000, and so on.
_DIGITS = 8
_HIGH, _ZEROS, _SIX = (np.uint64(int(byte * _DIGITS, 16)) for byte in ("f0", "30", "06"))
_PAIRS = (
    (np.uint64(10), np.uint64(8), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(100), np.uint64(16), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64(10_000), np.uint64(32), np.uint64(0x00000000FFFFFFFF)),
)
#: For each number of digits: the bytes that hold them, of the eight that end with the last one.
_HELD = np.array([(1 << 64) - (1 << 8 * (_DIGITS - n)) for n in range(_DIGITS + 1)], np.uint64)
_NS_PER_HUNDREDTH = 10_000


def _whole(text: _Text, begin: Ints, end: Ints) -> tuple[Ints, Bools]:
    """Read whole numbers of one to eight digits; say which are such."""
    size = end - begin
    good = (size > 0) & (size <= _DIGITS)
    held = _HELD[np.where(good, size, 0)]
    digits = (text.at(end - _DIGITS, "<u8") & held) | (_ZEROS & ~held)
    good &= (digits & _HIGH) == _ZEROS
    good &= ((digits + _SIX) & _HIGH) == _ZEROS
    value = digits ^ _ZEROS
    for times, bits, kept in _PAIRS:
        value = (value * times + (value >> bits)) & kept
    return value.astype(np.int64), good


def _hundredths(text: _Text, begin: Ints, end: Ints) -> tuple[Ints, Bools]:
    """Read milliseconds with two decimals, as nanoseconds; say which are such."""
    point = end - 3
    tens, ones = (text.bytes[end - k] - np.uint8(_ZERO) for k in (2, 1))
    ms, good = _whole(text, begin, point)
    good &= (text.bytes[point] == _POINT) & (tens <= 9) & (ones <= 9)  # noqa: PLR2004 - digits
    return (ms * 100 + tens * np.int64(10) + ones) * _NS_PER_HUNDREDTH, good


def _heads(text: _Text, begins: Ints, starts: Ints, good: Bools) -> Heads:
    """Read what lines begin with, if they begin as most of the good lines of the block do."""
    sizes = starts - begins
    known = good & (sizes >= 0) & (sizes <= LONGEST)
    size = int(np.bincount(sizes[known], minlength=1).argmax())
    alike = known & (sizes == size)
    if not size:  # most begin with the record, or none is good
        return Heads(np.zeros(len(sizes), np.int64), "", alike)
    rows = text.rows(begins, size)
    found = heads(rows, rows[alike.argmax()].tobytes())
    return found._replace(fit=found.fit & alike)


def _words(text: _Text, *, is_small: bool) -> dict[bytes, Ints]:
    """Return where words stand that a record has, or a line beside one."""
    found = dict((_IN_SMALL if is_small else _IN_LARGE).found(text.text))
    if _AT in text.text:
        signs = np.flatnonzero(text.bytes == _AT[0])
        found[_AT] = np.concatenate([signs[text.says(signs, head)] for head in _HEADS])
    if is_small:
        found[b""] = _long_words(text, LONG_SIGNS if len(text.text) < _SMALL else _LONG_IN_LARGE)
    return found


def _others(text: _Text, starts: Ints, words: dict[bytes, Ints]) -> Ints:
    """Return where words stand that a record has, in lines that are not plain."""
    named = words.pop(_RECORD)
    is_other = text.bytes[named - 1] != _UNDERSCORE  # no INIT_REPORT, which is no invocation
    is_other[np.searchsorted(named, starts)] = False
    return np.concatenate([named[is_other], *words.values()])


def _long_words(text: _Text, least: int) -> Ints:
    """Return where words end of at least so many signs: any may be packed."""
    ends = np.flatnonzero(~_IN_WORD.take(text.bytes))
    return ends[1:][np.diff(ends) > least] - 1
