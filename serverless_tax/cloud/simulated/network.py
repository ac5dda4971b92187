"""What a handler's sockets lead to: the model provider and the cloud's own addresses, on the clock.

A client of the standard library speaks HTTP over it as over any other socket.
"""

from __future__ import annotations

import asyncio
import errno
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from serverless_tax.cloud.exchange import HttpHandler, HttpRequest, body_of, head_of
from serverless_tax.cloud.simulated.refusals import not_simulated

if TYPE_CHECKING:
    from serverless_tax.cloud.simulated.clock import Loop

_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Network:
    """Who answers at which port of this machine.

    Attributes:
        loop: the cloud's.
        listening: the handlers of requests, by their ports.
        called: is told that the handler has called from outside, and gives back its return.
    """

    loop: Loop
    listening: Mapping[int, HttpHandler]
    called: Callable[[], Any]

    def handler_at(self, host: str, port: int) -> HttpHandler:
        """Who answers there.

        Raises:
            ConnectionRefusedError: where nobody listens on this machine.
            NotSimulatedError: for any other machine.
        """
        if host in {"127.0.0.1", "localhost"}:
            if port in self.listening:
                return self.listening[port]
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        raise not_simulated(
            f"a connection to {host}:{port}; a function here reaches the model provider alone"
        )

    def connect(self, address: tuple[str, int], *_: Any, **__: Any) -> Socket:
        """Do as `socket.create_connection`."""
        with self.called():
            return Socket(self, self.handler_at(*address[:2]))

    async def open_connection(
        self, host: str, port: int, **_: Any
    ) -> tuple[asyncio.StreamReader, Writer]:
        """Do as `asyncio.open_connection`."""
        with self.called():
            reader = asyncio.StreamReader(limit=1 << 20)
            exchange = Exchange(
                self.loop, self.handler_at(host, port), reader.feed_data, reader.feed_eof
            )
            return reader, Writer(self, exchange)


class Exchange:
    """Requests on one connection, in, and their answers, out, as they come.

    Args:
        loop: the cloud's.
        handler: answers.
        data: takes the pieces of the answers.
        end: is told that no more will come.
    """

    def __init__(
        self,
        loop: Loop,
        handler: HttpHandler,
        data: Callable[[bytes], object],
        end: Callable[[], object],
    ) -> None:
        self._loop, self._handler, self._data, self._end = loop, handler, data, end
        self._asked = b""
        self._task: asyncio.Task[None] | None = None

    def send(self, data: bytes) -> None:
        """Take a piece of a request; answer once it is whole."""
        self._asked += data
        head, found, rest = self._asked.partition(_END)
        if not found:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        body: bytes | None
        if "chunked" in headers.get("transfer-encoding", ""):
            body = _joined(rest)
        else:
            length = int(headers.get("content-length", 0))
            body = rest[:length] if len(rest) >= length else None
        if body is None:
            return
        self._asked = b""
        method, path, *_ = first.split(" ")
        request = HttpRequest(method, path, headers, body)
        self._task = asyncio.ensure_future(self._answer(request), loop=self._loop)
        self._loop.pass_until(self._loop.time())  # the request is received now

    async def _answer(self, request: HttpRequest) -> None:
        response = await self._handler(request)
        self._data(head_of(response))
        async for piece in body_of(response):
            self._data(piece)
        if request.headers.get("connection", "").lower() == "close":
            self._end()

    def close(self) -> None:
        """Hang up: what is still to come is dropped."""
        if self._task is not None:
            self._task.cancel()


def _joined(chunked: bytes) -> bytes | None:
    """The body of a request that was sent in chunks; None while it is not whole."""
    body = b""
    while True:
        size, found, rest = chunked.partition(b"\r\n")
        if not found:
            return None
        length = int(size.split(b";")[0], 16)
        if length == 0:
            return body
        if len(rest) < length + 2:
            return None
        body, chunked = body + rest[:length], rest[length + 2 :]


class Socket(io.RawIOBase):
    """A connected socket: what `http.client`, `urllib` and plain code use of one."""

    def __init__(self, network: Network, handler: HttpHandler) -> None:
        self._network = network
        self._buffer, self._ended, self._users = bytearray(), False, 1
        self._exchange = Exchange(network.loop, handler, self._buffer.extend, self._hang_up)

    def _hang_up(self) -> None:
        self._ended = True

    def sendall(self, data: Any) -> None:
        """Send all of it."""
        with self._network.called():
            self._exchange.send(bytes(data))

    def send(self, data: Any) -> int:
        """Send it, and return how much was sent."""
        self.sendall(data)
        return len(data)

    def recv(self, most: int, *_: Any) -> bytes:
        """Wait for the next bytes; empty at the end."""
        with self._network.called():
            self._network.loop.spin(lambda: bool(self._buffer) or self._ended)
            data = bytes(self._buffer[:most])
            del self._buffer[:most]
            return data

    def recv_into(self, buffer: Any, *_: Any) -> int:
        """Wait for the next bytes and put them into a buffer."""
        data = self.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readinto(self, buffer: Any) -> int:
        """Do as `recv_into`, for `makefile`."""
        return self.recv_into(memoryview(buffer).cast("B"))

    def readable(self) -> bool:
        """It can be read."""
        return True

    def makefile(self, mode: str = "rb", *_: Any, **__: Any) -> io.BufferedReader:
        """A file of what comes."""
        if mode != "rb":
            raise not_simulated(f"a socket's file of mode {mode!r}")
        self._users += 1
        return io.BufferedReader(_SocketFile(self))

    def let_go(self) -> None:
        """Hang up once neither the socket nor a file of it is open."""
        self._users -= 1
        if not self._users:
            self._exchange.close()

    def close(self) -> None:
        """Hang up, unless a file of it is still read."""
        if not self.closed:
            self.let_go()
        super().close()

    def fileno(self) -> int:
        """None: it has no number."""
        return -1

    def __enter__(self) -> Self:
        return self

    def _nothing(self, *_: Any) -> None:
        """Take a setting that changes nothing here."""

    settimeout = setsockopt = shutdown = setblocking = _nothing

    def gettimeout(self) -> None:
        """No limit: the function's own ends it."""


class _SocketFile(io.RawIOBase):
    """A socket's file, whose end does not end the socket."""

    def __init__(self, held: Socket) -> None:
        self._held = held

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for the next bytes."""
        return self._held.readinto(buffer)

    def close(self) -> None:
        """Let the socket go."""
        if not self.closed:
            self._held.let_go()
        super().close()


class Writer:
    """What `asyncio.open_connection` gives to write on."""

    def __init__(self, network: Network, exchange: Exchange) -> None:
        self._network, self._exchange = network, exchange

    def write(self, data: bytes) -> None:
        """Send it."""
        with self._network.called():
            self._exchange.send(data)

    def writelines(self, pieces: list[bytes]) -> None:
        """Send them."""
        self.write(b"".join(pieces))

    async def drain(self) -> None:
        """It never fills."""

    def close(self) -> None:
        """Hang up."""
        self._exchange.close()

    async def wait_closed(self) -> None:
        """It is closed at once."""

    def is_closing(self) -> bool:
        """Not yet."""
        return False
