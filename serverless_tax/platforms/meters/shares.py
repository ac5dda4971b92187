"""One quantity over another, also where there is none of either."""

from __future__ import annotations

import numpy as np

from serverless_tax.ground.request import Quantity

_TINY = 1e-200  # keeps 0 / 0 out of a ratio; no quantity is as small, no quotient overflows


def ratio(part: Quantity, whole: Quantity) -> Quantity:
    """Return ``part / whole``, and 0 where both are nothing."""
    return part / np.maximum(whole, _TINY)


def share(part: Quantity, whole: Quantity) -> Quantity:
    """Return what part of ``whole`` is ``part``, at most 1: all of it, but for a last digit."""
    return np.minimum(ratio(part, whole), 1)
