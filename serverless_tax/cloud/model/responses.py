"""OpenAI's Responses: words, function calls and objects; whole, streamed or in the background.

https://platform.openai.com/docs/api-reference/responses-streaming and
https://platform.openai.com/docs/guides/background
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from serverless_tax.cloud.exchange import HttpResponse
from serverless_tax.cloud.model.answers import Answer, Wanted, until
from serverless_tax.cloud.model.chat import chosen_tool, no_such_tool, tools_of
from serverless_tax.cloud.model.conversation import check_items
from serverless_tax.cloud.model.errors import ApiError
from serverless_tax.cloud.model.pace import Pace
from serverless_tax.cloud.model.parameters import (
    check_common,
    check_effort,
    check_schema,
    chosen,
    given,
    identifier,
    number,
    one_of,
    parameters_of,
    refuse_unknown,
    required,
    wrong_type,
)
from serverless_tax.cloud.model.webhooks import announce, require_loopback

LEAST_OUTPUT_TOKENS = 16
_KNOWN = frozenset(
    [
        *("model", "input", "instructions", "stream", "stream_options", "background", "store"),
        *("tools", "tool_choice", "parallel_tool_calls", "text", "max_output_tokens", "metadata"),
        *("previous_response_id", "temperature", "top_p", "user", "reasoning", "service_tier"),
        *("truncation", "include", "safety_identifier", "prompt_cache_key", "max_tool_calls"),
        *("prompt_cache_retention", "prompt_cache_options"),
    ]
)
_VERBOSITIES = ("low", "medium", "high")
_TOOLS = (
    *("function", "custom", "web_search", "web_search_preview", "file_search", "code_interpreter"),
    *("computer_use_preview", "image_generation", "local_shell", "shell", "apply_patch", "mcp"),
)
_INCLUDED = (
    *("file_search_call.results", "web_search_call.results", "web_search_call.action.sources"),
    *("message.input_image.image_url", "computer_call_output.output.image_url"),
    *("code_interpreter_call.outputs", "reasoning.encrypted_content"),
    "message.output_text.logprobs",
)
_NOT_HERE = frozenset(
    [
        *("prompt", "conversation", "top_logprobs", "moderation", "image", "background_options"),
        *("access_programs", "context_management"),
    ]
)


class Responses:
    """The answers of this API, kept by their ids.

    Args:
        webhook_secret: signs the events of the background.
    """

    def __init__(self, webhook_secret: str) -> None:
        self._secret = webhook_secret
        self._kept: dict[str, dict[str, Any]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._streams: dict[str, Response] = {}

    def create(self, asked: Mapping[str, Any], pace: Pace, count: int, received: float) -> Response:
        """Check a request and begin its response.

        Raises:
            ApiError: in OpenAI's words.
        """
        wanted, tool = self._read(asked)
        response = Response(asked, wanted, tool, Answer(wanted, pace, count), received)
        if asked.get("store", True):
            self._kept[response.body["id"]] = response.body
        return response

    async def respond(self, response: Response) -> HttpResponse:
        """Answer as the request asks: at once for the background, else when it is done."""
        if response.body["background"]:
            response.body["status"] = "queued"
            at_once, own = dict(response.body), response.body["id"]
            self._tasks[own] = asyncio.ensure_future(self._in_background(response))
            if not response.streams:
                return _json(at_once)
            self._streams[own] = response
        if response.streams:
            return _events(response.stream())
        await until(response.done)
        response.complete()
        return _json(response.body)

    def find(self, response_id: str) -> dict[str, Any]:
        """Return a response in its present state.

        Raises:
            ApiError: for an unknown one.
        """
        if response_id not in self._kept:
            raise ApiError(404, f"Response with id '{response_id}' not found.")
        return self._kept[response_id]

    def resume(self, response_id: str, after: str) -> HttpResponse:
        """Stream a response of the background once more, from an event on.

        Args:
            response_id: of one that was asked for as a stream.
            after: number of the last event that its client has; empty for all of them.

        Raises:
            ApiError: for an unknown one, and for one that was not asked for so.
        """
        self.find(response_id)
        if response_id not in self._streams:
            text = "Only a background response that was created with stream=true can be streamed."
            raise ApiError(400, text, None, "stream")
        if after and not after.isdecimal():
            raise wrong_type(after, "starting_after", "an integer")
        return _events(self._streams[response_id].stream(int(after or -1) + 1))

    def delete(self, response_id: str) -> dict[str, Any]:
        """Forget a response.

        Raises:
            ApiError: for an unknown one.
        """
        self.cancel(response_id, must_run=False)
        del self._kept[response_id]
        self._streams.pop(response_id, None)
        return {"id": response_id, "object": "response", "deleted": True}

    def cancel(self, response_id: str, *, must_run: bool = True) -> dict[str, Any]:
        """End a response of the background before it is done.

        Raises:
            ApiError: for an unknown one, and for one of the foreground.
        """
        found, task = self.find(response_id), self._tasks.pop(response_id, None)
        if task is None and must_run and not found["background"]:
            raise ApiError(400, "Cannot cancel a synchronous response.")
        if task is not None and not task.done():
            task.cancel()
            found["status"] = "cancelled"
        return found

    async def _in_background(self, response: Response) -> None:
        response.body["status"] = "in_progress"
        await until(response.done)
        response.complete()
        hook = response.body["metadata"].get("webhook_url")
        if hook:
            kind = f"response.{response.body['status']}"
            await asyncio.to_thread(announce, self._secret, hook, response.body["id"], kind)

    def _read(self, asked: Mapping[str, Any]) -> tuple[Wanted, str | None]:
        refuse_unknown(asked, _KNOWN, _NOT_HERE)
        required(asked, "model", "string")
        if not isinstance(asked.get("input"), (str, list)):
            required(asked, "input", "string")
        functions = _functions(asked)
        check_common(asked)
        _check_own(asked)
        before, called = self._before(asked)
        said = asked["input"]
        check_items(said if isinstance(said, list) else [{"role": "user", "content": said}], called)
        hook = (given(asked, "metadata", "object") or {}).get("webhook_url")
        if hook is not None:
            try:
                require_loopback(str(hook))
            except ValueError as refused:
                raise ApiError(400, str(refused), "invalid_value", "metadata") from None
        if given(asked, "background", "boolean") and given(asked, "store", "boolean") is False:
            text = "Background mode requires 'store' to be true."
            raise ApiError(400, text, None, "store")
        items = asked["input"] if isinstance(asked["input"], list) else []
        last = items[-1] if items and isinstance(items[-1], dict) else {}
        is_answered = last.get("type") == "function_call_output"
        calls = (one for one in [*(before or ()), *items] if one.get("type") == "function_call")
        names = [one["name"] for one in calls]
        tool = chosen_tool(asked, functions, names, is_answered=is_answered)
        prompt = [before, asked.get("instructions"), asked["input"], tool and tool[0]]
        most = number(asked, "max_output_tokens", "integer", LEAST_OUTPUT_TOKENS)
        schema = tool[1] if tool else _object_schema(asked)
        return Wanted(prompt=prompt, most_tokens=most, schema=schema), tool[0] if tool else None

    def _before(self, asked: Mapping[str, Any]) -> tuple[Any, list[str]]:
        """What the response before this one said, and the calls in it."""
        earlier = given(asked, "previous_response_id", "string")
        if earlier is None:
            return None, []
        if earlier not in self._kept:
            text = f"Previous response with id '{earlier}' not found."
            raise ApiError(400, text, "previous_response_not_found", "previous_response_id")
        said = self._kept[earlier]["output"]
        return said, [one["call_id"] for one in said if one["type"] == "function_call"]


def _functions(asked: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for at, tool in enumerate(tools_of(asked) if asked.get("tools") != [] else []):
        where = f"tools[{at}]"
        one_of(required(tool, "type", "string", f"{where}.type"), _TOOLS, f"{where}.type")
        if tool["type"] != "function":
            raise no_such_tool(tool["type"], f"{where}.type")
        name = identifier(tool, f"{where}.name")
        found[name] = parameters_of(tool, name, f"{where}.parameters")
    return found


def _check_own(asked: Mapping[str, Any]) -> None:
    """Check the parameters that this API alone has."""
    reasoning = given(asked, "reasoning", "object") or {}
    check_effort(reasoning.get("effort"), "reasoning.effort")
    for name in ("summary", "generate_summary"):
        chosen(reasoning, name, ("auto", "concise", "detailed"), f"reasoning.{name}")
    chosen(given(asked, "text", "object") or {}, "verbosity", _VERBOSITIES, "text.verbosity")
    number(asked, "max_tool_calls", "integer", 1)
    given(asked, "background", "boolean")
    for at, one in enumerate(given(asked, "include", "array") or []):
        one_of(one, _INCLUDED, f"include[{at}]")
    if given(asked, "stream_options", "object") is not None and not asked.get("stream"):
        text = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise ApiError(400, text, None, "stream_options")


def _object_schema(asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
    wanted = given(given(asked, "text", "object") or {}, "format", "object", "text.format") or {
        "type": "text"
    }
    one_of(wanted.get("type"), ("json_object", "json_schema", "text"), "text.format.type")
    if wanted["type"] == "json_schema":
        name = identifier(wanted, "text.format.name")
        schema = dict(required(wanted, "schema", "object", "text.format.schema"))
        strict = bool(wanted.get("strict"))
        check_schema(schema, f"response_format '{name}'", "text.format.schema", None, strict=strict)
        return schema
    if wanted["type"] == "json_object":
        return {"type": "object", "properties": {"answer": {"type": "string"}}}
    return None


class Response:
    """One response on its way.

    Attributes:
        body: its object, as it is now.
        streams: whether the client takes it as a stream.
        done: moment of its end, on the loop's clock.
        lasts_s: seconds from the request until then.
    """

    def __init__(
        self,
        asked: Mapping[str, Any],
        wanted: Wanted,
        tool: str | None,
        answer: Answer,
        received: float,
    ) -> None:
        self._answer, self._tool = answer, tool
        self._moments = [received + moment for moment in answer.moments_s]
        self.lasts_s = answer.moments_s[-1]
        self.done = self._moments[-1]
        self.streams = bool(given(asked, "stream", "boolean"))
        self._item = self._new_item()
        self.body: dict[str, Any] = {
            "id": f"resp_{secrets.token_hex(24)}",
            "object": "response",
            "created_at": int(time.time()),
            "status": "in_progress",
            "background": bool(given(asked, "background", "boolean")),
            "error": None,
            "incomplete_details": None,
            "instructions": asked.get("instructions"),
            "max_output_tokens": wanted.most_tokens,
            "model": asked["model"],
            "output": [],
            "parallel_tool_calls": asked.get("parallel_tool_calls", True),
            "previous_response_id": asked.get("previous_response_id"),
            "reasoning": {"effort": None, "summary": None},
            "service_tier": "default",
            "store": asked.get("store", True),
            "temperature": asked.get("temperature", 1.0),
            "text": asked.get("text") or {"format": {"type": "text"}},
            "tool_choice": asked.get("tool_choice", "auto"),
            "tools": asked.get("tools") or [],
            "top_p": asked.get("top_p", 1.0),
            "truncation": "disabled",
            "usage": None,
            "user": None,
            "metadata": asked.get("metadata") or {},
        }

    @property
    def input_tokens(self) -> int:
        """The length of what was asked, and of what was said before."""
        return self._answer.prompt_tokens

    @property
    def output_tokens(self) -> int:
        """Its length, once it is whole."""
        return len(self._answer.tokens)

    def complete(self) -> None:
        """Give the response its output and its usage."""
        prompt, said = self.input_tokens, self.output_tokens
        whole = self._answer.finish == "stop"
        self.body |= {
            "status": "completed" if whole else "incomplete",
            "incomplete_details": None if whole else {"reason": "max_output_tokens"},
            "output": [self._whole_item()],
            "usage": {
                "input_tokens": prompt,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": said,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": prompt + said,
            },
        }

    def _new_item(self) -> dict[str, Any]:
        digest, unique = self._answer.digest, secrets.token_hex(16)
        if self._tool is None:
            said = {"type": "message", "role": "assistant", "content": []}
            return {"id": f"msg_{unique}", "status": "in_progress", **said}
        return {
            "id": f"fc_{unique}",
            "type": "function_call",
            "status": "in_progress",
            "call_id": f"call_{digest[:8]}{unique[:16]}",
            "name": self._tool,
            "arguments": "",
        }

    def _part(self, text: str) -> dict[str, Any]:
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}

    def _whole_item(self) -> dict[str, Any]:
        status = "completed" if self._answer.finish == "stop" else "incomplete"
        text = self._answer.text
        member = {"arguments": text} if self._tool else {"content": [self._part(text)]}
        return {**self._item, "status": status, **member}

    async def stream(self, first: int = 0) -> AsyncIterator[bytes]:
        """Yield the events from a number on, and none after the response is cancelled."""
        number = 0
        async for event in self._events():
            if self.body["status"] == "cancelled":
                return
            if number >= first:
                yield event
            number += 1

    async def _events(self) -> AsyncIterator[bytes]:
        """The response, its item, each token at its moment, and the ends."""
        numbers = iter(range(1 << 62))
        begun = {**self.body, "output": [], "usage": None, "incomplete_details": None}

        def event(kind: str, **value: Any) -> bytes:
            told = {"type": kind, "sequence_number": next(numbers), **value}
            said = json.dumps(told, separators=(",", ":"))
            return f"event: {kind}\ndata: {said}\n\n".encode()

        if self.body["background"]:
            begun["status"] = "queued"
        yield event("response.created", response=begun)
        if self.body["background"]:
            yield event("response.queued", response=begun)
        yield event("response.in_progress", response={**begun, "status": "in_progress"})
        await until(self._moments[0])
        yield event("response.output_item.added", output_index=0, item=self._item)
        where: dict[str, Any] = {"item_id": self._item["id"], "output_index": 0}
        if self._tool is None:
            where["content_index"] = 0
            yield event("response.content_part.added", **where, part=self._part(""))
        called = "function_call_arguments" if self._tool else "output_text"
        logprobs: dict[str, Any] = {} if self._tool else {"logprobs": []}
        for moment, token in zip(self._moments, self._answer.tokens, strict=False):
            await until(moment)
            hidden = secrets.token_urlsafe(9)[: max(1, 12 - len(token))]
            yield event(
                f"response.{called}.delta", **where, delta=token, **logprobs, obfuscation=hidden
            )
        text = self._answer.text
        if self._tool:
            yield event(f"response.{called}.done", **where, arguments=text, name=self._tool)
        else:
            yield event(f"response.{called}.done", **where, text=text, **logprobs)
            yield event("response.content_part.done", **where, part=self._part(text))
        self.complete()
        [item] = self.body["output"]
        yield event("response.output_item.done", output_index=0, item=item)
        yield event(f"response.{self.body['status']}", response=self.body)


def _events(events: AsyncIterator[bytes]) -> HttpResponse:
    return HttpResponse(200, events, {"Content-Type": "text/event-stream; charset=utf-8"})


def _json(value: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(200, json.dumps(value).encode(), {"Content-Type": "application/json"})
