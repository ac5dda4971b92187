"""What code finds in the place of the clock, the sockets, the event loops and the threads.

They stand there while a cell or a handler runs in the simulated cloud, and for its thread alone.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import concurrent.futures.thread
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

from serverless_tax.cloud.simulated.machine import OUTLIVES
from serverless_tax.cloud.simulated.refusals import not_simulated

if TYPE_CHECKING:
    from serverless_tax.cloud.simulated.machine import SimulatedMachine


def replacements(machine: SimulatedMachine) -> list[tuple[ModuleType, str, Any]]:
    """Each name of a module, and what stands in its place."""
    clock = machine.clock
    real_s = {name: getattr(time, name) for name in ("time", "monotonic", "perf_counter")}
    # A duration from before the simulation to within it stays one.
    ahead_s = {name: real() - clock.now_s for name, real in real_s.items()}
    owner = threading.get_ident()

    def own(stand_in: Callable[..., Any], real: Callable[..., Any]) -> Callable[..., Any]:
        def choose(*args: Any, **named: Any) -> Any:
            is_own = threading.get_ident() == owner and machine.is_on
            return (stand_in if is_own else real)(*args, **named)

        return choose

    found: list[tuple[ModuleType, str, Any]] = []
    for name in real_s:
        shift_s = 0.0 if name == "time" else ahead_s[name]

        def read(shift_s: float = shift_s) -> float:
            return machine.now_s() + shift_s

        def read_ns(shift_s: float = shift_s) -> int:
            return int((machine.now_s() + shift_s) * 1e9)

        found += [(time, name, read), (time, f"{name}_ns", read_ns)]
    found += [
        (time, "sleep", machine.sleep),
        (time, "process_time", machine.cpu_s),
        (time, "process_time_ns", lambda: int(machine.cpu_s() * 1e9)),
        (time, "thread_time", machine.cpu_s),
        (socket, "create_connection", machine.network.connect),
        (asyncio, "open_connection", machine.network.open_connection),
        (asyncio, "run", machine.run),
        (asyncio, "new_event_loop", machine.new_loop),
        (asyncio, "Runner", _runner(machine)),
    ]
    pool = _pool(machine)
    patched = [
        (module, name, own(new, getattr(module, name)))
        for module, name, new in found
        if hasattr(module, name)  # a browser's Python lacks some clocks
    ]
    if "subprocess" in sys.modules:
        patched.append((sys.modules["subprocess"], "Popen", _no_process))
    return [
        *patched,
        (concurrent.futures, "ThreadPoolExecutor", pool),
        (concurrent.futures.thread, "ThreadPoolExecutor", pool),
        (threading, "Thread", _thread(machine)),
    ]


@contextmanager
def standing_in(
    replaced: list[tuple[ModuleType, str, Any]], namespace: dict[str, Any] | None = None
) -> Iterator[None]:
    """Put them there, in modules and under a notebook's own names, and take them away again."""
    before = [(module, name, getattr(module, name)) for module, name, _ in replaced]
    for module, name, new in replaced:
        setattr(module, name, new)
    by_id = {id(old): new for (_, _, old), (_, _, new) in zip(before, replaced, strict=True)}
    renamed = {name: value for name, value in (namespace or {}).items() if id(value) in by_id}
    if namespace is not None:
        namespace.update({name: by_id[id(value)] for name, value in renamed.items()})
    try:
        yield
    finally:
        for module, name, old in before:
            setattr(module, name, old)
        if namespace is not None:
            namespace.update(renamed)


class _Done(concurrent.futures.Future[Any]):
    """A result that is there from a later moment on."""

    def __init__(self, machine: SimulatedMachine, ended_s: float) -> None:
        super().__init__()
        self._machine, self.ended_s = machine, ended_s

    def result(self, timeout: float | None = None) -> Any:
        """Wait for it."""
        self._machine.pass_until(self.ended_s)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for it."""
        self._machine.pass_until(self.ended_s)
        return super().exception(timeout)


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
                result = fn(*args, **named)
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


def _runner(machine: SimulatedMachine) -> type:
    class Runner:
        """A loop for several runs; what still goes on at its end is cancelled."""

        def __init__(self, **_: Any) -> None:
            self._loop = machine.new_loop()

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def run(self, coro: Any, **_: Any) -> Any:
            """Do as `asyncio.run`."""
            return self._loop.complete(coro)

        def get_loop(self) -> Any:
            """The loop."""
            return self._loop

        def close(self) -> None:
            """Cancel what still goes on."""
            self._loop.cancel_all()

    return Runner


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
            self.run()
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


def module_of(name: str, members: Mapping[str, Any]) -> ModuleType:
    """A module in the place of another; what it lacks is refused in a sentence."""
    module = ModuleType(name, f"The simulated cloud's {name}.")
    vars(module).update(members)

    def refuse(member: str) -> Any:
        if member.startswith("__"):
            raise AttributeError(member)
        raise not_simulated(f"{name}.{member}")

    vars(module)["__getattr__"] = refuse
    return module


def _no_process(*_: Any, **__: Any) -> Any:
    """Refuse another process."""
    raise not_simulated("another process, and its CPU")
