"""What a page shows of a widget where scripts do not run: a still picture and its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from serverless_tax.show import show
from serverless_tax.widgets.captions import caption

_WIDTH = 600
_STRIP_HEIGHT = 40
_PLOT_HEIGHT = 200
_PLUMBER_AXIS_S = 7200
_MEMORY_AXIS_MB = 2048
_HATCH = (
    '<pattern id="st-hatch" width="8" height="8" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><rect class="st-still-waiting" width="4" height="8"/></pattern>'
)


def still_figure(kind: str, quantities: Mapping[str, float]) -> str:
    """Return the still of a widget as HTML, drawn to the scale of the widget's untouched state."""
    numbers, picture = _STILLS[kind](quantities)
    told = "".join(
        f'<div class="st-number"><strong class="st-big">{escape(show(quantities[name], unit))}'
        f'</strong><span class="st-what">{escape(what)}</span></div>'
        for name, unit, what in numbers
    )
    sentence = escape(caption(kind, quantities))
    return (
        f'<figure class="st st-{kind} st-still"><div class="st-numbers">{told}</div>'
        f"{picture}<figcaption>{sentence}</figcaption></figure>"
    )


def _svg(height: float, *rectangles: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" aria-hidden="true"><defs>{_HATCH}</defs>'
        + "".join(rectangles)
        + "</svg>"
    )


def _rectangle(concept: str, x: float, y: float, width: float, height: float) -> str:
    fill = "url(#st-hatch)" if concept == "waiting" else "#009E73"
    return (
        f'<rect class="st-outlined" fill="{fill}" x="{x:.2f}" y="{y:.2f}"'
        f' width="{max(width, 1):.2f}" height="{max(height, 1):.2f}"/>'
    )


_Numbers = tuple[tuple[str, str, str], ...]


def _plumber(q: Mapping[str, float]) -> tuple[_Numbers, str]:
    work, wait = (q[f"plumber_{k}_s"] / _PLUMBER_AXIS_S * _WIDTH for k in ("work", "wait"))
    numbers = (
        ("plumber_work_usd", "usd", "for the work"),
        ("plumber_wait_usd", "usd", "for the waiting"),
        ("plumber_multiple", "x", "the price of the work alone"),
        ("waits_at_once", "number", "requests waiting at any moment, in a month"),
    )
    strip = (
        _rectangle("cpu", 0, 0, work, _STRIP_HEIGHT),
        _rectangle("waiting", work, 0, wait, _STRIP_HEIGHT),
    )
    return numbers, _svg(_STRIP_HEIGHT, *strip)


def _rectangle_of_the_bill(q: Mapping[str, float]) -> tuple[_Numbers, str]:
    height = min(1, q["memory_mb"] / _MEMORY_AXIS_MB) * _PLOT_HEIGHT
    top = _PLOT_HEIGHT - height
    numbers = (
        ("month_usd", "usd", "a month"),
        ("request_usd", "usd", "a request"),
        ("cpu_share", "percent", "of the area used by the CPU"),
    )
    return numbers, _svg(
        _PLOT_HEIGHT,
        _rectangle("waiting", 0, top, _WIDTH, height),
        _rectangle("cpu", 0, top, _WIDTH * min(1, q["cpu_share"]), height),
    )


def _meter(q: Mapping[str, float]) -> tuple[_Numbers, str]:
    scale = _WIDTH / q["wall_ms"]
    numbers = (
        ("tax_multiple", "x", "billed for each millisecond of work"),
        ("month_usd", "usd", "a month"),
        ("tax_share", "percent", "of that for waiting"),
    )
    pieces = [_rectangle("waiting", 0, 0, _WIDTH, _STRIP_HEIGHT)]
    start = 0.0
    for name in ("receive", "retrieve", "prompt", "call"):
        length = q[f"{name}_wall_ms"] * scale
        if name != "retrieve" and length:
            pieces.append(_rectangle("cpu", start, 0, length, _STRIP_HEIGHT))
        start += length
    return numbers, _svg(_STRIP_HEIGHT, *pieces)


_STILLS = {"plumber": _plumber, "rectangle": _rectangle_of_the_bill, "meter": _meter}
