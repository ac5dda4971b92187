"""What is packed is unpacked as it arrives, however many layers and members it has."""

from __future__ import annotations

import bz2
import zlib
from codecs import BOM_UTF16_LE
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

try:
    from lzma import LZMADecompressor, LZMAError
except ImportError:  # a Python may have been built without it
    LZMAError = OSError  # type: ignore[assignment, misc]

    def LZMADecompressor() -> Any:  # type: ignore[no-redef]  # noqa: N802, D103
        msg = "it is packed with xz, which this Python cannot unpack"
        raise OSError(msg) from None


_GZIP = b"\x1f\x8b"
_LAYERS = 4
_MOST_BYTES = 1 << 22
#: What begins each packing, and what unpacks a member of it.
_PACKINGS: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (_GZIP, lambda: zlib.decompressobj(31)),
    *((mark, lambda: zlib.decompressobj(15)) for mark in (b"x\x9c", b"x\xda")),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", LZMADecompressor),
)
#: What may stand between two members: what a stream puts behind each of its records.
_BETWEEN = b"\n\r\x00 ,"

#: What is raised for data that is no such packing, or ends within it.
Broken = (EOFError, OSError, zlib.error, LZMAError)


def unpacked(blocks: Iterator[bytes], layers: int = _LAYERS) -> Iterator[bytes]:
    """Yield blocks of bytes without their packing, known by how they begin; plain ones as they are.

    Raises:
        EOFError: if they end within a packing.
        OSError, zlib.error, lzma.LZMAError: if they are broken there.
    """
    first = next(blocks, b"")
    while 0 < len(first) < 6 and (more := next(blocks, b"")):  # noqa: PLR2004 - the longest mark
        first += more
    blocks = chain([first], blocks)
    made = next((made for mark, made in _PACKINGS if first.startswith(mark)), None)
    if made is None or not layers:
        yield from blocks
    else:
        yield from unpacked(_members(blocks, made), layers - 1)


def _members(  # noqa: C901 - three packings, each with its own way to hold data back
    blocks: Iterator[bytes], made: Callable[[], Any]
) -> Iterator[bytes]:
    """Yield what members hold that stand one behind another, or in frames of some bytes."""
    member, rest = made(), b""
    is_within = False
    for block in blocks:
        data = rest + block
        rest = b""
        while data:
            if not is_within:
                data = data.lstrip(_BETWEEN)
                mark = next(mark for mark, one in _PACKINGS if one is made)
                at = data.find(mark)
                if at < 0:
                    rest = data[-len(mark) :] if len(data) < len(mark) else b""
                    if not rest and data:
                        yield data  # text behind the last member
                    break
                data, is_within, member = data[at:], True, made()
            out = member.decompress(data, _MOST_BYTES)
            if out:
                yield out
            if member.eof:
                data, is_within = member.unused_data, False
            elif getattr(member, "needs_input", True):
                data = getattr(member, "unconsumed_tail", b"")
            else:
                data = b""
                while not member.eof and not member.needs_input:
                    yield member.decompress(b"", _MOST_BYTES)
                if member.eof:
                    data, is_within = member.unused_data, False
    if is_within:
        raise EOFError("it ends within a packed member")


def is_tar(head: bytes) -> bool:
    """Whether data that begins so is a tar archive."""
    return head[257:262] == b"ustar"


def start_of(data: bytes, most: int) -> tuple[bytes, bool]:
    """Return how data begins once it is unpacked, as far as that can be read.

    Also says whether that is all of it; it is not if it has so many bytes.

    >>> import gzip
    >>> start_of(gzip.compress(gzip.compress(b"REPORT")), 9)
    (b'REPORT', True)
    """
    found = b""
    try:
        for block in unpacked(iter([data])):
            found += block
            if len(found) >= most:
                return found, False
    except Broken:
        return found, False
    return found, True


def narrow(text: bytes) -> bytes:
    r"""Return a text whose wide lines, as PowerShell adds them to any, are as narrow as the others.

    >>> narrow(b"END\n" + "REPORT".encode("utf-16"))
    b'END\nREPORT'
    """
    is_wide = b"\0" in text and b"R\0E\0P\0O\0R\0T" in text
    return text.translate(None, b"\0").replace(BOM_UTF16_LE, b"") if is_wide else text
