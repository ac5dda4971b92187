"""The gate in front of the local cloud: only its own run's client gets through.

A cloud on loopback runs code as the person who started it, and it can be reached by every page open
in their browser and by every user of the host. So each request must name this server, must not
come from a web page, and must be signed (Signature Version 4) with the keys made at this start.
What is refused gets the answer AWS gives.

Signing: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from serverless_tax.cloud.http import MAX_BODY_BYTES, is_local_and_direct

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_CLOCK_SKEW = timedelta(minutes=15)
QUERY_SERVICES = frozenset(
    [
        "autoscaling",
        "cloudformation",
        "ec2",
        "elasticloadbalancing",
        "iam",
        "rds",
        "ses",
        "sns",
        "sts",
    ]
)
"""Services that answer in XML and name a wrong key InvalidClientTokenId."""

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request,\s*"
    r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})"
)
_MUST_BE_SIGNED = frozenset({"host", "x-amz-date"})


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a request is turned away, in AWS's two dialects."""

    json_code: str
    query_code: str
    message: str
    service: str = ""


MISSING = _Refusal(
    "MissingAuthenticationTokenException", "MissingAuthenticationToken",
    "Request is missing Authentication Token",
)  # fmt: skip
FOREIGN = _Refusal(
    "AccessDeniedException", "AccessDenied",
    "This cloud answers only clients on this machine that name it as 127.0.0.1 or localhost; "
    "web pages are refused.",
)  # fmt: skip


class Gate:
    """ASGI middleware that lets signed requests of this run through and refuses all others."""

    def __init__(self, app: App, access_key: str, secret_key: str, port: int) -> None:
        self._app = app
        self._access_key = access_key
        self._secret_key = secret_key
        self._port = port
        self.after: Callable[[str, str], Awaitable[None]] | None = None
        """Called with method and path once an accepted request has been answered."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        if not is_local_and_direct(headers, self._port):
            await _refuse(send, FOREIGN)
            return
        body = await _whole_body(receive)
        refusal = self._examine(scope, headers, body)
        if refusal is not None:
            await _refuse(send, refusal)
            return
        await self._app(scope, _replay(body, receive), send)
        if self.after is not None:
            await self.after(scope["method"], scope["path"])

    def _examine(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> _Refusal | None:
        match = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if match is None:
            return MISSING
        access_key, day, region, service, signed, signature = match.groups()
        if not hmac.compare_digest(access_key.encode(), self._access_key.encode()):
            message = "The security token included in the request is invalid."
            return _Refusal("UnrecognizedClientException", "InvalidClientTokenId", message, service)
        signed_headers = {name: headers[name] for name in signed.split(";") if name in headers}
        whole = signed_headers.keys() >= _MUST_BE_SIGNED and _body_is_signed(headers, body)
        fresh = _is_fresh(headers.get("x-amz-date", ""), day)
        if not (whole and fresh):
            return _mismatch(service)
        credentials = Credentials(self._access_key, self._secret_key)
        signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(credentials, service, region)
        expected = _signature(signer, scope, signed_headers, body)
        return None if hmac.compare_digest(expected, signature) else _mismatch(service)


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
    """Whether the hash the signature covers, where it is named, is this body's."""
    named = headers.get("x-amz-content-sha256")
    return named is None or named == hashlib.sha256(body).hexdigest()


def _is_fresh(stamp: str, day: str) -> bool:
    try:
        sent = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return stamp.startswith(day) and abs(datetime.now(UTC) - sent) <= MAX_CLOCK_SKEW


def _mismatch(service: str) -> _Refusal:
    message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method."
    )
    return _Refusal("InvalidSignatureException", "SignatureDoesNotMatch", message, service)


async def _whole_body(receive: Receive) -> bytes:
    body = bytearray()
    more = True
    while more and len(body) <= MAX_BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receive that gives the body that was read already, then whatever comes after it."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay


async def _refuse(send: Send, refusal: _Refusal) -> None:
    if refusal.service in QUERY_SERVICES:
        kind, body = "text/xml", (
            '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error>'
            f"<Type>Sender</Type><Code>{refusal.query_code}</Code>"
            f"<Message>{escape(refusal.message)}</Message></Error></ErrorResponse>"
        )  # fmt: skip
    else:
        kind = "application/json"
        body = json.dumps({"__type": refusal.json_code, "message": refusal.message})
    headers = [
        (b"content-type", kind.encode()),
        (b"x-amzn-errortype", refusal.json_code.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
