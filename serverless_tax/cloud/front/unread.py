"""Members of a request that no code here reads: nothing could act by them, so they are refused.

Which these are is not listed by hand. A member whose name stands in none of ministack's code of
the service, nor in ours, is one that AWS knows and this cloud does not.
"""

from __future__ import annotations

import functools
import pkgutil
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from types import CodeType
from typing import Any

from serverless_tax.cloud.front.aws_errors import MAY
from serverless_tax.cloud.front.operations import model_of

_MODULES = {
    "apigateway": "apigateway_v1", "apigatewayv2": "apigateway", "cognito-idp": "cognito",
    "dynamodb": "dynamodb", "events": "eventbridge", "iam": "iam", "kinesis": "kinesis",
    "kms": "kms", "lambda": "lambda_svc", "logs": "cloudwatch_logs", "monitoring": "cloudwatch",
    "scheduler": "scheduler", "secretsmanager": "secretsmanager", "sns": "sns", "sqs": "sqs",
    "ssm": "ssm", "states": "stepfunctions", "sts": "sts",
}  # fmt: skip
"""By service, the module of ministack's that serves it."""
_OURS = {
    "apigateway": ("api_limits", "apis", "http_events", "rest_apis", "rest_checks"),
    "apigatewayv2": ("api_limits", "apis", "http_api_body", "http_events", "sockets"),
    "dynamodb": ("tables",), "events": ("deliveries", "patterns", "schedules"),
    "iam": ("iam_checks", "iam_pages"),
    "lambda": ("asynchronous", "batches", "dispatch", "durable", "lambda_checks", "lambda_state"),
    "logs": ("deliveries", "log_metrics", "log_pages", "logs_checks"),
    "monitoring": ("absent", "log_metrics"), "scheduler": ("deliveries", "schedules"),
    "sns": ("deliveries", "patterns", "topics"), "sqs": ("queues",),
    "states": ("absent", "machine_rules", "machines"),
}  # fmt: skip
"""The modules of this package that read what ministack does not."""
_GROUPS = {
    "ApiGateway": "apigateway", "ApiGatewayV2": "apigatewayv2", "CloudWatch": "monitoring",
    "Cognito": "cognito-idp", "DynamoDB": "dynamodb", "Events": "events", "IAM": "iam",
    "KMS": "kms", "Kinesis": "kinesis", "Logs": "logs", "S3": "s3", "SNS": "sns", "SQS": "sqs",
    "SSM": "ssm", "Scheduler": "scheduler", "SecretsManager": "secretsmanager",
    "StepFunctions": "states",
}  # fmt: skip
"""Groups of a template's types whose properties are held to the same; Lambda's are elsewhere."""
_ASKS_NOTHING = frozenset(
    [
        *("clienttoken", "bypasspolicylockoutsafetycheck", "confirmremoveselfresourceaccess"),
        *("generatedistinctid", "interleaved", "sequencetoken", "workername", "force"),
        "traceheader",
        "bucketencryption",
        "streamencryption",
        *("returnsubscriptionarn", "uselatestrestorabletime"),
        *("analyticsmetadata", "usercontextdata", "contextdata", "granttokens"),
    ]
)
"""Names in lower case: hints, what AWS reads no more, and what is so here in any case."""
_USUAL = {
    "storageresolution": (60,), "ipaddresstype": ("ipv4",), "accesscontrol": ("Private",),
}  # fmt: skip
"""What is so where a member is left out."""
_WORD = re.compile(r"[\w-]+")


def unread_error(service: str, operation: str, asked: Mapping[str, Any]) -> str:
    """Return why an operation with these members is refused; empty if it is not.

    Args:
        service: by the name of AWS's model.
        operation: of that service.
        asked: its members, by their names in the model or on the wire.
    """
    if service not in _MODULES or operation not in model_of(service).operation_names:
        return ""
    shape, read = model_of(service).operation_model(operation).input_shape, _read(service)
    left = next((one for one in _unread(shape, asked, read, "")), "") if shape else ""
    if operation.lower() not in read and not read & {name.lower() for name in asked}:
        return ""  # nothing of it is here, which ministack says
    return f"This local cloud does not read {left} of {operation}. {MAY}" if left else ""


def unread_property(kind: str, props: Mapping[str, Any]) -> str:
    """Return why a template's resource is refused; empty if it is not.

    Args:
        kind: its type; one whose service is not held to this has no such refusal.
        props: its properties.
    """
    service = _GROUPS.get(kind.removeprefix("AWS::").partition("::")[0])
    if service is None:
        return ""
    read = _read_of_templates(service)
    for name, value in props.items():
        usual = (*_NOTHING, *_USUAL.get(name.lower(), ()))
        if name.lower() not in read | _ASKS_NOTHING and value not in usual:
            return f"No code here reads {name} of {kind}. AWS has none such, or acts by it."
    return ""


@functools.cache
def _read_of_templates(service: str) -> frozenset[str]:
    return _words_of_templates() | (frozenset(_words(_S3)) if service == "s3" else _read(service))


_S3 = "ministack.services.s3"


@functools.cache
def _words_of_templates() -> frozenset[str]:
    return frozenset(_words("ministack.services.cloudformation"))


def _unread(shape: Any, given: Any, read: frozenset[str], place: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "list" and isinstance(given, list):
        for one in given:
            yield from _unread(shape.member, one, read, place)
    elif kind == "map" and isinstance(given, Mapping):
        for one in given.values():
            yield from _unread(shape.value, one, read, place)
    elif kind == "structure" and isinstance(given, Mapping):
        for name, member in shape.members.items():
            wire = str(member.serialization.get("name", name))
            value = given.get(wire, given.get(name))
            names = {wire.lower(), name.lower()}
            usual = _USUAL.get(name.lower(), ())
            if value in _NOTHING or value in usual or names & _ASKS_NOTHING:
                continue
            here = f"{place}.{name}" if place else name
            if not names & read:
                yield here
            yield from _unread(member, value, read, here)


_NOTHING: tuple[Any, ...] = (None, "", False, "false", [], {})


@functools.cache
def _read(service: str) -> frozenset[str]:
    """The words, in lower case, of all code that could read a member of a service."""
    ours = [f"serverless_tax.cloud.front.{name}" for name in _OURS.get(service, ())]
    ours += ["serverless_tax.cloud.durable"] if service == "lambda" else []
    modules = (f"ministack.services.{_MODULES[service]}", *ours)
    return frozenset(word for name in modules for word in _words(name))


def _words(module: str) -> Iterator[str]:
    spec = find_spec(module)
    if spec is None:  # of a module that was renamed no word would count as read
        raise ModuleNotFoundError(module)
    code = getattr(spec.loader, "get_code")(module)  # noqa: B009 - no protocol
    if code is not None:
        for text in _texts(code):
            yield from (word.lower() for word in _WORD.findall(text))
    for found in pkgutil.iter_modules(spec.submodule_search_locations or ()):
        yield from _words(f"{module}.{found.name}")


def _texts(code: CodeType) -> Iterator[str]:
    """The names and the texts of a module's code."""
    yield from (*code.co_names, *code.co_varnames)
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _texts(one)
        elif isinstance(one, str):
            yield one
        elif isinstance(one, tuple | frozenset):
            yield from (text for text in one if isinstance(text, str))
