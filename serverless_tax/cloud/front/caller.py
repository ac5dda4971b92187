"""A request's id, client context and trace id, on their way to the function."""

from __future__ import annotations

import base64
import json
import secrets
import time
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass


def new_trace_id() -> str:
    """Return a trace of one request, not sampled, in the form that X-Ray documents.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
    """
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled=0"


def new_request_id() -> str:
    """Return the id of a request: the answer's, and that of its invocation's log lines."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls a function.

    Attributes:
        client_context: the client's JSON; only a synchronous call passes it on.
        trace_id: as in the header X-Amzn-Trace-Id.
        request_id: of a call of Invoke; empty where the invocation gets one of its own.
        payload: of a call of Invoke, as it came; empty for any other.
    """

    client_context: str
    trace_id: str
    request_id: str
    payload: bytes = b""

    def written(self, event: object) -> bytes:
        """An event as JSON: as its sender wrote it, if it is the one that he sent."""
        if self.payload and json.loads(self.payload) == event:
            return self.payload
        return json.dumps(event).encode()


#: The caller of the current request; None where ministack itself invokes a function.
CALLER: ContextVar[Caller | None] = ContextVar("CALLER", default=None)


def note_caller(headers: Mapping[str, str], body: bytes, *, invokes: bool) -> str:
    """Remember the sender of a request, for the function that it invokes; return its id.

    Args:
        headers: names in lower case.
        body: the whole of it.
        invokes: whether it is a call of Invoke, so that its client context has been checked.
    """
    waits = headers.get("x-amz-invocation-type", "RequestResponse") == "RequestResponse"
    given = headers.get("x-amz-client-context", "") if invokes and waits else ""
    trace_id = headers.get("x-amzn-trace-id") or new_trace_id()
    request_id = new_request_id() if invokes else ""
    context, payload = base64.b64decode(given).decode(), body if invokes else b""
    CALLER.set(Caller(context, trace_id, request_id, payload))
    return request_id
