"""What a function's own policy permits: to everybody, to call it at its open address; to services.

Since October 2025 an open address takes two statements, for itself and for the function behind it:
https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.sockets import GATEWAY, LAMBDA

URL, FUNCTION = "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"
#: The condition that a statement about each action may have, and still be for everybody.
_FOR_ALL = {
    URL: {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
    FUNCTION: {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
}
_ROLES = (*("credentialsArn", "credentials", "authorizerCredentialsArn", "authorizerCredentials"),)
_ADDRESSES = ("integrationUri", "uri", "authorizerUri")
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


def lets_invoke(arn: str, service: str, *sources: str) -> bool:
    """Whether a function is there and lets a service call it.

    Args:
        arn: the function's, or its version's or alias's.
        service: the beginning of its name, as ``s3.amazonaws.com``.
        sources: names of the caller, any of which a statement's condition may mean.
    """
    names = vars(import_module(LAMBDA))
    name, qualifier = names["_resolve_name_and_qualifier"](arn)
    func = names["_functions"].get(name) or {}
    own = names["_policy_resource_arn"](name, qualifier)
    return any(
        one["Resource"] == own
        and (one["Principal"] == "*" or _is_for(one["Principal"], service))
        and one["Action"] in {FUNCTION, "lambda:*", "*"}
        and any(_holds(one.get("Condition") or {}, source) for source in sources)
        for one in (func.get("policy") or {}).get("Statement") or []
    )


def _is_for(principal: Mapping[str, Any], service: str) -> bool:
    return str(principal.get("Service")).startswith(service)


def _holds(condition: Mapping[str, Mapping[str, str]], source: str) -> bool:
    """Whether a statement's condition holds for a caller of this account."""
    wanted = {name.lower(): one for named in condition.values() for name, one in named.items()}
    account = vars(import_module(LAMBDA))["get_account_id"]()
    return (
        wanted.pop("aws:sourceaccount", account) == account
        and _is_like(wanted.pop("aws:sourcearn", source), source)
        and not wanted
    )


def _is_like(pattern: str, arn: str) -> bool:
    """Whether an ARN fits a pattern, whose signs * and ? stay between two colons."""
    parts, own = pattern.split(":", 5), arn.split(":", 5)
    if len(parts) != len(own):
        return pattern == "*"
    signs = {"\\*": ".*", "\\?": "."}
    return all(
        re.fullmatch(re.sub(r"\\[*?]", lambda one: signs[one[0]], re.escape(part)), there)
        for part, there in zip(parts, own, strict=True)
    )


def api_may(integration: Mapping[str, Any], api_id: str, *paths: str) -> bool:
    """Whether an API may call the function of its integration or authorizer.

    Args:
        integration: or authorizer; one with credentials has a role, which is not looked at.
        api_id: the API's.
        paths: names of what is asked, as a statement may have them after the API's id.
    """
    if any(integration.get(name) for name in _ROLES):
        return True
    uri = next((str(integration[name]) for name in _ADDRESSES if integration.get(name)), "")
    names = vars(import_module(GATEWAY))
    start = f"arn:aws:execute-api:{names['get_region']()}:{names['get_account_id']()}:{api_id}"
    arn = names["_extract_lambda_ref_from_integration_uri"](uri)
    return lets_invoke(arn, "apigateway.amazonaws.com", *(f"{start}/{path}" for path in paths))


def condition_error(asked: Mapping[str, Any]) -> str:
    """Why AWS refuses a statement's condition about addresses; empty if it does not."""
    for name, action in (("FunctionUrlAuthType", URL), ("InvokedViaFunctionUrl", FUNCTION)):
        if asked.get(name) is not None and asked.get("Action") != action:
            return f"{name} is only supported for {action} action"
    return ""
