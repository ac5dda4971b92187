"""What the session shows of a scenario: the same answers over HTTP and over a WebSocket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from serverless_tax.prices import Price
from serverless_tax.widgets.page_request import PageRequest, month_of

#: The ways in which an answer gets to its reader, and who waits meanwhile.
STREAMED = "aws-lambda-streaming+aws-function-url"
SOCKET = "aws-lambda+aws-websocket"
SHARED = "aws-fargate"


def session(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return the month of the same answers over HTTP and over a WebSocket, with either waiting.

    A client is connected for the whole conversation, so each answer carries its share of it.
    Where the answer is handed over, the function works until it would call the model, and a
    shared process holds the stream: two containers, without a load balancer in front.
    """
    connected_ms = s.session_s * 1000 / s.session_messages
    request = PageRequest(s, connection_ms=connected_ms)
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
    request = PageRequest(s)
    return request.cpu_ms + request.wait_ms + request.streaming_ms
