"""How much a class learned, from its right answers before and after: what the page computes."""

from __future__ import annotations

from typing import Any


def normalised_gain(s: Any) -> dict[str, Any]:
    """Return the share of what a class could still learn that it did learn.

    ``s`` has ``right_before`` and ``right_after``, the shares of right answers, each from 0 to 1;
    ``right_before`` is below 1, for who knows everything has nothing to gain.

    Source: R. Hake, American Journal of Physics 66, 64 (1998), https://doi.org/10.1119/1.18809

    >>> from types import SimpleNamespace
    >>> normalised_gain(SimpleNamespace(right_before=0.25, right_after=0.625))["gain"]
    0.5
    """
    return {"gain": (s.right_after - s.right_before) / (1 - s.right_before)}
