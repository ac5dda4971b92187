"""All answers are asked for at once."""

import asyncio

from metered import metered
from several import PROMPT, complete_async


async def answers(lengths: list[int]) -> list[tuple[str, int]]:
    """Await all answers together."""
    return await asyncio.gather(*(complete_async(PROMPT, tokens) for tokens in lengths))


@metered
def handler(event: dict, context: object) -> dict:
    """Get the answers, with a loop of its own."""
    return {"output_tokens": [tokens for _, tokens in asyncio.run(answers(event["lengths"]))]}
