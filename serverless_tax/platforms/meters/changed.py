"""A workload read with some of its quantities changed: how one rule builds on another."""

from __future__ import annotations

from typing import Any


class Changed:
    """A workload, or whatever stands for one, with the quantities given instead of its own."""

    def __init__(self, w: Any, **quantities: Any) -> None:
        self._w = w
        for name, value in quantities.items():
            setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._w, name)
