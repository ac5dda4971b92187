"""How many streamed answers one process on one vCPU passes on before its tokens come late.

One asyncio process reads answers of the local provider with httpx, parses each event and writes
its token on, as a shared process does behind a load balancer. The streams are raised until the
95th percentile of the gaps between tokens is a tenth longer than it was at its shortest. A busy
machine, or one where the provider has no core to itself, gives fewer.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import os
import resource
import statistics
import time
from dataclasses import dataclass
from typing import Any

import httpx

from serverless_tax import Workload
from serverless_tax.cloud.model.provider import Provider

TOKENS_PER_S = 116.0
TOKENS = 464  # four seconds of them
TTFT_MS = 500.0
SLOWER = 1.1
ROUNDS = 3
PATIENCE = 2  # levels in a row that must be late: one alone may be a neighbour's doing
STEP = 1.25
MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What was measured with so many streams at a time."""

    streams: int
    p95_ms: float
    cpu_ms_per_token: float
    provider_ms_per_token: float


async def _pass_on(client: httpx.AsyncClient, number: int, sink: int) -> list[float]:
    """Read one answer, write its tokens on, and return the moments at which they were written."""
    await asyncio.sleep(number * 0.618 % 1)  # spread over a second, whatever their number
    asked = {
        "model": "sim",
        "stream": True,
        "messages": [{"role": "user", "content": f"Question {number}"}],
    }
    moments = []
    async with client.stream("POST", "/chat/completions", json=asked) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if not line.startswith("data: {"):
                continue
            choices = json.loads(line[6:])["choices"]
            token = choices[0]["delta"].get("content") if choices else None
            if token:
                os.write(sink, token.encode())
                moments.append(time.perf_counter())
    return moments


async def _all(provider: Provider, streams: int) -> tuple[list[list[float]], float]:
    """Return each stream's moments, and the CPU seconds of all of them together."""
    options: dict[str, Any] = {
        "base_url": provider.base_url,
        "headers": {"Authorization": f"Bearer {provider.api_key}"},
        "limits": httpx.Limits(max_connections=None),
        "timeout": 60,
        "trust_env": False,
    }
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        async with httpx.AsyncClient(**options) as client:
            before = time.process_time()
            moments = await asyncio.gather(
                *(_pass_on(client, number, sink) for number in range(streams))
            )
            return moments, time.process_time() - before
    finally:
        os.close(sink)


def _children_s() -> float:
    """Return the CPU seconds of the child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _idle_provider_s() -> float:
    """Return the CPU seconds of starting and stopping a provider that nobody asks."""
    before = _children_s()
    Provider().close()
    return _children_s() - before


def measure(streams: int, start_s: float) -> Level:
    """Run so many streams at a time against a provider of their own."""
    before = _children_s()
    with Provider(
        ttft_ms=TTFT_MS, tokens_per_s=TOKENS_PER_S, output_tokens=TOKENS, vector_ms=0
    ) as provider:
        moments, cpu_s = asyncio.run(_all(provider, streams))
    first, last = max(each[0] for each in moments), min(each[-1] for each in moments)
    gaps = [
        1000 * (late - early)
        for each in moments
        for early, late in itertools.pairwise(each)
        if first <= early and late <= last  # while all of them stream
    ]
    tokens = sum(map(len, moments))
    if tokens != streams * TOKENS:
        raise SystemExit(f"streams: {tokens} tokens came of {streams * TOKENS}")
    return Level(
        streams=streams,
        p95_ms=statistics.quantiles(gaps, n=20)[-1],
        cpu_ms_per_token=1000 * cpu_s / tokens,
        provider_ms_per_token=1000 * (_children_s() - before - start_s) / tokens,
    )


def best(streams: int, start_s: float) -> Level:
    """Return the least disturbed of a few runs: neighbours only ever make tokens later."""
    return min((measure(streams, start_s) for _ in range(ROUNDS)), key=lambda level: level.p95_ms)


def _share(level: Level) -> float:
    """Return the share of a vCPU that so many streams keep busy while all of them stream."""
    return level.streams * level.cpu_ms_per_token * TOKENS_PER_S / 1000


def main() -> None:
    """Raise the streams until tokens come late, and print the last that did not."""
    starting_s = _idle_provider_s()
    kept = best(1, starting_s)
    quickest_ms, streams, late = kept.p95_ms, 10, 0
    print(f"streams:    1 at a time, p95 gap {quickest_ms:6.2f} ms")
    while streams <= MOST and late < PATIENCE:
        level = best(streams, starting_s)
        print(
            f"streams: {streams:4} at a time, p95 gap {level.p95_ms:6.2f} ms,"
            f" {level.cpu_ms_per_token:.3f} ms of CPU a token, {_share(level):.0%} of a vCPU"
            f" (the provider {level.provider_ms_per_token:.3f} ms)",
            flush=True,
        )
        streams = math.ceil(streams * STEP)
        if level.p95_ms > SLOWER * quickest_ms:
            late += 1
            continue
        kept, late = level, 0
        quickest_ms = min(quickest_ms, kept.p95_ms)
    assumed = Workload(requests_per_month=0, memory_mb=128).streams_per_vcpu
    by_cpu = 1000 / (kept.cpu_ms_per_token * TOKENS_PER_S)
    print(
        f"streams per vCPU: {kept.streams} in time, {by_cpu:.0f} by CPU alone at"
        f" {TOKENS_PER_S:.0f} tokens/s; streams_per_vcpu is {assumed:.0f}"
        f" ({os.cpu_count()} cores, load {os.getloadavg()[0]:.1f})"
    )


if __name__ == "__main__":
    main()
