"""Chat completions as clients use them: tools, objects, several choices, stops, and refusals."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import openai
import pytest

from serverless_tax.cloud import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator

ASK: Any = [{"role": "user", "content": "Why is my bill so high? Answer in JSON."}]
SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "unit": {"enum": ["C", "F"]},
        "days": {"type": "array", "items": {"$ref": "#/$defs/day"}, "minItems": 2},
    },
    "required": ["city", "unit", "days"],
    "additionalProperties": False,
    "$defs": {"day": {"type": "integer", "minimum": 3}},
}
FITS = {"city": "bill counts the", "unit": "C", "days": [3, 3]}
TOOLS: Any = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]


@pytest.fixture(scope="module")
def client() -> Iterator[openai.OpenAI]:
    """The real SDK, at a fast provider."""
    with (
        Provider(ttft_ms=5, tokens_per_s=5000, output_tokens=30) as provider,
        openai.OpenAI(base_url=provider.base_url, api_key=provider.api_key) as sdk,
    ):
        yield sdk


def create(client: openai.OpenAI, **settings: Any) -> Any:
    """Ask for an answer."""
    return client.chat.completions.create(**{"model": "sim", "messages": ASK, **settings})


@pytest.mark.parametrize("streamed", ["whole", "streamed"])
def test_a_tool_is_called_once_and_its_result_answered(
    client: openai.OpenAI, streamed: str
) -> None:
    """Arguments fit the schema; after the tool's message the answer is in words."""
    if streamed == "streamed":
        with client.chat.completions.stream(model="sim", messages=ASK, tools=TOOLS) as stream:
            stream.until_done()
            choice = stream.get_final_completion().choices[0]
    else:
        choice = create(client, tools=TOOLS).choices[0]
    [call] = choice.message.tool_calls
    assert (choice.finish_reason, call.function.name) == ("tool_calls", "weather")
    assert json.loads(call.function.arguments) == FITS

    said = choice.message.model_dump(exclude_none=True)
    result = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
    after = create(client, tools=TOOLS, messages=[*ASK, said, result]).choices[0]
    assert after.finish_reason == "stop"
    assert len(after.message.content.split()) == 30


def test_a_tools_choice_is_kept(client: openai.OpenAI) -> None:
    """None calls nothing, a name calls it."""
    assert create(client, tools=TOOLS, tool_choice="none").choices[0].finish_reason == "stop"
    named = {"type": "function", "function": {"name": "weather"}}
    assert create(client, tools=TOOLS, tool_choice=named).choices[0].message.tool_calls


def test_a_forced_tool_is_the_next_one(client: openai.OpenAI) -> None:
    """As an agent forces them until the one of its answer comes, which it would wait for."""
    own: Any = {"type": "function", "function": {"name": "answer", "parameters": SCHEMA}}
    asked, used = {"tools": [*TOOLS, own], "tool_choice": "required"}, []
    messages: list[Any] = list(ASK)
    for _ in range(3):
        said = create(client, **asked, messages=messages).choices[0].message
        [call] = said.tool_calls
        used.append(call.function.name)
        result = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
        messages += [said.model_dump(exclude_none=True), result]
    assert used == ["weather", "answer", "answer"]


def test_an_answer_fits_its_schema(client: openai.OpenAI) -> None:
    """Streamed as any text; JSON mode gives an object."""
    named = {"name": "report", "schema": SCHEMA, "strict": True}
    wanted = {"type": "json_schema", "json_schema": named}
    chunks = create(client, response_format=wanted, stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert json.loads(text) == FITS
    some = create(client, response_format={"type": "json_object"}).choices[0].message.content
    assert isinstance(json.loads(some), dict)


def test_choices_and_stops(client: openai.OpenAI) -> None:
    """Each choice has its own words; a stop ends them and is not in them."""
    answer = create(client, n=3)
    texts = [choice.message.content for choice in answer.choices]
    assert len(set(texts)) == 3
    assert answer.usage.completion_tokens == 90
    streamed = ["", "", ""]
    for chunk in create(client, n=3, stream=True):
        streamed[chunk.choices[0].index] += chunk.choices[0].delta.content or ""
    assert streamed == texts

    stop = texts[0].split()[4]
    stopped = create(client, stop=["nowhere", stop]).choices[0]
    assert stopped.finish_reason == "stop"
    assert stopped.message.content == texts[0].partition(stop)[0]


def test_models_are_listed(client: openai.OpenAI) -> None:
    """And one that is not listed is not found, though it answers when it is asked."""
    assert "sim" in [model.id for model in client.models.list()]
    assert client.models.retrieve("sim").id == "sim"
    with pytest.raises(openai.NotFoundError, match="The model 'nope' does not exist"):
        client.models.retrieve("nope")
    assert create(client, model="nope").choices


def test_a_rate_limit_ends(client: openai.OpenAI) -> None:
    """The SDK waits as long as Retry-After says, and has its answer; a second one is quick."""
    with pytest.raises(openai.RateLimitError) as limited:
        create(client.with_options(max_retries=0), model="sim-429")
    assert limited.value.response.headers["retry-after"] == "1"
    began = time.monotonic()
    assert create(client, model="sim-429").choices[0].message.content
    assert 0.3 < time.monotonic() - began < 30
    assert create(client.with_options(max_retries=0), model="sim-429").choices
