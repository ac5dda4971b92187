"""What this cloud would take and not do, refused in a sentence each by one table.

The gate holds every request to the table, a stack the resources of its template, and a state
machine its tasks of ``aws-sdk``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs

from serverless_tax.cloud.front.aws_errors import MAY, AwsError
from serverless_tax.cloud.front.lacks_table import LACKS
from serverless_tax.cloud.front.operations import operation_of, service_at
from serverless_tax.cloud.front.tags import CODES
from serverless_tax.cloud.front.unread import unread_error, unread_property

_NO_OPERATION, _NO_OPERATION_OF_S3 = "UnknownOperationException", "NotImplemented"
_OFF = (None, "", False, "false", "OFF")
"""Values that ask for nothing."""
_BY_PATH = ("apigateway", "apigatewayv2", "s3", "scheduler", "pipes")
"""The services whose operations are known by method and path."""
_OF_TYPES = {
    "ApiGateway": "apigateway", "ApiGatewayV2": "apigatewayv2", "Events": "events",
    "Scheduler": "scheduler", "SNS": "sns", "S3": "s3", "DynamoDB": "dynamodb", "Logs": "logs",
    "StepFunctions": "states", "Pipes": "pipes", "CloudWatch": "monitoring",
    "SecretsManager": "secretsmanager", "SSM": "ssm", "Cognito": "cognito-idp",
}  # fmt: skip
_READ = ("DynamoDB", "Events", "Scheduler", "SNS")
"""Groups of types whose properties have the names of their services' APIs."""
_OF_TASKS = {
    "sfn": "states", "cloudwatchlogs": "logs", "eventbridge": "events", "cloudwatch": "monitoring",
    **{
        name: name
        for name in (
            *("athena", "dynamodb", "ecr", "glue", "iam", "kinesis", "kms", "lambda", "s3"),
            *("secretsmanager", "sns", "sqs", "ssm", "sts"),
        )
    },
}  # fmt: skip
"""Services of this cloud that ministack's tasks reach, as Step Functions calls them."""
_AT_THE_GATE = {
    "lambda": ("create", "update", "put", "publish"),
    "logs": ("startQuery", "startLiveTail", "filterLogEvents", "putSubscription", "putMetric"),
}
"""Actions whose requests are looked at by the gate alone, which a task does not pass."""
_OF_A_METHOD = re.compile(r"/.*/(caching|logging|metrics)/(\w+)")
_SETTING = {
    ("caching", "enabled"): "cachingEnabled", ("logging", "loglevel"): "loggingLevel",
    ("logging", "dataTrace"): "dataTraceEnabled", ("metrics", "enabled"): "metricsEnabled",
}  # fmt: skip
_KEY, _NUMBER = re.compile(r"Attributes\.entry\.\d+\.key"), re.compile(r"\.(member|entry)\.\d+")


def lack_error(
    scope: Mapping[str, Any], service: str, headers: Mapping[str, str], body: bytes
) -> AwsError | None:
    """Return why a request asks for what this cloud does not have; None for any other request.

    Args:
        scope: of ASGI.
        service: that the request's signature names.
        headers: names in lower case.
        body: the whole of it.
    """
    service = service_at(service, scope["path"])
    if service not in LACKS or scope["method"] in {"HEAD", "DELETE"}:
        return None
    return lack_of(service, *_asked(scope, service, headers, body))


def lack_of(service: str, operation: str, asked: Mapping[str, Any]) -> AwsError | None:
    """Return why an operation with these members is refused; None if it is not."""
    for patterns, lacks in LACKS.get(service, {}).items():
        if not any(fnmatchcase(operation, one) for one in patterns.split()):
            continue
        if isinstance(lacks, str):
            code = _NO_OPERATION_OF_S3 if service == "s3" else _NO_OPERATION
            return _refusal(service, code, lacks, operation)
        for wanted, what in lacks.items():
            path, _, value = wanted.partition("=")
            for place, given in _members(asked):
                if fnmatchcase(_plain(place), _plain(path)) and fnmatchcase(
                    str(given), value or "*"
                ):
                    code = CODES.get(service.removesuffix("v2"), "ValidationException")
                    return _refusal(service, code, what, place)
    return None


def told_first(error: AwsError | None, lack: AwsError | None) -> AwsError | None:
    """Return which refusal is told: AWS would not accept what it refuses for another reason."""
    if lack and lack.json_code in {_NO_OPERATION, _NO_OPERATION_OF_S3}:
        return lack
    return lack if lack and (error is None or MAY in error.message) else error


def task_lack(called: str, given: Any) -> AwsError | None:
    """Return why a task of ``aws-sdk`` is refused; None if it is not.

    Args:
        called: what follows ``aws-sdk:`` in its resource, a service and an action.
        given: its parameters.
    """
    name, _, action = called.partition(":")
    service = _OF_TASKS.get(name.lower())
    if service is None:
        return _refusal("states", "ValidationException", f"service {name!r} for tasks", called)
    if action.startswith(_AT_THE_GATE.get(service, ())):
        return _refusal("states", "ValidationException", "such tasks", called)
    asked = given if isinstance(given, Mapping) else {}
    return lack_of(service, action[:1].upper() + action[1:].partition(".")[0], asked)


def resource_lack(kind: str, props: Mapping[str, Any]) -> AwsError | None:
    """Return why a template's resource is refused; None if it is not."""
    group, _, name = kind.removeprefix("AWS::").partition("::")
    service = _OF_TYPES.get(group, "")
    if name == "Method":
        return lack_of(service, "PutIntegration", props.get("Integration") or {})
    lack = lack_of(service, f"Create{name}", props)
    asked = ("PutTargets", {"Targets": props.get("Targets")}) if name == "Rule" else None
    left = unread_error(service, *(asked or (f"Create{name}", props))) if group in _READ else ""
    left = left or unread_property(kind, props)
    code = "ValidationException"
    return lack or (AwsError(code, code, left, service, 400) if left else None)


def _refusal(service: str, code: str, what: str, where: str) -> AwsError:
    text = f"This local cloud has no {what} ({where}). {MAY}"
    status = 501 if code == _NO_OPERATION_OF_S3 else 400
    return AwsError(code, code, text, service.removesuffix("v2"), status)


def _members(asked: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that asks for something, under its place and those around it."""
    if isinstance(asked, list):
        for one in asked:
            yield from _members(one, before)
    elif isinstance(asked, Mapping):
        for name, value in asked.items():
            yield from _members(value, f"{before}.{name}" if before else name)
    elif asked not in _OFF:
        places = before.split(".")
        for number in range(len(places), 0, -1):
            yield ".".join(places[:number]), asked


def _plain(place: str) -> str:
    """A place as it is compared: templates have capitals, and other plurals."""
    return ".".join(one[:1].lower() + one[1:].removesuffix("s") for one in place.split("."))


def _asked(
    scope: Mapping[str, Any], service: str, headers: Mapping[str, str], body: bytes
) -> tuple[str, Mapping[str, Any]]:
    """The operation that a request is, and its members."""
    if target := headers.get("x-amz-target"):
        return target.rpartition(".")[2], json_object(body)
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = {name: given[0] for name, given in parse_qs(body.decode("latin-1")).items()}
        members: dict[str, Any] = {}
        for name, one in form.items():
            members.setdefault(_NUMBER.sub("", name), []).append(one)
        members[form.get("AttributeName", "")] = form.get("AttributeValue")
        for name in filter(_KEY.match, form):
            members[form[name]] = form.get(name.removesuffix("key") + "value")
        return form.get("Action", ""), members
    if service not in _BY_PATH:
        return "", {}
    query = scope["query_string"].decode("latin-1")
    found = operation_of(service, scope["method"], scope["path"], query)
    if found is None:
        return "", {}
    return found[0].name, {} if service == "s3" else _patched(json_object(body))


def json_object(body: bytes) -> dict[str, Any]:
    """Return the members of a body in JSON; none of any other body."""
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}


def _patched(asked: dict[str, Any]) -> dict[str, Any]:
    """The members of a request; those of a patch are named by its paths."""
    for one in asked.get("patchOperations") or ():
        path, value = str(one.get("path")), one.get("value")
        of_a_method = _OF_A_METHOD.fullmatch(path)
        if of_a_method:
            setting = _SETTING.get((of_a_method[1], of_a_method[2]), of_a_method[2])
            asked.setdefault("methodSettings", {})[setting] = value
        elif one.get("op") in {"add", "replace"}:
            name, _, below = path.strip("/").partition("/")
            asked[name] = {below: value} if below else value
    return asked
