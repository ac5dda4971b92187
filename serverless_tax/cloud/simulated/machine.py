"""The time of a handler that runs in this process: what it waits, and what its CPU takes.

A wait moves the clock. Between two calls of the handler into the cloud this thread's CPU is
measured, and moves the clock as the quota of the function's memory would have it. What the cloud
itself computes counts for nobody.

A handler that neither waits nor calls is stopped by a signal when it has used its timeout. A tab of
a browser has no such signal: an endless loop ends there with the tab's kernel.
"""

from __future__ import annotations

import json
import operator
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.function.cpu_quota import LOOK_S, Quota
from serverless_tax.cloud.simulated.clock import Clock, Loop
from serverless_tax.cloud.simulated.network import Network
from serverless_tax.cloud.simulated.refusals import not_simulated

if TYPE_CHECKING:
    from serverless_tax.cloud.exchange import HttpHandler

_real_time, _real_clock = time.time, time.perf_counter
#: Seconds after which it is looked again whether a handler's time is up.
_AGAIN_S = 0.05
OUTLIVES = "a thread that outlives its handler, and is frozen with its environment"
#: What passes between two cells at least: their lines in a log have different times.
_BETWEEN_S = 0.01


#: Seconds that `_work` takes on the two cores of Linux on which the labs were recorded.
_WORK_S = 0.0022
_PIECE = '{"id": "c", "choices": [{"index": 0, "delta": {"content": " word"}, "n": null}]}'


def _work() -> int:
    """Do for a while what a handler does with a stream."""
    letters = 0
    for _ in range(400):
        for choice in json.loads(_PIECE)["choices"]:
            letters += len(choice["delta"].get("content") or "")
    return letters


def _took_s() -> float:
    began_s = _real_clock()
    _work()
    return _real_clock() - began_s


def _cpu_clock() -> Callable[[], float]:
    """This thread's CPU clock.

    A browser's stands still. Its one thread has a clock of time, which runs here as much slower as
    Python itself does there, by the quickest of some tries.
    """
    for name in ("thread_time", "process_time"):
        with suppress(AttributeError, OSError):
            clock: Callable[[], float] = getattr(time, name)
            if clock() > 0:
                return clock
    slower = min(_took_s() for _ in range(9)) / _WORK_S
    return lambda: _real_clock() / slower


_real_cpu = _cpu_clock()


class TimeIsUpError(BaseException):
    """The function's timeout: it ends the handler wherever it waits."""


class Running:
    """An INIT or an invocation that has the thread.

    Args:
        limit_s: the moment at which it is stopped.
        quota: of its CPU; None where it has a whole one.
        look: is called now and then, to look at its memory.

    Attributes:
        cpu_s: the CPU it has used.
        unseen_s: that of it which its quota has not looked at, as it looks after each millisecond.
        works_until_s: the moment at which the last thread that it started ends.
    """

    def __init__(self, limit_s: float, quota: Quota | None, look: Callable[[], None]) -> None:
        self.limit_s, self.quota, self.look = limit_s, quota, look
        self.cpu_s = self.unseen_s = self.works_until_s = 0.0


class SimulatedMachine:
    """The clock, the network and who runs.

    Attributes:
        is_on: whether what runs now runs in the simulated cloud.
        threads: how many handlers have started; each is done when it starts.
        in_thread: within how many of them what runs now does.
    """

    def __init__(self) -> None:
        self.clock = Clock(_real_time())
        self.world = Loop(self.clock)
        self.listening: dict[int, HttpHandler] = {}
        self.network = Network(self.world, self.listening, self.called)
        self.is_on, self.threads, self.in_thread = False, 0, 0
        self._stack: list[Running] = []
        self._outside = 0
        self._mark_s = _real_cpu()

    @property
    def in_handler(self) -> bool:
        """Whether a handler's own code has the thread."""
        return bool(self._stack) and not self._outside

    @contextmanager
    def on(self) -> Iterator[None]:
        """Run a block in the simulated cloud; the clock is never behind the real one."""
        if self.is_on:
            yield
            return
        self.clock.now_s = max(self.clock.now_s + _BETWEEN_S, _real_time())
        self.is_on = True
        try:
            yield
        finally:
            self.is_on = False

    @contextmanager
    def running(self, one: Running) -> Iterator[None]:
        """Give one the thread, and count its CPU."""
        outside, self._outside = self._outside, 0
        self._stack.append(one)
        self._mark_s = _real_cpu()
        try:
            with self._watched(one):
                yield
            self._charge()
        finally:
            self._stack.pop()
            self._outside = outside

    @contextmanager
    def called(self) -> Iterator[None]:
        """The handler has called into the cloud: its CPU counts until now, and from its return on.

        Raises:
            TimeIsUpError: where its timeout is reached.
        """
        if not self._stack:
            yield
            return
        if not self._outside:
            self._charge()
            self._stack[-1].look()
        self._outside += 1
        try:
            yield
        finally:
            self._outside -= 1
            self._mark_s = _real_cpu()
        self._check()

    @contextmanager
    def _watched(self, one: Running) -> Iterator[None]:
        """Stop one that neither waits nor calls when its time is up, where there are signals.

        A busy machine takes nothing from it: it is stopped when it has had its seconds of CPU, and
        one that is blocked after twice its seconds.
        """
        limit_s = one.limit_s - self.clock.now_s
        is_main = threading.get_ident() == threading.main_thread().ident
        if not hasattr(signal, "setitimer") or not is_main or limit_s <= 0:
            yield
            return
        ends_s = _real_time() + 2 * limit_s + 1

        def look(*_: object) -> None:
            left_s = one.limit_s - self.clock.now_s - (_real_cpu() - self._mark_s)
            is_own = self._stack[-1:] == [one] and not self._outside
            if is_own and (left_s <= 0 or _real_time() >= ends_s):
                one.cpu_s += _real_cpu() - self._mark_s
                self.clock.now_s = one.limit_s
                raise TimeIsUpError
            signal.setitimer(signal.ITIMER_REAL, max(left_s, _AGAIN_S) if is_own else _AGAIN_S)

        before = signal.signal(signal.SIGALRM, look)
        began_s = _real_time()
        was_s, every_s = signal.setitimer(signal.ITIMER_REAL, limit_s)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            if was_s:
                left_s = max(was_s - (_real_time() - began_s), _AGAIN_S)
                signal.setitimer(signal.ITIMER_REAL, left_s, every_s)

    @contextmanager
    def thread(self) -> Iterator[None]:
        """Do the work of a thread."""
        self.in_thread += 1
        try:
            yield
        finally:
            self.in_thread -= 1

    def note_thread(self, ended_s: float) -> None:
        """A thread of the one that runs works up to this moment."""
        if self._stack:
            self.threads += 1
            self._stack[-1].works_until_s = max(self._stack[-1].works_until_s, ended_s)

    def expect_no_thread(self) -> None:
        """Refuse the one that runs if a thread that it started is not done.

        Raises:
            NotSimulatedError: if so: its work was done when it started, and nobody has waited.
        """
        if self._stack[-1].works_until_s > self.now_s():
            raise not_simulated(OUTLIVES)

    def _charge(self) -> None:
        one = self._stack[-1]
        used_s = _real_cpu() - self._mark_s
        self._mark_s = _real_cpu()
        if one.quota is None:
            self.clock.now_s += used_s
            one.cpu_s += used_s
        else:
            while used_s > 0:
                step_s = min(used_s, LOOK_S - one.unseen_s)
                used_s -= step_s
                one.cpu_s += step_s
                one.unseen_s += step_s
                self.clock.now_s += step_s
                if one.unseen_s >= LOOK_S * (1 - 1e-9):
                    one.unseen_s = 0.0
                    paid_for = one.quota.stops_until(self.clock.now_s, one.cpu_s)
                    self.clock.now_s = max(self.clock.now_s, paid_for)
        self._check()

    def _check(self) -> None:
        """Stop the one that runs if its time is up; the clock then stands at its limit."""
        if self._stack and not self._outside and self.clock.now_s >= self._stack[-1].limit_s:
            self.clock.now_s = self._stack[-1].limit_s
            raise TimeIsUpError

    def now_s(self) -> float:
        """The present moment, as code reads it from a clock."""
        with self.called():
            return self.clock.now_s

    def cpu_s(self) -> float:
        """The CPU that has been used, as code reads it from a clock."""
        if not self._stack:
            return _real_cpu()
        with self.called():
            return self._stack[-1].cpu_s

    def sleep(self, seconds: Any) -> None:
        """Do as `time.sleep`, without waiting."""
        seconds = seconds if isinstance(seconds, float) else operator.index(seconds)
        if seconds < 0:
            msg = "sleep length must be non-negative"
            raise ValueError(msg)
        with self.called():
            self.world.pass_until(self.clock.now_s + seconds)

    def pass_until(self, moment_s: float) -> None:
        """Wait for a moment, without waiting."""
        with self.called():
            self.world.pass_until(moment_s)

    def new_loop(self) -> Loop:
        """Do as `asyncio.new_event_loop`."""
        return Loop(self.clock, self.world, self.called)

    def run(self, main: Any, *, debug: bool | None = None, **_: Any) -> Any:
        """Do as `asyncio.run`."""
        loop = self.new_loop()
        if debug:
            loop.set_debug(True)
        try:
            return loop.complete(main)
        finally:
            loop.cancel_all()
