"""The places where this package reaches into ministack: six replaced names, and its settings.

ministack is the cloud around the functions (IAM, logs, the Lambda API). This package runs the
functions, because ministack neither freezes an environment nor bills a stream. Its version is
pinned. When a new version moves a name, `check` names it before anything is replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import os
import time
import uuid
from importlib import import_module
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.front.caller import CALLER, Caller, new_trace_id
from serverless_tax.cloud.front.sockets import GATEWAY, LAMBDA, RouteFunction
from serverless_tax.cloud.front.streaming import LISTENER, function_url, response_stream
from serverless_tax.cloud.function.spec import Call, FunctionSpec, Result, unpack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from serverless_tax.cloud.function.host import Host

SEAMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "_execute_function_dispatch": (LAMBDA, ("func", "config", "event", "request_id", "started")),
    "get_or_create_worker": (
        "ministack.core.lambda_runtime",
        ("func_name", "config", "code_zip", "qualifier"),
    ),
    "_invoke_with_response_stream": (
        LAMBDA,
        ("name", "event", "headers", "path_qualifier", "query_params"),
    ),
    "handle_function_url_request": (
        LAMBDA,
        (
            "url_id", "method", "path", "headers", "body", "query_params", "resolved", "source_ip",
        ),
    ),
    "_api_endpoint_scheme": (GATEWAY, ("protocol",)),
    "_delete_function": (LAMBDA, ("name", "query_params", "path_qualifier")),
}  # fmt: skip
"""The replaced names, each with its module and its parameters."""


class MinistackMovedError(RuntimeError):
    """The installed ministack does not fit this adapter."""


def configure(folder: Path, port: int) -> None:
    """Set the variables that ministack reads on import; call it before `load`."""
    os.environ.update(
        {
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "TMPDIR": str(folder),
            "S3_DATA_DIR": str(folder / "s3"),
            # No other listeners and no kept state. Without a Docker socket ministack cannot remove
            # the containers of another ministack on this machine.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "0",
            "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
            "LOG_LEVEL": "WARNING",
            # AWS's default quota.
            "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
        }
    )


def load() -> Any:
    """Import ministack and return its ASGI application."""
    return import_module("ministack.app").app


def check() -> None:
    """Compare ministack with the names in `SEAMS`.

    Raises:
        MinistackMovedError: with the moved name and a way out.
    """
    for name, (module, parameters) in SEAMS.items():
        found = getattr(import_module(module), name, None)
        actual = tuple(inspect.signature(found).parameters) if callable(found) else None
        if actual != parameters:
            raise MinistackMovedError(
                f"{module}.{name} should take {parameters} but "
                f"{'is gone' if actual is None else f'takes {actual}'} in the installed ministack. "
                "Install the version pinned in pyproject.toml, or adapt ministack_seams.py."
            )


def install(host: Host, folder: Path, loop: asyncio.AbstractEventLoop) -> None:
    """Send every invocation, from any service, to the host.

    Args:
        host: runs the functions.
        folder: for unpacked deployment packages.
        loop: the host's loop; ministack calls from threads of its own.
    """
    check()
    dispatch = _dispatcher(host, folder, loop)
    replacements: dict[str, Callable[..., Any]] = {
        "_execute_function_dispatch": dispatch,
        "get_or_create_worker": RouteFunction,
        "_api_endpoint_scheme": _scheme,
        "_delete_function": _deletion(vars(import_module(LAMBDA))["_delete_function"]),
        "_invoke_with_response_stream": response_stream(
            vars(import_module(LAMBDA))["_invoke"],
            import_module("ministack.core.responses").StreamingResponse,
        ),
        "handle_function_url_request": function_url(
            vars(import_module(LAMBDA))["handle_function_url_request"],
            import_module("ministack.core.responses").StreamingResponse,
        ),
    }
    for name, (module, _) in SEAMS.items():
        setattr(import_module(module), name, replacements[name])


def _dispatcher(
    host: Host, folder: Path, loop: asyncio.AbstractEventLoop
) -> Callable[..., dict[str, Any]]:
    def dispatch(
        func: dict[str, Any],
        config: dict[str, Any],
        event: object,
        request_id: str,
        started: float,  # noqa: ARG001 - ministack's clock, which the host does not use
    ) -> dict[str, Any]:
        spec = _spec(func, config, folder)
        listener = LISTENER.get()
        caller = CALLER.get() or Caller("", new_trace_id())
        call = Call(
            request_id=request_id,
            event=json.dumps(event).encode(),
            client_context=caller.client_context,
            trace_id=caller.trace_id,
        )
        invocation = host.invoke(spec, call, listener)
        # The new task copies this thread's context, and with it the request's account and region.
        result = asyncio.run_coroutine_threadsafe(_logged(invocation, spec), loop).result()
        answer: dict[str, Any] = {
            "body": result.payload.decode("utf-8", errors="replace"),
            "raw_payload": True,
            "log": result.log,
        }
        return {**answer, "error": True, "function_error": "Unhandled"} if result.failed else answer

    return dispatch


def _scheme(protocol: str) -> str:
    """The scheme of an API's endpoint on AWS; `LocalCloud.local_url` makes it local."""
    return "wss" if protocol == "WEBSOCKET" else "https"


def _deletion(original: Callable[..., Any]) -> Callable[..., Any]:
    """DeleteFunction also removes the function's URLs; ministack alone would keep them."""

    def delete(
        name: str, query_params: dict[str, Any], path_qualifier: str | None = None
    ) -> tuple[Any, ...]:
        reply: tuple[Any, ...] = original(name, query_params, path_qualifier)
        names = vars(import_module(LAMBDA))
        if name not in names["_functions"]:  # a version alone leaves the function there
            urls = names["_function_urls"]
            for key in [key for key in urls if key == name or key.startswith(f"{name}:")]:
                del urls[key]
        return reply

    return delete


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
        log_level=str(logging.get("ApplicationLogLevel") or "INFO"),
    )


async def _logged(invocation: Any, spec: FunctionSpec) -> Result:
    """Run an invocation, then put its log into the environment's stream by the Logs API."""
    result: Result = await invocation
    group, now_ms = spec.log_group, int(time.time() * 1000)
    names = {"logGroupName": group, "logStreamName": result.log_stream}
    await _logs("CreateLogGroup", {"logGroupName": group})
    await _logs("CreateLogStream", names)
    events = [{"timestamp": now_ms, "message": line} for line in result.log.split("\n") if line]
    await _logs("PutLogEvents", {**names, "logEvents": events})
    return result


async def _logs(action: str, body: dict[str, Any]) -> None:
    # If the group or stream exists, the call answers with an error and changes nothing.
    headers = {"x-amz-target": f"Logs_20140328.{action}"}
    handle = import_module("ministack.services.cloudwatch_logs").handle_request
    await handle("POST", "/", headers, json.dumps(body).encode(), {})
