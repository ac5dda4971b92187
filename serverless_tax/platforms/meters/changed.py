"""A request read with some of its quantities changed: how one rule builds on another."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast, overload

import numpy as np

from serverless_tax.ground.request import Quantity, Request, Sample, check_names


@overload
def changed(w: Sample, **quantities: Quantity) -> Sample: ...
@overload
def changed(w: Request, **quantities: Quantity) -> Request: ...
def changed(w: Request, **quantities: Quantity) -> Request:
    """Return a request, or whatever stands for one, with the quantities given instead of its own.

    Raises:
        TypeError: for a name that no rule reads; the request would come back as it was.
    """
    check_names(quantities)
    return cast("Sample", Changed(w, **quantities))


class Changed:
    """What :func:`changed` returns, as a request: the type checker is shown no name of its own."""

    def __init__(self, w: Request, **quantities: Quantity) -> None:
        self._w = w
        self._changes = quantities
        vars(self).update(quantities)

    if not TYPE_CHECKING:  # it would let a misspelt name pass

        def __getattr__(self, name: str) -> Any:
            return getattr(self._w, name)

    @property
    def largest(self) -> Mapping[str, float]:
        """The largest value of each quantity."""
        changes = {name: float(np.max(value)) for name, value in self._changes.items()}
        return ChainMap(changes, cast("dict[str, float]", cast("Sample", self._w).largest))
