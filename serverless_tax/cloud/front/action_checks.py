"""Calls of the services around functions, held to the constraints of AWS's own model.

ministack makes a rule, a log group, a user or an alarm of any name. AWS's validator answers first,
with the sentences of :mod:`serverless_tax.cloud.front.constraints`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from serverless_tax.cloud.front.aws_errors import MAY, AwsError
from serverless_tax.cloud.front.constraints import (
    broken_action,
    broken_constraints,
    detected,
    members_of_form,
    takes_json,
)
from serverless_tax.cloud.front.gateway_values import gateway_error, is_there
from serverless_tax.cloud.front.lacks import json_object
from serverless_tax.cloud.front.operations import ApiRequest, operation_of, service_at
from serverless_tax.cloud.front.rest_apis import document_error
from serverless_tax.cloud.front.schedules import schedule_error
from serverless_tax.cloud.front.tags import CODES
from serverless_tax.cloud.front.template_checks import template_error
from serverless_tax.cloud.front.unread import unread_error
from serverless_tax.cloud.front.value_checks import value_error

_CODES = {
    "apigateway": "BadRequestException",
    "cognito-idp": "InvalidParameterException",
    "dynamodb": "ValidationException",
    "dynamodbstreams": "ValidationException",
    "ecr": "InvalidParameterException",
    "events": "ValidationException",
    "iam": "ValidationError",
    "kinesis": "ValidationException",
    "kms": "ValidationException",
    "logs": "InvalidParameterException",
    "monitoring": "ValidationError",
    "pipes": "ValidationException",
    "scheduler": "ValidationException",
    "secretsmanager": "ValidationException",
    "ssm": "ValidationException",
    "states": "ValidationException",
    "sts": "ValidationError",
    "tagging": "InvalidParameterException",
}
"""By service, what its validator's errors are called."""
_BY_PATH = ("apigateway", "pipes", "scheduler")
"""Services whose operations are known by method and path."""
_UNNAMED = ("cloudformation", "sns", "sqs")
"""Services whose values have no constraints in the model, and errors of their own."""
_NO_CBOR = f"This local cloud reads JSON and forms, and no CBOR (Content-Type). {MAY}"
_OF_A_NAME = re.compile(r"Value '.*' at '(\w+)' failed .*: \[\\w\+=,\.@-\]\+", re.DOTALL)


def action_error(request: ApiRequest, body: bytes) -> AwsError | None:
    """Return why a call is refused; None for any other request.

    Args:
        request: without its body.
        body: the whole of it.
    """
    service, headers = request.service, request.headers
    if any("cbor" in headers.get(name, "") for name in ("content-type", "smithy-protocol")):
        code = "UnsupportedMediaTypeException"
        return AwsError(code, code, _NO_CBOR, service, 415)
    return _error(request, body) if service in {*_CODES, *_UNNAMED} else None


def _error(request: ApiRequest, body: bytes) -> AwsError | None:
    service = request.service
    try:
        if service == "cloudformation":
            form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            return template_error(form.get("Action", ""), form)
        if service in _BY_PATH:
            return _error_at(request, body)
        action, asked = _asked(service, request.headers, body)
        error = value_error(service, action, asked)
        if error:
            return AwsError(error[0], *error, service, 400)
        broken = broken_action(service, action, asked) if service in _CODES else []
        left = "" if broken else unread_error(service, action, asked)
    except (ValueError, TypeError, AttributeError, RecursionError):
        code = "SerializationException"
        return AwsError(code, code, "A member of the request has the wrong type.", service, 400)
    text = _told(service, broken) if broken else left
    return _refusal(service, text) if text else None


def _refusal(service: str, text: str) -> AwsError:
    code = _CODES.get(service) or CODES[service]
    return AwsError(code, code, text, service, 400)


def _error_at(request: ApiRequest, body: bytes) -> AwsError | None:
    """Why a call is refused whose operation is known by its path."""
    named = request._replace(service=service_at(request.service, request.path))
    asked = _object(body) if takes_json(named) else None  # a document of an API is none
    broken = broken_constraints(named, asked)
    wrong = detected(broken) if broken else ""
    if not wrong and request.service == "apigateway" and asked is None:
        wrong = document_error(body)
    if not wrong and request.service == "apigateway":
        wrong = gateway_error(named, asked or json_object(body))
    if not wrong and request.service == "scheduler" and request.path.startswith("/schedules/"):
        wrong = schedule_error(asked or {})
    if not wrong and is_there(named):
        code, text = "ConflictException", "Method already exists for this resource"
        return AwsError(code, code, text, request.service, 409)
    found = operation_of(named.service, named.method, named.path, named.query)
    if not wrong and found:
        wrong = unread_error(named.service, found[0].name, asked or {})
    return _refusal(request.service, wrong) if wrong else None


def _object(body: bytes) -> dict[str, Any]:
    asked = json.loads(body or b"{}")
    if not isinstance(asked, dict):
        raise TypeError(asked)
    return asked


def _asked(service: str, headers: Mapping[str, str], body: bytes) -> tuple[str, Mapping[str, Any]]:
    """A call's action and its members; an action is empty where there is none."""
    target = headers.get("x-amz-target")
    if target:
        return target.rpartition(".")[2], _object(body)
    if not headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return "", {}
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    action = form.get("Action", "")
    return action, members_of_form(service, action, form)


def _told(service: str, broken: list[str]) -> str:
    """The validator's answer; IAM has a sentence of its own about the letters of a name."""
    name = _OF_A_NAME.fullmatch(broken[0])
    if service != "iam" or name is None or len(broken) > 1:
        return detected(broken)
    return (
        f"The specified value for {name[1]} is invalid. It must contain only alphanumeric "
        "characters and/or the following: +=,.@_-"
    )
