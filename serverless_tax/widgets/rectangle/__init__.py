"""Drag memory and time; the area is the bill, and the CPU's part is a sliver of it."""

from __future__ import annotations

from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, MEMORY_MB
from serverless_tax.widgets.still import WIDTH, rectangle, svg
from serverless_tax.widgets.widget import Numbers, Quantities, Widget

_PLOT_HEIGHT = 200
_AXIS_MB = 2048


def _still(q: Quantities) -> tuple[Numbers, str]:
    height = min(1, q["memory_mb"] / _AXIS_MB) * _PLOT_HEIGHT
    top = _PLOT_HEIGHT - height
    numbers = (
        ("month_usd", "usd", "a month"),
        ("request_usd", "usd", "a request"),
        ("cpu_share", "percent", "of the area used by the CPU"),
    )
    return numbers, svg(
        _PLOT_HEIGHT,
        rectangle("waiting", 0, top, WIDTH, height),
        rectangle("cpu", 0, top, WIDTH * min(1, q["cpu_share"]), height),
    )


WIDGET = Widget(
    kind="rectangle",
    caption=(
        "The area is what Lambda bills: {memory_mb:mb} for {billed_ms:ms} a request, or"
        " {month_usd:usd} a month; the CPU works for {busy_ms:ms} of it."
    ),
    still=_still,
    reads=("wall_ms", "streamed_ms", "cpu_share", "request_usd", "vcpu_share"),
    words=lambda: {"AXIS_MB": _AXIS_MB, "MEMORY_MB": MEMORY_MB, "FULL_VCPU_MB": FULL_VCPU_MB},
)
