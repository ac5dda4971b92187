"""The simulated cloud's environments, which live as those of the local cloud do."""

from __future__ import annotations

import dis
from dataclasses import replace
from typing import TYPE_CHECKING

from serverless_tax.cloud.function.cpu_quota import Quota
from serverless_tax.cloud.function.invocation import Invocation
from serverless_tax.cloud.function.life import Life
from serverless_tax.cloud.function.log_stream import LogStream, Put
from serverless_tax.cloud.function.outcome import (
    MAX_RESPONSE_BYTES,
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
    too_large,
    too_much,
)
from serverless_tax.cloud.function.platform_lines import init_start, start
from serverless_tax.cloud.function.spec import USUAL_VARIABLES
from serverless_tax.cloud.function.streamed_answer import StreamedAnswer, held_back_s
from serverless_tax.cloud.simulated.machine import Running, SimulatedMachine, TimeIsUpError
from serverless_tax.cloud.simulated.refusals import NotSimulatedError
from serverless_tax.cloud.simulated.runtime import LambdaContext, Runtime
from serverless_tax.cloud.simulated.stated import held_mb, stated
from serverless_tax.ground.lambda_facts import INIT_MS, STREAM_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from serverless_tax.cloud.function.logbook import Logbook
    from serverless_tax.cloud.function.spec import FunctionSpec

#: The wrapper script of the labs, which starts a runtime that streams.
_STREAMS = "AWS_LAMBDA_EXEC_WRAPPER"
_STATUS_1 = "exit status 1"


#: The simulated time between two looks at a handler's memory.
LOOK_S = 0.5


class Pieces(StreamedAnswer):
    """A streamed answer, whole, with the moment of each piece.

    Attributes:
        moments: each piece with the moment at which it left.
    """

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[tuple[float, bytes]] = []
        self.sent = 0


class OutOfMemoryError(BaseException):
    """The function's variables hold more than its memory."""


class SimulatedEnvironment:
    """One environment: a runtime, its log, and what was noted of it."""

    def __init__(
        self,
        spec: FunctionSpec,
        machine: SimulatedMachine,
        log: LogStream,
        variables: dict[str, str],
        stand_ins: dict[str, ModuleType],
    ) -> None:
        self.spec, self.log = spec, log
        self._machine, self._given = machine, (variables, stand_ins)
        self.runtime = Runtime(spec, variables, log.take, stand_ins)
        self.init_s = self.init_cpu_s = self.frozen_s = 0.0
        self.peak_mb = 0.0
        self.base_mb = stated(()).memory_mb
        self.froze_s: float | None = None
        self.looks_s = 0.0

    def successor(self) -> SimulatedEnvironment:
        """The same sandbox and log stream, for the runtime started anew."""
        return SimulatedEnvironment(self.spec, self._machine, self.log, *self._given)

    def say_init_start(self) -> None:
        """Begin the log."""
        self.log.say(init_start(self.spec), in_tail=False)

    def say_start(self, invocation: Invocation) -> None:
        """Log the start of an invocation, once."""
        if not invocation.said_start:
            invocation.said_start = True
            self.log.say(start(self.spec, invocation.call.request_id))

    def say_rest(self) -> None:
        """Nothing is left: it is taken as it is written."""

    def hand_over(self, invocation: Invocation) -> None:
        """Note how long it was frozen."""
        del invocation
        if self.froze_s is not None:
            self.frozen_s = self._machine.clock.now_s - self.froze_s

    def look(self) -> None:
        """Look at what its variables hold.

        Raises:
            OutOfMemoryError: if that is more than its memory.
        """
        if self._machine.clock.now_s < self.looks_s:
            return
        self.looks_s = self._machine.clock.now_s + LOOK_S
        held = held_mb(self.runtime.folder, self.runtime.modules.values())
        self.peak_mb = max(self.peak_mb, self.base_mb + held)
        if self.peak_mb > self.spec.memory_mb:
            raise OutOfMemoryError

    def note_peak_memory(self) -> int:
        """The largest memory in use so far, MB: what was recorded, and what its variables hold."""
        return min(max(int(self.peak_mb + 0.999), self.base_mb), self.spec.memory_mb)


class SimulatedHost(Life[SimulatedEnvironment]):
    """Runs functions in this process, and keeps their environments.

    Args:
        machine: the clock.
        logbook: takes the records.
        put_logs: takes the log lines.
        stand_ins: makes the modules that an environment finds in the place of others.
        cpu_share: whether CPU follows memory, as on AWS.
    """

    def __init__(
        self,
        machine: SimulatedMachine,
        logbook: Logbook,
        put_logs: Put,
        stand_ins: Callable[[FunctionSpec], dict[str, ModuleType]],
        *,
        cpu_share: bool,
    ) -> None:
        super().__init__(logbook)
        self._machine, self._put_logs, self._stand_ins = machine, put_logs, stand_ins
        self._cpu_share = cpu_share

    def now_s(self) -> float:
        """The simulated clock."""
        return self._machine.clock.now_s

    async def first_init(
        self, spec: FunctionSpec, invocation: Invocation
    ) -> tuple[SimulatedEnvironment, InitProblem | None]:
        """Import the handler, after what an interpreter takes to start."""
        log = LogStream(spec, self._put_logs)
        variables = {
            **USUAL_VARIABLES,
            "AWS_ACCESS_KEY_ID": "simulated",
            "AWS_SECRET_ACCESS_KEY": "simulated",
            "AWS_SESSION_TOKEN": "simulated",
            **spec.variables,
            **spec.reserved(spec.code, log.name),
        }
        environment = SimulatedEnvironment(
            spec, self._machine, log, variables, self._stand_ins(spec)
        )
        environment.say_init_start()
        problem = self._initialise(environment, INIT_MS / 1000)
        if problem is None:
            environment.say_start(invocation)
        return environment, problem

    async def new_init(
        self, failed: SimulatedEnvironment, invocation: Invocation
    ) -> tuple[SimulatedEnvironment, InitProblem | None]:
        """Import the handler again."""
        environment = failed.successor()
        problem = self._initialise(environment, invocation.timeout_s)
        invocation.started = invocation.began or self.now_s()
        return environment, problem

    def _initialise(self, environment: SimulatedEnvironment, limit_s: float) -> InitProblem | None:
        began_s = self.now_s()
        # Not held to its share: there AWS gives a function more, as many measurements show.
        one = Running(began_s + limit_s, None, environment.look)
        problem: InitProblem | None = None
        packages = stated(environment.runtime.packages())
        environment.base_mb = packages.memory_mb
        one.cpu_s += packages.init_s
        self._machine.clock.now_s += packages.init_s
        try:
            with environment.runtime.active(), self._machine.running(one):
                environment.runtime.load()
            environment.looks_s = 0.0
            environment.look()
        except TimeIsUpError:
            problem = init_timed_out(limit_s)
        except OutOfMemoryError:
            problem = init_out_of_memory()
        except NotSimulatedError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the module's own code raises
            problem = init_failed(environment.runtime.describe(error))
        except BaseException as left:  # noqa: BLE001 - what the client does not catch either
            problem = init_exited(_reason(left))
            environment.runtime.note_exit(left)
        environment.init_s = self.now_s() - began_s
        environment.init_cpu_s = one.cpu_s
        return problem

    async def run(self, environment: SimulatedEnvironment, invocation: Invocation) -> Outcome:
        """Run the handler to its end, its timeout or its memory's."""
        spec, call, clock = environment.spec, invocation.call, self._machine.clock
        environment.say_start(invocation)
        invocation.started = invocation.started or clock.now_s
        limit_s = invocation.started + invocation.timeout_s
        quota = Quota(spec.memory_mb, clock.now_s, 0.0) if self._cpu_share else None
        if quota is not None and quota.is_whole:
            quota = None
        one = Running(limit_s, quota, environment.look)
        environment.looks_s = 0.0
        stream = invocation.stream if isinstance(invocation.stream, Pieces) else Pieces()

        def on_piece(piece: bytes) -> None:
            with self._machine.called():
                stream.moments.append((clock.now_s, piece))
                waits_s = held_back_s(stream.sent, len(piece))
                stream.sent += len(piece)
                self._machine.world.pass_until(clock.now_s + waits_s)

        outcome: Outcome | None = None
        try:
            with environment.runtime.active(), self._machine.running(one):
                context = LambdaContext(spec, call.request_id, limit_s, self._machine.now_s)
                invocation.payload = environment.runtime.call(
                    call.event, context, on_piece if _STREAMS in spec.variables else None
                )
                self._machine.expect_no_thread()
                environment.looks_s = 0.0
                with self._machine.called():  # to look is not the handler's work
                    pass
            if stream.moments:
                invocation.payload = b"".join(piece for _, piece in stream.moments)
            outcome = self._refusal(environment, invocation)
        except TimeIsUpError:
            outcome = timed_out(call.request_id, invocation.timeout_s)
        except OutOfMemoryError:
            outcome = out_of_memory(call.request_id, clock.now_s - invocation.started)
        except NotSimulatedError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the handler raises
            invocation.payload, invocation.failed = environment.runtime.describe(error), True
        except BaseException as left:  # noqa: BLE001 - what the client does not catch either
            reason, spent_s = _reason(left), clock.now_s - invocation.started
            outcome = crashed(call.request_id, spent_s, reason)
            environment.runtime.note_exit(left)
        invocation.ended, invocation.cpu_after_s = clock.now_s, one.cpu_s
        environment.froze_s = clock.now_s
        return outcome or Outcome(milliseconds(invocation.duration_s))

    def _refusal(self, environment: SimulatedEnvironment, invocation: Invocation) -> Outcome | None:
        """Refuse an answer that is too large; return the end of a client that does not catch it."""
        most_bytes = MAX_RESPONSE_BYTES if invocation.stream is None else STREAM_BYTES
        if len(invocation.payload) <= most_bytes:
            return None
        invocation.payload, invocation.failed = too_large(most_bytes), True
        if _STREAMS in environment.spec.variables:
            return None
        environment.runtime.note_refused(too_much(most_bytes))
        spent_s = self._machine.clock.now_s - invocation.started
        return replace(crashed(invocation.call.request_id, spent_s, _STATUS_1), payload=None)

    async def stop(self, environment: SimulatedEnvironment) -> None:
        """End it: its modules go."""
        environment.runtime.modules.clear()

    async def discard(self, environment: SimulatedEnvironment) -> None:
        """End it for good."""
        await self.stop(environment)


def _reason(left: BaseException) -> str:
    """How a process ends that its own code has ended.

    Raises:
        KeyboardInterrupt: if its code did not raise it: it is the notebook's.
    """
    if not isinstance(left, (SystemExit, KeyboardInterrupt)):
        return _STATUS_1
    if isinstance(left, SystemExit):
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
        return f"exit status {code}" if code else ""
    trace = left.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is not None:
        at = trace.tb_frame.f_code.co_code[trace.tb_lasti]
        if dis.opname[at] != "RAISE_VARARGS":
            raise left
    return "signal: interrupt"
