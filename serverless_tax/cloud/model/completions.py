"""The provider's answers: their text, their pace, and the JSON that OpenAI sends around each token.

The chunks are as long as the real ones, because the labs measure the CPU of parsing them:
https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import random
import secrets
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.http import HttpRequest, HttpResponse, is_local_and_direct
from serverless_tax.cloud.model.pace import Pace, error_of
from serverless_tax.cloud.model.responses import Background, ClientKeys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

WORDS = [
    *("a", "bill", "counts", "the", "hours", "in", "which", "nobody", "works", "and", "the"),
    *("model", "is", "still", "thinking", "about", "what", "to", "say", "next", "while"),
    *("memory", "stays", "reserved", "for", "one", "request", "that", "waits"),
]
# The `type` of an error, as the API names it.
_KINDS = {429: "rate_limit_error", 500: "server_error"}


class Service:
    """The provider's endpoints, as a handler for `Server`."""

    def __init__(self, pace: Pace, api_key: str, port: int, webhook_secret: str) -> None:
        self._pace = pace
        self._api_key = api_key
        self._port = port
        self._number = itertools.count(1)
        self._client_keys = ClientKeys()
        self._background = Background(webhook_secret)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        received = asyncio.get_running_loop().time()
        if not is_local_and_direct(request.headers, self._port):
            text = (
                "Refused: the request comes from a web page, or its Host header is not this "
                "server. The provider answers clients that call 127.0.0.1 at its port."
            )
            return _error(403, text, "forbidden")
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        is_the_key = secrets.compare_digest(given.encode(), self._api_key.encode())
        try:
            asked = json.loads(request.body) if request.method == "POST" else {}
            if is_the_key or self._client_keys.is_good(given):
                answer = await self._answer(request, asked, received, is_the_key=is_the_key)
            else:
                text = "Wrong key: use this provider's api_key. Do not send a real key here."
                answer = _error(401, text, "invalid_api_key")
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            return _error(400, f"The request's body is wrong: {error}", "invalid_request")
        return answer or _error(
            404, f"There is no endpoint {request.method} {request.path}.", "not_found"
        )

    async def _answer(
        self, request: HttpRequest, asked: Any, received: float, *, is_the_key: bool
    ) -> HttpResponse | None:
        """Answer a client with a valid key; a short-lived key allows only completions."""
        method, path = request.method, request.path
        if method == "POST" and path == "/v1/chat/completions":
            return await self._complete(asked, received)
        if method == "POST" and path == "/vectors/search" and is_the_key:
            return await self._search(asked, received)
        if method == "POST" and path == "/v1/realtime/client_secrets" and is_the_key:
            return _json(200, self._client_keys.make(asked))
        if method == "POST" and path == "/v1/responses" and is_the_key:
            return self._submit(asked, received)
        found = self._background.get(path.removeprefix("/v1/responses/"))
        return _json(200, found) if found and method == "GET" and is_the_key else None

    def _submit(self, asked: dict[str, Any], received: float) -> HttpResponse:
        if not asked.get("model") or not asked.get("background"):
            text = "model and background: true are required; other answers: /v1/chat/completions."
            return _error(400, text, "invalid_request")
        pace = self._pace.of(str(asked["model"]))
        limit = int(asked.get("max_output_tokens") or pace.output_tokens)
        tokens = min(limit, pace.output_tokens)
        answer = Completion(
            asked["model"], [asked.get("input")], tokens, "stop", next(self._number)
        )
        counts = answer.usage()
        usage = {
            "input_tokens": counts["prompt_tokens"],
            "output_tokens": counts["completion_tokens"],
            "total_tokens": counts["total_tokens"],
        }
        done = received + answer.moments_s(pace)[-1]
        text = "".join(answer.words())
        return _json(200, self._background.submit(asked, text, usage, done))

    async def _search(self, asked: dict[str, Any], received: float) -> HttpResponse:
        await _until(received + self._pace.vector_ms / 1000)
        query = str(asked.get("query", ""))
        found = [
            {"id": n, "score": round(1 - n / 10, 2), "text": f"{query}: passage {n} says"
             + "".join(f" {word}" for word in WORDS)}
            for n in range(1, int(asked.get("top_k", 3)) + 1)
        ]  # fmt: skip
        return _json(200, {"matches": found})

    async def _complete(self, asked: dict[str, Any], received: float) -> HttpResponse:
        model = str(asked["model"]) if "model" in asked else ""
        if not model or not isinstance(asked.get("messages"), list):
            return _error(400, "model and messages are required.", "invalid_request")
        refused = error_of(model)
        if refused is not None:
            return _error(refused.status, refused.message, refused.code, refused.headers)
        pace = self._pace.of(model)
        limit = asked.get("max_completion_tokens") or asked.get("max_tokens") or pace.output_tokens
        tokens = min(int(limit), pace.output_tokens)
        finish = "length" if tokens < pace.output_tokens else "stop"
        answer = Completion(model, asked["messages"], tokens, finish, next(self._number))
        if not asked.get("stream"):
            await _until(received + answer.moments_s(pace)[-1])
            return _json(200, answer.whole())
        with_usage = bool((asked.get("stream_options") or {}).get("include_usage"))
        stream = answer.stream(pace, received, with_usage=with_usage)
        return HttpResponse(200, stream, {"Content-Type": "text/event-stream; charset=utf-8"})


class Completion:
    """One completion: its text, its usage, and the envelope around every chunk."""

    def __init__(
        self, model: str, messages: list[Any], tokens: int, finish: str, number: int
    ) -> None:
        prompt = json.dumps(messages)
        digest = hashlib.sha256(prompt.encode()).hexdigest()
        self._offset = int(digest[:4], 16)
        self._tokens = tokens
        self._prompt_tokens = max(1, len(prompt) // 4)
        self._finish = finish
        self._chance = random.Random(f"{digest} {number}")  # noqa: S311 - it decides only the pace
        self._envelope: dict[str, Any] = {
            "id": f"chatcmpl-{digest[:20]}{number:09d}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
            "service_tier": "default",
            "system_fingerprint": f"fp_{digest[:10]}",
        }

    def words(self) -> list[str]:
        """The tokens of the answer, one word each; a prompt always gives the same words."""
        return [f" {WORDS[(self._offset + n) % len(WORDS)]}" for n in range(self._tokens)]

    def moments_s(self, pace: Pace) -> list[float]:
        """The moment of each token, in seconds after the request."""
        return pace.moments_s(self._tokens, self._chance)

    def usage(self) -> dict[str, int]:
        """Token counts, as in the API."""
        return {
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": self._tokens,
            "total_tokens": self._prompt_tokens + self._tokens,
        }

    def whole(self) -> dict[str, Any]:
        """The answer to a request that does not stream."""
        message = {"role": "assistant", "content": "".join(self.words()), "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self._finish}
        return {
            **self._envelope,
            "object": "chat.completion",
            "choices": [choice],
            "usage": self.usage(),
        }

    async def stream(
        self, pace: Pace, received: float, *, with_usage: bool
    ) -> AsyncIterator[bytes]:
        """Yield server-sent events: the role, each token at its moment, the end, the usage.

        Each moment counts from the request, so that a late token does not delay the next.
        """
        moments_s = self.moments_s(pace)
        for n, word in enumerate(self.words()):
            await _until(received + moments_s[n])
            opening = self._chunk({"role": "assistant", "content": "", "refusal": None}, None)
            chunk = self._chunk({"content": word}, None)
            yield opening + chunk if n == 0 else chunk
        end = self._chunk({}, self._finish)
        if with_usage:
            end += _event({**self._envelope, "choices": [], "usage": self.usage()})
        yield end + b"data: [DONE]\n\n"

    def _chunk(self, delta: dict[str, Any], finish: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        # The API pads each chunk with random letters, to hide the length of the word.
        padding = secrets.token_urlsafe(9)[: max(1, 12 - len(str(delta.get("content", ""))))]
        return _event(
            {**self._envelope, "choices": [choice], "usage": None, "obfuscation": padding}
        )


async def _until(moment: float) -> None:
    delay_s = moment - asyncio.get_running_loop().time()
    if delay_s > 0:
        await asyncio.sleep(delay_s)


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"


def _json(
    status: int, value: dict[str, Any], headers: Mapping[str, str] = MappingProxyType({})
) -> HttpResponse:
    body = json.dumps(value).encode()
    return HttpResponse(status, body, {"Content-Type": "application/json", **headers})


def _error(
    status: int, message: str, code: str, headers: Mapping[str, str] = MappingProxyType({})
) -> HttpResponse:
    kind = _KINDS.get(status, "invalid_request_error")
    error = {"message": message, "type": kind, "param": None, "code": code}
    return _json(status, {"error": error}, headers)
