"""Logs added up: their plain lines in columns, and the rest of them by the analysis in SQL."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from serverless_tax.audit.read.blocks import Block, line_blocks
from serverless_tax.audit.read.columns import read as read_columns
from serverless_tax.audit.read.duck import Analysis
from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.sums.column_sums import BlockSums, ColumnSums, added
from serverless_tax.audit.sums.tally import Tally

#: More threads than these wait for each other.
_THREADS = 2
_Read = tuple[BlockSums, list[bytes]]


def tally(sources: Sequence[Source], read: Callable[[int], None] = lambda _: None) -> Tally:
    """Add up logs.

    Args:
        sources: the logs.
        read: called with the bytes that were taken from the disk since its last call.

    Raises:
        InvalidQuantity: if DuckDB is not installed, a log cannot be read to its end, or there is no
            room for a copy of some of its lines.
    """
    sums = Tally()
    _keep_memory()
    with Analysis() as analysis, ThreadPoolExecutor(_THREADS, "audit-read") as pool:
        for source in sources:
            plain = ColumnSums()
            for block, others in _in_turn(pool, line_blocks(source, read)):
                plain.add(block)
                analysis.add(source.label, others)
            sums.add(plain.tally(source.label))
        sums.add(analysis.tally())
    return sums


def _in_turn(pool: ThreadPoolExecutor, blocks: Iterable[Block]) -> Iterator[_Read]:
    """Read blocks in several threads, never many ahead; yield what is in them in their order."""
    ahead: deque[Future[_Read]] = deque()
    for block in blocks:
        ahead.append(pool.submit(_read, block))
        if len(ahead) > _THREADS:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()


def _read(block: Block) -> _Read:
    found = read_columns(block)
    return added(found.plain), found.others


def _keep_memory() -> None:
    """Let the C library keep the memory of arrays that are freed, for the next ones.

    It asks the system for each large one anew, which takes as long as reading a block does, until
    it has seen a larger one freed.
    """
    np.empty((1 << 25) - (1 << 16), np.uint8)
