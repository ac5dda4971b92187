"""A log read block by block in the standard library: slow, plain, and what the SQL must agree with.

It is used where DuckDB refuses a file, and by the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from serverless_tax.audit.tally import Tally

#: A line longer than this is cut there; no REPORT line is, and memory stays bounded.
LONGEST_LINE_BYTES = 1 << 24

#: What a line must hold to be looked at.
_PATTERN = 'REPORT[ \t]+RequestId:|"platform[.]report"|"metered": 1,|"cpu_total_time"'
_INTERESTING, _INTERESTING_TEXT = re.compile(_PATTERN.encode()), re.compile(_PATTERN)


def tally(lines: Iterable[str], source: str) -> Tally:
    """Add up the lines of a log."""
    sums = Tally()
    for line in lines:
        sums.add_line(source, line)
    return sums


def is_interesting(line: str) -> bool:
    """Whether a line may hold a record."""
    return _INTERESTING_TEXT.search(line) is not None


def lines_of_interest(block: bytes) -> Iterator[str]:
    """Yield the lines of a block that may hold a record, as text."""
    position = 0
    while found := _INTERESTING.search(block, position):
        begin = block.rfind(b"\n", position, found.start()) + 1 or position
        end = block.find(b"\n", found.end())
        position = end + 1 if end >= 0 else len(block)
        yield block[begin:position].rstrip(b"\r\n").decode("utf-8", "replace")


def whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut blocks of bytes anew, so that each holds whole lines."""
    rest = b""
    for block in blocks:
        cut = block.rfind(b"\n") + 1
        if cut:
            yield rest + block[:cut]
            rest = block[cut:]
        else:
            rest += block
        if len(rest) > LONGEST_LINE_BYTES:
            yield rest
            rest = b""
    if rest:
        yield rest
