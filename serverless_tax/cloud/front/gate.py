"""The gate in front of the local cloud: it lets only clients of this start through.

The cloud runs code as the user who started it. Every page in that user's browser can reach it, and
so can every other user of the machine. Each request must therefore name this server, must not
come from a web page, and must be signed (Signature Version 4) with the keys made at this start.
A refused request gets AWS's answer.

Signing: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from serverless_tax.cloud.front.aws_errors import (
    FORBIDDEN,
    FOREIGN,
    MISSING,
    AwsError,
    mismatch,
    refuse,
    too_large,
)
from serverless_tax.cloud.front.caller import note_caller
from serverless_tax.cloud.front.lambda_checks import is_invoke, lambda_error
from serverless_tax.cloud.http import MAX_BODY_BYTES, is_local_and_direct

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_CLOCK_SKEW = timedelta(minutes=15)
DATA_PLANE = ("/_aws/lambda-url/", "/_aws/execute-api/")

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request,\s*"
    r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})"
)
_MUST_BE_SIGNED = frozenset({"host", "x-amz-date"})


class Gate:
    """ASGI middleware: it passes the requests of this start's clients on and refuses all others.

    Calls of the API must be signed. On AWS, function URLs, HTTP APIs and sockets may be open to
    all; here the first part of their path must be the token of this start.
    """

    def __init__(
        self, app: App, access_key: str, secret_key: str, port: int, path_token: str
    ) -> None:
        self._app = app
        self._access_key = access_key
        self._secret_key = secret_key
        self._port = port
        self._front = f"/~{path_token}"
        self.after: Callable[[str, str], Awaitable[None]] | None = None
        """Called with method and path once an accepted request has been answered."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        inner = self._without_token(scope)
        if inner is None or not is_local_and_direct(_headers(scope), self._port):
            await receive()  # the request to connect; the close below answers it with 403
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(inner, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        if not is_local_and_direct(headers, self._port):
            await refuse(send, FOREIGN)
            return
        body = await _whole_body(receive)
        inner = self._without_token(scope)
        open_to_all = inner is not None and "authorization" not in headers
        error = None if open_to_all else self._examine(scope, headers, body)
        if error is None and inner is None and _is_data_plane(scope["path"]):
            error = FORBIDDEN
        error = error or too_large(scope["path"], headers, len(body))
        error = error or lambda_error(scope["method"], scope["path"], headers, body)
        if error is not None:
            await refuse(send, error)
            return
        note_caller(headers, invokes=is_invoke(scope["path"]))
        await self._app(inner or scope, _replay(body, receive), send)
        if self.after is not None:
            await self.after(scope["method"], scope["path"])

    def _without_token(self, scope: Scope) -> Scope | None:
        """The same request without the token in its path; None if the token is missing."""
        front, path = self._front, str(scope["path"])
        given = path[: len(front)].encode()
        if not hmac.compare_digest(given, front.encode()) or not _is_data_plane(path[len(front) :]):
            return None
        raw = bytes(scope["raw_path"])[len(front) :]
        return {**scope, "path": path[len(front) :], "raw_path": raw}

    def _examine(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> AwsError | None:
        match = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if match is None:
            return MISSING
        access_key, day, region, service, signed, signature = match.groups()
        if not hmac.compare_digest(access_key.encode(), self._access_key.encode()):
            message = "The security token included in the request is invalid."
            return AwsError("UnrecognizedClientException", "InvalidClientTokenId", message, service)
        signed_headers = {name: headers[name] for name in signed.split(";") if name in headers}
        whole = signed_headers.keys() >= _MUST_BE_SIGNED and _body_is_signed(headers, body)
        fresh = _is_fresh(headers.get("x-amz-date", ""), day)
        if not (whole and fresh):
            return mismatch(service)
        credentials = Credentials(self._access_key, self._secret_key)
        signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(credentials, service, region)
        expected = _signature(signer, scope, signed_headers, body)
        return None if hmac.compare_digest(expected, signature) else mismatch(service)


def _headers(scope: Scope) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def _is_data_plane(path: str) -> bool:
    """Whether a path belongs to a function URL or a deployed API.

    Sending to a connection (@connections) is a call of AWS's API: it is signed.
    """
    return path.startswith(DATA_PLANE) and "/@connections" not in path


def _signature(
    signer: Any,
    scope: Scope,
    signed_headers: Mapping[str, str],
    body: bytes,
) -> str:
    query = scope["query_string"].decode("latin-1")
    path = scope["raw_path"].decode("latin-1").partition("?")[0]
    url = f"http://{signed_headers['host']}{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method=scope["method"], url=url, headers=dict(signed_headers), data=body)
    request.context["timestamp"] = signed_headers["x-amz-date"]
    canonical = signer.canonical_request(request)
    return str(signer.signature(signer.string_to_sign(request, canonical), request))


def _body_is_signed(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the signed hash is this body's; a request may leave the hash out."""
    named = headers.get("x-amz-content-sha256")
    return named is None or named == hashlib.sha256(body).hexdigest()


def _is_fresh(stamp: str, day: str) -> bool:
    try:
        sent = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return stamp.startswith(day) and abs(datetime.now(UTC) - sent) <= MAX_CLOCK_SKEW


async def _whole_body(receive: Receive) -> bytes:
    body = bytearray()
    more = True
    while more and len(body) <= MAX_BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return the body once more, then the messages that follow it."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
