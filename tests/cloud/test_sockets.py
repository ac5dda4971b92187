"""WebSocket APIs: a real client, routes that run on our host, and @connections."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
import uuid
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import websockets
from refusals import ARN, let

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_tax.cloud import LocalCloud

CODE = """
import json, os, boto3
def handler(event, context):
    context_ = event["requestContext"]
    print("event", json.dumps(context_))
    if context_["eventType"] == "CONNECT":
        status = (event["queryStringParameters"] or {}).get("status", "200")
        if status == "none":
            raise RuntimeError("asked to")
        offered = event["headers"].get("Sec-WebSocket-Protocol")
        chosen = {"Sec-WebSocket-Protocol": offered.split(",")[0]} if offered else {}
        print("headers", json.dumps(event["headers"]))
        return {"statusCode": int(status), "headers": chosen}
    if context_["eventType"] != "MESSAGE":
        return {"statusCode": 200}
    asked = json.loads(event["body"])
    if asked.get("fail"):
        raise RuntimeError("asked to")
    if context_["routeKey"] == "large":
        return {"statusCode": 200, "body": "x" * asked["size"]}
    url = os.environ["CALLBACK_URL"]
    if asked.get("as_in_awss_samples"):
        url = "https://" + context_["domainName"] + "/" + context_["stage"]
    client = boto3.client("apigatewaymanagementapi", endpoint_url=url)
    if asked.get("whose"):
        try:
            client.post_to_connection(ConnectionId=asked["whose"], Data=b"x")
        except client.exceptions.GoneException:
            client.post_to_connection(ConnectionId=context_["connectionId"], Data=b"gone")
    if asked.get("bytes"):
        data = b"x" * asked["bytes"]
        try:
            client.post_to_connection(ConnectionId=context_["connectionId"], Data=data)
        except client.exceptions.PayloadTooLargeException:
            client.post_to_connection(ConnectionId=context_["connectionId"], Data=b"too large")
    for n in range(asked.get("count", 0)):
        client.post_to_connection(ConnectionId=context_["connectionId"], Data=str(n).encode())
    return {"statusCode": 200, "body": "not for the client: the route has no route response"}
"""


@pytest.fixture(scope="module")
def socket_url(cloud: LocalCloud, deploy_once: Any) -> Iterator[str]:
    """A WebSocket API whose routes all run one function; its address."""
    gateway = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    api = gateway.create_api(
        Name=f"sockets-{uuid.uuid4().hex[:6]}",
        ProtocolType="WEBSOCKET",
        RouteSelectionExpression="$request.body.action",
    )
    api_id = api["ApiId"]
    variables = {"CALLBACK_URL": cloud.callback_url(api_id, "prod")}
    function = deploy_once(CODE, timeout=60, Environment={"Variables": variables})
    let(function.client, function.name)
    arn = f"{ARN}{function.name}"
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    made = gateway.create_integration(ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=uri)
    for route in ("$connect", "$default", "$disconnect"):
        gateway.create_route(
            ApiId=api_id, RouteKey=route, Target=f"integrations/{made['IntegrationId']}"
        )
    target = gateway.get_routes(ApiId=api_id)["Items"][0]["Target"]
    answered = {"RouteKey": "large", "RouteResponseSelectionExpression": "$default"}
    route = gateway.create_route(ApiId=api_id, Target=target, **answered)["RouteId"]
    gateway.create_route_response(ApiId=api_id, RouteId=route, RouteResponseKey="$default")
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


@pytest.mark.parametrize("count", [200, pytest.param(1000, marks=pytest.mark.slow)])
def test_many_messages_arrive_in_order_and_none_is_lost(socket_url: str, count: int) -> None:
    """Each is one signed @connections call of the handler."""
    assert converse(socket_url, {"count": count}, count) == [str(n) for n in range(count)]


def test_a_routes_invocations_reach_our_host(socket_url: str, cloud: LocalCloud) -> None:
    """Connect and message are an invocation each, with a reading each."""
    before = len(cloud.readings())
    assert converse(socket_url, {"count": 1}, 1) == ["0"]
    until = time.monotonic() + 60
    while len(cloud.readings()) < before + 2 and time.monotonic() < until:
        time.sleep(0.02)  # the handler ends after its last message has gone
    assert len(cloud.readings()) >= before + 2


def test_a_failed_route_answers_as_api_gateway_does(socket_url: str) -> None:
    """The client reads that something failed, and nothing of the traceback."""
    [said] = converse(socket_url, {"fail": True}, 1)
    assert json.loads(said)["message"] == "Internal server error"
    assert "RuntimeError" not in said


def test_a_routes_answer_has_a_messages_limit(socket_url: str) -> None:
    """128 KB reach the client; a byte more is an error of the integration."""
    [whole] = converse(socket_url, {"action": "large", "size": 131_072}, 1)
    assert whole == "x" * 131_072
    [said] = converse(socket_url, {"action": "large", "size": 131_073}, 1)
    assert json.loads(said)["message"] == "Internal server error"


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


def last_connection(cloud: LocalCloud, socket_url: str, told: int = 1) -> list[dict[str, Any]]:
    """What the function was told of its last connection: once closed, and of so many events.

    A message's lines may come after those of $disconnect, which another environment takes.
    """
    until = time.monotonic() + 60
    while True:
        found = contexts(cloud, socket_url)
        of_last = [one for one in found if one["connectionId"] == found[-1]["connectionId"]]
        if found[-1]["eventType"] == "DISCONNECT" and len(of_last) >= told:
            return of_last
        assert time.monotonic() < until, "no $disconnect"
        time.sleep(0.05)


def contexts(cloud: LocalCloud, socket_url: str) -> list[dict[str, Any]]:
    """What the function was told of its connections, in order."""
    return told(cloud, socket_url, "event ")


def told(cloud: LocalCloud, socket_url: str, kind: str) -> list[dict[str, Any]]:
    """The JSON of the function's log lines of one kind."""
    gateway, logs = (boto3.client(name, **cloud.boto3_kwargs) for name in ("apigatewayv2", "logs"))
    api_id = socket_url.split("/")[-2]
    [made] = gateway.get_integrations(ApiId=api_id)["Items"]
    name = made["IntegrationUri"].split(":function:")[1].partition("/")[0]
    try:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    except logs.exceptions.ResourceNotFoundException:  # it has not run yet
        return []
    lines = [event["message"] for event in events if event["message"].startswith(kind)]
    return [json.loads(line.removeprefix(kind)) for line in lines]


def test_an_event_knows_when_its_connection_was_made(cloud: LocalCloud, socket_url: str) -> None:
    """At connect, message and disconnect the same moment."""
    converse(socket_url, {"count": 1}, 1)
    found = last_connection(cloud, socket_url, told=3)
    found.sort(key=lambda one: one["requestTimeEpoch"])
    assert [one["eventType"] for one in found] == ["CONNECT", "MESSAGE", "DISCONNECT"]
    assert len({one["connectedAt"] for one in found}) == 1
    assert found[0]["connectedAt"] <= found[1]["requestTimeEpoch"]
    assert {one["messageDirection"] for one in found} == {"IN"}


def test_the_function_chooses_the_subprotocol(socket_url: str) -> None:
    """The one that $connect answers with; none is chosen where none is offered."""

    async def chosen(**offered: Any) -> str | None:
        async with websockets.connect(socket_url, **offered) as socket:
            return socket.subprotocol

    assert asyncio.run(chosen(subprotocols=["tokens.v1", "other"])) == "tokens.v1"
    assert asyncio.run(chosen()) is None


def refusal(url: str) -> tuple[int, str]:
    """Status and message of a handshake that must fail."""

    async def knock() -> tuple[int, str]:
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with websockets.connect(url):
                pass
        answer = refused.value.response
        return answer.status_code, json.loads(answer.body or b"{}").get("message", "")

    return asyncio.run(knock())


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("?status=401", (401, "Unauthorized")),
        ("?status=400", (400, "Bad Request")),
        ("?status=none", (502, "Internal server error")),
        ("/prod", (403, "Forbidden")),  # of another API
        ("/other", (403, "Forbidden")),
    ],
)
def test_a_refused_handshake_says_why(socket_url: str, path: str, said: tuple[int, str]) -> None:
    """With the status of the function of $connect; no stage is none to connect to."""
    api_id = socket_url.split("/")[-2]
    urls = {"/prod": socket_url.replace(api_id, "another"), "/other": socket_url[:-5] + "/other"}
    assert refusal(urls.get(path, socket_url + path)) == said


def test_a_message_without_a_route_is_forbidden(cloud: LocalCloud) -> None:
    """Its client reads so, and an integration of no function fails as on AWS."""
    gateway = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    api = gateway.create_api(
        Name="bare", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )
    one = gateway.create_integration(
        ApiId=api["ApiId"],
        IntegrationType="AWS_PROXY",
        IntegrationUri="arn:aws:lambda:us-east-1:000000000000:function:none",
    )
    target = f"integrations/{one['IntegrationId']}"
    gateway.create_route(ApiId=api["ApiId"], RouteKey="broken", Target=target)
    gateway.create_stage(ApiId=api["ApiId"], StageName="prod")
    url = cloud.local_url(api["ApiEndpoint"] + "/prod")
    said = [json.loads(converse(url, {"action": one}, 1)[0]) for one in ("other", "broken")]
    assert [one["message"] for one in said] == ["Forbidden", "Internal server error"]
    gateway.delete_api(ApiId=api["ApiId"])


def test_a_connection_is_described_and_closed(cloud: LocalCloud, socket_url: str) -> None:
    """By signed calls, at the address with the token too; header names are as they were sent."""
    address = socket_url.replace("ws://", "http://")
    kwargs = {**cloud.boto3_kwargs, "endpoint_url": address}
    calls = boto3.client("apigatewaymanagementapi", **kwargs)
    known = {one["connectionId"] for one in contexts(cloud, socket_url)}

    async def talk() -> tuple[dict[str, Any], str]:
        headers = {"X-Own": "1", "lower": "2"}
        async with websockets.connect(socket_url, additional_headers=headers) as socket:
            until = time.monotonic() + 60
            while not (new := {one["connectionId"] for one in contexts(cloud, socket_url)} - known):
                assert time.monotonic() < until, "no $connect"
                await asyncio.sleep(0.02)
            connection = {"ConnectionId": new.pop()}
            described = await asyncio.to_thread(calls.get_connection, **connection)
            await asyncio.to_thread(calls.delete_connection, **connection)
            with pytest.raises(websockets.ConnectionClosedOK) as closed:
                await asyncio.wait_for(socket.recv(), 20)
            return described, str(closed.value)

    described, closed = asyncio.run(talk())
    assert described["Identity"]["SourceIp"] == "127.0.0.1"
    assert described["ConnectedAt"] <= described["LastActiveAt"]
    assert "1000" in closed
    until, wanted = time.monotonic() + 20, {"Host", "X-Own", "lower", "X-Forwarded-For"}
    while not any(wanted <= sent.keys() for sent in told(cloud, socket_url, "headers ")):
        assert time.monotonic() < until, "no such headers"
        time.sleep(0.05)


def test_a_closed_connection_is_gone(socket_url: str, cloud: LocalCloud) -> None:
    """The function that sends to it gets GoneException."""
    converse(socket_url, {"count": 1}, 1)
    closed = last_connection(cloud, socket_url)[0]["connectionId"]
    assert converse(socket_url, {"whose": closed}, 1) == ["gone"]


def test_a_message_has_128_kb_at_most(socket_url: str) -> None:
    """In both directions: a larger one is refused, or closes the connection."""
    most = 128 * 1024
    assert [len(said) for said in converse(socket_url, {"bytes": most}, 1)] == [most]
    assert converse(socket_url, {"bytes": most + 1}, 1) == ["too large"]
    with pytest.raises(websockets.ConnectionClosedError, match="1009"):
        converse(socket_url, {"count": 1, "more": "x" * most}, 1)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_handler_of_awss_samples_runs_unchanged(socket_url: str) -> None:
    """It sends to https:// + the event's domain + the stage."""
    asked = {"count": 2, "as_in_awss_samples": True}
    assert converse(socket_url, asked, 2) == ["0", "1"]


def test_the_function_is_told_how_its_client_has_closed(cloud: LocalCloud, socket_url: str) -> None:
    """With the client's own code and reason."""

    async def close() -> None:
        async with websockets.connect(socket_url) as socket:
            await socket.close(4001, "enough")

    asyncio.run(close())
    until, said = time.monotonic() + 20, set[tuple[int, str]]()
    while (4001, "enough") not in said:  # ends of other tests' connections may come in between
        assert time.monotonic() < until, said
        time.sleep(0.05)
        ends = [one for one in contexts(cloud, socket_url) if one["eventType"] == "DISCONNECT"]
        said = {(one["disconnectStatusCode"], one["disconnectReason"]) for one in ends}
