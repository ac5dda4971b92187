"""Drag memory and time; the area is the bill, which a receipt prints line by line."""

from __future__ import annotations

from serverless_tax.ground.html import tag
from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, MEMORY_MB
from serverless_tax.widgets.still import WIDTH, axis, rectangle, svg
from serverless_tax.widgets.widget import Numbers, Quantities, Widget

_PLOT_HEIGHT = 200
_AXIS_MB = 2048
#: The lines of the receipt: what is billed, of how many of which unit, and the figure of its USD.
_RECEIPT = (
    {"what": "Requests", "quantity": "requests_per_month", "unit": "", "usd": "requests_month_usd"},
    {
        "what": "Duration",
        "quantity": "gb_seconds_month",
        "unit": "GB-seconds",
        "usd": "duration_month_usd",
    },
    {"what": "A month", "quantity": "", "unit": "", "usd": "month_usd"},
    {"what": "of it for waiting", "quantity": "", "unit": "", "usd": "waiting_month_usd"},
)


def _still(q: Quantities) -> tuple[Numbers, str]:
    height = min(1, q["memory_mb"] / _AXIS_MB) * _PLOT_HEIGHT
    top = _PLOT_HEIGHT - height
    numbers = (
        ("month_usd", "usd", "a month"),
        ("cpu_share", "percent", "of the area is work"),
    )
    picture = svg(
        _PLOT_HEIGHT,
        rectangle("waiting", 0, top, WIDTH, height),
        rectangle("cpu", 0, top, WIDTH * min(1, q["cpu_share"]), height),
    )
    picture += axis(q["wall_ms"], "ms")
    return numbers, f'<div class="st-and-receipt"><div>{picture}</div>{_receipt(q)}</div>'


def _receipt(q: Quantities) -> str:
    """Return the bill as a till prints it."""
    lines = []
    for line in _RECEIPT:
        count = show(q[line["quantity"]], "count") if line["quantity"] else ""
        lines += [
            tag("dt", line["what"], tag("span", f"{count} {line['unit']}".strip())),
            tag("dd", tag("b", show(q[line["usd"]], "usd"))),
        ]
    return tag("dl", *lines, class_="st-receipt").html


WIDGET = Widget(
    kind="rectangle",
    caption=(
        "The area is what Lambda bills: {memory_mb:mb} for {billed_ms:ms} a request, or"
        " {month_usd:usd} a month. Work takes {busy_ms:ms} of it."
    ),
    still=_still,
    reads=(
        *(
            "wall_ms",
            "streamed_ms",
            "busy_ms",
            "needed_ms",
            "cpu_share",
            "vcpu_share",
            "gb_seconds_month",
        ),
        *(line["usd"] for line in _RECEIPT),
    ),
    words=lambda: {
        "AXIS_MB": _AXIS_MB,
        "MEMORY_MB": MEMORY_MB,
        "FULL_VCPU_MB": FULL_VCPU_MB,
        "RECEIPT": _RECEIPT,
    },
)
