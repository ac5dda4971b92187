"""Numbers that API Gateway refuses, and ministack keeps.

AWS's model names the bounds in words alone. The texts about a time and a compression are AWS's, as
many have met them, that about a method is from aws/aws-cdk #13643; the others are ours.
https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from serverless_tax.cloud.front.operations import ApiRequest, operation_of
from serverless_tax.cloud.front.rest_apis import REST
from serverless_tax.cloud.front.rest_patches import patch_error


class _Bounds(NamedTuple):
    least: float
    most: float
    text: str


_OF_RESULTS = _Bounds(0, 3600, "Authorizer result TTL must be between 0 and 3600 seconds")
_BOUNDS: Mapping[str, Mapping[str, _Bounds]] = {
    "apigateway": {
        "authorizerResultTtlInSeconds": _OF_RESULTS,
        "timeoutInMillis": _Bounds(50, 29_000, "Timeout should be between 50 ms and 29000 ms"),
        "minimumCompressionSize": _Bounds(
            0, 10_485_760, "Invalid minimum compression size, must be between 0 and 10485760"
        ),
        **{
            name: _Bounds(0, float("inf"), f"{name} must not be negative")
            for name in ("rateLimit", "burstLimit", "limit", "offset")
        },
    },
    "apigatewayv2": {
        "authorizerResultTtlInSeconds": _OF_RESULTS,
        "maxAge": _Bounds(-1, 86_400, "MaxAge must be between -1 and 86400 seconds"),
        **{
            name: _Bounds(0, float("inf"), f"{name} must not be negative")
            for name in ("throttlingBurstLimit", "throttlingRateLimit")
        },
    },
}
_OF_CORS = ("*", "GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
_METHODS = (*_OF_CORS, "ANY")
_OF_NAMES = ("variables", "stageVariables", "tags")
"""What is under these has names of the caller's own."""


def gateway_error(request: ApiRequest, asked: Mapping[str, Any]) -> str:
    """Return why a request to API Gateway is refused; empty if it is not.

    Args:
        request: whose service is that of AWS's model.
        asked: the body's JSON.
    """
    found = operation_of(request.service, request.method, request.path, request.query)
    if found is None:
        return ""
    patches = asked.get("patchOperations") or []
    if wrong := patch_error(found[0].name, found[0].output_shape, patches):
        return wrong
    paths = ((str(one.get("path")).strip("/").split("/"), one.get("value")) for one in patches)
    patched = {path[-1]: value for path, value in paths if path[0] not in _OF_NAMES}
    return bounds_error(request.service, {**asked, **patched})


def is_there(request: ApiRequest) -> bool:
    """Whether a request makes a method that its resource has; a stack may make it again."""
    found = operation_of(request.service, request.method, request.path, request.query)
    if found is None or found[0].name != "PutMethod":
        return False
    api, resource, method = found[1].values()
    of_api = vars(import_module(REST))["_resources"].get(api) or {}
    return method in ((of_api.get(resource) or {}).get("resourceMethods") or {})


def bounds_error(service: str, asked: Mapping[str, Any]) -> str:
    """Return why a number or a method is refused; empty if none is.

    Args:
        service: by the name of AWS's model.
        asked: members by AWS's names in lower case; a patch's are texts.
    """
    bounds = _BOUNDS[service]
    for name, value in _members(asked):
        if name in bounds and not _within(bounds[name], value):
            return bounds[name].text
        if name == "allowMethods" and (others := [one for one in value if one not in _OF_CORS]):
            return f"Method {others[0]} is not supported"
        if name == "integrationMethod" and value and value not in _METHODS:
            return f"An integration's method is one of {', '.join(_METHODS)}, and not {value}."
    return ""


def _within(bounds: _Bounds, value: Any) -> bool:
    """Whether a number, or a patch's text, is within bounds; an empty one is none."""
    try:
        return value in {None, ""} or bounds.least <= float(value) <= bounds.most
    except (TypeError, ValueError):
        return False


def _members(asked: Any) -> Iterator[tuple[str, Any]]:
    for name, value in asked.items():
        yield str(name), value
        if isinstance(value, Mapping) and name not in _OF_NAMES:
            yield from _members(value)
