"""The widgets: one script for the published page and for Jupyter, and their Python classes.

``value``, ``knob``, ``say`` and ``predict`` put numbers into sentences. Each folder here that has
a ``WIDGET`` is a figure, with a class of that name for notebooks and pages: ``Plumber``, ``Meter``,
``Ladder`` and so on. The figures need the ``[book]`` extra.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from serverless_tax.widgets.prose import knob, page_scenario, predict, say, value
from serverless_tax.widgets.widget import kinds

if TYPE_CHECKING:
    from serverless_tax.widgets.paste.reader import reader_javascript

__all__ = ["knob", "page_scenario", "predict", "reader_javascript", "say", "value"]
__all__ += [kind.title() for kind in kinds()]


def __getattr__(name: str) -> Any:
    """Make a figure's class when it is first asked for: it alone needs anywidget."""
    if name == "reader_javascript":  # it alone needs the audit
        return import_module("serverless_tax.widgets.paste.reader").reader_javascript
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    if sys.platform == "emscripten" and "IPython" not in sys.modules:  # a page has no Jupyter
        from serverless_tax.widgets.shown import still_class  # noqa: PLC0415

        return still_class(name.lower())
    from serverless_tax.widgets.jupyter import widget_class  # noqa: PLC0415

    return widget_class(name.lower())
