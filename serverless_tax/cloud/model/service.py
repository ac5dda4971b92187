"""The provider's endpoints: OpenAI's and Anthropic's, and a vector look-up."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs

from serverless_tax.cloud.exchange import HttpRequest, HttpResponse, is_local_and_direct
from serverless_tax.cloud.model.answers import WORDS, until
from serverless_tax.cloud.model.chat import Completion, read_chat
from serverless_tax.cloud.model.errors import ApiError, anthropic_body, openai_body
from serverless_tax.cloud.model.messages import (
    Message,
    count_tokens,
    new_request_id,
    read_messages,
)
from serverless_tax.cloud.model.pace import Pace, Refusals
from serverless_tax.cloud.model.parameters import object_of
from serverless_tax.cloud.model.responses import Response, Responses
from serverless_tax.cloud.model.webhooks import ClientKeys

MODELS = ("sim", "sim-200ms-50tps", "sim-429", "sim-500", "sim-529")
"""Models that are listed; any other name is answered too when it is asked, at the usual pace."""
_ANTHROPIC_PATHS = ("/v1/messages",)
_ALLOWED_WITH_SHORT_KEY = ("/v1/chat/completions",)
_LISTED = "/v1/models"
_USAGE = "/v1/organization/usage/completions"
"""https://platform.openai.com/docs/api-reference/usage/completions"""
T = TypeVar("T", Completion, Message, Response)
_FIRST_VERSION = "2023-01-01"
"""https://platform.claude.com/docs/en/api/versioning"""


class Service:
    """The provider's endpoints, as a handler for `Server`."""

    def __init__(self, pace: Pace, api_key: str, port: int, webhook_secret: str) -> None:
        self._pace = pace
        self._api_key = api_key
        self._port = port
        self._number = itertools.count(1)
        self._client_keys = ClientKeys()
        self._responses = Responses(webhook_secret)
        self._refusals = Refusals()
        self._began = int(time.time())
        self._asked = self._input = self._output = self._whole = self._beside = 0
        self._on_the_way: list[tuple[float, int]] = []

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        received = asyncio.get_running_loop().time()
        path = request.path.partition("?")[0]
        by_anthropic = _is_anthropics(request, path)
        try:
            answer = await self._answer(request, path, received, by_anthropic=by_anthropic)
        except ApiError as refused:
            return _refusal(refused, by_anthropic=by_anthropic)
        return _named(answer, new_request_id(), by_anthropic=by_anthropic)

    def refuse(self, request: HttpRequest) -> HttpResponse | None:
        """Refuse web pages and wrong keys by the head of a request alone."""
        path = request.path.partition("?")[0]
        try:
            self._admit(request, path)
        except ApiError as refused:
            return _refusal(refused, by_anthropic=_is_anthropics(request, path))
        return None

    def _admit(self, request: HttpRequest, path: str) -> None:
        """Refuse web pages and wrong keys; a short-lived key allows only completions."""
        if not is_local_and_direct(request.headers, {self._port}):
            text = (
                "Refused: the request comes from a web page, or its Host header is not this "
                "server. The provider answers clients that call 127.0.0.1 at its port."
            )
            raise ApiError(403, text, "forbidden")
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        given = request.headers.get("x-api-key", bearer)
        if secrets.compare_digest(given.encode(), self._api_key.encode()):
            return
        if not self._client_keys.is_good(given):
            text = "Wrong key: use this provider's api_key. Do not send a real key here."
            raise ApiError(401, text, "invalid_api_key")
        if path not in _ALLOWED_WITH_SHORT_KEY:
            raise _no_endpoint(request)

    async def _answer(
        self, request: HttpRequest, path: str, received: float, *, by_anthropic: bool
    ) -> HttpResponse:
        if path.startswith(_LISTED) and request.method == "GET":
            return _models(path.removeprefix(_LISTED).strip("/"), by_anthropic=by_anthropic)
        if path == _USAGE and request.method == "GET":
            return self._usage()
        if path.startswith("/v1/responses/"):
            return self._kept_response(request, path.removeprefix("/v1/responses/"))
        if request.method != "POST":
            raise _no_endpoint(request)
        endpoints = {
            "/v1/chat/completions": self._complete,
            "/v1/responses": self._respond,
            "/v1/messages": self._message,
            "/v1/messages/count_tokens": self._count,
            "/v1/realtime/client_secrets": self._make_key,
            "/vectors/search": self._search,
        }
        if path not in endpoints:
            raise _no_endpoint(request)
        if by_anthropic and "anthropic-version" not in request.headers:
            raise ApiError(400, "anthropic-version: header is required")
        version = request.headers.get("anthropic-version", _FIRST_VERSION)
        if by_anthropic and not _is_version(version):
            raise ApiError(400, f'anthropic-version: "{version}" is not a valid version')
        asked = object_of(request.body, by_anthropic=by_anthropic)
        return await endpoints[path](asked, received)

    async def _complete(self, asked: dict[str, Any], received: float) -> HttpResponse:
        chat = read_chat(asked)
        self._refusals.check(chat.model)
        return await self._counted(Completion(chat, *self._next(chat.model)), received).respond(
            received
        )

    async def _respond(self, asked: dict[str, Any], received: float) -> HttpResponse:
        pace, count = self._next(str(asked.get("model")))
        response = self._responses.create(asked, pace, count, received)
        self._refusals.check(str(asked["model"]))
        return await self._responses.respond(self._counted(response, received))

    async def _message(self, asked: dict[str, Any], received: float) -> HttpResponse:
        read = read_messages(asked)
        self._refusals.check(read.model)
        return await self._counted(Message(read, *self._next(read.model)), received).respond(
            received
        )

    async def _count(self, asked: dict[str, Any], _received: float) -> HttpResponse:
        return _json(200, count_tokens(asked))

    async def _make_key(self, asked: dict[str, Any], _received: float) -> HttpResponse:
        try:
            return _json(200, self._client_keys.make(asked))
        except (ValueError, TypeError, AttributeError) as refused:
            raise ApiError(400, str(refused)) from None

    def _counted(self, answer: T, received: float) -> T:
        self._asked += 1
        self._input += answer.input_tokens
        self._output += answer.output_tokens
        self._settle()
        self._beside += len(self._on_the_way)
        heapq.heappush(self._on_the_way, (received + answer.lasts_s, answer.output_tokens))
        return answer

    def _settle(self) -> None:
        """Count the answers that are whole by now."""
        now_s = asyncio.get_running_loop().time()
        while self._on_the_way and self._on_the_way[0][0] <= now_s:
            self._whole += heapq.heappop(self._on_the_way)[1]

    def _usage(self) -> HttpResponse:
        """What was asked for since the start: one bucket of OpenAI's.

        Each answer counts at once as if whole. OpenAI has no `whole_tokens`, of the answers that
        are, and no `requests_beside`: how many others were being answered as each came, summed up.
        """
        self._settle()
        kind = "organization.usage.completions.result"
        counts = {
            "input_tokens": self._input,
            "output_tokens": self._output,
            "num_model_requests": self._asked,
            "whole_tokens": self._whole,
            "requests_beside": self._beside,
        }
        span = {"start_time": self._began, "end_time": int(time.time())}
        bucket = {"object": "bucket", **span, "results": [{"object": kind, **counts}]}
        page = {"object": "page", "data": [bucket], "has_more": False, "next_page": None}
        return _json(200, page)

    def _next(self, model: str) -> tuple[Pace, int]:
        return self._pace.of(model), next(self._number)

    def _kept_response(self, request: HttpRequest, rest: str) -> HttpResponse:
        response_id, _, action = rest.partition("/")
        asked = {name: one[0] for name, one in parse_qs(request.path.partition("?")[2]).items()}
        if request.method == "GET" and not action and asked.get("stream") == "true":
            return self._responses.resume(response_id, asked.get("starting_after", ""))
        if request.method == "GET" and not action:
            return _json(200, self._responses.find(response_id))
        if request.method == "DELETE" and not action:
            return _json(200, self._responses.delete(response_id))
        if request.method == "POST" and action == "cancel":
            return _json(200, self._responses.cancel(response_id))
        raise _no_endpoint(request)

    async def _search(self, asked: dict[str, Any], received: float) -> HttpResponse:
        await until(received + self._pace.vector_ms / 1000)
        query = str(asked.get("query", ""))
        found = [
            {"id": n, "score": round(1 - n / 10, 2), "text": f"{query}: passage {n} says"
             + "".join(f" {word}" for word in WORDS)}
            for n in range(1, int(asked.get("top_k", 3)) + 1)
        ]  # fmt: skip
        return _json(200, {"matches": found})


def _is_anthropics(request: HttpRequest, path: str) -> bool:
    return path.startswith(_ANTHROPIC_PATHS) or (
        path.startswith(_LISTED) and "anthropic-version" in request.headers
    )


def _is_version(given: str) -> bool:
    """Whether a version is a day since the first one, as each version's name is.

    Newer clients name days that nobody here knows; a day to come is no version anywhere.
    """
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return False
    return given == day.isoformat() and _FIRST_VERSION <= given <= _tomorrow()


def _tomorrow() -> str:
    """The latest day that it is anywhere."""
    return (datetime.now(UTC).date() + timedelta(days=1)).isoformat()


def _refusal(refused: ApiError, *, by_anthropic: bool) -> HttpResponse:
    request_id = new_request_id()
    body = anthropic_body(refused, request_id) if by_anthropic else openai_body(refused)
    answer = _json(refused.status, body, refused.headers)
    return _named(answer, request_id, by_anthropic=by_anthropic)


def _named(answer: HttpResponse, request_id: str, *, by_anthropic: bool) -> HttpResponse:
    """Give an answer its request's id, as each API calls it."""
    name = "request-id" if by_anthropic else "x-request-id"
    return HttpResponse(answer.status, answer.body, {**answer.headers, name: request_id})


def _no_endpoint(request: HttpRequest) -> ApiError:
    text = f"Invalid URL ({request.method} {request.path})"
    return ApiError(404, text)


def _models(name: str, *, by_anthropic: bool) -> HttpResponse:
    """List the models, or describe one of them.

    Raises:
        ApiError: for a name that is not listed, in each vendor's words.
    """
    now = int(time.time())

    def described(model: str) -> dict[str, Any]:
        if by_anthropic:
            made = "2026-01-01T00:00:00Z"
            return {"type": "model", "id": model, "display_name": model, "created_at": made}
        return {"id": model, "object": "model", "created": now, "owned_by": "serverless-tax"}

    if name and name not in MODELS:
        if by_anthropic:
            raise ApiError(404, f"model: {name}")
        text = f"The model '{name}' does not exist"
        raise ApiError(404, text, "model_not_found", "model")
    if name:
        return _json(200, described(name))
    data = [described(model) for model in MODELS]
    if by_anthropic:
        ends = {"first_id": MODELS[0], "last_id": MODELS[-1], "has_more": False}
        return _json(200, {"data": data, **ends})
    return _json(200, {"object": "list", "data": data})


def _json(
    status: int, value: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> HttpResponse:
    body = json.dumps(value).encode()
    return HttpResponse(status, body, {"Content-Type": "application/json", **(headers or {})})
