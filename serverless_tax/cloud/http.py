"""A small HTTP/1.1 server on loopback, for a function's Runtime API and for the model provider.

h11 reads the requests. The responses are written by hand: a streamed answer is hundreds of small
chunks, and a general server would spend more CPU on each than the client under test.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from pathlib import Path

import h11

from serverless_tax.cloud.exchange import (
    MAX_BODY_BYTES,
    HttpHandler,
    HttpRequest,
    HttpResponse,
    body_of,
    head_of,
)

_READ_BYTES = 65536
_MAX_HEAD_BYTES = 2 * 1024 * 1024
"""AWS's runtime client sends up to 1 MB of a traceback in a header."""


#: Takes the body of a request piece by piece, as it arrives.
Sink = Callable[[bytes], Awaitable[None]]
#: Answers a request from its head alone, so that its body is not read; None lets it through.
Doorkeeper = Callable[[HttpRequest], HttpResponse | None]
#: Chooses the sink for the body of a request, given its head; None collects the body.
SinkFor = Callable[[HttpRequest], Sink | None]


class NotLoopbackError(ValueError):
    """A server of this package was asked to listen where other machines can reach it."""


def loopback_socket(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """A listening socket on loopback; port 0 means any free one.

    Raises:
        NotLoopbackError: for any other address, because these servers run code for every client.
    """
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise NotLoopbackError(
            f"host is {host!r}: this server runs code, so other machines must not reach it; "
            "use 127.0.0.1."
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches off Nagle's delay (40 ms here) only if the protocol is named.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(1024)
    except OSError:  # another process has the port
        listening.close()
        raise
    listening.settimeout(0)
    return listening


class Server:
    """Serves one handler on one socket until it is closed; it can refuse other users."""

    def __init__(
        self,
        handler: HttpHandler,
        listening: socket.socket,
        *,
        own_user_only: bool = False,
        sink_for: SinkFor = lambda _: None,
        doorkeeper: Doorkeeper = lambda _: None,
    ) -> None:
        self._doorkeeper = doorkeeper
        self._handler = handler
        self._sink_for = sink_for
        self._own_user_only = own_user_only
        self._socket = listening
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port: int = listening.getsockname()[1]

    async def start(self) -> None:
        """Begin to accept connections."""
        self._server = await asyncio.start_server(self._accept, sock=self._socket)

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        peer_port: int = writer.get_extra_info("peername")[1]
        if self._own_user_only and not is_own_user(peer_port, self.port):
            writer.close()
            return
        # A client may hang up at any time.
        with contextlib.suppress(OSError, h11.RemoteProtocolError, asyncio.CancelledError):
            await self._converse(reader, writer)
        writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD_BYTES)
        while True:
            request = await _read(connection, reader, self._sink_for, self._doorkeeper)
            if isinstance(request, HttpResponse):
                await _write(writer, request)
            if not isinstance(request, HttpRequest):
                return
            await _write(writer, await self._handler(request))
            # h11 must know of the response before it reads the next request.
            connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
            connection.send(h11.EndOfMessage())
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return
            connection.start_next_cycle()


async def _read(
    connection: h11.Connection,
    reader: asyncio.StreamReader,
    sink_for: SinkFor,
    doorkeeper: Doorkeeper,
) -> HttpRequest | HttpResponse | None:
    head: HttpRequest | None = None
    sink: Sink | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ_BYTES))
        elif isinstance(event, h11.Request):
            method, target = event.method.decode("latin-1"), event.target.decode("latin-1")
            head = HttpRequest(method, target, _decoded(event.headers), b"")
            refusal = doorkeeper(head)
            if refusal is not None:
                return refusal
            sink = sink_for(head)
        elif isinstance(event, h11.Data) and sink is not None:
            await sink(bytes(event.data))
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MAX_BODY_BYTES:
                return None
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return replace(head, body=bytes(body), trailers=_decoded(event.headers))
        else:  # closed, or switched to another protocol
            return None


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}


async def _write(writer: asyncio.StreamWriter, response: HttpResponse) -> None:
    writer.write(head_of(response))
    async for piece in body_of(response):
        writer.write(piece)
        await writer.drain()


def is_own_user(peer_port: int, own_port: int) -> bool:
    """Whether the other end of a loopback connection belongs to the user who runs this process.

    Linux lists the owner of every socket. Where the list cannot be read, every user passes.
    """
    wanted = (f"0100007F:{peer_port:04X}", f"0100007F:{own_port:04X}")
    try:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    except OSError:
        return True
    rows = (line.split() for line in lines)
    owners = {int(row[7]) for row in rows if (row[1], row[2]) == wanted}
    return owners <= {os.getuid()}
