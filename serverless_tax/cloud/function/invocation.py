"""A request on its way through an environment, and what both clouds know of one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from serverless_tax.cloud.function.log_stream import LogStream
    from serverless_tax.cloud.function.spec import Call, FunctionSpec
    from serverless_tax.cloud.function.streamed_answer import StreamedAnswer


@dataclass(slots=True)
class Invocation:
    """A request on its way through an environment.

    Attributes:
        stream: of its answer, also where the caller waits for the whole of it.
        is_streamed: whether the caller takes it as a stream, which is billed.
        began: start of an INIT inside the invocation, which counts against its timeout.
        finished: resolves when the handler has ended by itself.
    """

    call: Call
    arn: str
    timeout_s: int
    stream: StreamedAnswer | None = None
    is_streamed: bool = False
    payload: bytes = b""
    failed: bool = False
    settled: bool = False
    began: float | None = None
    said_start: bool = False
    started: float = 0.0
    ended: float = 0.0
    cpu_before_s: float = 0.0
    cpu_after_s: float = 0.0
    finished: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def duration_s(self) -> float:
        """Wall clock from the hand-over of the event to the freeze."""
        return self.ended - self.started


class Living(Protocol):
    """What both clouds know of an environment.

    Attributes:
        spec: its function.
        log: its own log stream.
        init_s: how long its INIT took, where the invocation's duration does not contain it.
        init_cpu_s: the CPU of it.
        frozen_s: how long it had been frozen before this invocation.
    """

    spec: FunctionSpec
    log: LogStream
    init_s: float
    init_cpu_s: float
    frozen_s: float

    def say_init_start(self) -> None:
        """Begin the log."""

    def say_start(self, invocation: Invocation) -> None:
        """Log the start of an invocation, once."""

    def say_rest(self) -> None:
        """Log what the handler has written and nobody has read."""

    def note_peak_memory(self) -> int:
        """The largest memory in use so far, MB."""

    def hand_over(self, invocation: Invocation) -> None:
        """Give the environment its next event."""
