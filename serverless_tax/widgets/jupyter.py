"""The widgets as Jupyter widgets: every quantity of the scenario is a trait, in both directions."""

from __future__ import annotations

from functools import cache
from typing import Any

try:
    import anywidget
    import traitlets
except ImportError as error:
    msg = (
        f"The widgets need {error.name}, which is not installed; install it with"
        ' `pip install "serverless-tax[book]"`. Pricing itself works without it.'
    )
    raise ImportError(msg) from error

from serverless_tax.ground.described import described
from serverless_tax.ground.settings import Settings
from serverless_tax.request.workload import Workload
from serverless_tax.widgets.build import module_script, style_sheet
from serverless_tax.widgets.figures import request_figures
from serverless_tax.widgets.scenario import FIELDS, compute
from serverless_tax.widgets.shown import Shown, started
from serverless_tax.widgets.widget import widgets

#: A quantity of the workload is described where it is one, for everybody.
_HELP = {field.name: field.label for field in FIELDS}
_HELP |= {**described(Workload), **described(Settings)}
_TRAITS = {
    field.name: traitlets.Float(min=field.low, max=field.high, help=_HELP[field.name]).tag(
        sync=True
    )
    for field in FIELDS
}
_Traits: Any = type("ScenarioTraits", (anywidget.AnyWidget,), _TRAITS)


class ScenarioWidget(Shown, _Traits):  # type: ignore[misc]
    """A figure of one scenario, moved by the reader or by the kernel.

    Every field of :data:`serverless_tax.widgets.scenario.FIELDS` is a trait of that name, with
    its bounds. ``month_usd`` is read-only and follows them, so it can be linked and observed;
    ``figures`` has every other result.

    >>> from serverless_tax.widgets import Meter
    >>> widget = Meter("thinking", memory_mb=512)
    >>> widget.generate_ms, widget.memory_mb
    (30000.0, 512.0)
    """

    kind = traitlets.Unicode(read_only=True, help="which figure it is").tag(sync=True)
    preset = traitlets.Unicode("article", help="the preset that Reset returns to").tag(sync=True)
    month_usd = traitlets.Float(read_only=True, help="the month's bill, in USD")

    @traitlets.validate("memory_mb")
    def _whole(self, proposed: Any) -> float:
        size_mb: float = proposed["value"]
        if size_mb % 1:
            msg = f"memory_mb is {size_mb:,.10g}; AWS Lambda offers whole megabytes alone."
            raise traitlets.TraitError(msg)
        return size_mb

    def __init__(self, preset: str | None = None, **changes: float) -> None:
        """Start from a preset (the page's own by default), with the changes given.

        Raises:
            InvalidQuantity: if there is no such preset.
            traitlets.TraitError: if a value is out of its bounds or no field has that name.
        """
        name, values = started(preset, changes, traitlets.TraitError)
        super().__init__(preset=name, **values)
        self._renew()
        self.observe(self._renew, [field.name for field in FIELDS])

    def _renew(self, change: Any = None) -> None:
        del change
        # Only the request's own figures: every move waits for this.
        self.set_trait("month_usd", compute(self.values, request_figures)["month_usd"])

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:  # anywidget's way to say that there is no view
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/html": self._repr_html_()}, metadata


@cache
def widget_class(kind: str) -> type[ScenarioWidget]:
    """Return the class of a kind of widget: ``Ladder`` of ``ladder``."""
    members = {
        "__doc__": widgets()[kind].about,
        "__module__": __package__,
        "_esm": module_script(kind),
        "_css": style_sheet(kind),
        "kind": traitlets.Unicode(kind, read_only=True, help="which figure it is").tag(sync=True),
    }
    return type(kind.title(), (ScenarioWidget,), members)
