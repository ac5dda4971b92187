"""How much of a matrix, and how many examples, `make test` takes of what `make test-all` does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings


def one_in(n: int, cases: Iterable[Any], first: int = 0) -> list[Any]:
    """Mark all cases but every n-th as slow, from the first on: neighbours are of a kind.

    A case of several values is a tuple. Tests of one matrix take turns by ``first``.
    """
    values = (case if isinstance(case, tuple) else (case,) for case in cases)
    slow = [pytest.mark.slow]
    return [pytest.param(*v, marks=slow if k % n != first else []) for k, v in enumerate(values)]


def fewer(times: int) -> settings:
    """Return settings with a fraction of the profile's examples, for a test of many designs."""
    return settings(max_examples=max(3, settings.default.max_examples // times))


def at_most(examples: int) -> settings:
    """Return settings with so many examples, and half of the profile's where those are fewer."""
    return settings(max_examples=min(examples, settings.default.max_examples // 2))
