"""Play one request against the clock, and drag the length of each of its steps."""

from __future__ import annotations

from typing import Any

from serverless_tax.request.presets import RAG_STEPS
from serverless_tax.widgets.scenario import FIELDS
from serverless_tax.widgets.still import STRIP_HEIGHT, WIDTH, axis, rectangle, svg
from serverless_tax.widgets.widget import Numbers, Quantities, Widget

#: What is shorter beside a bar than as the label of a quantity.
_SHORTER = {"receive": "receive and parse", "retrieve": "look up passages"}


def _still(q: Quantities) -> tuple[Numbers, str]:
    scale = WIDTH / q["wall_ms"]
    numbers = (
        ("tax_multiple", "x", "billed for each millisecond of work"),
        ("month_usd", "usd", "a month"),
        ("tax_share", "percent", "of that for waiting"),
    )
    pieces = [rectangle("waiting", 0, 0, WIDTH, STRIP_HEIGHT)]
    start = 0.0
    for name in ("receive", "retrieve", "prompt", "call"):
        length = q[f"{name}_wall_ms"] * scale
        if name != "retrieve" and length:
            pieces.append(rectangle("cpu", start, 0, length, STRIP_HEIGHT))
        start += length
    return numbers, svg(STRIP_HEIGHT, *pieces) + axis(q["wall_ms"], "ms")


def _words() -> dict[str, Any]:
    labels = {field.name.removesuffix("_ms"): field.label for field in FIELDS} | _SHORTER
    return {
        "STEPS": [
            {"name": name, "kind": "cpu" if kind == "cpu" else "waiting", "label": labels[name]}
            for name, kind in RAG_STEPS
        ]
    }


WIDGET = Widget(
    kind="meter",
    caption=(
        "The request works for {busy_ms:ms} and is billed for {billed_ms:ms}:"
        " {tax_multiple:x}. A month of {requests_per_month:count} costs {month_usd:usd}."
    ),
    still=_still,
    reads=(
        *(f"{name}_wall_ms" for name, _ in RAG_STEPS),
        "forwarding_ms",
        "wall_ms",
        "tax_share",
    ),
    words=_words,
)
