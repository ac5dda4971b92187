"""The content of Anthropic's messages: its checks, block by block and from message to message.

The texts are those of the API's own answers, as public issues quote them (July 2025 to July 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serverless_tax.cloud.model.errors import ApiError
from serverless_tax.cloud.model.images import image_fault

_KINDS: Mapping[str, Mapping[str, type]] = {
    "text": {"text": str},
    "image": {"source": dict},
    "document": {"source": dict},
    "thinking": {"thinking": str, "signature": str},
    "redacted_thinking": {"data": str},
    "tool_use": {"id": str, "name": str, "input": dict},
    "tool_result": {"tool_use_id": str},
    "search_result": {"content": list, "source": str, "title": str},
}
"""Each kind of block, with the members that it must have."""
_KEPT = "ephemeral"
_CALLED: Mapping[type, str] = {str: "string", dict: "dictionary", list: "list"}


def refused(message: str) -> ApiError:
    """The refusal of a request, in the API's words."""
    return ApiError(400, message)


def check_messages(messages: list[Any]) -> None:
    """Check all messages.

    Raises:
        ApiError: in Anthropic's words.
    """
    if not messages:
        raise refused("messages: at least one message is required")
    for at, message in enumerate(messages):
        _check_message(message, f"messages.{at}")
    for at, message in enumerate(messages):
        if message.get("content") or (message["role"] == "assistant" and at == len(messages) - 1):
            continue
        raise refused(f"messages.{at}: user messages must have non-empty content")
    last = messages[-1]
    if last["role"] == "assistant" and _ending(last["content"])[-1:].isspace():
        raise refused("messages: final assistant content cannot end with trailing whitespace")
    _check_pairs(messages)


_ROLES = 'Allowed roles are "user" or "assistant"'
_NO_SYSTEM = (
    'The Messages API accepts a top-level `system` parameter, not "system" as an input message '
    "role."
)


def _ending(content: Any) -> str:
    """The text at the end of a message; empty if it ends with something else."""
    block = content if isinstance(content, str) else (content or [{}])[-1].get("text", "")
    return str(block)


def _check_message(message: Any, where: str) -> None:
    if not isinstance(message, dict):
        raise refused(f"{where}: Input should be a valid dictionary")
    if "role" not in message:
        raise refused(f"{where}.role: Field required")
    if message["role"] not in {"user", "assistant"}:
        hint = _NO_SYSTEM if message["role"] == "system" else _ROLES
        raise refused(f'messages: Unexpected role "{message["role"]}". {hint}')
    for name in message:
        if name not in {"role", "content"}:
            raise refused(f"{where}.{name}: Extra inputs are not permitted")
    content = message.get("content")
    if content is None:
        raise refused(f"{where}.content: Field required")
    if isinstance(content, str):
        return
    if not isinstance(content, list):
        raise refused(f"{where}.content: Input should be a valid list")
    for at, block in enumerate(content):
        _check_block(block, f"{where}.content.{at}")


def _check_block(block: Any, where: str) -> None:
    if not isinstance(block, dict):
        raise refused(f"{where}: Input should be a valid dictionary")
    kind = block.get("type")
    if kind is None:
        raise refused(f"{where}.type: Field required")
    if kind not in _KINDS:
        tags = ", ".join(f"'{one}'" for one in _KINDS)
        raise refused(
            f"{where}: Input tag '{kind}' found using 'type' does not match any of the expected "
            f"tags: {tags}"
        )
    check_members(block, _KINDS[kind], f"{where}.{kind}")
    kept = block.get("cache_control") or {"type": _KEPT}
    if kept.get("type") != _KEPT:
        raise refused(
            f"{where}.{kind}.cache_control: Input tag '{kept.get('type')}' found using 'type' does "
            f"not match any of the expected tags: '{_KEPT}'"
        )
    if kind == "text" and not block["text"]:
        raise refused("messages: text content blocks must be non-empty")
    if kind == "image" and (fault := image_fault(block["source"], f"{where}.image")):
        raise refused(fault)
    inner = block.get("content") if kind == "tool_result" else None
    for at, one in enumerate(inner if isinstance(inner, list) else []):
        _check_block(one, f"{where}.tool_result.content.{at}")


def check_members(given: Mapping[str, Any], members: Mapping[str, type], where: str) -> None:
    """Refuse an object without its members, or with one of another type.

    Raises:
        ApiError: naming the member.
    """
    for name, kind in members.items():
        if name not in given:
            raise refused(f"{where}.{name}: Field required")
        if not isinstance(given[name], kind):
            raise refused(f"{where}.{name}: Input should be a valid {_CALLED[kind]}")


def _check_pairs(messages: list[Mapping[str, Any]]) -> None:
    """Refuse a result without its use, and a use without its result in the next message."""
    used: list[str] = []
    for at, message in enumerate(messages):
        results = _ids(message, "tool_result", "tool_use_id")
        for number, tool_id in results:
            if tool_id not in used:
                raise refused(
                    f"messages.{at}.content.{number}: unexpected `tool_use_id` found in "
                    f"`tool_result` blocks: {tool_id}. Each `tool_result` block must have a "
                    "corresponding `tool_use` block in the previous message."
                )
        _check_answered(used, {tool_id for _, tool_id in results}, at - 1)
        used = [tool_id for _, tool_id in _ids(message, "tool_use", "id")]
    _check_answered(used, set(), len(messages) - 1)


def _check_answered(used: list[str], answered: set[str], at: int) -> None:
    left = [tool_id for tool_id in used if tool_id not in answered]
    if left:
        raise refused(
            f"messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately "
            f"after: {', '.join(left)}. Each `tool_use` block must have a corresponding "
            "`tool_result` block in the next message."
        )


def _ids(message: Mapping[str, Any], kind: str, member: str) -> list[tuple[int, str]]:
    content = message["content"]
    return [
        (at, block[member])
        for at, block in enumerate(content if isinstance(content, list) else [])
        if block["type"] == kind
    ]
