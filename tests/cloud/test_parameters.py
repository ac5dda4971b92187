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
