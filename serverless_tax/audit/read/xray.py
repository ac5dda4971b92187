"""Segments of X-Ray: the documents by themselves, and what ``batch-get-traces`` answers with.

Lambda writes two segments for an invocation: that of the service, which has the request's id, and
that of the function, of which the subsegments are what the code did. A subsegment that left the
function says so by its namespace.

Format: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from serverless_tax.audit.read.span import Role, Span, trace_of
from serverless_tax.audit.read.where import FUNCTION_ARN

_ORIGINS = ("AWS::Lambda", "AWS::Lambda::Function")
#: The namespace of a call: to a service of AWS, or to anything else.
_LEAVES = ("aws", "remote")


def spans_of(value: Mapping[str, Any]) -> Iterator[Span] | None:
    """Return the spans of a segment's document, or None if it is none."""
    if not (isinstance(value.get("trace_id"), str) and isinstance(value.get("id"), str)):
        return None
    if not isinstance(value.get("start_time"), int | float):
        return None
    return _spans(value, trace_of(value["trace_id"]), value.get("parent_id") or "", "")


def _spans(value: Mapping[str, Any], trace_id: str, parent: Any, function: str) -> Iterator[Span]:
    start, end = value.get("start_time"), value.get("end_time")
    own_id = value.get("id")
    if not isinstance(start, int | float) or not isinstance(own_id, str):
        return
    role = _role(value)
    function = _function(value) or function
    if isinstance(end, int | float) and end >= start:  # one that is in progress has no end yet
        yield Span(
            trace_id=trace_id,
            span_id=own_id,
            parent_id=parent if isinstance(parent, str) else "",
            start_ns=round(start * 10**9),
            end_ns=round(end * 10**9),
            role=role,
            request_id=_request_id(value) if role == "invocation" else "",
            function=function,
        )
    for inner in value.get("subsegments") or ():
        if isinstance(inner, Mapping):
            yield from _spans(inner, trace_id, own_id, function)


def _role(value: Mapping[str, Any]) -> Role:
    if value.get("origin") in _ORIGINS:
        return "invocation"
    return "call" if value.get("namespace") in _LEAVES else "own"


def _aws(value: Mapping[str, Any]) -> Mapping[str, Any]:
    said = value.get("aws")
    return said if isinstance(said, Mapping) else {}


def _request_id(value: Mapping[str, Any]) -> str:
    said = _aws(value).get("request_id")
    return said if isinstance(said, str) else ""


def _function(value: Mapping[str, Any]) -> str:
    if value.get("origin") not in _ORIGINS:
        return ""
    arn = _aws(value).get("function_arn") or value.get("resource_arn") or ""
    found = FUNCTION_ARN.fullmatch(str(arn))
    return found.group(3) if found else str(value.get("name") or "")
