"""The platforms: one rule file each, and one price sheet each beside it in ``prices``.

A rule is a plain function ``usage(w) -> {dimension: quantity}`` of additions, multiplications,
ceilings, minima and maxima. It never branches on a value, so the same function runs on one
request, on ten million at once, and under the tracer that turns it into JavaScript.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import numpy as np

from serverless_tax.platforms import aws_lambda
from serverless_tax.units import InvalidQuantity
from serverless_tax.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One way of serving a request: its id, its rule, and what can be configured there."""

    id: str
    name: str
    usage: Callable[[Any], dict[str, Any]]
    #: For each quantity that is configured, the least and the most that is offered.
    offers: Mapping[str, tuple[int, int]]
    timeout_ms: float

    def check(self, w: Workload) -> None:
        """Refuse a size that cannot be configured on this platform.

        Raises:
            InvalidQuantity: naming the size and what is offered.
        """
        for field, (low, high) in self.offers.items():
            smallest, largest = np.min(getattr(w, field)), np.max(getattr(w, field))
            if smallest < low or largest > high:
                bad = smallest if smallest < low else largest
                msg = f"{field} is {bad:,.10g}; {self.name} offers {low:,} to {high:,} MB."
                raise InvalidQuantity(msg)


_PLATFORMS = {
    "aws-lambda": Platform(
        id="aws-lambda",
        name="AWS Lambda",
        usage=aws_lambda.usage,
        offers={"memory_mb": aws_lambda.MEMORY_MB, "ephemeral_storage_mb": aws_lambda.STORAGE_MB},
        timeout_ms=aws_lambda.TIMEOUT_MS,
    ),
}


def platforms() -> MappingProxyType[str, Platform]:
    """Return every platform this package can price, by id.

    >>> list(platforms())
    ['aws-lambda']
    """
    return MappingProxyType(_PLATFORMS)


def platform(name: str) -> Platform:
    """Return one platform by its id.

    Raises:
        InvalidQuantity: if there is none of that id, with the nearest one or the list.
    """
    if name not in _PLATFORMS:
        close = get_close_matches(str(name), _PLATFORMS, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(_PLATFORMS)}."
        msg = f"There is no platform {name!r}; {hint}"
        raise InvalidQuantity(msg)
    return _PLATFORMS[name]
