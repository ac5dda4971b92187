"""Lay a conversation out over HTTP and over a WebSocket, and see who waits for each answer."""

from __future__ import annotations

from typing import Any

from serverless_tax.widgets.session.figures import SHARED, SOCKET, STREAMED, session
from serverless_tax.widgets.still import STRIP_HEIGHT, WIDTH, axis, rectangle, svg
from serverless_tax.widgets.widget import Numbers, Quantities, Widget

_REQUESTS = ("requests", "http_requests_usd", "fees")
#: What is paid by the piece where a connection stays open between the answers.
_FEES = (
    _REQUESTS,
    ("messages", "socket_messages_usd", "fees"),
    ("connected minutes", "socket_minutes_usd", "fees"),
)
#: The designs compared: title, the figure of its total, and its lines with their concept.
DESIGNS: tuple[dict[str, Any], ...] = (
    {
        "title": "HTTP, the function streams",
        "short": "a month over HTTP",
        "total": "http_usd",
        "lines": [
            ("waiting", "http_waiting_usd", "waiting"),
            ("work", "http_work_usd", "cpu"),
            _REQUESTS,
        ],
    },
    {
        "title": "WebSocket, the function waits",
        "short": "WebSocket, the function waits",
        "total": "socket_usd",
        "lines": [
            ("waiting", "socket_waiting_usd", "waiting"),
            ("work", "socket_work_usd", "cpu"),
            *_FEES,
        ],
    },
    {
        "title": "WebSocket, a shared process waits",
        "short": "WebSocket, a process waits",
        "total": "handed_usd",
        "lines": [
            ("two containers, waiting for all", "handed_waiting_usd", "waiting"),
            ("work", "handed_work_usd", "cpu"),
            ("idle", "handed_idle_usd", "idle"),
            *_FEES,
        ],
    },
)


def _still(q: Quantities) -> tuple[Numbers, str]:
    count = int(q["session_messages"])
    length = q["answering_share"] / count * WIDTH
    starts = [(k + 0.15) / count * WIDTH for k in range(count)]
    below = STRIP_HEIGHT + 10
    numbers = tuple((design["total"], "usd", design["short"]) for design in DESIGNS)
    return numbers, svg(
        STRIP_HEIGHT + below,
        *(rectangle("waiting", x, 0, length, STRIP_HEIGHT) for x in starts),
        rectangle("fees", 0, below + STRIP_HEIGHT - 8, WIDTH, 8),
        *(rectangle("waiting", x, below, length, STRIP_HEIGHT - 8) for x in starts),
    ) + axis(q["session_s"], "min")


WIDGET = Widget(
    kind="session",
    caption=(
        "{requests_per_month:answers} cost {http_usd:usd} over HTTP. Over a WebSocket they"
        " cost {socket_usd:usd} if the function waits, and {handed_usd:usd} if a shared process"
        " does."
    ),
    still=_still,
    figures=session,
    words=lambda: {"DESIGNS": DESIGNS},
    designs=(STREAMED, SOCKET, SHARED),
)
