"""HTTP APIs that a template describes as an OpenAPI document, as SAM does: routes and integrations.

ministack keeps the document and makes neither.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.sockets import GATEWAY

_KIND = "AWS::ApiGatewayV2::Api"
_INTEGRATION = "x-amazon-apigateway-integration"
_ANY, _DEFAULT = "x-amazon-apigateway-any-method", "/$default"
_FUNCTION = re.compile(r"/functions/(?P<arn>[^/]+)/invocations$")
_METHODS = frozenset(["get", "put", "post", "delete", "options", "head", "patch", _ANY])


def install() -> None:
    """Let CloudFormation make what an API's document describes, when it is made and changed."""
    provisioners = import_module("ministack.services.cloudformation.provisioners")
    handler = vars(provisioners)["_RESOURCE_HANDLERS"][_KIND]
    handler["create"] = _created(handler["create"])
    handler["update"] = _updated(handler["update"])


def _created(original: Callable[..., Any]) -> Callable[..., Any]:
    def create(logical_id: str, props: Mapping[str, Any], stack_name: str) -> Any:
        made = original(logical_id, props, stack_name)
        _import(made[0], props.get("Body") or {})
        return made

    return create


def _updated(original: Callable[..., Any]) -> Callable[..., Any]:
    def update(physical_id: str, old: Any, new: Mapping[str, Any], *rest: Any, **named: Any) -> Any:
        made = original(physical_id, old, new, *rest, **named)
        if new.get("Body"):
            gateway = vars(import_module(GATEWAY))
            gateway["_routes"][physical_id], gateway["_integrations"][physical_id] = {}, {}
            _import(physical_id, new["Body"])
        return made

    return update


def _import(api_id: str, document: Mapping[str, Any]) -> None:
    """Make the routes of a document, each with its integration."""
    gateway = vars(import_module(GATEWAY))
    for route_key, integration in _described(document):
        uri = str(integration.get("uri") or "")
        function = _FUNCTION.search(uri)
        asked = {
            "integrationType": str(integration.get("type") or "").upper(),
            "integrationUri": function["arn"] if function else uri,
            "integrationMethod": integration.get("httpMethod") or "POST",
            "payloadFormatVersion": integration.get("payloadFormatVersion") or "1.0",
        }
        made = json.loads(gateway["_create_integration"](api_id, asked)[2])
        target = f"integrations/{made['integrationId']}"
        gateway["_create_route"](api_id, {"routeKey": route_key, "target": target})


def _described(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, methods in (document.get("paths") or {}).items():
        for method, operation in methods.items():
            if method in _METHODS and _INTEGRATION in (operation or {}):
                verb = "ANY" if method == _ANY else method.upper()
                key = "$default" if path == _DEFAULT else f"{verb} {path}"
                yield key, operation[_INTEGRATION]
