"""What stills are drawn with: strips and bars as SVG, in the four colours."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from serverless_tax.ground.html import tag
from serverless_tax.ground.show import show
from serverless_tax.widgets.widget import Quantities

WIDTH = 600
STRIP_HEIGHT = 40
_BAR_HEIGHT = 14
_HATCH = (
    '<pattern id="st-hatch" width="8" height="8" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><rect class="st-still-waiting" width="4" height="8"/></pattern>'
)


def svg(height: float, *shapes: str) -> str:
    """Return a picture as wide as every still, of that height."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" aria-hidden="true"><defs>{_HATCH}</defs>'
        + "".join(shapes)
        + "</svg>"
    )


def axis(end: float, unit: str) -> str:
    """Return the ends of a strip's axis as HTML, to stand under it."""
    ends = (tag("span", show(at, unit), style=f"left:{at / end:.0%}") for at in (0, end))
    return tag("div", *ends, class_="st-ticks", aria_hidden="true").html


def rectangle(concept: str, x: float, y: float, width: float, height: float) -> str:
    """Return a rectangle in a concept's colour; one of no concept is empty."""
    fill = {"waiting": "url(#st-hatch)", "": "none"}.get(concept, f"var(--st-{concept})")
    return (
        f'<rect class="st-outlined" fill="{fill}" x="{x:.2f}" y="{y:.2f}"'
        f' width="{max(width, 1):.2f}" height="{max(height, 1):.2f}"/>'
    )


def split(q: Quantities, name: str) -> dict[str, float]:
    """Return the dollars of each concept in the figure of that name."""
    work, fees, waiting, idle = (
        q[f"{name}_{part}_usd"] for part in ("work", "fees", "waiting", "idle")
    )
    return {"cpu": work - fees, "fees": fees, "waiting": waiting, "idle": idle}


def bars(rows: Iterable[tuple[str, float, Quantities]]) -> str:
    """Draw a list in which each line has its words, its dollars and a bar of its parts."""
    rows = list(rows)
    most = max(usd for _, usd, _ in rows)
    lines = []
    for name, usd, parts in rows:
        pieces, from_x = [], 0.0
        for concept, part in parts.items():
            width = part / most * WIDTH
            pieces += [rectangle(concept, from_x, 0, width, _BAR_HEIGHT)] if width > 0 else []
            from_x += width
        picture = svg(_BAR_HEIGHT, *pieces)
        lines.append(
            f"<li>{escape(name)}: <strong>{escape(show(usd, 'usd'))}</strong>{picture}</li>"
        )
    return f'<ol class="st-bars">{"".join(lines)}</ol>'
