"""Step Functions as AWS makes and starts machines, and the name of a function's error.

ministack makes a machine of any text with any role, starts one with an input that is no JSON, and
calls every error of a function Lambda.Unknown, so that no Retry or Catch of its own name acts.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import AwsError
from serverless_tax.cloud.front.lambda_state import may_assume
from serverless_tax.cloud.front.machine_rules import MACHINES, NOT_HERE, faults_of

Reply = tuple[Any, ...]
Handle = Callable[[dict[str, Any]], Reply]
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
        error = machine_error(asked.get("definition"), str(asked.get("roleArn"))) if known else None
        return _refused(error.json_code, error.message) if error else original(data)

    return make


def started(original: Handle) -> Handle:
    """StartExecution and StartSyncExecution, with an input that is JSON."""

    def start(data: dict[str, Any]) -> Reply:
        try:
            json.loads(data.get("input") or "{}")
        except ValueError as error:
            text = f"Invalid State Machine Execution Input: '{error}'"
            return _refused("InvalidExecutionInput", text)
        return original(data)

    return start


def with_error_names(original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The call of a function by a task; its error has the name of the function's own."""

    def call(func_ref: Any, event: Any) -> Any:
        failed = vars(import_module(MACHINES))["_ExecutionError"]
        try:
            return original(func_ref, event)
        except failed as error:
            raise failed(_error_name(error.error, error.cause), error.cause) from None

    return call


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


def _refused(code: str, text: str) -> Reply:
    reply: Reply = vars(import_module(MACHINES))["error_response_json"](code, text, 400)
    return reply
