"""Of which trace each request of a log was: Lambda says it beside the record, or in its event."""

from __future__ import annotations

import re

from serverless_tax.audit.read.blocks import Block
from serverless_tax.audit.read.span import trace_of

_ID = rb"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_TRACE = rb"(1-[0-9a-f]{8}-[0-9a-f]{24})"
#: A record, and the line of X-Ray behind it or on it, before the next record.
_TEXT = re.compile(
    rb"REPORT RequestId: " + _ID + rb"(?:(?!REPORT ).){0,600}?XRAY TraceId: " + _TRACE, re.DOTALL
)
_EVENT = re.compile(
    rb'"platform[.]report"[^\n]{0,2000}?"requestId": ?"' + _ID + rb'"'
    rb"[^\n]{0,2000}?Root=" + _TRACE
)


def traces_in(block: Block) -> dict[str, str]:
    """Return the trace of each request that says one, as OpenTelemetry writes it."""
    text = b"".join(block)
    if b"Root=1-" not in text and b"XRAY TraceId" not in text:
        return {}
    found = [*_TEXT.findall(text), *_EVENT.findall(text)]
    return {request.decode(): trace_of(trace.decode()) for request, trace in found}
