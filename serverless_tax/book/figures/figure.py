"""The book's figures share this: a light and a dark version, three colours, one sentence."""

from __future__ import annotations

import base64
import csv
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO, StringIO
from typing import Any, Literal, cast
from urllib.parse import quote

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

from serverless_tax.ground.colours import CPU, IDLE, WAITING
from serverless_tax.ground.html import Markup, joined, link, tag

__all__ = ["CPU", "HATCH", "IDLE", "LABEL", "WAITING", "Plot"]

#: The strokes that mark waiting beside its colour.
HATCH = (0, 0, 0, 0.45)

#: Arguments of a label beside a point: the page's text colour, and a $ that starts no formula.
LABEL: dict[str, Any] = {"textcoords": "offset points", "color": "black", "parse_math": False}

_THEMES = {
    "light": {"text": "#1f2328", "grid": "#d0d7de"},
    "dark": {"text": "#e6edf3", "grid": "#444c56"},
}


class Plot:
    """A figure drawn once for each theme, with a text that says what it shows.

    ``found`` is a sentence under the figure that says what it found. ``size`` is in inches: a
    narrow figure keeps its letters readable on a phone. ``grid`` is the axis that has lines.
    ``data`` is what is drawn, a row a mark with units in the names of its columns; the page
    offers it as a file, called after ``name``.
    """

    def __init__(
        self,
        draw: Callable[[Any], None],
        alt: str,
        *,
        name: str,
        data: Sequence[Mapping[str, object]],
        found: str = "",
        size: tuple[float, float] = (7, 3.6),
        grid: Literal["x", "y"] = "y",
    ) -> None:
        self.draw = draw
        self.alt = alt
        self.found = found
        self.size = size
        self.grid = grid
        self.name = name
        self.data = data

    def _repr_html_(self) -> str:
        """Return two images, of which the page shows the one that fits its theme."""
        images = (
            tag("img", class_=f"only-{name} st-plot", alt=self.alt, src=_in_page(self.svg(name)))
            for name in _THEMES
        )
        found = tag("p", self.found, class_="st-found") if self.found else ""
        return joined(*images, found, self._download()).html

    def csv(self) -> str:
        """Return what is drawn as CSV, with a head line."""
        text = StringIO()
        columns = dict.fromkeys(column for row in self.data for column in row)
        writer = csv.DictWriter(text, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in self.data)
        return text.getvalue()

    def _download(self) -> Markup:
        numbers = link(
            f"data:text/csv;charset=utf-8,{quote(self.csv(), safe=',:/')}",
            "The numbers (CSV)",
            download=f"{self.name}.csv",
            aria_label=f"The numbers of the figure {self.name.replace('-', ' ')}, as CSV",
        )
        return tag("p", numbers, class_="st-csv")

    def svg(self, theme: str) -> bytes:
        """Return the figure as SVG, transparent, in the colours of ``light`` or ``dark``."""
        colour = _THEMES[theme]
        figure = Figure(figsize=self.size, layout="constrained")
        axes = figure.subplots()
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(colour["grid"])
        axes.set_axisbelow(True)
        axes.grid(visible=True, axis=self.grid, color=colour["grid"], linewidth=0.6)
        self.draw(axes)
        for text in cast("list[Text]", figure.findobj(Text)):
            if text.get_color() == "black":
                text.set_color(colour["text"])
        axes.tick_params(colors=colour["text"])
        buffer = BytesIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
        return buffer.getvalue()


def _in_page(svg: bytes) -> str:
    """Return the address of an image that the page itself holds."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"


def _cell(value: object) -> object:
    """Return a number without the digits that only the binary arithmetic put there."""
    return f"{value:.10g}" if isinstance(value, (float, np.floating)) else value
