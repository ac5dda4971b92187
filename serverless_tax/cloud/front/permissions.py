"""What a function's own policy permits: to everybody, to call it at its open address; to services.

Since October 2025 an open address takes two statements, for itself and for the function behind it:
https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.sockets import LAMBDA

URL, FUNCTION = "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"
#: The condition that a statement about each action may have, and still be for everybody.
_FOR_ALL = {
    URL: {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
    FUNCTION: {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
}
FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)


def is_open(function: str, qualifier: str | None) -> bool:
    """Whether everybody may call a function, or its alias, at its address."""
    names = vars(import_module(LAMBDA))
    func = names["_functions"].get(function) or {}
    arn = names["_policy_resource_arn"](function, qualifier)
    statements = (func.get("policy") or {}).get("Statement") or []
    of_it = [one for one in statements if one["Resource"] == arn and one["Principal"] == "*"]
    return all(any(_permits(one, action) for one in of_it) for action in _FOR_ALL)


def _permits(statement: Mapping[str, Any], action: str) -> bool:
    if statement["Action"] not in {action, "lambda:*", "*"}:
        return False
    return statement.get("Condition") in (None, _FOR_ALL[action])


def lets_invoke(arn: str, service: str) -> bool:
    """Whether a function is there and lets a service call it; conditions are not looked at.

    Args:
        arn: the function's, or its version's or alias's.
        service: the beginning of its name, as ``s3.amazonaws.com``.
    """
    names = vars(import_module(LAMBDA))
    name, qualifier = names["_resolve_name_and_qualifier"](arn)
    func = names["_functions"].get(name) or {}
    own = names["_policy_resource_arn"](name, qualifier)
    return any(
        one["Resource"] == own
        and str((one["Principal"] or {}).get("Service")).startswith(service)
        and one["Action"] in {FUNCTION, "lambda:*", "*"}
        for one in (func.get("policy") or {}).get("Statement") or []
        if isinstance(one["Principal"], dict)
    )


def condition_error(asked: Mapping[str, Any]) -> str:
    """Why AWS refuses a statement's condition about addresses; empty if it does not."""
    for name, action in (("FunctionUrlAuthType", URL), ("InvokedViaFunctionUrl", FUNCTION)):
        if asked.get(name) is not None and asked.get("Action") != action:
            return f"{name} is only supported for {action} action"
    return ""
