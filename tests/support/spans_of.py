"""Spans for the tests of the audit, in the shapes in which tools write them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

TRACE = "5759e988bd862e3fe1be46a994272793"
XRAY_TRACE = "1-5759e988-bd862e3fe1be46a994272793"
#: When the invocations of these tests began by the clock of the SDK, which is not that of the log.
START_NS = 1_793_527_207_000_000_000
_MS = 10**6
KINDS = {"own": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}


def value(one: Any) -> dict[str, Any]:
    """A value as protobuf has it in JSON: whole numbers are text."""
    if isinstance(one, bool):
        return {"boolValue": one}
    if isinstance(one, int):
        return {"intValue": str(one)}
    return {"doubleValue": one} if isinstance(one, float) else {"stringValue": one}


def span(
    number: int, kind: str, begin_ms: float, end_ms: float, parent: int | None = None, **more: Any
) -> dict[str, Any]:
    """A span of OTLP, at some milliseconds of the invocation.

    ``trace`` is another trace's id; what else is given are attributes, with ``__`` for a point.
    """
    trace = more.pop("trace", TRACE)
    start_ns = more.pop("start_ns", START_NS)
    attributes = {key.replace("__", "."): one for key, one in more.items()}
    made = {
        "traceId": trace,
        "spanId": f"{number:016x}",
        "name": kind,
        "kind": KINDS[kind],
        "startTimeUnixNano": str(start_ns + round(begin_ms * _MS)),
        "endTimeUnixNano": str(start_ns + round(end_ms * _MS)),
        "attributes": [{"key": key, "value": value(one)} for key, one in attributes.items()],
        "status": {},
    }
    if parent is not None:
        made["parentSpanId"] = f"{parent:016x}"
    return made


def request(spans: Sequence[dict[str, Any]], function: str = "rag") -> dict[str, Any]:
    """An export request, as the Lambda layer's SDK sends it for one function."""
    resource = {"faas.name": function, "cloud.provider": "aws", "service.name": function}
    said = [{"key": key, "value": value(one)} for key, one in resource.items()]
    scopes = [{"scope": {"name": "opentelemetry"}, "spans": list(spans)}]
    return {"resourceSpans": [{"resource": {"attributes": said}, "scopeSpans": scopes}]}


def with_underscores(one: Any) -> Any:
    """The same with the names of the protobuf, kinds by name, and ids in base64."""
    if isinstance(one, list):
        return [with_underscores(each) for each in one]
    if not isinstance(one, dict):
        return one
    made = {}
    for key, each in one.items():
        name = "".join(f"_{c.lower()}" if c.isupper() else c for c in key)
        if key in ("traceId", "spanId", "parentSpanId"):
            made[name] = base64.b64encode(bytes.fromhex(each)).decode()
        elif key == "kind":
            names = {number: kind.upper() for kind, number in KINDS.items()}
            made[name] = f"SPAN_KIND_{names[each].replace('OWN', 'INTERNAL')}"
        else:
            made[name] = with_underscores(each)
    return made


def flat(one: dict[str, Any], function: str = "rag") -> dict[str, Any]:
    """A span as CloudWatch keeps it in the log group aws/spans: by itself, attributes flat."""
    attributes = {a["key"]: next(iter(a["value"].values())) for a in one["attributes"]}
    kinds = {number: kind.upper() for kind, number in KINDS.items()}
    return {
        "resource": {"attributes": {"faas.name": function}},
        "traceId": one["traceId"],
        "spanId": one["spanId"],
        **({"parentSpanId": one["parentSpanId"]} if "parentSpanId" in one else {}),
        "kind": kinds[one["kind"]].replace("OWN", "INTERNAL"),
        "startTimeUnixNano": int(one["startTimeUnixNano"]),
        "endTimeUnixNano": int(one["endTimeUnixNano"]),
        "attributes": attributes,
    }


def segments(request_id: str, calls: Sequence[tuple[float, float]], length_ms: float) -> list[Any]:
    """The two segments that Lambda writes for an invocation of rag, its calls in the second."""
    begin = START_NS / 1e9

    def at(ms: float) -> float:
        return round(begin + ms / 1000, 6)

    service = {
        "id": "0f58ad3b1a2b3c4d",
        "trace_id": XRAY_TRACE,
        "name": "rag",
        "start_time": at(-20),
        "end_time": at(length_ms + 5),
        "http": {"response": {"status": 200}},
        "aws": {"request_id": request_id},
        "origin": "AWS::Lambda",
        "resource_arn": "arn:aws:lambda:us-east-1:111122223333:function:rag",
    }
    inner = [
        {
            "id": f"{k:016x}",
            "name": "DynamoDB" if k % 2 else "api.example.com",
            "start_time": at(start),
            "end_time": at(end),
            "namespace": "aws" if k % 2 else "remote",
            # The id of DynamoDB's answer, and not that of the invocation.
            "aws": {"operation": "GetItem", "request_id": f"CALLEE{k}"},
        }
        for k, (start, end) in enumerate(calls)
    ]
    invocation = {
        "id": "74e5ff0a1a2b3c4d",
        "name": "Invocation",
        "start_time": at(0),
        "end_time": at(length_ms),
        "aws": {"function_arn": "arn:aws:lambda:us-east-1:111122223333:function:rag"},
        "subsegments": inner,
    }
    function = {
        "id": "3d1a2b3c4d5e6f70",
        "trace_id": XRAY_TRACE,
        "parent_id": service["id"],
        "name": "rag",
        "start_time": at(0),
        "end_time": at(length_ms),
        "aws": {"function_arn": "arn:aws:lambda:us-east-1:111122223333:function:rag"},
        "origin": "AWS::Lambda::Function",
        "subsegments": [invocation],
    }
    return [service, function]


def batch_get_traces(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What ``aws xray batch-get-traces`` prints: each document is text."""
    held = [{"Id": one["id"], "Document": json.dumps(one)} for one in documents]
    return {
        "Traces": [{"Id": XRAY_TRACE, "Duration": 0.5, "Segments": held}],
        "UnprocessedTraceIds": [],
    }
