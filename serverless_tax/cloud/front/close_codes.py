"""The code and the reason with which a client closes its socket, for the function of $disconnect.

The server takes both off the wire and hands on 1006, "lost", whatever the client has said.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html
"""

from __future__ import annotations

from typing import Any

from hypercorn.protocol import h11
from hypercorn.protocol.events import StreamClosed
from hypercorn.protocol.ws_stream import WSStream
from wsproto.connection import ConnectionState
from wsproto.events import CloseConnection


class ClosingStream(WSStream):
    """A socket that remembers how its client has closed it."""

    _said: CloseConnection | None = None

    async def handle(self, event: Any) -> None:
        """Hand on an event; the end of the connection with what the client has said."""
        put, said = self.app_put, self._said
        if isinstance(event, StreamClosed) and put is not None and said is not None:

            async def told(message: dict[str, Any]) -> None:
                await put({**message, "code": int(said.code), "reason": said.reason or ""})

            self.app_put = told
        await super().handle(event)

    async def _send_wsproto_event(self, event: Any) -> None:
        """Note the client's close before it is answered with the same code."""
        closes = isinstance(event, CloseConnection)
        if closes and self.connection.state == ConnectionState.REMOTE_CLOSING:
            self._said = event
        await super()._send_wsproto_event(event)


def install() -> None:
    """Let the server make such sockets."""
    vars(h11)["WSStream"] = ClosingStream  # the name by which the server makes them
