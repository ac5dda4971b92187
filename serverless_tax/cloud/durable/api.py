"""The API of durable executions: https://docs.aws.amazon.com/lambda/latest/api/welcome.html.

Where AWS's texts are known they stand here as AWS has them, from answers that others published.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from serverless_tax.cloud.durable.engine import DurableError, Engine
from serverless_tax.cloud.durable.execution import Execution, Json, without_data
from serverless_tax.cloud.front.constraints import broken_value, detected

Reply = tuple[int, dict[str, str], bytes]

_ROOT = "/2025-12-01/"
_ARN = (
    r"arn:([a-zA-Z0-9-]+):lambda:([a-zA-Z0-9-]+):(\d{12}):function:([a-zA-Z0-9_-]+):"
    r"(\$LATEST(?:\.PUBLISHED)?|[0-9]+)/durable-execution/([a-zA-Z0-9_-]+)/([a-zA-Z0-9_-]+)"
)
_NAME = r"[a-zA-Z0-9-_]+"
_MOST_NAME = 64
_MOST_ITEMS, _USUAL_ITEMS = 1000, 100
_MOST_RESULT_BYTES = 262_144
_STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED")


def route(engine: Engine, function_arn: Callable[[str], str | None]) -> Callable[..., Any]:
    """Return the function that answers requests about durable executions, and None to others.

    Args:
        engine: has the executions.
        function_arn: of a function by its name or ARN, without a version; None if there is none.
    """

    def answer(
        method: str,
        path: str,
        body: bytes,
        query_params: Mapping[str, Any],
        function_arn_lookup: Any,  # noqa: ARG001 - ministack's own
    ) -> Reply | None:
        if not path.startswith(_ROOT):
            return None
        kind, _, rest = path.removeprefix(_ROOT).partition("/")
        try:
            if kind == "durable-executions":
                return _of_execution(engine, method, rest, body, query_params)
            if kind == "durable-execution-callbacks":
                return _of_callback(engine, rest, body)
            if kind == "functions" and rest.endswith("/durable-executions"):
                name = rest.removesuffix("/durable-executions")
                return _reply(_listed(engine, name, function_arn, query_params))
        except DurableError as refused:
            return error_reply(refused)
        return None

    return answer


def error_reply(refused: DurableError) -> Reply:
    """A refusal as Lambda sends it."""
    said = {"Type": "User", "message": str(refused), "Message": str(refused)}
    headers = {"Content-Type": "application/json", "x-amzn-errortype": refused.code}
    return refused.status, headers, json.dumps({"__type": refused.code, **said}).encode()


def check_name(name: str) -> str:
    """Refuse a name that no execution can have."""
    if len(name) > _MOST_NAME or not re.fullmatch(_NAME, name):
        limit = f"Member must satisfy regular expression pattern: {_NAME}"
        if len(name) > _MOST_NAME:
            limit = f"Member must have length less than or equal to {_MOST_NAME}"
        raise _broken(name, "durableExecutionName", limit)
    return name


def _of_execution(
    engine: Engine, method: str, rest: str, body: bytes, asked: Mapping[str, Any]
) -> Reply | None:
    arn, _, action = rest.rpartition("/")
    if action not in {"checkpoint", "state", "history", "stop"}:
        arn, action = rest, ""
    if not re.fullmatch(_ARN, arn):
        limit = f"Member must satisfy regular expression pattern: {_ARN}"
        raise _broken(arn, "durableExecutionArn", limit)
    if action in {"checkpoint", "state"}:
        return _reply(_of_function(engine, arn, action, body, asked))
    execution_of = (engine, arn)
    if action == "history":
        return _reply(_history(*execution_of, asked))
    if action == "stop":
        error = _json(body) or None
        return _reply({"StopTimestamp": engine.stop(engine.find(arn), error)})
    return _reply(_described(engine.find(arn), asked)) if method == "GET" else None


def _of_function(
    engine: Engine, arn: str, action: str, body: bytes, asked: Mapping[str, Any]
) -> Json:
    """Answer the function itself: it checkpoints, or reads what it has done before."""
    said = _json(body)
    try:
        execution = engine.find(arn)
    except DurableError:
        text = "Invalid checkpoint token"
        raise DurableError("InvalidParameterValueException", text) from None
    if action == "checkpoint":
        token, updates = str(said.get("CheckpointToken")), said.get("Updates") or []
        return engine.checkpoint(execution, token, str(said.get("ClientToken") or ""), updates)
    engine.check_token(execution, _first(asked, "CheckpointToken"))
    page, marker = execution.page(_marker(asked), _most(asked))
    return {"Operations": page, "NextMarker": marker} if marker else {"Operations": page}


def _of_callback(engine: Engine, rest: str, body: bytes) -> Reply | None:
    callback_id, _, action = rest.rpartition("/")
    if action == "succeed":
        if len(body) > _MOST_RESULT_BYTES:
            text = f"Result must be at most {_MOST_RESULT_BYTES} bytes."
            raise DurableError("InvalidParameterValueException", text)
        engine.succeed(callback_id, body.decode(errors="replace"))
    elif action == "fail":
        engine.fail(callback_id, _json(body))
    elif action == "heartbeat":
        engine.heartbeat(callback_id)
    else:
        return None
    return _reply({})


def _described(execution: Execution, asked: Mapping[str, Any]) -> Json:
    told = {**_summary(execution), "Version": execution.version}
    told["DurableConfig"] = {
        "ExecutionTimeout": execution.timeout_s,
        "RetentionPeriodInDays": execution.retention_days,
    }
    told["TraceHeader"] = {"XAmznTraceId": execution.trace_id}
    told["ExecutionDataIncluded"] = _first(asked, "IncludeExecutionData") != "false"
    if told["ExecutionDataIncluded"]:
        data = {"InputPayload": execution.payload, "Result": execution.result}
        data["Error"] = execution.error  # type: ignore[assignment]  # a structure beside texts
        told |= {name: value for name, value in data.items() if value is not None}
    return told


def _summary(execution: Execution) -> Json:
    told: Json = {
        "DurableExecutionArn": execution.arn,
        "DurableExecutionName": execution.name,
        "FunctionArn": f"{execution.function_arn}:{execution.version}",
        "Status": execution.status,
        "StartTimestamp": execution.began,
    }
    return told if execution.ended is None else {**told, "EndTimestamp": execution.ended}


def _history(engine: Engine, arn: str, asked: Mapping[str, Any]) -> Json:
    events = engine.find(arn).history
    if _first(asked, "IncludeExecutionData") != "true":
        events = [without_data(one) for one in events]
    if _first(asked, "ReverseOrder") == "true":
        events = events[::-1]
    return _paged("Events", events, asked)


def _listed(
    engine: Engine,
    name: str,
    function_arn: Callable[[str], str | None],
    asked: Mapping[str, Any],
) -> Json:
    statuses = asked.get("Statuses") or []
    statuses = statuses if isinstance(statuses, list) else [statuses]
    unknown = [one for one in statuses if one not in _STATUSES]
    if unknown:
        enum = f"Member must satisfy enum value set: [{', '.join(_STATUSES)}]"
        limit = f"Member must satisfy constraint: [{enum}]"
        raise _broken(f"[{', '.join(unknown)}]", "statuses", limit)
    if len(statuses) > 1:
        text = "Cannot filter by more than one status"
        raise DurableError("InvalidParameterValueException", text)
    arn = function_arn(name)
    if arn is None:
        raise DurableError("ResourceNotFoundException", f"Function not found: {name}", 404)
    qualifier, wanted = _first(asked, "Qualifier"), _first(asked, "DurableExecutionName")
    after, before = _moment(asked, "StartedAfter"), _moment(asked, "StartedBefore")
    found = [
        one
        for one in engine.every()
        if one.function_arn == arn
        and (not qualifier or one.version == qualifier)
        and (not statuses or one.status == statuses[0])
        and (not wanted or one.name == wanted)
        and (after is None or one.began > after)
        and (before is None or one.began < before)
    ]
    if _first(asked, "ReverseOrder") != "true":
        found.reverse()  # the newest first
    return _paged("DurableExecutions", [_summary(one) for one in found], asked)


def _paged(name: str, every: list[Json], asked: Mapping[str, Any]) -> Json:
    most = _most(asked)
    first = int(_marker(asked) or 0)
    page: Json = {name: every[first : first + most]}
    return {**page, "NextMarker": str(first + most)} if first + most < len(every) else page


def _most(asked: Mapping[str, Any]) -> int:
    said = _first(asked, "MaxItems") or "0"
    if not re.fullmatch(r"-?\d+", said):
        text = f"'{said}' can not be converted to Integer"
        raise DurableError("SerializationException", text)
    if int(said) < 0:
        raise _broken(said, "maxItems", "Member must have value greater than or equal to 0")
    if int(said) > _MOST_ITEMS:
        limit = f"Member must have value less than or equal to {_MOST_ITEMS}"
        raise _broken(said, "maxItems", limit)
    return int(said) or _USUAL_ITEMS


def _marker(asked: Mapping[str, Any]) -> str:
    said = _first(asked, "Marker")
    if said and not said.isdecimal():
        raise DurableError("InvalidParameterValueException", "Invalid Marker")
    return said


def _moment(asked: Mapping[str, Any], name: str) -> float | None:
    said = _first(asked, name)
    if not said:
        return None
    try:
        return datetime.fromisoformat(said).timestamp()
    except ValueError:
        text = f"'{said}' can not be converted to Date"
        raise DurableError("SerializationException", text) from None


def _broken(value: str, name: str, limit: str) -> DurableError:
    return DurableError("ValidationException", detected([broken_value(value, name, limit)]))


def _first(asked: Mapping[str, Any], name: str) -> str:
    said = asked.get(name) or ""
    return str(said[0] if isinstance(said, list) else said)


def _json(body: bytes) -> Json:
    try:
        said = json.loads(body or b"{}")
    except ValueError as unreadable:
        text = f"Could not parse request body into json: {unreadable}"
        raise DurableError("InvalidRequestContentException", text) from None
    if not isinstance(said, dict):
        text = "A member of the request has the wrong type."
        raise DurableError("SerializationException", text)
    return said


def _reply(said: Json) -> Reply:
    return 200, {"Content-Type": "application/json"}, json.dumps(said).encode()
