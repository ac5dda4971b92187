"""One name of ministack's that this package replaces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Call = Callable[..., Any]


class Seam(NamedTuple):
    """A name, the parameters that it should take, and what is put in its place."""

    module: str
    parameters: tuple[str, ...]
    around: Callable[[Any], Call] | None = None
    """Makes ours of ministack's own; None where it is made with the host, at each start."""


def instead(ours: Call) -> Callable[[Any], Call]:
    """Return what puts a function in the place of ministack's, which it does not call."""
    return lambda _: ours
