"""A plain socket: it collects the bytes while the model writes, and parses them once, at the end.

It shows how little CPU a wait needs. Do not use it in production: it has no retries and no
redirects.
"""

import json
import os
import socket
import ssl
from urllib.parse import urlsplit

BASE = urlsplit(os.environ["OPENAI_BASE_URL"])
DEFAULT_PORT = {"http": 80, "https": 443}[BASE.scheme]


def connect() -> socket.socket:
    """Return a connection to the provider, encrypted if its address begins with https."""
    plain = socket.create_connection((BASE.hostname, BASE.port or DEFAULT_PORT), timeout=60)
    if BASE.scheme == "http":
        return plain
    return ssl.create_default_context().wrap_socket(plain, server_hostname=BASE.hostname)


def complete(prompt: str, max_tokens: int) -> tuple[str, int]:
    """Stream one completion and collect it."""
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
    pieces = []
    with connect() as connection:
        connection.sendall(head.encode() + body)
        while piece := connection.recv(65536):
            pieces.append(piece)
    return parse(b"".join(pieces))


def parse(raw: bytes) -> tuple[str, int]:
    """Return the text and the token count of a whole chunked response."""
    head, _, rest = raw.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise RuntimeError(f"the provider answered {raw[:300]!r}")
    parts, position = [], 0
    while position < len(rest):
        end = rest.index(b"\r\n", position)
        start, length = end + 2, int(rest[position:end], 16)
        parts.append(rest[start : start + length])
        position = start + length + 2
    lines = b"".join(parts).split(b"\n")
    chunks = [json.loads(line[6:]) for line in lines if line.startswith(b"data: {")]
    choices = [chunk["choices"][0] for chunk in chunks if chunk["choices"]]
    text = "".join(choice["delta"].get("content") or "" for choice in choices)
    return text, chunks[-1]["usage"]["completion_tokens"]
