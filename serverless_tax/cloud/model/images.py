"""Images in a request: their form is checked in the vendors' words, and nobody looks at them.

The texts stand in public issues: Alibaba-NLP/OmniSearch 3 and anomalyco/opencode 23983 for OpenAI;
anthropics/claude-code 8184, 12750 and 15746 and daya0576/pi-imessage 5 for Anthropic. An address on
the web is not asked for.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from serverless_tax.cloud.model.errors import ApiError
from serverless_tax.cloud.model.parameters import given, one_of, required

_BEGIN = {
    "image/jpeg": rb"\xff\xd8\xff",
    "image/png": rb"\x89PNG\r\n\x1a\n",
    "image/gif": rb"GIF8[79]a",
    "image/webp": rb"RIFF.{4}WEBP",
}
"""How a file of each kind begins."""
_DATA_URL = re.compile(r"data:([^;,]*)(;base64)?,(.*)", re.DOTALL)
_WANTED = (
    "Expected a base64-encoded data URL with an image MIME type (e.g. "
    "'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got "
)
_MOST_BYTES = 5 * 1024 * 1024


def check_openai(holder: Mapping[str, Any], name: str, where: str) -> None:
    """Check the address of an image, and how closely it is to be seen.

    Args:
        holder: of the address, and of the detail.
        name: of the member that is the address.
        where: the holder's place.

    Raises:
        ApiError: in OpenAI's words.
    """
    url, place = str(required(holder, name, "string", f"{where}.{name}")), f"{where}.{name}"
    detail = given(holder, "detail", "string", f"{where}.detail")
    if detail is not None:
        one_of(detail, ("low", "high", "auto"), f"{where}.detail")
    if url.startswith(("http://", "https://")):
        return
    called = f"Invalid image URL: '{place}'. " if name == "url" else f"Invalid '{place}'. "
    data = _DATA_URL.fullmatch(url)
    if data is None:
        text = f"{called}{_WANTED}a value without the 'data:' prefix."
    elif data[1] not in _BEGIN or not data[2]:
        text = f"{called}{_WANTED}unsupported MIME type '{data[1]}'."
    elif not data[3]:
        text = f"{called}{_WANTED}empty base64-encoded bytes."
    elif _kind(data[3]) is None:
        text = "You uploaded an unsupported image. Please make sure your image is valid."
        raise ApiError(400, text, "image_parse_error")
    else:
        return
    raise ApiError(400, text, "invalid_value", place)


def image_fault(source: Mapping[str, Any], where: str) -> str:
    """Why Anthropic refuses an image's source; empty if it does not.

    Args:
        source: of the block.
        where: its place, with the block's kind.
    """
    kind = source.get("type")
    if kind not in {"base64", "url", "file"}:
        return (
            f"{where}.source: Input tag '{kind}' found using 'type' does not match any of the "
            "expected tags: 'base64', 'url', 'file'"
        )
    needed = {"base64": ("media_type", "data"), "url": ("url",), "file": ("file_id",)}[kind]
    at = f"{where}.source.{kind}"
    for name in needed:
        if name not in source:
            return f"{at}.{name}: Field required"
        if not isinstance(source[name], str):
            return f"{at}.{name}: Input should be a valid string"
    return _base64_fault(source["media_type"], source["data"], at) if kind == "base64" else ""


def _base64_fault(media_type: str, data: str, at: str) -> str:
    if media_type not in _BEGIN:
        *most, last = (f"'{one}'" for one in _BEGIN)
        return f"{at}.media_type: Input should be {', '.join(most)} or {last}"
    if not data:
        return f"{at}: image cannot be empty"
    if len(data) > _MOST_BYTES:
        return f"{at}: image exceeds 5 MB maximum: {len(data)} bytes > {_MOST_BYTES} bytes"
    if _kind(data) != media_type:
        return f"{at}.data: Image does not match the provided media type {media_type}"
    return ""


def _kind(data: str) -> str | None:
    """The kind of an image in base64, by how it begins; None for anything else."""
    try:
        read = base64.b64decode(data, validate=True)
    except ValueError:
        return None
    return next((kind for kind, begin in _BEGIN.items() if re.match(begin, read, re.DOTALL)), None)
