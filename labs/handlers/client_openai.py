"""The usual way: OpenAI's own package, one object a chunk."""

import os

from openai import OpenAI

openai = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY


def complete(prompt: str, max_tokens: int) -> tuple[str, int]:
    """Stream one completion and collect it."""
    stream = openai.chat.completions.create(
        model=os.environ["MODEL"],
        messages=[{"role": "user", "content": prompt}],
        max_completion_tokens=max_tokens,
        stream=True,
        stream_options={"include_usage": True},
    )
    words, output_tokens = [], 0
    for chunk in stream:
        if chunk.choices:
            words.append(chunk.choices[0].delta.content or "")
        if chunk.usage:
            output_tokens = chunk.usage.completion_tokens
    return "".join(words), output_tokens
