"""How long an API waits for a function, whether it may call it, and how many requests it takes.

ministack waits for ever, takes all, takes any word for a signature, and calls any function. A
function that its API no longer waits for runs to its end, and is billed to its end.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
"""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.permissions import api_may
from serverless_tax.cloud.front.rest_apis import REST
from serverless_tax.cloud.front.signature import SCHEMES
from serverless_tax.cloud.front.sockets import GATEWAY

Reply = tuple[Any, ...]
Answer = Callable[..., Awaitable[Any]]
LONGEST_MS = {"HTTP": 30_000, "REST": 29_000, "WEBSOCKET": 29_000}
"""Unless the integration has a shorter time."""
_LATE, _LATE_AT_REST = (503, "Service Unavailable"), "Endpoint request timed out"
_LEAST_BYTES, _ACCEPTS = "minimumCompressionSize", "accept-encoding"
_OF_AN_ACCOUNT = {"ThrottlingRateLimit": 10_000.0, "ThrottlingBurstLimit": 5_000.0}
_UNSIGNED: dict[str, str] = {}
_running: set[asyncio.Future[Any]] = set()
_taken: dict[tuple[str, str, str], tuple[float, float]] = {}
"""Of each throttled route: how many requests it takes now, and when that was counted."""


def http_api(original: Answer) -> Answer:
    """Return the function that answers an HTTP API's request by a function."""

    async def answer(integration: Mapping[str, Any], *request: Any, **named: Any) -> Reply:
        api_id, stage, path, method, *_, route_key, _path = request
        if named.get("authorizer_iam") is _UNSIGNED:
            return _said(403, "Forbidden")
        if not _takes(api_id, stage, route_key):
            return _said(429, "Too Many Requests")
        route = route_key.partition(" ")[2]
        asked = [f"{verb}{way}" for verb in (method, "ANY") for way in (route, path)]
        if not api_may(integration, api_id, *(f"{stage}/{one}" for one in (*asked, route_key))):
            return _said(500, "Internal Server Error")
        try:
            work = original(integration, *request, **named)
            reply: Reply = await within(work, "HTTP", integration)
        except TimeoutError:
            return _said(*_LATE)
        return reply

    return answer


def rest_api(original: Answer) -> Answer:
    """Return the same for a REST API."""

    async def answer(integration: Mapping[str, Any], *request: Any, **named: Any) -> Any:
        fails = vars(import_module(REST))["_gw_error"]  # gateway responses are for these
        if named.get("caller_identity") is _UNSIGNED:
            return fails("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
        api_id, stage, _, resource, path, method = request[:6]
        asked = (f"{stage}/{method}{way}" for way in (resource["path"], path))
        if not api_may(integration, api_id, *asked):
            return fails("API_CONFIGURATION_ERROR", "Internal server error")
        try:
            work = original(integration, *request, **named)
            reply = await within(work, "REST", integration)
        except TimeoutError:
            return fails("INTEGRATION_TIMEOUT", _LATE_AT_REST)
        return _compressed(reply, api_id, request[6]) if isinstance(reply, tuple) else reply

    return answer


def _compressed(reply: Reply, api_id: str, headers: Mapping[str, str]) -> Reply:
    """An answer in gzip, where its API and its client say so."""
    least = (vars(import_module(REST))["_rest_apis"].get(api_id) or {}).get(_LEAST_BYTES)
    status, own, body = reply[0], dict(reply[1]), reply[2]
    accepted = next((one for name, one in headers.items() if name.lower() == _ACCEPTS), "")
    is_coded = any(name.lower() == "content-encoding" for name in own)
    if least is None or "gzip" not in accepted or is_coded or len(body) < int(least):
        return reply
    return status, {**own, "Content-Encoding": "gzip"}, gzip.compress(body)


def authorizer(original: Answer) -> Answer:
    """Return the function that asks an authorizer; one that its API may not call has no answer."""

    async def asked(kept: Mapping[str, Any], event: Mapping[str, Any], *where: str) -> Any:
        api_id = str(event.get("routeArn") or event.get("methodArn")).split(":")[5].split("/")[0]
        own = kept.get("authorizerId") or kept.get("id")
        may = api_may(kept, api_id, f"authorizers/{own}")
        return await original(kept, event, *where) if may else None

    return asked


def keyed(original: Answer) -> Answer:
    """Return the function that fetches an issuer's keys; a user pool's are of this cloud.

    ministack asks itself for them, without a signature.
    """

    async def fetch(url: str) -> Any:
        names, pools = vars(import_module(GATEWAY)), import_module("ministack.services.cognito")
        front = f"http://{names['_HOST']}:{names['_PORT']}/"
        if not url.startswith(front):
            return await original(url)
        own = url.removeprefix(front).partition("/")[0]
        is_there = own in {pool_id for (*_, pool_id), _ in pools._user_pools.all_items()}  # noqa: SLF001 - ministack has no other way
        return json.loads(pools.well_known_jwks(own)[2]) if is_there else {}

    return fetch


def socket(original: Answer) -> Answer:
    """Return the function that invokes a connection's route; its client is told of a late one."""

    async def answer(*request: Any, **named: Any) -> Any:
        api_id, _account, _region, route = request[:4]
        connection_id, event_type, message_id = request[5:8]
        try:
            work = original(*request, **named)
            return await within(work, "WEBSOCKET", _integration(api_id, route))
        except TimeoutError:
            if event_type != "MESSAGE":
                return {"statusCode": 504}
            said = {"message": _LATE_AT_REST, "connectionId": connection_id}
            return {"body": json.dumps({**said, "requestId": message_id})}

    return answer


def permitted(original: Answer) -> Answer:
    """Return the function that invokes a connection's route; one that the API may not call is none.

    So is one that is not there: AWS answers both in the same way.
    """

    async def answer(api_id: str, *request: Any, **named: Any) -> Any:
        _account, _region, route, stage = request[:4]
        integration = _integration(api_id, route)
        path = f"{stage}/{route.get('routeKey')}"
        runs = integration.get("integrationType") != "MOCK" and bool(integration)
        if runs and not api_may(integration, api_id, path):
            return None
        return await original(api_id, *request, **named)

    return answer


def _integration(api_id: str, route: Mapping[str, Any]) -> Mapping[str, Any]:
    own = str(route.get("target") or "").removeprefix("integrations/")
    every = vars(import_module(GATEWAY))["_integrations"].get(api_id) or {}
    return every.get(own) or {}


def caller(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that says who has signed a request; the gate has checked a signature."""

    def identity(headers: Mapping[str, str], query_params: Mapping[str, Any]) -> Any:
        given = [one for name, one in headers.items() if name.lower() == "authorization"]
        in_link = any(name.lower() == "x-amz-signature" for name in query_params)
        is_signed = in_link or any(one.startswith(SCHEMES) for one in given)
        return original(headers, query_params) if is_signed else _UNSIGNED

    return identity


async def within(work: Awaitable[Any], kind: str, integration: Mapping[str, Any]) -> Any:
    """Return what comes of an integration in its time.

    Raises:
        TimeoutError: once the time is over; the work goes on.
    """
    future = asyncio.ensure_future(work)
    _running.add(future)
    future.add_done_callback(_running.discard)
    limit_ms = int(integration.get("timeoutInMillis") or LONGEST_MS[kind])
    await asyncio.wait({future}, timeout=limit_ms / 1000)
    if not future.done():
        raise TimeoutError
    return future.result()


def _takes(api_id: str, stage: str, route_key: str) -> bool:
    """Whether a stage takes one more request of a route now: a bucket of tokens, as on AWS."""
    kept = vars(import_module(GATEWAY))["_stages"].get(api_id, {}).get(stage) or {}
    usual = kept.get("defaultRouteSettings") or {}
    own = (kept.get("routeSettings") or {}).get(route_key) or {}
    settings = {name[0].upper() + name[1:]: one for name, one in {**usual, **own}.items()}
    if not _OF_AN_ACCOUNT.keys() & settings.keys():
        return True
    rate, burst = (float(settings.get(name, most)) for name, most in _OF_AN_ACCOUNT.items())
    key, now = (api_id, stage, route_key), time.monotonic()
    had, at = _taken.get(key, (burst, now))
    has = min(burst, had + (now - at) * rate)
    _taken[key] = (has - 1 if has >= 1 else has), now
    return has >= 1


def _said(status: int, text: str) -> Reply:
    return status, {"Content-Type": "application/json"}, json.dumps({"message": text}).encode()
