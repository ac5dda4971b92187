"""The same answer, streamed or whole; and one that is too large to be whole.

A generator is streamed by stream_runtime.py beside it; anything else is posted at its end.
"""

import json
from collections.abc import Iterator

from client_stream import pieces

MB = 1024 * 1024


def large(megabytes: int) -> Iterator[bytes]:
    """So many megabytes, in pieces of a quarter of one."""
    for _ in range(4 * megabytes):
        yield b"x" * (MB // 4)


def handler(event: dict, context: object) -> Iterator[str | bytes] | str:
    """Answer event["max_tokens"] tokens, or event["megabytes"]; whole if event["whole"]."""
    asked = json.loads(event["body"]) if "body" in event else event
    if "megabytes" in asked:
        answer = large(asked["megabytes"])
        return b"".join(answer).decode() if asked.get("whole") else answer
    answer = pieces("Why is my bill so high?", asked["max_tokens"])
    return "".join(answer) if asked.get("whole") else answer
