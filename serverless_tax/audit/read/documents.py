"""Text that holds documents, lines, or both, cut into its parts as it arrives.

JSON is read wherever it begins: on one line, over many, one document behind another, or inside a
list of any length, of which each part is read by itself. A table is read by its heads, and items of
YAML as objects. What is none of these stays a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from serverless_tax.audit.read.figures import with_whole_events
from serverless_tax.audit.read.hidden import marked
from serverless_tax.audit.read.payload import (
    BEGINS_BASE64,
    CUT_OFF,
    IN_BASE64,
    LONG_SIGNS,
    LONG_WORD,
    PACKED_BEGIN,
    has_long_word,
    may_be_packed,
    packed_in,
    printed,
    unpacked,
)
from serverless_tax.audit.read.tables import LEFT_OUT, heads_of, is_odd, rows_of
from serverless_tax.audit.read.tidy import CUT_EVENT, START, ends_within, tidied
from serverless_tax.audit.read.where import Where, around, before
from serverless_tax.audit.read.words import WORDS
from serverless_tax.audit.read.yaml_items import ITEM, SCALAR, is_within, yaml_item
from serverless_tax.ground.units import InvalidQuantity

#: No terminal is narrower.
_NARROWEST = 40
#: A document that is longer is read in parts.
_LARGEST = 1 << 22
_DECODER = json.JSONDecoder()
_GAP = re.compile(r"[\s,]*")
#: A field of a row of Logs Insights, as the command line writes it for other programs.
RESULT = re.compile(r"^RESULTS\t(@?[\w.]+)\t(.*)$")
#: JSON that goes on behind the line on which it begins, behind words.
BEHIND = re.compile(r'[^\n{"]{1,400}([{\[])[ \t]*\r?(?:\n\s*(?:"|$)|$)')
#: What may follow a list on its line, if it is a document.
_ENDS = ("", "{", "[", "]", "}", '"')
#: What base64 on a line goes on with on the next ones.
_BASE64 = re.compile(r"[\"']*((?!--)[0-9A-Za-z+/_-]{2,}={0,2})[\"']*[,;]?")
#: A line of base64 that goes on on the next is no shorter.
_FEWEST_SIGNS = 56
#: Lines of base64 that are of one text.
PACKED_LINES = re.compile(
    rf"[ \t\\\"']*((?:{PACKED_BEGIN}|{LONG_WORD.pattern})[\w+/-]*={{0,2}}"
    rf"(?:\r?\n[ \t]*(?!--|{PACKED_BEGIN})"
    r"[\w+/-]{2,}={0,2}(?=\r?\n|$))*)[\"',;]*[ \t]*(?:\r?\n|$)"
)
#: A line that is one word, which is long enough to hold a record.
_LONG_LINE = re.compile(rf"\s*\\?{LONG_WORD.pattern}[\w+/-]*={{0,2}}\s*$", re.ASCII)
#: What another language prints begins so, and goes on over lines that begin with a space.
PRINTED_BEGIN = re.compile(r"[\[{]\s*(?:[\[{]\s*)*(?:['\"]|\w+: )")
BLOCK = re.compile(r"[^\n]*(?:\n[ \t}\]][^\n]*)*")
#: What begins within a line is tried no further than this, for it is within what was tried.
_LONGEST_WITHIN = 1 << 12
#: A cell of a table without heads that holds JSON, with its quotes doubled.
JSON_CELL = re.compile(r'(?:[^"\n]{0,200}([,;\t]))?"(?:"")*\s*[\[{]\s*(?:""|\')')
_HELD_LINES = 1000
#: The heads of a table are no longer, and stand behind no more lines.
_LONGEST_HEADS, _LINES_BEFORE = 1000, 9


class NotWhole(InvalidQuantity):
    """A text that ends within a document."""

    def __init__(self, label: str, place: str) -> None:
        """Say which, and where what is left of it begins."""
        self.reason = f"not to its end: its JSON cannot be read from {place} on"
        super().__init__(
            f"{label} is not whole: its JSON cannot be read from {place} on; fetch it again."
        )


class Documents:
    """A text that arrives in pieces, as lines of an export."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._text = ""
        self._is_first = True
        self._open: list[dict[str, Any]] = []
        self._key = ""
        self._table: tuple[list[str], str] | None = None
        self._lines: list[str] = []
        self._item: list[str] = []
        self._packed: list[Any] = []
        self._row: list[dict[str, Any]] = []

    @property
    def waits(self) -> bool:
        """Whether what has been read ends within something."""
        within = self._open or self._table or self._item or self._row or self._packed
        return bool(self._text.strip() or within)

    def add(self, text: str) -> Iterator[tuple[Any, Where]]:
        """Yield what another piece makes whole, as :meth:`values` does."""
        self._text += text
        return self.values(at_end=False)

    def end(self) -> Iterator[tuple[Any, Where]]:
        """Yield what is left.

        Raises:
            InvalidQuantity: if the text ends within a document.
        """
        yield from self.values(at_end=True)
        if self._open:
            raise NotWhole(self._label, "its end")

    def values(self, *, at_end: bool) -> Iterator[tuple[Any, Where]]:
        """Yield documents, and lines that are none, each with what is said around it."""
        at = 0
        while True:
            gap = _GAP.match(self._text, at) if self._open else None
            at = gap.end() if gap else at
            if at >= len(self._text):
                break
            read = self._table_row if self._table else self._step
            step = read(at, at_end=at_end)
            if step is None:
                break
            at, found = step
            self._is_first = self._is_first and not found and not self._lines
            yield from found
        self._text = self._text[at:]
        if at_end or not self._text.strip():  # what has begun may go on with the last lines
            yield from self._held(at_end=at_end)

    def _step(self, at: int, *, at_end: bool) -> tuple[int, list[tuple[Any, Where]]] | None:
        """Read what stands at a place; return where the next begins, or None for more text."""
        text = self._text
        sign = text[at]
        if self._open and sign in "]}":
            self._open.pop()
            return at + 1, []
        if sign.isspace() and not self._open and (begin := _begin(text, at)) is not None:
            at, sign = begin, text[begin]
        if sign in "{[" and not (self._lines and CUT_EVENT.search(self._lines[-1])):
            return self._json(at, at, at_end=at_end)
        if self._open and (sign == '"' or SCALAR.match(text, at)):
            return self._member(at, at_end=at_end)
        behind = BEHIND.match(text, at) if not self._open and not self._table else None
        if behind and not START.search(behind[0]):
            if behind.end() == len(text) and not at_end:
                return None
            return self._json(at, behind.start(1), at_end=at_end)
        return self._as_line(at, at_end=at_end)

    def _json(  # noqa: PLR0911 - one return for each way in which JSON may be broken
        self, start: int, at: int, *, at_end: bool
    ) -> tuple[int, list[tuple[Any, Where]]] | None:
        """Read JSON that begins at a place, on a line that starts there or before it."""
        text, has_words = self._text, start < at
        end = text.find("\n", at)
        line = text[at : len(text) if end < 0 else end]
        if end >= 0 and line.rstrip().endswith(("}", "]")) and not worth(line) and not self._open:
            return end + 1, []
        try:
            value, behind = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            if not _is_cut(error, text):
                return self._as_printed(start, at, at_end=at_end)
            if not at_end and len(text) - at < _LARGEST:
                return None
            if has_words:
                return self._as_line(start, at_end=at_end)
            if at_end and len(text) - at < _LARGEST and not self._open:
                if self._is_first and worth(text[at:]) and not _reads_as_lines(text[at:]):
                    place = repr(" ".join(text[at : at + 60].split()))
                    raise NotWhole(self._label, place) from None
                return self._as_line(at, at_end=at_end)
            self._open.append({})
            return at + 1, []
        if not has_words and isinstance(value, list) and _in_brackets(text, at, behind):
            return self._as_line(start, at_end=at_end)
        found = list(self._flushed())
        where = before(text[start:at]) if has_words else self._where()
        rest = text[behind : behind + 1]
        behind += rest in (",", ";") and not self._open
        if text[behind : behind + 1] == "\n" or text[behind : behind + 2] == "\r\n":
            behind = text.index("\n", behind) + 1
        return behind, [*found, (value, where)]

    def _as_printed(
        self, start: int, at: int, *, at_end: bool
    ) -> tuple[int, list[tuple[Any, Where]]] | None:
        """Read what a terminal wrapped, or another language prints over lines; or the line."""
        text = self._text
        if wrapped := _wrapped(text, at):
            value, behind = wrapped
            return behind, [*self._flushed(), (value, self._where())]
        is_begun = not at or text[at - 1] == "\n"
        most = len(text) if is_begun else min(at + _LONGEST_WITHIN, len(text))
        block = BLOCK.match(text, at, most) if PRINTED_BEGIN.match(text, at) else None
        if block is None or not worth(block[0]):
            return self._as_line(start, at_end=at_end)
        if block.end() == len(text) and not at_end and len(block[0]) < _LARGEST:
            return None
        value = printed(block[0].rstrip(" \t\r,;"))
        if not value:
            return self._as_line(start, at_end=at_end)
        return block.end(), [*self._flushed(), (value, before(text[start:at]))]

    def _as_line(self, at: int, *, at_end: bool) -> tuple[int, list[tuple[Any, Where]]] | None:
        self._open = []
        end = self._text.find("\n", at)
        if cell := JSON_CELL.match(self._text, at):
            row_end = self._row_end(at)
            if row_end < 0 and not at_end and len(self._text) - at < _LARGEST:
                return None
            row_end = len(self._text) if row_end < 0 else row_end
            rows = rows_of(self._text[at:row_end].rstrip("\r"), cell[1] or ",")
            if len(rows) == 1:
                return row_end + 1, [*self._flushed(), (rows[0], Where())]
        if end < 0 and not at_end and len(self._text) - at < _LARGEST:
            return None
        end = len(self._text) if end < 0 else end
        return end + 1, self._line(self._text[at:end].rstrip("\r"))

    def _member(self, at: int, *, at_end: bool) -> tuple[int, list[tuple[Any, Where]]] | None:
        """Read a key, or a single value, of something that is read in parts."""
        text = self._text
        try:
            value, behind = _DECODER.raw_decode(text, at)
        except ValueError:
            if not at_end and len(text) - at < _LARGEST * 4:
                return None
            return self._as_line(at, at_end=at_end)
        if behind >= len(text) and not at_end:
            return None
        gap = _GAP.match(text, behind)
        colon = gap.end() if gap else behind
        if isinstance(value, str) and text[colon : colon + 1] == ":":
            self._key = value
            return colon + 1 + len(text[colon + 1 :]) - len(text[colon + 1 :].lstrip()), []
        key, self._key = self._key, ""
        self._open[-1][key] = value
        return behind, [([value], self._where())] if isinstance(value, str) else []

    def _where(self) -> Where:
        where = Where()
        for scope in self._open:
            where = around(scope).within(where)
        return where

    def _line(self, line: str) -> list[tuple[Any, Where]]:
        if result := RESULT.match(line):
            field, value = result.groups()
            ended = self._ended_item(new_row=any(one["field"] == field for one in self._row))
            self._row.append({"field": field, "value": value})
            return ended
        before = len(self._lines)
        if (
            before > _LINES_BEFORE
            or self._item
            or len(line) > _LONGEST_HEADS
            or (self._lines and ends_within(self._lines[-1]))
            or not (table := heads_of(line))
        ):
            return self._plain_line(line)
        self._table = table
        return list(self._flushed())

    def _table_row(self, at: int, *, at_end: bool) -> tuple[int, list[tuple[Any, Where]]] | None:
        text, (names, sign) = self._text, self._table or ([], ",")
        end = self._row_end(at)
        if end < 0 and not at_end:
            return None
        end = len(text) if end < 0 else end
        rows = rows_of(text[at:end], sign, names)
        if len(rows) > 1:  # a quote within a cell holds no lines together
            behind = text.find("\n", at)
            end = len(text) if behind < 0 else behind
            rows = rows_of(text[at:end].rstrip("\r"), sign, names)
        row, cells = text[at:end], rows[0] if rows else []
        if len(cells) != len(names) and is_odd(sign):
            return end + 1, [({"duration": row, LEFT_OUT: ""}, Where())]
        if not cells or (len(cells) != len(names) and sign != "|"):
            return end + 1, self._plain_line(row)
        return end + 1, [(dict(zip(names, cells, strict=False)), Where())]

    def _row_end(self, at: int) -> int:
        """Return where the row of a table ends of which a cell may have several lines, or -1."""
        begin, is_open = at, 0
        while (end := self._text.find("\n", begin)) >= 0:
            is_open ^= self._text.count('"', begin, end) % 2
            if not is_open or end - at > _LARGEST:
                break
            begin = end + 1
        return end

    def _plain_line(self, line: str) -> list[tuple[Any, Where]]:
        """Hold a line until those behind it are known: it may be wrapped, or an item of YAML."""
        item = ITEM.match(line)
        if item:
            found = self._ended_item(new_row=len(item.group(2)) > 2)  # noqa: PLR2004 - a dash and a space
            self._item = [line]
            return found
        if self._item:
            if is_within(line, self._item[0]):
                self._item.append(line)
                return []
            found = self._ended_item(new_row=True)
            return [*found, *self._plain_line(line)]
        packed = packed_in(line) if "{" not in line and not START.search(line) else []
        if not packed and not self._packed and (is_long := _LONG_LINE.match(line)):
            packed = [is_long]
        if packed and self._packed and self._may_go_on(line):
            packed = []
        if packed:
            found = self._unpacked()
            begun: list[str] = []
            while self._lines and len(self._lines[-1]) > _FEWEST_SIGNS:
                if packed[0].start() or not _BASE64.fullmatch(self._lines[-1]):
                    break
                begun.insert(0, self._lines.pop())
            self._packed = [before(line[: packed[0].start()]), *begun, *(one[0] for one in packed)]
            return [*found, *self._at_padding()]
        if self._packed and (goes_on := _BASE64.fullmatch(line.strip())):
            self._packed.append(goes_on[1])
            return self._at_padding()
        found = self._unpacked()
        self._lines.append(line)
        return [*found, *self._flushed()] if len(self._lines) > _HELD_LINES else found

    def _may_go_on(self, line: str) -> bool:
        """Whether what begins as packed text does may go on with the lines before it.

        By chance one of 16,000 lines begins as zlib does; the last line of a text is shorter.
        """
        width = len(self._packed[1])
        is_within = len(self._packed[-1]) == width >= len(line.strip())
        return is_within and not line.strip().startswith(BEGINS_BASE64)

    def _at_padding(self) -> list[tuple[Any, Where]]:
        """Unpack lines that end with signs behind which no base64 goes on."""
        return self._unpacked() if self._packed[-1].endswith("=") else []

    def _unpacked(self) -> list[tuple[Any, Where]]:
        """Unpack lines of base64: of one text, of several, or each by itself."""
        if not self._packed:
            return []
        (where, *lines), self._packed = self._packed, []
        text = unpacked("".join(lines))
        begins = [k for k, line in enumerate(lines) if not k or packed_in(line)]
        is_said = len(begins) > 1 and text == unpacked("".join(lines[: begins[-1]]))
        if len(begins) > 1 and (text is None or is_said or text.endswith(CUT_OFF)):
            parts = [lines[a:b] for a, b in pairwise([*begins, len(lines)])]
        else:
            parts = [lines]
        found = [*self._flushed()]
        for part in parts:
            text = unpacked("".join(part))
            for line in part if text is None else [""]:
                inside = text or unpacked(line)
                found.append((line if inside is None else [inside], where))
        return found

    def _held(self, *, at_end: bool) -> Iterator[tuple[Any, Where]]:
        if at_end and (self._item or self._row):
            yield from self._ended_item(new_row=True)
        if at_end:
            yield from self._unpacked()
        yield from self._flushed()

    def _flushed(self) -> Iterator[tuple[Any, Where]]:
        lines, self._lines = marked(self._lines), []
        if any(worth(line) for line in lines):
            for line in with_whole_events([*tidied(lines)]):
                if worth(line):
                    yield line, Where()

    def _ended_item(self, *, new_row: bool) -> list[tuple[Any, Where]]:
        """Read the item of YAML that ended; fields of a row are kept until the row ends."""
        found: list[tuple[Any, Where]] = []
        lines, self._item = self._item, []
        values = yaml_item(lines) if lines else {}
        if set(values) == {"field", "value"}:
            self._row.append(values)
        elif values:
            found.append((values, Where()))
        elif any(map(worth, lines)):
            found += [(line, Where()) for line in tidied(lines) if worth(line)]
        if new_row and self._row:
            row, self._row = self._row, []
            found.insert(0, (row, Where()))
        return found


def values_in(text: str) -> Iterator[tuple[Any, Where]]:
    """Yield what a message holds that is no document by itself: parts of it, and its lines.

    >>> [value for value, _ in values_in('10:00 {"metered": 1} and so on')]
    ['10:00 {"metered": 1} and so on']
    """
    documents = Documents("")
    documents._is_first = False  # noqa: SLF001 - nothing of it is cut off that can be fetched again
    documents._text = text  # noqa: SLF001
    return documents.values(at_end=True)


def worth(text: str) -> bool:
    """Whether a text may hold what an audit reads."""
    return any(word in text for word in WORTH) or may_be_packed(text)


WORTH = (
    *IN_BASE64, *WORDS, "illedDuration", "@duration", "LogResult",
    "82,69,80,79,82,84", "82, 69, 80, 79, 82, 84",
)  # fmt: skip


def is_part(line: bytes) -> bool:
    """Whether a line is a part of a document: it has quotes, and is no JSON that is whole.

    What stands before whole JSON, as the time does, is none of it.
    """
    text = line.strip()
    signs = text.decode("latin-1")
    if text.startswith((b"@", b"type: platform")) or any(map(signs.__contains__, IN_BASE64)):
        return True
    if b'"' not in text:
        if has_long_word(signs[-LONG_SIGNS:]):
            return True
        if b"platform.report" in text and b"illed" not in text:
            return True
        return text.startswith(b"- ") or b"@" in text[:200] or b"message: " in text[:80]
    end = text.rstrip(b",").endswith(b"}")
    return not (end and b"{" in text and b'"' not in text[: text.index(b"{")])


def _begin(text: str, at: int) -> int | None:
    """Return where JSON begins behind spaces, or None."""
    found = re.compile(r"\s*(?=[{\[])").match(text, at)
    return found.end() if found and found.end() < len(text) else None


def _in_brackets(text: str, at: int, behind: int) -> bool:
    """Whether what reads as a list is the first words of a line: a time in brackets, a level."""
    more = text[behind:].partition("\n")[0].strip(" \t\r,;")
    return more[:2] == "=>" or (more[:1] not in _ENDS and not worth(text[at:behind]))


def _reads_as_lines(text: str) -> bool:
    """Whether what looks like a document that was cut off is lines.

    The first has a record, or what it leaves open is on its line alone, and documents follow.
    """
    first, _, more = text.partition("\n")
    if START.search(first) is not None:
        return '"' not in first[: first.index("R")]
    return more.lstrip("\r\n")[:1] in ("{", "[")


def _wrapped(text: str, at: int) -> tuple[Any, int] | None:
    """Return what an object says that a terminal wrapped within its texts, and where it ends."""
    width = text.find("\n", at) - at
    if width < _NARROWEST or (at and text[at - 1] != "\n"):
        return None
    behind = at
    while text[behind + width : behind + width + 1] == "\n" and behind - at < _LARGEST:
        if "\n" in text[behind : behind + width]:
            break
        behind += width + 1
    end = text.find("\n", behind)
    end = len(text) if end < 0 else end
    whole = text[at:end].replace("\n", "")
    try:
        value = json.loads(whole)
    except (ValueError, RecursionError):
        return None
    return value, end + 1


def _is_cut(error: Exception, text: str) -> bool:
    """Whether JSON is well formed as far as the text goes."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return (
        error.msg.startswith("Unterminated string")
        or error.pos >= len(text.rstrip())
        or (
            error.msg.startswith(("Invalid \\", "Expecting value")) and len(text) - error.pos < 8  # noqa: PLR2004
        )
    )
