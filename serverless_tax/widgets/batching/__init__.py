"""Drag tokens into a message: what messages cost, against how late their tokens come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serverless_tax.bill.totals import sum_in_order
from serverless_tax.ground.show import show
from serverless_tax.prices import Price
from serverless_tax.questions.batching import cut, door_usd
from serverless_tax.widgets.page_request import charges_of, page_request
from serverless_tax.widgets.scenario import FIELDS, compute
from serverless_tax.widgets.session.figures import SOCKET
from serverless_tax.widgets.still import bars
from serverless_tax.widgets.widget import Numbers, Quantities, Widget

#: Tokens to a message of which the still shows the price.
_TOKENS = (1, 10, 100)


def batching(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return what messages of ``tokens_per_message`` tokens cost, delay, and call a second.

    The same as :func:`serverless_tax.questions.batching.batching` of the article's design.
    """
    request = page_request(s)
    found, lines = cut(request), charges_of(SOCKET, request, prices)
    return {
        "batch_messages": found.messages,
        "batch_messages_usd": sum_in_order(
            line.cost for line in lines if line.price.dimension == "websocket_messages"
        ),
        "batch_door_usd": door_usd((line.price.dimension, line.cost) for line in lines),
        "batch_usd": sum_in_order(line.cost for line in lines),
        "batch_delay_ms": found.added_delay_ms,
        "batch_peak_calls_a_second": found.calls_per_second_peak,
    }


def _still(q: Quantities) -> tuple[Numbers, str]:
    numbers = (
        ("batch_messages_usd", "usd", "a month for messages"),
        ("batch_delay_ms", "ms", "the first token of a message waits"),
        ("batch_peak_calls_a_second", "count", "calls a second at the peak"),
    )
    scenario = {field.name: q[field.name] for field in FIELDS}
    rows = []
    for tokens in _TOKENS:
        there = compute({**scenario, "tokens_per_message": tokens}, batching)
        name = f"{show(tokens, 'tokens')} to a message"
        rows.append((name, there["batch_messages_usd"], {"": there["batch_messages_usd"]}))
    return numbers, bars(rows)


WIDGET = Widget(
    kind="batching",
    caption=(
        "Tokens in each message: {tokens_per_message:count}. The messages of"
        " {requests_per_month:answers} then cost {batch_messages_usd:usd} a month, and the"
        " first token of each waits {batch_delay_ms:ms} for its last."
    ),
    still=_still,
    figures=batching,
    designs=(SOCKET,),
)
