"""What a handler finds in the place of threads: each piece of work is done when it is begun.

It begins at its own moment of the clock, which is then set back for the one that began it. So none
can wait for what another does later: that is refused in a sentence.
"""

from __future__ import annotations

import concurrent.futures
import concurrent.futures.thread
import math
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.simulated.machine import OUTLIVES
from serverless_tax.cloud.simulated.refusals import NotSimulatedError, not_simulated

if TYPE_CHECKING:
    from serverless_tax.cloud.simulated.machine import SimulatedMachine

_Futures = concurrent.futures.Future[Any]


def of_threads(machine: SimulatedMachine) -> list[tuple[ModuleType, str, Any]]:
    """Each name of a module that makes threads or waits for them, and what stands in its place."""
    pool, wait, as_completed = _pool(machine), _wait(machine), _as_completed(machine)
    return [
        (concurrent.futures, "ThreadPoolExecutor", pool),
        (concurrent.futures.thread, "ThreadPoolExecutor", pool),
        (concurrent.futures, "wait", wait),
        (concurrent.futures, "as_completed", as_completed),
        (threading, "Thread", _thread(machine)),
        (threading, "Timer", _timer(machine)),
    ]


def wait_on(machine: SimulatedMachine) -> Callable[..., bool]:
    """What stands for `Condition.wait`, by which events and queues wait too."""
    real = threading.Condition.wait

    def wait(self: threading.Condition, timeout: float | None = None) -> bool:
        if not machine.in_handler:
            return real(self, timeout)
        if machine.in_thread:
            raise not_simulated("a thread that waits for what another does")
        machine.pass_until(math.inf if timeout is None else machine.now_s() + timeout)
        return False  # whoever would have woken it has done all its work

    return wait


class _Done(concurrent.futures.Future[Any]):
    """A result that is there from a later moment on."""

    def __init__(self, machine: SimulatedMachine, ended_s: float) -> None:
        super().__init__()
        self._machine, self.ended_s = machine, ended_s

    def done(self) -> bool:
        """Whether that moment is over."""
        return self.ended_s <= self._machine.now_s()

    def result(self, timeout: float | None = None) -> Any:
        """Wait for it."""
        self._pass(timeout)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for it."""
        self._pass(timeout)
        return super().exception(timeout)

    def _pass(self, timeout: float | None) -> None:
        until_s = _until(self._machine, timeout)
        self._machine.pass_until(min(self.ended_s, until_s))
        if self.ended_s > until_s:
            raise TimeoutError


def _until(machine: SimulatedMachine, timeout: float | None) -> float:
    return math.inf if timeout is None else machine.now_s() + timeout


def _ended_s(one: _Futures) -> float:
    return one.ended_s if isinstance(one, _Done) else 0.0


def _wait(machine: SimulatedMachine) -> Callable[..., Any]:
    both: Any = type(concurrent.futures.wait([]))

    def wait(
        fs: Any, timeout: float | None = None, return_when: str = concurrent.futures.ALL_COMPLETED
    ) -> Any:
        """Do as `concurrent.futures.wait`."""
        ends = sorted({*fs}, key=_ended_s)
        at = [_ended_s(one) for one in ends]
        if return_when == concurrent.futures.FIRST_COMPLETED:
            at = at[:1]
        elif return_when == concurrent.futures.FIRST_EXCEPTION:
            at = [_ended_s(one) for one in ends if _Futures.exception(one)][:1] or at
        machine.pass_until(min(max(at, default=0.0), _until(machine, timeout)))
        done = {one for one in ends if one.done()}
        return both(done, {*ends} - done)

    return wait


def _as_completed(machine: SimulatedMachine) -> Callable[..., Iterator[_Futures]]:
    def as_completed(fs: Any, timeout: float | None = None) -> Iterator[_Futures]:
        """Do as `concurrent.futures.as_completed`."""
        until_s = _until(machine, timeout)
        left = sorted({*fs}, key=_ended_s)
        for number, one in enumerate(left):
            machine.pass_until(min(_ended_s(one), until_s))
            if not one.done():
                msg = f"{len(left) - number} (of {len(left)}) futures unfinished"
                raise TimeoutError(msg)
            yield one

    return as_completed


def _pool(machine: SimulatedMachine) -> type:
    class Pool(concurrent.futures.Executor):
        """Threads that work at the same time: each goes on from its own moment of the clock."""

        def __init__(self, max_workers: int | None = None, *_: Any, **__: Any) -> None:
            self._free_s = [machine.clock.now_s] * (max_workers or 32)
            self._last_s = machine.clock.now_s

        def submit(self, fn: Any, /, *args: Any, **named: Any) -> Any:
            """Do it at once, from the moment on at which a thread is free."""
            began_s = machine.now_s()
            thread = min(range(len(self._free_s)), key=self._free_s.__getitem__)
            machine.clock.now_s = max(self._free_s[thread], began_s)
            result = error = None
            try:
                with machine.thread():
                    result = fn(*args, **named)
            except NotSimulatedError:
                raise
            except Exception as raised:  # noqa: BLE001 - it is given to who asks for the result
                error = raised
            self._free_s[thread] = machine.now_s()
            self._last_s = max(self._free_s)
            machine.clock.now_s = began_s
            machine.note_thread(self._last_s)
            done = _Done(machine, self._free_s[thread])
            if error is None:
                done.set_result(result)
            else:
                done.set_exception(error)
            return done

        def shutdown(self, wait: bool = True, **_: Any) -> None:  # noqa: FBT001, FBT002 - as its base
            """Wait for all of it."""
            if wait:
                machine.pass_until(self._last_s)

    return Pool


def _work(machine: SimulatedMachine, thread: threading.Thread) -> None:
    """Do a thread's work, whose error ends it alone."""
    try:
        with machine.thread():
            thread.run()
    except NotSimulatedError:
        raise
    except Exception as error:  # noqa: BLE001 - it is printed
        told = (type(error), error, error.__traceback__, thread)
        threading.__excepthook__(threading.ExceptHookArgs(told))


def _thread(machine: SimulatedMachine) -> type:
    real, owner = threading.Thread, threading.get_ident()

    class Thread(real):  # type: ignore[misc, valid-type]
        """A thread that is done when it starts, from that moment on."""

        _ended_s: float | None = None

        def start(self) -> None:
            """Do all of it, and set the clock back."""
            if not machine.is_on or threading.get_ident() != owner:
                super().start()
                return
            if not machine.in_handler:
                raise not_simulated("a thread of this notebook, on the real clock")
            if self.daemon:
                raise not_simulated(OUTLIVES)
            began_s = machine.now_s()
            _work(machine, self)
            self._ended_s, machine.clock.now_s = machine.now_s(), began_s
            machine.note_thread(self._ended_s)

        def join(self, timeout: float | None = None) -> None:
            """Wait until it would have ended."""
            if self._ended_s is None:
                super().join(timeout)
            else:
                machine.pass_until(min(self._ended_s, machine.now_s() + (timeout or 1e9)))

        def is_alive(self) -> bool:
            """Whether it would still run."""
            if self._ended_s is None:
                return bool(super().is_alive())
            return machine.now_s() < self._ended_s

    return Thread


def _timer(machine: SimulatedMachine) -> Any:
    real = threading.Timer

    def timer(*args: Any, **named: Any) -> threading.Timer:
        """Refuse a handler's, which another thread may stop in time."""
        if machine.in_handler:
            raise not_simulated("a timer, which another thread may stop")
        return real(*args, **named)

    return timer
