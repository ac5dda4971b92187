"""OpenAI's chat completions: words, tool calls and objects, whole or streamed.

The chunks are as long as the real ones, because the labs measure the CPU of parsing them:
https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from serverless_tax.cloud.exchange import HttpResponse
from serverless_tax.cloud.model.answers import Answer, Wanted, forced, until
from serverless_tax.cloud.model.conversation import check_messages, empty_array
from serverless_tax.cloud.model.errors import ApiError
from serverless_tax.cloud.model.pace import Pace
from serverless_tax.cloud.model.parameters import (
    at_most,
    check_common,
    check_effort,
    check_schema,
    given,
    identifier,
    number,
    one_of,
    parameters_of,
    refuse_unknown,
    required,
    wrong_type,
)

_KNOWN = frozenset(
    [
        *("model", "messages", "max_tokens", "max_completion_tokens", "n", "stop", "stream"),
        *("stream_options", "tools", "tool_choice", "parallel_tool_calls", "response_format"),
        # Without a model these change nothing.
        *("temperature", "top_p", "seed", "frequency_penalty", "presence_penalty", "user"),
        *("metadata", "store", "service_tier", "reasoning_effort", "verbosity", "logit_bias"),
        *("safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prediction"),
        "prompt_cache_options",
    ]
)
_NOT_HERE = frozenset(
    [
        *("logprobs", "top_logprobs", "audio", "modalities", "web_search_options", "functions"),
        *("function_call", "moderation"),
    ]
)
_TOOLS = ("function", "custom")
_MOST_STOPS, _MOST_CHOICES = 4, 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A checked request.

    Attributes:
        tool: the function that is called; None for words.
    """

    model: str
    wanted: Wanted
    choices: int
    stream: bool
    with_usage: bool
    tool: str | None


def read_chat(asked: Mapping[str, Any]) -> Chat:
    """Check a request.

    Raises:
        ApiError: in OpenAI's words.
    """
    if not asked.get("model"):
        raise ApiError(400, "you must provide a model parameter")
    refuse_unknown(asked, _KNOWN, _NOT_HERE)
    given(asked, "model", "string")
    messages = required(asked, "messages", "objects")
    functions = _functions(asked)
    check_common(asked)
    check_effort(asked.get("reasoning_effort"), "reasoning_effort")
    check_messages(messages)
    _check_alone(asked)
    choices = number(asked, "n", "integer", 1, _MOST_CHOICES) or 1
    stop = stops(asked)
    limits = [number(asked, name, "integer", 1) for name in ("max_completion_tokens", "max_tokens")]
    called = [call["function"]["name"] for one in messages for call in one.get("tool_calls") or []]
    is_answered = messages[-1].get("role") == "tool"
    tool = chosen_tool(asked, functions, called, is_answered=is_answered)
    schema = tool[1] if tool else _object_schema(asked, messages)
    prompt = [messages, tool[0]] if tool else messages
    return Chat(
        model=asked["model"],
        wanted=Wanted(
            prompt=prompt,
            most_tokens=next((limit for limit in limits if limit), None),
            stop=() if tool else stop,
            schema=schema,
        ),
        choices=choices,
        stream=bool(given(asked, "stream", "boolean")),
        with_usage=bool((given(asked, "stream_options", "object") or {}).get("include_usage")),
        tool=tool[0] if tool else None,
    )


def _check_alone(asked: Mapping[str, Any]) -> None:
    """Refuse parameters that mean something only beside another, or without it."""
    options = given(asked, "stream_options", "object")
    for name in options or {}:
        if name not in {"include_usage", "include_obfuscation"}:
            where = f"stream_options.{name}"
            raise ApiError(400, f"Unknown parameter: '{where}'.", "unknown_parameter", where)
    if options is not None and not asked.get("stream"):
        text = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise ApiError(400, text, None, "stream_options")
    for name in ("tool_choice", "parallel_tool_calls"):
        if asked.get(name) is not None and not asked.get("tools"):
            text = (
                f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified."
            )
            raise ApiError(400, text, None, name)
    if prediction := given(asked, "prediction", "object"):
        one_of(prediction.get("type"), ("content",), "prediction.type")
    if None not in (asked.get("max_tokens"), asked.get("max_completion_tokens")):
        text = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        raise ApiError(400, text, "invalid_parameter_combination", "max_tokens")


def stops(asked: Mapping[str, Any]) -> list[str]:
    """Return the texts that end an answer.

    Raises:
        ApiError: for more than four, or none that are texts.
    """
    stop = asked.get("stop") or []
    stop = [stop] if isinstance(stop, str) else given(asked, "stop", "array") or []
    at_most(stop, _MOST_STOPS, "stop")
    for at, one in enumerate(stop):
        if not isinstance(one, str):
            text = f"Invalid type for 'stop[{at}]': expected a string."
            raise ApiError(400, text, "invalid_type", f"stop[{at}]")
    return list(stop)


def _functions(asked: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The schemas of the functions that may be called, by name."""
    found: dict[str, Mapping[str, Any]] = {}
    for at, tool in enumerate(tools_of(asked)):
        where = f"tools[{at}]"
        one_of(required(tool, "type", "string", f"{where}.type"), _TOOLS, f"{where}.type")
        if tool["type"] != "function":
            raise no_such_tool(tool["type"], f"{where}.type")
        function = required(tool, "function", "object", f"{where}.function")
        name = identifier(function, f"{where}.function.name")
        found[name] = parameters_of(function, name, f"{where}.function.parameters")
    return found


def tools_of(asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The tools of a request, each an object.

    Raises:
        ApiError: where they are none.
    """
    tools = given(asked, "tools", "objects")
    if tools == []:
        raise empty_array("tools")
    for at, tool in enumerate(tools or []):
        if not isinstance(tool, dict):
            raise wrong_type(tool, f"tools[{at}]", "an object")
    return list(tools or [])


def no_such_tool(kind: str, where: str) -> ApiError:
    """The refusal of a tool that OpenAI has and this provider lacks."""
    text = (
        f"Unsupported tool: {kind!r} needs a real model, which this provider lacks; it calls tools "
        "of type 'function'."
    )
    return ApiError(400, text, "unsupported_value", where)


def chosen_tool(
    asked: Mapping[str, Any],
    functions: Mapping[str, Mapping[str, Any]],
    called: Collection[str],
    *,
    is_answered: bool,
) -> tuple[str, Mapping[str, Any]] | None:
    """Return the function that is called, with its schema; None for an answer in words.

    Left to itself, the provider calls the first one, once: it answers the call's result in words.

    Args:
        asked: the request.
        functions: their schemas by name.
        called: those that the conversation has called before.
        is_answered: whether it ends with a call's result.

    Raises:
        ApiError: for a choice of none that is there.
    """
    choice = asked.get("tool_choice")
    if choice is not None and not isinstance(choice, str | dict):
        union = "one of one of 'none', 'auto', or 'required' or object"
        raise wrong_type(choice, "tool_choice", union)
    if isinstance(choice, dict):
        name = _named_tool(choice, functions, in_chat="messages" in asked)
        return name, functions[name]
    one_of(choice or "auto", ("none", "auto", "required"), "tool_choice")
    if choice == "required" and not functions:
        text = (
            "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are "
            "specified."
        )
        raise ApiError(400, text, None, "tool_choice")
    if not functions or choice == "none" or (choice != "required" and is_answered):
        return None
    return forced(functions, called if choice == "required" else ())


def _named_tool(choice: Mapping[str, Any], functions: Mapping[str, Any], *, in_chat: bool) -> str:
    """The function that a choice names; the two APIs name it and refuse it differently."""
    if not in_chat:
        name = choice.get("name")
        if name not in functions:
            text = f"Tool choice '{name or choice.get('type')}' not found in 'tools' parameter."
            raise ApiError(400, text, None, "tool_choice")
        return str(name)
    where = "tool_choice.function"
    name = required(
        required(choice, "function", "object", where), "name", "string", f"{where}.name"
    )
    if name not in functions:
        text = (
            f"Invalid value for 'function_call': no function named '{name}' was specified in the "
            "'functions' parameter."
        )
        raise ApiError(400, text, None, "function_call")
    return str(name)


def _object_schema(asked: Mapping[str, Any], messages: list[Any]) -> Mapping[str, Any] | None:
    """The schema of the object that is asked for; None for words."""
    wanted = given(asked, "response_format", "object")
    if wanted is None:
        return None
    kind = required(wanted, "type", "string", "response_format.type")
    one_of(kind, ("json_object", "json_schema", "text"), "response_format.type")
    if kind == "json_schema":
        where = "response_format.json_schema"
        named = required(wanted, "json_schema", "object", where)
        name = identifier(named, f"{where}.name")
        schema = dict(required(named, "schema", "object", f"{where}.schema"))
        strict = bool(named.get("strict"))
        check_schema(schema, f"response_format '{name}'", "response_format", None, strict=strict)
        return schema
    if kind == "json_object":
        if "json" not in json.dumps(messages).lower():
            text = (
                "'messages' must contain the word 'json' in some form, to use 'response_format' of "
                "type 'json_object'."
            )
            raise ApiError(400, text, None, "messages")
        return {"type": "object", "properties": {"answer": {"type": "string"}}}
    return None


class Completion:
    """The answers to one request, and the envelope around every chunk."""

    def __init__(self, chat: Chat, pace: Pace, count: int) -> None:
        self._chat = chat
        self._answers = [Answer(chat.wanted, pace, count, n) for n in range(chat.choices)]
        digest = self._answers[0].digest
        self._call_ids = [f"call_{digest[:16]}{count:06d}{n}" for n in range(chat.choices)]
        self._envelope: dict[str, Any] = {
            "id": f"chatcmpl-{digest[:20]}{count:09d}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": chat.model,
            "service_tier": "default",
            "system_fingerprint": f"fp_{digest[:10]}",
        }

    async def respond(self, received: float) -> HttpResponse:
        """Answer whole or as a stream, at the pace, which counts from the request."""
        if self._chat.stream:
            kind = {"Content-Type": "text/event-stream; charset=utf-8"}
            return HttpResponse(200, self._stream(received), kind)
        await until(received + self.lasts_s)
        body = json.dumps(self._whole()).encode()
        return HttpResponse(200, body, {"Content-Type": "application/json"})

    @property
    def input_tokens(self) -> int:
        """The length of what was asked."""
        return self._answers[0].prompt_tokens

    @property
    def output_tokens(self) -> int:
        """The length of all of them."""
        return sum(len(answer.tokens) for answer in self._answers)

    @property
    def lasts_s(self) -> float:
        """Seconds from the request until all of them are whole."""
        return max(answer.moments_s[-1] for answer in self._answers)

    def _usage(self) -> dict[str, Any]:
        prompt, said = self.input_tokens, self.output_tokens
        return {"prompt_tokens": prompt, "completion_tokens": said, "total_tokens": prompt + said}

    def _finish(self, answer: Answer) -> str:
        return "tool_calls" if self._chat.tool and answer.finish == "stop" else answer.finish

    def _whole(self) -> dict[str, Any]:
        choices = []
        for n, answer in enumerate(self._answers):
            message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": None}
            if self._chat.tool:
                function = {"name": self._chat.tool, "arguments": answer.text}
                call = {"id": self._call_ids[n], "type": "function", "function": function}
                message |= {"content": None, "tool_calls": [call]}
            finish = self._finish(answer)
            one = {"index": n, "message": message, "logprobs": None, "finish_reason": finish}
            choices.append(one)
        whole = {"object": "chat.completion", "choices": choices, "usage": self._usage()}
        return {**self._envelope, **whole}

    async def _stream(self, received: float) -> AsyncIterator[bytes]:
        """Yield server-sent events: the role, each token at its moment, the end, the usage.

        Each moment counts from the request, so that a late token does not delay the next.
        """
        moments = sorted(
            (moment, n, at)
            for n, answer in enumerate(self._answers)
            for at, moment in enumerate(answer.moments_s)
        )
        for moment, n, at in moments:
            await until(received + moment)
            sent = self._opening(n) if at == 0 else b""
            tokens = self._answers[n].tokens
            if tokens:
                sent += self._token(n, tokens[at])
            if at >= len(tokens) - 1:
                sent += self._chunk(n, {}, self._finish(self._answers[n]))
            yield sent
        end = b""
        if self._chat.with_usage:
            end = _event({**self._envelope, "choices": [], "usage": self._usage()})
        yield end + b"data: [DONE]\n\n"

    def _opening(self, n: int) -> bytes:
        delta: dict[str, Any] = {"role": "assistant", "content": "", "refusal": None}
        if self._chat.tool:
            function = {"name": self._chat.tool, "arguments": ""}
            call = {"index": 0, "id": self._call_ids[n], "type": "function", "function": function}
            delta |= {"content": None, "tool_calls": [call]}
        return self._chunk(n, delta, None)

    def _token(self, n: int, token: str) -> bytes:
        if not self._chat.tool:
            return self._chunk(n, {"content": token}, None)
        return self._chunk(
            n, {"tool_calls": [{"index": 0, "function": {"arguments": token}}]}, None
        )

    def _chunk(self, n: int, delta: dict[str, Any], finish: str | None) -> bytes:
        choice = {"index": n, "delta": delta, "logprobs": None, "finish_reason": finish}
        # The API pads each chunk with random letters, to hide the length of the word.
        padding = secrets.token_urlsafe(9)[: max(1, 12 - len(str(delta.get("content") or "")))]
        return _event(
            {**self._envelope, "choices": [choice], "usage": None, "obfuscation": padding}
        )


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"
