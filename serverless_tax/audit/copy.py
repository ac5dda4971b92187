"""The lines of a log that matter, whatever it is written in, as clean text for any engine."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

from serverless_tax.audit.events import event_lines
from serverless_tax.audit.plain import is_interesting, lines_of_interest, whole_lines
from serverless_tax.audit.sources import Form, Source, form_of

# What ends a line, or a field, for a reader of CSV.
CLEAN = {ord(c): " " for c in "\r\n\x00\x01\x0b\x0c"}


def clean_lines(source: Source) -> Iterator[str]:
    """Yield the lines of a log that may hold a record.

    Raises:
        InvalidQuantity: if it cannot be read to its end.
    """
    blocks = source.blocks()
    first = next(blocks, b"")
    form: Form = source.form if source.path else form_of(first)
    for line in _lines(chain([first], blocks), form, source.label):
        yield line.translate(CLEAN)


def _lines(blocks: Iterable[bytes], form: Form, label: str) -> Iterator[str]:
    if form == "events":
        yield from (line for line in event_lines(blocks, label) if is_interesting(line))
        return
    if form != "lines":
        blocks = _decoded(blocks, form)
    for block in whole_lines(blocks):
        yield from lines_of_interest(block)


def _decoded(blocks: Iterable[bytes], form: str) -> Iterator[bytes]:
    """Yield UTF-16 as UTF-8; without a mark it is as Windows writes it."""
    blocks = iter(blocks)
    first = next(blocks, b"")
    marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    encoding = form if form != "utf-16" or first.startswith(marks) else "utf-16-le"
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for block in chain([first], blocks):
        yield decoder.decode(block).encode()
