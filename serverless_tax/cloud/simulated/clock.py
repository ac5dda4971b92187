# ruff: noqa: SLF001 - asyncio has no public way into a loop of one's own
"""The simulated cloud's clock, and an event loop that passes the time instead of waiting for it.

The clock may be set back: what goes on at the same time is done one after the other, each from the
same moment on. What is shared says when it is free again.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import math
from asyncio import base_events, events, tasks
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")
_logger = logging.getLogger("asyncio")


class Clock:
    """The present moment, seconds since 1970, and the last that any work has seen."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s


class Loop(base_events.BaseEventLoop):
    """An event loop on the simulated clock; it may be entered again while it runs.

    Args:
        clock: the clock that it moves.
        world: the loop of the cloud, where this is a handler's: while this one waits, the cloud
            goes on. A handler that blocks its loop blocks what else runs on it, as everywhere.
        called: entered where this loop waits.
    """

    _ready: Any
    _scheduled: list[Any]

    def __init__(
        self,
        clock: Clock,
        world: Loop | None = None,
        called: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        super().__init__()
        self.clock, self._world, self._called = clock, world, called

    def time(self) -> float:
        """The present moment, seconds since 1970."""
        return self.clock.now_s

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Say nothing of what a function has not awaited; what tries it does."""
        if self._world is None:
            super().call_exception_handler(context)

    def pass_until(self, moment_s: float) -> None:
        """Let the time pass up to a moment, which may be over, and do what falls due."""
        self.spin(lambda: False, moment_s)
        self.clock.now_s = max(self.clock.now_s, moment_s)

    def complete(self, work: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T:
        """Run work to its end and return its result; the time passes as it waits.

        Raises:
            RuntimeError: if it waits for what never comes.
        """
        task = asyncio.ensure_future(work, loop=self)
        self.spin(task.done)
        if not task.done():
            task.cancel()
            self.spin(task.done)
            msg = "It waits for something that nobody here will do: it would wait for ever."
            raise RuntimeError(msg)
        return task.result()

    def run_until_complete(self, future: Any) -> Any:
        """Do as `complete`."""
        return self.complete(future)

    def create_task(self, coro: Any, **named: Any) -> Any:
        """Make a task; nobody has to wait for its end, as nobody waits for the cloud's."""
        task = super().create_task(coro, **named)
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        return task

    def cancel_all(self) -> None:
        """Cancel what still runs on it."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        self.spin(lambda: False, self.clock.now_s)

    def close(self) -> None:
        """Do nothing: it has nothing open."""

    def __del__(self) -> None:
        """Warn of nothing: it has nothing open."""

    def spin(self, is_done: Callable[[], bool], until_s: float = math.inf) -> None:
        """Do what falls due up to a moment, or until it is done, or until nothing is left."""
        outer = events._get_running_loop()
        task = tasks.current_task(outer) if outer is not None else None
        if task is not None:
            tasks._leave_task(outer, task)  # type: ignore[arg-type]
        events._set_running_loop(self)
        try:
            while not is_done() and self._step(until_s):
                pass
        finally:
            events._set_running_loop(outer)
            if task is not None:
                tasks._enter_task(outer, task)  # type: ignore[arg-type]

    def _next_s(self) -> float:
        while self._scheduled and self._scheduled[0]._cancelled:
            heapq.heappop(self._scheduled)._scheduled = False
        return self._scheduled[0].when() if self._scheduled else math.inf

    def _step(self, until_s: float) -> bool:
        """Do what is due, or go on to the next moment; False if there is none up to the end."""
        if not self._ready:
            with self._called():
                if not self._wait(until_s):
                    return False
        while self._next_s() <= self.clock.now_s:
            handle = heapq.heappop(self._scheduled)
            handle._scheduled = False
            self._ready.append(handle)
        for _ in range(len(self._ready)):
            if not self._ready:
                break  # a run within this one has done it
            handle = self._ready.popleft()
            if not handle._cancelled:
                began_s = self.clock.now_s
                handle._run()
                took_s = self.clock.now_s - began_s
                if self.get_debug() and took_s >= self.slow_callback_duration:
                    what = base_events._format_handle(handle)  # type: ignore[attr-defined]
                    _logger.warning("Executing %s took %.3f seconds", what, took_s)
        return True

    def _wait(self, until_s: float) -> bool:
        """Go on to the next moment; False if there is none up to the end."""
        next_s = min(self._next_s(), until_s)
        if self._world is not None:
            self._world.spin(lambda: bool(self._ready), next_s)
        if self._ready:
            return True
        if self._next_s() > until_s or self._next_s() == math.inf:
            return False
        self.clock.now_s = max(self.clock.now_s, self._next_s())
        return True

    def _write_to_self(self) -> None:
        """There is one thread: nobody has to be woken."""

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        """Call it at once, from this moment on, and answer when it would have ended."""
        del executor
        future, began_s = self.create_future(), self.clock.now_s
        try:
            given = (future.set_result, func(*args))
        except Exception as raised:  # noqa: BLE001 - it is given to who awaits it
            given = (future.set_exception, raised)
        ended_s, self.clock.now_s = self.clock.now_s, began_s
        self.call_at(ended_s, lambda: future.done() or given[0](given[1]))
        return future
