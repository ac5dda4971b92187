"""What an audit may be pointed at: files, globs, folders and standard input, and what is in them.

A file is known by what it holds, not by its name: gz without ``.gz``, UTF-16 and the compact JSON
of ``filter-log-events`` are read; what cannot be read is refused in one sentence.
"""

from __future__ import annotations

import os
import re
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from glob import glob, has_magic
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import IO, Literal

from serverless_tax.audit.read.marks import A_RECORD_HAS
from serverless_tax.audit.read.tables import heads_of
from serverless_tax.audit.read.unpack import Broken, is_tar, narrow, start_of, unpacked
from serverless_tax.ground.files import reason
from serverless_tax.ground.units import InvalidQuantity

#: What standard input is called.
STDIN = "standard input"

#: How a log is written: lines of text in UTF-8, or text of wider characters. Spans are no log.
Form = Literal["lines", "utf-16", "utf-32", "spans"]
SPANS: Form = "spans"

#: How much of a file is looked at, packed and unpacked, to know what it is.
_PACKED_BYTES, _HEAD_BYTES = 1 << 14, 1 << 12
_BLOCK_BYTES = 1 << 22
#: Of a small file all is seen then, which is kept up to so much, and up to so much of all of them:
#: opening each twice takes long.
_SMALL_BYTES, _KEPT_BYTES = 1 << 16, 1 << 25
_REFUSED = (
    (b"PK\x03\x04", "a zip archive: unpack it and name the files in it"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd: unpack it with zstd -d, or pipe zstdcat into audit -"),
    (b"PAR1", "a Parquet file: bills go to --reconcile, logs to an engine with audit --sql"),
    (b"SQLite format 3", "a database: export the log's lines as text"),
    (b"%PDF", "a PDF: export the log's lines as text"),
    *((mark, "no log: it is a picture") for mark in (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")),
    (b"\x7fELF", "no log: it is a program"),
)
_REFUSED_MARKS = tuple(mark for mark, _ in _REFUSED)
# Bytes that no text has; a log has a few where something wrote what is no text.
_NO_TEXT = bytes(set(range(32)) - set(b"\x01\x08\t\n\x0b\x0c\r\x1b\x1f"))
_MOST_NO_TEXT = 0.04
_BOMS: tuple[tuple[bytes, Form], ...] = (
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)
#: What Docker puts before each piece of what a container writes, where it is fetched as it is.
_FRAME = re.compile(rb"[\x00-\x02]\0\0\0[\s\S]{4}")
#: So many columns are named of a table that holds no record.
_NAMED_AT_MOST = 12
#: Base64, or hexadecimal digits.
_LONG_WORD = re.compile(rb"(?<![\w+/-])[\w+/-]{120}")
# What a file of spans begins with: OTLP, single spans, segments of X-Ray; escaped, it is a message.
_SPANS = re.compile(
    rb'"resource(?:Spans|_spans)"\s*:\s*\['
    rb'|"(?:startTimeUnixNano|start_time_unix_nano)"\s*:'
    rb'|"span_id"\s*:\s*"0x[0-9a-f]{16}"'
    rb'|"Segments"\s*:\s*\[\s*\{[^}]{0,200}"Document"\s*:'
    rb'|"trace_id"\s*:\s*"1-[0-9a-f]{8}-[0-9a-f]{24}"'
)
# How a bill begins.
_BILL = re.compile(
    rb'"?[^\n]{0,2000}(?:(?:line_?item[/_]?usage_?type|x_UsageType|SkuMeter)\b|"UsageType")'
    rb'|\s*\{[^}]{0,200}(?:GroupDefinitions|ResultsByTime)"\s*:',
    re.IGNORECASE,
)
# Written into the folder of an export by AWS itself, to see whether it may.
_NO_LOGS = {"aws-logs-write-test"}


_LOG = "a log file, - for standard input, or a log group as log-group:/aws/lambda/NAME"


class Unreadable(InvalidQuantity):
    """A file that cannot be read, or not to its end."""

    def __init__(self, label: str, reason: str, *, is_begun: bool = False) -> None:
        """Say which, why, and whether it is only its end that cannot."""
        self.reason = f"not to its end: {reason}" if is_begun else reason
        end = " to its end" if is_begun else ""
        again = "; fetch it again" if is_begun else ""
        super().__init__(f"{label} cannot be read{end}: {reason}{again}.")


@dataclass(frozen=True, slots=True)
class Source:
    """One log: how its user knows it, and how it is to be read.

    Attributes:
        label: its path as given, or standard input.
        path: where it stands; None for standard input.
        form: how it is written.
        function: the function's name, where an option or the path says it.
        size_bytes: on the disk; 0 for standard input.
        refused: why it is no log, if it was found in a folder and is none.
        failed: why it could not be read, if it was found in a folder.
        is_member: whether it was found in a folder or by a pattern: what cannot be read of it is
            said and counted, and stops nothing.
        is_stream: whether it is a pipe, whose bytes come once.
        kept: all that it holds, unpacked, if it is small and was read already.
    """

    label: str
    path: Path | None
    form: Form = "lines"
    function: str = ""
    size_bytes: int = 0
    refused: str = ""
    failed: str = ""
    is_member: bool = False
    is_stream: bool = False
    kept: bytes = field(default=b"", repr=False, compare=False)

    def blocks(self, read: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
        """Yield what it holds, unpacked, in blocks of some megabytes.

        Args:
            read: called with the bytes that were taken from the disk, or from standard input,
                since its last call.

        Raises:
            Unreadable: if it cannot be read, or not to its end.
            InvalidQuantity: if it comes once, and is no log.
        """
        if self.path is None:
            yield from self._to_its_end(sys.stdin.buffer, read)
            return
        if self.kept:
            read(self.size_bytes)
            yield self.kept
            return
        try:
            opened = self.path.open("rb")
        except OSError as error:
            raise Unreadable(self.label, reason(error)) from None
        with opened:
            yield from self._to_its_end(opened, read)

    def _to_its_end(self, opened: IO[bytes], read: Callable[[int], None]) -> Iterator[bytes]:
        try:
            blocks = unpacked(_raw(opened, read))
            yield from self._checked(blocks) if self.comes_once else blocks
        except Broken as error:
            raise Unreadable(self.label, reason(error), is_begun=True) from None

    @property
    def comes_once(self) -> bool:
        """Whether nobody could look at how it begins before it is read."""
        return self.path is None or self.is_stream

    @property
    def is_empty(self) -> bool:
        """Whether it was looked at and holds nothing."""
        return not (self.size_bytes or self.comes_once or self.refused or self.failed)

    def _checked(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        first = next(blocks, b"")
        if what := _no_log(first[:_HEAD_BYTES]):
            msg = f"{self.label} is {what}."
            raise InvalidQuantity(msg)
        yield first
        yield from blocks


def _raw(opened: IO[bytes], read: Callable[[int], None]) -> Iterator[bytes]:
    while block := opened.read(_BLOCK_BYTES):
        read(len(block))
        yield block


def what_else(word: str) -> str:
    """Return what a file seems to hold in which no record was found; nothing if nobody knows."""
    try:
        with Path(_expanded(word)).open("rb") as opened:
            head = start_of(opened.read(_PACKED_BYTES), _HEAD_BYTES)[0]
    except OSError:
        return ""
    if _LONG_WORD.search(head):
        return "it holds base64 or hexadecimal digits of something else: unpack that first"
    heads = heads_of(head.decode("utf-8", "replace").split("\n", 1)[0].rstrip())
    if heads is None:
        return ""
    return (
        f"its columns are {', '.join(heads[0][:_NAMED_AT_MOST])}: a record has {A_RECORD_HAS},"
        " or is one column's text"
    )


def are_spans(head: bytes) -> bool:
    """Whether a file that begins so holds spans, and no log.

    >>> are_spans(b'{"resourceSpans":[{"resource":'), are_spans(b'{"message":"resourceSpans"}')
    (True, False)
    """
    return head.lstrip()[:1] in (b"{", b"[") and _SPANS.search(head) is not None


def find_sources(
    words: Sequence[str], function: str = "", spans: Sequence[str] = ()
) -> list[Source]:
    """Return the logs that some words name: files, globs, folders, ``-`` for standard input.

    ``spans`` name files of spans in the same ways; one that is named as a log too is read as both.
    A file in a folder that is no log comes as one that is refused, or that failed.

    Raises:
        InvalidQuantity: for a word that names nothing, and for a file that cannot be a log.
    """
    found: dict[str, Source] = {}
    room = _KEPT_BYTES
    for word in words:
        if word == "-":
            found.setdefault("-", _stdin(function))
            continue
        itself = _expanded(word)
        for path, key in _known_paths(word):
            if key not in found:
                one = _sniffed(path, function, is_member=str(path) != itself, keeps=room > 0)
                room -= len(one.kept)
                found[key] = one
    if not found:
        msg = "No log was named; give files, globs or folders, or - for standard input."
        raise InvalidQuantity(msg)
    named = {_key(Path(word).expanduser()) for word in words if word != "-"}
    all_wrong = all(one.refused or one.failed for one in found.values())
    for key, source in found.items():
        if source.refused and (key in named or all_wrong):
            msg = f"{source.label} is {source.refused}."
            raise InvalidQuantity(msg)
        if source.failed and (key in named or all_wrong):
            raise Unreadable(source.label, source.failed)
    marked = [
        replace(_sniffed(path, ""), form=SPANS)
        for word in spans
        for path in paths(word, "a file of spans")
    ]
    both = {one.label for one in marked}
    logs = [
        replace(one, form="lines") if one.form == SPANS and one.label in both else one
        for one in found.values()
    ]
    return [*_with_export_names(logs), *{one.label: one for one in marked}.values()]


def paths(word: str, what: str = _LOG) -> list[Path]:
    """Return the files that a word names: one, those of a folder, or those that fit a pattern.

    Args:
        word: as it was given.
        what: what it should name, said where there is no such file.

    Raises:
        InvalidQuantity: if it names none.
    """
    return [path for path, _ in _known_paths(word, what)]


def _known_paths(word: str, what: str = _LOG) -> list[tuple[Path, str]]:
    """Return the files that a word names, and what each is known by.

    ``what`` says what should be named, where there is no such file.
    """
    path = Path(_expanded(word))
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = 0
    except OSError as error:
        raise Unreadable(word, reason(error)) from None
    if S_ISDIR(mode):
        found = _within(str(path), _real(str(path)))
        within = sorted(found, key=_parts)
        if not within:
            msg = f"The folder {word} holds no file; name one with logs in it."
            raise InvalidQuantity(msg)
        return [(Path(one), key) for one, key in within]
    if mode:
        return [(path, _key(path))]
    if has_magic(word):
        names = [Path(name) for name in sorted(glob(str(path), recursive=True))]  # noqa: PTH207
        names = [p for p in names if not p.is_dir() and p.name not in _NO_LOGS]
        if names:
            return [(path, _key(path)) for path in names]
        msg = f"No file fits {word}; quote the pattern, and look where you are with ls."
        raise InvalidQuantity(msg)
    msg = f"There is no file {word}; name {what}."
    raise InvalidQuantity(msg)


def _parts(found: tuple[str, str]) -> list[str]:
    return found[0].split(os.sep)  # noqa: PTH206 - of many files a path takes far longer


def _expanded(word: str) -> str:
    return str(Path(word).expanduser())


def _within(folder: str, known_by: str) -> Iterator[tuple[str, str]]:
    """Yield what is in a folder and those in it, and the folders that cannot be looked into.

    Each comes with what it is known by. Of ten thousand files that costs more than to read them, so
    nothing is asked of the system that it has said.
    """
    try:
        with os.scandir(folder) as looked:
            entries = list(looked)
    except OSError:
        yield folder, known_by
        return
    for entry in entries:
        own = f"{known_by}{os.sep}{entry.name}"
        is_link = entry.is_symlink()
        if entry.is_dir():
            if not is_link:
                yield from _within(entry.path, own)
        elif entry.name not in _NO_LOGS:
            yield entry.path, os.path.realpath(entry.path) if is_link else own


def _key(path: Path) -> str:
    """Return what a file is known by, under whatever name; what a link points to, for a link."""
    real = os.path.realpath
    return real(path) if path.is_symlink() else f"{_real(str(path.parent))}{os.sep}{path.name}"


@lru_cache(maxsize=1024)
def _real(folder: str) -> str:
    return os.path.realpath(folder).removesuffix(os.sep)


def _stdin(function: str) -> Source:
    return Source(STDIN, None, form="lines", function=function)


def _sniffed(path: Path, function: str, *, is_member: bool = False, keeps: bool = False) -> Source:
    label = str(path)
    source = Source(label, path, function=function, is_member=is_member)
    try:
        about = os.stat(label)  # noqa: PTH116 - a path asks the system in twice the time
        if not (S_ISREG(about.st_mode) or S_ISDIR(about.st_mode)):
            failed = "it is a pipe or a device, which is read where it is named" * is_member
            return replace(source, is_stream=True, failed=failed)
        with open(label, "rb", buffering=0) as opened:  # noqa: PTH123 - as above
            start = opened.read(_PACKED_BYTES) or b""
    except OSError as error:
        return replace(source, failed=reason(error))
    may_keep = keeps and len(start) == about.st_size < _PACKED_BYTES
    text, is_whole = start_of(start, _SMALL_BYTES if may_keep else _HEAD_BYTES)
    head = text[:_HEAD_BYTES]
    form = SPANS if are_spans(head) else form_of(head)
    kept = text if may_keep and is_whole else b""
    refused = _no_log(head)
    if path.suffix == ".toml" and b"REPORT" not in head:
        refused = "a file of settings, and no log: a scenario is for decide --scenario"
    return Source(
        label, path, form, function, about.st_size, refused, is_member=is_member, kept=kept
    )


def _no_log(head: bytes) -> str:
    """Return what something is that begins so and is no log; nothing if it may be one."""
    if head.startswith(_REFUSED_MARKS):
        return next(what for mark, what in _REFUSED if head.startswith(mark))
    if is_tar(head):
        return "a tar archive: unpack it and name the files in it"
    if _BILL.match(head) and b"REPORT" not in head:
        return "a bill, and no log: name it with --reconcile"
    head = _FRAME.sub(b"", head) if _FRAME.match(head) else narrow(head)
    odd = len(head) - len(head.translate(None, _NO_TEXT))
    if odd > max(2, len(head) * _MOST_NO_TEXT) and form_of(head) == "lines":
        return "no log: it is not text"
    return ""


_TASK_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# The stream's name in an export: a slash has become a hyphen.
_STREAM_FOLDER = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-([0-9A-Za-z_.-]*)\[.*")
_DATE_FOLDER = re.compile("[0-9_=.-]*|(?:year|month|day|hour|dt|date)=.*")


def _with_export_names(sources: Iterable[Source]) -> Iterator[Source]:
    """Name the files of exports to S3 by their folders.

    An export writes ``PREFIX/TASK-ID/STREAM/000000.gz``, and the log group's name is not in it: so
    the name is that in the stream, if several functions share the group, or else the last part of
    the prefix that is no date. One task exports one group: tasks under one prefix keep apart.
    """
    sources = list(sources)
    exports = {source.label: _export(source.path) for source in sources if source.path}
    tasks: dict[tuple[str, ...], set[str]] = {}
    for one in filter(None, exports.values()):
        tasks.setdefault(one[0], set()).add(one[1])
    named: dict[tuple[tuple[str, ...], str], str] = {}
    for source in sources:
        export = exports.get(source.label)
        if export is None or source.function:
            yield source
            continue
        prefix, task, function = export
        if (prefix, task) not in named:
            parts = (part for part in reversed(prefix) if not _DATE_FOLDER.fullmatch(part))
            last = next(parts, "")
            is_alone = last and len(tasks[prefix]) == 1
            named[prefix, task] = last if is_alone else f"{last} (export {task[:8]})".strip()
        yield replace(source, function=function or named[prefix, task])


def _export(path: Path) -> tuple[tuple[str, ...], str, str] | None:
    """Return an export's prefix, its task and the function in the stream's name; or None."""
    parts = path.parts
    for k, part in enumerate(parts[:-2]):
        if _TASK_ID.fullmatch(part) and (stream := _STREAM_FOLDER.fullmatch(parts[k + 1])):
            return parts[:k], part, stream.group(1)
    return None


def form_of(head: bytes) -> Form:
    """Return how a log that begins with these bytes is written.

    >>> form_of("REPORT".encode("utf-16"))
    'utf-16'
    """
    for bom, form in _BOMS:
        if head.startswith(bom):
            return form
    high, low = head[1:200:2], head[:200:2]
    if high.count(0) * 2 > len(high) and low.count(0) * 2 < len(low):  # UTF-16 without a mark
        return "utf-16"
    return "lines"
