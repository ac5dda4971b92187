"""The widgets: one script for the published page and for Jupyter, and their Python classes.

``value``, ``knob``, ``say`` and ``predict`` put numbers into sentences; ``Plumber``, ``Rectangle``,
``Meter``, ``Race``, ``Session``, ``Batching``, ``Market``, ``Ladder``, ``Decide`` and ``Paste`` are
figures. The figures need the ``[book]`` extra.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serverless_tax.widgets.prose import knob, page_scenario, predict, say, value

if TYPE_CHECKING:
    from serverless_tax.widgets.jupyter import (
        Batching,
        Decide,
        Ladder,
        Market,
        Meter,
        Paste,
        Plumber,
        Race,
        Rectangle,
        Session,
    )

__all__ = [
    "Batching",
    "Decide",
    "Ladder",
    "Market",
    "Meter",
    "Paste",
    "Plumber",
    "Race",
    "Rectangle",
    "Session",
    "knob",
    "page_scenario",
    "predict",
    "say",
    "value",
]


def __getattr__(name: str) -> Any:
    """Import the figures when they are first asked for: they alone need anywidget."""
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from serverless_tax.widgets import jupyter  # noqa: PLC0415

    return getattr(jupyter, name)
