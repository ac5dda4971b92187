"""The life of a function's environments: who takes a request, and what follows when one fails.

An environment belongs to one invocation until its REPORT line is written. Then it is frozen and
kept for the next one, so two requests never meet in one environment. The local cloud lives by this
with processes, the simulated one with a clock of its own; each says here how it does a step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from serverless_tax.cloud.function.idle_time import drawn_idle_s
from serverless_tax.cloud.function.invocation import Invocation, Living
from serverless_tax.cloud.function.outcome import (
    InitProblem,
    Outcome,
    init_report,
    milliseconds,
    timed_out,
)
from serverless_tax.cloud.function.spec import Call, FunctionSpec, Result

if TYPE_CHECKING:
    from serverless_tax.cloud.function.logbook import Logbook
    from serverless_tax.cloud.function.streamed_answer import StreamedAnswer


E = TypeVar("E", bound=Living)


@dataclass(frozen=True, slots=True)
class _Kept(Generic[E]):
    environment: E
    since_s: float
    until_s: float


class Shelves(Generic[E]):
    """The environments that no request has, by their function's identity.

    After a failure AWS keeps the sandbox and starts the runtime anew in it.
    """

    def __init__(self) -> None:
        self._idle: dict[str, list[_Kept[E]]] = defaultdict(list)
        self._reset: dict[str, list[_Kept[E]]] = defaultdict(list)

    def keep(self, environment: E, now_s: float, idle_s: float, *, failed: bool) -> None:
        """Keep an environment from now on: a failed one until it is taken."""
        shelf = (self._reset if failed else self._idle)[environment.spec.identity]
        shelf.append(_Kept(environment, now_s, float("inf") if failed else now_s + idle_s))

    def take(self, identity: str, now_s: float) -> tuple[E | None, bool]:
        """Take the newest environment that is there now; and whether its runtime has to start."""
        for shelf, failed in ((self._idle[identity], False), (self._reset[identity], True)):
            for kept in reversed(shelf):
                if kept.since_s <= now_s < kept.until_s:
                    shelf.remove(kept)
                    return kept.environment, failed
        return None, False

    def drop(self, environment: E, since_s: float) -> bool:
        """Take an environment away if nobody has taken it since that moment."""
        shelf = self._idle[environment.spec.identity]
        found = [one for one in shelf if one.environment is environment and one.since_s == since_s]
        for kept in found:
            shelf.remove(kept)
        return bool(found)

    def forget(self, function: str) -> list[E]:
        """Take all environments of a function away."""
        gone = []
        for shelf in [*self._reset.values(), *self._idle.values()]:
            for kept in [one for one in shelf if one.environment.spec.name == function]:
                shelf.remove(kept)
                gone.append(kept.environment)
        return gone


class Life(ABC, Generic[E]):
    """Runs functions, keeps their environments and writes their REPORT lines.

    Args:
        logbook: takes each invocation's records.
    """

    def __init__(self, logbook: Logbook) -> None:
        self._shelves: Shelves[E] = Shelves()
        self._generation: dict[str, int] = defaultdict(int)
        self._logbook = logbook

    async def invoke(
        self, spec: FunctionSpec, call: Call, stream: StreamedAnswer | None = None
    ) -> Result:
        """Run one invocation to its end and return it with its log.

        A streamed answer also goes to ``stream``, piece by piece.
        """
        self._logbook.begin(spec, call.request_id)
        generation = self._generation[spec.name]
        invocation = Invocation(call, spec.arn, spec.timeout_s, stream, stream is not None)
        environment, is_reset = self._shelves.take(spec.identity, self.now_s())
        failure, cold = None, environment is None
        if environment is None:
            environment, failure = await self._cold(spec, invocation)
        elif is_reset:
            environment, failure = await self._again(environment, invocation)
        else:
            environment.hand_over(invocation)
        outcome = failure or await self.run(environment, invocation)
        if outcome.payload is not None:
            invocation.payload, invocation.failed = outcome.payload, True
        if stream is not None:
            stream.failed = invocation.failed
        if outcome.status is not None:
            await self.stop(environment)  # its last words belong to this invocation
        report = self._logbook.write(environment, invocation, outcome, cold=cold)
        log = environment.log.take_tail()
        await environment.log.flush()
        if generation != self._generation[spec.name]:
            await self.discard(environment)
        else:
            now_s, idle_s = self.now_s(), drawn_idle_s()
            failed = outcome.status is not None
            self._shelves.keep(environment, now_s, idle_s, failed=failed)
            if not failed:
                self.kept(environment, now_s, idle_s)
        return Result(payload=invocation.payload, failed=invocation.failed, log=log, report=report)

    async def forget(self, function: str) -> None:
        """End the environments of a deleted or changed function; busy ones when they are done."""
        self._generation[function] += 1
        for environment in self._shelves.forget(function):
            await self.discard(environment)

    async def _cold(self, spec: FunctionSpec, invocation: Invocation) -> tuple[E, Outcome | None]:
        """Return a new environment after INIT, and the outcome if both tries failed."""
        environment, problem = await self.first_init(spec, invocation)
        if problem is None:
            return environment, None
        await self.stop(environment)
        environment.log.say(init_report(environment.init_s, "init", problem))
        return await self._again(environment, invocation)

    async def _again(self, failed: E, invocation: Invocation) -> tuple[E, Outcome | None]:
        """Start the runtime anew inside the invocation, after a failed INIT or invocation.

        Its time counts against the function's timeout.
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
        """
        invocation.began = self.now_s()
        environment, problem = await self.new_init(failed, invocation)
        init_s, environment.init_s = environment.init_s, 0.0  # the duration contains it
        if problem is None:
            return environment, None
        await self.stop(environment)
        init_s = min(init_s, invocation.timeout_s)  # it may be noticed late
        environment.log.say(init_report(init_s, "invoke", problem))
        if problem.status == "timeout":
            request_id = invocation.call.request_id
            return environment, timed_out(request_id, invocation.timeout_s)
        invocation.payload, invocation.failed = problem.payload, True
        return environment, Outcome(milliseconds(init_s), problem.status, problem.error_type)

    def kept(self, environment: E, since_s: float, idle_s: float) -> None:
        """Note that an environment is idle from a moment on, and for how long at most."""

    @abstractmethod
    def now_s(self) -> float:
        """This cloud's clock."""

    @abstractmethod
    async def first_init(
        self, spec: FunctionSpec, invocation: Invocation
    ) -> tuple[E, InitProblem | None]:
        """Make an environment and run its INIT, which has a limit of its own."""

    @abstractmethod
    async def new_init(self, failed: E, invocation: Invocation) -> tuple[E, InitProblem | None]:
        """Run INIT again in the sandbox of a failed environment, within the function's timeout."""

    @abstractmethod
    async def run(self, environment: E, invocation: Invocation) -> Outcome:
        """Run the handler to its end, its timeout or its memory's."""

    @abstractmethod
    async def stop(self, environment: E) -> None:
        """End what runs in an environment."""

    @abstractmethod
    async def discard(self, environment: E) -> None:
        """End an environment for good, its /tmp included."""
