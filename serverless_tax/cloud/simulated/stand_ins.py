"""What code finds in the place of the clock, the sockets, the event loops and the threads.

They stand there while a cell or a handler runs in the simulated cloud, and for its thread alone.
"""

from __future__ import annotations

import asyncio
import builtins
import datetime as dt
import os
import queue
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

from serverless_tax.cloud.simulated.refusals import not_simulated
from serverless_tax.cloud.simulated.threads import of_threads, wait_on

if TYPE_CHECKING:
    from serverless_tax.cloud.simulated.machine import SimulatedMachine


def replacements(machine: SimulatedMachine) -> list[tuple[Any, str, Any]]:
    """Each name of a module or a class, and what stands in its place."""
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
    real_now = {name: getattr(time, name) for name in ("gmtime", "localtime", "ctime")}
    for name, real in real_now.items():

        def now(seconds: float | None = None, real: Callable[..., Any] = real) -> Any:
            return real(machine.now_s() if seconds is None else seconds)

        found.append((time, name, now))
    # What these have taken from the module of the clock.
    monotonic = next(new for _, name, new in found if name == "monotonic")
    found += [(queue, "time", monotonic), (threading, "_time", monotonic)]
    patched = [
        (module, name, own(new, getattr(module, name)))
        for module, name, new in found
        if hasattr(module, name)  # a browser's Python lacks some clocks
    ]
    if "subprocess" in sys.modules:
        patched.append((sys.modules["subprocess"], "Popen", _no_process))
    return [
        *patched,
        (dt, "datetime", _datetime(machine)),
        *_of_processes(machine),
        (threading.Condition, "wait", wait_on(machine)),
        *of_threads(machine),
    ]


@contextmanager
def standing_in(
    replaced: list[tuple[Any, str, Any]], namespace: dict[str, Any] | None = None
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


def _datetime(machine: SimulatedMachine) -> type:
    real = dt.datetime

    class Kind(type):
        def __instancecheck__(cls, one: object) -> bool:
            return isinstance(one, real)

    class Datetime(real, metaclass=Kind):  # type: ignore[misc, valid-type]
        """A date whose present moment is the simulated clock's."""

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            """The present moment."""
            return real.fromtimestamp(machine.now_s(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            """The present moment in UTC."""
            return cls.now(dt.UTC).replace(tzinfo=None)

        today = now

    return Datetime


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


def _of_processes(machine: SimulatedMachine) -> list[tuple[ModuleType, str, Any]]:
    """What a handler would do to this process, or to another."""

    def of_handlers(stand_in: Callable[..., Any], real: Callable[..., Any]) -> Callable[..., Any]:
        def choose(*args: Any, **named: Any) -> Any:
            return (stand_in if machine.in_handler else real)(*args, **named)

        return choose

    others = ("fork", "kill", "posix_spawn", "posix_spawnp", "system", "abort", "execv", "execve")
    found = [
        (os, name, of_handlers(_no_process, getattr(os, name)))
        for name in others
        if hasattr(os, name)
    ]
    return [
        *found,
        (os, "_exit", of_handlers(sys.exit, os._exit)),
        (builtins, "input", of_handlers(_no_input, builtins.input)),
    ]


def _no_input(prompt: object = "", /) -> str:
    """A function's input is at its end."""
    sys.stdout.write(str(prompt))
    msg = "EOF when reading a line"
    raise EOFError(msg)


def _no_process(*_: Any, **__: Any) -> Any:
    """Refuse another process."""
    raise not_simulated("another process, and its CPU")
