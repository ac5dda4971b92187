"""Log the CPU time of each invocation, which the REPORT line leaves out.

Copy this file next to your handler and decorate it; it needs the standard library only::

    from metered import metered

    @metered
    def handler(event, context):
        ...

Each invocation then logs one line of JSON, here on two lines::

    {"metered": 1, "request_id": "…", "cpu_ms": 41.3, "wall_ms": 4855.2, "cold": false,
     "function": "rag", "version": "$LATEST", "memory_mb": 1769}

`cpu_ms` is user and system time of the whole process with its threads, and of child processes that
ended during the call and were waited for. It leaves out work that runs on after the handler has
returned, and worker processes that live on.

An async handler is timed until it returns, a generator from its first value to its end. CPU is
counted for the whole process, so calls that overlap in one process cannot be told apart: their
lines say `"concurrent": true` and `"cpu_ms": null`.

A line costs some microseconds of CPU and about 200 bytes of log, CloudWatch's own included: about
ten cents for a million invocations at list price.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

try:
    import resource
except ImportError:  # Windows: child processes are not counted
    resource = None  # type: ignore[assignment]

Handler = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Metered:
    """One line of the meter, read back.

    Attributes:
        request_id: the invocation's id, as in its REPORT line.
        cpu_ms: CPU time of the invocation, milliseconds.
        wall_ms: wall clock of the handler alone, milliseconds.
        cold: whether it was the first call in its environment.
    """

    request_id: str | None
    cpu_ms: float
    wall_ms: float
    cold: bool


def metered(handler: Handler) -> Handler:
    """Log CPU and wall time of each call of a Lambda handler, without changing its result.

    Args:
        handler: a function of event and context: plain, async, a generator or an async generator.
    """
    timer = _Timer()
    if inspect.isasyncgenfunction(handler):
        return _with_async_values(handler, timer)
    if inspect.isgeneratorfunction(handler):
        return _with_values(handler, timer)
    if inspect.iscoroutinefunction(handler):
        return _async(handler, timer)

    @functools.wraps(handler)
    def timed(event: Any, context: Any) -> Any:
        with timer.call(context):
            return handler(event, context)

    return timed


def _async(handler: Handler, timer: _Timer) -> Handler:
    @functools.wraps(handler)
    async def timed(event: Any, context: Any) -> Any:
        with timer.call(context):
            return await handler(event, context)

    return timed


def _with_values(handler: Handler, timer: _Timer) -> Handler:
    @functools.wraps(handler)
    def timed(event: Any, context: Any) -> Any:
        with timer.call(context):
            return (yield from handler(event, context))

    return timed


def _with_async_values(handler: Handler, timer: _Timer) -> Handler:
    @functools.wraps(handler)
    async def timed(event: Any, context: Any) -> Any:
        with timer.call(context):
            async with contextlib.aclosing(handler(event, context)) as values:
                async for value in values:
                    yield value

    return timed


class _Timer:
    """Makes the calls of one handler, and marks the first in this environment."""

    def __init__(self) -> None:
        self._cold = True

    def call(self, context: object) -> _Call:
        was_cold, self._cold = self._cold, False
        return _Call(context, cold=was_cold)


class _Call:
    """One call: two readings of the clocks, and whether another call overlapped it."""

    __slots__ = ("_cold", "_context", "_cpu_s", "_request_id", "_wall_s", "concurrent")

    def __init__(self, context: object, *, cold: bool) -> None:
        self._context, self._cold = context, cold
        self._request_id = getattr(context, "aws_request_id", None)
        self.concurrent = False

    def __enter__(self) -> None:
        with _lock:
            for other in _running:
                # A metered handler may call another metered function within the same request.
                if self._request_id is None or other._request_id != self._request_id:  # noqa: SLF001
                    self.concurrent = other.concurrent = True
            _running.append(self)
        self._wall_s, self._cpu_s = time.perf_counter(), _cpu_s()

    def __exit__(self, *_: object) -> None:
        cpu_s, wall_s = _cpu_s() - self._cpu_s, time.perf_counter() - self._wall_s
        with _lock:
            _running.remove(self)
        # A closed standard output must not make the handler fail.
        with contextlib.suppress(Exception):
            measured = None if self.concurrent else cpu_s
            print(_line(self._context, measured, wall_s, cold=self._cold), flush=True)  # noqa: T201


_running: list[_Call] = []
_lock = threading.Lock()


def parse_metered(line: str) -> Metered | None:
    """Read a line of `metered`; None for any other line.

    >>> parse_metered('{"metered": 1, "request_id": "1a", "cpu_ms": 41.3, "wall_ms": 4855.2}')
    Metered(request_id='1a', cpu_ms=41.3, wall_ms=4855.2, cold=False)
    """
    start = line.find('{"metered": 1,')
    if start < 0:
        return None
    try:
        values = json.loads(line[start:])
        cpu_ms, wall_ms = float(values["cpu_ms"]), float(values["wall_ms"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return Metered(values.get("request_id"), cpu_ms, wall_ms, cold=bool(values.get("cold")))


def _cpu_s() -> float:
    children_s = 0.0
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        children_s = used.ru_utime + used.ru_stime
    return time.process_time() + children_s


def _line(context: object, cpu_s: float | None, wall_s: float, *, cold: bool) -> str:
    memory = getattr(context, "memory_limit_in_mb", None)
    values = {
        "metered": 1,
        "request_id": getattr(context, "aws_request_id", None),
        "cpu_ms": None if cpu_s is None else round(cpu_s * 1000, 3),
        "wall_ms": round(wall_s * 1000, 3),
        "cold": cold,
        "function": getattr(context, "function_name", None),
        "version": getattr(context, "function_version", None),
        "memory_mb": None if memory is None else int(memory),
    }
    return json.dumps(values if cpu_s is not None else values | {"concurrent": True})
