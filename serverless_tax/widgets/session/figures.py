"""What the race, the session and the batching frontier show of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from serverless_tax.prices import Price
from serverless_tax.questions.batching import cut, door_usd
from serverless_tax.questions.compare import sum_in_order
from serverless_tax.widgets.request import Request, charges_of, month_of

#: The ways in which an answer gets to its reader, and who waits meanwhile.
STREAMED = "aws-lambda-streaming+aws-function-url"
SOCKET = "aws-lambda+aws-websocket"
SHARED = "aws-fargate"
_MILLION = 1e6


def race(s: Any, f: Mapping[str, Any]) -> dict[str, Any]:
    """Return when the first word is there, and what a million of either answer cost."""
    before_ms = f["wall_ms"] - f["streamed_ms"]
    return {
        "first_word_ms": before_ms + np.minimum(s.first_token_ms, f["streamed_ms"]),
        "million_usd": f["request_usd"] * _MILLION,
    }


def session(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return the month of the same answers over HTTP and over a WebSocket, with either waiting.

    A client is connected for the whole conversation, so each answer carries its share of it.
    Where the answer is handed over, the function works until it would call the model, and a
    shared process holds the stream: two containers, without a load balancer in front.
    """
    connected_ms = s.session_s * 1000 / s.session_messages
    request = Request(s, connection_ms=connected_ms)
    door = month_of("aws-websocket", request, prices)
    waits = month_of(SOCKET, request, prices)
    handing = request.changed(wait_ms=0.0, streaming_ms=0.0, output_tokens=0.0)
    handed = month_of("aws-lambda", handing, prices)
    shared = month_of(SHARED, request.changed(arm=1.0), prices)
    minute_usd = prices["websocket_minutes"].tiers[0][1]
    return {
        "http_usd": month_of(STREAMED, request, prices).total,
        "socket_door_usd": door.total,
        "socket_function_usd": waits.total - door.total,
        "socket_usd": waits.total,
        "handed_function_usd": handed.total,
        "handed_process_usd": shared.total,
        "handed_usd": door.total + handed.total + shared.total,
        "connection_usd": s.session_s / 60 * minute_usd,
        "answering_share": np.minimum(s.session_messages * _wall_ms(s) / (s.session_s * 1000), 1),
    }


def _wall_ms(s: Any) -> Any:
    request = Request(s)
    return request.cpu_ms + request.wait_ms + request.streaming_ms


def batching(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return what messages of ``tokens_per_message`` tokens cost, delay, and call a second.

    The same as :func:`serverless_tax.questions.batching.batching` of the article's design.
    """
    request = Request(s)
    found, lines = cut(request), charges_of(SOCKET, request, prices)
    return {
        "batch_messages": found.messages,
        "batch_door_usd": door_usd((line.price.dimension, line.cost) for line in lines),
        "batch_usd": sum_in_order(line.cost for line in lines),
        "batch_delay_ms": found.added_delay_ms,
        "batch_peak_calls_a_second": found.calls_per_second_peak,
    }
