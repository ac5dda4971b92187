"""How much of a matrix, and how many examples, `make test` takes of what `make test-all` does."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings

#: How many examples of a property a quick run takes.
QUICK_EXAMPLES = 15


def one_in(n: int, cases: Iterable[Any], first: int = 0) -> list[Any]:
    """Mark all cases but every n-th as slow, from the first on: neighbours are of a kind.

    A case of several values is a tuple. Tests of one matrix take turns by ``first``.
    """
    values = (case if isinstance(case, tuple) else (case,) for case in cases)
    slow = [pytest.mark.slow]
    return [pytest.param(*v, marks=slow if k % n != first else []) for k, v in enumerate(values)]


def takes_its_turn(case: str, n: int) -> bool:
    """Whether a quick run looks at a case too: one in ``n`` does, by the seed of pytest-randomly.

    With more examples than a quick run has, every case does.
    """
    if settings.default.max_examples > QUICK_EXAMPLES:
        return True
    return (zlib.crc32(case.encode()) ^ random.getrandbits(32)) % n == 0


def fewer(times: int) -> settings:
    """Return settings with a fraction of the profile's examples, for a test of many designs."""
    return settings(max_examples=max(3, settings.default.max_examples // times))


def at_most(examples: int) -> settings:
    """Return settings with so many examples, and half of the profile's where those are fewer."""
    return settings(max_examples=min(examples, settings.default.max_examples // 2))
