"""Bad parameters get the vendors' own errors: type, code, parameter and words.

The cases stand in tests/data/model_refusals.json, with where each is known from.
"""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from openai.types.responses.response_create_params import ResponseCreateParamsBase

from serverless_tax.cloud import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = json.loads((Path(__file__).parents[1] / "data" / "model_refusals.json").read_text())
ASK: Any = [{"role": "user", "content": "ping"}]
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CALLED = [
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "x"},
]
ITEMS = [
    {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c1", "output": "x"},
]
USE = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
USED = [
    {"role": "assistant", "content": [USE]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "x"}]},
]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A fast one."""
    with Provider(ttft_ms=1, tokens_per_s=10_000, output_tokens=20) as running:
        yield running


def post(provider: Provider, path: str, asked: dict[str, Any]) -> tuple[int, Any]:
    """Status and body of a bare request; the vendors' SDKs would correct some of these."""
    connection = http.client.HTTPConnection(urlsplit(provider.base_url).netloc, timeout=20)
    headers = {"Authorization": f"Bearer {provider.api_key}", "anthropic-version": "2023-06-01"}
    connection.request("POST", path, json.dumps({"model": "sim", **asked}), headers)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    return answer.status, said


def of_openai(case: dict[str, Any]) -> dict[str, Any]:
    """The whole envelope of a refusal."""
    known = {name: case[name] for name in ("message", "param", "code")}
    return {"error": {**known, "type": "invalid_request_error"}}


@pytest.mark.parametrize("case", CASES["chat"])
def test_a_bad_chat_gets_openais_error(provider: Provider, case: dict[str, Any]) -> None:
    """Of each parameter."""
    said = post(provider, "/v1/chat/completions", {"messages": ASK, **case["asked"]})
    assert said == (400, of_openai(case))


@pytest.mark.parametrize("case", CASES["responses"])
def test_a_bad_response_gets_openais_error(provider: Provider, case: dict[str, Any]) -> None:
    """The same of the other API."""
    said = post(provider, "/v1/responses", {"input": "ping", **case["asked"]})
    assert said == (400, of_openai(case))


@pytest.mark.parametrize("case", CASES["messages"])
def test_a_bad_message_gets_anthropics_error(provider: Provider, case: dict[str, Any]) -> None:
    """Its type and its words."""
    asked = {"max_tokens": 9, "messages": ASK, **case["asked"]}
    status, said = post(provider, "/v1/messages", asked)
    error = {"type": "invalid_request_error", "message": case["message"]}
    assert (status, said["type"], said["error"]) == (400, "error", error)


def test_a_chat_has_so_many_messages_at_most(provider: Provider) -> None:
    """OpenAI takes 2,048."""
    status, said = post(provider, "/v1/chat/completions", {"messages": ASK * 2049})
    assert (status, said["error"]["code"]) == (400, "array_above_max_length")
    assert post(provider, "/v1/chat/completions", {"messages": ASK * 2048})[0] == 200


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/v1/chat/completions", {"messages": [*ASK, *CALLED, *ASK]}),
        ("/v1/chat/completions", {"messages": ASK, "seed": 1, "logit_bias": {"1": -100}}),
        ("/v1/responses", {"input": ITEMS, "reasoning": {"effort": "low"}}),
        ("/v1/messages", {"max_tokens": 9, "messages": [*ASK, *USED, *ASK], "system": "s"}),
    ],
)
def test_what_the_vendors_take_is_taken(
    provider: Provider, path: str, asked: dict[str, Any]
) -> None:
    """Calls with their results, and the ends of ranges."""
    assert post(provider, path, asked)[0] == 200


@pytest.mark.parametrize(
    ("path", "asked", "known"),
    [
        ("/v1/chat/completions", {"messages": ASK}, CompletionCreateParamsBase),
        ("/v1/responses", {"input": "ping"}, ResponseCreateParamsBase),
    ],
)
def test_every_parameter_of_openais_package_is_known(
    provider: Provider, path: str, asked: dict[str, Any], known: Any
) -> None:
    """None is refused as one that does not exist."""
    every = dict.fromkeys(known.__annotations__)
    assert post(provider, path, {**every, "model": "sim", **asked})[0] == 200


TREE = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#"}},
    },
    "required": ["name", "children"],
    "additionalProperties": False,
}
NODE = {
    "type": "object",
    "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
    "required": ["next"],
    "additionalProperties": False,
}
LINKED = {
    "type": "object",
    "properties": {"list": {"$ref": "#/$defs/node"}},
    "required": ["list"],
    "additionalProperties": False,
    "$defs": {"node": NODE},
}
FREE = {"type": "object", "properties": {"x": True, "never": False}}
WITHIN: dict[str, Any] = {
    "not of type": {"type": "object", "properties": ["x"]},
    "not found": {"type": "object", "properties": {"x": {"$ref": "#/$defs/none"}}},
    "not valid": {"type": "object", "properties": {"x": {"type": "text"}}},
    "no value": {"type": "object", "properties": {"x": {"$ref": "#"}}, "required": ["x"]},
    "more than": {"type": "object", "properties": {"x": {"type": "array", "minItems": 10**9}}},
}


def with_schema(schema: Any, *, strict: bool) -> dict[str, tuple[str, dict[str, Any]]]:
    """Requests that send a schema, by where they send it."""
    named = {"name": "f", "strict": strict}
    tool = {"type": "function", **named, "parameters": schema}
    wanted = {"type": "json_schema", **named, "schema": schema}
    of_chat = {"type": "function", "function": {**named, "parameters": schema}}
    of_answer = {"type": "json_schema", "json_schema": {**named, "schema": schema}}
    of_claude = {"name": "f", "input_schema": schema}
    chat = {"messages": ASK}
    return {
        "chat's answer": ("/v1/chat/completions", {**chat, "response_format": of_answer}),
        "chat's tool": ("/v1/chat/completions", {**chat, "tools": [of_chat]}),
        "a response": ("/v1/responses", {"input": "x", "text": {"format": wanted}}),
        "a response's tool": ("/v1/responses", {"input": "x", "tools": [tool]}),
        "a message's tool": ("/v1/messages", {**chat, "max_tokens": 99, "tools": [of_claude]}),
    }


@pytest.mark.parametrize(
    ("schema", "fits"),
    [
        (TREE, {"name": "bill counts the", "children": [{"name": "bill counts the"}]}),
        (LINKED, {"list": {"next": None}}),
        (FREE, {"x": "bill counts the"}),
    ],
)
def test_a_schema_may_refer_to_itself(provider: Provider, schema: Any, fits: Any) -> None:
    """A value that fits it ends."""
    if schema is TREE:
        fits["children"][0]["children"] = []
    for path, asked in with_schema(schema, strict=schema is not FREE).values():
        status, said = post(provider, path, asked)
        assert status == 200, said
        assert fits in [*json_values(said)]


def json_values(said: Any) -> Iterator[Any]:
    """Every part of an answer, and every text of it that is JSON."""
    if isinstance(said, str) and said.startswith("{"):
        said = json.loads(said)
    yield said
    for below in (
        said.values() if isinstance(said, dict) else said if isinstance(said, list) else []
    ):
        yield from json_values(below)


@pytest.mark.parametrize("words", WITHIN)
def test_a_broken_schema_is_refused(provider: Provider, words: str) -> None:
    """With the place in it; Anthropic says only that it is none."""
    for where, (path, asked) in with_schema(WITHIN[words], strict=False).items():
        status, said = post(provider, path, asked)
        claude = "tools.0.custom.input_schema: JSON schema is invalid."
        assert status == 400, where
        assert (claude if "message" in where else words) in said["error"]["message"]
