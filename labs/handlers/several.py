"""The clients of several answers: one that blocks, and one that lets others work while it waits.

Both are plain sockets, which cost little to import: see client_socket.py beside this file.
"""

import asyncio
import json
import os

from client_socket import BASE, DEFAULT_PORT, complete, parse

__all__ = ["PROMPT", "complete", "complete_async"]

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
