"""An environment's log on its way to CloudWatch: line by line, while the function runs.

Each line has the time at which it came. A function that floods its log fills its own pipe and then
waits; the lines go on in small batches, so that no other function's clock is read late.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serverless_tax.cloud.function.spec import FunctionSpec

#: Puts events into a stream of a log group, each with ``timestamp`` and ``message``.
Put = Callable[[str, str, list[dict[str, Any]]], Awaitable[None]]

BATCH_LINES = 200
PAUSE_S = 0.002
MOST_WAITING_BYTES = 1 << 20
"""With more than this on its way, a function's output is not read on."""
TAIL_BYTES = 4096
"""AWS shows the caller this much of the end: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""
_LINE_BYTES = 256 * 1024
"""A longer line is cut: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""


class LogStream:
    """One stream, and the tail of the present invocation.

    Args:
        spec: the function, with its log group.
        put: takes the lines.

    Attributes:
        name: as on AWS.
        read_no_more: called where too much is waiting.
        read_on: called once it has gone.
    """

    def __init__(self, spec: FunctionSpec, put: Put) -> None:
        today = datetime.now(UTC).strftime("%Y/%m/%d")
        self.name = f"{today}/[{spec.version}]{uuid.uuid4().hex}"
        self.read_on: Callable[[], None] = _nothing
        self.read_no_more: Callable[[], None] = _nothing
        self._group, self._put = spec.log_group, put
        self._waiting: deque[dict[str, Any]] = deque()
        self._waiting_bytes = 0
        self._rest = b""
        self._tail = b""
        self._pump: asyncio.Task[None] | None = None

    def take(self, chunk: bytes) -> None:
        """Add a piece of the function's output; a line counts once it is whole."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _LINE_BYTES:
            lines, self._rest = [*lines, self._rest], b""
        self._add(lines)
        self._show(chunk)

    def say(self, text: str, *, in_tail: bool = True) -> None:
        """Add lines of the platform; they begin on a line of their own."""
        if self._rest:
            self.take(b"\n")
        lines = text.encode()
        self._add(lines.removesuffix(b"\n").split(b"\n"))
        if in_tail:
            self._show(lines)

    def take_tail(self) -> str:
        """Return the end of the log since the last call."""
        tail, self._tail = self._tail[-TAIL_BYTES:], b""
        return tail.decode("utf-8", errors="replace")

    async def flush(self) -> None:
        """Return when every whole line is in CloudWatch."""
        if self._pump is not None:
            await self._pump

    def _show(self, added: bytes) -> None:
        self._tail = (self._tail + added)[-2 * TAIL_BYTES :]

    def _add(self, lines: Iterable[bytes]) -> None:
        now_ms = int(time.time() * 1000)
        for line in filter(None, lines):
            message = line.decode("utf-8", errors="replace")
            self._waiting.append({"timestamp": now_ms, "message": message})
            self._waiting_bytes += len(line)
        if self._waiting_bytes > MOST_WAITING_BYTES:
            self.read_no_more()
        if self._waiting and (self._pump is None or self._pump.done()):
            self._pump = asyncio.ensure_future(self._send())

    async def _send(self) -> None:
        while self._waiting:
            batch = [*islice(self._waiting, BATCH_LINES)]
            for event in batch:
                self._waiting.popleft()
                self._waiting_bytes -= len(event["message"].encode())
            await self._put(self._group, self.name, batch)
            if self._waiting_bytes <= MOST_WAITING_BYTES // 2:
                self.read_on()
            await asyncio.sleep(PAUSE_S if self._waiting else 0)


def _nothing() -> None:
    """Do nothing."""
