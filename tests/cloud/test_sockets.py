"""WebSocket APIs: a real client, routes that run on our host, and @connections."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import websockets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_tax.cloud import LocalCloud

CODE = """
import json, os, boto3
def handler(event, context):
    context_ = event["requestContext"]
    if context_["eventType"] != "MESSAGE":
        return {"statusCode": 200}
    asked = json.loads(event["body"])
    if asked.get("fail"):
        raise RuntimeError("asked to")
    client = boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["CALLBACK_URL"])
    for n in range(asked["count"]):
        client.post_to_connection(ConnectionId=context_["connectionId"], Data=str(n).encode())
    return {"statusCode": 200, "body": "not for the client: the route has no route response"}
"""


@pytest.fixture
def socket_url(cloud: LocalCloud, deploy: Any) -> Iterator[str]:
    """A WebSocket API whose routes all run one function; its address."""
    gateway = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    api = gateway.create_api(
        Name=f"sockets-{uuid.uuid4().hex[:6]}",
        ProtocolType="WEBSOCKET",
        RouteSelectionExpression="$request.body.action",
    )
    api_id = api["ApiId"]
    variables = {"CALLBACK_URL": cloud.callback_url(api_id, "prod")}
    function = deploy(CODE, timeout=60, Environment={"Variables": variables})
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function.name}"
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    made = gateway.create_integration(ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=uri)
    for route in ("$connect", "$default", "$disconnect"):
        gateway.create_route(
            ApiId=api_id, RouteKey=route, Target=f"integrations/{made['IntegrationId']}"
        )
    gateway.create_stage(ApiId=api_id, StageName="prod", AutoDeploy=True)
    assert api["ApiEndpoint"].startswith("wss://")
    yield cloud.local_url(api["ApiEndpoint"] + "/prod")
    gateway.delete_api(ApiId=api_id)


def converse(url: str, message: dict[str, Any], answers: int) -> list[str]:
    """Connect, say one thing, and return so many answers."""

    async def talk() -> list[str]:
        async with websockets.connect(url, open_timeout=30) as socket:
            await socket.send(json.dumps(message))
            return [str(await asyncio.wait_for(socket.recv(), 60)) for _ in range(answers)]

    return asyncio.run(talk())


def test_a_thousand_messages_arrive_in_order_and_none_is_lost(socket_url: str) -> None:
    """Each is one signed @connections call of the handler."""
    assert converse(socket_url, {"count": 1000}, 1000) == [str(n) for n in range(1000)]


def test_a_routes_invocations_reach_our_host(socket_url: str, cloud: LocalCloud) -> None:
    """Connect and message are an invocation each, with a reading each."""
    before = len(cloud.readings())
    assert converse(socket_url, {"count": 1}, 1) == ["0"]
    until = time.monotonic() + 30
    while len(cloud.readings()) < before + 2 and time.monotonic() < until:
        time.sleep(0.02)  # the handler ends after its last message has gone
    assert len(cloud.readings()) >= before + 2


def test_a_failed_route_answers_as_api_gateway_does(socket_url: str) -> None:
    """The client reads that something failed, and nothing of the traceback."""
    [said] = converse(socket_url, {"fail": True}, 1)
    assert json.loads(said)["message"] == "Internal server error"
    assert "RuntimeError" not in said


@pytest.mark.parametrize("change", ["no token", "another token", "a page's origin"])
def test_a_socket_wants_the_token_and_no_page(
    socket_url: str, cloud: LocalCloud, change: str
) -> None:
    """The handshake is refused."""
    headers = {"Origin": "https://evil.example"} if change == "a page's origin" else {}
    token = {"no token": "", "another token": "/~wrong"}.get(change, f"/~{cloud.path_token}")
    url = socket_url.replace(f"/~{cloud.path_token}", token)

    async def knock() -> None:
        async with websockets.connect(url, additional_headers=headers):
            pass

    with pytest.raises(websockets.InvalidStatus, match="403"):
        asyncio.run(knock())
