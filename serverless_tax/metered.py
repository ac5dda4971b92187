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

An async handler is timed until it returns, a generator from its first value to its end, and a
coroutine or an iterator that a handler returns until that ends. A method, a callable object and
arguments beside event and context work alike. A metered part of a metered request writes no line:
it is in the outer one. CPU is counted for the whole process, so calls that overlap in one process
cannot be told apart: their lines say `"concurrent": true` and `"cpu_ms": null`.

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
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

try:
    import resource
except ImportError:  # Windows: child processes are not counted
    resource = None  # type: ignore[assignment]

Handler = Callable[..., Any]


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
        handler: a function of event and context, or a method: plain, async, a generator or an
            async generator; or any object that can be called so.
    """
    if isinstance(handler, (staticmethod, classmethod)):
        return type(handler)(metered(handler.__func__))
    timer = _Timer()
    if inspect.isasyncgenfunction(handler):
        return _with_async_values(handler, timer)
    if inspect.isgeneratorfunction(handler):
        return _with_values(handler, timer)
    if inspect.iscoroutinefunction(handler):
        return _async(handler, timer)

    @functools.wraps(handler)
    def timed(*args: Any, **named: Any) -> Any:
        call = timer.call(args, named)
        call.start()
        goes_on = False
        try:
            result = handler(*args, **named)
            goes_on = _goes_on(result)
        finally:
            if not goes_on:
                call.end()
        return _to_its_end(result, call) if goes_on else result

    return timed


def _async(handler: Handler, timer: _Timer) -> Handler:
    @functools.wraps(handler)
    async def timed(*args: Any, **named: Any) -> Any:
        with timer.call(args, named):
            return await handler(*args, **named)

    return timed


def _with_values(handler: Handler, timer: _Timer) -> Handler:
    @functools.wraps(handler)
    def timed(*args: Any, **named: Any) -> Any:
        with timer.call(args, named):
            return (yield from handler(*args, **named))

    return timed


def _with_async_values(handler: Handler, timer: _Timer) -> Handler:
    @functools.wraps(handler)
    async def timed(*args: Any, **named: Any) -> Any:
        with timer.call(args, named):
            step, values = None, handler(*args, **named)
            async with contextlib.aclosing(values):
                while True:
                    try:
                        value = await (values.asend(None) if step is None else step)
                    except StopAsyncIteration:
                        return
                    try:
                        step = values.asend((yield value))
                    except GeneratorExit:
                        raise
                    except BaseException as error:  # noqa: BLE001 - thrown in, so the handler's own
                        step = values.athrow(error)

    return timed


#: What nearly every handler returns: it is told from work that goes on without a closer look.
_PLAIN = frozenset({type(None), dict, list, tuple, str, bytes, bool, int, float})


def _goes_on(result: object) -> bool:
    """Whether a result is work that is still to be done, and may be held to see its end.

    What is opened by ``with``, as a file or a cursor is, has to stay what it is.
    """
    if type(result) in _PLAIN:
        return False
    if any(hasattr(type(result), name) for name in ("__enter__", "__aenter__")):
        return False
    with contextlib.suppress(Exception):  # a proxy may refuse to say what it is
        return inspect.isawaitable(result) or isinstance(result, AsyncIterator | Iterator)
    return False


def _to_its_end(result: Any, call: _Call) -> Any:
    """Return a result that goes on as one that ends its call when it ends."""
    if hasattr(type(result), "add_done_callback"):  # a task, which others may cancel and ask
        result.add_done_callback(lambda _: call.end())
        return result
    if inspect.isawaitable(result):
        awaited = _awaited(result, call)
        weakref.finalize(awaited, call.drop).atexit = False  # nobody may wait for it
        return awaited
    if isinstance(result, AsyncIterator):
        return _AsyncValues(result, call)
    return _Values(result, call)


async def _awaited(result: Any, call: _Call) -> Any:
    try:
        return await result
    finally:
        call.end()


class _Held:
    """What a handler returned, as it is; its call ends with it, if not before."""

    def __init__(self, values: Any, call: _Call) -> None:
        self._values, self._call = values, call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._values, name)

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self._call.end()


class _Values(_Held, Iterator[Any]):
    """An iterator that ends its call when it ends, and is otherwise as the one it holds."""

    def __next__(self) -> Any:
        try:
            return next(self._values)
        except BaseException:
            self._call.end()
            raise

    def close(self) -> None:
        """Close what it holds, if that can be closed."""
        try:
            getattr(self._values, "close", lambda: None)()
        finally:
            self._call.end()


class _AsyncValues(_Held, AsyncIterator[Any]):
    """The same for an async iterator, to which values may be sent if that is a generator."""

    async def _taken(self, step: Awaitable[Any]) -> Any:
        try:
            return await step
        except BaseException:
            self._call.end()
            raise

    def __anext__(self) -> Awaitable[Any]:
        return self._taken(self._values.__anext__())

    def asend(self, value: Any) -> Awaitable[Any]:
        """Send a value to the generator it holds."""
        return self._taken(self._values.asend(value))

    def athrow(self, *error: Any) -> Awaitable[Any]:
        """Raise an error in the generator it holds."""
        return self._taken(self._values.athrow(*error))

    async def aclose(self) -> None:
        """Close what it holds, if that can be closed."""
        try:
            if hasattr(self._values, "aclose"):
                await self._values.aclose()
        finally:
            self._call.end()


class _Timer:
    """Makes the calls of one handler, and marks the first in this environment."""

    def __init__(self) -> None:
        self._cold = True

    def call(self, args: tuple[Any, ...], named: dict[str, Any]) -> _Call:
        was_cold, self._cold = self._cold, False
        return _Call(_context(args, named), cold=was_cold)


def _context(args: tuple[Any, ...], named: dict[str, Any]) -> object:
    """Return the context of Lambda among arguments, or None."""
    for value in (*reversed(args), *named.values()):
        with contextlib.suppress(Exception):
            if isinstance(value.aws_request_id, str):
                return value
    return None


class _Call:
    """One call: two readings of the clocks, and whether another call overlapped it."""

    __slots__ = (
        *("_cold", "_context", "_cpu_s", "_ended", "_is_within", "_request_id", "_wall_s"),
        "concurrent",
    )

    def __init__(self, context: object, *, cold: bool) -> None:
        self._context, self._cold = context, cold
        self._request_id = getattr(context, "aws_request_id", None)
        self._ended = self._is_within = self.concurrent = False

    def start(self) -> None:
        """Read the clocks, unless this is a part of a call that does, as far as can be known."""
        with _lock:
            own = (one for one in _running if one._request_id == self._request_id)  # noqa: SLF001
            outer = _outer.get() if self._request_id is None else next(own, None)
            self._is_within = outer in _running
            if not self._is_within:
                for other in _running:
                    self.concurrent = other.concurrent = True
                _running.append(self)
        if self._request_id is not None and not self._is_within:
            _outer.set(self)
        self._wall_s, self._cpu_s = time.perf_counter(), _cpu_s()

    def end(self) -> None:
        """Read the clocks again and write the line, once."""
        if self._ended:
            return
        self._ended = True
        if self._is_within:
            return
        cpu_s, wall_s = _cpu_s() - self._cpu_s, time.perf_counter() - self._wall_s
        with _lock:
            _running.remove(self)
        # A closed standard output must not make the handler fail.
        with contextlib.suppress(Exception):
            measured = None if self.concurrent else cpu_s
            print(_line(self._context, measured, wall_s, cold=self._cold), flush=True)  # noqa: T201

    def drop(self) -> None:
        """Write no line if it has not ended: what it was to measure never ran."""
        with _lock:
            if not self._ended and self in _running:
                _running.remove(self)
            self._ended = True

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self.end()


#: The call that the code around runs in, as far as it is known.
_outer: ContextVar[_Call | None] = ContextVar("metered", default=None)
_running: list[_Call] = []
_lock = threading.RLock()  # what is collected in between may end its call


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
    memory = str(getattr(context, "memory_limit_in_mb", None))
    values = {
        "metered": 1,
        "request_id": getattr(context, "aws_request_id", None),
        "cpu_ms": None if cpu_s is None else round(cpu_s * 1000, 3),
        "wall_ms": round(wall_s * 1000, 3),
        "cold": cold,
        "function": getattr(context, "function_name", None),
        "version": getattr(context, "function_version", None),
        "memory_mb": int(memory) if memory.isdecimal() else None,
    }
    said = values if cpu_s is not None else values | {"concurrent": True}
    return json.dumps(said, default=str)
