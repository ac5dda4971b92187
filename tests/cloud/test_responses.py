"""Background responses and short-lived keys, with OpenAI's own client at the other end."""

from __future__ import annotations

import http.client
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import openai
import pytest

from serverless_tax.cloud import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator

ASK: Any = [{"role": "user", "content": "Why is my bill so high?"}]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """Twenty tokens in about 0.3 seconds."""
    with Provider(ttft_ms=100, tokens_per_s=100, output_tokens=20) as running:
        yield running


@pytest.fixture
def client(provider: Provider) -> Iterator[openai.OpenAI]:
    """The real SDK."""
    with openai.OpenAI(
        base_url=provider.base_url,
        api_key=provider.api_key,
        webhook_secret=provider.webhook_secret,
        max_retries=0,
    ) as sdk:
        yield sdk


def post(provider: Provider, path: str, key: str, body: object) -> tuple[int, Any]:
    """One bare request."""
    connection = http.client.HTTPConnection(urlsplit(provider.base_url).netloc, timeout=10)
    connection.request("POST", path, json.dumps(body), {"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    return answer.status, said


def test_a_background_response_is_announced_and_can_be_fetched(client: openai.OpenAI) -> None:
    """Queued at once; the signed event names it; the SDK verifies the signature."""
    heard: list[tuple[bytes, dict[str, str]]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((body, dict(self.headers)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        listening = threading.Thread(target=server.handle_request)
        listening.start()
        hook = f"http://127.0.0.1:{server.server_port}/done"
        began = time.monotonic()
        made = client.responses.create(
            model="sim", input="Why?", background=True, metadata={"webhook_url": hook}
        )
        assert made.status in {"queued", "in_progress"}
        listening.join(20)
    assert time.monotonic() - began >= 0.1 + 19 / 100

    body, headers = heard[0]
    event = client.webhooks.unwrap(body, headers)
    assert event.type == "response.completed"
    assert event.data.id == made.id
    whole = client.responses.retrieve(made.id)
    assert whole.status == "completed"
    assert len(whole.output_text.split()) == 20
    assert whole.usage is not None
    assert whole.usage.output_tokens == 20
    with pytest.raises(openai.InvalidWebhookSignatureError):
        client.webhooks.unwrap(body + b" ", headers)


@pytest.mark.parametrize("url", ["http://example.com/hook", "https://127.0.0.1/", "file:///etc"])
def test_a_webhook_elsewhere_is_refused(client: openai.OpenAI, url: str) -> None:
    """It posts to this machine and nowhere else."""
    with pytest.raises(openai.BadRequestError, match="expected an address on this machine"):
        client.responses.create(
            model="sim", input="Why?", background=True, metadata={"webhook_url": url}
        )


def test_an_unknown_response_is_not_found(client: openai.OpenAI) -> None:
    """Nor can it be gone on from."""
    with pytest.raises(openai.NotFoundError, match="'resp_none' not found"):
        client.responses.retrieve("resp_none")
    with pytest.raises(openai.BadRequestError, match="not found") as refused:
        client.responses.create(model="sim", input="Why?", previous_response_id="resp_none")
    assert refused.value.code == "previous_response_not_found"


FAST = "sim-5ms-5000tps"


def test_a_response_streams_the_events_that_the_sdk_adds_up(client: openai.OpenAI) -> None:
    """Numbered without a gap; the sum is the whole answer to the same prompt."""
    with client.responses.stream(model=FAST, input="Why?") as stream:
        events = [*stream]
        final = stream.get_final_response()
    assert [event.sequence_number for event in events] == [*range(len(events))]
    kinds = [event.type.removeprefix("response.") for event in events]
    assert kinds[:4] == ["created", "in_progress", "output_item.added", "content_part.added"]
    assert kinds[4:24] == ["output_text.delta"] * 20
    assert kinds[24:] == [
        *("output_text.done", "content_part.done", "output_item.done", "completed")
    ]
    assert client.responses.create(model=FAST, input="Why?").output_text == final.output_text
    short = client.responses.create(model=FAST, input="Why?", max_output_tokens=16)
    assert (short.status, len(short.output_text.split())) == ("incomplete", 16)


def test_a_function_is_called_and_its_output_answered(client: openai.OpenAI) -> None:
    """Streamed, then with the call's output, by the id of the response before."""
    schema = {"type": "object", "properties": {"days": {"type": "integer", "minimum": 2}}}
    tools: Any = [{"type": "function", "name": "weather", "parameters": schema, "strict": False}]
    with client.responses.stream(model=FAST, input="Why?", tools=tools) as stream:
        stream.until_done()
        called = stream.get_final_response()
    [call] = called.output
    assert call.type == "function_call"
    assert json.loads(call.arguments) == {"days": 2}
    output: Any = [{"type": "function_call_output", "call_id": call.call_id, "output": "rain"}]
    after = client.responses.create(
        model=FAST, input=output, tools=tools, previous_response_id=called.id
    )
    assert len(after.output_text.split()) == 20


def test_a_forced_function_is_the_next_one(client: openai.OpenAI) -> None:
    """By the calls of the input, and by those of the response before."""
    tools: Any = [
        {"type": "function", "name": name, "parameters": {"type": "object"}, "strict": False}
        for name in ("weather", "answer")
    ]
    forced: Any = {"model": FAST, "tools": tools, "tool_choice": "required"}
    first = client.responses.create(input="Why?", **forced)
    [call] = first.output
    assert call.type == "function_call"
    output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
    asked: Any = {"role": "user", "content": "Why?"}
    for given in (
        {"input": [asked, call.model_dump(exclude_none=True), output]},
        {"input": [output], "previous_response_id": first.id},
    ):
        [after] = client.responses.create(**forced, **given).output
        assert (call.name, after.name) == ("weather", "answer")  # type: ignore[union-attr]


def test_a_response_fits_its_schema(client: openai.OpenAI) -> None:
    """Structured output, as the SDK asks for it."""
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}}
    text: Any = {"format": {"type": "json_schema", "name": "r", "schema": schema}}
    assert json.loads(client.responses.create(model=FAST, input="?", text=text).output_text) == {
        "ok": True
    }


def test_a_background_response_can_be_cancelled_and_forgotten(client: openai.OpenAI) -> None:
    """It never completes; then it is unknown."""
    made = client.responses.create(model="sim-60000ms-1tps", input="Why?", background=True)
    assert client.responses.cancel(made.id).status == "cancelled"
    assert client.responses.retrieve(made.id).status == "cancelled"
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)


def test_a_background_response_is_streamed_and_taken_up_again(client: openai.OpenAI) -> None:
    """Whoever drops the stream goes on after the last event that came; it is whole all the same."""
    asked: Any = {"model": "sim-20ms-200tps", "input": "Why?", "background": True}
    with client.responses.create(**asked, stream=True) as dropped:
        had = [next(iter(dropped)) for _ in range(5)]
    kinds = [one.type for one in had]
    assert kinds[:3] == ["response.created", "response.queued", "response.in_progress"]
    own = had[0].response.id  # type: ignore[union-attr]
    more = [*client.responses.retrieve(own, stream=True, starting_after=had[-1].sequence_number)]
    numbers = [one.sequence_number for one in (*had, *more)]
    assert numbers == [*range(len(numbers))]
    assert more[-1].type == "response.completed"
    said = "".join(one.delta for one in (*had, *more) if one.type == "response.output_text.delta")
    assert client.responses.retrieve(own).output_text == said

    whole = client.responses.create(**asked)
    with pytest.raises(openai.BadRequestError, match="created with stream=true"):
        client.responses.retrieve(whole.id, stream=True)
    with pytest.raises(openai.BadRequestError, match="'store' to be true"):
        client.responses.create(**asked, store=False)


def test_a_cancelled_response_streams_no_more(client: openai.OpenAI) -> None:
    """Its stream ends where it was; none that is not in the background can be cancelled."""
    asked: Any = {"model": "sim-1ms-10tps", "input": "Why?", "background": True, "stream": True}
    with client.responses.create(**asked) as stream:
        events = iter(stream)
        own = next(events).response.id  # type: ignore[union-attr]
        client.responses.cancel(own)
        left = [one.type for one in events]
    assert "response.completed" not in left
    assert client.responses.retrieve(own).status == "cancelled"


def test_a_short_lived_key_is_good_for_completions_alone_and_runs_out(provider: Provider) -> None:
    """It cannot make another key, and after its second it is worth nothing."""
    minted, soon = (
        {"expires_after": {"anchor": "created_at", "seconds": seconds}} for seconds in (600, 1)
    )
    status, key = post(provider, "/v1/realtime/client_secrets", provider.api_key, minted)
    ask = {"model": "sim-1ms-1000tps", "messages": ASK}

    assert status == 200
    assert post(provider, "/v1/chat/completions", key["value"], ask)[0] == 200
    assert post(provider, "/v1/realtime/client_secrets", key["value"], minted)[0] == 404
    key = post(provider, "/v1/realtime/client_secrets", provider.api_key, soon)[1]
    until = time.monotonic() + 60
    while post(provider, "/v1/chat/completions", key["value"], ask)[0] == 200:
        assert time.monotonic() < until, "the key did not run out"
    assert post(provider, "/v1/chat/completions", key["value"], ask)[0] == 401


@pytest.mark.parametrize("seconds", [0, -1, 7201, "soon"])
def test_a_key_of_an_impossible_length_is_refused(provider: Provider, seconds: object) -> None:
    """One second to two hours."""
    asked = {"expires_after": {"seconds": seconds}}
    assert post(provider, "/v1/realtime/client_secrets", provider.api_key, asked)[0] == 400
