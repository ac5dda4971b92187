"""What the session shows of a scenario: the same answers over HTTP and over a WebSocket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from serverless_tax.bill.totals import sum_in_order
from serverless_tax.platforms import aws_lambda
from serverless_tax.platforms.meters.changed import changed
from serverless_tax.prices import Price
from serverless_tax.questions.batching import door_usd
from serverless_tax.widgets.page_request import charges_of, month_of, page_request

#: The ways in which an answer gets to its reader, and who waits meanwhile.
STREAMED = "aws-lambda-streaming+aws-function-url"
SOCKET = "aws-lambda+aws-websocket"
SHARED = "aws-fargate"


def session(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return the month of the same answers over HTTP and over a WebSocket, with either waiting.

    A client is connected for the whole conversation, so each answer carries its share of it, and
    for as long as the function takes where that is longer.
    Where the answer is handed over, the function works until it would call the model, and a
    shared process holds the stream: two containers, without a load balancer in front.
    """
    connected_ms = s.session_s * 1000 / s.session_messages
    request = page_request(s, connection_ms=connected_ms)
    lines = charges_of(SOCKET, request, prices)
    waits = sum_in_order(line.cost for line in lines)
    door = door_usd((line.price.dimension, line.cost) for line in lines)
    function = [x for x in lines if not x.price.dimension.startswith("websocket_")]
    waiting = sum_in_order(line.waiting for line in function)
    handing = changed(request, wait_ms=0.0, streaming_ms=0.0, output_tokens=0.0)
    handed = month_of("aws-lambda", handing, prices)
    shared = month_of(SHARED, changed(request, arm=1.0), prices)
    http = month_of(STREAMED, request, prices)
    messages = sum_in_order(x.cost for x in lines if x.price.dimension == "websocket_messages")
    minute_usd = prices["websocket_minutes"].tiers[0][1]
    answer_ms = aws_lambda.PLATFORM.wall_ms(request)
    return {
        "http_usd": http.total,
        "http_waiting_usd": http.waiting,
        "http_work_usd": http.work - http.fees,
        "http_requests_usd": http.fees,
        "socket_messages_usd": messages,
        "socket_minutes_usd": door - messages,
        "socket_waiting_usd": waiting,
        "socket_work_usd": waits - door - waiting - http.fees,
        "socket_usd": waits,
        "handed_work_usd": handed.work - handed.fees + shared.work,
        "handed_waiting_usd": handed.waiting + shared.waiting,
        "handed_idle_usd": shared.idle,
        "handed_usd": door + handed.total + shared.total,
        "connection_usd": s.session_s / 60 * minute_usd,
        "answering_share": np.minimum(s.session_messages * answer_ms / (s.session_s * 1000), 1),
    }
