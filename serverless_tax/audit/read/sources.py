"""What an audit may be pointed at: files, globs, folders and standard input, and what is in them.

A file is known by what it holds, not by its name: gz without ``.gz``, UTF-16 and the compact JSON
of ``filter-log-events`` are read; what cannot be read is refused in one sentence.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import sys
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import IO, Any, Literal

from serverless_tax.audit.read.grammar import function_of_path
from serverless_tax.ground.units import InvalidQuantity

#: What standard input is called.
STDIN = "standard input"

Packing = Literal["", "gzip", "bz2", "xz"]
#: How a log is written: lines of text in UTF-8, log events as JSON, or text of wider characters.
Form = Literal["lines", "events", "utf-16", "utf-32"]

_HEAD_BYTES = 1 << 16
_BLOCK_BYTES = 1 << 22
_UNPACKED: dict[Packing, Callable[[IO[bytes]], Any]] = {
    "": lambda opened: opened,
    "gzip": gzip.open,
    "bz2": bz2.open,
    "xz": lzma.open,
}
_MAGIC: tuple[tuple[bytes, Packing], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
)
_REFUSED = (
    (b"PK\x03\x04", "a zip archive: unpack it and name the files in it"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd: unpack it with zstd -d, or pipe zstdcat into audit -"),
    (b"PAR1", "a Parquet file: bills go to --reconcile, and logs have to be text"),
    (b"SQLite format 3", "a database: export the log's lines as text"),
    (b"%PDF", "a PDF: export the log's lines as text"),
)
_BOMS: tuple[tuple[bytes, Form], ...] = (
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)
# The answer of FilterLogEvents or GetLogEvents, what a subscription delivers, or bare events.
_WRAPPED = re.compile(
    rb'^\s*\{.*?"(?:events|logEvents)"\s*:\s*\[\s*'
    rb'(?:\]|\{\s*"(?:logStreamName|timestamp|message|ingestionTime|eventId|id)"\s*:)',
    re.DOTALL,
)
_BARE = re.compile(rb'^\s*\[?\s*\{[^{}]{0,2000}?"timestamp"\s*:\s*[0-9]{13}[^0-9]', re.DOTALL)
# Written into the folder of an export by AWS itself, to see whether it may.
_NO_LOGS = {"aws-logs-write-test"}


@dataclass(frozen=True, slots=True)
class Source:
    """One log: how its user knows it, and how it is to be read.

    Attributes:
        label: its path as given, or standard input.
        path: where it stands; None for standard input.
        packing: how it is compressed.
        form: how it is written.
        function: the function's name, where an option or the path says it.
        size_bytes: on the disk; 0 for standard input.
    """

    label: str
    path: Path | None
    packing: Packing = ""
    form: Form = "lines"
    function: str = ""
    size_bytes: int = 0

    def blocks(self, read: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
        """Yield what it holds, unpacked, in blocks of some megabytes.

        Args:
            read: called with the bytes that were taken from the disk, or from standard input,
                since its last call.

        Raises:
            InvalidQuantity: if it cannot be read to its end.
        """
        try:
            if self.path is None:
                with _unpacked_stdin() as opened:
                    while block := opened.read(_BLOCK_BYTES):
                        read(len(block))
                        yield block
                return
            with self.path.open("rb") as raw, _UNPACKED[self.packing](raw) as opened:
                before = 0
                while block := opened.read(_BLOCK_BYTES):
                    read(raw.tell() - before)
                    before = raw.tell()
                    yield block
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            msg = f"{self.label} cannot be read to its end: {_reason(error)}; fetch it again."
            raise InvalidQuantity(msg) from None


def find_sources(words: Iterable[str], function: str = "") -> list[Source]:
    """Return the logs that some words name: files, globs, folders, ``-`` for standard input.

    Raises:
        InvalidQuantity: for a word that names nothing, and for a file that cannot be a log.
    """
    found: dict[str, Source] = {}
    for word in words:
        if word == "-":
            found.setdefault("-", _stdin(function))
            continue
        for path in _paths(word):
            key = str(path.resolve())
            if key not in found:
                found[key] = _sniffed(path, function)
    if not found:
        msg = "No log was named; give files, globs or folders, or - for standard input."
        raise InvalidQuantity(msg)
    return list(found.values())


def _paths(word: str) -> list[Path]:
    path = Path(word).expanduser()
    if path.is_dir():
        paths = [p for p in sorted(path.rglob("*")) if p.is_file() and p.name not in _NO_LOGS]
        if not paths:
            msg = f"The folder {word} holds no file; name one with logs in it."
            raise InvalidQuantity(msg)
        return paths
    if path.exists():
        return [path]
    if has_magic(word):
        paths = [Path(name) for name in sorted(glob(str(path), recursive=True))]  # noqa: PTH207
        paths = [p for p in paths if p.is_file() and p.name not in _NO_LOGS]
        if paths:
            return paths
        msg = f"No file fits {word}; quote the pattern, and look where you are with ls."
        raise InvalidQuantity(msg)
    msg = (
        f"There is no file {word}; name a log file, - for standard input, or a log group as"
        " log-group:/aws/lambda/NAME."
    )
    raise InvalidQuantity(msg)


def _stdin(function: str) -> Source:
    return Source(STDIN, None, form="lines", function=function)


def _sniffed(path: Path, function: str) -> Source:
    try:
        with path.open("rb") as opened:
            packed = opened.read(_HEAD_BYTES)
        packing = _packing(packed)
        head = _head(path, packing) if packing else packed
        size = path.stat().st_size
    except OSError as error:
        msg = f"{path} cannot be read: {_reason(error)}."
        raise InvalidQuantity(msg) from None
    for magic, what in _REFUSED:
        if head.startswith(magic):
            msg = f"{path} is {what}."
            raise InvalidQuantity(msg)
    return Source(str(path), path, packing, form_of(head), function or function_of_path(path), size)


def _packing(head: bytes) -> Packing:
    return next((packing for magic, packing in _MAGIC if head.startswith(magic)), "")


def _head(path: Path, packing: Packing) -> bytes:
    try:
        with path.open("rb") as raw, _UNPACKED[packing](raw) as opened:
            head: bytes = opened.read1(_HEAD_BYTES) if packing == "gzip" else opened.read(1024)
            return head
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        return b""  # what can be read of it is read later, and the rest is then refused


def form_of(head: bytes) -> Form:
    """Return how a log that begins with these bytes is written.

    >>> form_of(b'{"events": [{"timestamp": 1700000000000, "message": "x"}]}')
    'events'
    """
    for bom, form in _BOMS:
        if head.startswith(bom):
            return form
    if head[1:200:2].count(0) * 2 > len(head[1:200:2]):  # every second byte: UTF-16 without a mark
        return "utf-16"
    text = head.removeprefix(BOM_UTF8)
    return "events" if _WRAPPED.match(text) or _BARE.match(text) else "lines"


def _unpacked_stdin() -> Any:
    """Open standard input, unpacked if it is gz."""
    buffered = sys.stdin.buffer
    head = buffered.peek(2)[:2] if isinstance(buffered, io.BufferedReader) else b""
    return gzip.open(buffered, "rb") if head == b"\x1f\x8b" else _Kept(buffered)


class _Kept:
    """A stream that stays open: it is not ours."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def __enter__(self) -> IO[bytes]:
        return self._stream

    def __exit__(self, *_: object) -> None:
        pass


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
