"""The book's figures: matplotlib, one style, a light and a dark version that the page switches."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from io import BytesIO
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

from serverless_tax.compare import sweep
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, MEMORY_MB
from serverless_tax.show import show
from serverless_tax.workload import Workload

#: The same three everywhere: CPU, waiting, idle (Wong's palette, safe for colour-blind readers).
CPU, WAITING, IDLE = "#009E73", "#E69F00", "#999999"

_THEMES = {
    "light": {"text": "#1f2328", "grid": "#d0d7de"},
    "dark": {"text": "#e6edf3", "grid": "#444c56"},
}


class Plot:
    """A figure drawn once for each theme, with a text that says what it shows."""

    def __init__(self, draw: Callable[[Any], None], alt: str) -> None:
        self.draw = draw
        self.alt = alt

    def _repr_html_(self) -> str:
        """Return two images, of which the page shows the one that fits its theme."""
        return "".join(
            f'<img class="only-{name} st-plot" alt="{escape(self.alt)}" '
            f'src="data:image/svg+xml;base64,{base64.b64encode(self.svg(name)).decode()}">'
            for name in _THEMES
        )

    def svg(self, theme: str) -> bytes:
        """Return the figure as SVG, transparent, in the colours of ``light`` or ``dark``."""
        colour = _THEMES[theme]
        figure = Figure(figsize=(7, 3.6), layout="constrained")
        axes = figure.subplots()
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(colour["grid"])
        axes.grid(visible=True, axis="y", color=colour["grid"], linewidth=0.6)
        self.draw(axes)
        for text in cast("list[Text]", figure.findobj(Text)):
            if text.get_color() == "black":
                text.set_color(colour["text"])
        axes.tick_params(colors=colour["text"])
        buffer = BytesIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
        return buffer.getvalue()


def memory_curves(waits: Workload, computes: Workload) -> Plot:
    """Draw a month's bill over memory for a request that waits and for one that only computes."""
    memory_mb = np.arange(MEMORY_MB[0], 3009)
    bills = [
        sweep("aws-lambda", work.replace(memory_mb=memory_mb))["total"]
        for work in (waits, computes)
    ]

    def draw(axes: Any) -> None:
        for cost, colour, style in zip(bills, (WAITING, CPU), ("--", "-"), strict=True):
            axes.plot(memory_mb, cost, color=colour, linestyle=style, linewidth=2.5)
        axes.annotate("waits for a model", (memory_mb[1400], bills[0][1400]), (8, -14), **_LABEL)
        axes.annotate("only computes", (memory_mb[300], bills[1][300]), (0, 8), **_LABEL)
        axes.axvline(FULL_VCPU_MB, color=IDLE, linewidth=1, linestyle=":")
        axes.annotate(
            f"one whole vCPU\n{show(FULL_VCPU_MB, 'mb')}", (FULL_VCPU_MB, 0), (6, 8), **_LABEL
        )
        axes.set(xlabel="memory, MB", ylabel="USD a month", ylim=0, xlim=(0, 3050))
        axes.xaxis.set_major_formatter(lambda mb, _: f"{mb:,.0f}")
        axes.yaxis.set_major_formatter(lambda usd, _: show(usd, "usd0"))

    low, high = (show(float(bills[0][k]), "usd0") for k in (0, -1))
    flat = show(float(bills[1][0]), "usd0")
    return Plot(
        draw,
        f"The month's bill against memory. The request that waits climbs in a straight line from"
        f" {low} to {high}. The one that only computes stays at {flat} up to"
        f" {show(FULL_VCPU_MB, 'mb')}, then climbs.",
    )


_LABEL: dict[str, Any] = {"textcoords": "offset points", "color": "black"}
