"""A front door: a part of the path with limits on what passes through it, beside how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Limit, Platform
from serverless_tax.platforms.meters import timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDoor(Platform):
    """A platform or part of the path that refuses, besides long requests, those past its limits."""

    limits: tuple[Limit, ...] = ()

    def every_limit(self) -> Iterator[Limit]:
        """Yield what keeps it from serving a request."""
        yield from Platform.every_limit(self)
        yield from self.limits


def silent_ms(w: Request) -> Quantity:
    """Return how long nothing passes on a request's connection: until its tokens come, at most."""
    return timeline.serial_ms(w) + w.wait_ms
