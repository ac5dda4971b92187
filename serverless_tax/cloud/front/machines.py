"""Step Functions as AWS makes and starts machines, and the name of a function's error.

ministack makes a machine of any text with any role, starts one with an input that is no JSON, and
calls every error of a function Lambda.Unknown, so that no Retry or Catch of its own name acts.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import AwsError, json_refusal
from serverless_tax.cloud.front.constraints import broken_value, detected
from serverless_tax.cloud.front.intrinsics import MACHINES
from serverless_tax.cloud.front.lambda_state import may_assume
from serverless_tax.cloud.front.machine_rules import NOT_HERE, faults_of, is_moment
from serverless_tax.cloud.front.sockets import LAMBDA

Reply = tuple[Any, ...]
Handle = Callable[[dict[str, Any]], Reply]
_TYPES = ("STANDARD", "EXPRESS")
_OF_STANDARD = (".sync", ".waitForTaskToken")
"""Integrations that wait, which an express machine may not have:
https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html"""
_RUNTIME, _TOO_MUCH = "States.Runtime", "States.DataLimitExceeded"
_MOST_BYTES = 262_144
"""Of an input or a result: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""
_MOST_FAULTS = 100
_NO_ROLE = (
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized "
    "to assume the provided role."
)


def made(original: Handle) -> Handle:
    """CreateStateMachine and UpdateStateMachine, refused as AWS does."""

    def make(data: dict[str, Any]) -> Reply:
        before = vars(import_module(MACHINES))["_state_machines"].get(data.get("stateMachineArn"))
        asked = {**(before or {}), **data}
        known = "name" in data or before is not None
        error = _setting_error(asked) if known else None
        if known and error is None:
            error = machine_error(asked.get("definition"), str(asked.get("roleArn")))
        return json_refusal(error.json_code, error.message) if error else original(data)

    return make


def started(original: Handle) -> Handle:
    """StartExecution and StartSyncExecution, with an input that is JSON."""

    def start(data: dict[str, Any]) -> Reply:
        if len(str(data.get("input") or "").encode()) > _MOST_BYTES:
            limit = f"Member must have length less than or equal to {_MOST_BYTES}"
            text = detected([broken_value("input too long to be shown", "input", limit)])
            return json_refusal("ValidationException", text)
        try:
            json.loads(data.get("input") or "{}")
        except ValueError as error:
            text = f"Invalid State Machine Execution Input: '{error}'"
            return json_refusal("InvalidExecutionInput", text)
        return _express(original(data), data)

    return start


def _express(reply: Reply, data: Mapping[str, Any]) -> Reply:
    """What is told of an execution; an express one has an ARN that no other call takes."""
    names, status, headers, body = vars(import_module(MACHINES)), *reply
    own = names["_resolve_state_machine_arn"](str(data.get("stateMachineArn")).partition("#")[0])
    said = json.loads(body)
    arn = str(said.get("executionArn") or "")
    if (names["_state_machines"].get(own) or {}).get("type") != _TYPES[1] or not arn:
        return reply
    execution = names["_executions"].get(arn) or {}
    said["executionArn"] = _express_arn(execution, arn)
    if execution.get("sync"):  # it is over, and its name may be another's
        names["_executions"].pop(arn, None)
    return status, headers, json.dumps(said).encode()


def _express_arn(execution: dict[str, Any], arn: str) -> str:
    """The ARN of an express execution, which is one of its kind though its name may not be."""
    own = f"{arn.replace(':execution:', ':express:')}:{uuid.uuid4()}"
    return str(execution.setdefault("expressArn", own))


def run(original: Callable[[str], None]) -> Callable[[str], None]:
    """An execution; an express one knows itself by its own ARN, and leaves its name to others."""

    def walk(arn: str) -> None:
        names = vars(import_module(MACHINES))
        every, execution = names["_executions"], names["_executions"].get(arn) or {}
        machine = names["_state_machines"].get(execution.get("stateMachineArn")) or {}
        if machine.get("type") != _TYPES[1]:
            original(arn)
            return
        own = _express_arn(execution, arn)
        every[own] = execution
        original(own)
        for one in (own,) if execution.get("sync") else (own, arn):
            every.pop(one, None)

    return walk


def waited_for(original: Handle) -> Handle:
    """StartSyncExecution, which is for express machines; a task waits for standard ones too."""

    def start(data: dict[str, Any]) -> Reply:
        machine = vars(import_module(MACHINES))["_state_machines"].get(data.get("stateMachineArn"))
        if machine and machine.get("type") != _TYPES[1] and _OF_A_TASK not in data:
            return other_type()
        return told(started(original))(data)

    return start


def other_type() -> Reply:
    """Refuse a call that machines of this type do not have."""
    text = "This operation is not supported by this type of state machine"
    return json_refusal("StateMachineTypeNotSupported", text)


_OF_A_TASK: Any = object()
"""A name in a request which no client can send."""


def nested(original: Handle) -> Callable[[Any], dict[Any, Any]]:
    """The request of a task that starts a machine."""
    return lambda input_data: {**dict(original(input_data)), _OF_A_TASK: True}


def nested_failure(original: Any) -> Callable[[Mapping[str, Any]], tuple[str, str]]:  # noqa: ARG001 - every seam wraps ministack's own
    """The error of a task whose machine failed: always the same, with all about it as its cause.

    https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
    """

    def failed(payload: Mapping[str, Any]) -> tuple[str, str]:
        about = {name[0].upper() + name[1:]: one for name, one in payload.items()}
        return "States.TaskFailed", json.dumps(about)

    return failed


def told(original: Handle) -> Handle:
    """What is told of an execution: its output only if it succeeded."""

    def tell(data: dict[str, Any]) -> Reply:
        status, headers, body = original(data)
        said = json.loads(body)
        if said.get("status") in {None, "SUCCEEDED"}:
            return status, headers, body
        kept = {name: one for name, one in said.items() if name not in _OF_SUCCESS}
        return status, headers, json.dumps(kept).encode()

    return tell


_OF_SUCCESS = ("output", "outputDetails")


def with_output(original: Callable[..., Any]) -> Callable[..., Any]:
    """The output of a state; that of a Succeed in JSONata is an expression, as any other's."""

    def apply(state_def: Mapping[str, Any], data: Any, ctx: Any = None) -> Any:
        names = vars(import_module(MACHINES))
        language = names["_state_query_language"](state_def, ctx)
        if state_def.get("Type") == "Succeed" and language == "JSONata":
            return names["_apply_jsonata_output"](state_def, data, ctx, default=data)
        return _bounded(original(state_def, data, ctx), ctx)

    return apply


def evaluated(original: Callable[..., Any]) -> Callable[..., Any]:
    """The output of a state in JSONata, which has a limit too."""

    def apply(state_def: Any, raw_input: Any, ctx: Any = None, **more: Any) -> Any:
        return _bounded(original(state_def, raw_input, ctx, **more), ctx)

    return apply


def _bounded(output: Any, ctx: Mapping[str, Any] | None) -> Any:
    """An output, which AWS bounds whatever made it: a Pass, a Map of many small results."""
    state = ((ctx or {}).get("State") or {}).get("Name", "")
    return _within(output, str(state))


def _within(result: Any, of: str) -> Any:
    if len(json.dumps(result).encode()) <= _MOST_BYTES:
        return result
    text = (
        f"The state/task '{of}' returned a result with a size exceeding the maximum "
        "number of bytes service limit."
    )
    raise vars(import_module(MACHINES))["_ExecutionError"](_TOO_MUCH, text)


def waited(original: Callable[..., Any]) -> Callable[..., Any]:
    """A Wait whose path leads to a length or a moment; ministack does not wait for another."""

    def wait(state_def: Mapping[str, Any], raw_input: Any, ctx: Any = None) -> Any:
        names = vars(import_module(MACHINES))
        for field, is_valid in (("SecondsPath", _is_length), ("TimestampPath", is_moment)):
            if field in state_def:
                effective = names["_apply_input_path"](state_def, raw_input, ctx)
                value = names["_resolve_path"](state_def[field], effective)
                if not is_valid(value):
                    text = f"The {field} parameter does not reference a valid value: {value!r}"
                    raise names["_ExecutionError"](_RUNTIME, text)
        return original(state_def, raw_input, ctx)

    return wait


def _is_length(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= _MOST_SECONDS and value == int(value)


_MOST_SECONDS = 99_999_999
"""https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html"""


def _setting_error(asked: Mapping[str, Any]) -> AwsError | None:
    """Why a machine's type is refused; None if it is not."""
    kind = asked.get("type", _TYPES[0])
    if kind not in _TYPES:
        text = (
            f"1 validation error detected: Value '{kind}' at 'type' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(_TYPES)}]"
        )
        return AwsError("ValidationException", "", text, "states", 400)
    if kind == _TYPES[1] and any(one in str(asked.get("definition")) for one in _OF_STANDARD):
        text = (
            "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state machine "
            f"does not support {' and '.join(_OF_STANDARD)} service integrations'"
        )
        return AwsError("InvalidDefinition", "", text, "states", 400)
    return None


def with_error_names(original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The call of a function by a task; its error has the name of the function's own."""

    def call(func_ref: Any, event: Any) -> Any:
        failed = vars(import_module(MACHINES))["_ExecutionError"]
        try:
            return original(func_ref, event)
        except failed as error:
            cause = str(error.cause)
            if error.error == "Lambda.ResourceNotFoundException":
                cause = _absent(cause)
            raise failed(_error_name(error.error, cause), cause) from None

    return call


def _absent(cause: str) -> str:
    """Why there is no function, as AWS's client for Java tells it."""
    names, name = vars(import_module(LAMBDA)), cause.partition("Function not found: ")[2]
    about = f"(Service: Lambda, Status Code: 404, Request ID: {uuid.uuid4()})"
    return f"Function not found: {names['_func_arn'](name)} {about}" if name else cause


def bounded(original: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """The call of a task's resource, whose result has a limit, as what goes into it."""

    def invoke(resource: str, input_data: Any) -> Any:
        if isinstance(input_data, _NoParameters):
            raise input_data.error
        return _within(original(resource, input_data), resource)

    return invoke


def found(original: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """The value at a path, which has to be there."""

    def find(path: str, data: Any) -> Any:
        names = vars(import_module(MACHINES))
        if not path.startswith("$"):
            return original(path, data)
        steps = names["_parse_jsonpath_tokens"](path)
        if steps is None:
            text = f"This local cloud's state machines do not have the JSONPath '{path}'. AWS may."
            raise names["_ExecutionError"](_RUNTIME, text)
        at = data
        for kind, step in steps:
            if kind == "wildcard":
                break
            is_there = isinstance(at, dict) and step in at
            if kind == "index":
                is_there = isinstance(at, list) and step < len(at)
            if not is_there:
                text = f"The JSONPath '{path}' could not be found in the input '{json.dumps(data)}'"
                raise names["_ExecutionError"](_RUNTIME, text)
            at = at[step]
        return original(path, data)

    return find


def with_parameters(original: Callable[..., Any]) -> Callable[..., Any]:
    """A state's Parameters; a path in them that leads nowhere has an error of its own.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """

    def apply(state_def: Any, data: Any, ctx: Any = None) -> Any:
        failed = vars(import_module(MACHINES))["_ExecutionError"]
        try:
            return original(state_def, data, ctx)
        except failed as error:
            told = error
            if error.error == _RUNTIME:
                told = failed("States.ParameterPathFailure", error.cause)
            if state_def.get("Type") != "Task" or _CALLBACK in str(state_def.get("Resource")):
                raise told from None
            return _NoParameters(told)

    return apply


class _NoParameters(dict[str, Any]):
    """Why a task has none: ministack reads them where no Retry and no Catch of the task looks."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


_CALLBACK = ".waitForTaskToken"


def chosen(original: Callable[..., Any]) -> Callable[..., Any]:
    """A rule of a choice; whether its variable is there is what IsPresent asks."""

    def evaluate(rule: Mapping[str, Any], data: Any, ctx: Any = None) -> Any:
        names = vars(import_module(MACHINES))
        if "IsPresent" not in rule:
            return original(rule, data, ctx)
        try:
            names["_resolve_path_or_ctx"](rule["Variable"], data, ctx)
        except names["_ExecutionError"]:
            return not rule["IsPresent"]
        return bool(rule["IsPresent"])

    return evaluate


def matched(original: Callable[[Any, str], bool]) -> Callable[[Any, str], bool]:
    """Whether a retrier or catcher is for an error; States.ALL is for none that ends a machine."""

    def match(error_equals: Any, error: str) -> bool:
        if error == _TOO_MUCH and error not in error_equals:
            return False
        return error != _RUNTIME and original(error_equals, error)

    return match


def _error_name(name: str, cause: str) -> str:
    if name != "Lambda.Unknown":
        return name
    try:
        return str(json.loads(cause)["errorType"])
    except (ValueError, TypeError, KeyError):
        return name


def validated(original: Handle) -> Handle:  # noqa: ARG001 - every seam wraps ministack's own
    """ValidateStateMachineDefinition, with what a new machine would be refused for."""

    def validate(data: dict[str, Any]) -> Reply:
        found = faults_of(data.get("definition"))
        said = [
            {"severity": "ERROR", "code": code, "message": text, **_placed(place)}
            for code, text, place in found[: int(data.get("maxResults") or _MOST_FAULTS)]
        ]
        result = {"result": "FAIL" if found else "OK", "diagnostics": said}
        is_cut = len(said) < len(found)
        reply: Reply = vars(import_module(MACHINES))["json_response"](
            {**result, "truncated": is_cut}
        )
        return reply

    return validate


def _placed(place: str) -> dict[str, str]:
    return {"location": place} if place and place != "null" else {}


def _has_role(arn: str) -> bool:
    region = vars(import_module(MACHINES))["get_region"]()
    return may_assume(arn, "states.amazonaws.com", f"states.{region}.amazonaws.com")


def machine_error(definition: Any, role: str) -> AwsError | None:
    """Why a machine of a definition and a role is refused; None if it is not."""
    found = faults_of(definition)
    if found and found[0][0] == NOT_HERE:
        _, text, place = found[0]
        return AwsError("ValidationException", "", f"{text} ({place})", "states", 400)
    if found:
        said = ", ".join(
            f"{code}: {text}" + (f" at {place}" if place else "")
            for code, text, place in found
            if code != NOT_HERE
        )
        text = f"Invalid State Machine Definition: '{said}'"
        return AwsError("InvalidDefinition", "", text, "states", 400)
    return None if _has_role(role) else AwsError("AccessDeniedException", "", _NO_ROLE, "states")
