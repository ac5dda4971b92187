"""A text that something wrote anew as a whole, as it was: a dump, a mail, pieces of long lines.

How it is written is known by its beginning, or that of a dump in it: it is read in each way that
may be, and the one in which it names a record is it. No other text is changed.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from serverless_tax.audit.read.words import WORDS

#: So much of a beginning is read to know how a text is written.
_HEAD_BYTES = 1 << 18
_WORDS = tuple(word.encode() for word in WORDS)
#: A line of Kubernetes: its time and stream, whether the next goes on with it, and what it says.
CRI = re.compile(
    rb"([0-9]{4}-[0-9]{2}-[0-9]{2}T\S+ (?:stdout|stderr) )([PF])(?:[:]\S*)? (.*?)[\r\0]*"
)
PIECE = re.compile(rb" (?:stdout|stderr) P[ :]")
_QUOTED = re.compile(rb"=(?:20|09|3D|\r?\n)")
_ESCAPED = {b"\\n": 10, b"\\t": 9, b"\\r": 13, b"\\0": 0, b"": 32}


class _Dump(NamedTuple):
    """What the lines of a dump look like that have bytes, in the first group, and what reads it."""

    line: re.Pattern[bytes]
    read: Callable[[bytes], bytes]


def _pairs(text: bytes) -> bytes:
    return bytes.fromhex(text.decode())


def _words(text: bytes, base: int) -> bytes:
    """Read numbers of two bytes, of which the lower one is the first in the text."""
    return b"".join(int(one, base).to_bytes(2, "little") for one in text.split())


def _signs(text: bytes) -> bytes:
    """Read signs of which each has four columns."""
    cells = (text[at : at + 4].strip() for at in range(0, len(text), 4))
    return bytes(
        _ESCAPED[cell] if cell in _ESCAPED else int(cell, 8) if len(cell) == 3 else cell[0]  # noqa: PLR2004 - of a byte
        for cell in cells
    )


#: What stands before a dump's line of its first bytes; how many of them are tried, and how long.
_LATER_DUMP = re.compile(rb"\n(?=0{6,8}:? )")
_MOST_TRIED, _LONGEST_OF_DUMP = 8, 256
#: Of bits, as hexdump -C, od -t x1 and xxd write them, in words, and in signs.
_DUMPS = (
    _Dump(
        re.compile(rb"[0-9a-f]{8}: ((?:[01]{8} ){1,16}) .*"),
        lambda text: bytes(int(one, 2) for one in text.split()),
    ),
    _Dump(re.compile(rb"[0-9a-f]{6,8} {1,2}((?:[0-9a-f]{2} {1,2}){1,16}) *(?:[|>].*)?"), _pairs),
    _Dump(re.compile(rb"[0-9a-f]{8}: ((?:(?:[0-9a-f]{2}){1,8} ){1,16}) .*"), _pairs),
    _Dump(re.compile(rb"[0-7]{7}((?: [0-7]{6}){1,8}) *"), lambda text: _words(text, 8)),
    _Dump(re.compile(rb"[0-9a-f]{7}((?: +[0-9a-f]{4}){1,8}) *"), lambda text: _words(text, 16)),
    _Dump(re.compile(rb"[0-9a-f]{7}((?:   .|  \\.| [0-7]{3}){1,16}) ?"), _signs),
)


def as_it_was(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a text that arrives in blocks as it was before something wrote it anew."""
    blocks = iter(blocks)
    first = next(blocks, b"")
    way = way_of(first)
    blocks = chain([first], blocks)
    yield from blocks if way is None else way(_of_whole_lines(blocks))


def way_of(text: bytes) -> Callable[[Iterable[bytes]], Iterator[bytes]] | None:
    """Return what reads a text that begins so as it was; None if it is as it was."""
    if CRI.match(text):
        return in_one_piece
    ways: list[Callable[[bytes], bytes]] = []
    at, dump = _first_dump(text)
    head = text[at : at + _HEAD_BYTES]
    ways += [partial(_undumped, dump)] if dump else []
    if b"=" in head and _QUOTED.search(head):
        ways.append(quopri.decodestring)
    if not ways:
        return None
    if (
        len(text) > at + _HEAD_BYTES
    ):  # of a line that is longer, so much as has whole groups of signs
        head = head.rpartition(b"\n")[0] or head[: _HEAD_BYTES // 40 * 40]
    for way in ways:
        if _named(way(head)) > _named(head):
            return lambda blocks: map(way, blocks)
    return None


def _named(text: bytes) -> int:
    """Return how many words stand there that an audit looks for."""
    return sum(map(text.count, _WORDS))


def _of_whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        lines, end, begun = (rest + block).rpartition(b"\n")
        if lines.endswith((b"=", b"=\r")):  # the line goes on
            rest += block
            continue
        rest = begun
        yield lines + end
    yield rest


def _first_dump(text: bytes) -> tuple[int, _Dump | None]:
    """Return where a dump begins, at the text's beginning or with a line of its first bytes."""
    begins = chain([0], (one.end() for one in _LATER_DUMP.finditer(text)))
    for at in islice(begins, _MOST_TRIED):
        first = text[at : at + _LONGEST_OF_DUMP].split(b"\n", 1)[0].rstrip(b"\r") + b" "
        if dump := next((one for one in _DUMPS if one.line.fullmatch(first)), None):
            return at, dump
    return 0, None


def _undumped(dump: _Dump, block: bytes) -> bytes:
    """Return the bytes of a dump, and lines that are none of it as they are."""
    lines = block.split(b"\n")
    found = ((line, dump.line.fullmatch(line.rstrip(b"\r") + b" ")) for line in lines)
    return b"".join(dump.read(one[1]) if one else b"%s\n" % line for line, one in found)


def in_one_piece(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Join the pieces of long lines, which a container's engine cut: those of each stream."""
    held: dict[bytes, bytes] = {}
    for block in blocks:
        if not held and not PIECE.search(block):
            yield block
            continue
        lines: list[bytes] = []
        for line in block.split(b"\n"):
            found = CRI.fullmatch(line)
            if found is None:
                lines.append(line)
                continue
            begin, kind, said = found.groups()
            stream = begin.split()[-1]
            whole = held.pop(stream, begin + b"F ") + said
            if kind == b"P":
                held[stream] = whole
            else:
                lines.append(whole)
        yield b"\n".join(lines)
    yield b"\n".join([b"", *held.values()])
