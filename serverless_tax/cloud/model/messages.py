"""Anthropic's Messages: words, thoughts and tool calls, whole or streamed.

https://docs.claude.com/en/api/messages and https://docs.claude.com/en/docs/build-with-claude/streaming
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from serverless_tax.cloud.exchange import HttpResponse
from serverless_tax.cloud.model.answers import WORDS, Answer, Wanted, forced, until
from serverless_tax.cloud.model.blocks import check_members, check_messages, refused
from serverless_tax.cloud.model.pace import Pace
from serverless_tax.cloud.model.schemas import is_open, wrong_in

LEAST_THINKING_TOKENS = 1024
_THOUGHTS_OF_AN_ANSWER = 0.5
"""Of the tokens of an answer with thoughts, the share of these; a real model varies it."""
_TOOL_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,128}$")
_KNOWN = frozenset(
    [
        *("model", "messages", "max_tokens", "stop_sequences", "stream", "system", "thinking"),
        *("tools", "tool_choice", "temperature", "top_p", "top_k", "metadata", "service_tier"),
        *("cache_control", "output_config", "output_format"),
    ]
)
_NOT_HERE = frozenset(
    [
        *("mcp_servers", "container", "context_management", "inference_geo", "speed"),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAsked:
    """A checked request.

    Attributes:
        tool: the tool that is used; None for words.
        thinks: whether the answer begins with thoughts.
    """

    model: str
    wanted: Wanted
    stream: bool
    tool: str | None
    thinks: bool


def read_messages(asked: Mapping[str, Any]) -> MessageAsked:
    """Check a request.

    Raises:
        ApiError: in Anthropic's words.
    """
    for name, value in asked.items():
        if name in _NOT_HERE and value:
            raise refused(f"{name}: this provider has no model that could do it")
        if name not in _KNOWN | _NOT_HERE:
            raise refused(f"{name}: Extra inputs are not permitted")
    model = _typed(asked, "model", str, "string", required=True)
    if not model:
        raise refused("model: String should have at least 1 character")
    most = _typed(asked, "max_tokens", int, "integer", required=True)
    messages = _typed(asked, "messages", list, "list", required=True)
    _at_least(most, 1, "max_tokens")
    check_messages(messages)
    _check_others(asked)
    stop = _stops(asked)
    thinks = _thinks(asked, most)
    tool = _chosen(asked, messages, thinks=thinks)
    prompt = [asked.get("system"), messages, tool and tool[0]]
    form = _form(asked)
    schema = tool[1] if tool else form
    wanted = Wanted(prompt=prompt, most_tokens=most, stop=() if tool else stop, schema=schema)
    return MessageAsked(
        model=model,
        wanted=wanted,
        stream=bool(_typed(asked, "stream", bool, "boolean")),
        tool=tool[0] if tool else None,
        thinks=thinks,
    )


def count_tokens(asked: Mapping[str, Any]) -> dict[str, int]:
    """Return the length of a prompt in tokens.

    Raises:
        ApiError: in Anthropic's words.
    """
    read = read_messages({"max_tokens": 1, **asked})
    return {"input_tokens": Answer(read.wanted, Pace(), 0).prompt_tokens}


def _typed(
    asked: Mapping[str, Any],
    name: str,
    kind: type | tuple[type, ...],
    called: str,
    *,
    required: bool = False,
) -> Any:
    value = asked.get(name)
    if value is None:
        if required:
            raise refused(f"{name}: Field required")
        return None
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise refused(f"{name}: Input should be a valid {called}")
    return value


def _at_least(value: int, least: int, name: str) -> None:
    if value < least:
        raise refused(f"{name}: Input should be greater than or equal to {least}")


def _check_share(asked: Mapping[str, Any], name: str) -> None:
    value = _typed(asked, name, (int, float), "number")
    if value is not None and not 0 <= value <= 1:
        bound = "less than or equal to 1" if value > 1 else "greater than or equal to 0"
        raise refused(f"{name}: Input should be {bound}")


def _check_others(asked: Mapping[str, Any]) -> None:
    """Check what changes no answer here."""
    _check_share(asked, "temperature")
    _check_share(asked, "top_p")
    top = _typed(asked, "top_k", int, "integer")
    if top is not None:
        _at_least(top, 0, "top_k")
    user = (_typed(asked, "metadata", dict, "dictionary") or {}).get("user_id")
    if user is not None and not isinstance(user, str):
        raise refused("metadata.user_id: Input should be a valid string")
    if asked.get("service_tier") not in {None, "auto", "standard_only"}:
        raise refused("service_tier: Input should be 'auto' or 'standard_only'")
    system = asked.get("system")
    if system is not None and not isinstance(system, str | list):
        raise refused("system: Input should be a valid list")
    for at, block in enumerate(system if isinstance(system, list) else []):
        if not isinstance(block, dict):
            raise refused(f"system.{at}: Input should be a valid dictionary")
        check_members(block, {"type": str, "text": str}, f"system.{at}")


def _stops(asked: Mapping[str, Any]) -> list[str]:
    stop = _typed(asked, "stop_sequences", list, "list") or []
    for at, one in enumerate(stop):
        if not isinstance(one, str):
            raise refused(f"stop_sequences.{at}: Input should be a valid string")
        if not one.strip():
            raise refused("stop_sequences: each stop sequence must contain non-whitespace")
    return list(stop)


def _thinks(asked: Mapping[str, Any], most: int) -> bool:
    thinking = _typed(asked, "thinking", dict, "dictionary") or {"type": "disabled"}
    kind = thinking.get("type")
    if kind not in {"enabled", "disabled", "adaptive"}:
        raise refused(
            f"thinking: Input tag '{kind}' found using 'type' does not match any of the expected "
            "tags: 'adaptive', 'disabled', 'enabled'"
        )
    if kind == "enabled":
        budget = thinking.get("budget_tokens")
        if not isinstance(budget, int):
            raise refused("thinking.enabled.budget_tokens: Field required")
        _at_least(budget, LEAST_THINKING_TOKENS, "thinking.enabled.budget_tokens")
        if budget >= most:
            raise refused("`max_tokens` must be greater than `thinking.budget_tokens`.")
        if asked.get("temperature") not in {None, 1}:
            raise refused("`temperature` may only be set to 1 when thinking is enabled.")
    return bool(kind != "disabled")


_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_OF_OUTPUT = ("effort", "format")


def _form(asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema that an answer in words has to fill; None for any words.

    The effort changes no answer here. ``output_format`` is the setting's name of its first months:
    https://docs.claude.com/en/docs/build-with-claude/structured-outputs
    """
    config = _typed(asked, "output_config", dict, "dictionary") or {}
    for name in config:
        if name not in _OF_OUTPUT:
            raise refused(f"output_config.{name}: Extra inputs are not permitted")
    if config.get("effort") not in {None, *_EFFORTS}:
        *most, last = (f"'{one}'" for one in _EFFORTS)
        raise refused(f"output_config.effort: Input should be {', '.join(most)} or {last}")
    where = "output_config.format" if config.get("format") else "output_format"
    form = config.get("format") or _typed(asked, "output_format", dict, "dictionary")
    if form is None:
        return None
    if not isinstance(form, dict):
        raise refused(f"{where}: Input should be a valid dictionary")
    if form.get("type") != "json_schema":
        raise refused(f"{where}.type: Input should be 'json_schema'")
    schema = _typed(form, "schema", dict, "dictionary", required=True)
    if wrong_in(schema):
        raise refused(f"{where}.schema: {_NO_SCHEMA}")
    if is_open(schema):
        raise refused(
            f"{where}.schema: For 'object' type, 'additionalProperties' must be explicitly set to "
            "false"
        )
    return dict(schema)


_NO_SCHEMA = (
    "JSON schema is invalid. It must match JSON Schema draft 2020-12 "
    "(https://json-schema.org/draft/2020-12). Learn more about tool use at "
    "https://docs.claude.com/en/docs/tool-use."
)


def _tools(asked: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The schemas of the tools, by name."""
    tools: dict[str, Mapping[str, Any]] = {}
    for at, tool in enumerate(_typed(asked, "tools", list, "list") or []):
        where = f"tools.{at}.custom"
        if not isinstance(tool, dict):
            raise refused(f"tools.{at}: Input should be a valid dictionary")
        if tool.get("type", "custom") != "custom":
            raise refused(
                f"tools.{at}: this provider has no model that could use a tool of type "
                f"'{tool['type']}'; it uses tools with an input_schema"
            )
        check_members(tool, {"name": str, "input_schema": dict}, where)
        if not _TOOL_NAME.fullmatch(tool["name"]):
            raise refused(f"{where}.name: String should match pattern '{_TOOL_NAME.pattern}'")
        if "type" not in tool["input_schema"]:
            raise refused(f"{where}.input_schema.type: Field required")
        if tool["input_schema"]["type"] != "object":
            raise refused(f"{where}.input_schema.type: Input should be 'object'")
        if wrong_in(tool["input_schema"]):
            raise refused(f"{where}.input_schema: {_NO_SCHEMA}")
        if tool["name"] in tools:
            raise refused("tools: Tool names must be unique.")
        tools[tool["name"]] = tool["input_schema"]
    return tools


def _chosen(
    asked: Mapping[str, Any], messages: list[Any], *, thinks: bool
) -> tuple[str, Mapping[str, Any]] | None:
    """The tool that is used, with its schema; None for words.

    Left to itself, the provider uses the first one, once: it answers the result in words.
    """
    tools = _tools(asked)
    given = _typed(asked, "tool_choice", dict, "dictionary")
    choice = given or {"type": "auto"}
    kind = choice.get("type")
    if kind not in {"auto", "any", "tool", "none"}:
        raise refused(f"tool_choice: Input tag '{kind}' found using 'type' is not expected")
    if given and not tools:
        raise refused("tool_choice may only be specified while providing tools.")
    if thinks and kind in {"any", "tool"}:
        raise refused("Thinking may not be enabled when tool_choice forces tool use.")
    if kind == "tool":
        if choice.get("name") not in tools:
            raise refused(f"Tool '{choice.get('name')}' not found in provided tools")
        return choice["name"], tools[choice["name"]]
    is_answered = any(one["type"] == "tool_result" for one in _blocks_of(messages[-1]))
    if not tools or kind == "none" or (kind == "auto" and is_answered):
        return None
    every = (block for one in messages for block in _blocks_of(one))
    called = [one["name"] for one in every if kind == "any" and one["type"] == "tool_use"]
    return forced(tools, called)


def _blocks_of(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = message["content"]
    return content if isinstance(content, list) else []


class Message:
    """The answer to one request."""

    def __init__(self, asked: MessageAsked, pace: Pace, count: int) -> None:
        self._asked = asked
        self._answer = Answer(asked.wanted, pace, count)
        digest = self._answer.digest
        self._tool_id = f"toolu_01{digest[:16]}{count:06d}"
        self._thoughts: list[str] = []
        tokens = self._answer.tokens
        if asked.thinks and asked.wanted.schema is None:
            thought = int(len(tokens) * _THOUGHTS_OF_AN_ANSWER)
            self._thoughts, tokens = tokens[:thought], tokens[thought:]
        elif asked.thinks:
            self._thoughts = [f" {word}" for word in WORDS[:8]]
        self._tokens = tokens
        self._head: dict[str, Any] = {
            "id": f"msg_01{digest[:16]}{count:06d}",
            "type": "message",
            "role": "assistant",
            "model": asked.model,
        }

    async def respond(self, received: float) -> HttpResponse:
        """Answer whole or as a stream, at the pace, which counts from the request."""
        if self._asked.stream:
            kind = {"Content-Type": "text/event-stream; charset=utf-8"}
            return HttpResponse(200, self._stream(received), kind)
        await until(received + self.lasts_s)
        text = "".join(self._tokens)
        content = [
            self._block("".join(self._thoughts), "thinking") if kind == "thinking"
            else self._block(text, kind) for kind, _ in self._blocks()
        ]  # fmt: skip
        body = {**self._head, "content": content, **self._end(), "usage": self._usage()}
        return HttpResponse(200, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _blocks(self) -> list[tuple[str, list[str]]]:
        last = "tool_use" if self._asked.tool else "text"
        thought = [("thinking", self._thoughts)] if self._asked.thinks else []
        return [*thought, (last, self._tokens)]

    def _block(self, text: str, kind: str) -> dict[str, Any]:
        if kind == "thinking":
            return {"type": kind, "thinking": text, "signature": self._signature() if text else ""}
        if kind == "text":
            return {"type": kind, "text": text}
        given = _object(text)
        return {"type": kind, "id": self._tool_id, "name": self._asked.tool, "input": given}

    def _signature(self) -> str:
        return self._answer.digest

    @property
    def input_tokens(self) -> int:
        """The length of what was asked."""
        return self._answer.prompt_tokens

    @property
    def output_tokens(self) -> int:
        """Its length, with its thoughts."""
        return len(self._thoughts) + len(self._tokens)

    @property
    def lasts_s(self) -> float:
        """Seconds from the request until it is whole."""
        return self._answer.moments_s[-1]

    def _usage(self, said: int | None = None) -> dict[str, Any]:
        return {
            "input_tokens": self.input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": self.output_tokens if said is None else said,
            "service_tier": "standard",
        }

    def _end(self) -> dict[str, Any]:
        by = self._answer.stopped_by
        reasons = {"length": "max_tokens", "stop": "stop_sequence" if by else "end_turn"}
        reason = reasons[self._answer.finish]
        if self._asked.tool and reason == "end_turn":
            reason = "tool_use"
        return {"stop_reason": reason, "stop_sequence": by or None}

    async def _stream(self, received: float) -> AsyncIterator[bytes]:
        """Yield the events: the message, its blocks with each token at its moment, the end."""
        moments = iter(self._answer.moments_s)
        last = received
        begun: dict[str, Any] = {"content": [], "stop_reason": None, "stop_sequence": None}
        start = {**self._head, **begun, "usage": self._usage(1)}
        await until(received + next(moments))
        yield _event("message_start", {"message": start}) + _event("ping", {})
        is_first = True
        for at, (kind, tokens) in enumerate(self._blocks()):
            block = self._block("", kind)
            yield _event("content_block_start", {"index": at, "content_block": block})
            for token in tokens:
                if not is_first:
                    last = received + next(moments, last - received)
                    await until(last)
                is_first = False
                yield _event("content_block_delta", {"index": at, "delta": _delta(kind, token)})
            if kind == "thinking":
                signed = {"type": "signature_delta", "signature": self._signature()}
                yield _event("content_block_delta", {"index": at, "delta": signed})
            yield _event("content_block_stop", {"index": at})
        said = {"output_tokens": self._usage()["output_tokens"]}
        yield _event("message_delta", {"delta": self._end(), "usage": said})
        yield _event("message_stop", {})


def _delta(kind: str, token: str) -> dict[str, str]:
    names = {
        "thinking": ("thinking_delta", "thinking"),
        "text": ("text_delta", "text"),
        "tool_use": ("input_json_delta", "partial_json"),
    }
    called, member = names[kind]
    return {"type": called, member: token}


def _object(text: str) -> Any:
    """What a tool is given; nothing where the limit of tokens has cut it off."""
    try:
        return json.loads(text or "{}")
    except ValueError:
        return {}


def _event(kind: str, value: dict[str, Any]) -> bytes:
    said = json.dumps({"type": kind, **value}, separators=(",", ":"))
    return f"event: {kind}\ndata: {said}\n\n".encode()


def new_request_id() -> str:
    """Return an id in the form of Anthropic's."""
    return f"req_01{secrets.token_hex(11)}"
