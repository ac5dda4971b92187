"""Images in requests to the model provider: good ones are taken, others get the vendors' errors."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import openai
import pytest

from serverless_tax.cloud import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator

GIF = base64.b64encode(b"GIF89a\1\0\1\0\0\0\0;").decode()
WANTED = (
    "Expected a base64-encoded data URL with an image MIME type (e.g. "
    "'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got "
)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A provider that answers at once."""
    with Provider(ttft_ms=1, tokens_per_s=10_000, output_tokens=5) as running:
        yield running


@pytest.mark.parametrize(
    ("url", "code", "text"),
    [
        ("https://example.com/a.png", None, ""),
        (f"data:image/gif;base64,{GIF}", None, ""),
        (GIF, "invalid_value", f"{WANTED}a value without the 'data:' prefix."),
        ("data:text/plain;base64,YQ==", "invalid_value",
         f"{WANTED}unsupported MIME type 'text/plain'."),
        ("data:image/png;base64,", "invalid_value", f"{WANTED}empty base64-encoded bytes."),
        ("data:image/png;base64,YQ==", "image_parse_error", "You uploaded an unsupported image."),
        ("data:image/png;base64,%%%", "image_parse_error", "You uploaded an unsupported image."),
    ],
)  # fmt: skip
def test_openai_is_asked_with_an_image(
    provider: Provider, url: str, code: str | None, text: str
) -> None:
    """In a chat and in a response, which name it in two ways."""
    client = openai.OpenAI(base_url=provider.base_url, api_key=provider.api_key, max_retries=0)
    of_chat: Any = [{"type": "image_url", "image_url": {"url": url, "detail": "low"}}]
    of_response: Any = [{"type": "input_image", "image_url": url, "detail": "auto"}]
    calls = {
        "Invalid image URL: 'messages[0].content[0].image_url.url'. ":
            lambda: client.chat.completions.create(
                model="sim", messages=[{"role": "user", "content": of_chat}]
            ),
        "Invalid 'input[0].content[0].image_url'. ":
            lambda: client.responses.create(
                model="sim", input=[{"role": "user", "content": of_response}]
            ),
    }  # fmt: skip
    for start, call in calls.items():
        if code is None:
            call()
            continue
        with pytest.raises(openai.BadRequestError) as refused:
            call()
        said: Any = refused.value.body
        assert said["code"] == code
        assert said["message"].startswith((start if code == "invalid_value" else "") + text)
