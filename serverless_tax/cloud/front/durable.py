"""Durable functions: every way to invoke one starts an execution, and waits for its end.

An execution that is suspended holds no environment and no concurrency. What the engine invokes goes
the way of every other invocation: it has a REPORT line, and is billed by it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from serverless_tax.cloud.durable.api import check_name, error_reply
from serverless_tax.cloud.durable.engine import DurableError, Engine, Ran
from serverless_tax.cloud.durable.execution import (
    FAILED,
    SUCCEEDED,
    USAGE_FILE,
    DurableUsage,
    Execution,
    Json,
)
from serverless_tax.cloud.front.caller import CALLER, Caller, new_request_id, new_trace_id
from serverless_tax.cloud.front.lambda_checks import durable_error
from serverless_tax.cloud.front.sockets import LAMBDA
from serverless_tax.cloud.function.platform_lines import now
from serverless_tax.ground.lambda_facts import EVENT_BYTES, PAYLOAD_BYTES

RETENTION_DAYS = 14
"""Unless it is set: https://docs.aws.amazon.com/lambda/latest/dg/durable-configuration.html"""
LONGEST_S = 31_622_400
_LONGEST_WAIT_S = 15 * 60
_UNQUALIFIED = "You cannot invoke a durable function using an unqualified ARN."
_TOO_LONG = (
    "You cannot synchronously invoke a durable function with an executionTimeout greater than 15 "
    "minutes."
)
_INVALID = "InvalidParameterValueException"
_PARTS_OF_AN_ARN = 7

#: Whether the engine itself is invoking.
_RESUMING: ContextVar[bool] = ContextVar("_RESUMING", default=False)


class DurableFunctions:
    """Ties the engine to ministack's functions.

    Args:
        folder: of the cloud; gets the file of what executions use.
        loop: the engine's.
        execute: ministack's, which takes a slot of the concurrency and invokes.
    """

    def __init__(
        self, folder: Path, loop: asyncio.AbstractEventLoop, execute: Callable[..., Json]
    ) -> None:
        self.engine = Engine(self._invoke, self._chain)
        self._usage = (folder / USAGE_FILE).open("a", buffering=1)
        self._loop = loop
        self._execute = execute

    def invocation(
        self, original: Callable[..., Awaitable[tuple[Any, ...]]]
    ) -> Callable[..., Awaitable[tuple[Any, ...]]]:
        """Return the function that answers Invoke; it passes ordinary functions on."""

        async def invoke(
            name: str,
            event: Any,
            headers: dict[str, str],
            path_qualifier: str | None = None,
            query_params: dict[str, Any] | None = None,
        ) -> tuple[Any, ...]:
            asked = (query_params or {}).get("Qualifier")
            qualifier = path_qualifier or (asked[0] if isinstance(asked, list) else asked)
            config = _config(name, qualifier)
            request = (name, event, headers, path_qualifier, query_params)
            if config is None or not config.get("DurableConfig"):
                if headers.get("x-amz-durable-execution-name") and config is not None:
                    text = "The function is not a durable function (DurableExecutionName)."
                    return error_reply(DurableError(_INVALID, text))
                return await original(*request)
            kind = headers.get("x-amz-invocation-type", "RequestResponse")
            try:
                if not qualifier:
                    raise DurableError(_INVALID, _UNQUALIFIED)  # noqa: TRY301 - as the others
                if kind == "DryRun":
                    return await original(*request)
                given = check_name(headers.get("x-amz-durable-execution-name") or _new_name())
                execution = self._start(config, json.dumps(event), given, waits=kind != "Event")
            except DurableError as refused:
                return error_reply(refused)
            told = {"X-Amz-Executed-Version": execution.version}
            told["X-Amz-Durable-Execution-Arn"] = execution.arn
            if kind == "Event":
                return 202, told, b""
            await execution.done.wait()
            if headers.get("x-amz-log-type") == "Tail":
                told |= await _tail(execution)
            return (
                200,
                {**told, "Content-Type": "application/json", **_failed(execution)},
                _body(execution),
            )

        return invoke

    def execution(self, func: Json, event: Any) -> Json:
        """Invoke a function for a service, on a thread of its own; a durable one is awaited."""
        config = func.get("config") or func
        if _RESUMING.get() or not config.get("DurableConfig"):
            return self._execute(func, event)
        arn = str(config["FunctionArn"])
        try:
            if config.get("Version") == "$LATEST" and arn.count(":") < _PARTS_OF_AN_ARN:
                raise DurableError(_INVALID, _UNQUALIFIED)  # noqa: TRY301 - as the others
            started = self._started(config, json.dumps(event))
            execution = asyncio.run_coroutine_threadsafe(started, self._loop).result()
        except DurableError as refused:
            said = {"errorType": refused.code, "errorMessage": str(refused)}
            return {"error": True, "function_error": "Unhandled", "body": json.dumps(said)}
        answer: Json = {"body": _body(execution).decode(), "raw_payload": True}
        answer["log"] = execution.log
        if execution.status != SUCCEEDED:
            answer |= {"error": True, "function_error": "Unhandled"}
        return answer

    async def _started(self, config: Json, payload: str) -> Execution:
        execution = self._start(config, payload, _new_name(), waits=True)
        await execution.done.wait()
        return execution

    def _start(
        self,
        config: Json,
        payload: str,
        name: str,
        *,
        waits: bool,
        parent: Callable[[Execution], None] | None = None,
    ) -> Execution:
        wanted = config["DurableConfig"]
        timeout_s = int(wanted.get("ExecutionTimeout") or LONGEST_S)
        if waits and timeout_s > _LONGEST_WAIT_S:
            raise DurableError(_INVALID, _TOO_LONG)
        arn = ":".join(str(config["FunctionArn"]).split(":")[:_PARTS_OF_AN_ARN])
        caller = CALLER.get()
        execution = Execution(
            name=name,
            function=str(config["FunctionName"]),
            function_arn=arn,
            version=str(config.get("Version") or "$LATEST"),
            payload=payload,
            timeout_s=timeout_s,
            retention_days=int(wanted.get("RetentionPeriodInDays") or RETENTION_DAYS),
            most_result_bytes=PAYLOAD_BYTES if waits else EVENT_BYTES,
            account=arn.split(":")[4],
            region=arn.split(":")[3],
            trace_id=caller.trace_id if caller else new_trace_id(),
            meter=self._meter,
            parent=parent,
        )
        return self.engine.start(execution)

    def _meter(self, execution: Execution, operations: int, size: int, kept: float) -> None:
        if operations or size or kept:
            used = DurableUsage(
                at=now(),
                arn=f"{execution.function_arn}:{execution.version}",
                operations=operations,
                written_bytes=size,
                kept_byte_s=kept,
            )
            self._usage.write(json.dumps(asdict(used)) + "\n")

    async def _invoke(self, execution: Execution, event: Json) -> Ran:
        config = await _in_scope(execution, _config, execution.function, execution.version)
        if config is None:
            arn = f"{execution.function_arn}:{execution.version}"
            said = {"errorType": "ResourceNotFoundException"}
            return Ran(body={**said, "errorMessage": f"Function not found: {arn}"}, failed=True)
        config = {**config, "FunctionArn": f"{execution.function_arn}:{execution.version}"}
        ran: Ran = await _in_scope(execution, self._run, config, event)
        return ran

    def _run(self, config: Json, event: Any) -> Ran:
        names, request_id = vars(import_module(LAMBDA)), new_request_id()
        caller = CALLER.get()
        CALLER.set(Caller("", caller.trace_id if caller else new_trace_id(), request_id))
        _RESUMING.set(True)
        func = names["_functions"].get(config["FunctionName"]) or {}
        result = self._execute(names["_execution_record_for_config"](func, config), event)
        return Ran(
            body=result.get("body"),
            failed=bool(result.get("error")) and not result.get("throttle"),
            throttled=bool(result.get("throttle")),
            request_id=request_id,
            log=str(result.get("log") or ""),
        )

    async def _chain(
        self, execution: Execution, name: str, payload: str, ended: Callable[[Execution], None]
    ) -> Ran | Execution:
        bare, qualifier = await _in_scope(execution, _parts, name)
        config = await _in_scope(execution, _config, bare, qualifier)
        if config is None:
            arn = f"{execution.function_arn.rpartition(':')[0]}:{bare}"
            arn = f"{arn}:{qualifier}" if qualifier else arn
            raise DurableError("ResourceNotFoundException", f"Function not found: {arn}", 404)
        if not config.get("DurableConfig"):
            ran: Ran = await _in_scope(execution, self._run, config, json.loads(payload))
            return ran
        if not qualifier:
            raise DurableError(_INVALID, _UNQUALIFIED)
        return self._start(config, payload, _new_name(), waits=False, parent=ended)


async def _in_scope(execution: Execution, work: Callable[..., Any], *args: Any) -> Any:
    """Do something in a thread, for the account and region of an execution's function."""
    names = vars(import_module(LAMBDA))

    def scoped() -> Any:
        names["_request_account_id"].set(execution.account)
        names["_request_region"].set(execution.region)
        CALLER.set(Caller("", execution.trace_id, ""))
        return work(*args)

    return await names["run_reentrant"](scoped, thread_name="durable")


def _config(name: str, qualifier: str | None) -> Json | None:
    """The settings of a function's version or alias; None if there is none."""
    names = vars(import_module(LAMBDA))
    func = names["_functions"].get(name)
    config: Json | None = names["_effective_func_record_for_qualifier"](func, qualifier)[1]
    return config


def _parts(name: str) -> tuple[str, str | None]:
    parts: tuple[str, str | None] = vars(import_module(LAMBDA))["_resolve_name_and_qualifier"](name)
    return parts


def _new_name() -> str:
    return str(uuid.uuid4())


def _failed(execution: Execution) -> dict[str, str]:
    return {} if execution.status == SUCCEEDED else {"X-Amz-Function-Error": "Unhandled"}


async def _tail(execution: Execution) -> dict[str, str]:
    """The log of the last invocation, which ends after it has told the execution's end."""
    if execution.status in {SUCCEEDED, FAILED}:
        await execution.logged.wait()
    return {"X-Amz-Log-Result": base64.b64encode(execution.log.encode()).decode()}


def _body(execution: Execution) -> bytes:
    """What the caller of an execution reads: its result, or its error as a function's."""
    if execution.status == SUCCEEDED:
        return (execution.result or "null").encode()
    error = execution.error or {}
    said = {"errorType": error.get("ErrorType"), "errorMessage": error.get("ErrorMessage")}
    said["stackTrace"] = error.get("StackTrace")
    return json.dumps({name: value for name, value in said.items() if value}).encode()


def function_arn(name: str) -> str | None:
    """The ARN of a function without a version; None if there is none."""
    bare, _ = _parts(name)
    config = _config(bare, None)
    return None if config is None else str(config["FunctionArn"])


def durable_stays(original: Callable[..., Any]) -> Callable[..., Any]:
    """UpdateFunctionConfiguration makes no function durable, and leaves a durable one durable.

    AWS's sentence stands in the tests of floci, another local cloud:
    https://docs.aws.amazon.com/lambda/latest/dg/durable-configuration.html has the rule.
    """

    def update(name: str, data: Json) -> Any:
        is_durable = (_config(name, None) or {}).get("DurableConfig")
        if data.get("DurableConfig") and not is_durable and function_arn(name) is not None:
            text = (
                "You cannot add a durable configuration to a function that was originally created "
                "with no durable configuration"
            )
            return error_reply(DurableError(_INVALID, text))
        if is_durable:
            refused = durable_error({"Runtime": data["Runtime"]} if data.get("Runtime") else {})
            if refused is not None:
                return error_reply(DurableError(refused.json_code, refused.message))
            data = {**data, "DurableConfig": {**is_durable, **(data.get("DurableConfig") or {})}}
        return original(name, data)

    return update


def no_destinations(original: Callable[..., Any]) -> Callable[..., Any]:
    """PutFunctionEventInvokeConfig: nobody is told of the end of a durable execution.

    The rule: https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html
    """

    def put(func_name: str, qualifier: str | None, data: Json) -> Any:
        config = _config(func_name, qualifier)
        if config is None or not config.get("DurableConfig"):
            return original(func_name, qualifier, data)
        wanted = (data.get("DestinationConfig") or {}).values()
        text = "Durable functions don't support Lambda destinations (DestinationConfig)."
        if not any((one or {}).get("Destination") for one in wanted):
            text = (
                "This local cloud starts a durable execution once and at once, whatever "
                "MaximumRetryAttempts and MaximumEventAgeInSeconds say."
            )
        return error_reply(DurableError(_INVALID, text))

    return put
