"""How often boto3's waiters look at a local cloud, where all is ready at once; and another wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

OFTEN = {"Delay": 0.02, "MaxAttempts": 500}


def until(look: Callable[[], Any]) -> Any:
    """Return what is found of what another process does, for a busy machine within a minute."""
    end = time.monotonic() + 60
    while not (found := look()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return found
