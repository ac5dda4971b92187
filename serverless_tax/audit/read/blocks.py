"""A log as blocks of whole lines in UTF-8, whatever it is written in, and whatever carries it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from serverless_tax.audit.read.rewritten import as_it_was, way_of
from serverless_tax.audit.read.sources import Form, Source, Unreadable, form_of
from serverless_tax.audit.read.tidy import CUT_PAIRS, MOST_LINES, NEXT
from serverless_tax.audit.read.unpack import narrow, start_of
from serverless_tax.audit.read.words import DURATION_CELL
from serverless_tax.ground.files import reason

#: A line longer than this is cut there; no REPORT line is, and memory stays bounded.
_LONGEST_LINE_BYTES = 1 << 22
_JOINED_BYTES = 1 << 21

#: Whole lines, in pieces that have not been joined yet, for that is a copy.
Block = Iterable[bytes | memoryview]
#: From so many bytes on a plain file is read by whoever needs a part of it.
MUCH_BYTES = 1 << 26
_STRETCH_BYTES, _TAIL_BYTES = 1 << 23, 1 << 16

#: What one of the heads of a table is, and the words that are in it.
_HEAD_WORDS = (b"message", b"raw", b"line", b"content")
_CELL = rb' *"?@?(?:(?:_|log_?)?(?:%s)|%s)"? *' % (b"|".join(_HEAD_WORDS), DURATION_CELL.encode())
_ANY_HEAD_WORD = (*_HEAD_WORDS, b"duration")
_HEAD_CELL, _SIGNS = re.compile(_CELL, re.IGNORECASE), re.compile(rb"[,;\t|\r\x01\x1f]")
#: What no heads have that an odd sign parts, unless one blank does, and such signs.
_IN_LINES = re.compile(rb"(?!(?=.*[dD]uration)(?:@?[\w.]+ )+@?[\w.]+\r?$)[^ \"'{}=]*[ \"'{}=]")
_ODD_SIGNS = re.compile(rb"[^\w.@]+")
#: So far into a line heads are looked for.
_MOST_BEFORE = 300
#: Lines that may stand before the heads of a table.
_LINES_BEFORE = 9
_BEGIN = re.compile(rb"\s*[\[{]")
_IN_NAMES = {ord(pair[0]) for pair in CUT_PAIRS}
_BEGINS = re.compile(NEXT.pattern.encode())


def line_blocks(source: Source, read: Callable[[int], None] = lambda _: None) -> Iterator[Block]:
    """Yield what a log holds, in blocks of whole lines.

    Args:
        source: the log.
        read: called with the bytes that were taken from the disk since its last call.

    Raises:
        InvalidQuantity: if it cannot be read to its end.
    """
    if source.path and source.size_bytes >= MUCH_BYTES and _is_plain(source):
        for one in _stretches(source.label, source.path, source.size_bytes):
            read(one.size)
            yield one
        return
    if source.kept and source.form == "lines":
        text = narrow(source.kept.removeprefix(codecs.BOM_UTF8))
        if way_of(text) is None:
            read(source.size_bytes)
            yield (text,)
            return
    blocks = source.blocks(read)
    first = next(blocks, b"")
    form: Form = form_of(first) if source.comes_once else source.form
    blocks = chain([first.removeprefix(codecs.BOM_UTF8)], blocks)
    narrowed = map(narrow, blocks) if form == "lines" else _decoded(blocks, form)
    yield from _whole_lines(as_it_was(narrowed))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole lines of a file, which are read where they are needed, be it in another process."""

    label: str
    path: Path
    at: int
    size: int

    def __iter__(self) -> Iterator[bytes]:
        """Yield them, in one piece."""
        try:
            with self.path.open("rb", buffering=0) as opened:
                opened.seek(self.at)
                yield narrow(opened.read(self.size))
        except OSError as error:
            raise Unreadable(self.label, reason(error), is_begun=True) from None


def _is_plain(source: Source) -> bool:
    """Whether a file holds lines as they are, and neither packed nor written anew."""
    if source.comes_once or source.form != "lines" or source.path is None:
        return False
    (head,) = Stretch(source.label, source.path, 0, _TAIL_BYTES)
    return start_of(head, len(head))[0] == head and way_of(head) is None


def _stretches(label: str, path: Path, size: int) -> Iterator[Stretch]:
    """Cut a file so that each part holds whole lines; a line that is too long is cut too."""
    (mark,) = Stretch(label, path, 0, len(codecs.BOM_UTF8))
    at = len(mark) if mark == codecs.BOM_UTF8 else 0
    while at < size:
        end = min(at + _STRETCH_BYTES, size)
        for tail in (_TAIL_BYTES, _STRETCH_BYTES) if end < size else ():
            (text,) = Stretch(label, path, end - tail, tail)
            if cut := _last_begin(text):
                end += cut - tail
                break
        yield Stretch(label, path, at, end - at)
        at = end


def is_document(block: Block) -> bool:
    """Whether a log that begins so is a table with heads, or JSON that goes on behind its line."""
    first, _, more = b"".join(block).lstrip().partition(b"\n")
    lines = (first, *more[: 1 << 12].split(b"\n", _LINES_BEFORE)[:_LINES_BEFORE])
    if _may_be_heads(b"\n".join(lines)) and any(map(_are_heads, lines)):
        return True
    return bool(_BEGIN.match(first)) and not (more and first.rstrip().endswith((b"}", b"]")))


def _may_be_heads(text: bytes) -> bool:
    """Whether a word is there, which is found sooner than a pattern; a record has its label."""
    said = text.lower().replace(b"duration: ", b"")
    return any(word in said for word in _ANY_HEAD_WORD)


def _are_heads(line: bytes) -> bool:
    begin = 0
    signs = _SIGNS if _IN_LINES.match(line) else _ODD_SIGNS
    for cell in signs.split(line) if _may_be_heads(line) else ():
        if begin > _MOST_BEFORE + 1:
            break
        if _HEAD_CELL.fullmatch(cell):
            return True
        begin += len(cell) + 1
    return False


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[Block]:
    """Cut blocks of bytes anew, so that each holds whole lines; the last line is in the last."""
    held: Block = ()
    rest = b""
    for block in blocks:
        cut = _last_begin(block)
        if cut or len(rest) + len(block) > _LONGEST_LINE_BYTES:
            if held:
                yield held
            held = (rest, memoryview(block)[: cut or len(block)])
            rest = block[cut:] if cut else b""
        else:
            rest += block
    if held or rest:
        yield (*held, rest)


def _last_begin(text: bytes) -> int:
    r"""Return where the last line of a text begins that goes on with none before it; 0 for none.

    So no record that a terminal broke, nor its name, is cut between two blocks.

    >>> _last_begin(b"END 1\nEND 2\nREP\nORT RequestId: 3"), _last_begin(b"one\ntwo")
    (6, 4)
    """
    ends: list[int] = []
    at = text.rfind(b"\n") + 1
    while at and len(ends) < MOST_LINES:
        if _BEGINS.match(text, at):
            return at
        ends.append(at)
        at = text.rfind(b"\n", 0, at - 1) + 1
    # Where no line begins as those of a log do, the name at least is whole.
    return next((at for at in ends if text[at - 2] not in _IN_NAMES), ends[0] if ends else 0)


def joined(lines: Iterable[str]) -> Iterator[Block]:
    """Gather lines in blocks."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line.encode("utf-8", "replace"))
        size += len(line)
        if size > _JOINED_BYTES:
            yield (b"\n".join(held),)
            held, size = [], 0
    yield (b"\n".join(held),)


def _decoded(blocks: Iterable[bytes], form: str) -> Iterator[bytes]:
    """Yield UTF-16 as UTF-8; without a mark it is as Windows writes it."""
    blocks = iter(blocks)
    first = next(blocks, b"")
    marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    encoding = form if form != "utf-16" or first.startswith(marks) else "utf-16-le"
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for block in chain([first], blocks):
        yield decoder.decode(block).encode()
