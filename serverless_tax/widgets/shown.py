"""What a widget shows wherever it is: its scenario, its figures, its HTML with its still.

In Jupyter it has traits beside that. Python in a browser has no anywidget, and shows this alone.
"""

from __future__ import annotations

import json
from functools import cache
from html import escape

from serverless_tax.widgets.prose import page_start
from serverless_tax.widgets.scenario import FIELDS, compute, scenario
from serverless_tax.widgets.widget import widgets


def started(
    preset: str | None, changes: dict[str, float], error: type[Exception] = ValueError
) -> tuple[str, dict[str, float]]:
    """Return the preset that a widget starts from, and its values with the changes made.

    Raises:
        InvalidQuantity: if there is no such preset.
        error: if no field has the name of a change.
    """
    start = page_start()
    if not preset:
        changes = dict(start.changes) | changes
    name = preset or start.preset
    unknown = changes.keys() - {field.name for field in FIELDS}
    if unknown:
        known = ", ".join(field.name for field in FIELDS)
        names = ", ".join(sorted(unknown))
        msg = f"{names} is not a quantity of a scenario; use one of {known}."
        raise error(msg)
    return name, scenario(name) | changes


class Shown:
    """A figure of one scenario: ``kind`` says which, ``preset`` where it starts."""

    kind: str
    preset: str

    @property
    def values(self) -> dict[str, float]:
        """The scenario: each field's value, in the unit that ends its name."""
        return {field.name: getattr(self, field.name) for field in FIELDS}

    @property
    def figures(self) -> dict[str, float]:
        """What follows from the scenario, computed here in Python."""
        return compute(self.values)

    def _repr_html_(self) -> str:
        start = scenario(self.preset)
        changes = {name: v for name, v in self.values.items() if v != start[name]}
        data = f' data-changes="{escape(json.dumps(changes))}"' if changes else ""
        still = widgets()[self.kind].still_figure(self.values | self.figures)
        return (
            f'<st-widget data-kind="{self.kind}" data-scenario="{escape(self.preset)}"{data}>'
            f"{still}</st-widget>"
        )


class _Still(Shown):
    """A widget without traits."""

    def __init__(self, preset: str | None = None, **changes: float) -> None:
        """Start from a preset (the page's own by default), with the changes given."""
        self.preset, values = started(preset, changes)
        vars(self).update(values)


@cache
def still_class(kind: str) -> type[Shown]:
    """Return the class of a kind of widget that is only shown."""
    members = {"__doc__": widgets()[kind].about, "__module__": __package__, "kind": kind}
    return type(kind.title(), (_Still,), members)
