"""Blocks of a log read several at a time: by threads, and where there is much by processes.

numpy holds Python's lock for most of what it does with some thousand lines, so threads wait for
each other; processes do not, but take as long to start as some megabytes take to read.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import NamedTuple

import numpy as np

from serverless_tax.audit.read.blocks import MUCH_BYTES, Block, Stretch
from serverless_tax.audit.read.columns import Lines
from serverless_tax.audit.read.columns import read as read_columns
from serverless_tax.audit.read.documents import is_part
from serverless_tax.audit.read.grammar import Found, records
from serverless_tax.audit.read.shapes import Shapes
from serverless_tax.audit.read.traces import traces_in

#: So many processes read at most.
_MOST_PROCESSES = 4
#: More threads than these wait for each other.
_THREADS = 2
# What a process may say by ending, or by having no memory.
_ENDED = (OSError, EOFError, pickle.UnpicklingError, MemoryError)


def keep_memory() -> None:
    """Let the C library keep the memory of arrays that are freed, for the next ones.

    It asks the system for each large one anew, which takes as long as reading a block does, until
    it has seen a larger one freed.
    """
    np.empty((1 << 25) - (1 << 16), np.uint8)


class Read(NamedTuple):
    """What is in a block.

    Attributes:
        lines: its columns.
        found: where each other line begins, and what it holds.
        traces: of the requests, where they were looked for.
        is_document: whether these lines are parts of a document, and say little by themselves.
    """

    lines: Lines
    found: list[tuple[int, Found]]
    traces: dict[str, str]
    is_document: bool


class LookedFor(NamedTuple):
    """What blocks are read with: the shapes of lines, and whether the trace of each request."""

    shapes: Shapes
    by_trace: bool

    @classmethod
    def of(cls, *, by_trace: bool) -> LookedFor:
        """Return what is looked for before any line was read."""
        return cls(Shapes(is_part), by_trace)

    def read(self, block: Block) -> Read:
        """Read a block."""
        lines = read_columns(block, self.shapes)
        found: list[tuple[int, Found]] = []
        in_document = False
        for at, text, behind in lines.others:
            in_document = in_document or is_part(text)
            following = [line.decode("utf-8", "replace") for line in behind]
            line = text.rstrip(b"\r").decode("utf-8", "replace")
            found.extend((at, one) for one in records(line, following))
        traces = traces_in(block) if self.by_trace else {}
        return Read(lines._replace(others=[]), found, traces, in_document)


class Readers:
    """Read blocks, some at once."""

    def __init__(self, looked_for: LookedFor, pool: ThreadPoolExecutor, processes: int) -> None:
        """Start nothing yet."""
        self._looked_for, self._pool = looked_for, pool
        self._idle: list[_Process] = []
        self._to_start = processes
        #: Blocks that are worth being read ahead.
        self.ahead = processes + 1 if processes else _THREADS

    def submit(self, block: Block) -> Future[Read]:
        """Read a block when there is time."""
        return self._pool.submit(self._read, block)

    def _read(self, block: Block) -> Read:
        process = self._taken()
        if process is not None:
            with suppress(*_ENDED):
                one = process.read(block)
                self._idle.append(process)
                return one
            process.end()
        return self._looked_for.read(block)

    def _taken(self) -> _Process | None:
        """Return a process that has nothing to do, if there is one or may be; none comes twice."""
        with suppress(IndexError):
            return self._idle.pop()
        if self._to_start > 0:
            self._to_start -= 1
            with suppress(*_ENDED):
                return _Process(by_trace=self._looked_for.by_trace)
        return None

    def end(self) -> None:
        """End the processes."""
        for process in self._idle:
            process.end()


@contextmanager
def readers(looked_for: LookedFor, size_bytes: int) -> Iterator[Readers]:
    """Let blocks be read that come from so many bytes on the disk."""
    processors = _processors()
    is_much = size_bytes >= MUCH_BYTES and processors > 1 and sys.executable
    processes = min(processors, _MOST_PROCESSES) if is_much else 0
    with ThreadPoolExecutor(processes or _THREADS, "audit-read") as pool:
        some = Readers(looked_for, pool, processes)
        try:
            yield some
        finally:
            pool.shutdown(cancel_futures=True)
            some.end()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


class _Process:
    """A process that reads what it is given. It ends with this one, whatever ends this one."""

    def __init__(self, *, by_trace: bool) -> None:
        import subprocess  # noqa: PLC0415 - a browser has none

        serves = f"from {__name__} import serve; serve(by_trace={by_trace})"
        self._process = subprocess.Popen(  # noqa: S603 - this Python, and words from here
            [sys.executable, "-P", "-c", serves],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def read(self, block: Block) -> Read:
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise EOFError
        asked = block if isinstance(block, Stretch) else [b"".join(block)]
        pickle.dump(asked, process.stdin, pickle.HIGHEST_PROTOCOL)
        process.stdin.flush()
        one: Read = pickle.load(process.stdout)  # noqa: S301 - by this package, of this process
        return one

    def end(self) -> None:
        with suppress(OSError):
            self._process.communicate()


def serve(*, by_trace: bool) -> None:
    """Read the blocks that another process asks for on standard input, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # that one says when
    keep_memory()
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    looked_for = LookedFor.of(by_trace=by_trace)
    with suppress(*_ENDED):
        while True:
            one = looked_for.read(pickle.load(asked))  # noqa: S301 - from this package
            pickle.dump(one, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
