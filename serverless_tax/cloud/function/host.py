"""The host gives every invocation a process of its own: its INIT, its run, its end."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import time
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.function.environment import Environment, Machine
from serverless_tax.cloud.function.invocation import Invocation
from serverless_tax.cloud.function.life import Life
from serverless_tax.cloud.function.log_stream import LogStream
from serverless_tax.cloud.function.logbook import Logbook, Records
from serverless_tax.cloud.function.outcome import (
    InitProblem,
    Outcome,
    crashed,
    init_exited,
    init_failed,
    init_out_of_memory,
    init_timed_out,
    milliseconds,
    out_of_memory,
    timed_out,
)
from serverless_tax.cloud.function.process import Keeper, Process
from serverless_tax.cloud.function.python_home import make_home
from serverless_tax.ground.lambda_facts import INIT_MS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from serverless_tax.cloud.function.log_stream import Put
    from serverless_tax.cloud.function.spec import FunctionSpec

INIT_LIMIT_S = INIT_MS / 1000
"""The limit for INIT of an on-demand function; AWS then starts it again inside the invocation.

Time in which INIT was ready to run and had no CPU does not count: on AWS it has one of its own.
"""
LOOK_S = 0.1
MEMORY_LOOK_S = 0.1
"""The time between two looks at a running environment's memory."""


class Host(Life[Environment]):
    """Runs functions and keeps their environments.

    Args:
        folder: for the environments' own folders and the readings.
        base: variables of every environment.
        put_logs: takes their log lines.
        cpu_share: whether CPU follows memory, as on AWS.
    """

    def __init__(
        self, folder: Path, base: Mapping[str, str], put_logs: Put, *, cpu_share: bool = False
    ) -> None:
        self._records = Records(folder)
        super().__init__(Logbook(self._records.begin, self._records.end))
        self._folder = folder
        self._machine = Machine(
            keeper=Keeper(folder),
            python=make_home(folder / "python"),
            base=base,
            put_logs=put_logs,
            cpu_share=cpu_share,
        )
        self._all: dict[int, Environment] = {}
        self._number = itertools.count(1)
        # More at once would share the CPU, and INIT is billed. On AWS each has a CPU of its own.
        self._inits = asyncio.Semaphore(2 * (os.cpu_count() or 1))

    async def close(self) -> None:
        """Kill every environment."""
        await asyncio.gather(*(self.stop(one) for one in [*self._all.values()]))
        self._machine.keeper.close()
        self._records.close()

    def now_s(self) -> float:
        """The monotonic clock that all durations are taken from."""
        return time.perf_counter()

    def kept(self, environment: Environment, since_s: float, idle_s: float) -> None:
        """End an environment that nobody takes while it is kept."""

        def retire() -> None:
            if self._shelves.drop(environment, since_s):
                self._retiring = asyncio.ensure_future(self.discard(environment))

        asyncio.get_running_loop().call_later(idle_s, retire)

    async def _launch(self, environment: Environment) -> Environment:
        self._all[id(environment)] = environment
        await environment.start()
        return environment

    async def stop(self, environment: Environment) -> None:
        """End an environment's processes."""
        if self._all.pop(id(environment), None) is not None:
            await environment.close()

    async def discard(self, environment: Environment) -> None:
        """End an environment for good, its /tmp included."""
        await self.stop(environment)
        await asyncio.to_thread(shutil.rmtree, environment.folder, ignore_errors=True)

    async def first_init(
        self, spec: FunctionSpec, invocation: Invocation
    ) -> tuple[Environment, InitProblem | None]:
        """Start a process and let it initialise; not all at once on few cores."""
        async with self._inits:
            folder = self._folder / f"environment-{next(self._number)}"
            log = LogStream(spec, self._machine.put_logs)
            environment = Environment(spec, folder, self._machine, log)
            environment.say_init_start()
            await self._launch(environment)
            environment.hand_over(invocation)
            return environment, await _initialise(environment, INIT_LIMIT_S)

    async def new_init(
        self, failed: Environment, invocation: Invocation
    ) -> tuple[Environment, InitProblem | None]:
        """Start another process in the same sandbox."""
        environment = await self._launch(failed.successor())
        environment.hand_over(invocation)
        return environment, await _initialise(environment, invocation.timeout_s)

    async def run(self, environment: Environment, invocation: Invocation) -> Outcome:
        """Run the handler in its process to its end, its timeout or its memory's."""
        process, exited = environment.process, environment.process.exited
        spent_s = max(time.perf_counter() - invocation.started, 0.0) if invocation.started else 0.0
        watch = asyncio.ensure_future(_past_its_memory(environment))
        await _first_of(invocation.finished, exited, watch, limit_s=invocation.timeout_s - spent_s)
        watch.cancel()
        if watch.done() and not watch.cancelled():
            invocation.cpu_after_s, invocation.ended = (
                process.cpu_s(newest=True),
                time.perf_counter(),
            )
            process.kill()
            return out_of_memory(invocation.call.request_id, invocation.duration_s)
        if invocation.finished.done():
            if environment.is_past_its_memory():
                process.kill()
                return out_of_memory(invocation.call.request_id, invocation.duration_s)
            return Outcome(milliseconds(invocation.duration_s))
        invocation.cpu_after_s = process.cpu_s(newest=True)
        if not exited.done():
            process.kill()
            return timed_out(invocation.call.request_id, invocation.timeout_s)
        invocation.ended = time.perf_counter()
        if environment.is_past_its_memory():
            return out_of_memory(invocation.call.request_id, invocation.duration_s)
        outcome = crashed(invocation.call.request_id, invocation.duration_s, exited.result())
        if invocation.settled and invocation.failed:
            outcome.payload = None  # the runtime has said why, before it ended itself
        return outcome


async def _initialise(environment: Environment, limit_s: float) -> InitProblem | None:
    exited = environment.process.exited
    limit = asyncio.ensure_future(_past_its_time(environment.process, limit_s))
    watch = asyncio.ensure_future(_past_its_memory(environment))
    await _first_of(environment.initialised, exited, limit, watch)
    limit.cancel()
    watch.cancel()
    if environment.is_past_its_memory():
        environment.note_init()
        environment.process.kill()
        return init_out_of_memory()
    if environment.initialised.done():
        payload = environment.initialised.result()
        return None if payload is None else init_failed(payload)
    environment.note_init()
    return init_exited(exited.result()) if exited.done() else init_timed_out(limit_s)


async def _past_its_time(process: Process, limit_s: float) -> None:
    """Return when a process has had its time, the time apart in which it waited for a CPU."""
    left_s = limit_s
    while left_s > 0:
        await asyncio.sleep(min(LOOK_S, left_s))
        left_s = limit_s - (time.perf_counter() - process.began - process.waited_for_cpu_s())


async def _past_its_memory(environment: Environment) -> None:
    """Return when the environment has used more than its memory."""
    # The kernel sends no event for another process's memory.
    while not environment.is_past_its_memory():  # noqa: ASYNC110
        await asyncio.sleep(MEMORY_LOOK_S)


async def _first_of(*futures: asyncio.Future[Any], limit_s: float | None = None) -> None:
    await asyncio.wait(futures, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
