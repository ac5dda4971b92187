"""A streamed answer on its way from the handler to the client, at AWS's pace.

The first 6 MB leave as the handler writes them, the rest at 2 MB a second. A faster handler waits,
and the wait is billed.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from serverless_tax.ground.lambda_facts import (
    STREAM_BYTES,
    STREAM_BYTES_PER_S,
    STREAM_FREE_BYTES,
)


def held_back_s(before: int, added: int) -> float:
    """How long a writer of so many bytes waits after those before them."""
    return max(before + added - max(STREAM_FREE_BYTES, before), 0) / STREAM_BYTES_PER_S


class StreamedAnswer:
    """The pieces that the handler has written and that its one reader has not had yet.

    Whoever started the invocation may be remembered for as long as its environment: what was read
    is not kept.

    Attributes:
        opened: resolves when the answer begins.
        content_type: of the answer.
        failed: whether it ended with an error, or was cut off.
        overrun: whether the answer passed 200 MB; the rest is dropped.
    """

    def __init__(self) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.content_type = ""
        self.failed = self.overrun = False
        self._pieces: deque[bytes] = deque()
        self._bytes = 0
        self._ended = False
        self._more = asyncio.Event()

    def open(self, content_type: str) -> None:
        """Begin the answer."""
        self.content_type = content_type
        if not self.opened.done():
            self.opened.set_result(None)

    async def write(self, data: bytes) -> None:
        """Take a piece of the answer; after the first 6 MB, hold its writer back."""
        waits_s = held_back_s(self._bytes, len(data))
        self._bytes += len(data)
        if self._bytes > STREAM_BYTES:
            self.overrun = True
            return
        self._pieces.append(data)
        self._more.set()
        if waits_s:
            await asyncio.sleep(waits_s)

    @property
    def billed_bytes(self) -> int:
        """What is billed of it: the bytes past the first 6 MB, of those that were sent."""
        return max(min(self._bytes, STREAM_BYTES) - STREAM_FREE_BYTES, 0)

    def end(self) -> None:
        """End the answer."""
        self._ended = True
        self._more.set()

    def collected(self) -> bytes:
        """Return what nobody has read: the whole answer, for a client that does not stream."""
        return b"".join(self._pieces)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the pieces as they come."""
        while True:
            while self._pieces:
                yield self._pieces.popleft()
            if self._ended:
                return
            self._more.clear()
            await self._more.wait()
