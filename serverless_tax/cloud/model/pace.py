"""How fast the provider answers, and how it refuses: set for all models, or by a model's name.

``sim-200ms-50tps`` answers after 200 ms at 50 tokens a second; ``sim-200ms-50tps-30spread`` lets
the first token's time and every gap vary by 30 %; ``sim-429`` and ``sim-500`` refuse as a provider
does that limits rates, or fails.
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
        ttft_ms: from the request to the first token, in the mean.
        tokens_per_s: after it, one token every 1/tokens_per_s seconds in the mean.
        output_tokens: length of an answer, unless the request's limit is lower.
        vector_ms: how long the vector look-up takes.
        spread: standard deviation of the time to the first token and of each gap, as a part of
            their mean; 0 for an even pace.
    """

    ttft_ms: float = 500.0
    tokens_per_s: float = 116.0
    output_tokens: int = 500
    vector_ms: float = 50.0
    spread: float = 0.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if isinstance(value, bool) or not 0 <= value < _LIMIT:
                raise ValueError(f"{name} is {value!r}: give a number of at least 0, below 1e9.")
        if self.tokens_per_s == 0:
            raise ValueError("tokens_per_s is 0: no token would ever come; give more than 0.")

    def of(self, model: str) -> Pace:
        """This pace, or the one the model's name asks for."""
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
        """When each token comes, in seconds after the request.

        Args:
            tokens: how many.
            chance: draws the spread; the same state gives the same moments.
        """
        first_s, gap_s = self.ttft_ms / 1000, 1 / self.tokens_per_s
        if self.spread == 0:
            return [first_s + n * gap_s for n in range(tokens)]
        gaps_s = [_vary(gap_s, self.spread, chance) for _ in range(tokens - 1)]
        return list(accumulate([_vary(first_s, self.spread, chance), *gaps_s]))


def _vary(mean: float, spread: float, chance: random.Random) -> float:
    """A log-normal draw: never negative, with a long tail, as latencies have."""
    sigma = math.sqrt(math.log1p(spread**2))
    return mean * chance.lognormvariate(-(sigma**2) / 2, sigma)


class ProviderError(NamedTuple):
    """An answer that is none.

    Attributes:
        status: of HTTP.
        code: as in the error's `code`.
        message: for a person.
        headers: beside it.
    """

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = MappingProxyType({})


_ERRORS = {
    "sim-429": ProviderError(
        429,
        "rate_limit_exceeded",
        "Rate limit reached: this model refuses every request; ask for another.",
        MappingProxyType({"Retry-After": "1"}),
    ),
    "sim-500": ProviderError(
        500, "server_error", "This model fails at every request; ask for another."
    ),
}


def error_of(model: str) -> ProviderError | None:
    """Return how a model of this name refuses; None when it answers."""
    return _ERRORS.get(model)
