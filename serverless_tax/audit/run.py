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
from serverless_tax.audit.read.documents import Documents, is_part
from serverless_tax.audit.read.grammar import Found, records
from serverless_tax.audit.read.shapes import Shapes
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


class _LookedFor(NamedTuple):
    """What blocks are read with: the shapes of lines, and whether the trace of each request."""

    shapes: Shapes
    by_trace: bool


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
    looked_for = _LookedFor(Shapes(is_part), by_trace=bool(waits.by_trace))
    with ThreadPoolExecutor(_THREADS, "audit-read") as pool:
        for source in sources:
            if source.refused or source.form == SPANS:
                continue
            join = Join(source, once, waits if waits.count else None)
            for one in _in_turn(pool, line_blocks(source, read), source.label, looked_for):
                join.add(one.lines, one.found, one.traces)
            sums.add(join.tally())
    sums.lost_spans = waits.count - waits.joined
    sums.twice, sums.once_is_full = once.twice, once.full
    return sums


def of_lines(source: Source, lines: Iterable[str]) -> Tally:
    """Add up a log whose lines come from elsewhere than a file."""
    join, looked_for = Join(source, Once()), _LookedFor(Shapes(is_part), by_trace=False)
    for block in joined(lines):
        one = _read(block, looked_for)
        join.add(one.lines, one.found)
    return join.tally()


def _in_turn(
    pool: ThreadPoolExecutor, blocks: Iterable[Block], label: str, looked_for: _LookedFor
) -> Iterator[Read]:
    """Read blocks in several threads, never many ahead; yield what is in them in their order.

    What turns out to be a part of a document is read again, as lines of an export.
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
            yield _read(lines, looked_for)

    for k, block in enumerate(blocks):
        ahead.append((not k, block, pool.submit(_read, block, looked_for)))
        if len(ahead) > _THREADS:
            yield from next_one()
    while ahead:
        yield from next_one()
    if documents.waits:
        for lines in joined(documents.end()):
            yield _read(lines, looked_for)


def _read(block: Block, looked_for: _LookedFor) -> Read:
    lines = read_columns(block, looked_for.shapes)
    found: list[tuple[int, Found]] = []
    in_document = False
    for at, text, behind in lines.others:
        in_document = in_document or is_part(text)
        following = [line.decode("utf-8", "replace") for line in behind]
        line = text.rstrip(b"\r").decode("utf-8", "replace")
        found.extend((at, one) for one in records(line, following))
    traces = traces_in(block) if looked_for.by_trace else {}
    return Read(lines, found, traces, in_document)


def _keep_memory() -> None:
    """Let the C library keep the memory of arrays that are freed, for the next ones.

    It asks the system for each large one anew, which takes as long as reading a block does, until
    it has seen a larger one freed.
    """
    np.empty((1 << 25) - (1 << 16), np.uint8)
