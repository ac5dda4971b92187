"""The host gives every invocation an environment of its own and writes its REPORT line.

An environment belongs to one invocation until its REPORT line is written. Then it is frozen and
kept for the next one. So two requests never meet in one environment.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.function.environment import Environment, Invocation, Machine
from serverless_tax.cloud.function.idle_time import drawn_idle_s
from serverless_tax.cloud.function.log_stream import LogStream
from serverless_tax.cloud.function.logbook import Logbook
from serverless_tax.cloud.function.outcome import (
    InitProblem,
    Outcome,
    crashed,
    init_exited,
    init_failed,
    init_report,
    init_timed_out,
    milliseconds,
    out_of_memory,
    timed_out,
)
from serverless_tax.cloud.function.process import Keeper, Process
from serverless_tax.cloud.function.python_home import make_home
from serverless_tax.cloud.function.spec import Call, FunctionSpec, Result
from serverless_tax.cloud.function.streamed_answer import StreamedAnswer
from serverless_tax.ground.lambda_facts import INIT_MS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from serverless_tax.cloud.function.log_stream import Put

INIT_LIMIT_S = INIT_MS / 1000
"""The limit for INIT of an on-demand function; AWS then starts it again inside the invocation.

Time in which INIT was ready to run and had no CPU does not count: on AWS it has one of its own.
"""
LOOK_S = 0.1
MEMORY_LOOK_S = 0.1
"""The time between two looks at a running environment's memory."""


class Host:
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
        self._folder = folder
        self._machine = Machine(
            keeper=Keeper(folder),
            python=make_home(folder / "python"),
            base=base,
            put_logs=put_logs,
            cpu_share=cpu_share,
        )
        self._idle: dict[str, list[Environment]] = defaultdict(list)
        # After a failure AWS keeps the sandbox and starts the runtime anew in it.
        self._reset: dict[str, list[Environment]] = defaultdict(list)
        self._all: dict[int, Environment] = {}
        self._generation: dict[str, int] = defaultdict(int)
        self._number = itertools.count(1)
        self._logbook = Logbook(folder)
        # More at once would share the CPU, and INIT is billed. On AWS each has a CPU of its own.
        self._inits = asyncio.Semaphore(2 * (os.cpu_count() or 1))

    async def invoke(
        self, spec: FunctionSpec, call: Call, stream: StreamedAnswer | None = None
    ) -> Result:
        """Run one invocation to its end and return it with its log.

        A streamed answer also goes to ``stream``, piece by piece.
        """
        self._logbook.begin(spec, call.request_id)
        generation = self._generation[spec.name]
        finished = asyncio.get_running_loop().create_future()
        invocation = Invocation(call, spec.arn, spec.timeout_s, finished, stream)
        shelf, reset = self._idle[spec.identity], self._reset[spec.identity]
        failure, cold = None, False
        if shelf:
            environment = shelf.pop()
            environment.hand_over(invocation)
        elif reset:
            environment, failure = await self._again(reset.pop(), invocation)
        else:
            cold = True
            environment, failure = await self._cold(spec, invocation)
        outcome = failure or await self._run(environment, invocation)
        if outcome.payload is not None:
            invocation.payload, invocation.failed = outcome.payload, True
        if stream is not None:
            stream.failed = invocation.failed
        if outcome.status is not None:
            await self._stop(environment)  # its last words belong to this invocation
        report = self._logbook.write(environment, invocation, outcome, cold=cold)
        log = environment.log.take_tail()
        await environment.log.flush()
        if generation != self._generation[spec.name]:
            await self._discard(environment)
        elif outcome.status is not None:
            self._reset[spec.identity].append(environment)
        else:
            self._shelve(environment)
        return Result(payload=invocation.payload, failed=invocation.failed, log=log, report=report)

    async def forget(self, function: str) -> None:
        """End the environments of a deleted or changed function; busy ones when they are done."""
        self._generation[function] += 1
        shelves = [*self._reset.values(), *self._idle.values()]
        for environments in shelves:
            for environment in [one for one in environments if one.spec.name == function]:
                environments.remove(environment)
                await self._discard(environment)

    async def close(self) -> None:
        """Kill every environment."""
        await asyncio.gather(*(self._stop(one) for one in [*self._all.values()]))
        self._machine.keeper.close()
        self._logbook.close()

    def _shelve(self, environment: Environment) -> None:
        """Keep an environment for the next request, for a while."""
        self._idle[environment.spec.identity].append(environment)
        used = environment.uses = environment.uses + 1

        def retire() -> None:
            shelf = self._idle[environment.spec.identity]
            if environment.uses == used and environment in shelf:
                shelf.remove(environment)
                self._retiring = asyncio.ensure_future(self._discard(environment))

        asyncio.get_running_loop().call_later(drawn_idle_s(), retire)

    async def _launch(self, environment: Environment) -> Environment:
        self._all[id(environment)] = environment
        await environment.start()
        return environment

    async def _stop(self, environment: Environment) -> None:
        if self._all.pop(id(environment), None) is not None:
            await environment.close()

    async def _discard(self, environment: Environment) -> None:
        """End an environment for good, its /tmp included."""
        await self._stop(environment)
        await asyncio.to_thread(shutil.rmtree, environment.folder, ignore_errors=True)

    async def _cold(
        self, spec: FunctionSpec, invocation: Invocation
    ) -> tuple[Environment, Outcome | None]:
        """Return a new environment after INIT, and the outcome if both tries failed."""
        async with self._inits:
            folder = self._folder / f"environment-{next(self._number)}"
            log = LogStream(spec, self._machine.put_logs)
            environment = Environment(spec, folder, self._machine, log)
            environment.say_init_start()
            await self._launch(environment)
            environment.hand_over(invocation)
            problem = await _initialise(environment, INIT_LIMIT_S)
        if problem is None:
            return environment, None
        await self._stop(environment)
        log.say(init_report(environment.init_s, "init", problem))
        return await self._again(environment, invocation)

    async def _again(
        self, failed: Environment, invocation: Invocation
    ) -> tuple[Environment, Outcome | None]:
        """Start the runtime anew inside the invocation, after a failed INIT or invocation.

        Its time counts against the function's timeout.
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
        """
        invocation.began = time.perf_counter()
        environment = await self._launch(failed.successor())
        environment.hand_over(invocation)
        problem = await _initialise(environment, invocation.timeout_s)
        init_s, environment.init_s = environment.init_s, 0.0  # the duration contains it
        if problem is None:
            return environment, None
        await self._stop(environment)
        environment.log.say(init_report(init_s, "invoke", problem))
        if problem.status == "timeout":
            return environment, timed_out(invocation.call.request_id, invocation.timeout_s)
        invocation.payload, invocation.failed = problem.payload, True
        return environment, Outcome(milliseconds(init_s), problem.status, problem.error_type)

    async def _run(self, environment: Environment, invocation: Invocation) -> Outcome:
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
    await _first_of(environment.initialised, exited, limit)
    limit.cancel()
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
