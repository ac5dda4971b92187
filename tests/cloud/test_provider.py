"""The model provider: OpenAI's protocol at the pace asked for."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import os
import random
import socket
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import openai
import pytest

from serverless_tax.cloud import Provider
from serverless_tax.cloud.model.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Iterator

ASK = [{"role": "user", "content": "Why is my bill so high?"}]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """One provider: first token after 200 ms, then 100 a second."""
    with Provider(ttft_ms=200, tokens_per_s=100, output_tokens=50) as running:
        yield running


@pytest.fixture
def client(provider: Provider) -> Iterator[openai.OpenAI]:
    """The real SDK."""
    with openai.OpenAI(base_url=provider.base_url, api_key=provider.api_key, max_retries=0) as sdk:
        yield sdk


def stream(client: openai.OpenAI, **settings: Any) -> tuple[list[float], list[Any]]:
    """Chunks of one streamed answer and when each came, in seconds from the request."""
    started = time.perf_counter()
    times, chunks = [], []
    settings = {"model": "sim", **settings}
    for chunk in client.chat.completions.create(messages=ASK, stream=True, **settings):
        times.append(time.perf_counter() - started)
        chunks.append(chunk)
    return times, chunks


def text_of(chunks: list[Any]) -> str:
    """The text of a streamed answer."""
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_tokens_come_at_the_pace_and_never_early(client: openai.OpenAI) -> None:
    """The first after 200 ms, the fiftieth 490 ms later, none before its moment."""
    stream(client)  # the SDK's first request imports
    times, chunks = stream(client)
    tokens = [t for t, chunk in zip(times, chunks, strict=True) if chunk.choices[0].delta.content]

    assert len(tokens) == 50
    assert all(t >= 0.2 + n / 100 - 0.001 for n, t in enumerate(tokens))
    assert tokens[-1] < 0.2 + 0.49 + 0.3


def test_the_models_name_sets_the_pace(client: openai.OpenAI) -> None:
    """sim-50ms-1000tps: 50 tokens in 99 ms, the fastest of some: the first request imports."""
    took_s = [stream(client, model="sim-50ms-1000tps")[0][-1] for _ in range(4)]

    assert 0.099 <= min(took_s) < 0.2


def test_a_models_name_sets_how_much_its_pace_varies() -> None:
    """Spread by 50 %, the gaps differ, none is negative, and their mean and spread are as asked."""
    pace = Pace().of("sim-200ms-100tps-50spread")
    moments_s = pace.moments_s(20_000, random.Random(1))  # noqa: S311 - a fixed seed
    gaps_s = [after - before for before, after in itertools.pairwise(moments_s)]

    assert min(gaps_s) > 0
    assert statistics.mean(gaps_s) == pytest.approx(0.01, rel=0.03)
    assert statistics.stdev(gaps_s) == pytest.approx(0.005, rel=0.05)
    assert moments_s == pace.moments_s(20_000, random.Random(1))  # noqa: S311 - the same one


def test_a_spread_stream_keeps_its_order_and_its_length(client: openai.OpenAI) -> None:
    """Every token comes, whatever its gap."""
    _, chunks = stream(client, model="sim-5ms-2000tps-90spread")

    assert len(text_of(chunks).split()) == 50


def test_a_models_name_asks_for_an_error(client: openai.OpenAI) -> None:
    """The SDK sees its own exceptions, and a rate limit says when to come again."""
    with pytest.raises(openai.RateLimitError) as limited:
        client.chat.completions.create(model="sim-429", messages=ASK)  # type: ignore[arg-type]
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="sim-500", messages=ASK)  # type: ignore[arg-type]

    assert limited.value.code == "rate_limit_exceeded"
    assert limited.value.response.headers["retry-after"] == "1"


def test_the_text_is_deterministic_and_the_same_unstreamed(client: openai.OpenAI) -> None:
    """The same prompt gives the same words, streamed or not."""
    once = text_of(stream(client)[1])
    whole = client.chat.completions.create(model="sim", messages=ASK)  # type: ignore[arg-type]

    assert once == text_of(stream(client)[1]) == whole.choices[0].message.content
    assert len(once.split()) == 50


def test_usage_comes_last_when_it_is_asked_for(client: openai.OpenAI) -> None:
    """A chunk without choices that counts the tokens, within the limit the client set."""
    options = {"include_usage": True}
    _, chunks = stream(client, stream_options=options, max_completion_tokens=7)

    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == 7
    assert chunks[-2].choices[0].finish_reason == "length"


def test_what_was_asked_for_is_counted(client: openai.OpenAI) -> None:
    """By each of its APIs, whole or as a stream that nobody reads to its end."""

    def used() -> tuple[int, int]:
        page: Any = client.get("/organization/usage/completions?start_time=0", cast_to=object)
        [[counted]] = [bucket["results"] for bucket in page["data"]]
        return counted["num_model_requests"], counted["output_tokens"]

    requests, tokens = used()
    client.chat.completions.create(messages=ASK, model="sim", max_tokens=3, n=2)
    client.responses.create(input="?", model="sim", max_output_tokens=16)
    with client.chat.completions.create(messages=ASK, model="sim", stream=True) as unread:
        next(iter(unread))
    assert used() == (requests + 3, tokens + 2 * 3 + 16 + 50)


@pytest.fixture
def quiet_client() -> Iterator[openai.OpenAI]:
    """The SDK of a provider of its own, of which no other test has left an answer unread."""
    with (
        Provider(ttft_ms=200, tokens_per_s=100, output_tokens=50) as own,
        openai.OpenAI(base_url=own.base_url, api_key=own.api_key, max_retries=0) as sdk,
    ):
        yield sdk


def test_questions_and_those_beside_another_are_counted(quiet_client: openai.OpenAI) -> None:
    """Their tokens, as OpenAI does, and how many came while an answer was written."""

    def used() -> tuple[int, int]:
        page: Any = quiet_client.get("/organization/usage/completions", cast_to=object)
        [counted] = page["data"][0]["results"]
        return counted["input_tokens"], counted["requests_beside"]

    said, beside = used()
    asked: Any = {"messages": ASK, "model": "sim", "max_tokens": 3}
    first = quiet_client.chat.completions.create(**asked).usage
    second = quiet_client.responses.create(input="?" * 400, model="sim", max_output_tokens=16).usage
    assert first
    assert second
    assert second.input_tokens >= 100
    assert used() == (said + first.prompt_tokens + second.input_tokens, beside)
    with quiet_client.chat.completions.create(**asked, stream=True):
        quiet_client.chat.completions.create(**asked)
    assert used()[1] == beside + 1


def test_what_is_whole_is_counted_by_itself(quiet_client: openai.OpenAI) -> None:
    """An answer that is still written counts once its last token has come."""

    def whole() -> int:
        page: Any = quiet_client.get("/organization/usage/completions", cast_to=object)
        return int(page["data"][0]["results"][0]["whole_tokens"])

    before = whole()
    asked: Any = {"messages": ASK, "model": "sim-50ms-20tps", "max_tokens": 12, "stream": True}
    with quiet_client.chat.completions.create(**asked) as stream:
        next(iter(stream))
        assert whole() == before
        assert len(list(stream)) >= 11
    assert whole() == before + 12


def test_a_wrong_key_is_refused(provider: Provider) -> None:
    """It takes its own throw-away key only, so that no real one is ever sent by habit."""
    with (
        openai.OpenAI(base_url=provider.base_url, api_key="sk-real", max_retries=0) as sdk,
        pytest.raises(openai.AuthenticationError, match="Do not send a real key"),
    ):
        sdk.chat.completions.create(model="sim", messages=ASK)  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b'{"model": 1}', b"[" * 9999])
def test_a_malformed_request_is_the_clients_error(provider: Provider, body: bytes) -> None:
    """A 400 in OpenAI's error shape, and the server goes on."""
    status, answer = post(provider, body, {})

    assert status == 400
    assert answer["error"]["type"] == "invalid_request_error"


def test_the_body_of_a_stranger_is_not_waited_for(provider: Provider) -> None:
    """The refusal comes after the head, however long the body would be."""
    where = urlsplit(provider.base_url)
    with socket.create_connection((where.hostname, where.port), timeout=5) as client:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {where.netloc}\r\n"
        client.sendall(f"{head}Content-Length: 50000000\r\n\r\n".encode())
        assert client.recv(64).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize("foreign", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_a_foreign_page_is_refused(provider: Provider, foreign: dict[str, str]) -> None:
    """Even with the key."""
    assert post(provider, b"{}", foreign)[0] == 403


@pytest.mark.parametrize(
    "wrong", [{"ttft_ms": -1}, {"tokens_per_s": 0}, {"output_tokens": True}, {"vector_ms": 1e9}]
)
def test_an_impossible_pace_is_refused_by_name(wrong: dict[str, Any]) -> None:
    """The message names the field."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Pace(**wrong)


@pytest.mark.parametrize("streams", [200, pytest.param(1000, marks=pytest.mark.slow)])
def test_many_streams_at_once_keep_their_pace(streams: int) -> None:
    """One process serves them all: ten tokens each, and the last is not as late again.

    On a busy machine both ends wait for a core; that time is the neighbours' doing.
    """

    async def one(provider: Provider) -> float:
        parts = urlsplit(provider.base_url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        body = json.dumps({"model": "sim", "messages": ASK, "stream": True}).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        head += f"Authorization: Bearer {provider.api_key}\r\nContent-Length: {len(body)}\r\n\r\n"
        started = time.perf_counter()
        writer.write(head.encode() + body)
        raw = await reader.readuntil(b"[DONE]")
        took = time.perf_counter() - started
        writer.close()
        await writer.wait_closed()
        assert raw.count(b'"content":" ') == 10
        return took

    async def all_of_them(provider: Provider) -> list[float]:
        return await asyncio.gather(*(one(provider) for _ in range(streams)))

    with Provider(ttft_ms=500, tokens_per_s=10, output_tokens=10) as provider:
        both = (os.getpid(), provider._child.pid)
        before_s = sum(map(without_a_core_s, both))
        took = asyncio.run(all_of_them(provider))
        queued_s = sum(map(without_a_core_s, both)) - before_s

    assert min(took) >= 1.4
    assert max(took) < 1.4 + 4 + queued_s


def without_a_core_s(pid: int) -> float:
    """How long a process was ready to run and had no core; 0 where Linux does not say."""
    told = Path(f"/proc/{pid}/schedstat")
    return int(told.read_text().split()[1]) / 1e9 if told.exists() else 0.0


def post(provider: Provider, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """One bare request with the right key."""
    connection = http.client.HTTPConnection(urlsplit(provider.base_url).netloc, timeout=10)
    given = {"Authorization": f"Bearer {provider.api_key}", **headers}
    connection.request("POST", "/v1/chat/completions", body, given)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer
