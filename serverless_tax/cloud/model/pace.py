"""The provider's pace and its errors: set for all models, or by a model's name.

``sim-200ms-50tps`` answers after 200 ms at 50 tokens a second; ``sim-200ms-50tps-30spread`` lets
the first token's time and every gap vary by 30 %. ``sim-429`` answers with a rate limit for a
second from its first request on, and then as any other; so does ``sim-529``, which is overloaded;
and ``sim-500`` always fails.
"""

from __future__ import annotations

import math
import re
import time
from dataclasses import asdict, dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from serverless_tax.cloud.model.errors import ApiError

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """How a model refuses; ``for_s`` is None where it never ends."""

    status: int
    code: str
    message: str
    for_s: float | None = None


_REFUSALS = {
    "sim-429": _Refusal(
        status=429,
        code="rate_limit_exceeded",
        message="Rate limit reached for sim-429 on requests per min (RPM): Limit 60, Used 60, "
        "Requested 1. Please try again in 1s.",
        for_s=1.0,
    ),
    "sim-529": _Refusal(status=529, code="overloaded", message="Overloaded", for_s=1.0),
    "sim-500": _Refusal(
        status=500,
        code="server_error",
        message="The model sim-500 fails at every request; use another model.",
    ),
}
#: A model that has answered this long refuses anew at its next request.
_AGAIN_S = 10.0


class Refusals:
    """Models that refuse: for a second from their first request on, or always."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def check(self, model: str) -> None:
        """Refuse a request to one of these models while it refuses.

        Raises:
            ApiError: with Retry-After where it will end.
        """
        refusal = _REFUSALS.get(model)
        if refusal is None:
            return
        if refusal.for_s is None:
            raise ApiError(refusal.status, refusal.message, refusal.code)
        now = time.monotonic()
        since = self._since.get(model, -_AGAIN_S)
        if now - since >= _AGAIN_S:
            since = self._since[model] = now
        left_s = refusal.for_s - (now - since)
        if left_s <= 0:
            return
        headers = {
            "Retry-After": str(math.ceil(left_s)),
            "retry-after-ms": str(math.ceil(1000 * left_s)),
            "x-ratelimit-limit-requests": "60",
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": f"{left_s:.3f}s",
        }
        raise ApiError(refusal.status, refusal.message, refusal.code, headers=headers)
