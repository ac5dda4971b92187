"""Calls of EventBridge, Logs and Step Functions, held to the constraints of AWS's own model.

ministack makes a rule or a log group of any name. AWS's validator answers first, with the sentences
of :mod:`serverless_tax.cloud.front.constraints`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from serverless_tax.cloud.front.aws_errors import AwsError
from serverless_tax.cloud.front.constraints import broken_action, detected

_CODES = {
    "events": "ValidationException",
    "logs": "InvalidParameterException",
    "states": "ValidationException",
}


def action_error(service: str, headers: Mapping[str, str], body: bytes) -> AwsError | None:
    """Return why a call is refused; None for any other request.

    Args:
        service: that its signature names.
        headers: names in lower case.
        body: the whole of it.
    """
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    if service not in _CODES or not action:
        return None
    try:
        broken = broken_action(service, action, json.loads(body or b"{}"))
    except (ValueError, TypeError, AttributeError, RecursionError):
        code = "SerializationException"
        return AwsError(code, code, "A member of the request has the wrong type.", service, 400)
    code = _CODES[service]
    return AwsError(code, code, detected(broken), service, 400) if broken else None
