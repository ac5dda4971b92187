"""What a function's own policy lets services do, by their name and by that of the caller."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import websockets.sync.client
from refusals import ARN, let
from waiters import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serverless_tax.cloud import LocalCloud

CODE = "def handler(event, context): return {'statusCode': 200, 'body': '\"here\"'}"
API = "arn:aws:execute-api:us-east-1:000000000000"


@pytest.fixture
def function(deploy: Any) -> Any:
    """A function that nobody else may call yet."""
    return deploy(CODE)


@pytest.fixture
def http(cloud: LocalCloud, function: Any) -> Iterator[str]:
    """The id of an HTTP API with a route to the function."""
    gateway = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    made = gateway.create_api(Name="may", ProtocolType="HTTP")["ApiId"]
    to = {"IntegrationUri": ARN + function.name, "PayloadFormatVersion": "2.0"}
    own = gateway.create_integration(ApiId=made, IntegrationType="AWS_PROXY", **to)
    target = f"integrations/{own['IntegrationId']}"
    gateway.create_route(ApiId=made, RouteKey="GET /items/{id}", Target=target)
    gateway.create_stage(ApiId=made, StageName="prod")
    yield made
    gateway.delete_api(ApiId=made)


def get(cloud: LocalCloud, api: str, path: str) -> tuple[int, Any]:
    """Status and body of a request."""
    url = cloud.local_url(f"https://{api}.execute-api.us-east-1.amazonaws.com/{path}")
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - our own server
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


@pytest.mark.parametrize(
    ("source", "opens"),
    [
        ("{api}/*/GET/items/*", True),  # as SAM writes it
        ("{api}/*/*/items/{{id}}", True),  # as CDK and the console do
        ("{api}/prod/GET/items/7", True),
        ("{api}/*", True),
        ("other/*", False),
        ("{api}/*/POST/items/*", False),
        ("{api}/test/*", False),
    ],
)
def test_an_http_api_calls_a_function_that_lets_it(
    cloud: LocalCloud, function: Any, http: str, source: str, *, opens: bool
) -> None:
    """Its route may be named; without a statement its client reads of an error."""
    closed = (500, {"message": "Internal Server Error"})
    assert get(cloud, http, "prod/items/7") == closed
    let(function.client, function.name, SourceArn=f"{API}:{source.format(api=http)}")
    assert get(cloud, http, "prod/items/7") == ((200, "here") if opens else closed)


def test_an_authorizer_too_is_asked_with_its_leave(
    cloud: LocalCloud, function: Any, http: str, deploy: Any
) -> None:
    """By a statement of its own function's."""
    gateway = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    asked = deploy("def handler(event, context): return {'isAuthorized': True}")
    uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations"
    made = gateway.create_authorizer(
        ApiId=http,
        Name="own",
        AuthorizerType="REQUEST",
        AuthorizerUri=uri.format(ARN + asked.name),
        AuthorizerPayloadFormatVersion="2.0",
        IdentitySource=["$context.stage"],
        EnableSimpleResponses=True,
    )["AuthorizerId"]
    [route] = gateway.get_routes(ApiId=http)["Items"]
    by = {"AuthorizationType": "CUSTOM", "AuthorizerId": made}
    gateway.update_route(ApiId=http, RouteId=route["RouteId"], **by)
    let(function.client, function.name)
    assert get(cloud, http, "prod/items/7")[0] == 500
    let(asked.client, asked.name, SourceArn=f"{API}:{http}/authorizers/{made}")
    assert get(cloud, http, "prod/items/7") == (200, "here")


def test_a_rest_api_calls_a_function_that_lets_it(cloud: LocalCloud, function: Any) -> None:
    """Its method may be named."""
    rest = boto3.client("apigateway", **cloud.boto3_kwargs)
    uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations"
    proxy = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri.format(ARN + function.name)}
    paths = {"/a": {"get": {"responses": {}, "x-amazon-apigateway-integration": proxy}}}
    document = {"swagger": "2.0", "info": {"title": "may", "version": "1"}, "paths": paths}
    api = rest.import_rest_api(body=json.dumps(document))["id"]
    rest.create_deployment(restApiId=api, stageName="prod")
    assert get(cloud, api, "prod/a") == (500, {"message": "Internal server error"})
    let(function.client, function.name, SourceArn=f"{API}:{api}/*/GET/a")
    assert get(cloud, api, "prod/a") == (200, "here")
    rest.delete_rest_api(restApiId=api)


def test_a_socket_opens_by_a_function_that_lets_it(cloud: LocalCloud, function: Any) -> None:
    """As CDK names a route: $connect is 500 before, and a message is told of an error."""
    gateway = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    chosen = {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}
    api = gateway.create_api(Name="may", **chosen)["ApiId"]
    uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations"
    to = {"IntegrationUri": uri.format(ARN + function.name)}
    made = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", **to)
    for key in ("$connect", "$default"):
        target = f"integrations/{made['IntegrationId']}"
        gateway.create_route(ApiId=api, RouteKey=key, Target=target)
    gateway.create_stage(ApiId=api, StageName="prod")
    url = cloud.local_url(f"wss://{api}.execute-api.us-east-1.amazonaws.com/prod")
    with pytest.raises(websockets.exceptions.InvalidStatus, match="500"):
        websockets.sync.client.connect(url)
    let(function.client, function.name, SourceArn=f"{API}:{api}/*$connect")
    with websockets.sync.client.connect(url) as socket:
        socket.send("{}")
        assert json.loads(socket.recv(10))["message"] == "Internal server error"
    gateway.delete_api(ApiId=api)


def test_a_rule_and_a_topic_reach_a_function_that_lets_them(
    cloud: LocalCloud, function: Any
) -> None:
    """What did not arrive is counted, and nothing else tells of it."""
    events, sns = (boto3.client(name, **cloud.boto3_kwargs) for name in ("events", "sns"))
    pattern = {"EventPattern": json.dumps({"source": ["own"]})}
    rule = events.put_rule(Name="may", **pattern)["RuleArn"]
    events.put_targets(Rule="may", Targets=[{"Id": "1", "Arn": ARN + function.name}])
    topic = sns.create_topic(Name="may")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=ARN + function.name)
    entry = {"Source": "own", "DetailType": "told", "Detail": "{}"}
    calls: dict[str, tuple[Callable[[], Any], str, str, str]] = {
        "events": (lambda: events.put_events(Entries=[entry]), rule, "Events", "FailedInvocations"),
        "sns": (
            lambda: sns.publish(TopicArn=topic, Message="m"),
            topic,
            "SNS",
            "NumberOfNotificationsFailed",
        ),
    }
    for number, (service, (call, source, space, metric)) in enumerate(calls.items(), start=1):
        let(function.client, function.name, service, SourceArn=f"{source}-of-another")
        call()
        until(lambda space=space, metric=metric: counted(cloud, f"AWS/{space}", metric) == 1)
        function.client.remove_permission(FunctionName=function.name, StatementId=service)
        let(function.client, function.name, service, SourceArn=source)
        call()
        until(lambda number=number: invoked(cloud, function.name) == number)
    events.remove_targets(Rule="may", Ids=["1"])
    events.delete_rule(Name="may")
    sns.delete_topic(TopicArn=topic)


def counted(cloud: LocalCloud, namespace: str, metric: str) -> float:
    """A metric's sum, whatever its dimensions."""
    watch = boto3.client("cloudwatch", **cloud.boto3_kwargs)
    [found] = watch.list_metrics(Namespace=namespace, MetricName=metric)["Metrics"] or [{}]
    points = watch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=found.get("Dimensions", []),
        StartTime=time.time() - 600,
        EndTime=time.time() + 60,
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(one["Sum"] for one in points)


def invoked(cloud: LocalCloud, name: str) -> int:
    """How often a function has run."""
    return sum(one.function == name for one in cloud.readings())
