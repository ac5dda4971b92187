"""Durable executions: invoked, suspended, woken, and ended.

Everything here happens on one event loop. A function is invoked in a thread of its own, by whoever
made the engine.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serverless_tax.cloud.durable import checkpoint
from serverless_tax.cloud.durable.execution import (
    FAILED,
    PENDING,
    READY,
    STARTED,
    STOPPED,
    SUCCEEDED,
    TIMED_OUT,
    Execution,
    Json,
    error_object,
    payload,
)

#: A failed invocation is tried again after these pauses; AWS does so for some minutes.
RETRY_PAUSES_S = (1, 2, 4, 8)
THROTTLED_PAUSE_S = 1
_MOST_EMPTY_PENDING = 3
_INVALID = "InvalidParameterValueException"
#: As the testing library of AWS has them.
_CALLBACK_TIMEOUT = error_object("Callback.Timeout", "Callback timed out")
_HEARTBEAT_TIMEOUT = error_object("Callback.Heartbeat", "Callback heartbeat timed out")


class DurableError(Exception):
    """A request about a durable execution that AWS refuses, with AWS's code."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How one invocation of a function ended.

    Attributes:
        body: what the function answered, or its error.
        failed: whether the body is an error.
        throttled: whether it was refused for want of concurrency.
        request_id: of its log lines.
        log: the tail of its log.
    """

    body: Any
    failed: bool = False
    throttled: bool = False
    request_id: str = ""
    log: str = ""


#: Invokes a version of a function in an execution with an event.
Invoke = Callable[[Execution, Json], Awaitable[Ran]]
#: Invokes another function of an execution by its name: starts a durable one, whose execution it
#: returns, or runs any other to its end.
Chain = Callable[[Execution, str, str, Callable[[Execution], None]], Awaitable[Ran | Execution]]


class Engine:
    """All durable executions of a cloud.

    Args:
        invoke: invokes the function of an execution.
        chain: invokes another function.
    """

    def __init__(self, invoke: Invoke, chain: Chain) -> None:
        self._invoke = invoke
        self._chain = chain
        self._executions: dict[str, Execution] = {}
        self._callbacks: dict[str, tuple[Execution, str]] = {}
        self._heartbeats: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def every(self) -> list[Execution]:
        """All executions, in the order of their start."""
        return [*self._executions.values()]

    def find(self, arn: str) -> Execution:
        """Return an execution by its ARN.

        Raises:
            DurableError: if there is none.
        """
        if arn not in self._executions:
            code = "ResourceNotFoundException"
            raise DurableError(code, "Durable Execution does not exist", 404)
        return self._executions[arn]

    def start(self, execution: Execution) -> Execution:
        """Start an execution, or return the one of the same name that was started alike.

        Raises:
            DurableError: if the name was used with another payload or version.
        """
        for one in self._executions.values():
            if (one.function_arn, one.name) == (execution.function_arn, execution.name):
                if (one.version, one.payload) != (execution.version, execution.payload):
                    code = "DurableExecutionAlreadyStartedException"
                    raise DurableError(code, f"Execution already started: {one.arn}", 409)
                return one
        self._executions[execution.arn] = execution

        def time_out() -> None:
            text = f"Execution timed out after {execution.timeout_s} seconds."
            execution.end(TIMED_OUT, error={"ErrorMessage": text})

        self._later(execution, execution.arn, execution.timeout_s, time_out)
        self._wake(execution)
        return execution

    def stop(self, execution: Execution, error: Json | None) -> float:
        """Stop an execution; one that has ended keeps its end. Return when that was."""
        execution.end(STOPPED, error=error or {"ErrorMessage": "Execution stopped by user request"})
        return execution.ended or time.time()

    # --- what a function tells ---

    def checkpoint(
        self, execution: Execution, token: str, client_token: str, updates: Sequence[Json]
    ) -> Json:
        """Enter what a function has done; return its next token and what has changed.

        Raises:
            DurableError: for another invocation's token, and for what does not fit.
        """
        before = execution.last_checkpoint
        if before is not None and client_token and before[:2] == (client_token, token):
            return before[2]
        self.check_token(execution, token)
        try:
            checkpoint.check(execution, updates)
        except checkpoint.InvalidCheckpointError as refused:
            raise DurableError(_INVALID, str(refused)) from None
        for update in updates:
            if update["Type"] == "EXECUTION":
                status = SUCCEEDED if update["Action"] == "SUCCEED" else FAILED
                error = update.get("Error") if status == FAILED else None
                execution.end(status, result=update.get("Payload"), error=error)
                return {"NewExecutionState": {"Operations": execution.news()}}
            self._arrange(execution, checkpoint.enter(execution, update), update)
        answer: Json = {"CheckpointToken": execution.new_token()}
        answer["NewExecutionState"] = {"Operations": execution.news()}
        execution.last_checkpoint = (client_token, token, answer)
        return answer

    def check_token(self, execution: Execution, token: str) -> None:
        """Refuse a token that is not the running invocation's last one.

        Raises:
            DurableError: in AWS's words.
        """
        if not execution.is_invoking or execution.is_over or token != execution.token:
            raise DurableError(_INVALID, "Invalid checkpoint token")

    def _arrange(self, execution: Execution, operation: Json, update: Mapping[str, Any]) -> None:
        """Arrange what will happen to an operation by itself."""
        kind, action, name = operation["Type"], update["Action"], operation["Id"]
        if kind == "STEP" and action == "RETRY":
            delay_s = operation["StepDetails"]["NextAttemptTimestamp"] - time.time()
            self._later(execution, name, delay_s, lambda: self._is_due(execution, operation))
        elif kind == "WAIT" and action == "START":
            delay_s = operation["WaitDetails"]["ScheduledEndTimestamp"] - time.time()
            self._later(execution, name, delay_s, lambda: self._is_due(execution, operation))
        elif kind == "CALLBACK" and action == "START":
            self._expect(execution, operation, update.get("CallbackOptions") or {})
        elif kind == "CHAINED_INVOKE" and action == "START":
            self._run(self._chained(execution, operation, update))

    def _is_due(self, execution: Execution, operation: Json) -> None:
        if operation["Status"] == PENDING:
            operation["Status"] = READY
            execution.timers.pop(operation["Id"], None)
            execution.touch(operation)
        elif operation["Status"] == STARTED:
            execution.finish(operation, SUCCEEDED)
            details = operation["WaitDetails"]
            wait_s = round(details["ScheduledEndTimestamp"] - operation["StartTimestamp"])
            execution.note("WaitSucceeded", {"Duration": wait_s}, operation)
        self._wake(execution)

    # --- callbacks ---

    def _expect(self, execution: Execution, operation: Json, options: Mapping[str, Any]) -> None:
        callback_id, name = operation["CallbackDetails"]["CallbackId"], operation["Id"]
        self._callbacks[callback_id] = (execution, name)
        if options.get("TimeoutSeconds"):
            self._later(
                execution,
                name,
                options["TimeoutSeconds"],
                lambda: self._end_callback(execution, operation, TIMED_OUT, _CALLBACK_TIMEOUT),
            )
        if options.get("HeartbeatTimeoutSeconds"):
            self._heartbeats[callback_id] = float(options["HeartbeatTimeoutSeconds"])
            self._await_heartbeat(execution, operation)

    def _await_heartbeat(self, execution: Execution, operation: Json) -> None:
        beat = f"{operation['Id']} heartbeat"
        if beat in execution.timers:
            execution.timers.pop(beat).cancel()
        self._later(
            execution,
            beat,
            self._heartbeats[operation["CallbackDetails"]["CallbackId"]],
            lambda: self._end_callback(execution, operation, TIMED_OUT, _HEARTBEAT_TIMEOUT),
        )

    def _end_callback(
        self, execution: Execution, operation: Json, status: str, error: Json | None, said: str = ""
    ) -> None:
        if operation["Status"] != STARTED or execution.is_over:
            return
        beat = execution.timers.pop(f"{operation['Id']} heartbeat", None)
        if beat is not None:
            beat.cancel()
        result = said if error is None else None
        execution.finish(operation, status, Result=result, Error=error)
        execution.use(written=said if error is None else json.dumps(error))
        kind = {TIMED_OUT: "TimedOut"}.get(status, status.title())
        told = {"Result": payload(said)} if error is None else {"Error": payload(error)}
        execution.note(f"Callback{kind}", told, operation)
        self._wake(execution)

    def _open_callback(self, callback_id: str) -> tuple[Execution, Json]:
        if callback_id not in self._callbacks:
            raise DurableError(_INVALID, "Invalid callback id")
        execution, name = self._callbacks[callback_id]
        operation = execution.operations[name]
        if operation["Status"] != STARTED or execution.is_over:
            text = "The callback is either timed out or already completed"
            raise DurableError("CallbackTimeoutException", text)
        return execution, operation

    def succeed(self, callback_id: str, said: str) -> None:
        """Give a callback its result, and wake who waits for it.

        Raises:
            DurableError: if the callback is unknown or over; so do the two below.
        """
        self._end_callback(*self._open_callback(callback_id), SUCCEEDED, None, said)

    def fail(self, callback_id: str, error: Json) -> None:
        """Let a callback fail, and wake who waits for it."""
        self._end_callback(*self._open_callback(callback_id), FAILED, error)

    def heartbeat(self, callback_id: str) -> None:
        """Say that the work goes on; the timeout between two of these begins anew."""
        execution, operation = self._open_callback(callback_id)
        if callback_id in self._heartbeats:
            self._await_heartbeat(execution, operation)

    # --- other functions ---

    async def _chained(
        self, execution: Execution, operation: Json, update: Mapping[str, Any]
    ) -> None:
        options = update["ChainedInvokeOptions"]
        said = update.get("Payload") or "{}"

        def ended(child: Execution) -> None:
            error: Json | None = child.error
            if child.status == TIMED_OUT:
                text = f"CHAINED_INVOKE timed out after {child.timeout_s} seconds."
                error = error_object("ChainedInvoke.Timeout", text)
            self._end_chained(execution, operation, child.status, child.result, error)

        try:
            if options.get("TenantId"):
                text = "This local cloud has no tenants (TenantId). AWS would accept this request."
                raise DurableError(_INVALID, text)  # noqa: TRY301 - told like the others
            ran = await self._chain(execution, str(options["FunctionName"]), said, ended)
        except DurableError as refused:
            why = error_object(refused.code, str(refused))
            self._end_chained(execution, operation, FAILED, None, why)
            return
        if isinstance(ran, Ran):
            error = _error_of(ran.body) if ran.failed else None
            text = ran.body if isinstance(ran.body, str) else json.dumps(ran.body)
            if error is None and len(text.encode()) > checkpoint.MOST_CHAINED_BYTES:
                most = checkpoint.MOST_CHAINED_BYTES
                error = {"ErrorMessage": checkpoint.too_large("CHAINED_INVOKE output", most)}
            status = SUCCEEDED if error is None else FAILED
            self._end_chained(execution, operation, status, text if error is None else None, error)

    def _end_chained(
        self, execution: Execution, operation: Json, status: str, said: str | None, error: Any
    ) -> None:
        if operation["Status"] != STARTED or execution.is_over:
            return
        execution.finish(operation, status, Result=said, Error=error)
        execution.use(written=said if error is None else json.dumps(error))
        kind = {TIMED_OUT: "TimedOut"}.get(status, status.title())
        told = {"Result": payload(said)} if status == SUCCEEDED else {"Error": payload(error)}
        execution.note(f"ChainedInvoke{kind}", told, operation)
        self._wake(execution)

    # --- invocations ---

    def _wake(self, execution: Execution) -> None:
        """Invoke the function, unless it is running: then it is looked at when that has ended."""
        if not execution.is_over and not execution.is_invoking:
            execution.is_invoking = True
            execution.logged.clear()
            self._run(self._invocation(execution))

    async def _invocation(self, execution: Execution) -> None:
        event, began = execution.invocation_event(), time.time()
        ran = await self._invoke(execution, event)
        execution.is_invoking, execution.token, execution.log = False, "", ran.log
        execution.logged.set()
        if not ran.throttled:
            told: Json = {"StartTimestamp": began, "EndTimestamp": time.time()}
            told["RequestId"] = ran.request_id
            if ran.failed:
                told["Error"] = payload(_error_of(ran.body))
            execution.note("InvocationCompleted", told)
        if execution.is_over:
            return
        if ran.throttled:
            self._again(execution, THROTTLED_PAUSE_S)
        elif ran.failed:
            self._failed(execution, _error_of(ran.body))
        else:
            self._answered(execution, ran.body)

    def _failed(self, execution: Execution, error: Json) -> None:
        if execution.failures < len(RETRY_PAUSES_S):
            execution.failures += 1
            self._again(execution, RETRY_PAUSES_S[execution.failures - 1])
        else:
            execution.end(FAILED, error=error)

    def _answered(self, execution: Execution, body: Any) -> None:
        try:
            answer = json.loads(body) if isinstance(body, str) else body
        except ValueError:
            answer = None
        status = answer.get("Status") if isinstance(answer, dict) else None
        if status == "SUCCEEDED":
            self._succeeded(execution, answer.get("Result"))
        elif status == "FAILED":
            execution.end(FAILED, error=answer.get("Error") or {})
        elif status != "PENDING":
            text = "Invalid Status in invocation output."
            execution.end(FAILED, error=error_object(_INVALID, text))
        elif execution.has_news():
            execution.failures = 0
            self._wake(execution)
        elif execution.waits():
            execution.failures = 0
        elif execution.failures + 1 < _MOST_EMPTY_PENDING:
            execution.failures += 1
            self._again(execution, RETRY_PAUSES_S[0])
        else:
            text = "Cannot return PENDING status with no pending operations."
            execution.end(FAILED, error=error_object(_INVALID, text))

    def _succeeded(self, execution: Execution, result: str | None) -> None:
        try:
            checkpoint.check_result(execution, result)
        except checkpoint.InvalidCheckpointError as refused:
            execution.end(FAILED, error=error_object(_INVALID, str(refused)))
        else:
            execution.end(SUCCEEDED, result=result)

    def _again(self, execution: Execution, pause_s: float) -> None:
        self._later(execution, "next try", pause_s, lambda: self._wake(execution))

    def _later(
        self, execution: Execution, name: str, delay_s: float, then: Callable[[], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        execution.timers[name] = loop.call_later(max(0.0, delay_s), then)

    def _run(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _error_of(body: Any) -> Json:
    """A function's error as the API has it."""
    try:
        said = json.loads(body) if isinstance(body, str) else body
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return {"ErrorMessage": str(body)}
    error = {
        "ErrorType": said.get("errorType"),
        "ErrorMessage": said.get("errorMessage"),
        "StackTrace": said.get("stackTrace"),
    }
    return {name: value for name, value in error.items() if value}
