"""Amazon API Gateway, WebSocket API: every message has a price, and so has every open minute.

While a request waits it bills the open connection, $0.000015 an hour, and nothing else. A token
sent as a message of its own is what costs. An integration is given up on after 29 seconds, but a
function may go on and post to the connection, which closes after ten minutes without a message
and after two hours in any case.
Sources: https://aws.amazon.com/api-gateway/pricing/ and
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""

from __future__ import annotations

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.front_door import FrontDoor, silent_ms
from serverless_tax.platforms.meters import timeline

#: A message is metered in steps of 32 KB: one of 33 KB is two. A kilobyte is 1,024 bytes.
STEP_BYTES = 32 * 1024

#: The longest connection. Source: the page of quotas above.
TIMEOUT_MS = 7_200_000

#: The longest time without a message, and the largest one. Same source.
IDLE_MS = 600_000
MESSAGE_BYTES = 128 * 1024

_MINUTE_MS = 60_000


def messages_out(w: Request) -> Quantity:
    """Messages in which an answer's tokens leave; the hair less keeps a stray bit from one."""
    return np.ceil(w.output_tokens / w.tokens_per_message - 1e-9)


def messages(w: Request) -> Quantity:
    """Messages of a request as they are metered: those it comes in, its tokens, the rest of it.

    A started 32 KB counts as one.
    """
    in_each = np.ceil(w.request_bytes / np.maximum(w.messages_in, 1) / STEP_BYTES)
    out_each = np.ceil(w.tokens_per_message * w.bytes_per_output_token / STEP_BYTES)
    rest = np.ceil(w.response_bytes / STEP_BYTES)
    sent = messages_out(w) * np.maximum(out_each, 1)
    return w.messages_in * np.maximum(in_each, 1) + sent + rest


def _largest_message(w: Request) -> Quantity:
    """Return the bytes of the largest message of a request, in or out."""
    bytes_in = w.request_bytes / np.maximum(w.messages_in, 1)
    return np.maximum(bytes_in, w.tokens_per_message * w.bytes_per_output_token)


def usage(w: Request) -> dict[str, Quantity]:
    """Messages both ways, and the minutes of the connection, for each request.

    A client stays connected for ``connection_ms``, and at least as long as its request takes;
    the minutes beyond that are idle. Whether a connection's minutes are rounded up is not
    published; they are not here.
    """
    requests = w.requests_per_month
    request_ms = timeline.wall_ms(w)
    connected_ms = np.maximum(w.connection_ms, request_ms)
    return {
        "websocket_messages": requests * messages(w),
        "websocket_minutes": requests * (connected_ms / _MINUTE_MS),
        "websocket_used_minutes": requests * (request_ms / _MINUTE_MS),
    }


PLATFORM = FrontDoor(
    id="aws-websocket",
    name="API Gateway WebSocket API",
    waits="Bills the minutes for which the connection is open, and every message apart.",
    source="https://aws.amazon.com/api-gateway/pricing/",
    usage=usage,
    limit_ms=TIMEOUT_MS,
    limit_why="closes a connection",
    limits=(
        Limit(
            most=IDLE_MS,
            of=silent_ms,
            says="closes a connection on which nothing passes for ten minutes",
        ),
        Limit(most=MESSAGE_BYTES, of=_largest_message, says="takes messages of up to 128 KB"),
    ),
    serves=False,
)
