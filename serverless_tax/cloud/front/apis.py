"""HTTP and WebSocket APIs as they are made: what AWS refuses, what is not here, and quick creation.

ministack makes a WebSocket API with any setting, and an integration of any type that then never
answers. Texts without a source are ours: AWS's are not known.
https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.api_limits import LONGEST_MS
from serverless_tax.cloud.front.aws_errors import MAY
from serverless_tax.cloud.front.sockets import GATEWAY

Reply = tuple[Any, ...]
_CREATED, _UNKNOWN = 201, "Unknown API Gateway"
_PROTOCOLS = ("HTTP", "WEBSOCKET")
_OF_HTTP = {
    "target": "Target", "routeKey": "RouteKey", "corsConfiguration": "CorsConfiguration",
    "credentialsArn": "CredentialsArn",
}  # fmt: skip
"""What only an HTTP API may have, by its member and its name."""
_BY_ROUTE = ("$request.method $request.path", "${request.method} ${request.path}")
_HTTP_ROUTE = re.compile(r"\$default|(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /\S*")
_STAGE = re.compile(r"\$default|[A-Za-z0-9_-]{1,128}")
_LEAST_MS = 50
_JWT = "A JWT authorizer needs a JwtConfiguration with an Issuer and an Audience."
_RUN_HERE = {"HTTP": ("AWS_PROXY", "HTTP_PROXY"), "WEBSOCKET": ("AWS_PROXY", "MOCK")}


def created(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """CreateApi: refused as AWS does; with a target also its integration, route and stage."""

    def create(data: dict[str, Any]) -> Reply:
        wrong = api_error(data)
        if wrong:
            return _refused(wrong)
        reply = original(data)
        target = str(data.get("target") or "")
        if target and reply[0] == _CREATED:
            _quickly(json.loads(reply[2])["apiId"], target, data.get("routeKey") or "$default")
        return reply

    return create


def integrated(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """CreateIntegration, and UpdateIntegration with an id: refused as AWS does, or not here."""

    def integrate(api_id: str, *rest: Any) -> Reply:
        own_id, data = ("", *rest)[-2:]
        before = _of(api_id, "_integrations").get(own_id) or {}
        wrong = integration_error(protocol_of(api_id), {**before, **data})
        return _refused(wrong) if wrong else original(api_id, *rest)

    return integrate


def updated(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """UpdateApi: refused for what CreateApi is refused for."""

    def update(api_id: str, data: dict[str, Any]) -> Reply:
        wrong = _setting_error(data)
        return _refused(wrong) if wrong else original(api_id, data)

    return update


def staged(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """CreateStage and UpdateStage (which names a stage): refused as AWS does, or not here."""

    def stage(api_id: str, *rest: Any) -> Reply:
        data, name = rest[-1], str(rest[-1].get("stageName", "$default"))
        wrong = stage_error(protocol_of(api_id), data)
        if wrong:
            return _refused(wrong)
        wanted = data.get("deploymentId")
        if wanted and wanted not in _of(api_id, "_deployments"):
            return _refused(f"This API has no deployment {wanted}.", "NotFoundException", 404)
        if len(rest) == 1 and name in _of(api_id, "_stages"):
            return _refused("Stage already exists", "ConflictException", 409)
        return original(api_id, *rest)

    return stage


def stage_error(protocol: str, data: Mapping[str, Any]) -> str:
    """Why a stage is refused; empty if it is not."""
    settings = data.get("defaultRouteSettings"), data.get("routeSettings")
    if protocol == "WEBSOCKET" and "throttling" in str(settings).lower():
        return f"This local cloud throttles no sockets (RouteSettings). {MAY}"
    if _STAGE.fullmatch(str(data.get("stageName", "$default"))):
        return ""
    return "Stage name only allows a-z, A-Z, 0-9, hyphen, underscore, and '$default'."


def authorized(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """CreateAuthorizer: refused where it could not authorize anybody."""

    def create(api_id: str, data: dict[str, Any]) -> Reply:
        wrong = authorizer_error(data) if protocol_of(api_id) == "HTTP" else ""
        return _refused(wrong) if wrong else original(api_id, data)

    return create


def routed(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """CreateRoute and UpdateRoute (which names a route): refused as AWS does."""

    def route(api_id: str, *rest: Any) -> Reply:
        own_id, data = ("", *rest)[-2:]
        return route_error(api_id, own_id, data) or original(api_id, *rest)

    return route


def detached(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """DeleteIntegration: refused while a route leads to it."""

    def delete(api_id: str, int_id: str) -> Reply:
        for one in _of(api_id, "_routes").values():
            if one["target"] == f"integrations/{int_id}":
                route = f"Route {one['routeId']} with route key {one['routeKey']}"
                text = f"Cannot delete Integration '{int_id}' due to resource conflict: {route}"
                return _refused(text, "ConflictException", 409)
        return original(api_id, int_id)

    return delete


def deleted(kind: str) -> Callable[[Callable[..., Reply]], Callable[..., Reply]]:
    """Return the check of a deletion: of a part of an API that is there; the texts are moto's."""

    def checked(original: Callable[..., Reply]) -> Callable[..., Reply]:
        def delete(api_id: str, own_id: str) -> Reply:
            is_there = own_id in _of(api_id, f"_{kind.lower()}s")
            if is_there or not protocol_of(api_id):
                return original(api_id, own_id)
            named = "" if kind == "stage" else f" {own_id}"
            text = f"Invalid {kind} identifier specified{named}"
            return _refused(text, "NotFoundException", 404)

        return delete

    return checked


def error(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """An error of API Gateway's; of an operation that is not here it says just that."""

    def say(code: str, message: str, status: int) -> Reply:
        if message.startswith(_UNKNOWN):
            path = message.rpartition(" ")[2]
            text = f"This local cloud does not have this operation ({path}). AWS may."
            return original("UnknownOperationException", text, status)
        return original(code, message, status)

    return say


def protocol_of(api_id: str) -> str:
    """The protocol of an API; empty for one that is not there."""
    api = vars(import_module(GATEWAY))["_apis"].get(api_id) or {}
    return str(api.get("protocolType") or "")


def _of(api_id: str, kind: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = vars(import_module(GATEWAY))[kind].get(api_id) or {}
    return found


def _refused(text: str, code: str = "BadRequestException", status: int = 400) -> Reply:
    reply: Reply = vars(import_module(GATEWAY))["_apigw_error"](code, text, status)
    return reply


def route_error(api_id: str, own_id: str, data: Mapping[str, Any]) -> Reply | None:
    """Why a route is refused; None if it is not, and for an API that is not there."""
    protocol, key, target = protocol_of(api_id), data.get("routeKey"), data.get("target")
    if not protocol:
        return None
    if protocol == "HTTP" and key is not None and not _HTTP_ROUTE.fullmatch(key):
        return _refused(
            "The provided route key is not formatted properly for HTTP protocol. Format should be "
            '"<HTTP METHOD> /<RESOURCE PATH>" or "$default"'
        )
    for one in _of(api_id, "_routes").values():
        if key is not None and one["routeKey"] == key and one["routeId"] != own_id:
            text = f"Route with key {key} already exists for this API"
            return _refused(text, "ConflictException", 409)
    if wrong := access_error(api_id, protocol, data):
        return _refused(wrong)
    wanted = str(target or "").removeprefix("integrations/")
    if target and wanted not in _of(api_id, "_integrations"):
        return _refused(f"Invalid target: the integration {wanted} is not there.")
    return None


def access_error(api_id: str, protocol: str, data: Mapping[str, Any]) -> str:
    """Why a route's access to it is refused; empty if it is not."""
    kind = data.get("authorizationType")
    if kind in {"JWT", "CUSTOM"} and data.get("authorizerId") not in _of(api_id, "_authorizers"):
        return f"A route of AuthorizationType {kind} needs the AuthorizerId of an authorizer."
    if protocol == "WEBSOCKET" and kind == "AWS_IAM":
        return f"This local cloud checks no signature of a handshake (AuthorizationType). {MAY}"
    of_sockets = ", ".join(
        name for name in ("apiKeyRequired", "requestParameters") if data.get(name)
    )
    if of_sockets and protocol == "WEBSOCKET":
        return f"This local cloud checks no keys and parameters of a route ({of_sockets}). {MAY}"
    return f"{of_sockets}: supported only for WEBSOCKET APIs." if of_sockets else ""


def authorizer_error(data: Mapping[str, Any]) -> str:
    """Why an authorizer of an HTTP API is refused; empty if it is not."""
    kind, jwt = data.get("authorizerType"), data.get("jwtConfiguration") or {}
    if kind == "JWT":
        return "" if jwt.get("issuer") and jwt.get("audience") else _JWT
    if kind != "REQUEST":
        return "AuthorizerType of an HTTP API must be one of [JWT, REQUEST]."
    if not data.get("authorizerUri") or not data.get("authorizerPayloadFormatVersion"):
        return "A REQUEST authorizer needs AuthorizerUri and AuthorizerPayloadFormatVersion."
    return ""


def _setting_error(data: Mapping[str, Any]) -> str:
    cors = data.get("corsConfiguration") or {}
    if cors.get("allowCredentials") and "*" in (cors.get("allowOrigins") or []):
        return "allow-credentials is not supported if 'allow-origin' is *"
    return ""


def api_error(data: Mapping[str, Any]) -> str:
    """Why an API is refused; empty if it is not. The first text stands in Moto, from AWS."""
    protocol, selection = data.get("protocolType"), data.get("routeSelectionExpression")
    if protocol not in _PROTOCOLS:
        return "Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]"
    if wrong := _setting_error(data):
        return wrong
    if protocol == "HTTP":
        if selection and selection not in _BY_ROUTE:
            return f"RouteSelectionExpression of an HTTP API must be {_BY_ROUTE[1]}."
        return "RouteKey needs a Target." if data.get("routeKey") and not data.get("target") else ""
    if not selection:
        return "RouteSelectionExpression is required for a WEBSOCKET API."
    given = [name for member, name in _OF_HTTP.items() if data.get(member)]
    return f"{', '.join(given)}: supported only for HTTP APIs." if given else ""


def integration_error(protocol: str, data: Mapping[str, Any]) -> str:
    """Why an integration is refused; empty if it is not."""
    kind = str(data.get("integrationType"))
    if protocol not in _RUN_HERE:
        return ""  # ministack says that there is no such API
    if kind not in _RUN_HERE[protocol]:
        here = " and ".join(_RUN_HERE[protocol])
        return (
            f"This local cloud runs {here} integrations of {protocol} APIs, and not {kind}. AWS "
            "may accept this request."
        )
    if protocol == "HTTP" and data.get("payloadFormatVersion") not in {"1.0", "2.0"}:
        return "PayloadFormatVersion is required for HTTP APIs; it is 1.0 or 2.0."
    return _reach_error(protocol, kind, data)


def _reach_error(protocol: str, kind: str, data: Mapping[str, Any]) -> str:
    """Why nothing could come of an integration, or not in that time."""
    limit_ms, most_ms = int(data.get("timeoutInMillis") or _LEAST_MS), LONGEST_MS[protocol]
    if not _LEAST_MS <= limit_ms <= most_ms:
        return f"Timeout should be between {_LEAST_MS} ms and {most_ms} ms (TimeoutInMillis)."
    if kind != "MOCK" and not data.get("integrationUri"):
        return f"An integration of type {kind} needs an IntegrationUri."
    uri = str(data.get("integrationUri"))
    if kind == "HTTP_PROXY" and not uri.startswith(("http://", "https://")):
        return "Invalid HTTP endpoint specified for URI"
    if data.get("requestParameters") and kind != "HTTP_PROXY":
        return f"This local cloud maps no parameters of {kind} integrations. {MAY}"
    return ""


def _quickly(api_id: str, target: str, route_key: str) -> None:
    """Make the integration, the route and the stage that API Gateway manages for a target."""
    gateway = vars(import_module(GATEWAY))
    is_address = target.startswith("http")
    asked = {
        "integrationType": "HTTP_PROXY" if is_address else "AWS_PROXY",
        "integrationUri": target,
        "integrationMethod": "ANY" if is_address else "POST",
        "payloadFormatVersion": "1.0" if is_address else "2.0",
    }
    integration = json.loads(gateway["_create_integration"](api_id, asked)[2])
    route = {"routeKey": route_key, "target": f"integrations/{integration['integrationId']}"}
    gateway["_create_route"](api_id, route)
    gateway["_create_stage"](api_id, {"stageName": "$default", "autoDeploy": True})
    for kind in ("_integrations", "_routes", "_stages"):
        for made in gateway[kind][api_id].values():
            made["apiGatewayManaged"] = True
