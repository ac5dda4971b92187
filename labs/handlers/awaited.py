"""Async, but each answer is awaited before the next is asked for."""

import asyncio

from metered import metered
from several import PROMPT, complete_async


async def answers(lengths: list[int]) -> list[tuple[str, int]]:
    """Await one answer after the other."""
    return [await complete_async(PROMPT, tokens) for tokens in lengths]


@metered
def handler(event: dict, context: object) -> dict:
    """Get the answers, with a loop of its own."""
    return {"output_tokens": [tokens for _, tokens in asyncio.run(answers(event["lengths"]))]}
