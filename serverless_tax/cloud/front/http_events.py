"""What an HTTP API or a function URL tells a function, and what it makes of the answer.

ministack leaves the cookies in their header, gives format 2.0 to an integration of format 1.0, and
shows a failure's traceback to the client.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.sockets import GATEWAY, of_the_gateway
from serverless_tax.cloud.function.event import TOO_LARGE_AN_EVENT
from serverless_tax.ground.lambda_facts import PAYLOAD_BYTES

Event = dict[str, Any]
_JSON = {"Content-Type": "application/json"}
_HTTP_API, _FUNCTION_URL = "HTTP API", "function URL"
OF_A_URL = (502, "Internal Server Error")
_FAILED = {
    _HTTP_API: (500, json.dumps({"message": "Internal Server Error"})),
    _FUNCTION_URL: OF_A_URL,
}
_OF_REST = (502, json.dumps({"message": "Internal server error"}))
_TOO_LARGE = {
    _HTTP_API: json.dumps({"message": "Request Entity Too Large"}),
    _FUNCTION_URL: json.dumps({"Message": TOO_LARGE_AN_EVENT}),
    "": json.dumps({"message": "Request Too Long"}),
}
"""The gateways': aws/aws-lambda-dotnet, LambdaTestTool-v2, LargePayloadTests, checked on AWS."""
_LARGE = PAYLOAD_BYTES // 2
"""A smaller body makes no event that is too large."""
_STATUSES = range(200, 600)
_OF_A_CONNECTION = {"connection", "content-length", "transfer-encoding"}
_TOO_MUCH = "too large"
_OF_A_REST_REQUEST = {"httpMethod", "resource", "headers", "multiValueHeaders", "requestContext"}


@dataclass(frozen=True, slots=True)
class _Proxied:
    """A request to an HTTP API on its way to the function.

    Attributes:
        version: of the integration's payload format.
        route: the path of the route's key.
        query: its parameters, each with all its values.
        stage_variables: of the stage.
    """

    version: str
    route: str
    query: Mapping[str, list[str]]
    stage_variables: Mapping[str, str]


#: The kind of address that the current request came to; empty for a REST API.
_KIND: ContextVar[str] = ContextVar("_KIND", default="")
_ASKED: ContextVar[_Proxied | None] = ContextVar("_ASKED", default=None)


def url_event(original: Callable[..., Event]) -> Callable[..., Event]:
    """Return the function that makes the event of a function URL, cookies included."""

    def event(*request: Any, **named: Any) -> Event:
        _KIND.set(_FUNCTION_URL)
        return _with_cookies(original(*request, **named))

    return event


def proxied(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return the function that answers an HTTP API's request by a function."""

    async def answer(integration: Mapping[str, Any], *request: Any, **named: Any) -> Any:
        api_id, stage, *_, query, route_key, _path = request
        _KIND.set(_HTTP_API)
        variables = vars(import_module(GATEWAY))["_get_stage_variables"](api_id, stage)
        version = str(integration.get("payloadFormatVersion") or "2.0")
        asked = _Proxied(version, route_key.partition(" ")[2] or route_key, query or {}, variables)
        _ASKED.set(asked)
        return await original(integration, *request, **named)

    return answer


def in_scope(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that runs a function for a service, with the event as AWS sends it."""

    def run(func: dict[str, Any], event: Any) -> Any:
        asked = _ASKED.get()
        if _is_too_large(event):
            return {"error": True, _TOO_MUCH: True}
        if asked is None:
            is_rest = isinstance(event, dict) and event.keys() >= _OF_A_REST_REQUEST
            return original(func, _told_of_rest(event) if is_rest else event)
        _ASKED.set(None)  # what the function itself calls is no request to this API
        told = _with_cookies(event)
        told["headers"] |= {name.lower(): value for name, value in of_the_gateway().items()}
        context = told["requestContext"]
        context["domainPrefix"] = context["apiId"]
        if asked.stage_variables:
            told["stageVariables"] = dict(asked.stage_variables)
        if told.get("pathParameters") is None:
            del told["pathParameters"]
        if asked.version == "2.0":
            return original(func, told)
        return _in_format_1(original(func, _format_1(event, asked)))

    return run


def _told_of_rest(event: Event) -> Event:
    """The event of a REST API, with what the gateway adds to it."""
    added, api_id = of_the_gateway(), str(event["requestContext"].get("apiId"))
    domain = f"{api_id}.execute-api.{vars(import_module(GATEWAY))['_HOST']}"
    return {
        **{name: value for name, value in event.items() if name != "version"},
        "headers": {**(event["headers"] or {}), **added},
        "multiValueHeaders": {
            **(event["multiValueHeaders"] or {}),
            **{name: [value] for name, value in added.items()},
        },
        "requestContext": {
            "domainName": domain, "domainPrefix": api_id, **event["requestContext"]
        },
    }  # fmt: skip


def proxy_answer(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that reads a function's answer as one to an HTTP request.

    A client learns of a failure, or of an answer that is none, and not of its traceback.
    """

    def read_it(result: dict[str, Any]) -> Any:
        answer, said = original(result)
        if result.get("throttle"):
            return answer, said
        if not result.get("error") and _is_answer(answer):
            return {**answer, **_sent(answer)}, said
        status, body = _FAILED.get(_KIND.get(), _OF_REST)
        if result.get(_TOO_MUCH):
            status, body = 413, _TOO_LARGE[_KIND.get()]
        return {"statusCode": status, "headers": dict(_JSON), "body": body}, None

    return read_it


def _sent(answer: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """An answer's headers as they are sent: without empty ones, and those of the connection."""
    return {
        table: {
            name: value if isinstance(value, str | list) else json.dumps(value)
            for name, value in answer[table].items()
            if value is not None and name.lower() not in _OF_A_CONNECTION
        }
        for table in ("headers", "multiValueHeaders")
        if isinstance(answer.get(table), dict)
    }


def head_of_stream(prelude: bytes) -> tuple[int, dict[str, Any]] | None:
    """Status and headers that a streamed answer begins with; None where they are none."""
    told = read(prelude)
    answer = {"statusCode": 200, **told} if isinstance(told, dict) else None
    if answer is None or not _is_answer(answer):
        return None
    return int(str(answer["statusCode"])), _sent(answer).get("headers", {})


def rest_answer(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the same for a REST API, where an answer has to name its status."""

    def read_it(result: dict[str, Any]) -> Any:
        status, body = (413, _TOO_LARGE[""]) if result.get(_TOO_MUCH) else _OF_REST
        failed = {"statusCode": status, "headers": dict(_JSON), "body": body}, None
        if result.get("throttle"):
            return original(result)
        told = read(result.get("body"))
        is_one = isinstance(told, dict) and "statusCode" in told and _is_sound(told)
        return failed if result.get("error") or not is_one else original(result)

    return read_it


def _is_too_large(event: Any) -> bool:
    """Whether a request makes an event that Lambda does not take."""
    body = event.get("body") if isinstance(event, dict) else None
    if len(body or "") < _LARGE:
        return False
    return len(json.dumps(event).encode()) > PAYLOAD_BYTES


def _is_sound(answer: Mapping[str, Any]) -> bool:
    """Whether an answer's headers are a line each, and its body is the base64 that it says."""
    single = answer.get("headers") or {}
    values = single.values() if isinstance(single, dict) else ()
    if any(isinstance(one, list | dict) for one in values):
        return False
    headers = [single, answer.get("multiValueHeaders") or {}]
    if any("\r" in str(one) or "\n" in str(one) for each in headers for one in _flat(each)):
        return False
    if not answer.get("isBase64Encoded"):
        return True
    try:
        base64.b64decode(answer.get("body") or "", validate=True)
    except (ValueError, TypeError):
        return False
    return True


def _flat(headers: Any) -> Iterator[Any]:
    """Names and values of headers, of which one may have several."""
    for name, value in headers.items() if isinstance(headers, dict) else ():
        yield name
        yield from value if isinstance(value, list) else [value]


def read(body: Any) -> Any:
    """An answer of a function, which comes as its JSON."""
    try:
        return json.loads(body) if isinstance(body, str | bytes) else body
    except ValueError:
        return None


def _is_answer(answer: Mapping[str, Any] | None) -> bool:
    """Whether status, headers, body and cookies have the types that AWS takes."""
    if answer is None:
        return False
    names = ("statusCode", "headers", "body", "cookies")
    status, headers, body, cookies = (answer.get(name) for name in names)
    is_number = str(status).isdecimal() and int(str(status)) in _STATUSES
    is_text = body is None or isinstance(body, str | bytes)
    is_table = headers is None or isinstance(headers, dict)
    is_list = cookies is None or _is_texts(cookies)
    return is_number and is_text and is_table and is_list and _is_sound(answer)


def _is_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(one, str) for one in values)


def _with_cookies(event: Event) -> Event:
    """The event of format 2.0, in which cookies are a member of their own."""
    headers = dict(event["headers"])
    cookies = str(headers.pop("cookie", ""))
    told = {**event, "headers": headers}
    return {**told, "cookies": cookies.split("; ")} if cookies else told


_CAPITALS = {
    name.lower(): name for name in ("Content-Length", "Content-Type", "Host", "User-Agent")
}
_OF_SIGNED = (
    *("accessKey", "accountId", "caller", "cognitoAmr", "cognitoAuthenticationProvider"),
    *("cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId"),
    *("principalOrgId", "user", "userArn"),
)
"""What an identity has of a signed request, and is null in any other."""


def _format_1(event: Event, asked: _Proxied) -> Event:
    """The event of format 1.0 for the same request; ministack makes that of format 2.0.

    Names and empty members are those of events that people have kept: mantil-io/go-lambda-examples,
    guide/http_api.
    """
    context, http = event["requestContext"], event["requestContext"]["http"]
    many = {name: list(values) for name, values in asked.query.items()}
    sent = {"content-length": "0", **event["headers"]}
    headers = {_CAPITALS.get(name, name): value for name, value in sent.items()} | of_the_gateway()
    stage = context["stage"]
    path = event["rawPath"] if stage == "$default" else f"/{stage}{event['rawPath']}"
    who = {"sourceIp": http["sourceIp"], "userAgent": http["userAgent"]}
    allowed = {"authorizer": context["authorizer"]} if context.get("authorizer") else {}
    return {
        "version": "1.0",
        "resource": asked.route,
        "path": path,
        "httpMethod": http["method"],
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in many.items()} or None,
        "multiValueQueryStringParameters": many or None,
        "requestContext": {
            "accountId": context["accountId"],
            "apiId": context["apiId"],
            **allowed,
            "domainName": context["domainName"],
            "domainPrefix": context["apiId"],
            "extendedRequestId": context["requestId"],
            "httpMethod": http["method"],
            "identity": {**dict.fromkeys(_OF_SIGNED), **who},
            "path": path,
            "protocol": http["protocol"],
            "requestId": context["requestId"],
            "requestTime": context["time"],
            "requestTimeEpoch": context["timeEpoch"],
            "resourceId": context["routeKey"],
            "resourcePath": asked.route,
            "stage": stage,
        },
        "pathParameters": event.get("pathParameters"),
        "stageVariables": dict(asked.stage_variables) or None,
        "body": event.get("body"),
        "isBase64Encoded": event["isBase64Encoded"],
    }


def _in_format_1(result: dict[str, Any]) -> dict[str, Any]:
    """An answer of format 1.0 for ministack, which reads format 2.0: it has to name its status."""
    if result.get("error") or result.get("throttle"):
        return result
    answer = read(result.get("body"))
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return {**result, "error": True}
    told = {name: value for name, value in answer.items() if name != "cookies"}
    many = {
        str(name): list(values) for name, values in (answer.get("multiValueHeaders") or {}).items()
    }
    cookies = [one for name in many if name.lower() == "set-cookie" for one in many[name]]
    joined = {name: ",".join(map(str, many[name])) for name in many if name.lower() != "set-cookie"}
    told["headers"] = {**(answer.get("headers") or {}), **joined}
    return {**result, "body": json.dumps({**told, "cookies": cookies} if cookies else told)}
