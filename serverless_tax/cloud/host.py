"""The host: gives every invocation an environment of its own, reuses frozen ones, writes the bill.

An environment belongs to one invocation from the moment it is taken or made until its REPORT line
is written; only then does it go back to the shelf. So two requests never meet in one environment,
however many start at once.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.environment import Environment, Invocation
from serverless_tax.cloud.spec import FunctionSpec, Result
from serverless_tax.cloud.stream import Stream
from serverless_tax.report import Report, billed_ms, format_report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

INIT_LIMIT_S = 10
"""INIT of an on-demand function; AWS then starts it again inside the invocation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What AWS does not show of an invocation, read from outside the process.

    Attributes:
        request_id: as in the REPORT line.
        function: name of the function.
        cpu_ms: CPU time of the environment's process during the invocation.
        init_cpu_ms: CPU time of INIT; 0 for a warm start.
        frozen_ms: how long the environment had been stopped before; 0 for a cold start.
        peak_memory_mb: largest resident memory of the process so far.
    """

    request_id: str
    function: str
    cpu_ms: float
    init_cpu_ms: float
    frozen_ms: float
    peak_memory_mb: int


@dataclass(slots=True)
class _Outcome:
    """How a run ended, before it is written down."""

    duration_ms: Decimal
    status: str | None = None
    error_type: str | None = None
    last_words: str = ""


class Host:
    """Runs functions and keeps their environments."""

    def __init__(self, folder: Path, base: Mapping[str, str]) -> None:
        self._folder = folder
        self._base = base
        self._idle: dict[str, list[Environment]] = defaultdict(list)
        self._all: dict[int, Environment] = {}
        self._generation: dict[str, int] = defaultdict(int)
        self._number = itertools.count(1)
        self._readings = (folder / "readings.jsonl").open("a", buffering=1)

    async def invoke(
        self, spec: FunctionSpec, event: bytes, request_id: str, stream: Stream | None = None
    ) -> Result:
        """Run one invocation to its end and return it with its log.

        A streamed answer goes to ``stream`` as it comes, if somebody listens there.
        """
        generation = self._generation[spec.name]
        finished = asyncio.get_running_loop().create_future()
        invocation = Invocation(request_id, event, spec.arn, spec.timeout_s, finished, stream)
        shelf = self._idle[spec.identity]
        environment = shelf.pop() if shelf else None
        before = ""
        cold = environment is None
        if environment is None:
            environment, before, failure = await self._cold(spec, invocation)
        else:
            environment.hand_over(invocation)
            failure = None
        outcome = failure or await self._run(environment, invocation)
        if stream is not None:
            stream.failed = invocation.failed
        result = self._write_down(environment, invocation, outcome, before, cold=cold)
        if outcome.status is not None or generation != self._generation[spec.name]:
            await self._discard(environment)
        else:
            shelf.append(environment)
        return result

    async def forget(self, function: str) -> None:
        """Drop the environments of a deleted or changed function; busy ones when they are done."""
        self._generation[function] += 1
        for environments in self._idle.values():
            for environment in [one for one in environments if one.spec.name == function]:
                environments.remove(environment)
                await self._discard(environment)

    async def close(self) -> None:
        """Kill every environment."""
        await asyncio.gather(*(self._discard(one) for one in [*self._all.values()]))
        self._readings.close()

    async def _launch(self, spec: FunctionSpec) -> Environment:
        folder = self._folder / f"environment-{next(self._number)}"
        environment = Environment(spec, folder, self._base)
        self._all[id(environment)] = environment
        await environment.start()
        return environment

    async def _discard(self, environment: Environment) -> None:
        if self._all.pop(id(environment), None) is not None:
            await environment.close()

    async def _cold(
        self, spec: FunctionSpec, invocation: Invocation
    ) -> tuple[Environment, str, _Outcome | None]:
        """A new environment past its INIT, with what INIT logged; or how both tries failed."""
        environment = await self._launch(spec)
        environment.hand_over(invocation)
        problem = await _initialise(environment, INIT_LIMIT_S)
        if problem is None:
            return environment, environment.init_output, None
        log = environment.process.take_output() + _init_report(environment, "init", problem)
        await self._discard(environment)
        # AWS tries INIT once more, now inside the invocation and on its clock.
        environment = await self._launch(spec)
        environment.hand_over(invocation)
        problem = await _initialise(environment, spec.timeout_s)
        log += environment.process.take_output()
        if problem is None:
            invocation.started -= environment.init_s
            environment.init_s = 0.0
            return environment, log, None
        log += _init_report(environment, "invoke", problem)
        invocation.payload, invocation.failed = problem.payload, True
        duration_ms = _milliseconds(environment.init_s)
        environment.init_s = 0.0  # it is in the duration now
        return environment, log, _Outcome(duration_ms, problem.status, problem.error_type)

    async def _run(self, environment: Environment, invocation: Invocation) -> _Outcome:
        exited = environment.process.exited
        await _first_of(invocation.finished, exited, limit_s=invocation.timeout_s)
        if invocation.finished.done():
            return _Outcome(_milliseconds(invocation.duration_s))
        invocation.failed = True
        invocation.cpu_after_s = environment.process.cpu_s()
        if not exited.done():
            environment.process.kill()
            return _timed_out(invocation)
        invocation.ended = time.perf_counter()
        return _crashed(invocation, exited.result())

    def _write_down(
        self,
        environment: Environment,
        invocation: Invocation,
        outcome: _Outcome,
        before: str,
        *,
        cold: bool,
    ) -> Result:
        request_id, spec = invocation.request_id, environment.spec
        peak_mb = environment.process.peak_memory_mb() or environment.peak_memory_mb
        environment.peak_memory_mb = peak_mb
        init_ms = _milliseconds(environment.init_s) if cold and environment.init_s else None
        report = Report(
            request_id=request_id,
            duration_ms=outcome.duration_ms,
            billed_ms=billed_ms(outcome.duration_ms, init_ms),
            memory_mb=spec.memory_mb,
            max_memory_used_mb=peak_mb,
            init_ms=init_ms,
            status=outcome.status,
            error_type=outcome.error_type if outcome.status == "error" else None,
        )
        reading = Reading(
            request_id=request_id,
            function=spec.name,
            cpu_ms=1000 * (invocation.cpu_after_s - invocation.cpu_before_s),
            init_cpu_ms=1000 * environment.init_cpu_s if cold else 0.0,
            frozen_ms=0.0 if cold else 1000 * environment.frozen_s,
            peak_memory_mb=peak_mb,
        )
        self._readings.write(json.dumps(asdict(reading)) + "\n")
        log = (
            f"{_whole_lines(before)}START RequestId: {request_id} Version: {spec.version}\n"
            f"{_whole_lines(environment.process.take_output())}{_whole_lines(outcome.last_words)}"
            f"END RequestId: {request_id}\n{format_report(report)}\n"
        )
        return Result(
            payload=invocation.payload,
            failed=invocation.failed,
            log=log,
            log_stream=environment.log_stream,
        )


@dataclass(frozen=True, slots=True)
class _InitProblem:
    status: str
    error_type: str
    payload: bytes


async def _initialise(environment: Environment, limit_s: float) -> _InitProblem | None:
    exited = environment.process.exited
    await _first_of(environment.initialised, exited, limit_s=limit_s)
    if environment.initialised.done():
        payload = environment.initialised.result()
        if payload is None:
            return None
        return _InitProblem("error", _error_type(payload), payload)
    environment.note_init()
    if exited.done():
        return _InitProblem("error", "Runtime.ExitError", _exit_payload("", exited.result()))
    return _InitProblem("timeout", "Sandbox.Timedout", _timeout_payload("", limit_s))


async def _first_of(*futures: asyncio.Future[Any], limit_s: float) -> None:
    await asyncio.wait(futures, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)


def _init_report(environment: Environment, phase: str, problem: _InitProblem) -> str:
    line = f"INIT_REPORT Init Duration: {_milliseconds(environment.init_s)} ms\tPhase: {phase}\t"
    error = f"\tError Type: {problem.error_type}" if problem.status == "error" else ""
    return f"{line}Status: {problem.status}{error}\n"


def _timed_out(invocation: Invocation) -> _Outcome:
    # The line says exactly the timeout, whatever the clock said; INIT is billed on top.
    duration_ms = _milliseconds(invocation.timeout_s)
    invocation.payload = _timeout_payload(invocation.request_id, invocation.timeout_s)
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    words = f"{now} {invocation.request_id} Task timed out after {invocation.timeout_s:.2f} seconds"
    return _Outcome(duration_ms, "timeout", "Sandbox.Timedout", words)


def _crashed(invocation: Invocation, reason: str) -> _Outcome:
    invocation.payload = _exit_payload(invocation.request_id, reason)
    words = json.loads(invocation.payload)["errorMessage"] + "\nRuntime.ExitError"
    duration_ms = _milliseconds(invocation.duration_s)
    return _Outcome(duration_ms, "error", "Runtime.ExitError", words)


def _exit_payload(request_id: str, reason: str) -> bytes:
    how = f"with error: {reason}" if reason else "without providing a reason"
    message = f"RequestId: {request_id} Error: Runtime exited {how}"
    return json.dumps({"errorType": "Runtime.ExitError", "errorMessage": message}).encode()


def _timeout_payload(request_id: str, limit_s: float) -> bytes:
    message = f"RequestId: {request_id} Error: Task timed out after {limit_s:.2f} seconds"
    return json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": message}).encode()


def _error_type(payload: bytes) -> str:
    try:
        return str(json.loads(payload)["errorType"])
    except (ValueError, KeyError, TypeError):
        return "Runtime.Unknown"


def _milliseconds(seconds: float) -> Decimal:
    """Milliseconds as the line prints them, rounded up: what it prints gives what it bills."""
    return Decimal(seconds * 1000).quantize(Decimal("0.01"), rounding=ROUND_CEILING)


def _whole_lines(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
