"""Logs added up: their plain lines in columns, and the rest of them one by one."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from serverless_tax.audit.read.blocks import Block, is_document, joined, line_blocks
from serverless_tax.audit.read.columns import Lines
from serverless_tax.audit.read.columns import read as read_columns
from serverless_tax.audit.read.documents import Documents
from serverless_tax.audit.read.grammar import Found, records
from serverless_tax.audit.read.sources import SPANS, Source
from serverless_tax.audit.read.span_files import read_spans
from serverless_tax.audit.read.traces import traces_in
from serverless_tax.audit.sums.joined import Join
from serverless_tax.audit.sums.once import Once
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.audit.sums.waits import Waits

#: More threads than these wait for each other.
_THREADS = 2


class Read(NamedTuple):
    """What is in a block.

    Attributes:
        lines: its columns.
        found: where each other line begins, and what it holds.
        traces: of the requests, where they were looked for.
        is_document: whether these lines are parts of a document, and say little by themselves.
    """

    lines: Lines
    found: list[tuple[int, Found]]
    traces: dict[str, str]
    is_document: bool


def tally(sources: Sequence[Source], read: Callable[[int], None] = lambda _: None) -> Tally:
    """Add up logs, and files of spans, which are read first.

    Args:
        sources: the logs.
        read: called with the bytes that were taken from the disk since its last call.

    Raises:
        InvalidQuantity: if a log cannot be read to its end, or is none.
    """
    sums, once = Tally(), Once()
    _keep_memory()
    waits = Waits.of(read_spans(sources, read))
    by_trace = bool(waits.by_trace)
    with ThreadPoolExecutor(_THREADS, "audit-read") as pool:
        for source in sources:
            if source.refused or source.form == SPANS:
                continue
            join = Join(source, once, waits if waits.count else None)
            for one in _in_turn(pool, line_blocks(source, read), source.label, by_trace=by_trace):
                join.add(one.lines, one.found, one.traces)
            sums.add(join.tally())
    sums.lost_spans = waits.count - waits.joined
    sums.twice, sums.once_is_full = once.twice, once.full
    return sums


def of_lines(source: Source, lines: Iterable[str]) -> Tally:
    """Add up a log whose lines come from elsewhere than a file."""
    join = Join(source, Once())
    for block in joined(lines):
        one = _read(block, by_trace=False)
        join.add(one.lines, one.found)
    return join.tally()


def _in_turn(
    pool: ThreadPoolExecutor, blocks: Iterable[Block], label: str, *, by_trace: bool
) -> Iterator[Read]:
    """Read blocks in several threads, never many ahead; yield what is in them in their order.

    What turns out to be a part of a document is read again, as lines of an export. The trace of
    each request is looked for where it is asked ``by_trace``.
    """
    documents = Documents(label)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    ahead: deque[tuple[bool, Block, Future[Read]]] = deque()

    def next_one() -> Iterator[Read]:
        first, block, future = ahead.popleft()
        one = future.result()
        if not (documents.waits or one.is_document or (first and is_document(block))):
            yield one
            return
        for lines in joined(documents.read(decoder.decode(b"".join(block)))):
            yield _read(lines, by_trace=by_trace)

    for k, block in enumerate(blocks):
        ahead.append((not k, block, pool.submit(_read, block, by_trace=by_trace)))
        if len(ahead) > _THREADS:
            yield from next_one()
    while ahead:
        yield from next_one()
    if documents.waits:
        for lines in joined(documents.end()):
            yield _read(lines, by_trace=by_trace)


def _read(block: Block, *, by_trace: bool) -> Read:
    lines = read_columns(block)
    found: list[tuple[int, Found]] = []
    is_part = False
    for at, text, behind in lines.others:
        is_part = is_part or _is_part(text)
        following = [line.decode("utf-8", "replace") for line in behind]
        line = text.rstrip(b"\r").decode("utf-8", "replace")
        found.extend((at, one) for one in records(line, following))
    return Read(lines, found, traces_in(block) if by_trace else {}, is_part)


def _is_part(line: bytes) -> bool:
    """Whether a line is a part of a document: it has quotes, and is no JSON that is whole.

    What stands before whole JSON, as the time does, is none of it.
    """
    text = line.strip()
    if text.startswith((b"H4sI", b"@", b"U1RB", b"UkVQ")):
        return True
    if b'"' not in text:
        return text.startswith(b"- ") or b"@" in text[:200] or b"message: " in text[:80]
    end = text.rstrip(b",").endswith(b"}")
    return not (end and b"{" in text and b'"' not in text[: text.index(b"{")])


def _keep_memory() -> None:
    """Let the C library keep the memory of arrays that are freed, for the next ones.

    It asks the system for each large one anew, which takes as long as reading a block does, until
    it has seen a larger one freed.
    """
    np.empty((1 << 25) - (1 << 16), np.uint8)
