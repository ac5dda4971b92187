"""How long an API waits, how many requests its stage takes, and whom it believes."""

from __future__ import annotations

import asyncio
import gzip
import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import websockets
from refusals import ARN, let, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_tax.cloud import LocalCloud

SLOW = """
import time
def handler(event, context):
    time.sleep(0 if "quick" in str(event.get("rawPath")) else 1)
    return {"statusCode": 200, "body": "late"}
"""


@pytest.fixture(scope="module")
def gateway(cloud: LocalCloud) -> Any:
    """A client of API Gateway's second version."""
    return boto3.client("apigatewayv2", **cloud.boto3_kwargs)


@pytest.fixture(scope="module")
def name(deploy_once: Any) -> str:
    """A function that takes a second, and lets APIs call it."""
    function = deploy_once(SLOW)
    let(function.client, function.name)
    return str(function.name)


@pytest.fixture(scope="module")
def api(gateway: Any, name: str) -> Iterator[str]:
    """An HTTP API whose integration waits for 200 ms, with a throttled stage and another."""
    made = gateway.create_api(Name="limits", ProtocolType="HTTP")["ApiId"]
    target = gateway.create_integration(
        ApiId=made,
        IntegrationType="AWS_PROXY",
        IntegrationUri=ARN + name,
        PayloadFormatVersion="2.0",
        TimeoutInMillis=200,
    )["IntegrationId"]
    own = {"ApiId": made, "Target": f"integrations/{target}"}
    gateway.create_route(**own, RouteKey="GET /{proxy+}")
    gateway.create_route(**own, RouteKey="GET /signed/quick", AuthorizationType="AWS_IAM")
    few = {"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.001}
    gateway.create_stage(ApiId=made, StageName="few", DefaultRouteSettings=few)
    gateway.create_stage(ApiId=made, StageName="any")
    yield made
    gateway.delete_api(ApiId=made)


def get(cloud: LocalCloud, api: str, path: str, **headers: str) -> tuple[int, str]:
    """Status and message of a request."""
    url = cloud.local_url(f"https://{api}.execute-api.us-east-1.amazonaws.com/{path}")
    asked = urllib.request.Request(url, headers=headers)  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 - as above
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)["message"]


def test_an_http_api_waits_no_longer_than_its_integration(
    cloud: LocalCloud, api: str, name: str
) -> None:
    """The function goes on, and is billed to its end."""
    before = sum(one.function == name for one in cloud.readings())
    assert get(cloud, api, "any/slow") == (503, "Service Unavailable")

    async def billed() -> int:
        while True:
            found = [one for one in cloud.readings() if one.function == name]
            if len(found) > before:
                return found[-1].billed_ms
            await asyncio.sleep(0.05)

    assert asyncio.run(asyncio.wait_for(billed(), 20)) >= 1000


def test_a_user_pools_tokens_open_a_route(cloud: LocalCloud, gateway: Any, name: str) -> None:
    """Either of them, with or without the word Bearer; none once the pool is gone."""
    api = gateway.create_api(Name="pool", ProtocolType="HTTP", Target=ARN + name)["ApiId"]
    pools = boto3.client("cognito-idp", **cloud.boto3_kwargs)
    pool = {"UserPoolId": pools.create_user_pool(PoolName="open")["UserPool"]["Id"]}
    flow = "ADMIN_USER_PASSWORD_AUTH"
    made = pools.create_user_pool_client(
        **pool, ClientName="a", ExplicitAuthFlows=[f"ALLOW_{flow}"]
    )
    client, user = made["UserPoolClient"]["ClientId"], {"USERNAME": "ann", "PASSWORD": "Pass-w0rd"}
    pools.admin_create_user(**pool, Username="ann", MessageAction="SUPPRESS")
    pools.admin_set_user_password(**pool, Username="ann", Password="Pass-w0rd", Permanent=True)  # noqa: S106 - nobody's
    signed = pools.admin_initiate_auth(**pool, ClientId=client, AuthFlow=flow, AuthParameters=user)[
        "AuthenticationResult"
    ]
    asked = gateway.create_authorizer(
        ApiId=api,
        Name="pool",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={
            "Issuer": f"https://cognito-idp.us-east-1.amazonaws.com/{pool['UserPoolId']}",
            "Audience": [client],
        },
    )["AuthorizerId"]
    [made] = gateway.get_routes(ApiId=api)["Items"]
    route = {"ApiId": api, "RouteKey": "GET /quick", "Target": made["Target"]}
    gateway.create_route(**route, AuthorizationType="JWT", AuthorizerId=asked)
    id_token, access_token = signed["IdToken"], signed["AccessToken"]
    for token in (f"Bearer {id_token}", access_token):
        assert get(cloud, api, "quick", Authorization=token) == (200, "late")
    wrong = f"Bearer {id_token[:-20]}{'A' * 20}"
    assert get(cloud, api, "quick", Authorization=wrong) == (401, "Unauthorized")
    pools.delete_user_pool(**pool)
    assert get(cloud, api, "quick", Authorization=access_token) == (401, "Unauthorized")
    gateway.delete_api(ApiId=api)


def test_a_rest_api_says_that_its_endpoint_timed_out(cloud: LocalCloud, name: str) -> None:
    """By the integration's own time; a document's method may stand for any."""
    rest = boto3.client("apigateway", **cloud.boto3_kwargs)
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ARN}{name}/invocations"
    proxy = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
    every = {"responses": {}, "x-amazon-apigateway-integration": proxy}
    paths = {"/": {"x-amazon-apigateway-any-method": every}}
    document = {"swagger": "2.0", "info": {"title": "late", "version": "1"}, "paths": paths}
    api = rest.import_rest_api(body=json.dumps(document))["id"]
    [root] = rest.get_resources(restApiId=api)["items"]
    rest.update_integration(
        restApiId=api,
        resourceId=root["id"],
        httpMethod="ANY",
        patchOperations=[{"op": "replace", "path": "/timeoutInMillis", "value": "200"}],
    )
    rest.create_deployment(restApiId=api, stageName="prod")
    assert get(cloud, api, "prod/") == (504, "Endpoint request timed out")
    rest.delete_rest_api(restApiId=api)


def test_a_document_brings_its_answers(cloud: LocalCloud) -> None:
    """A mock's templates, gateway responses, and answers in gzip to those who take it."""
    rest = boto3.client("apigateway", **cloud.boto3_kwargs)
    told = {
        "statusCode": "200",
        "responseTemplates": {"application/json": '{"message": "made up"}'},
    }
    asks = {"application/json": '{"statusCode": 200}'}
    mock = {"type": "mock", "requestTemplates": asks, "responses": {"default": told}}
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ARN}none/invocations"
    proxy = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
    paths = {
        path: {"get": {"responses": {"200": {}}, "x-amazon-apigateway-integration": one}}
        for path, one in (("/mock", mock), ("/closed", proxy))
    }
    document = {"swagger": "2.0", "info": {"title": "told", "version": "1"}, "paths": paths}
    api = rest.import_rest_api(body=json.dumps(document))["id"]
    said = {"application/json": '{"message": "mine"}'}
    rest.put_gateway_response(
        restApiId=api, responseType="DEFAULT_5XX", statusCode="500", responseTemplates=said
    )
    rest.create_deployment(restApiId=api, stageName="s")
    assert get(cloud, api, "s/mock") == (200, '{"message": "made up"}')
    assert get(cloud, api, "s/closed") == (500, "mine")
    plain = {"type": "aws", "httpMethod": "POST", "uri": uri, "requestTemplates": asks}
    paths["/mock"]["get"]["x-amazon-apigateway-integration"] = plain
    document["paths"] = paths
    refused = refusal(rest.import_rest_api, body=json.dumps(document))
    assert "applies no templates of AWS integrations" in refused[2]
    rest.delete_rest_api(restApiId=api)


def test_a_rest_api_compresses_for_those_who_ask(cloud: LocalCloud, deploy: Any) -> None:
    """From the size that it was made with; Zappa makes it so."""
    answer = "{'statusCode': 200, 'body': 'a' * int(event['path'][1:])}"
    function = deploy(f"def handler(event, context): return {answer}")
    let(function.client, function.name)
    rest = boto3.client("apigateway", **cloud.boto3_kwargs)
    uri = f"path/2015-03-31/functions/{ARN}{function.name}/invocations"
    proxy = {"type": "aws_proxy", "httpMethod": "POST", "uri": f"arn:aws:apigateway:r:lambda:{uri}"}
    every = {"x-amazon-apigateway-any-method": {"x-amazon-apigateway-integration": proxy}}
    document = {"swagger": "2.0", "info": {"title": "small", "version": "1"}}
    document["x-amazon-apigateway-minimum-compression-size"] = 100
    body = json.dumps({**document, "paths": {"/{proxy+}": every}})
    api = rest.import_rest_api(body=body)["id"]
    rest.create_deployment(restApiId=api, stageName="s")

    def coded(length: int, accepted: str) -> str | None:
        url = f"https://{api}.execute-api.us-east-1.amazonaws.com/s/{length}"
        asked = urllib.request.Request(  # noqa: S310 - our own server
            cloud.local_url(url), headers={"Accept-Encoding": accepted}
        )
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 - as above
            found: str | None = answer.headers["Content-Encoding"]
            assert len(gzip.decompress(answer.read()) if found else answer.read()) == length
            return found

    assert [coded(200, "gzip, br"), coded(99, "gzip"), coded(200, "identity")] == [
        "gzip",
        None,
        None,
    ]
    rest.delete_rest_api(restApiId=api)


def test_a_socket_is_told_of_a_late_route(cloud: LocalCloud, gateway: Any, name: str) -> None:
    """In a message; the connection stays."""
    api = gateway.create_api(
        Name="late", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )["ApiId"]
    path = f"path/2015-03-31/functions/{ARN}{name}/invocations"
    target = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=f"arn:aws:apigateway:us-east-1:lambda:{path}",
        TimeoutInMillis=200,
    )["IntegrationId"]
    gateway.create_route(ApiId=api, RouteKey="$default", Target=f"integrations/{target}")
    gateway.create_stage(ApiId=api, StageName="s")
    url = cloud.local_url(f"wss://{api}.execute-api.us-east-1.amazonaws.com/s")

    async def ask() -> list[str]:
        async with websockets.connect(url) as socket:
            said = []
            for _ in range(2):
                await socket.send("{}")
                said.append(json.loads(await asyncio.wait_for(socket.recv(), 20))["message"])
            return said

    assert asyncio.run(ask()) == 2 * ["Endpoint request timed out"]
    gateway.delete_api(ApiId=api)


def test_a_stage_takes_as_many_as_its_throttle_says(cloud: LocalCloud, api: str) -> None:
    """The burst, and then what comes back with the rate; another stage is not throttled."""
    said = [get(cloud, api, "few/quick")[0] for _ in range(4)]
    assert said[2:] == [429, 429]
    assert 429 not in said[:2]
    assert get(cloud, api, "few/quick") == (429, "Too Many Requests")
    assert 429 not in [get(cloud, api, "any/quick")[0] for _ in range(4)]


def test_a_word_is_no_signature(cloud: LocalCloud, api: str) -> None:
    """A route of AWS_IAM believes signatures alone."""
    for given in ({}, {"Authorization": "let me in"}, {"Authorization": "Bearer a.b.c"}):
        assert get(cloud, api, "any/signed/quick", **given)[0] == 403


@pytest.mark.parametrize(
    ("call", "asked", "text"),
    [
        ("create_stage", {"StageName": "any"}, "Stage already exists"),
        ("create_stage", {"StageName": "a/b"}, "Stage name only allows"),
        ("create_stage", {"StageName": "b", "DeploymentId": "none"}, "has no deployment none"),
        ("create_stage", {"StageName": "b", "AccessLogSettings": {"Format": "x"}},
         "has no access logs"),
        ("update_api", {"DisableExecuteApiEndpoint": True}, "has no other address"),
        ("update_api", {"CorsConfiguration": {"AllowOrigins": ["*"], "AllowCredentials": True}},
         "is not supported if"),
        ("create_integration", {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"},
         "needs an IntegrationUri"),
        ("create_integration",
         {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0", "IntegrationUri": ARN,
          "TimeoutInMillis": 30_001}, "between 50 ms and 30000 ms"),
        ("create_integration",
         {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0", "IntegrationUri": ARN,
          "RequestParameters": {"append:header.a": "b"}}, "maps no parameters of AWS_PROXY"),
        ("create_route", {"RouteKey": "GET /a", "AuthorizationType": "JWT"}, "needs the Auth"),
        ("create_route", {"RouteKey": "GET /a", "ApiKeyRequired": True}, "only for WEBSOCKET"),
        ("create_authorizer", {"AuthorizerType": "TOKEN", "Name": "a", "IdentitySource": []},
         "one of"),
        ("create_authorizer", {"AuthorizerType": "REQUEST", "Name": "a", "IdentitySource": []},
         "needs AuthorizerUri"),
    ],
)  # fmt: skip
def test_a_setting_that_would_do_nothing_is_refused(
    gateway: Any, api: str, call: str, asked: dict[str, Any], text: str
) -> None:
    """By AWS, or by this cloud, which says so."""
    assert text in refusal(getattr(gateway, call), ApiId=api, **asked)[2]


def test_a_sockets_route_asks_for_no_key(cloud: LocalCloud) -> None:
    """Nobody would check it here."""
    api = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    made = api.create_api(
        Name="keyed", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )["ApiId"]
    said = refusal(api.create_route, ApiId=made, RouteKey="$connect", ApiKeyRequired=True)
    api.delete_api(ApiId=made)
    assert said[0] == "BadRequestException"
    assert "checks no keys" in said[2]
