"""How often boto3's waiters look at a local cloud, where all is ready at once; and another wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

OFTEN = {"Delay": 0.02, "MaxAttempts": 500}


def until(is_so: Callable[[], object]) -> None:
    """Wait for what happens in another process, for 20 s at most."""
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
