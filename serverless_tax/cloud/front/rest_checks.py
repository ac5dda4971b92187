"""What AWS refuses of a REST API's resources, methods, deployments and stages, and ministack takes.

The texts about a path part, an empty API and a deployment, about an authorizer and a validator that
are not there, are AWS's, as many have met them; the others are ours.
https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.rest_apis import REST

_PART = re.compile(r"[a-zA-Z0-9._:$,-]+|\{[a-zA-Z0-9._:-]+\+?\}")
_STAGE = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY")
_AUTHORIZED = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS")
_KINDS = ("TOKEN", "REQUEST", "COGNITO_USER_POOLS")
_PERIODS = ("DAY", "WEEK", "MONTH")
Given = Mapping[str, Any]


def install() -> None:
    """Put each check before the function of ministack's that it is for."""
    names = vars(import_module(REST))
    for name, check in _CHECKS.items():
        names[name] = _checked(names[name], check)


def _checked(original: Callable[..., Any], check: Callable[..., str]) -> Callable[..., Any]:
    def call(*given: Any) -> Any:
        wrong = check(*given)
        if not wrong:
            return original(*given)
        code, status = "BadRequestException", 400
        if wrong == _NO_DEPLOYMENT:
            code, status = "NotFoundException", 404
        return vars(import_module(REST))["_v1_error"](code, wrong, status)

    return call


_NO_DEPLOYMENT = "Invalid Deployment identifier specified"


def _resource(_api: str, _parent: str, data: Given) -> str:
    if _PART.fullmatch(str(data.get("pathPart") or "")):
        return ""
    return (
        "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly "
        "braces at the beginning and the end."
    )


def _method(api: str, resource: str, http_method: str, data: Given) -> str:
    names = vars(import_module(REST))
    here = (names["_resources"].get(api) or {}).get(resource) or {}
    if str(http_method).upper() not in _METHODS:
        return f"A method is one of {', '.join(_METHODS)}, and not {http_method}."
    kind = data.get("authorizationType", "NONE")
    known = names["_authorizers_v1"].get(api) or {}
    if kind in _AUTHORIZED[2:] and here and data.get("authorizerId") not in known:
        return (
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
            "COGNITO_USER_POOLS requires a valid authorizer."
        )
    validator = data.get("requestValidatorId")
    if validator and validator not in (names["_request_validators"].get(api) or {}):
        return "Invalid Request Validator identifier specified"
    if kind in _AUTHORIZED:
        return ""
    return f"An authorizationType is one of {', '.join(_AUTHORIZED)}, and not {kind}."


def authorizer_error(_api: str, data: Given) -> str:
    """Return why an authorizer is refused; empty if it is not."""
    kind = data.get("type")
    if kind not in _KINDS:
        return f"A type of an authorizer is one of {', '.join(_KINDS)}, and not {kind}."
    needed = "providerARNs" if kind == "COGNITO_USER_POOLS" else "authorizerUri"
    if not data.get(needed):
        return f"An authorizer of type {kind} needs {needed}."
    is_kept = data.get("authorizerResultTtlInSeconds", 1) != 0
    if not data.get("identitySource") and (kind != "REQUEST" or is_kept):
        return f"An authorizer of type {kind} needs identitySource."
    return ""


def _model(_api: str, data: Given) -> str:
    try:
        is_schema = isinstance(json.loads(str(data.get("schema") or "{}")), dict)
    except ValueError:
        is_schema = False
    return "" if is_schema else "Invalid model schema specified: it is no object of JSON"


def _deployment(api: str, _data: Given) -> str:
    names = vars(import_module(REST))
    if api not in names["_rest_apis"]:
        return ""
    every = (names["_resources"].get(api) or {}).values()
    methods = [
        one for resource in every for one in (resource.get("resourceMethods") or {}).values()
    ]
    if not methods:
        return "The REST API doesn't contain any methods"
    if not all(one.get("methodIntegration") for one in methods):
        return "No integration defined for method"
    return ""


def _stage(api: str, data: Given) -> str:
    names = vars(import_module(REST))
    if api not in names["_rest_apis"]:
        return ""
    if not _STAGE.fullmatch(str(data.get("stageName") or "")):
        return "Stage name only allows a-z, A-Z, 0-9, hyphen and underscore."
    if data.get("deploymentId") in (names["_deployments_v1"].get(api) or {}):
        return ""
    return _NO_DEPLOYMENT


def _plan(data: Given) -> str:
    quota = data.get("quota") or {}
    if not quota or quota.get("period") in _PERIODS:
        return ""
    return f"The period of a quota is one of {', '.join(_PERIODS)}, and not {quota.get('period')}."


_CHECKS: Mapping[str, Callable[..., str]] = {
    "_create_resource": _resource,
    "_put_method": _method,
    "_create_deployment": _deployment,
    "_create_authorizer": authorizer_error,
    "_create_model": _model,
    "_create_stage": _stage,
    "_create_usage_plan": _plan,
}
