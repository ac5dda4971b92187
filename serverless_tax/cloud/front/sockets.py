"""WebSocket routes: ministack keeps the connection, the host runs each route's function."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

LAMBDA, GATEWAY = "ministack.services.lambda_svc", "ministack.services.apigateway"


class RouteFunction:
    """A route's function; ministack calls it in place of a worker of its own."""

    def __init__(
        self,
        func_name: str,
        config: dict[str, Any],
        code_zip: bytes,  # noqa: ARG002 - the host unpacks the record's package
        qualifier: str = "$LATEST",  # noqa: ARG002 - the configuration names the version
    ) -> None:
        functions = vars(import_module(LAMBDA))["_functions"]
        self._record = {**(functions.get(func_name) or {}), "config": config}

    def invoke(self, event: dict[str, Any], message_id: str) -> dict[str, Any]:
        """Run one event of a connection and return API Gateway's reaction to the answer.

        A body reaches the client only if the route has a route response; the client reads of a
        failure in AWS's words: https://docs.aws.amazon.com/apigateway/latest/developerguide/
        apigateway-websocket-api-route-response.html
        """
        names = vars(import_module(LAMBDA))
        result = names["_execute_function"](self._record, event)
        answer, _ = names["lambda_execute_result_to_api_proxy_response"](result)
        context = event["requestContext"]
        if context["eventType"] != "MESSAGE":
            return {"status": "ok", "result": answer or {}}
        if result.get("error") or result.get("throttle"):
            said = {
                "message": "Internal server error",
                "connectionId": context["connectionId"],
                "requestId": message_id,
            }
            return {"status": "ok", "result": {"body": json.dumps(said)}}
        route = vars(import_module(GATEWAY))["_match_ws_route"](
            context["apiId"], context["routeKey"]
        )
        answers = bool((route or {}).get("routeResponseSelectionExpression"))
        return {"status": "ok", "result": (answer or {}) if answers else {}}
