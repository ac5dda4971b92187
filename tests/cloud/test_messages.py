"""Anthropic's Messages over plain HTTP, as its SDK speaks it; that SDK is not installed here."""

from __future__ import annotations

import base64
import http.client
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from serverless_tax.cloud import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator

ASK = {
    "model": "sim",
    "max_tokens": 4000,
    "messages": [{"role": "user", "content": "Why is my bill so high?"}],
}
SCHEMA = {"type": "object", "properties": {"days": {"type": "integer", "minimum": 2}}}
TOOLS = [{"name": "weather", "input_schema": SCHEMA}]
THINKS = {"type": "enabled", "budget_tokens": 1024}


GIF = base64.b64encode(b"GIF89a\1\0\1\0\0\0\0;").decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0").decode()


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A fast one."""
    with Provider(ttft_ms=5, tokens_per_s=5000, output_tokens=20) as running:
        yield running


def post(
    provider: Provider,
    path: str = "/v1/messages",
    *,
    headers: dict[str, str] | None = None,
    body: str = "",
    **settings: Any,
) -> tuple[int, Any, dict[str, str]]:
    """Status, body and headers of one request; the events of a stream as a list."""
    connection = http.client.HTTPConnection(urlsplit(provider.anthropic_url).netloc, timeout=10)
    usual = {"x-api-key": provider.api_key, "anthropic-version": "2023-06-01"}
    given = {name: value for name, value in {**usual, **(headers or {})}.items() if value}
    asked = {name: value for name, value in {**ASK, **settings}.items() if value is not None}
    connection.request("POST", path, body or json.dumps(asked), given)
    response = connection.getresponse()
    text, told = response.read().decode(), dict(response.getheaders())
    connection.close()
    if told["Content-Type"].startswith("text/event-stream"):
        return response.status, [_read(event) for event in text.split("\n\n") if event], told
    return response.status, json.loads(text), told


def _read(event: str) -> dict[str, Any]:
    name, _, data = event.partition("\n")
    said: dict[str, Any] = json.loads(data.removeprefix("data: "))
    assert name == f"event: {said['type']}"
    return said


def test_an_answer_has_words_a_reason_and_a_count(provider: Provider) -> None:
    """Whole; the limit and a stop sequence are its other ends."""
    status, answer, headers = post(provider)
    assert (status, answer["stop_reason"]) == (200, "end_turn")
    [block] = answer["content"]
    assert len(block["text"].split()) == answer["usage"]["output_tokens"] == 20
    assert headers["request-id"].startswith("req_")
    assert post(provider, max_tokens=3)[1]["stop_reason"] == "max_tokens"
    word = block["text"].split()[5]
    stopped = post(provider, stop_sequences=[word])[1]
    assert (stopped["stop_reason"], stopped["stop_sequence"]) == ("stop_sequence", word)


def test_a_stream_has_the_events_of_the_api(provider: Provider) -> None:
    """In its order; thoughts come first, and are signed."""
    events = post(provider, stream=True, thinking=THINKS)[1]
    kinds = [event["type"] for event in events if event["type"] != "content_block_delta"]
    block = ["content_block_start", "content_block_stop"]
    assert kinds == ["message_start", "ping", *block, *block, "message_delta", "message_stop"]
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    thoughts = [delta["thinking"] for delta in deltas if delta["type"] == "thinking_delta"]
    words = [delta["text"] for delta in deltas if delta["type"] == "text_delta"]
    assert (len(thoughts), len(words)) == (10, 10)
    assert [delta["type"] for delta in deltas].count("signature_delta") == 1
    assert events[-2]["usage"]["output_tokens"] == 20
    whole = post(provider, thinking=THINKS)[1]["content"]
    assert [one["type"] for one in whole] == ["thinking", "text"]
    assert (whole[0]["thinking"], whole[1]["text"]) == ("".join(thoughts), "".join(words))


def test_a_tool_is_used_once_and_its_result_answered(provider: Provider) -> None:
    """Its input fits the schema, whole and in pieces."""
    answer = post(provider, tools=TOOLS)[1]
    [use] = answer["content"]
    assert (answer["stop_reason"], use["name"], use["input"]) == (
        "tool_use",
        "weather",
        {"days": 2},
    )
    events = post(provider, tools=TOOLS, stream=True)[1]
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    assert json.loads("".join(delta["partial_json"] for delta in deltas)) == {"days": 2}

    result = {"type": "tool_result", "tool_use_id": use["id"], "content": "rain"}
    turns = [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    after = post(provider, tools=TOOLS, messages=[*ASK["messages"], *turns])[1]
    assert [one["type"] for one in after["content"]] == ["text"]


def test_a_forced_tool_is_the_next_one(provider: Provider) -> None:
    """A client that forces tools until the one of its answer comes gets it."""
    tools = [*TOOLS, {"name": "answer", "input_schema": {"type": "object"}}]
    any_of_them, messages = {"type": "any"}, list(ASK["messages"])
    used = []
    for _ in range(3):
        [use] = post(provider, tools=tools, tool_choice=any_of_them, messages=messages)[1][
            "content"
        ]
        used.append(use["name"])
        result = {"type": "tool_result", "tool_use_id": use["id"], "content": "rain"}
        messages += [
            {"role": "assistant", "content": [use]},
            {"role": "user", "content": [result]},
        ]
    assert used == ["weather", "answer", "answer"]


@pytest.mark.parametrize("name", ["output_config", "output_format"])
def test_an_answer_fits_its_schema(provider: Provider, name: str) -> None:
    """By either name, also streamed, and after thoughts; an effort changes nothing."""
    form = {"type": "json_schema", "schema": {**SCHEMA, "additionalProperties": False}}
    asked = {name: form if name == "output_format" else {"format": form, "effort": "low"}}
    thought, answer = post(provider, **asked, thinking=THINKS)[1]["content"]
    assert thought["thinking"]
    assert json.loads(answer["text"]) == {"days": 2}
    events = post(provider, **asked, stream=True)[1]
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    assert json.loads("".join(delta["text"] for delta in deltas)) == {"days": 2}


def test_tokens_are_counted_and_models_listed(provider: Provider) -> None:
    """As the SDK asks for them."""
    counted = post(provider, "/v1/messages/count_tokens", max_tokens=None)[1]
    assert counted == {"input_tokens": post(provider)[1]["usage"]["input_tokens"]}


@pytest.mark.parametrize(
    ("wrong", "status", "kind", "text"),
    [
        ({"max_tokens": None}, 400, "invalid_request_error", "max_tokens: Field required"),
        ({"max_tokens": 0}, 400, "invalid_request_error",
         "max_tokens: Input should be greater than or equal to 1"),
        ({"messages": []}, 400, "invalid_request_error",
         "messages: at least one message is required"),
        ({"temperature": 1.5}, 400, "invalid_request_error",
         "temperature: Input should be less than or equal to 1"),
        ({"warmth": 1}, 400, "invalid_request_error",
         "warmth: Extra inputs are not permitted"),
        ({"thinking": {"type": "enabled", "budget_tokens": 10}}, 400, "invalid_request_error",
         "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"),
        ({"thinking": {"type": "enabled", "budget_tokens": 5000}}, 400, "invalid_request_error",
         "`max_tokens` must be greater than `thinking.budget_tokens`."),
        ({"messages": [{"role": "system", "content": "x"}]}, 400, "invalid_request_error",
         ('messages: Unexpected role "system". The Messages API accepts a top-level `system` '
          'parameter, not "system" as an input message role.')),
        ({"messages": [{"role": "robot", "content": "x"}]}, 400, "invalid_request_error",
         'messages: Unexpected role "robot". Allowed roles are "user" or "assistant"'),
        ({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y "}]},
         400, "invalid_request_error",
         "messages: final assistant content cannot end with trailing whitespace"),
        ({"messages": [{"role": "assistant", "content": [{"type": "text", "text": "y\n"}]}]},
         400, "invalid_request_error",
         "messages: final assistant content cannot end with trailing whitespace"),
        ({"output_config": {"effort": "huge"}}, 400, "invalid_request_error",
         "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'"),
        ({"output_config": {"warmth": 1}}, 400, "invalid_request_error",
         "output_config.warmth: Extra inputs are not permitted"),
        ({"output_format": {"type": "xml"}}, 400, "invalid_request_error",
         "output_format.type: Input should be 'json_schema'"),
        ({"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
         400, "invalid_request_error",
         ("output_config.format.schema: For 'object' type, 'additionalProperties' must be "
          "explicitly set to false")),
        ({"tool_choice": {"type": "auto"}}, 400, "invalid_request_error",
         "tool_choice may only be specified while providing tools."),
        ({"body": "{"}, 400, "invalid_request_error",
         ("The request body is not valid JSON: Expecting property name enclosed in double quotes: "
          "line 1 column 2 (char 1)")),
        ({"body": "[]"}, 400, "invalid_request_error",
         "Input should be a valid dictionary or object to extract fields from"),
        ({"headers": {"anthropic-version": ""}}, 400, "invalid_request_error",
         "anthropic-version: header is required"),
        ({"headers": {"anthropic-version": "2020-01-01"}}, 400, "invalid_request_error",
         'anthropic-version: "2020-01-01" is not a valid version'),
        ({"headers": {"anthropic-version": "9999-01-01"}}, 400, "invalid_request_error",
         'anthropic-version: "9999-01-01" is not a valid version'),
        ({"headers": {"anthropic-version": "20260101"}}, 400, "invalid_request_error",
         'anthropic-version: "20260101" is not a valid version'),
        ({"headers": {"x-api-key": "sk-ant-real"}}, 401, "authentication_error",
         "Wrong key: use this provider's api_key. Do not send a real key here."),
        ({"model": "sim-529"}, 529, "overloaded_error", "Overloaded"),
        ({"model": "sim-429"}, 429, "rate_limit_error",
         ("This request would exceed your organization's rate limit of 60 requests per minute. For "
          "details, refer to: https://docs.claude.com/en/api/rate-limits.")),
        ({"model": "sim-500"}, 500, "api_error",
         ("The model sim-500 fails at every request; use another model.")),
    ],
)  # fmt: skip
def test_bad_requests_get_anthropics_errors(
    provider: Provider, wrong: dict[str, Any], status: int, kind: str, text: str
) -> None:
    """Type, words and the request's id."""
    got, body, headers = post(provider, **wrong)
    assert (got, body["type"]) == (status, "error")
    assert body["error"] == {"type": kind, "message": text}
    assert body["request_id"] == headers["request-id"]


@pytest.mark.parametrize("version", ["2023-01-01", "2023-06-01", "2026-10-21"])
def test_each_version_of_a_client_is_served(provider: Provider, version: str) -> None:
    """Its day is in each request; anthropic 2.14 sends the last of these."""
    assert post(provider, headers={"anthropic-version": version})[0] == 200


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ({"type": "url", "url": "https://example.com/a.png"}, ""),
        ({"type": "base64", "media_type": "image/gif", "data": GIF}, ""),
        ({"type": "base64", "media_type": "image/bmp", "data": GIF},
         (".base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or "
          "'image/webp'")),
        ({"type": "base64", "media_type": "image/gif", "data": ""},
         ".base64: image cannot be empty"),
        ({"type": "base64", "media_type": "image/png", "data": JPEG},
         ".base64.data: Image does not match the provided media type image/png"),
        ({"type": "base64", "media_type": "image/gif", "data": GIF + "A" * 5_242_880},
         ".base64: image exceeds 5 MB maximum: 5242900 bytes > 5242880 bytes"),
        ({"type": "base64", "media_type": "image/gif"}, ".base64.data: Field required"),
    ],
)  # fmt: skip
def test_an_image_is_one(provider: Provider, source: dict[str, str], text: str) -> None:
    """In a message, and in what a tool has found."""
    image: Any = {"type": "image", "source": source}
    used: Any = {"type": "tool_use", "id": "a", "name": "look", "input": {}}
    found: Any = {"type": "tool_result", "tool_use_id": "a", "content": [image]}
    asked: dict[str, Any] = {
        "messages.0.content.0.image.source": [{"role": "user", "content": [image]}],
        "messages.2.content.0.tool_result.content.0.image.source": [
            {"role": "user", "content": "Look."},
            {"role": "assistant", "content": [used]},
            {"role": "user", "content": [found]},
        ],
    }
    for place, messages in asked.items():
        status, body, _ = post(provider, messages=messages)
        assert status == (400 if text else 200)
        assert not text or body["error"]["message"] == place + text
