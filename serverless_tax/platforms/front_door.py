"""A front door: a part of the path with limits on what passes through it, beside how long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from serverless_tax.ground.request import Quantity, Request, Sample
from serverless_tax.platforms.base import Platform
from serverless_tax.platforms.meters import timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most of something that a request may have, and what the front door does about more."""

    most: float
    #: The quantity of a request that is limited.
    of: Callable[[Request], Quantity]
    #: The end of a sentence that starts with the front door's name.
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDoor(Platform):
    """A platform or part of the path that refuses, besides long requests, those past its limits."""

    limits: tuple[Limit, ...] = ()

    def obstacles(self, w: Sample) -> Iterator[str]:
        """Yield a sentence for each reason why it cannot serve these requests as they are."""
        yield from Platform.obstacles(self, w)
        for limit in self.limits:
            beyond = float(np.mean(limit.of(w) > limit.most))
            if beyond:
                who = "these requests" if beyond == 1 else f"{beyond:.1%} of these requests"
                yield (
                    f"{self.name} {limit.says}; {who} go beyond that:"
                    " it cannot serve them as they are."
                )


def silent_ms(w: Request) -> Quantity:
    """Return how long nothing passes on a request's connection: until its tokens come, at most."""
    return timeline.serial_ms(w) + w.wait_ms
