"""Where events go: what EventBridge, Pipes, SNS, S3 and CloudWatch Logs refuse.

ministack takes nearly any target, and then sends nothing to it. Texts are AWS's from public issues;
those that name this cloud are ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from importlib import import_module
from itertools import combinations
from typing import Any

from serverless_tax.cloud.front.aws_errors import MAY, json_refusal
from serverless_tax.cloud.front.log_metrics import record
from serverless_tax.cloud.front.log_pages import LOGS
from serverless_tax.cloud.front.patterns import RULES
from serverless_tax.cloud.front.permissions import lets_invoke
from serverless_tax.cloud.front.schedules import CALLED, told

Reply = tuple[Any, ...]
Handle = Callable[..., Any]
PIPES, TOPICS, BUCKETS = (f"ministack.services.{name}" for name in ("pipes", "sns", "s3"))
_INVALID = "ValidationException"
_STATES = ("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
_WAYS = ("Input", "InputPath", "InputTransformer")
_MOST_TARGETS = 5
_MOST_ENTRIES_BYTES = 1024 * 1024
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html"""
_PROTOCOLS = frozenset(
    ["http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"]
)
_DELIVERED = frozenset(["http", "https", "sqs", "lambda"])
_EVENT = re.compile(
    r"s3:(ObjectCreated|ObjectRemoved|ObjectRestore|Replication|LifecycleExpiration|ObjectTagging):"
    r"(\*|\w+)|s3:(ReducedRedundancyLostObject|LifecycleTransition|IntelligentTiering|"
    r"ObjectAcl:Put|ObjectAnnotation:\*)"
)
_TOLD = re.compile(r"s3:Object(Created|Removed):")
"""The events that happen here."""


def ruled(original: Handle) -> Handle:
    """PutRule, with a state that there is, and with something to happen on."""

    def put(data: Mapping[str, Any]) -> Reply:
        wrong = rule_error(data)
        reply: Reply = json_refusal(_INVALID, wrong) if wrong else original(data)
        return reply

    return put


def rule_error(rule: Mapping[str, Any]) -> str:
    """Why a rule is refused; empty if it is not."""
    if not rule.get("EventPattern") and not rule.get("ScheduleExpression"):
        return "Parameter(s) EventPattern or ScheduleExpression must be specified."
    state = rule.get("State", _STATES[0])
    if state in _STATES:
        return ""
    return (
        f"1 validation error detected: Value '{state}' at 'state' failed to satisfy constraint: "
        f"Member must satisfy enum value set: [{', '.join(_STATES)}]"
    )


def targeted(original: Handle) -> Handle:
    """PutTargets, for targets that get their events."""

    def put(data: Mapping[str, Any]) -> Reply:
        names = vars(import_module(RULES))
        key = names["_rule_key"](data.get("Rule"), data.get("EventBusName", "default"))
        given = data.get("Targets") or []
        known = {one["Id"] for one in names["_targets"].get(key) or []}
        if len(known | {one.get("Id") for one in given}) > _MOST_TARGETS:
            text = "The requested resource exceeds the maximum number allowed."
            return json_refusal("LimitExceededException", text)
        wrong = next(filter(None, map(target_error, given)), "")
        reply: Reply = json_refusal(_INVALID, wrong) if wrong else original(data)
        return reply

    return put


def target_error(target: Mapping[str, Any]) -> str:
    """Why a rule's target is refused; empty if it is not."""
    own, service = target.get("Id"), [*str(target.get("Arn")).split(":"), "", "", ""][2]
    if sum(name in target for name in _WAYS) > 1:
        return (
            f"Only one of {', '.join(_WAYS[:2])}, or {_WAYS[2]} must be provided for target {own}."
        )
    if "Input" in target and not _is_json(target["Input"]):
        return f"JSON syntax error in input for target {own}."
    shaped = target.get("InputTransformer") or {}
    for name in re.findall(r"<([\w.-]+)>", str(shaped.get("InputTemplate") or "")):
        if name not in (shaped.get("InputPathsMap") or {}) and not name.startswith("aws.events."):
            return f"InputTemplate for target {own} contains invalid placeholder {name}."
    supported = vars(import_module(RULES))["_SUPPORTED_TARGET_SERVICES"]
    if service in supported and service not in CALLED:
        return (
            "This local cloud sends events to functions, queues, topics, buses and state machines, "
            f"and not to {service} (target {own}). {MAY}"
        )
    return ""


def invoked(original: Handle) -> Handle:
    """The call of a rule's target: a function has to let EventBridge call it."""

    def invoke(target: Mapping[str, Any], event: Any, rule: Mapping[str, Any], *more: Any) -> None:
        arn = str(target.get("Arn"))
        is_role = ":lambda:" not in arn or target.get("RoleArn")
        if is_role or lets_invoke(arn, "events.amazonaws.com", str(rule.get("Arn"))):
            original(told(target, event, rule), event, rule, *more)
        else:
            _not_sent("AWS/Events", "FailedInvocations", {"RuleName": str(rule.get("Name"))})

    return invoke


def published(original: Handle) -> Handle:
    """The call of a topic's subscriber: a function has to let SNS call it."""

    def deliver(endpoint: str, envelope: str, topic: str, *more: Any) -> None:
        if lets_invoke(endpoint, "sns.amazonaws.com", topic):
            original(endpoint, envelope, topic, *more)
        else:
            of_it = {"TopicName": topic.rpartition(":")[2]}
            _not_sent("AWS/SNS", "NumberOfNotificationsFailed", of_it)

    return deliver


def _not_sent(namespace: str, metric: str, of_it: dict[str, str]) -> None:
    """Count what did not arrive, which is all that AWS tells of it."""
    record(namespace, metric, 1, "Count", of_it)


def sent(original: Handle) -> Handle:
    """PutEvents: an entry without what it needs fails alone."""

    def put(data: Mapping[str, Any], **named: Any) -> Reply:
        entries = data.get("Entries") or []
        if sum(map(_entry_bytes, entries)) > _MOST_ENTRIES_BYTES:
            text = "Total size of the entries in the request is over the limit."
            return json_refusal(_INVALID, text)
        failed = {
            number: error for number, one in enumerate(entries) if (error := _entry_error(one))
        }
        if not failed or named:
            whole: Reply = original(data, **named)
            return whole
        good = [one for number, one in enumerate(entries) if number not in failed]
        status, headers, body = original({**data, "Entries": good})
        if "Entries" not in (said := json.loads(body)):
            return status, headers, body
        told = iter(said["Entries"])
        said["Entries"] = [failed.get(number) or next(told) for number in range(len(entries))]
        said["FailedEntryCount"] += len(failed)
        return status, headers, json.dumps(said).encode()

    return put


def _entry_bytes(entry: Mapping[str, Any]) -> int:
    """The size of an entry, as its documentation counts it; a time counts 14 bytes."""
    texts = [*(entry.get(name) or "" for name in ("Source", "DetailType", "Detail"))]
    texts += entry.get("Resources") or []
    return sum(len(str(one).encode()) for one in texts) + (14 if entry.get("Time") else 0)


def _entry_error(entry: Mapping[str, Any]) -> dict[str, str]:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            text = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": text}
    if _is_json(entry["Detail"]) and str(entry["Detail"]).lstrip().startswith("{"):
        return {}
    return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}


def piped(original: Handle) -> Handle:
    """CreatePipe, from a stream of DynamoDB's to what ministack sends its records to."""

    def create(name: str, body: Mapping[str, Any]) -> Reply:
        text = pipe_error(body)
        refuse = vars(import_module(PIPES))["_error"]
        reply: Reply = refuse(400, _INVALID, text) if text else original(name, body)
        return reply

    return create


def pipe_error(pipe: Mapping[str, Any]) -> str:
    """Why a pipe is refused; empty if it is not."""
    source, target = str(pipe.get("Source")), str(pipe.get("Target"))
    runs = ":dynamodb:" in source and target.split(":")[2:3] in (["sns"], ["states"])
    if runs and not pipe.get("Enrichment"):
        return ""
    return (
        "This local cloud's pipes lead from a DynamoDB stream to a topic or a state machine, "
        f"without enrichment. {MAY}"
    )


def subscribed(original: Handle) -> Handle:
    """SNS's Subscribe, by a protocol that there is."""

    def subscribe(params: Mapping[str, Any]) -> Reply:
        names = vars(import_module(TOPICS))
        text = protocol_error(str(names["_p"](params, "Protocol")))
        reply: Reply = names["_error"]("InvalidParameter", text, 400) if text else original(params)
        return reply

    return subscribe


def texted(original: Handle) -> Handle:
    """SNS's Publish, to a topic: nobody's telephone rings here."""

    def publish(params: Mapping[str, Any]) -> Reply:
        names = vars(import_module(TOPICS))
        if not names["_p"](params, "PhoneNumber"):
            reply: Reply = original(params)
            return reply
        text = f"This local cloud sends no text messages (PhoneNumber). {MAY}"
        refused: Reply = names["_error"]("InvalidParameter", text, 400)
        return refused

    return publish


def protocol_error(protocol: str) -> str:
    """Why a subscription by a protocol is refused; empty if it is not."""
    if protocol in _DELIVERED or not protocol:
        return ""
    if protocol in _PROTOCOLS:
        return f"This local cloud delivers no messages by {protocol} (Protocol). {MAY}"
    return f"Invalid parameter: Amazon SNS does not support this protocol string: {protocol}"


def notified(original: Handle) -> Handle:
    """The check of a bucket's notifications: functions too must be there, and let S3 call them."""

    def check(
        configs: Iterable[Mapping[str, Any]],
        bucket_region: str,
        bucket_name: str = "",
        skip_destination_validation: bool = False,  # noqa: FBT001, FBT002 - ministack's own
    ) -> Any:
        refuse = vars(import_module(BUCKETS))["_invalid_notification_config"]
        given = [*configs]
        if not all(_EVENT.fullmatch(event) for one in given for event in one["events"]):
            return refuse("A specified event is not supported for notifications.")
        silent = {event for one in given for event in one["events"] if not _TOLD.match(event)}
        if silent:
            return refuse(f"This local cloud tells of no {min(silent)} (Event). {MAY}")
        if any(_overlap(one, other) for one, other in combinations(given, 2)):
            return refuse(
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two "
                "rules if the prefixes are overlapping for the same event type."
            )
        source = f"arn:aws:s3:::{bucket_name}"
        closed = [
            one["arn"]
            for one in given
            if one["type"] == "lambda" and not lets_invoke(one["arn"], "s3.amazonaws.com", source)
        ]
        if closed and not skip_destination_validation:
            where = ", ".join(closed)
            return refuse(f"Unable to validate the following destination configurations: {where}")
        return original(given, bucket_region, bucket_name, skip_destination_validation)

    return check


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two notifications of a bucket would tell of one change."""
    starts, ends = (
        [str(each.get(f"filter_{name}") or "") for each in (one, other)]
        for name in ("prefix", "suffix")
    )
    return (
        any(starts[n].startswith(starts[1 - n]) for n in (0, 1))
        and any(ends[n].endswith(ends[1 - n]) for n in (0, 1))
        and any(
            fnmatchcase(first, second) or fnmatchcase(second, first)
            for first in one["events"]
            for second in other["events"]
        )
    )


def logged(original: Handle) -> Handle:
    """PutSubscriptionFilter, to a function that is there and lets CloudWatch Logs call it."""

    def put(data: Mapping[str, Any]) -> Reply:
        arn, names = str(data.get("destinationArn")), vars(import_module(LOGS))
        where = f"{names['get_region']()}:{names['get_account_id']()}"
        source = f"arn:aws:logs:{where}:log-group:{data.get('logGroupName')}:*"
        group = names["_log_groups"].get(data.get("logGroupName")) or {}
        if len({*(group.get("subscriptionFilters") or {}), data.get("filterName")}) > _MOST_FILTERS:
            return json_refusal("LimitExceededException", "Resource limit exceeded.")
        if ":lambda:" not in arn or lets_invoke(arn, "logs.", source):
            reply: Reply = original(data)
            return reply
        text = (
            "Could not execute the lambda function. Make sure you have given CloudWatch Logs "
            "permission to execute your function."
        )
        return json_refusal("InvalidParameterException", text)

    return put


_MOST_FILTERS = 2
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""


def _is_json(text: Any) -> bool:
    try:
        json.loads(text)
    except (TypeError, ValueError):
        return False
    return True
