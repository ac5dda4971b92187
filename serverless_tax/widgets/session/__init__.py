"""Lay a conversation out over HTTP and over a WebSocket, and see who waits for each answer."""

from __future__ import annotations

from typing import Any

from serverless_tax.widgets.session.figures import SHARED, SOCKET, STREAMED, session
from serverless_tax.widgets.still import STRIP_HEIGHT, WIDTH, rectangle, svg
from serverless_tax.widgets.widget import Numbers, Quantities, Widget

#: The designs compared: title, the figure of its total, and its lines with their concept.
DESIGNS: tuple[dict[str, Any], ...] = (
    {
        "title": "HTTP, the function streams",
        "total": "http_usd",
        "lines": [("the function, waiting", "http_usd", "waiting")],
    },
    {
        "title": "WebSocket, the function waits",
        "total": "socket_usd",
        "lines": [
            ("the function, waiting", "socket_function_usd", "waiting"),
            ("messages and minutes", "socket_door_usd", "fees"),
        ],
    },
    {
        "title": "WebSocket, a shared process waits",
        "total": "handed_usd",
        "lines": [
            ("the function, handing over", "handed_function_usd", "cpu"),
            ("two containers, waiting for all", "handed_process_usd", "waiting"),
            ("messages and minutes", "socket_door_usd", "fees"),
        ],
    },
)


def _still(q: Quantities) -> tuple[Numbers, str]:
    count = int(q["session_messages"])
    length = q["answering_share"] / count * WIDTH
    starts = [(k + 0.15) / count * WIDTH for k in range(count)]
    below = STRIP_HEIGHT + 10
    numbers = (
        ("http_usd", "usd", "a month over HTTP"),
        ("socket_usd", "usd", "over a WebSocket, the function waits"),
        ("handed_usd", "usd", "over a WebSocket, a shared process waits"),
    )
    return numbers, svg(
        STRIP_HEIGHT + below,
        *(rectangle("waiting", x, 0, length, STRIP_HEIGHT) for x in starts),
        rectangle("fees", 0, below + STRIP_HEIGHT - 8, WIDTH, 8),
        *(rectangle("waiting", x, below, length, STRIP_HEIGHT - 8) for x in starts),
    )


WIDGET = Widget(
    kind="session",
    caption=(
        "Between the {session_messages:count} messages no function runs. The answers of a month"
        " cost {http_usd:usd} over HTTP. At {tokens_per_message:count} of their tokens to a message"
        " they cost {socket_usd:usd} over a WebSocket where the function waits, and"
        " {handed_usd:usd} where a shared process does, its idle minutes included."
    ),
    still=_still,
    figures=session,
    words=lambda: {"DESIGNS": DESIGNS},
    designs=(STREAMED, SOCKET, SHARED),
)
