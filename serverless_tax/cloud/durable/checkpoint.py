"""What a function checkpoints: checked, and entered into the execution's operations.

The rules and texts are those of AWS's own testing library (aws-durable-execution-sdk-python-testing
1.4.0, Apache-2.0), which states that it follows the service.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from serverless_tax.cloud.durable.execution import (
    FAILED,
    PENDING,
    READY,
    STARTED,
    SUCCEEDED,
    Execution,
    Json,
    details_name,
    payload,
)

_ACTIONS = {
    "STEP": {"START", "SUCCEED", "FAIL", "RETRY"},
    "CONTEXT": {"START", "SUCCEED", "FAIL"},
    "WAIT": {"START", "CANCEL"},
    "CALLBACK": {"START"},
    "CHAINED_INVOKE": {"START"},
    "EXECUTION": {"SUCCEED", "FAIL"},
}
_ENDS = {"SUCCEED": SUCCEEDED, "FAIL": FAILED, "CANCEL": "CANCELLED"}
_OPEN = {"STEP": {STARTED, READY, PENDING}, "CONTEXT": {STARTED}, "WAIT": {STARTED}}
_MOST_ERROR_BYTES, MOST_CHAINED_BYTES = 32_768, 1_048_576
_MOST_BYTES = {
    "STEP": ("output", 262_144), "CHAINED_INVOKE": ("input", MOST_CHAINED_BYTES),
}  # fmt: skip
"""As the service has answered: https://github.com/aws/aws-durable-execution-sdk-python/issues/342"""
#: What an operation of each type is called in a refusal.
_NAMED = {"Type": "operation type", "SubType": "operation subtype", "Name": "operation name"}
_NAMED |= {"ParentId": "parent operation id"}


class InvalidCheckpointError(ValueError):
    """A checkpoint that AWS refuses, in AWS's words."""


def check(execution: Execution, updates: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a checkpoint that does not fit the execution, before any of it is entered.

    Raises:
        InvalidCheckpointError: with AWS's text.
    """
    ends = [one for one in updates if one.get("Type") == "EXECUTION"]
    if len(ends) > 1:
        raise InvalidCheckpointError("Cannot checkpoint multiple EXECUTION updates.")
    if ends and updates[-1] is not ends[0]:
        raise InvalidCheckpointError("EXECUTION checkpoint must be the last update.")
    known = {name: dict(one) for name, one in execution.operations.items()}
    last: dict[str, tuple[str, str]] = {}
    for update in updates:
        name, kind, action = (str(update.get(part)) for part in ("Id", "Type", "Action"))
        _check_twice(last.get(name), kind, action)
        parent = known.get(update.get("ParentId") or "")
        if update.get("ParentId") and (parent is None or parent["Type"] != "CONTEXT"):
            raise InvalidCheckpointError("Invalid parent operation id.")
        if kind != "EXECUTION":
            _check_one(known.get(name), update, kind, action)
        elif action not in _ACTIONS[kind]:
            raise InvalidCheckpointError("Invalid action for the given operation type.")
        _check_sizes(execution, update, kind)
        known[name] = {**known.get(name, {}), **_identity(update), "Status": STARTED}
        known[name]["Status"] = _ENDS.get(action, PENDING if action == "RETRY" else STARTED)
        last[name] = kind, action


def _check_twice(before: tuple[str, str] | None, kind: str, action: str) -> None:
    if before is None:
        return
    if kind not in {"STEP", "CONTEXT"} or before[1] != "START" or action == "START":
        raise InvalidCheckpointError("Cannot checkpoint multiple operations with the same ID.")


def _check_one(current: Json | None, update: Mapping[str, Any], kind: str, action: str) -> None:
    if kind not in _ACTIONS:
        raise InvalidCheckpointError("Unknown operation type.")
    if action not in _ACTIONS[kind]:
        raise InvalidCheckpointError("Invalid action for the given operation type.")
    for part, called in _NAMED.items():
        given = update.get(part)
        if current is not None and given is not None and given != current.get(part):
            raise InvalidCheckpointError(f"Inconsistent {called}.")
    may_start_again = kind == "STEP" and current is not None and current["Status"] == READY
    if action == "START" and current is not None and not may_start_again:
        raise InvalidCheckpointError(f"Cannot start a {kind} operation that already exists.")
    if action != "START" and current is not None and current["Status"] not in _OPEN[kind]:
        raise InvalidCheckpointError(f"Invalid current {kind} state to close.")
    if action == "CANCEL" and current is None:
        raise InvalidCheckpointError("Cannot cancel a WAIT that does not exist or has ended.")
    if action == "RETRY" and not (update.get("StepOptions") or {}).get("NextAttemptDelaySeconds"):
        raise InvalidCheckpointError("Invalid StepOptions for the given action.")


def _check_sizes(execution: Execution, update: Mapping[str, Any], kind: str) -> None:
    if len(json.dumps(update.get("Error") or {})) > _MOST_ERROR_BYTES:
        text = f"Error object size must be less than {_MOST_ERROR_BYTES} bytes."
        raise InvalidCheckpointError(text)
    size = len((update.get("Payload") or "").encode())
    which, most = _MOST_BYTES.get(kind, ("", size))
    if kind == "EXECUTION":
        check_result(execution, update.get("Payload"))
    if size > most:
        raise InvalidCheckpointError(too_large(f"{kind} {which}", most))


def check_result(execution: Execution, result: str | None) -> None:
    """Refuse a result that is too large for whoever started the execution.

    Raises:
        InvalidCheckpointError: with AWS's text.
    """
    if len((result or "").encode()) > execution.most_result_bytes:
        raise InvalidCheckpointError(too_large("Execution output", execution.most_result_bytes))


def too_large(what: str, most_bytes: int) -> str:
    """AWS's sentence for a payload past its limit."""
    return f"{what} payload size must be less than or equal to {most_bytes} bytes."


def _identity(update: Mapping[str, Any]) -> Json:
    names = ("Id", "ParentId", "Name", "Type", "SubType")
    return {name: update[name] for name in names if update.get(name) is not None}


def enter(execution: Execution, update: Mapping[str, Any]) -> Json:
    """Enter one update that has been checked; return the operation.

    What takes time (a wait's end, a step's next attempt, a callback's timeout, another function's
    answer) is the engine's to arrange.
    """
    now, action, kind = time.time(), str(update["Action"]), str(update["Type"])
    fresh = {**_identity(update), "Status": STARTED, "StartTimestamp": now}
    operation = execution.operations.get(str(update["Id"]), fresh)
    details = operation.setdefault(details_name(kind), {})
    said, error = update.get("Payload"), update.get("Error")
    if action == "START":
        operation["Status"] = STARTED
        if kind == "CALLBACK":
            details["CallbackId"] = secrets.token_hex(32)
        execution.touch(operation)
        _started(execution, operation, update)
        # A step is an operation for each of its attempts, when that attempt ends.
        counted = 0 if kind in {"STEP", "CONTEXT"} else 1
        execution.use(operations=counted, written=said)
        return operation
    written = said if error is None else json.dumps(error)
    execution.use(operations=1 if kind == "STEP" else 0, written=written)
    if kind == "STEP":
        details["Attempt"] = details.get("Attempt", 0) + 1
    retry: Json = {"CurrentAttempt": details["Attempt"]} if kind == "STEP" else {}
    if action == "RETRY":
        delay_s = int(update["StepOptions"]["NextAttemptDelaySeconds"])
        operation["Status"] = PENDING
        details |= {"NextAttemptTimestamp": now + delay_s}
        details |= {"Error": error} if error is not None else {"Result": said}
        execution.touch(operation)
        retry["NextAttemptDelaySeconds"] = delay_s
        outcome = {"Error": payload(error)} if error is not None else {"Result": payload(said)}
        event = "StepFailed" if error is not None else "StepSucceeded"
        execution.note(event, {**outcome, "RetryDetails": retry}, operation)
        return operation
    if kind == "CONTEXT" and update.get("ContextOptions"):
        details["ReplayChildren"] = bool(update["ContextOptions"].get("ReplayChildren"))
    execution.finish(operation, _ENDS[action], Result=said, Error=error)
    happened = {"SUCCEED": "Succeeded", "FAIL": "Failed", "CANCEL": "Cancelled"}[action]
    told: Json = {"Result": payload(said)} if action == "SUCCEED" else {"Error": payload(error)}
    if retry:
        told["RetryDetails"] = retry
    execution.note(f"{kind.title()}{happened}", told, operation)
    return operation


def _started(execution: Execution, operation: Json, update: Mapping[str, Any]) -> None:
    """Note the start of an operation, with what its type's event has."""
    kind, told = str(operation["Type"]), Json()
    if kind == "WAIT":
        wait_s = int((update.get("WaitOptions") or {}).get("WaitSeconds") or 0)
        end = operation["StartTimestamp"] + wait_s
        operation["WaitDetails"]["ScheduledEndTimestamp"] = end
        told = {"Duration": wait_s, "ScheduledEndTimestamp": end}
    elif kind == "CALLBACK":
        options = update.get("CallbackOptions") or {}
        told = {"CallbackId": operation["CallbackDetails"]["CallbackId"]}
        told["Timeout"] = options.get("TimeoutSeconds") or 0
        told["HeartbeatTimeout"] = options.get("HeartbeatTimeoutSeconds") or 0
    elif kind == "CHAINED_INVOKE":
        told = {"FunctionName": str(update["ChainedInvokeOptions"]["FunctionName"])}
        told["Input"] = payload(update.get("Payload"))
    name = details_name(kind).removesuffix("Details")
    execution.note(f"{name}Started", told, operation)
