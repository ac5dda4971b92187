"""An invocation's way from ministack to the host, and its log's and figures' way back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from serverless_tax.cloud.front.caller import CALLER, Caller, new_trace_id
from serverless_tax.cloud.front.log_metrics import record
from serverless_tax.cloud.front.streaming import LISTENER
from serverless_tax.cloud.function.host import Host
from serverless_tax.cloud.function.spec import Call, FunctionSpec, Result, unpack

_OK = 200


def dispatcher(
    host: Host, folder: Path, loop: asyncio.AbstractEventLoop
) -> Callable[..., dict[str, Any]]:
    """Return the function that runs every invocation, from any service.

    Args:
        host: runs the functions.
        folder: for unpacked deployment packages.
        loop: the host's loop; ministack calls from threads of its own.
    """

    def dispatch(
        func: dict[str, Any],
        config: dict[str, Any],
        event: object,
        request_id: str,
        started: float,  # noqa: ARG001 - ministack's clock, which the host does not use
    ) -> dict[str, Any]:
        spec = _spec(func, config, folder)
        caller = CALLER.get() or Caller("", new_trace_id(), "")
        call = Call(
            request_id=caller.request_id or _url_request_id(event) or request_id,
            event=caller.written(event),
            client_context=caller.client_context,
            trace_id=caller.trace_id,
        )
        invocation = host.invoke(spec, call, LISTENER.get())
        # The new task copies this thread's context, and with it the request's account and region.
        result = asyncio.run_coroutine_threadsafe(invocation, loop).result()
        _count(spec.name, result)
        answer: dict[str, Any] = {
            "body": result.payload.decode("utf-8", errors="replace"),
            "raw_payload": True,
            "log": result.log,
        }
        return {**answer, "error": True, "function_error": "Unhandled"} if result.failed else answer

    return dispatch


def _url_request_id(event: object) -> str:
    """The id of a request to a function URL, which is also its invocation's."""
    if not isinstance(event, dict):
        return ""
    context = event.get("requestContext")
    if not isinstance(context, dict) or ".lambda-url." not in str(context.get("domainName")):
        return ""
    return str(context.get("requestId") or "")


def _count(name: str, result: Result) -> None:
    """Publish the metrics of an invocation; its Duration is that of the REPORT line."""
    of_it = {"FunctionName": name}
    record("AWS/Lambda", "Invocations", 1, "Count", of_it)
    record("AWS/Lambda", "Errors", int(result.failed), "Count", of_it)
    record("AWS/Lambda", "Duration", float(result.report.duration_ms), "Milliseconds", of_it)


def only_throttles(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:  # noqa: ARG001, FBT001 - ministack's own parameters
    """Publish a refused invocation, which is neither an invocation nor an error on AWS.

    ministack tells of it twice, and calls it an error the second time.
    """
    if throttle and not error:
        record("AWS/Lambda", "Throttles", 1, "Count", {"FunctionName": function_name})


async def put_logs(group: str, stream: str, events: list[dict[str, Any]]) -> None:
    """Put a function's lines into its stream; both are made if they are not there."""
    names = {"logGroupName": group, "logStreamName": stream}
    if await _logs("PutLogEvents", {**names, "logEvents": events}) == _OK:
        return
    await _logs("CreateLogGroup", {"logGroupName": group})
    await _logs("CreateLogStream", names)
    await _logs("PutLogEvents", {**names, "logEvents": events})


async def _logs(action: str, body: dict[str, Any]) -> int:
    headers = {"x-amz-target": f"Logs_20140328.{action}"}
    handle = import_module("ministack.services.cloudwatch_logs").handle_request
    status, _, _ = await handle("POST", "/", headers, json.dumps(body).encode(), {})
    return int(status)


def _spec(func: dict[str, Any], config: dict[str, Any], folder: Path) -> FunctionSpec:
    digest = str(config["CodeSha256"]).replace("/", "_").replace("=", "")
    code = folder / f"code-{digest}"
    if not code.exists():
        # Two first invocations may come at once: both unpack, and one folder gets the name.
        aside = folder / f"code-{uuid.uuid4().hex}"
        unpack(func["code_zip"], aside)
        with contextlib.suppress(OSError):
            aside.rename(code)
    arn = str(config["FunctionArn"])
    logging = config.get("LoggingConfig") or {}
    identity = [config[key] for key in ("FunctionName", "Version", "RevisionId", "LastModified")]
    return FunctionSpec(
        identity="/".join(map(str, [*identity, digest])),
        name=str(config["FunctionName"]),
        arn=arn,
        version=str(config["Version"]),
        handler=str(config["Handler"]),
        runtime=str(config["Runtime"]),
        architecture=str((config.get("Architectures") or ["x86_64"])[0]),
        memory_mb=int(config["MemorySize"]),
        timeout_s=int(config["Timeout"]),
        region=arn.split(":")[3],
        code=code,
        variables=dict((config.get("Environment") or {}).get("Variables") or {}),
        log_group=str(logging.get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"),
        json_log=logging.get("LogFormat") == "JSON",
        traced=(config.get("TracingConfig") or {}).get("Mode") == "Active",
        log_level=str(logging.get("ApplicationLogLevel") or "INFO"),
        system_log_level=str(logging.get("SystemLogLevel") or "INFO"),
    )
