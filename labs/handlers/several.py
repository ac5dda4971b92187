"""Several answers in one invocation: one after another, awaited one after another, or all at once.

Runs unchanged on AWS Lambda. The clients are plain sockets, which cost little to import: see
client_socket.py beside it.
"""

import asyncio
import json
import os

from client_socket import BASE, DEFAULT_PORT, complete, parse
from metered import metered

PROMPT = "Why is my bill so high?"


async def complete_async(prompt: str, max_tokens: int) -> tuple[str, int]:
    """Do what client_socket.complete does, and let others work while it waits."""
    body = json.dumps(
        {
            "model": os.environ["MODEL"],
            "messages": [{"role": "user", "content": prompt}],
            "max_completion_tokens": max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ).encode()
    head = (
        f"POST {BASE.path}/chat/completions HTTP/1.1\r\nHost: {BASE.netloc}\r\n"
        f"Authorization: Bearer {os.environ['OPENAI_API_KEY']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    tls = BASE.scheme == "https" or None
    reader, writer = await asyncio.open_connection(
        BASE.hostname, BASE.port or DEFAULT_PORT, ssl=tls
    )
    writer.write(head.encode() + body)
    raw = await reader.read()  # until the provider closes
    writer.close()
    return parse(raw)


def blocking(lengths: list[int]) -> list[tuple[str, int]]:
    """No async at all."""
    return [complete(PROMPT, tokens) for tokens in lengths]


async def awaited(lengths: list[int]) -> list[tuple[str, int]]:
    """Async, but each answer is awaited before the next is asked for."""
    return [await complete_async(PROMPT, tokens) for tokens in lengths]


async def gathered(lengths: list[int]) -> list[tuple[str, int]]:
    """All are asked for at once."""
    return await asyncio.gather(*(complete_async(PROMPT, tokens) for tokens in lengths))


@metered
def handler(event: dict, context: object) -> dict:
    """Get answers of event["lengths"] tokens in the way event["how"] names."""
    how, lengths = event["how"], event["lengths"]
    if how == "blocking":
        answers = blocking(lengths)
    else:
        answers = asyncio.run({"awaited": awaited, "gathered": gathered}[how](lengths))
    return {"output_tokens": [tokens for _, tokens in answers]}
