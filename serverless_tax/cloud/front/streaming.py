"""Streamed answers, by InvokeWithResponseStream and by function URL.

ministack finds the function and makes its event, the host runs it, and this file sends the answer.
"""

from __future__ import annotations

import asyncio
import json
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

from serverless_tax.cloud.front.http_events import OF_A_URL, head_of_stream
from serverless_tax.cloud.front.permissions import FORBIDDEN, is_open
from serverless_tax.cloud.function.streamed_answer import StreamedAnswer

#: The answer of this request's invocation, if its client asked for a stream.
LISTENER: ContextVar[StreamedAnswer | None] = ContextVar("LISTENER", default=None)

Reply = tuple[int, dict[str, Any], Any]

#: The content type of an answer with status and headers at its front, and the bytes after these.
HTTP_PRELUDE = "application/vnd.awslambda.http-integration-response"
_END_OF_PRELUDE = bytes(8)

_HEADERS = {"Content-Type": "application/vnd.amazon.eventstream"}
_REFUSED = b'{"Message":"Forbidden"}'  # ministack's
_STRING = 7  # the type of a header in an event stream
_running: set[asyncio.Task[Reply]] = set()


def response_stream(
    invoke: Callable[..., Awaitable[Reply]], streaming: Callable[[Any], Any]
) -> Callable[..., Awaitable[Reply]]:
    """Return the function that answers InvokeWithResponseStream.

    Args:
        invoke: ministack's Invoke, which finds the function and calls the host.
        streaming: makes a body for ministack of a coroutine that sends it.
    """

    async def answer(
        name: str,
        event: Any,
        headers: dict[str, str],
        path_qualifier: str | None = None,
        query_params: dict[str, Any] | None = None,
    ) -> Reply:
        with_log = {**headers, "x-amz-log-type": "Tail"}
        stream, task = await _started(invoke(name, event, with_log, path_qualifier, query_params))
        if not stream.opened.done():
            return _whole(task.result(), with_tail=_wants_tail(headers))

        async def send_it(send: Callable[..., Awaitable[None]], _receive: Any) -> None:
            async for piece in stream.pieces():
                await send(_body(_chunk_frame(piece), more=True))
            status, told, body = await task
            failed = status != HTTPStatus.OK or _is_failed(told)
            last = _complete_frame(
                bytes(body) if failed else None, _tail(told) if _wants_tail(headers) else None
            )
            await send(_body(last, more=False))

        return (
            200,
            {**_HEADERS, "X-Amzn-Remapped-Content-Type": stream.content_type},
            streaming(send_it),
        )

    return answer


def function_url(
    original: Callable[..., Awaitable[Reply]], streaming: Callable[[Any], Any]
) -> Callable[..., Awaitable[Reply]]:
    """Return the function that answers function URLs: whole by ministack, streamed by this file.

    Args:
        original: ministack's own, which makes the event and calls the host.
        streaming: makes a body for ministack of a coroutine that sends it.
    """

    async def answer(*request: Any, resolved: Any = None, source_ip: str | None = None) -> Reply:
        if resolved is not None:
            resolved = _closed_to_most(*resolved)
        call = original(*request, resolved=resolved, source_ip=source_ip)
        if resolved is None or resolved[-1].get("InvokeMode") != "RESPONSE_STREAM":
            return _explained(await call)
        stream, task = await _started(call)
        if not stream.opened.done():
            return _explained(task.result())
        pieces = stream.pieces()
        status, told, first = 200, {"Content-Type": stream.content_type}, b""
        if stream.content_type == HTTP_PRELUDE:
            head = await _prelude(pieces)
            if head is None:
                return OF_A_URL[0], {"Content-Type": "application/json"}, OF_A_URL[1].encode()
            status, told, first = head

        async def send_it(send: Callable[..., Awaitable[None]], _receive: Any) -> None:
            await send(_body(first, more=True))
            async for piece in pieces:
                await send(_body(piece, more=True))
            if not stream.failed:  # a missing end tells the client of the failure
                await send(_body(b"", more=False))

        return status, told, streaming(send_it)

    return answer


def _closed_to_most(account: str, region: str, name: str, qualifier: Any, config: Any) -> Any:
    """An address that its function's policy does not open is as one for signed requests."""
    with_auth = config
    if config.get("AuthType") == "NONE" and not is_open(name, qualifier):
        with_auth = {**config, "AuthType": "AWS_IAM"}
    return account, region, name, qualifier, with_auth


def _explained(answer: Reply) -> Reply:
    """The same answer, a refusal in AWS's words."""
    status, told, body = answer
    is_refused = status == HTTPStatus.FORBIDDEN and body == _REFUSED
    return (status, told, json.dumps({"Message": FORBIDDEN}).encode()) if is_refused else answer


async def _started(call: Awaitable[Reply]) -> tuple[StreamedAnswer, asyncio.Task[Reply]]:
    """Start a streaming invocation, and wait for its first piece or its end.

    It runs to its end and is billed to its end, even if its client hangs up.
    """
    stream = StreamedAnswer()
    LISTENER.set(stream)
    task: asyncio.Task[Reply] = asyncio.ensure_future(call)
    _running.add(task)
    task.add_done_callback(_running.discard)
    task.add_done_callback(lambda _: stream.end())
    either: set[asyncio.Future[Any]] = {task, stream.opened}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    return stream, task


async def _prelude(pieces: AsyncIterator[bytes]) -> tuple[int, dict[str, Any], bytes] | None:
    """Read status, headers and cookies off the front of an answer; return them with the rest."""
    front = b""
    async for piece in pieces:
        front += piece
        if _END_OF_PRELUDE in front:
            break
    said, _, rest = front.partition(_END_OF_PRELUDE)
    head = head_of_stream(said or b"{}")
    if head is None:
        return None
    status, headers = head
    cookies = json.loads(said or b"{}").get("cookies")
    return status, {**headers, **({"Set-Cookie": cookies} if cookies else {})}, rest


def _whole(answer: Reply, *, with_tail: bool) -> Reply:
    """Frame an answer that came whole; pass an error of the API on unchanged."""
    status, told, body = answer
    if status != HTTPStatus.OK:
        return answer
    log = _tail(told) if with_tail else None
    if _is_failed(told):
        return 200, dict(_HEADERS), _complete_frame(bytes(body), log)
    return 200, dict(_HEADERS), _chunk_frame(bytes(body)) + _complete_frame(None, log)


def _body(data: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


def _header(told: dict[str, str], name: str) -> str | None:
    return next((value for key, value in told.items() if key.lower() == name), None)


def _is_failed(told: dict[str, str]) -> bool:
    return _header(told, "x-amz-function-error") is not None


def _tail(told: dict[str, str]) -> str | None:
    return _header(told, "x-amz-log-result")


def _wants_tail(headers: dict[str, str]) -> bool:
    return (_header(headers, "x-amz-log-type") or "").lower() == "tail"


def _frame(event: str, payload: bytes, content_type: str) -> bytes:
    """Return one message of ``application/vnd.amazon.eventstream``.

    Source: https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html
    """
    headers = b"".join(
        bytes([len(name)])
        + name.encode()
        + struct.pack("!BH", _STRING, len(value))
        + value.encode()
        for name, value in (
            (":message-type", "event"),
            (":event-type", event),
            (":content-type", content_type),
        )
    )
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack("!I", zlib.crc32(message))


def _chunk_frame(payload: bytes) -> bytes:
    """Return the message of a piece of the answer."""
    return _frame("PayloadChunk", payload, "application/octet-stream")


def _complete_frame(error: bytes | None, log_result: str | None) -> bytes:
    """Return the last message, with the error and the log's tail if there are any."""
    complete: dict[str, Any] = {}
    if error is not None:
        complete["ErrorCode"] = "Unhandled"
        complete["ErrorDetails"] = error.decode("utf-8", errors="replace")
    if log_result is not None:
        complete["LogResult"] = log_result
    return _frame("InvokeComplete", json.dumps(complete).encode(), "application/json")
