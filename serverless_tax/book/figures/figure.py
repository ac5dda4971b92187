"""The book's figures share this: one drawing in the page's own colours, one sentence.

A figure is SVG inside the page. Its letters are text in the page's font, and its colours are the
page's custom properties, so that it follows light and dark and is read, searched and printed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO, StringIO
from textwrap import fill
from typing import Any, Literal
from urllib.parse import quote

import numpy as np

from serverless_tax.ground.colours import COLOURS, CPU, FEES, IDLE, WAITING, named_in_a_style
from serverless_tax.ground.html import Markup, Piece, joined, link, plain, tag

__all__ = ["CPU", "FEES", "HATCH", "IDLE", "INK", "LAB", "LABEL", "PRICES", "WAITING", "Plot"]

INK, RULE = COLOURS["ink"][0], COLOURS["rule"][0]

#: Where most numbers are from.
PRICES = joined(
    "Source: ",
    link("price-sheets.html", "list prices"),
    ", through ",
    link("method.html", "our arithmetic"),
    " when this page was built.",
)
#: Where times are from that a lab recorded.
LAB = "Source: our lab’s recorded runs, on a local cloud, not on AWS."

#: The line around a bar. What matplotlib hatches, the page hatches as it does everywhere else.
HATCH = (INK, 0.45)

#: Arguments of a label beside a point: the page's text colour, and a $ that starts no formula.
LABEL: dict[str, Any] = {"textcoords": "offset points", "color": INK, "parse_math": False}

#: The width of a drawing in inches and its letters in points, where there is room and on a phone:
#: shown at its width, no letter is smaller than 12 px.
_FORMS = {"wide": (8.0, 10.0), "narrow": (3.75, 10.5)}
#: How wide each is shown where there is room for it.
_SHOWN_PX = {"wide": 860.0, "narrow": 340.0}
_PATTERN = re.compile(r'<pattern id="(\w+)".*?</pattern>', re.DOTALL)
#: Letters in a line of a narrow drawing: under its axis, and over its rows.
_UNDER, _OVER = 36, 42


class Plot:
    """A figure drawn for wide and for narrow screens, with a text that says what it shows.

    ``found`` is the sentence above the figure that says what it found, its dollars with what they
    are of. ``height`` is in inches.
    ``grid`` is the axis that has lines. ``data`` is what is drawn, a row a mark with units in the
    names of its columns; the page offers it as a file, called after ``name``. ``source`` says where
    its numbers are from, for the caption. ``key`` says above the drawing what its marks are.
    """

    def __init__(
        self,
        draw: Callable[[Any], None],
        alt: str,
        *,
        name: str,
        data: Sequence[Mapping[str, object]],
        found: Piece,
        source: Piece = PRICES,
        height: float = 3.6,
        grid: Literal["x", "y"] = "y",
        key: Sequence[Markup] = (),
    ) -> None:
        self.draw = draw
        self.alt = alt
        self.headline, self.found = found, plain(found)
        self.source = source
        self.height = height
        self.grid = grid
        self.key = key
        self.name = name
        self.data = data

    def _repr_html_(self) -> str:
        """Return both drawings, of which the page shows the one that fits its width."""
        found = tag("p", self.headline, class_="st-found")
        key = [tag("p", *self.key, class_="st-key")] if self.key else []
        caption = tag("figcaption", self.source, " ", self._download())
        drawings = (Markup(self._in_page(form)) for form in _FORMS)
        inside = (found, *key, *drawings, caption)
        return tag("figure", *inside, class_="st-figure", aria_label=self.found).html

    def _in_page(self, form: str) -> str:
        """Return a drawing as an element of the page, with the text for those who do not see it."""
        svg = self.svg(form).decode()
        svg = svg[svg.index("<svg") :]
        width, height = re.findall(r'viewBox="0 0 (\S+) (\S+)"', svg)[0]
        # Its shape, known without what is in it: out of view that is neither laid out nor painted.
        named = {"role": "img", "aria_label": self.alt, "style": f"aspect-ratio:{width}/{height}"}
        name = tag("svg", class_=f"st-plot st-{form}", **named).html
        opened = f'{name.removesuffix("></svg>")} viewBox="0 0 {width} {height}">'
        inside = svg[svg.index(">") + 1 :]
        inside = re.sub(r"\s*<metadata>.*?</metadata>|<!--.*?-->", "", inside, flags=re.DOTALL)
        inside = re.sub(r"font-family: [^;\"]*", "font-family: var(--sans, sans-serif)", inside)
        inside = re.sub(r"<[^>]+>", lambda m: _rounded(m[0]), inside)
        inside = _PATTERN.sub(partial(_hatched, 8 * float(width) / _SHOWN_PX[form]), inside)
        inside = re.sub(r"\s*\n\s*", " ", inside).replace("xlink:href", "href")
        return opened + named_in_a_style(inside)

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
        return tag("span", numbers, class_="st-csv")

    def svg(self, form: str) -> bytes:
        """Return the figure as SVG, transparent, ``wide`` or ``narrow``, in the light colours."""
        from matplotlib import rc_context  # noqa: PLC0415 - slow to import
        from matplotlib.figure import Figure  # noqa: PLC0415

        width, letters = _FORMS[form]
        settings: Any = {
            "svg.fonttype": "none",
            "svg.hashsalt": f"{self.name}-{form}",
            "font.size": letters,
            **dict.fromkeys(("xtick.labelsize", "ytick.labelsize", "legend.fontsize"), letters),
            **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
        }
        with rc_context(settings):
            figure = Figure(figsize=(width, self.height), layout="constrained")
            axes = figure.subplots()
            axes.spines[["top", "right"]].set_visible(False)
            axes.spines[["left", "bottom"]].set_color(RULE)
            axes.set_axisbelow(True)
            axes.grid(visible=True, axis=self.grid, color=RULE, linewidth=0.6)
            self.draw(axes)
            for label in axes.texts:  # they stand over the drawing, and must not narrow it
                label.set_in_layout(False)
            if form == "narrow":
                _wrap(axes, figure)
            buffer = BytesIO()
            figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
        return buffer.getvalue()


def _wrap(axes: Any, figure: Any) -> None:
    """Break what is longer than a narrow drawing is wide, and make room for second lines."""
    axes.set_xlabel(fill(axes.get_xlabel(), _UNDER))
    long = [label for label in axes.texts if len(label.get_text()) > _OVER]
    for label in long:
        label.set_text(fill(label.get_text(), _OVER))
    if long:
        figure.set_figheight(figure.get_figheight() * 1.3)


def _hatched(stripe: float, pattern: re.Match[str]) -> str:
    """Return a drawing's pattern as the style sheet hatches; ``stripe`` is how far it repeats."""
    size = f'width="{stripe:.1f}" height="{stripe:.1f}"'
    half = f'width="{stripe / 2:.1f}" height="{stripe:.1f}"'
    return (
        f'<pattern id="{pattern[1]}" patternUnits="userSpaceOnUse" {size}'
        f' patternTransform="rotate(45)"><rect {size} fill="{WAITING}" fill-opacity="0.22"/>'
        f'<rect {half} fill="{WAITING}"/></pattern>'
    )


def _rounded(element: str) -> str:
    """Return an element of an SVG with a tenth of a point as its finest place."""
    return re.sub(r"-?\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", element)


def _cell(value: object) -> object:
    """Return a number without the digits that only the binary arithmetic put there."""
    return f"{value:.10g}" if isinstance(value, (float, np.floating)) else value
