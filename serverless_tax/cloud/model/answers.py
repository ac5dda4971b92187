"""The provider's answers: their words, their moments, and the calls and objects it makes up.

There is no model: a prompt always gives the same words. Asked to call a tool or to fill a schema,
it makes a value that fits.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serverless_tax.cloud.model.pace import Pace
from serverless_tax.cloud.model.schemas import fitting

WORDS = [
    *("a", "bill", "counts", "the", "hours", "in", "which", "nobody", "works", "and", "the"),
    *("model", "is", "still", "thinking", "about", "what", "to", "say", "next", "while"),
    *("memory", "stays", "reserved", "for", "one", "request", "that", "waits"),
]
Schema = Mapping[str, Any]
_TOKEN = re.compile(r".{1,4}", re.DOTALL)
_CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an answer is to be.

    Attributes:
        prompt: the whole of it, which decides the words.
        most_tokens: the client's limit; None for none.
        stop: texts that end the answer.
        schema: of the object to fill; None for words.
    """

    prompt: Any
    most_tokens: int | None = None
    stop: Sequence[str] = ()
    schema: Mapping[str, Any] | None = None


def forced(tools: Mapping[str, Schema], called: Collection[str]) -> tuple[str, Schema]:
    """Return the tool of an answer that has to use one, with its schema.

    It is the first that the conversation has not called, or the last: a client that forces a tool
    until the one for its answer comes would ask for ever.
    """
    name = next((one for one in tools if one not in called), [*tools][-1])
    return name, tools[name]


class Answer:
    """One answer: its tokens, why it ends, and when each token comes.

    Args:
        wanted: what it is to be.
        pace: when its tokens come, and how many there are.
        number: of the request, which varies the pace.
        choice: of several answers to one request.

    Attributes:
        tokens: pieces of the text, in order.
        finish: ``stop`` or ``length``.
        stopped_by: the text that ended it; empty if none did.
        moments_s: of each token, in seconds after the request; one at least.
        prompt_tokens: length of the prompt.
    """

    def __init__(self, wanted: Wanted, pace: Pace, number: int, choice: int = 0) -> None:
        prompt = json.dumps(wanted.prompt)
        self.digest = hashlib.sha256(prompt.encode()).hexdigest()
        self.prompt_tokens = input_tokens(prompt)
        whole = self._made(wanted, pace, choice)
        most = len(whole) if wanted.most_tokens is None else wanted.most_tokens
        self.finish = "length" if most < len(whole) else "stop"
        self.tokens, self.stopped_by = _stopped(whole[:most], wanted.stop)
        if self.stopped_by:
            self.finish = "stop"
        chance = random.Random(f"{self.digest} {number} {choice}")  # noqa: S311 - only the pace
        self.moments_s = pace.moments_s(max(1, len(self.tokens)), chance)

    def _made(self, wanted: Wanted, pace: Pace, choice: int) -> list[str]:
        if wanted.schema is not None:
            return pieces(json.dumps(fitting(wanted.schema)))
        offset = int(self.digest[:4], 16) + 7 * choice
        return [f" {WORDS[(offset + n) % len(WORDS)]}" for n in range(pace.output_tokens)]

    @property
    def text(self) -> str:
        """All of its tokens."""
        return "".join(self.tokens)


def _stopped(tokens: list[str], stop: Sequence[str]) -> tuple[list[str], str]:
    """Cut an answer before the first of some texts; return it with that text."""
    text = "".join(tokens)
    found = [(at, one) for one in stop if (at := text.find(one)) >= 0]
    if not found:
        return tokens, ""
    at, by = min(found)
    kept: list[str] = []
    for token in tokens:
        left = at - sum(map(len, kept))
        if left <= 0:
            break
        kept.append(token[:left])
    return kept, by


def input_tokens(text: str) -> int:
    """Return how many tokens a question has; one at least."""
    return max(1, len(text) // _CHARACTERS_A_TOKEN)


def pieces(text: str) -> list[str]:
    """Cut a text into tokens of four characters."""
    return _TOKEN.findall(text)


async def until(moment_s: float) -> None:
    """Wait for a moment of the loop's clock; it may be over."""
    delay_s = moment_s - asyncio.get_running_loop().time()
    if delay_s > 0:
        await asyncio.sleep(delay_s)


def cut(text: str) -> Iterator[str]:
    """Yield a text in tokens, one at least."""
    yield from pieces(text) or [""]
