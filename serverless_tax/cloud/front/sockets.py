"""WebSocket APIs: ministack keeps the connection, the host runs each route's function.

ministack connects a client to a stage that does not exist, and says nothing to one whose message
has no route. It gives $default what is $connect's, and names a connection's members otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import MOST_MESSAGE_BYTES
from serverless_tax.cloud.front.caller import new_request_id, new_trace_id

Scope = MutableMapping[str, Any]
Send = Callable[[Scope], Awaitable[None]]

#: The connection of this context: the headers of its handshake as they were sent, what the function
#: of $connect says of it, and when it was made, in milliseconds.
HANDSHAKE: ContextVar[dict[str, Any]] = ContextVar("HANDSHAKE")
_PROTOCOL, _SENT, _REFUSED, _AT = "sec-websocket-protocol", "sent", "refused", "connected at"
_OF_ONE_HOP = frozenset(["connection", "upgrade"])
#: Of messages without a route of their own; the connections themselves have no other route.
_OTHERS, _OWN = "$default", frozenset(["$connect", "$disconnect"])
_NO_ROUTE = {"target": ""}
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
            _note_handshake(answer or {}, context)
            return {"status": "ok", "result": answer or {}}
        body = str((answer or {}).get("body") or "").encode()
        if result.get("error") or result.get("throttle") or len(body) > MOST_MESSAGE_BYTES:
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
    """Give an event what ministack leaves out: a connection was made once, and each event says so.

    Its domain is one that answers: ``https://`` + domain + stage is where messages are sent.
    """
    if secure_port:
        domain = f"127.0.0.1:{secure_port}/_aws/execute-api/{context['apiId']}"
        context["domainName"] = domain
    context["connectedAt"] = HANDSHAKE.get({}).setdefault(_AT, context["connectedAt"])
    context["messageDirection"] = "IN"


def _note_handshake(answer: dict[str, Any], context: dict[str, Any]) -> None:
    told = {str(name).lower(): str(value) for name, value in (answer.get("headers") or {}).items()}
    if _PROTOCOL in told:
        HANDSHAKE.get({})[_PROTOCOL] = told[_PROTOCOL]
    HANDSHAKE.get({})[_REFUSED] = (int(answer.get("statusCode") or 200), context)


def begin_handshake(scope: Scope, send: Send) -> Send:
    """Return a ``send`` that ends the handshake as the function of $connect has said.

    It accepts with the subprotocol that was chosen, and refuses with the status of the answer:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-connect-route-subprotocol.html
    """
    sent = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    HANDSHAKE.set({_SENT: sent})
    is_open = False

    async def told(message: Scope) -> None:
        nonlocal is_open
        said = HANDSHAKE.get({})
        if message["type"] == "websocket.accept":
            is_open = True
            message = {**message, "subprotocol": said[_PROTOCOL]} if _PROTOCOL in said else message
        if message["type"] == "websocket.close" and not is_open and _REFUSED in said:
            status, context = said[_REFUSED]
            await _refuse(scope, send, status, context["connectionId"])
            return
        await send(message)

    return told


async def _refuse(scope: Scope, send: Send, status: int, connection_id: str) -> None:
    known = status in HTTPStatus._value2member_map_ and status < HTTPStatus.INTERNAL_SERVER_ERROR
    text = HTTPStatus(status).phrase if known else "Internal server error"
    refuse = vars(import_module(GATEWAY))["_refuse_ws_handshake"]
    await refuse(scope, send, status, text, connection_id, new_request_id())


def connections(original: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Return the function that serves a connection: of an API and a stage that exist."""

    async def serve(
        scope: Scope, receive: Any, send: Send, api_id: str, path_override: str | None = None
    ) -> None:
        gateway = vars(import_module(GATEWAY))
        kind, *where = gateway["_api_owner"](api_id) or ("", "", "")
        stages = gateway["_stages"].get_scoped(*where, api_id, {}) if kind == "WEBSOCKET" else {}
        asked = (path_override or scope["path"]).lstrip("/").partition("/")[0]
        if not {asked, _OTHERS} & stages.keys():
            await receive()
            await _refuse(scope, send, HTTPStatus.FORBIDDEN, "")
            return
        await original(scope, receive, send, api_id, path_override)

    return serve


def match_route(api_id: str, route_key: str) -> dict[str, Any] | None:
    """Return the route of a message or of a connection; without one, a message has none at all."""
    every = vars(import_module(GATEWAY))["_routes"].get(api_id, {}).values()
    routes: dict[str, dict[str, Any]] = {route["routeKey"]: route for route in every}
    if route_key in _OWN:
        return routes.get(route_key)
    return routes.get(route_key) or routes.get(_OTHERS) or {**_NO_ROUTE, "routeKey": route_key}


def routed(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return the function that invokes a route; a client is told where nothing could run."""

    async def invoke(*request: Any, **named: Any) -> Any:
        _api, _account, _region, route, _stage, connection_id, event_type, message_id = request[:8]
        answer = await original(*request, **named)
        if answer is not None or event_type == "DISCONNECT":
            return answer
        if event_type == "CONNECT":
            _note_handshake(failed := {"statusCode": 500}, {"connectionId": connection_id})
            return failed
        is_none = route.get("routeId") is None
        said = {
            "message": "Forbidden" if is_none else "Internal server error",
            "connectionId": connection_id,
            "requestId": message_id,
        }
        return {"body": json.dumps(said)}

    return invoke


def of_the_gateway() -> dict[str, str]:
    """Return the headers that API Gateway adds to a request."""
    return {
        "X-Amzn-Trace-Id": new_trace_id().partition(";")[0],
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }


def connect_fields(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Return the function that tells $connect and its authorizer of the handshake.

    Headers are named as they were sent, and the gateway adds its own.
    """

    def fields(headers: dict[str, str], query_params: Any) -> dict[str, Any]:
        told = original(headers, query_params)
        sent = [*HANDSHAKE.get({}).get(_SENT, headers.items())]
        kept = {name: value for name, value in sent if name.lower() not in _OF_ONE_HOP}
        kept |= of_the_gateway()
        many = {name: [value] for name, value in kept.items()}
        return {**told, "headers": kept, "multiValueHeaders": many}

    return fields


def connection_calls(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return the function that answers @connections; a connection's members have AWS's names.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
    """

    async def answer(method: str, *request: Any) -> Any:
        status, headers, body = await original(method, *request)
        if method != "GET" or status != HTTPStatus.OK:
            return status, headers, body
        kept = json.loads(body)
        told = {
            "connectedAt": _moment(kept["ConnectedAt"]),
            "identity": kept["Identity"],
            "lastActiveAt": _moment(kept["LastActiveAt"]),
        }
        return status, headers, json.dumps(told).encode()

    return answer


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
