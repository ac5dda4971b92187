"""Asynchronous invocations: tried up to three times, then told to a destination or a queue.

ministack takes the event; this file runs it and sends what AWS sends afterwards.
Bodies: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from serverless_tax.cloud.front.caller import CALLER, Caller, new_request_id, new_trace_id
from serverless_tax.cloud.front.sockets import LAMBDA

MOST_RETRIES = 2
MOST_AGE_S = 6 * 3600
_SHOWN_ERROR = 1024
_ZERO = "ZeroReservedConcurrency"
_NOT_INVOKED = (
    "Function not invoked. Function isconfigured with zero reserved concurrent executions"
)
RATE_EXCEEDED = "Rate Exceeded."


def asynchronous(loop: asyncio.AbstractEventLoop) -> Callable[[dict[str, Any], Any], None]:
    """Return the function that takes an event for later.

    Args:
        loop: ministack's services run on it.
    """

    def invoke(func: dict[str, Any], event: Any) -> None:
        config = func.get("config") or func
        names = vars(import_module(LAMBDA))
        account_id, region = names["_account_region_from_function_config"](config)

        def run() -> None:
            names["_request_account_id"].set(account_id)
            names["_request_region"].set(region)
            CALLER.set(CALLER.get() or Caller("", new_trace_id(), new_request_id()))
            try:
                _run(func, config, event, loop)
            except Exception:
                logging.getLogger(__name__).exception("an asynchronous invocation was lost")

        # A copy, so that the request's account, trace and id go along.
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(run,), daemon=True).start()

    return invoke


def _run(
    func: dict[str, Any], config: dict[str, Any], event: Any, loop: asyncio.AbstractEventLoop
) -> None:
    names = vars(import_module(LAMBDA))
    settings = _settings(config)
    retries = settings.get("MaximumRetryAttempts")
    most = MOST_RETRIES if retries is None else int(retries)
    age_s = float(settings.get("MaximumEventAgeInSeconds") or MOST_AGE_S)
    began, attempts, result = time.monotonic(), 0, dict[str, Any]()
    condition = "Success"
    reserved = (names["_functions"].get(config["FunctionName"]) or {}).get("concurrency")
    for pause_s in _pauses(names):
        if reserved == 0:  # AWS tries nothing, and keeps nothing for later
            condition = _ZERO
            break
        result = names["_execute_function"](func, event)
        attempts += 0 if result.get("throttle") else 1
        if not result.get("error"):
            break
        if attempts > most:
            condition = "RetriesExhausted"
            break
        if time.monotonic() - began + pause_s > age_s:
            condition = "EventAgeExceeded"
            break
        time.sleep(pause_s)
    record = _record(config, event, result, condition, attempts)
    _tell(config, settings, record, loop, throttled=bool(result.get("throttle")))


def _settings(config: dict[str, Any]) -> dict[str, Any]:
    """The function's EventInvokeConfig for this version."""
    names = vars(import_module(LAMBDA))
    func = names["_functions"].get(config["FunctionName"]) or {}
    version = str(config.get("Version") or "$LATEST")
    wanted = (version, None) if version == "$LATEST" else (version,)
    found = (names["_event_invoke_config"](func, one) for one in wanted)
    return next((one for one in found if one), {})


def _pauses(names: dict[str, Any]) -> Iterator[float]:
    """The waits between two tries; AWS waits a minute, then two."""
    base_s = names["_LAMBDA_ASYNC_RETRY_BASE_SECONDS"]
    most_s = names["_LAMBDA_ASYNC_RETRY_MAX_SECONDS"]
    attempt = 0
    while True:
        yield min(base_s * 2**attempt, most_s)
        attempt += 1


def _record(
    config: dict[str, Any], event: Any, result: dict[str, Any], condition: str, attempts: int
) -> dict[str, Any]:
    """What AWS sends to a destination."""
    caller = CALLER.get()
    arn, version = str(config["FunctionArn"]), str(config.get("Version") or "$LATEST")
    qualified = arn if arn.count(":") > 6 else f"{arn}:{version}"  # noqa: PLR2004 - parts of an ARN
    failed = condition != "Success"
    said: dict[str, Any] = {"statusCode": 200, "executedVersion": version}
    if failed:
        said["functionError"] = result.get("function_error") or "Unhandled"
    body = result.get("body")
    try:
        answer = json.loads(body) if isinstance(body, str) else body
    except ValueError:
        answer = body
    record = {
        "version": "1.0",
        "timestamp": _now(),
        "requestContext": {
            "requestId": caller.request_id if caller else "",
            "functionArn": qualified,
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": event,
    }
    return {**record, "responseContext": said, "responsePayload": answer} if result else record


def _tell(
    config: dict[str, Any],
    settings: dict[str, Any],
    record: dict[str, Any],
    loop: asyncio.AbstractEventLoop,
    *,
    throttled: bool,
) -> None:
    """Send the record to its destination, and a failed event to its dead-letter queue."""
    failed = record["requestContext"]["condition"] != "Success"
    kind = "OnFailure" if failed else "OnSuccess"
    wanted = (settings.get("DestinationConfig") or {}).get(kind) or {}
    queue = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    if wanted.get("Destination"):
        _send(str(wanted["Destination"]), record, loop)
    if failed and queue:
        _send_dead_letter(str(queue), record, loop, throttled=throttled)


def _send(arn: str, record: dict[str, Any], loop: asyncio.AbstractEventLoop) -> None:
    service, body = arn.split(":")[2], json.dumps(record)
    if service == "sqs":
        _call(loop, "sqs", "AmazonSQS.SendMessage", _to_queue(arn, body))
    elif service == "sns":
        _call(loop, "sns", "", {"Action": "Publish", "TopicArn": arn, "Message": body})
    elif service == "lambda":
        names = vars(import_module(LAMBDA))
        func, target, _ = names["_get_func_record_for_ref"](arn)
        if func:
            CALLER.set(None)  # the other function has a request id of its own
            asynchronous(loop)(names["_execution_record_for_config"](func, target), record)
    elif service == "events":
        ended = "Success" if record["requestContext"]["condition"] == "Success" else "Failure"
        entry = {
            "Source": "lambda",
            "DetailType": f"Lambda Function Invocation Result - {ended}",
            "Detail": body,
            "Resources": [arn, record["requestContext"]["functionArn"]],
            "EventBusName": arn.rpartition("/")[2],
        }
        _call(loop, "eventbridge", "AWSEvents.PutEvents", {"Entries": [entry]})


def _send_dead_letter(
    arn: str, record: dict[str, Any], loop: asyncio.AbstractEventLoop, *, throttled: bool
) -> None:
    """Send the event itself; what is known of the failure stands in three attributes.

    The text about zero concurrency, which has no code, is AWS's as a public emulator's source has
    it, its missing space included.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
    """
    caller = CALLER.get() or Caller("", "", "")
    body = caller.written(record["requestPayload"]).decode()
    answer = record.get("responsePayload")
    message = answer.get("errorMessage", "") if isinstance(answer, dict) else ""
    attributes = {
        "RequestID": ("String", record["requestContext"]["requestId"]),
        "ErrorCode": ("Number", "200"),
        "ErrorMessage": ("String", str(message)[:_SHOWN_ERROR] or "none"),
    }
    if record["requestContext"]["condition"] == _ZERO:
        del attributes["ErrorCode"]
        attributes["ErrorMessage"] = ("String", _NOT_INVOKED)
    elif throttled:
        attributes |= {"ErrorCode": ("Number", "429"), "ErrorMessage": ("String", RATE_EXCEEDED)}
    if arn.split(":")[2] == "sqs":
        typed = {
            name: {"DataType": kind, "StringValue": value}
            for name, (kind, value) in attributes.items()
        }
        asked = {**_to_queue(arn, body), "MessageAttributes": typed}
        _call(loop, "sqs", "AmazonSQS.SendMessage", asked)
        return
    asked = {"Action": "Publish", "TopicArn": arn, "Message": body}
    for number, (name, (kind, value)) in enumerate(attributes.items(), 1):
        entry = f"MessageAttributes.entry.{number}"
        asked |= {f"{entry}.Name": name, f"{entry}.Value.DataType": kind}
        asked |= {f"{entry}.Value.StringValue": value}
    _call(loop, "sns", "", asked)


def _to_queue(arn: str, body: str) -> dict[str, Any]:
    *_, account, name = arn.split(":")
    url = vars(import_module("ministack.services.sqs"))["_queue_url_for_account"](account, name)
    return {"QueueUrl": url, "MessageBody": body}


def _call(
    loop: asyncio.AbstractEventLoop, service: str, target: str, asked: dict[str, Any]
) -> None:
    """Call one of ministack's services as a client would; a failure goes into the server's log."""
    handle = import_module(f"ministack.services.{service}").handle_request
    body = json.dumps(asked) if target else urlencode(asked)
    answer = handle("POST", "/", {"x-amz-target": target}, body.encode(), {})
    status, _, said = asyncio.run_coroutine_threadsafe(answer, loop).result()
    if status >= 400:  # noqa: PLR2004 - an error of the service
        logging.getLogger(__name__).warning("%s did not take a record: %s", service, said)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
