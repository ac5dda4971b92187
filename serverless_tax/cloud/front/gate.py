"""The gate in front of the local cloud: it lets only clients of this start through.

The cloud runs code as the user who started it. Every page in that user's browser can reach it, and
so can every other user of the machine. Each request must therefore name this server, must not
come from a web page, and must be signed with keys made at this start. A refused request gets AWS's
answer, and its body is not read.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from dataclasses import replace
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

from serverless_tax.cloud.exchange import MAX_BODY_BYTES, is_local_and_direct
from serverless_tax.cloud.front.action_checks import action_error
from serverless_tax.cloud.front.aws_errors import (
    FORBIDDEN,
    FOREIGN,
    MAY,
    MISSING,
    QUERY_SERVICES,
    TOO_LARGE,
    AwsError,
    not_here,
    refuse,
    too_large,
    wrong_owner,
)
from serverless_tax.cloud.front.caller import note_caller
from serverless_tax.cloud.front.forms import MOST_FIELDS_BYTES, form_error, is_form
from serverless_tax.cloud.front.lacks import lack_error, told_first
from serverless_tax.cloud.front.lambda_checks import is_invoke, lambda_error
from serverless_tax.cloud.front.logs_checks import logs_error
from serverless_tax.cloud.front.operations import ApiRequest, model_of
from serverless_tax.cloud.front.s3_checks import s3_error
from serverless_tax.cloud.front.signature import (
    SCHEMES,
    Secrets,
    Signature,
    check_signature,
    check_signer,
    find_signature,
    without_link,
)
from serverless_tax.cloud.front.sockets import begin_handshake
from serverless_tax.cloud.front.tags import tag_error
from serverless_tax.cloud.front.unknown import honest

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DATA_PLANE = ("/_aws/lambda-url/", "/_aws/execute-api/")
#: Sending to a connection is a call of AWS's API: it is signed, with the token in its path or not.
_CONNECTIONS = "/@connections/"
HERE = frozenset(
    [
        *("apigateway", "athena", "cloudformation", "cognito-idp", "dynamodb"),
        *("dynamodbstreams", "ecr", "events", "execute-api", "glue", "iam", "kinesis", "kms"),
        *("lambda", "logs", "monitoring", "pipes", "s3", "scheduler", "secretsmanager", "sns"),
        *("sqs", "ssm", "states", "sts", "tagging"),
    ]
)
"""What a function is called by, calls itself, or is deployed with: ministack has eighty services
more, and answers as if it ran a machine, a database or a stream."""


class Gate:
    """ASGI middleware: it passes the requests of this start's clients on and refuses all others.

    Calls of the API must be signed. On AWS, function URLs, HTTP APIs and sockets may be open to
    all; here the first part of their path must be the token of this start.
    """

    def __init__(self, app: App, secrets: Secrets, ports: Collection[int], path_token: str) -> None:
        self._app = app
        self._secrets = secrets
        self._ports = ports
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
        if inner is None or not is_local_and_direct(_headers(scope), self._ports):
            await receive()  # the request to connect; the close below answers it with 403
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(inner, receive, begin_handshake(inner, send))

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        inner = self._without_token(scope)
        found = find_signature(headers, scope["query_string"].decode("latin-1"))
        opened = inner is not None or (found is not None and found.is_link)
        if not is_local_and_direct(headers, self._ports, opened=opened):
            await refuse(send, FOREIGN)
            return
        if inner is None and is_form(scope, headers):
            await self._form(scope, headers, receive, send)
            return
        path = str((inner or scope)["path"])
        is_call = path.startswith(DATA_PLANE[1]) and _CONNECTIONS in path
        # A Bearer or Basic value is the handler's, or an authorizer's; AWS looks at its own alone.
        is_signed = headers.get("authorization", "").startswith(SCHEMES) or (
            b"x-amz-signature=" in scope["query_string"].lower()  # ministack takes it for checked
        )
        open_to_all = inner is not None and not is_call and not is_signed
        error = None if open_to_all else check_signer(found, self._secrets)
        if error is MISSING:
            error = replace(error, service="" if is_call else _asked_service(scope, headers))
            error = _unsigned(error, headers) or error
        if error is None and inner is None and not is_call and path.startswith(DATA_PLANE):
            error = FORBIDDEN
        body = b"" if error else await _whole_body(receive)
        if body is None:
            error = TOO_LARGE
        elif error is None:
            error = self._examine(scope, headers, body, None if open_to_all else found)
        if error is not None or body is None:
            await refuse(send, error or TOO_LARGE)
            return
        request_id = note_caller(headers, body, invokes=is_invoke(scope["path"]))
        service = found.service if found else ""
        told = _with_request_id(honest(send, service, scope["path"]), request_id)
        passed = inner or scope
        if found is not None and (inner is None or is_call):
            passed = _with_signed_only(passed, found)
        await self._app(passed, _replay(body, receive), told)
        if self.after is not None:
            await self.after(scope["method"], scope["path"])

    async def _form(
        self, scope: Scope, headers: Mapping[str, str], receive: Receive, send: Send
    ) -> None:
        """Pass a signed form on: its first part is checked before the rest of it is read."""
        head, more = bytearray(), True
        while more and len(head) <= MOST_FIELDS_BYTES:
            message = await receive()
            head += message.get("body", b"")
            more = message.get("more_body", False)
        error = form_error(headers["content-type"], bytes(head), self._secrets)
        body = b"" if error else await _whole_body(_replay(bytes(head), receive, more=more))
        if error is None and body is not None:  # what follows the file counts too
            error = form_error(headers["content-type"], body, self._secrets)
        if error is not None or body is None:
            await refuse(send, error or TOO_LARGE)
            return
        unsigned = Signature(access_key="", service="s3", given="", moment="")
        await self._app(_with_signed_only(scope, unsigned), _replay(body, receive), send)

    def _examine(
        self, scope: Scope, headers: Mapping[str, str], body: bytes, found: Signature | None
    ) -> AwsError | None:
        error = None
        if found is not None:
            error = check_signature(found, self._secrets, scope, headers, body)
        error = error or self._elsewhere(scope, headers, found)
        error = error or wrong_owner(headers) or too_large(scope["path"], headers, len(body))
        query = scope["query_string"].decode("latin-1")
        error = error or lambda_error(scope["method"], scope["path"], query, headers, body)
        error = error or logs_error(headers, body)
        if error or is_invoke(scope["path"]) or "/_aws/" in scope["path"]:
            return error
        service = "" if found is None else found.service
        lack = lack_error(scope, service, headers, body)
        tag = tag_error(scope["method"], service, query, headers, body)
        if service == "s3":
            return lack or tag or s3_error(scope["method"], scope["path"], query, headers, body)
        request = ApiRequest(service, scope["method"], scope["path"], query, headers)
        error = tag or action_error(request, body)
        return told_first(error, lack)

    @staticmethod
    def _elsewhere(
        scope: Scope, headers: Mapping[str, str], found: Signature | None
    ) -> AwsError | None:
        """Refuse services that are not here: ministack takes them for S3, or makes answers up.

        Some sign by another name than the one that ministack has for them.
        """
        service = "" if found is None else found.service
        if service.startswith("bedrock"):
            return not_here(
                service, "Its models are not here; `cloud provider` speaks two others'. "
            )
        if not service or service in HERE:
            return None
        asked = _detected(scope, headers)
        return None if asked in HERE and asked != "s3" else not_here(service)

    def _without_token(self, scope: Scope) -> Scope | None:
        """The same request without the token in its path; None if the token is missing."""
        front, path = self._front, str(scope["path"])
        given = path[: len(front)].encode()
        rest = path[len(front) :]
        if not hmac.compare_digest(given, front.encode()) or not rest.startswith(DATA_PLANE):
            return None
        raw = bytes(scope["raw_path"])[len(front) :]
        return {**scope, "path": rest, "raw_path": raw}


def _headers(scope: Scope) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def _detected(scope: Scope, headers: Mapping[str, str]) -> str:
    """The service that ministack takes a request for."""
    asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    detect = import_module("ministack.core.router").detect_service
    return str(detect(scope["method"], scope["path"], dict(headers), asked))


def _asked_service(scope: Scope, headers: Mapping[str, str]) -> str:
    """The service that an unsigned request is for, which decides in what form it is refused."""
    found = _detected(scope, headers)
    is_query = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return found if found in QUERY_SERVICES or not is_query else "sts"  # it takes unsigned calls


def _unsigned(error: AwsError, headers: Mapping[str, str]) -> AwsError | None:
    """Say of a call that AWS takes without a signature that this cloud does not; None of others."""
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    model = model_of(error.service) if action and error.service in HERE else None
    if model is None or action not in model.operation_names:
        return None
    if model.operation_model(action).auth_type != "none":
        return None
    text = (
        f"This local cloud takes no call without a signature ({action}). {MAY} The operations for "
        "administrators, such as AdminInitiateAuth, are signed."
    )
    return replace(error, message=text)


async def _whole_body(receive: Receive) -> bytes | None:
    """Return the body; None if it is larger than this server takes."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _with_signed_only(scope: Scope, found: Signature) -> Scope:
    """The same request without the x-amz- headers that somebody has added to a signed one.

    A link to an object leaves its signature here.
    """
    kept = [
        (name, value)
        for name, value in scope["headers"]
        if not name.lower().startswith(b"x-amz-") or name.decode("latin-1").lower() in found.signed
    ]
    if found.is_link and found.service == "s3":  # ministack would check it with a key of its own
        query = without_link(scope["query_string"].decode("latin-1")).encode("latin-1")
        return {**scope, "headers": kept, "query_string": query}
    return {**scope, "headers": kept}


def _with_request_id(send: Send, request_id: str) -> Send:
    """Give an answer the id that the invocation's log lines have; with an empty one none."""
    if not request_id:
        return send

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message["headers"] if pair[0].lower() != b"x-amzn-requestid"]
            given = (b"x-amzn-requestid", request_id.encode())
            message = {**message, "headers": [*kept, given]}
        await send(message)

    return told


def _replay(body: bytes, receive: Receive, *, more: bool = False) -> Receive:
    """Return the body once more, then the messages that follow it."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": more}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
