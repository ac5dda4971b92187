"""A log read line by line in the standard library: slow, plain, and what the others must equal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from serverless_tax.audit.read.blocks import line_blocks
from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.read.text_lines import TextLines

#: What a line must hold to be looked at.
_INTERESTING = re.compile(
    b'(?<!_)REPORT|platform[.]report|"metered|cpu_total_time|INIT_START|nitializationType|illedDuration'
)
#: What ends a line, or a field, for a reader of CSV.
_CLEAN = {ord(c): " " for c in "\r\n\x00\x01\x0b\x0c"}


def lines_of_interest(block: bytes) -> Iterator[str]:
    """Yield the lines of a block that may hold a record, as text."""
    for line in block.split(b"\n"):
        if _INTERESTING.search(line):
            yield line.rstrip(b"\r").decode("utf-8", "replace")


def clean_lines(source: Source) -> Iterator[str]:
    """Yield the lines of a log that may hold a record, as text for any engine.

    Raises:
        InvalidQuantity: if it cannot be read to its end.
    """
    documents = TextLines(source.label)
    text = b"".join(b"".join(block) for block in line_blocks(source)).decode("utf-8", "replace")
    for line in [*documents.read(text), *documents.end()]:
        yield line.translate(_CLEAN)
