"""Drag tokens into a message: what messages cost, against how late their tokens come."""

from __future__ import annotations

from serverless_tax.ground.show import show
from serverless_tax.widgets.scenario import FIELDS, compute
from serverless_tax.widgets.session.figures import SOCKET, batching
from serverless_tax.widgets.still import bars
from serverless_tax.widgets.widget import Numbers, Quantities, Widget

#: Tokens to a message of which the still shows the price.
_TOKENS = (1, 10, 100)


def _still(q: Quantities) -> tuple[Numbers, str]:
    numbers = (
        ("batch_door_usd", "usd", "for messages and minutes, a month"),
        ("batch_delay_ms", "ms", "the first token of a message waits"),
        ("batch_peak_calls_a_second", "count", "calls a second at the peak"),
    )
    scenario = {field.name: q[field.name] for field in FIELDS}
    rows = []
    for tokens in _TOKENS:
        there = compute({**scenario, "tokens_per_message": tokens}, batching)
        name = f"{show(tokens, 'count')} {'token' if tokens == 1 else 'tokens'} to a message"
        rows.append((name, there["batch_door_usd"], {"": there["batch_door_usd"]}))
    return numbers, bars(rows)


WIDGET = Widget(
    kind="batching",
    caption=(
        "Tokens to a message: {tokens_per_message:count}. The messages of"
        " {requests_per_month:count} answers cost {batch_door_usd:usd} a month, and the first"
        " token of each is held back for {batch_delay_ms:ms}."
    ),
    still=_still,
    figures=batching,
    designs=(SOCKET,),
)
