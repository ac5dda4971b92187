"""How many streams a core holds with each client: OpenAI's package, httpx, and plain sockets.

Each client reads the same streams from one provider, in a Python of its own, so that imports and
memory are its own too. A core's streams are the wall clock divided by the CPU of one stream.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from serverless_tax.cloud import Provider

STREAMS, TOKENS, TOKENS_PER_S = 50, 100, 25.0
MESSAGES = [{"role": "user", "content": "Why is my bill so high?"}]
ASKED = {"model": "sim", "stream": True, "messages": MESSAGES}


async def with_openai(base_url: str, key: str) -> Callable[[], Awaitable[int]]:
    """OpenAI's package, asynchronous."""
    from openai import AsyncOpenAI  # noqa: PLC0415 - its import is this client's alone

    client = AsyncOpenAI(base_url=base_url, api_key=key)

    async def read() -> int:
        asked: Any = {**ASKED}
        stream = await client.chat.completions.create(**asked)
        return len([chunk async for chunk in stream if chunk.choices[0].delta.content])

    return read


async def with_httpx(base_url: str, key: str) -> Callable[[], Awaitable[int]]:
    """Bare httpx, each event parsed."""
    import httpx  # noqa: PLC0415 - its import is this client's alone

    limits = httpx.Limits(max_connections=STREAMS)
    headers = {"Authorization": f"Bearer {key}"}
    client = httpx.AsyncClient(base_url=base_url, headers=headers, limits=limits, timeout=60)

    async def read() -> int:
        tokens = 0
        async with client.stream("POST", "/chat/completions", json=ASKED) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: {"):
                    tokens += bool(json.loads(line[6:])["choices"][0]["delta"].get("content"))
        return tokens

    return read


async def with_sockets(base_url: str, key: str) -> Callable[[], Awaitable[int]]:
    """Sockets; bytes are passed on and not parsed."""
    base = urlsplit(base_url)
    body = json.dumps(ASKED)
    head = f"POST {base.path}/chat/completions HTTP/1.1\r\nHost: {base.netloc}\r\n"
    head += f"Authorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n"
    head += "Connection: close\r\n\r\n"

    async def read() -> int:
        reader, writer = await asyncio.open_connection(base.hostname, base.port)
        writer.write((head + body).encode())
        tokens = 0
        while piece := await reader.read(65536):
            tokens += piece.count(b'"content":" ')
        writer.close()
        return tokens

    return read


CLIENTS = {"openai": with_openai, "httpx": with_httpx, "sockets": with_sockets}


async def run(name: str, base_url: str, key: str) -> dict[str, float]:
    """Read all the streams with one client."""
    read = await CLIENTS[name](base_url, key)
    await read()  # the first imports and connects
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    tokens = await asyncio.gather(*(read() for _ in range(STREAMS)))
    after, wall_s = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - began
    if set(tokens) != {TOKENS}:
        raise RuntimeError(f"{name} lost tokens: {sorted(set(tokens))} instead of {TOKENS}")
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu_ms": 1000 * cpu_s / STREAMS, "wall_s": wall_s, "memory_mb": after.ru_maxrss / 1024}


def main() -> None:
    """Run each client, and print a line for it."""
    if len(sys.argv) > 1:
        print(json.dumps(asyncio.run(run(*sys.argv[1:]))))
        return
    with Provider(ttft_ms=500, tokens_per_s=TOKENS_PER_S, output_tokens=TOKENS) as provider:
        for name in CLIENTS:
            command = [sys.executable, __file__, name, provider.base_url, provider.api_key]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            figures = json.loads(said)
            a_core = 1000 * figures["wall_s"] / figures["cpu_ms"]
            print(
                f"{STREAMS} streams of {TOKENS} tokens, {name}: {figures['cpu_ms']:.1f} ms of CPU "
                f"each, {a_core:.0f} streams a core, {figures['memory_mb']:.0f} MB"
            )


if __name__ == "__main__":
    main()
