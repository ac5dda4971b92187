"""API Gateway: REST APIs, HTTP APIs and sockets, as they are made and as they are called."""

from __future__ import annotations

from collections.abc import Mapping

from serverless_tax.cloud.front import (
    api_limits,
    apis,
    http_events,
    rest_apis,
    rest_patches,
    sockets,
)
from serverless_tax.cloud.front.rest_apis import REST
from serverless_tax.cloud.front.seams.seam import Seam, instead
from serverless_tax.cloud.front.sockets import GATEWAY

_OF_REST = (
    "integration", "api_id", "stage_name", "stage", "resource", "request_path", "method", "headers",
    "body", "query_params", "path_params", "owner_account_id", "owner_region",
    "binary_media_types", "authorizer_context", "caller_identity",
)  # fmt: skip
_OF_AN_AUTHORIZER = ("authorizer", "event", "account_id", "region")


def _scheme(protocol: str) -> str:
    """The scheme of an API's endpoint on AWS; `LocalCloud.local_url` makes it local."""
    return "wss" if protocol == "WEBSOCKET" else "https"


OF_GATEWAYS: Mapping[str, Seam] = {
    "_api_endpoint_scheme": Seam(GATEWAY, ("protocol",), instead(_scheme)),
    "_apigw_error": Seam(GATEWAY, ("code", "message", "status"), apis.error),
    "_v1_error": Seam(REST, ("code", "message", "status"), apis.error),
    "_create_api": Seam(GATEWAY, ("data",), apis.created),
    "_create_integration": Seam(GATEWAY, ("api_id", "data"), apis.integrated),
    "_create_route": Seam(GATEWAY, ("api_id", "data"), apis.routed),
    "_update_route": Seam(GATEWAY, ("api_id", "route_id", "data"), apis.routed),
    "_delete_integration": Seam(
        GATEWAY, ("api_id", "int_id"), lambda own: apis.deleted("Integration")(apis.detached(own))
    ),
    "_delete_route": Seam(GATEWAY, ("api_id", "route_id"), apis.deleted("Route")),
    "_delete_stage": Seam(GATEWAY, ("api_id", "stage_name"), apis.deleted("stage")),
    "_delete_deployment": Seam(GATEWAY, ("api_id", "deployment_id"), apis.deleted("Deployment")),
    "_delete_authorizer": Seam(GATEWAY, ("api_id", "auth_id"), apis.deleted("Authorizer")),
    "_invoke_lambda_proxy": Seam(
        GATEWAY,
        (
            "integration",
            "api_id",
            "stage",
            "path",
            "method",
            "headers",
            "body",
            "query_params",
            "route_key",
            "path_params",
            "authorizer_claims",
            "authorizer_scopes",
            "authorizer_lambda_context",
            "authorizer_iam",
            "owner_account_id",
            "owner_region",
            "raw_query_string",
        ),
        lambda own: api_limits.http_api(http_events.proxied(own)),
    ),
    "_invoke_lambda_proxy_v1": Seam(REST, _OF_REST, api_limits.rest_api),
    "_invoke_lambda_custom_v1": Seam(
        REST, _OF_REST, lambda _: api_limits.rest_api(rest_apis.custom)
    ),
    "_invoke_authorizer_lambda": Seam(REST, _OF_AN_AUTHORIZER, api_limits.authorizer),
    "_invoke_request_authorizer_lambda": Seam(GATEWAY, _OF_AN_AUTHORIZER, api_limits.authorizer),
    "_fetch_jwks": Seam(GATEWAY, ("url",), api_limits.keyed),
    "_iam_caller_identity": Seam(REST, ("headers", "query_params"), api_limits.caller),
    "_iam_caller_identity_v2": Seam(GATEWAY, ("headers", "query_params"), api_limits.caller),
    "_create_stage": Seam(GATEWAY, ("api_id", "data"), apis.staged),
    "_update_stage": Seam(GATEWAY, ("api_id", "stage_name", "data"), apis.staged),
    "_create_authorizer": Seam(GATEWAY, ("api_id", "data"), apis.authorized),
    "_update_integration": Seam(GATEWAY, ("api_id", "int_id", "data"), apis.integrated),
    "_update_api": Seam(GATEWAY, ("api_id", "data"), apis.updated),
    "_lambda_proxy_response": Seam(REST, ("result",), http_events.rest_answer),
    "handle_websocket": Seam(
        GATEWAY, ("scope", "receive", "send", "api_id", "path_override"), sockets.connections
    ),
    "handle_connections_api": Seam(
        GATEWAY,
        ("method", "api_id", "stage", "connection_id", "body", "headers"),
        sockets.connection_calls,
    ),
    "_match_ws_route": Seam(GATEWAY, ("api_id", "route_key"), instead(sockets.match_route)),
    "_invoke_ws_lambda": Seam(
        GATEWAY,
        (
            "api_id",
            "account_id",
            "region",
            "route",
            "stage",
            "connection_id",
            "event_type",
            "message_id",
            "body_text",
            "source_ip",
            "headers",
            "query_params",
            "kwargs",
        ),
        lambda own: api_limits.socket(sockets.routed(api_limits.permitted(own))),
    ),
    "_ws_connect_fields": Seam(GATEWAY, ("headers", "query_params"), sockets.connect_fields),
    "_import_rest_api": Seam(REST, ("spec", "base_data"), rest_apis.brought),
    "_import_path_item": Seam(
        REST, ("api_id", "path", "path_item", "scheme_map", "default_security"), rest_apis.imported
    ),
    "_apply_patch": Seam(REST, ("obj", "patch_ops"), instead(rest_patches.apply)),
    "_update_rest_api": Seam(REST, ("api_id", "data"), rest_apis.updated),
    "_put_integration": Seam(
        REST, ("api_id", "resource_id", "http_method", "data"), rest_apis.integrated
    ),
    "_put_integration_response": Seam(
        REST, ("api_id", "resource_id", "http_method", "status_code", "data"), rest_apis.answered
    ),
    "_create_rest_api": Seam(REST, ("data",), rest_apis.created),
}
