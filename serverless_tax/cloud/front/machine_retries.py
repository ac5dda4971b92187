"""How long a state of a machine waits before it is tried again; ministack cuts that at a minute.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.intrinsics import MACHINES

_TRIED: ContextVar[bool] = ContextVar("a state is tried alone", default=False)
_FULL = "FULL"


def tried(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """TestState, which tells of a retry and does not wait for it."""

    def test(data: Any) -> Any:
        token = _TRIED.set(True)
        try:
            return original(data)
        finally:
            _TRIED.reset(token)

    return test


def retried(original: Callable[..., Any]) -> Callable[..., Any]:
    """The retrier of an error, once its wait is over; it leaves ministack none to wait."""

    def find(retriers: Any, error: str, retry_counts: Mapping[int, int]) -> Any:
        retrier, number = original(retriers, error, retry_counts)
        if retrier is None or _TRIED.get():
            return retrier, number
        wait_s = pause_s(retrier, retry_counts.get(number, 0))
        vars(import_module(MACHINES))["_scaled_sleep"](wait_s)
        return {**retrier, "IntervalSeconds": 0}, number

    return find


def pause_s(retrier: Mapping[str, Any], before: int) -> float:
    """Return the seconds before a state is tried again.

    Args:
        retrier: of the definition; what it does not say is AWS's default.
        before: how often the retrier has already tried it.
    """
    whole = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** before
    wait_s = float(min(whole, retrier.get("MaxDelaySeconds", whole)))
    # Full jitter: any wait up to that one.
    return random.uniform(0, wait_s) if retrier.get("JitterStrategy") == _FULL else wait_s  # noqa: S311 - no secret
