"""Type in a function's numbers; a receipt says what they cost and what to change."""

from __future__ import annotations

from serverless_tax.ground.colours import COLOURS
from serverless_tax.widgets.decide import advice_words
from serverless_tax.widgets.decide.figures import SAID
from serverless_tax.widgets.still import bars, split
from serverless_tax.widgets.widget import Numbers, Quantities, Widget

#: What is asked for: a field of the page, and what it is called. ``receive_ms`` takes all the work.
FACTS = (
    ("requests_per_month", "Requests a month"),
    ("memory_mb", "Memory"),
    ("peak_memory_mb", "Peak memory"),
    ("generate_ms", "Wait for the model"),
    ("receive_ms", "CPU time"),
)


def _still(q: Quantities) -> tuple[Numbers, str]:
    numbers = (
        ("rung_as_it_is_usd", "usd", "a month"),
        ("rung_as_it_is_waiting_usd", "usd", "of it for waiting"),
    )
    return numbers, bars([("A month", q["rung_as_it_is_usd"], split(q, "rung_as_it_is"))])


WIDGET = Widget(
    kind="slip",
    caption=(
        "AWS Lambda takes {rung_as_it_is_usd:usd} a month for it,"
        " {rung_as_it_is_waiting_usd:usd} of that for waiting."
    ),
    still=_still,
    reads=SAID,
    words=lambda: {
        "FACTS": FACTS,
        "IN_A_RANGE": "AWS Lambda takes {now} {of}, {waiting} of that for waiting.",
        "NOT_KNOWN": "No bill follows from these numbers.",
        "PAINT": {name: COLOURS[name][0] for name in ("cpu", "fees", "waiting")},
        **advice_words(),
    },
)
