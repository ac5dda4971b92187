"""The platform's lines of a log that tell of a beginning, as text and as JSON.

The fields: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serverless_tax.cloud.function.spec import FunctionSpec


def init_start(spec: FunctionSpec) -> str:
    """The first line of an environment's log. AWS's versions of a runtime do not exist here."""
    runtime = spec.runtime.removesuffix(".x").replace("python", "python:").replace("js", "js:")
    version, arn = f"{runtime}-local", f"arn:aws:lambda:{spec.region}::runtime:local"
    if not spec.json_log:
        return f"INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}\n"
    record = {
        "initializationType": "on-demand",
        "phase": "init",
        "runtimeVersion": version,
        "runtimeVersionArn": arn,
        "functionName": spec.name,
        "functionVersion": spec.version,
    }
    return event("platform.initStart", record)


def start(spec: FunctionSpec, request_id: str) -> str:
    """The first line of an invocation."""
    if spec.json_log:
        return event("platform.start", {"requestId": request_id, "version": spec.version})
    return f"START RequestId: {request_id} Version: {spec.version}\n"


def now() -> str:
    """This moment in UTC, to the millisecond."""
    at = datetime.fromtimestamp(time.time(), UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(kind: str, record: dict[str, Any]) -> str:
    """A line of the platform as JSON."""
    return json.dumps({"time": now(), "type": kind, "record": record}) + "\n"
