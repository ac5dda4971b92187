"""No async at all."""

from metered import metered
from several import PROMPT, complete


@metered
def handler(event: dict, context: object) -> dict:
    """Get one answer after the other."""
    answers = [complete(PROMPT, tokens) for tokens in event["lengths"]]
    return {"output_tokens": [tokens for _, tokens in answers]}
