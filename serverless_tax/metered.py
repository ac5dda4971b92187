"""What the REPORT line leaves out: the CPU time of each invocation.

Copy this one file beside your handler (it needs the standard library only) and decorate it::

    from metered import metered

    @metered
    def handler(event, context):
        ...

Each invocation then logs one line of JSON, here on two lines::

    {"metered": 1, "request_id": "…", "cpu_ms": 41.3, "wall_ms": 4855.2, "cold": false,
     "function": "rag", "version": "$LATEST", "memory_mb": 1769}

`cpu_ms` is user and system time of the whole process, its threads included, and of child processes
that ended during the call. Work that a returned handler left to run in the background is not in it.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

try:
    import resource
except ImportError:  # Windows: child processes are then not counted
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
    """Log CPU and wall time of each call of a Lambda handler; its result and errors are untouched.

    Args:
        handler: an ordinary function of event and context.

    Raises:
        TypeError: for an async or generator function: its call returns before its work is done, so
            the clocks would stop too early.
    """
    if inspect.iscoroutinefunction(handler) or inspect.isasyncgenfunction(handler):
        raise TypeError(
            f"metered cannot time the async function {handler.__name__!r}: Lambda's Python runtime "
            "calls plain functions; decorate the one that runs it."
        )
    if inspect.isgeneratorfunction(handler):
        raise TypeError(
            f"metered cannot time the generator {handler.__name__!r}: its work happens after the "
            "call returns; decorate a function that collects it."
        )
    cold = True

    @functools.wraps(handler)
    def timed(event: Any, context: Any) -> Any:
        nonlocal cold
        was_cold, cold = cold, False
        wall_before, cpu_before = time.perf_counter(), _cpu_s()
        try:
            return handler(event, context)
        finally:
            cpu_s, wall_s = _cpu_s() - cpu_before, time.perf_counter() - wall_before
            # A closed standard output must not turn an answer into an error.
            with contextlib.suppress(Exception):
                print(_line(context, cpu_s, wall_s, cold=was_cold), flush=True)  # noqa: T201

    return timed


def parse_metered(line: str) -> Metered | None:
    """Read a line that `metered` logged; None for any other line.

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


def _line(context: object, cpu_s: float, wall_s: float, *, cold: bool) -> str:
    memory = getattr(context, "memory_limit_in_mb", None)
    return json.dumps(
        {
            "metered": 1,
            "request_id": getattr(context, "aws_request_id", None),
            "cpu_ms": round(cpu_s * 1000, 3),
            "wall_ms": round(wall_s * 1000, 3),
            "cold": cold,
            "function": getattr(context, "function_name", None),
            "version": getattr(context, "function_version", None),
            "memory_mb": None if memory is None else int(memory),
        }
    )
