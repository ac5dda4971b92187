"""Start the same answer whole and as a stream: two phones, and one meter under both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from serverless_tax.ground.html import Markup, tag
from serverless_tax.ground.show import show
from serverless_tax.widgets.figures import request_figures
from serverless_tax.widgets.still import STRIP_HEIGHT, WIDTH, axis, rectangle, svg
from serverless_tax.widgets.widget import Numbers, Quantities, Widget

_QUESTION = "Does streaming lower my bill?"
_ANSWER = (
    "No. It shows you these words sooner. The function that sends them still runs until the last"
    " one, and Lambda bills the memory it holds for every millisecond."
)


def race(s: Any, prices: Any) -> Mapping[str, Any]:
    """Return when the first word is there."""
    f = request_figures(s, prices)
    before_ms = f["wall_ms"] - f["streamed_ms"]
    return {"first_word_ms": before_ms + np.minimum(s.first_token_ms, f["streamed_ms"])}


def _still(q: Quantities) -> tuple[Numbers, str]:
    scale = WIDTH / q["wall_ms"]
    numbers = (
        ("wall_ms", "ms", "until the first word, sent whole"),
        ("first_word_ms", "ms", "until the first word, streamed"),
        ("month_usd", "usd", "a month, either way"),
    )
    phones = (
        _phone("Sent whole", q["wall_ms"]),
        _phone("Streamed", q["first_word_ms"]),
    )
    first = q["first_word_ms"] * scale
    meter = svg(
        STRIP_HEIGHT + 10,
        rectangle("waiting", 0, 0, WIDTH, STRIP_HEIGHT),
        f'<path class="st-outlined" d="M{first:.2f} {STRIP_HEIGHT} v10"/>',
    )
    return numbers, tag("div", *phones, class_="st-phones").html + meter + axis(q["wall_ms"], "ms")


def _phone(name: str, empty_ms: float) -> Markup:
    """Return a reader's phone once the answer is there."""
    said = (
        tag("p", name, class_="st-phone-name"),
        tag("p", _QUESTION, class_="st-bubble st-asks"),
        tag("p", _ANSWER, class_="st-bubble"),
        tag("p", f"empty for {show(empty_ms, 'ms')}, then words", class_="st-empty"),
    )
    return tag("div", *said, class_="st-phone")


WIDGET = Widget(
    kind="race",
    caption=(
        "Streamed, the first word is there after {first_word_ms:ms}; sent whole, after"
        " {wall_ms:ms}. Both are billed {billed_ms:ms}: {month_usd:usd} for"
        " {requests_per_month:answers} a month."
    ),
    still=_still,
    figures=race,
    reads=("streamed_ms",),
    words=lambda: {"QUESTION": _QUESTION, "ANSWER": _ANSWER.split()},
)
