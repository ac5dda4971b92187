"""WebSocket routes: ministack keeps the connection, the host runs each route's function."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from importlib import import_module
from typing import Any

#: What the function of $connect says of the handshake, for the connection of this context.
HANDSHAKE: ContextVar[dict[str, str]] = ContextVar("HANDSHAKE")
_PROTOCOL = "sec-websocket-protocol"
#: When each open connection was made, in milliseconds.
_connected_at: dict[str, int] = {}

#: Where this cloud listens with TLS; 0 where it does not.
secure_port = 0

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
        context = event["requestContext"]
        _complete(context)
        result = names["_execute_function"](self._record, event)
        answer, _ = names["lambda_execute_result_to_api_proxy_response"](result)
        if context["eventType"] != "MESSAGE":
            _note_handshake(answer or {})
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


def _complete(context: dict[str, Any]) -> None:
    """Give an event what ministack leaves out: a connection was made once, at its $connect.

    Its domain is one that answers: ``https://`` + domain + stage is where messages are sent.
    """
    if secure_port:
        domain = f"127.0.0.1:{secure_port}/_aws/execute-api/{context['apiId']}"
        context["domainName"] = domain
    connection_id, kind = context["connectionId"], context["eventType"]
    context["connectedAt"] = _connected_at.setdefault(connection_id, context["connectedAt"])
    context["messageDirection"] = "IN"
    if kind == "DISCONNECT":
        del _connected_at[connection_id]


def _note_handshake(answer: dict[str, Any]) -> None:
    told = {str(name).lower(): str(value) for name, value in (answer.get("headers") or {}).items()}
    if _PROTOCOL in told:
        HANDSHAKE.get({})[_PROTOCOL] = told[_PROTOCOL]


def subprotocol(
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> Callable[[MutableMapping[str, Any]], Awaitable[None]]:
    """Return a ``send`` that accepts a connection with the subprotocol that $connect chose.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-connect-route-subprotocol.html
    """

    async def told(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "websocket.accept" and _PROTOCOL in HANDSHAKE.get({}):
            message = {**message, "subprotocol": HANDSHAKE.get()[_PROTOCOL]}
        await send(message)

    return told
