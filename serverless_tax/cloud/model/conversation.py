"""The messages of a chat, and the items of a response: OpenAI's checks of them.

The texts: see :mod:`serverless_tax.cloud.model.parameters`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from serverless_tax.cloud.model.errors import ApiError
from serverless_tax.cloud.model.images import check_openai
from serverless_tax.cloud.model.parameters import at_most, given, one_of, required, wrong_type

ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_PARTS = ("text", "image_url", "input_audio", "refusal", "audio", "file")
_MOST_MESSAGES, _NAME = 2048, r"[^\s<|\\/>]+"
_INSTEAD = ("tool_calls", "function_call", "refusal", "audio")
"""What an assistant's message may have in place of its content."""


def check_messages(messages: list[Any]) -> None:
    """Check a chat's messages, one by one and then how they follow each other.

    Raises:
        ApiError: in OpenAI's words.
    """
    if not messages:
        raise empty_array("messages")
    at_most(messages, _MOST_MESSAGES, "messages")
    for at, message in enumerate(messages):
        _check_message(message, f"messages[{at}]")
    for at, message in enumerate(messages):
        _check_content(message, at)
    _check_calls(messages)


def empty_array(where: str) -> ApiError:
    """The refusal of an array without an item."""
    text = (
        f"Invalid '{where}': empty array. Expected an array with minimum length 1, but got an "
        "empty array instead."
    )
    return ApiError(400, text, "empty_array", where)


def _check_message(message: Any, where: str) -> None:
    if not isinstance(message, dict):
        raise wrong_type(message, where, "an object")
    one_of(required(message, "role", "string", f"{where}.role"), ROLES, f"{where}.role")
    name = given(message, "name", "string", f"{where}.name")
    if name is not None and not re.fullmatch(_NAME, name):
        text = (
            f"Invalid '{where}.name': string does not match pattern. Expected a string that "
            f"matches the pattern '^{_NAME}$'."
        )
        raise ApiError(400, text, "invalid_value", f"{where}.name")
    content = message.get("content")
    if content is not None and not isinstance(content, str | list):
        raise wrong_type(content, f"{where}.content", "one of a string or array of objects")
    for at, part in enumerate(content if isinstance(content, list) else []):
        _check_part(part, f"{where}.content[{at}]")
    calls = given(message, "tool_calls", "objects", f"{where}.tool_calls")
    if calls == []:
        raise empty_array(f"{where}.tool_calls")
    for at, call in enumerate(calls or []):
        place = f"{where}.tool_calls[{at}]"
        if not isinstance(call, dict):
            raise wrong_type(call, place, "an object")
        required(call, "id", "string", f"{place}.id")
        function = required(call, "function", "object", f"{place}.function")
        required(function, "name", "string", f"{place}.function.name")
        required(function, "arguments", "string", f"{place}.function.arguments")
    if message["role"] == "tool":
        required(message, "tool_call_id", "string", f"{where}.tool_call_id")


def _check_part(part: Any, where: str) -> None:
    if not isinstance(part, dict):
        raise wrong_type(part, where, "an object")
    one_of(required(part, "type", "string", f"{where}.type"), _PARTS, f"{where}.type")
    if part["type"] == "image_url":
        holder = required(part, "image_url", "object", f"{where}.image_url")
        check_openai(holder, "url", f"{where}.image_url")


def _check_content(message: Mapping[str, Any], at: int) -> None:
    if message.get("content") is not None:
        return
    if message["role"] == "developer":
        required(message, "content", "string", f"messages[{at}].content")
    if message["role"] != "assistant" or not any(message.get(name) for name in _INSTEAD):
        text = "Invalid value for 'content': expected a string, got null."
        raise ApiError(400, text, None, f"messages.[{at}].content")


def _check_calls(messages: list[Mapping[str, Any]]) -> None:
    """Refuse a result without its call, and a call without its result."""
    open_calls: list[str] = []
    for at, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                text = (
                    "Invalid parameter: messages with role 'tool' must be a response to a "
                    "preceeding message with 'tool_calls'."
                )
                raise ApiError(400, text, None, f"messages.[{at}].role")
            open_calls.remove(message["tool_call_id"])
            continue
        _check_answered(open_calls, at)
        open_calls = [call["id"] for call in message.get("tool_calls") or []]
    _check_answered(open_calls, len(messages))


def _check_answered(open_calls: list[str], at: int) -> None:
    if open_calls:
        text = (
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            f"{', '.join(open_calls)}"
        )
        raise ApiError(400, text, None, f"messages.[{at}].role")


def check_items(items: list[Any], called_before: Collection[str]) -> None:
    """Check the items of a response's input: each result has its call, and each call its result.

    Args:
        items: in order.
        called_before: the calls of the response before this one.

    Raises:
        ApiError: in OpenAI's words.
    """
    if not items:
        raise empty_array("input")
    called, answered = dict.fromkeys(called_before), set[str]()
    for at, item in enumerate(items):
        where = f"input[{at}]"
        if not isinstance(item, dict):
            raise wrong_type(item, where, "an object")
        kind = item.get("type")
        if kind == "function_call":
            called[required(item, "call_id", "string", f"{where}.call_id")] = None
        elif kind == "function_call_output":
            answered.add(_check_output(item, where, called))
        elif "role" in item:
            _check_item(item, where)
    for call_id in called:
        if call_id not in answered:
            text = f"No tool output found for function call {call_id}."
            raise ApiError(400, text, None, "input")


def _check_output(item: Mapping[str, Any], where: str, called: Collection[str]) -> str:
    """Return the call that a result is of, which must be there."""
    call_id = str(required(item, "call_id", "string", f"{where}.call_id"))
    output, place = item.get("output"), f"{where}.output"
    if output is None:
        required(item, "output", "string", place)
    if not isinstance(output, str | list):
        raise wrong_type(output, place, "one of a string or array of objects")
    if call_id not in called:
        text = f"No tool call found for function call output with call_id {call_id}."
        raise ApiError(400, text, None, "input")
    return call_id


def _check_item(item: Mapping[str, Any], where: str) -> None:
    roles = ("assistant", "system", "developer", "user")
    one_of(item["role"], roles, f"{where}.role")
    content = item.get("content")
    if content is None:
        required(item, "content", "string", f"{where}.content")
    if not isinstance(content, str | list):
        raise wrong_type(content, f"{where}.content", "one of an array of objects or string")
    for at, part in enumerate(content if isinstance(content, list) else []):
        if isinstance(part, dict) and part.get("type") == "input_image" and "file_id" not in part:
            check_openai(part, "image_url", f"{where}.content[{at}]")
