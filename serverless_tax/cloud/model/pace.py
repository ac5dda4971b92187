"""The provider's pace and its errors: set for all models, or by a model's name.

``sim-200ms-50tps`` answers after 200 ms at 50 tokens a second; ``sim-200ms-50tps-30spread`` lets
the first token's time and every gap vary by 30 %; ``sim-429`` and ``sim-500`` answer with a rate
limit and with a failure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random

_LIMIT = 1e9
_PACED_MODEL = re.compile(r"sim-(\d{1,6})ms-(\d{1,6})tps(?:-(\d{1,3})spread)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast the provider answers.

    Attributes:
        ttft_ms: mean time from the request to the first token.
        tokens_per_s: mean pace after the first token.
        output_tokens: length of an answer, unless the request's limit is lower.
        vector_ms: time of a vector look-up.
        spread: standard deviation of the time to the first token and of each gap, over their
            mean; 0 for an even pace.
    """

    ttft_ms: float = 500.0
    tokens_per_s: float = 116.0
    output_tokens: int = 500
    vector_ms: float = 50.0
    spread: float = 0.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if isinstance(value, bool) or not 0 <= value < _LIMIT:
                raise ValueError(
                    f"{name} is {value!r}; expected a number of at least 0, below 1e9."
                )
        if self.tokens_per_s == 0:
            raise ValueError(
                "tokens_per_s is 0; expected more than 0, or no token would ever come."
            )

    def of(self, model: str) -> Pace:
        """The pace in the model's name, or this one."""
        match = _PACED_MODEL.fullmatch(model)
        if match is None or int(match[2]) == 0:
            return self
        return replace(
            self,
            ttft_ms=int(match[1]),
            tokens_per_s=int(match[2]),
            spread=int(match[3] or 0) / 100,
        )

    def moments_s(self, tokens: int, chance: random.Random) -> list[float]:
        """Return the moment of each token, in seconds after the request.

        Args:
            tokens: number of tokens.
            chance: draws the spread; one state always gives the same moments.
        """
        first_s, gap_s = self.ttft_ms / 1000, 1 / self.tokens_per_s
        if self.spread == 0:
            return [first_s + n * gap_s for n in range(tokens)]
        gaps_s = [_vary(gap_s, self.spread, chance) for _ in range(tokens - 1)]
        return list(accumulate([_vary(first_s, self.spread, chance), *gaps_s]))


def _vary(mean: float, spread: float, chance: random.Random) -> float:
    """Draw from a log-normal distribution: never negative, with a long tail like a latency."""
    sigma = math.sqrt(math.log1p(spread**2))
    return mean * chance.lognormvariate(-(sigma**2) / 2, sigma)


class ProviderError(NamedTuple):
    """An error as OpenAI's API sends it.

    Attributes:
        status: HTTP status.
        code: the error's `code`.
        message: the error's `message`.
        headers: additional response headers.
    """

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = MappingProxyType({})


_ERRORS = {
    "sim-429": ProviderError(
        429,
        "rate_limit_exceeded",
        "Rate limit reached: the model sim-429 refuses every request; use another model.",
        MappingProxyType({"Retry-After": "1"}),
    ),
    "sim-500": ProviderError(
        500, "server_error", "The model sim-500 fails at every request; use another model."
    ),
}


def error_of(model: str) -> ProviderError | None:
    """Return the error of a model of this name; None if the model answers."""
    return _ERRORS.get(model)
