"""Files of spans: known by what they hold, and walked whatever is around each span."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from serverless_tax.audit.read import otlp, xray
from serverless_tax.audit.read.payload import parsed
from serverless_tax.audit.read.sources import SPANS, Source
from serverless_tax.audit.read.span import Span
from serverless_tax.ground.units import InvalidQuantity

_DEEPEST = 24
_WORDS = ("traceId", "trace_id", "resourceSpans", "resource_spans")
_BEGIN = re.compile(r"^(?:[^{\[\n]{0,80} )?(?=[{\[])", re.MULTILINE)
_DECODER = json.JSONDecoder()


def read_spans(
    sources: Sequence[Source], read: Callable[[int], None] = lambda _: None
) -> Iterator[Span]:
    """Yield the spans of those of some sources that are files of spans.

    Args:
        sources: logs, and files of spans.
        read: called with the bytes that were taken from the disk since its last call.

    Raises:
        InvalidQuantity: if a file holds no span, cannot be read to its end, or holds records of
            invocations that nobody reads.
    """
    logs = {source.label for source in sources if source.form != SPANS}
    for source in sources:
        if source.form != SPANS or source.refused:
            continue
        found = False
        for value in _documents(source, read):
            if source.label not in logs and _has_record(value):
                msg = (
                    f"{source.label} holds spans and records of invocations; name it as a log, and"
                    " with --spans too."
                )
                raise InvalidQuantity(msg)
            for one in _walk(value, 0):
                found = True
                yield one
        if not found:
            msg = (
                f"{source.label} holds no span; expected OTLP as JSON, a request a line, or the"
                " segments of X-Ray as aws xray batch-get-traces prints them."
            )
            raise InvalidQuantity(msg)


def _documents(source: Source, read: Callable[[int], None]) -> Iterator[Any]:
    """Yield the documents of a file: one a line, as they come, or over many lines, at its end."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    rest = ""
    for block in source.blocks(read):
        whole, _, rest = (rest + decoder.decode(block)).rpartition("\n")
        held: list[str] = []
        for line in whole.splitlines(keepends=True):
            value = None if held else parsed(line)
            if value is None:
                held.append(line)
            else:
                yield value
        rest = f"{''.join(held)}\n{rest}" if held else rest
    yield from _spread(source, rest)


def _has_record(value: Any) -> bool:
    """Whether this is a record of an invocation, or text with one in it."""
    if isinstance(value, str):
        return "REPORT RequestId:" in value
    return isinstance(value, Mapping) and value.get("type") == "platform.report"


def _spread(source: Source, text: str) -> Iterator[Any]:
    """Yield documents that stand over several lines, one behind another, or behind a line's time.

    What stands between them comes as text.

    Raises:
        InvalidQuantity: if the last of them is cut off.
    """
    at = 0
    while begin := _BEGIN.search(text, at):
        yield text[at : begin.end()]
        try:
            value, at = _DECODER.raw_decode(text, begin.end())
        except (ValueError, RecursionError) as error:
            if _is_cut(error, text):
                msg = f"{source.label} is not whole: its JSON ends within a span; fetch it again."
                raise InvalidQuantity(msg) from None
            end = text.find("\n", begin.end())
            end = len(text) if end < 0 else end + 1
            yield text[begin.end() : end]
            at = end
        else:
            yield value
    yield text[at:]


def _is_cut(error: Exception, text: str) -> bool:
    """Whether JSON is well formed as far as the text goes."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip())


def _walk(value: Any, depth: int) -> Iterator[Span]:
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        if value.lstrip()[:1] in ("{", "[") and any(word in value for word in _WORDS):
            yield from _walk(parsed(value), depth + 1)
    elif isinstance(value, Mapping):
        for made in (otlp.spans_of, xray.spans_of):
            found = made(value)
            if found is not None:
                yield from found
                return
        for inner in value.values():
            yield from _walk(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, depth + 1)
