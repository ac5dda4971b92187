"""Spans of OpenTelemetry: OTLP as JSON, and the other ways in which the same spans are written.

The collector's file exporter writes an export request a line; an SDK prints its spans one by one;
CloudWatch keeps them in the log group ``aws/spans``, flat. Ids are hex, or base64 as protobuf has
them in JSON; whole numbers are numbers or text; keys are in camel case or with underscores.

Format: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding. Names of attributes, those
of today and those before: https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/ and
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from serverless_tax.audit.read.span import Role, Span, Tokens, trace_of
from serverless_tax.audit.read.where import FUNCTION_ARN, any_value, pairs

_HEX = re.compile("(?:0x)?([0-9a-fA-F]{16}|[0-9a-fA-F]{32})")
_CAMEL = re.compile("_([a-z])")
_KINDS: dict[str, str] = {
    "1": "internal",
    "2": "server",
    "3": "client",
    "4": "producer",
    "5": "consumer",
}
#: Names of the invocation's id. A call has ``aws.request_id`` too, which is that of the callee.
_INVOCATION = ("faas.invocation_id", "faas.execution")
_FUNCTION = ("faas.name", "aws.lambda.function_name")
_ARN = ("cloud.resource_id", "aws.lambda.invoked_arn", "faas.id")
_INPUT = (
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.usage.prompt_tokens",
    "llm.token_count.prompt",
)
_OUTPUT = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.usage.completion_tokens",
    "llm.token_count.completion",
)
#: Until the first token, in seconds.
_FIRST_S = (
    "gen_ai.server.time_to_first_token",
    "gen_ai.client.operation.time_to_first_chunk",
    "gen_ai.response.time_to_first_token",
    "gen_ai.response.time_to_first_chunk",
)
#: Names of an event of a span at which an answer began to arrive.
_FIRST_EVENTS = re.compile(
    "first.?(?:token|chunk)|gen_ai[.]content[.]completion[.]chunk", re.IGNORECASE
)
#: What models are asked for; a span inside of the process says it too, and still leaves it.
_ASKED = {"chat", "text_completion", "generate_content", "embeddings"} | {
    *("completion", "embedding", "llm")  # as OpenLLMetry and OpenInference have it
}
_ASKS = ("gen_ai.operation.name", "llm.request.type", "openinference.span.kind")


def spans_of(value: Mapping[str, Any]) -> Iterator[Span] | None:
    """Return the spans of an object, or None if it is neither a request nor a span."""
    batches = value.get("resourceSpans", value.get("resource_spans"))
    if isinstance(batches, list):
        return _of_batches(batches)
    context = value.get("context")
    flat = {**value, **context} if isinstance(context, Mapping) else value
    if _get(flat, "spanId") and _get(flat, "traceId") and _time(flat, "start") is not None:
        one = _span(flat, _attributes(_get(flat, "resource")))
        return iter([one] if one else [])
    return None


def _of_batches(batches: list[Any]) -> Iterator[Span]:
    for batch in batches:
        if not isinstance(batch, Mapping):
            continue
        resource = _attributes(batch.get("resource"))
        names = ("scopeSpans", "scope_spans", "instrumentationLibrarySpans")
        scopes: list[Any] = next(
            (batch[name] for name in names if isinstance(batch.get(name), list)), []
        )
        for scope in scopes:
            for one in scope.get("spans", []) if isinstance(scope, Mapping) else []:
                made = _span(one, resource) if isinstance(one, Mapping) else None
                if made:
                    yield made


def _span(value: Mapping[str, Any], resource: Mapping[str, Any]) -> Span | None:
    said = _attributes(value)
    start_ns, end_ns = _time(value, "start"), _time(value, "end")
    trace_id, span_id = _id(_get(value, "traceId")), _id(_get(value, "spanId"))
    if start_ns is None or end_ns is None or end_ns < start_ns or not (trace_id and span_id):
        return None
    kind = str(value.get("kind", "")).rpartition(".")[2].lower().removeprefix("span_kind_")
    role = _role(_KINDS.get(kind, kind), said)
    parent = _get(value, "parentSpanId") or value.get("parent_id") or ""
    return Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_id=_id(parent),
        start_ns=start_ns,
        end_ns=end_ns,
        role=role,
        request_id=_request_id(said) if role == "invocation" else "",
        function=_function({**resource, **said} if role == "invocation" else resource),
        tokens=_tokens(value, said, start_ns) if role == "call" else None,
    )


def _role(kind: str, said: Mapping[str, Any]) -> Role:
    if kind in ("client", "producer"):
        return "call"
    if kind in ("server", "consumer") or any(name in said for name in _INVOCATION):
        return "invocation"
    return "call" if str(_first(said, _ASKS)).lower() in _ASKED else "own"


def _request_id(said: Mapping[str, Any]) -> str:
    value = _first(said, (*_INVOCATION, "aws.request_id", "aws.lambda.request_id"))
    return value if isinstance(value, str) else ""


def _function(said: Mapping[str, Any]) -> str:
    name = _first(said, _FUNCTION)
    if isinstance(name, str) and name:
        return name
    found = FUNCTION_ARN.fullmatch(str(_first(said, _ARN) or ""))
    return found.group(3) if found else ""


def _tokens(value: Mapping[str, Any], said: Mapping[str, Any], start_ns: int) -> Tokens | None:
    counts = [_first(said, names) for names in (_INPUT, _OUTPUT)]
    whole = [int(n) if str(n).isdigit() else None for n in counts]
    first_ns = _first_ns(value, said, start_ns)
    if whole == [None, None] and first_ns is None:
        return None
    return Tokens(whole[0] or 0, whole[1] or 0, first_ns)


def _first_ns(value: Mapping[str, Any], said: Mapping[str, Any], start_ns: int) -> int | None:
    seconds = _first(said, _FIRST_S)
    if isinstance(seconds, int | float) and 0 < seconds < 86_400:  # noqa: PLR2004 - a day
        return round(seconds * 10**9)
    for event in value.get("events") or ():
        if isinstance(event, Mapping) and _FIRST_EVENTS.search(str(event.get("name", ""))):
            at_ns = _nanoseconds(_get(event, "timeUnixNano") or event.get("timestamp"))
            if at_ns is not None and at_ns > start_ns:
                return at_ns - start_ns
    return None


def _attributes(value: Any) -> Mapping[str, Any]:
    """Return the attributes of an object: a list of keys and values, or an object."""
    said = value.get("attributes") if isinstance(value, Mapping) else None
    if isinstance(said, list):
        return pairs([{**one, "value": _camel(one.get("value"))} for one in said if "key" in one])
    return {key: any_value(one) for key, one in said.items()} if isinstance(said, Mapping) else {}


def _camel(value: Any) -> Any:
    """Return a value whose type's name has underscores as it is in camel case."""
    if not isinstance(value, Mapping):
        return value
    return {_CAMEL.sub(lambda m: m[1].upper(), key): one for key, one in value.items()}


def _get(value: Mapping[str, Any], name: str) -> Any:
    return value.get(name, value.get(re.sub("([A-Z])", lambda m: f"_{m[1].lower()}", name)))


def _first(said: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((said[name] for name in names if name in said), None)


def _time(value: Mapping[str, Any], end: str) -> int | None:
    said = _get(value, f"{end}TimeUnixNano")
    return _nanoseconds(value.get(f"{end}_time") if said is None else said)


def _nanoseconds(value: Any) -> int | None:
    if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
        return int(value)
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return int(at.timestamp()) * 10**9 + at.microsecond * 1000 if at.tzinfo else None


def _id(value: Any) -> str:
    """Return an id in hex, from hex or from base64.

    >>> _id("W47/95gDgQPSabYzgT/GDA=="), _id("0x5B8EFFF798038103")
    ('5b8efff798038103d269b633813fc60c', '5b8efff798038103')
    """
    if not isinstance(value, str) or not value:
        return ""
    if found := _HEX.fullmatch(value):
        return found.group(1).lower()
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return trace_of(value)
    return data.hex() if len(data) in (8, 16) else trace_of(value)
