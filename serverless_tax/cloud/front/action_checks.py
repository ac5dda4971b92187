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
    detected,
    members_of_form,
)
from serverless_tax.cloud.front.template_checks import template_error
from serverless_tax.cloud.front.value_checks import value_error

_CODES = {
    "events": "ValidationException",
    "iam": "ValidationError",
    "kms": "ValidationException",
    "logs": "InvalidParameterException",
    "monitoring": "ValidationError",
    "secretsmanager": "ValidationException",
    "ssm": "ValidationException",
    "states": "ValidationException",
    "sts": "ValidationError",
}
"""By service, what its validator's errors are called."""
_UNNAMED = ("cloudformation", "sns", "sqs")
"""Services whose values have no constraints in the model, and errors of their own."""
_NO_CBOR = f"This local cloud reads JSON and forms, and no CBOR (Content-Type). {MAY}"
_OF_A_NAME = re.compile(r"Value '.*' at '(\w+)' failed .*: \[\\w\+=,\.@-\]\+", re.DOTALL)


def action_error(service: str, headers: Mapping[str, str], body: bytes) -> AwsError | None:
    """Return why a call is refused; None for any other request.

    Args:
        service: that its signature names.
        headers: names in lower case.
        body: the whole of it.
    """
    if any("cbor" in headers.get(name, "") for name in ("content-type", "smithy-protocol")):
        code = "UnsupportedMediaTypeException"
        return AwsError(code, code, _NO_CBOR, service, 415)
    return _error(service, headers, body) if service in {*_CODES, *_UNNAMED} else None


def _error(service: str, headers: Mapping[str, str], body: bytes) -> AwsError | None:
    try:
        if service == "cloudformation":
            form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            return template_error(form.get("Action", ""), form)
        action, asked = _asked(service, headers, body)
        error = value_error(service, action, asked)
        if error:
            return AwsError(error[0], *error, service, 400)
        broken = broken_action(service, action, asked) if service in _CODES else []
    except (ValueError, TypeError, AttributeError, RecursionError):
        code = "SerializationException"
        return AwsError(code, code, "A member of the request has the wrong type.", service, 400)
    if not broken:
        return None
    code = _CODES[service]
    return AwsError(code, code, _told(service, broken), service, 400)


def _asked(service: str, headers: Mapping[str, str], body: bytes) -> tuple[str, Mapping[str, Any]]:
    """A call's action and its members; an action is empty where there is none."""
    target = headers.get("x-amz-target")
    if target:
        asked = json.loads(body or b"{}")
        if not isinstance(asked, dict):
            raise TypeError(asked)
        return target.rpartition(".")[2], asked
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
