"""What each widget says in a sentence: true untouched, and true after every change.

``{name:unit}`` stands for a figure or a field of the scenario; Python fills it where a page is
built, and the page fills it anew when a reader moves something.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from serverless_tax.show import show

CAPTIONS = {
    "plumber": (
        "For {plumber_work_s:s} of work and {plumber_wait_s:min} of waiting for a part, the"
        " plumber's bill is {plumber_usd:usd}: {plumber_work_usd:usd} for the work and"
        " {plumber_wait_usd:usd} for the waiting. A Lambda function that waits is on the same"
        " clock, at {waiting_hour_usd:usd} an hour."
    ),
    "rectangle": (
        "The area is what Lambda bills: {memory_mb:mb} for {billed_ms:ms} a request, or"
        " {month_usd:usd} a month; the CPU works for {busy_ms:ms} of it."
    ),
    "meter": (
        "The request occupies the CPU for {busy_ms:ms} and is billed for {billed_ms:ms}:"
        " {tax_multiple:x}. A month of {requests_per_month:count} costs {month_usd:usd}."
    ),
}


def caption(kind: str, quantities: Mapping[str, float]) -> str:
    """Return a widget's sentence, filled with the scenario's quantities and figures."""
    return re.sub(
        r"\{(\w+):(\w+)\}",
        lambda match: show(quantities[match[1]], match[2]),
        CAPTIONS[kind],
    )
