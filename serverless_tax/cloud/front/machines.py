"""Step Functions as AWS makes and starts machines, and the name of a function's error.

ministack makes a machine of any text with any role, starts one with an input that is no JSON, and
calls every error of a function Lambda.Unknown, so that no Retry or Catch of its own name acts. The
definition is looked at for its states and where they lead; what a state says beyond that is not.
The texts are AWS's from public issues, those about a missing field ours.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import AwsError
from serverless_tax.cloud.front.lambda_state import may_assume

MACHINES = "ministack.services.stepfunctions"
Reply = tuple[Any, ...]
Handle = Callable[[dict[str, Any]], Reply]
_PARTS = ("ItemProcessor", "Iterator")
_ENDS = ("Succeed", "Fail")
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


def definition_error(text: Any) -> str:
    """Why a machine's definition is refused; empty if it is not."""
    try:
        machine = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        return f"INVALID_JSON_DESCRIPTION: {error}"
    return ", ".join(_faults(machine, ""))


def _faults(machine: Any, at: str) -> Iterator[str]:
    """What is wrong with a machine, or with one inside a state of it."""
    states = machine.get("States") if isinstance(machine, dict) else None
    if not isinstance(states, dict) or not states:
        yield _missing("States", at)
        return
    if machine.get("StartAt") not in states:
        yield _nowhere("StartAt", machine.get("StartAt"), f"{at}/StartAt")
    for name, state in states.items():
        here = f"{at}/States/{name}"
        if not isinstance(state, dict) or not state.get("Type"):
            yield _missing("Type", here)
            continue
        yield from _transitions(state, states, here)
        inner = [(part, state[part]) for part in _PARTS if part in state]
        branches = enumerate(state.get("Branches") or [])
        inner += [(f"Branches[{number}]", one) for number, one in branches]
        for part, below in inner:
            yield from _faults(below, f"{here}/{part}")


def _transitions(state: Mapping[str, Any], states: Mapping[str, Any], at: str) -> Iterator[str]:
    kind = state["Type"]
    if kind not in {*_ENDS, "Choice"} and "Next" not in state and state.get("End") is not True:
        yield _missing("Next or End", at)
    targets = [("Next", state.get("Next"), at), ("Default", state.get("Default"), at)]
    for part in ("Choices", "Catch"):
        for number, one in enumerate(state.get(part) or []):
            wanted = one.get("Next") if isinstance(one, dict) else None
            targets.append(("Next", wanted or "", f"{at}/{part}[{number}]"))
    for name, wanted, where in targets:
        if wanted is not None and wanted not in states:
            yield _nowhere(name, wanted, f"{where}/{name}")


def _missing(field: str, at: str) -> str:
    return f"SCHEMA_VALIDATION_FAILED: The field {field} is required at {at or '/'}"


def _nowhere(field: str, wanted: Any, at: str) -> str:
    return f"MISSING_TRANSITION_TARGET: Missing '{field}' target: {wanted} at {at}"


def _has_role(arn: str) -> bool:
    region = vars(import_module(MACHINES))["get_region"]()
    return may_assume(arn, "states.amazonaws.com", f"states.{region}.amazonaws.com")


def machine_error(definition: Any, role: str) -> AwsError | None:
    """Why a machine of a definition and a role is refused; None if it is not."""
    wrong = definition_error(definition)
    if wrong:
        text = f"Invalid State Machine Definition: '{wrong}'"
        return AwsError("InvalidDefinition", "", text, "states", 400)
    return None if _has_role(role) else AwsError("AccessDeniedException", "", _NO_ROLE, "states")


def _refused(code: str, text: str) -> Reply:
    reply: Reply = vars(import_module(MACHINES))["error_response_json"](code, text, 400)
    return reply
