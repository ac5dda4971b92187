"""Logs added up: their plain lines in columns, and the rest of them one by one."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from itertools import chain, islice, pairwise
from typing import NamedTuple

import numpy as np

from serverless_tax.audit.read.blocks import Block, is_document, joined, line_blocks
from serverless_tax.audit.read.columns import BEGIN, BETWEEN_LOGS
from serverless_tax.audit.read.documents import NotWhole
from serverless_tax.audit.read.hidden import as_read
from serverless_tax.audit.read.plain import Ints
from serverless_tax.audit.read.readers import LookedFor, Read, keep_memory, readers
from serverless_tax.audit.read.sources import SPANS, Source, Unreadable
from serverless_tax.audit.read.span_files import read_spans
from serverless_tax.audit.read.text_lines import TextLines
from serverless_tax.audit.read.tidy import timed, whole_words
from serverless_tax.audit.sums.joined import Join
from serverless_tax.audit.sums.once import Once
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.audit.sums.waits import Waits

#: Logs that are no larger on the disk, and hold one block, are read together, up to so many bytes.
_SMALL_BYTES, _TOGETHER_BYTES = 1 << 18, 1 << 22


def tally(sources: Sequence[Source], read: Callable[[int], None] = lambda _: None) -> Tally:
    """Add up logs, and files of spans, which are read first.

    Args:
        sources: the logs.
        read: called with the bytes that were taken from the disk since its last call.

    Raises:
        InvalidQuantity: if a log cannot be read to its end, or is none.
    """
    once = Once()
    keep_memory()
    waits = Waits.of(read_spans(sources, read))
    looked_for = LookedFor.of(by_trace=bool(waits.by_trace))
    adding = _Adding(once, waits if waits.count else None, looked_for)
    logs = [one for one in sources if not one.refused and one.form != SPANS]
    failed = {one.label: one.failed for one in logs if one.failed}
    logs = [one for one in logs if not one.failed]
    with readers(looked_for, sum(one.size_bytes for one in logs)) as reading:
        ahead: deque[tuple[_Piece, Future[Read]]] = deque()
        for piece in _pieces(logs, read, failed):
            ahead.append((piece, reading.submit(piece.block)))
            if len(ahead) > reading.ahead:
                first, future = ahead.popleft()
                adding.add(first, future.result())
        for last, future in ahead:
            adding.add(last, future.result())
    sums = adding.end()
    sums.failed |= failed
    sums.lost_spans = waits.count - waits.joined
    sums.twice, sums.again, sums.alike = once.twice, once.again, once.alike
    sums.once_is_full = once.full
    return sums


class _Piece(NamedTuple):
    """A block, and the logs in it: a part of one, or several that are whole.

    Attributes:
        logs: they; the same object for every block of a log.
        block: whole lines.
        is_first: whether a log begins with it.
        begins: where each of several begins.
    """

    logs: list[Source]
    block: Block
    is_first: bool = True
    begins: Ints | None = None

    def apart(self) -> Iterator[_Piece]:
        """Yield a piece for each of several logs."""
        text = b"".join(self.block)
        begins = [] if self.begins is None else self.begins.tolist()
        for log, (begin, end) in zip(self.logs, pairwise([*begins, len(text)]), strict=True):
            yield _Piece([log], (text[begin:end].rstrip(b"\n"),))


def _blocks(log: Source, read: Callable[[int], None], failed: dict[str, str]) -> Iterator[Block]:
    """Yield the blocks of a log, up to where one of a folder cannot be read."""
    try:
        yield from line_blocks(log, read)
    except Unreadable as error:
        if not log.is_member:
            raise
        failed[log.label] = error.reason


def _pieces(
    logs: Iterable[Source], read: Callable[[int], None], failed: dict[str, str]
) -> Iterator[_Piece]:
    """Yield the blocks of logs; small ones, which would cost more than they hold, together."""
    held: list[tuple[Source, bytes]] = []
    size = 0
    for log in logs:
        blocks = _blocks(log, read, failed)
        is_small = not log.comes_once and log.size_bytes <= _SMALL_BYTES
        start = list(islice(blocks, 2)) if is_small else []
        if is_small and len(start) < 2 and not (start and is_document(start[0])):  # noqa: PLR2004
            held += [(log, b"".join(block)) for block in start]
            size += sum(map(len, start[0])) if start else 0
        else:
            yield from _together(held)
            held, size = [], 0
            yield from _one_by_one(log, chain(start, blocks))
        if size > _TOGETHER_BYTES:
            yield from _together(held)
            held, size = [], 0
    yield from _together(held)


def _one_by_one(log: Source, blocks: Iterable[Block]) -> Iterator[_Piece]:
    logs = [log]
    for k, block in enumerate(blocks):
        yield _Piece(logs, block, is_first=not k)


def _together(held: Sequence[tuple[Source, bytes]]) -> Iterator[_Piece]:
    if held:
        sizes = [len(text) + len(BETWEEN_LOGS) for _, text in held]
        begins = np.cumsum([0, *sizes[:-1]])
        text = BETWEEN_LOGS.join(text for _, text in held)
        yield _Piece([log for log, _ in held], (text,), begins=begins)


class _Adding:
    """Adds up pieces in their order; what turns out to be a part of a document is read again."""

    def __init__(self, once: Once, waits: Waits | None, looked_for: LookedFor) -> None:
        self._once, self._waits, self._looked_for = once, waits, looked_for
        self._sums = Tally()
        self._logs: list[Source] = []
        self._join = Join(self._logs, once)
        self._documents = TextLines("")
        self._decoder = _decoder()

    def add(self, piece: _Piece, one: Read) -> None:
        """Add what was read of the next piece."""
        if piece.begins is not None and one.is_document:
            for alone in piece.apart():
                self.add(alone, self._looked_for.read(alone.block))
            return
        if piece.logs is not self._logs:
            self._end_logs()
            self._logs = piece.logs
            self._join = Join(self._logs, self._once, self._waits)
            self._documents = TextLines(self._logs[0].label)
            self._decoder = _decoder()
        is_first = piece.is_first and piece.begins is None
        if self._documents.waits or one.is_document or (is_first and is_document(piece.block)):
            # Some shippers set a zero between documents.
            text = self._decoder.decode(as_read(b"".join(piece.block))).replace("\0", "\n")
            self._add_lines(self._documents.read(timed(whole_words(text))))
        else:
            begins = None if piece.begins is None else piece.begins + BEGIN
            self._join.add(one.lines, one.found, one.traces, begins)

    def _add_lines(self, lines: Iterable[str]) -> None:
        try:
            for block in joined(lines):
                one = self._looked_for.read(block)
                self._join.add(one.lines, one.found, one.traces)
        except NotWhole as error:
            log = self._logs[0]
            if not log.is_member:
                raise
            self._sums.failed[log.label] = error.reason

    def _end_logs(self) -> None:
        if self._documents.waits:
            self._add_lines(self._documents.end())
        self._sums.add(self._join.tally())

    def end(self) -> Tally:
        """Return the sums of all."""
        self._end_logs()
        return self._sums


def _decoder() -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder("utf-8")("replace")


def of_lines(source: Source, lines: Iterable[str]) -> Tally:
    """Add up a log whose lines come from elsewhere than a file."""
    join, looked_for = Join([source], Once()), LookedFor.of(by_trace=False)
    for block in joined(lines):
        one = looked_for.read(block)
        join.add(one.lines, one.found)
    return join.tally()
