"""One process that holds many streams at once, as a container behind a load balancer would.

It reads numbers of streams from its standard input, one a line, and writes for each a line of JSON:
the 95th percentile of the gaps between tokens, the CPU of a token, and the share of a core in use,
all three while every stream is streaming. Needs httpx.
"""

import asyncio
import itertools
import json
import os
import statistics
import sys
import time

import httpx

PASS_ON = os.open(os.devnull, os.O_WRONLY)


async def pass_on(client: httpx.AsyncClient, number: int) -> list[tuple[float, float]]:
    """Read one answer, parse each event, write its token on; return both clocks at each token."""
    await asyncio.sleep(number * 0.618 % 0.5)  # requests do not come all in one instant
    asked = {
        "model": os.environ["MODEL"],
        "stream": True,
        "messages": [{"role": "user", "content": f"Question {number}"}],
    }
    moments = []
    async with client.stream("POST", "/chat/completions", json=asked) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                choices = json.loads(line[6:])["choices"]
                token = choices[0]["delta"].get("content") if choices else None
                if token:
                    os.write(PASS_ON, token.encode())
                    moments.append((time.perf_counter(), time.process_time()))
    return moments


async def level(streams: int) -> dict[str, float]:
    """Hold so many streams at once."""
    options = {
        "base_url": os.environ["OPENAI_BASE_URL"],
        "headers": {"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"},
        "limits": httpx.Limits(max_connections=None),
        "timeout": 60,
        "trust_env": False,
    }
    async with httpx.AsyncClient(**options) as client:
        moments = await asyncio.gather(*(pass_on(client, number) for number in range(streams)))
    first, last = max(each[0] for each in moments), min(each[-1] for each in moments)
    if first >= last:  # no core that is as busy as that has them all at once: take all of the time
        first, last = min(each[0] for each in moments), max(each[-1] for each in moments)
    gaps_ms = [
        1000 * (late[0] - early[0])
        for each in moments
        for early, late in itertools.pairwise(each)
        if first <= early and late <= last
    ]
    wall_s, cpu_s = last[0] - first[0], last[1] - first[1]
    return {
        "streams": streams,
        "p95_gap_ms": statistics.quantiles(gaps_ms, n=20)[-1],
        "cpu_ms_per_token": 1000 * cpu_s / len(gaps_ms),
        "core_share": cpu_s / wall_s,
    }


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(asyncio.run(level(int(line)))), flush=True)
