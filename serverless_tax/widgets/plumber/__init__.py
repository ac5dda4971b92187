"""Drag the plumber's wait for a part, and see the same clock on one function and on a month."""

from __future__ import annotations

from serverless_tax.widgets.still import STRIP_HEIGHT, WIDTH, axis, rectangle, svg
from serverless_tax.widgets.widget import Numbers, Quantities, Widget

_AXIS_S = 7200


def _still(q: Quantities) -> tuple[Numbers, str]:
    work, wait = (q[f"plumber_{k}_s"] / _AXIS_S * WIDTH for k in ("work", "wait"))
    numbers = (
        ("plumber_work_usd", "usd", "for the work"),
        ("plumber_wait_usd", "usd", "for the waiting"),
        ("plumber_multiple", "x", "the price of the work alone"),
        ("waits_at_once", "number", "requests waiting at any moment, in a month"),
    )
    strip = (
        rectangle("cpu", 0, 0, work, STRIP_HEIGHT),
        rectangle("waiting", work, 0, wait, STRIP_HEIGHT),
    )
    return numbers, svg(STRIP_HEIGHT, *strip) + axis(_AXIS_S, "min")


WIDGET = Widget(
    kind="plumber",
    caption=(
        "For {plumber_work_s:s} of work and {plumber_wait_s:min} of waiting for a part, the"
        " plumber’s bill is {plumber_usd:usd}: {plumber_work_usd:usd} for the work and"
        " {plumber_wait_usd:usd} for the waiting. A Lambda function that waits is on the same"
        " clock, at {waiting_hour_usd:usd} an hour."
    ),
    still=_still,
    reads=("plumber_multiple", "waits_at_once", "wall_ms", "busy_ms", "billed_ms"),
    words=lambda: {"AXIS_S": _AXIS_S},
)
