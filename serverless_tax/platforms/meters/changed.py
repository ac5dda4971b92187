"""A request read with some of its quantities changed: how one rule builds on another."""

from __future__ import annotations

from typing import Any

from serverless_tax.ground.request import NAMES, Quantity, Request


def changed(w: Request, **quantities: Quantity) -> Request:
    """Return a request, or whatever stands for one, with the quantities given instead of its own.

    Raises:
        TypeError: for a name that no rule reads; the request would come back as it was.
    """
    unknown = quantities.keys() - set(NAMES)
    if unknown:
        msg = f"No request has {', '.join(sorted(unknown))}."
        raise TypeError(msg)
    return Changed(w, **quantities)


class Changed:
    """What :func:`changed` returns."""

    def __init__(self, w: Request, **quantities: Quantity) -> None:
        self._w = w
        vars(self).update(quantities)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._w, name)
