"""What an address tells its function, and what becomes of the answer; APIs that are refused."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from refusals import ARN, let, open_to_all, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPMessage

    from serverless_tax.cloud import LocalCloud

CODE = """
import json
ANSWERS = {"none": None, "text": "only a text", "other": {"a": 1}, "status": {"statusCode": "no"},
    "object": {"statusCode": 200, "body": {}},
    "split": {"statusCode": 200, "headers": {"a": "b\\r\\nc: d"}, "body": ""},
    "base64": {"statusCode": 200, "isBase64Encoded": True, "body": "%%%"},
    "early": {"statusCode": 100}, "list": {"statusCode": 200, "headers": {"a": ["b"]}},
    "short": {"statusCode": 200, "body": "abcdef", "headers": {
        "content-length": "3", "Transfer-Encoding": "chunked", "yes": True, "none": None}}}
def handler(event, context):
    last = event.get("rawPath", event.get("path")).rpartition("/")[2]
    if last == "boom":
        raise RuntimeError("a secret of the handler's")
    if last in ANSWERS:
        return ANSWERS[last]
    answer = {"statusCode": 200, "body": json.dumps(event)}
    if event.get("version") == "2.0":
        return {**answer, "cookies": ["a=1; Path=/", "b=2"]}
    return {**answer, "multiValueHeaders": {"Set-Cookie": ["a=1; Path=/", "b=2"], "X-Own": ["1"]}}
"""


@pytest.fixture(scope="module")
def name(deploy_once: Any) -> str:
    """The function behind every address."""
    function = deploy_once(CODE)
    let(function.client, function.name)
    return str(function.name)


@pytest.fixture(scope="module")
def urls(cloud: LocalCloud, name: str) -> Iterator[dict[str, str]]:
    """A function URL, HTTP APIs of both payload formats and a REST API, each as an address."""
    lambda_, apis, rest = (
        boto3.client(one, **cloud.boto3_kwargs) for one in ("lambda", "apigatewayv2", "apigateway")
    )
    made = {"url": lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")}
    open_to_all(lambda_, FunctionName=name)
    found = {"url": cloud.local_url(made["url"]["FunctionUrl"]).rstrip("/")}
    ids = []
    for version in ("2.0", "1.0"):
        api = apis.create_api(Name=f"of-{version}", ProtocolType="HTTP")
        ids.append(api["ApiId"])
        one = apis.create_integration(
            ApiId=api["ApiId"],
            IntegrationType="AWS_PROXY",
            IntegrationUri=ARN + name,
            PayloadFormatVersion=version,
        )
        target = f"integrations/{one['IntegrationId']}"
        apis.create_route(ApiId=api["ApiId"], RouteKey="ANY /to/{what}", Target=target)
        apis.create_stage(ApiId=api["ApiId"], StageName="$default", StageVariables={"kind": "own"})
        found[version] = cloud.local_url(api["ApiEndpoint"]).rstrip("/")
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ARN}{name}/invocations"
    proxy = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
    method = {
        "x-amazon-apigateway-any-method": {
            "responses": {},
            "x-amazon-apigateway-integration": proxy,
        }
    }
    info = {"title": "rest", "version": "1"}
    document = {"swagger": "2.0", "info": info, "paths": {"/to/{what}": method}}
    rest_id = rest.import_rest_api(body=json.dumps(document))["id"]
    rest.create_deployment(restApiId=rest_id, stageName="prod")
    front = f"https://{rest_id}.execute-api.us-east-1.amazonaws.com/prod"
    yield {**found, "rest": cloud.local_url(front).rstrip("/")}
    rest.delete_rest_api(restApiId=rest_id)
    for api_id in ids:
        apis.delete_api(ApiId=api_id)


def get(url: str, data: bytes | None = None, **headers: str) -> tuple[int, str, HTTPMessage]:
    """Status, body and headers of a request with two cookies."""
    asked = urllib.request.Request(url, data, {"Cookie": "c=3; d=4", **headers})  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 - as above
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(), refused.headers


@pytest.mark.parametrize("kind", ["url", "2.0"])
def test_cookies_are_a_member_of_their_own(urls: dict[str, str], kind: str) -> None:
    """In the event, out of the headers; and of the answer, each one header."""
    status, body, headers = get(f"{urls[kind]}/to/it?x=1&x=2")
    event = json.loads(body)
    assert (status, event["cookies"]) == (200, ["c=3", "d=4"])
    assert "cookie" not in event["headers"]
    assert event["queryStringParameters"] == {"x": "1,2"}
    assert event["requestContext"]["domainPrefix"] == event["requestContext"]["apiId"]
    assert headers.get_all("Set-Cookie") == ["a=1; Path=/", "b=2"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("url", {"Message": (
            "Request must be smaller than 6291456 bytes for the InvokeFunction operation")}),
        ("2.0", {"message": "Request Entity Too Large"}),
        ("rest", {"message": "Request Too Long"}),
    ],
)  # fmt: skip
def test_a_body_of_seven_megabytes_is_too_large(
    urls: dict[str, str], kind: str, said: dict[str, str]
) -> None:
    """For the event that it would make; one that makes a smaller event reaches the function."""
    plain = {"Content-Type": "text/plain"}
    status, body, _ = get(f"{urls[kind]}/to/it", b"x" * 7 * 1024**2, **plain)
    assert (status, json.loads(body)) == (413, said)
    assert get(f"{urls[kind]}/to/none", b"x" * 4 * 1024**2, **plain)[0] != 413
    if kind == "rest":
        said = {"message": "HTTP content length exceeded 10485760 bytes."}
    status, body, _ = get(f"{urls[kind]}/to/it", b"x" * 11 * 1024**2, **plain)
    assert (status, json.loads(body)) == (413, said)


@pytest.mark.parametrize("kind", ["url", "2.0", "1.0", "rest"])
def test_a_bearers_word_is_the_handlers(urls: dict[str, str], kind: str) -> None:
    """An open address hands it on; a signature is still looked at."""
    for given in ("Bearer a.b.c", "Basic dTpw", "plain"):
        status, body, _ = get(f"{urls[kind]}/to/it", Authorization=given)
        assert status == 200, body
        said = {name.lower(): one for name, one in json.loads(body)["headers"].items()}
        assert said["authorization"] == given
    assert get(f"{urls[kind]}/to/it", Authorization="AWS4-HMAC-SHA256 Credential=x")[0] == 403


def test_an_event_of_format_1_names_headers_as_aws_does(urls: dict[str, str]) -> None:
    """Some with capitals, the others without; nobody has signed it, and none was authorized."""
    asked = {"Content-Type": "text/plain", "Accept": "*/*", "User-Agent": "u"}
    event = json.loads(get(f"{urls['1.0']}/to/it", b"some", **asked)[1])
    names = {name for name in event["headers"] if not name.startswith("X-")}
    assert names >= {"Content-Length", "Content-Type", "Host", "User-Agent", "accept"}
    assert not names & {"content-length", "content-type", "host", "user-agent", "Accept"}
    assert event["multiValueHeaders"]["Content-Length"] == ["4"]
    identity = event["requestContext"]["identity"]
    assert {name: one for name, one in identity.items() if one} == {
        "sourceIp": "127.0.0.1",
        "userAgent": "u",
    }
    assert len(identity) == 13
    assert "authorizer" not in event["requestContext"]


@pytest.mark.parametrize("kind", ["url", "2.0", "1.0", "rest"])
def test_an_event_says_what_the_gateway_adds(urls: dict[str, str], kind: str) -> None:
    """Where the request came from, and its trace; the older events have capitals in its names."""
    event = json.loads(get(f"{urls[kind]}/to/it")[1])
    said = {name.lower(): one for name, one in event["headers"].items()}
    assert [said[f"x-forwarded-{what}"] for what in ("for", "port", "proto")] == [
        "127.0.0.1", "443", "https"
    ]  # fmt: skip
    assert said["x-amzn-trace-id"].startswith("Root=1-")
    assert ("X-Forwarded-For" in event["headers"]) == (kind in {"1.0", "rest"})
    context = event["requestContext"]
    assert context["domainName"].startswith(f"{context['domainPrefix']}.")
    if kind in {"1.0", "rest"}:
        assert event["multiValueHeaders"].keys() == event["headers"].keys()
        assert ("version" in event) == (kind == "1.0")


def test_format_1_is_the_older_event(urls: dict[str, str]) -> None:
    """For the same request; with an answer of that format."""
    status, body, headers = get(f"{urls['1.0']}/to/it?x=1&x=2")
    event = json.loads(body)
    assert (status, event["version"]) == (200, "1.0")
    assert (event["path"], event["httpMethod"], event["resource"]) == (
        "/to/it", "GET", "/to/{what}"
    )  # fmt: skip
    assert event["headers"]["cookie"] == "c=3; d=4"
    assert event["queryStringParameters"] == {"x": "2"}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["pathParameters"] == {"what": "it"}
    assert event["stageVariables"] == {"kind": "own"}
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert headers.get_all("Set-Cookie") == ["a=1; Path=/", "b=2"]
    assert headers["X-Own"] == "1"


WRONG = {
    "url": (502, "Internal Server Error"),
    "2.0": (500, '{"message": "Internal Server Error"}'),
    "1.0": (500, '{"message": "Internal Server Error"}'),
    "rest": (502, '{"message": "Internal server error"}'),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_failure_tells_its_client_nothing_else(urls: dict[str, str], kind: str) -> None:
    """Neither a traceback, nor an answer that is none: as AWS answers it at each address."""
    for last in ("boom", "status", "object", "split", "base64", "early", "list"):
        assert get(f"{urls[kind]}/to/{last}")[:2] == WRONG[kind]


@pytest.mark.parametrize("kind", WRONG)
def test_an_answers_length_is_that_of_its_body(urls: dict[str, str], kind: str) -> None:
    """Whatever the handler says of it; its other headers are texts, as JSON has them."""
    status, body, headers = get(f"{urls[kind]}/to/short")
    assert (status, body, headers["Content-Length"]) == (200, "abcdef", "6")
    assert (headers["Transfer-Encoding"], headers["yes"], headers["none"]) == (None, "true", None)


@pytest.mark.parametrize("kind", WRONG)
def test_only_the_newer_format_makes_an_answer_of_any_json(urls: dict[str, str], kind: str) -> None:
    """A REST API, and format 1.0, want a status."""
    said = get(f"{urls[kind]}/to/other")[:2]
    assert said == ((200, '{"a": 1}') if kind in {"url", "2.0"} else WRONG[kind])


def test_quick_creation_is_managed_by_the_gateway(cloud: LocalCloud, name: str) -> None:
    """It says so of the integration, the route and the stage."""
    api = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    of_it = {"ApiId": api.create_api(Name="q", ProtocolType="HTTP", Target=ARN + name)["ApiId"]}
    for call in (api.get_integrations, api.get_routes, api.get_stages):
        assert [one["ApiGatewayManaged"] for one in call(**of_it)["Items"]] == [True]
    [made] = api.get_integrations(**of_it)["Items"]
    other = {"IntegrationId": made["IntegrationId"], "IntegrationUri": f"{ARN}nobody"}
    api.update_integration(**of_it, **other)
    front = cloud.local_url(api.get_api(**of_it)["ApiEndpoint"])
    assert get(front)[:2] == WRONG["2.0"], "a function that is not there is the API's fault"
    api.delete_api(**of_it)


SOCKETS = {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"ProtocolType": "WEBSOCKET"}, "RouteSelectionExpression is required"),
        ({**SOCKETS, "Target": ARN + "f"}, "Target: supported only for HTTP APIs."),
        ({"ProtocolType": "GRPC"}, "Must be one of [HTTP, WEBSOCKET]"),
        ({"ProtocolType": "HTTP", "RouteKey": "GET /"}, "RouteKey needs a Target."),
        ({**SOCKETS, "ProtocolType": "HTTP"}, "must be ${request.method} ${request.path}"),
    ],
)
def test_an_api_that_aws_refuses_is_not_made(
    cloud: LocalCloud, asked: dict[str, Any], text: str
) -> None:
    """With a BadRequestException."""
    api = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    code, status, said = refusal(api.create_api, Name="refused", **asked)
    assert (code, status) == ("BadRequestException", 400)
    assert text in said


@pytest.mark.parametrize(
    ("protocol", "asked", "text"),
    [
        (SOCKETS, {"IntegrationType": "HTTP_PROXY", "IntegrationUri": "https://x"},
         "runs AWS_PROXY and MOCK integrations of WEBSOCKET APIs, and not HTTP_PROXY"),
        ({"ProtocolType": "HTTP"}, {"IntegrationType": "MOCK"},
         "runs AWS_PROXY and HTTP_PROXY integrations of HTTP APIs, and not MOCK"),
        ({"ProtocolType": "HTTP"}, {"IntegrationType": "AWS_PROXY", "IntegrationUri": ARN + "f"},
         "PayloadFormatVersion is required for HTTP APIs"),
        ({"ProtocolType": "HTTP"}, {
            "IntegrationType": "AWS_PROXY", "IntegrationSubtype": "SQS-SendMessage",
            "PayloadFormatVersion": "1.0"}, "has no "),
    ],
)  # fmt: skip
def test_an_integration_that_does_not_run_here_is_refused(
    cloud: LocalCloud, protocol: dict[str, Any], asked: dict[str, Any], text: str
) -> None:
    """It would never answer."""
    api = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    of_it = {"ApiId": api.create_api(Name="refused", **protocol)["ApiId"]}
    code, _, said = refusal(api.create_integration, **of_it, **asked)
    assert code == "BadRequestException"
    assert text in said
    api.delete_api(**of_it)


@pytest.mark.parametrize("protocol", ["HTTP", "WEBSOCKET"])
def test_a_route_is_one_of_its_key_and_leads_somewhere(cloud: LocalCloud, protocol: str) -> None:
    """Made or changed; and what it leads to stays."""
    apis = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    is_http = protocol == "HTTP"
    more = {} if is_http else {"RouteSelectionExpression": "$request.body.action"}
    of = {"ApiId": apis.create_api(Name="routes", ProtocolType=protocol, **more)["ApiId"]}
    version = {"PayloadFormatVersion": "2.0"} if is_http else {}
    proxy = {**of, "IntegrationType": "AWS_PROXY", "IntegrationUri": f"{ARN}any", **version}
    one = apis.create_integration(**proxy)["IntegrationId"]
    target, keys = f"integrations/{one}", ("GET /a", "GET /b") if is_http else ("a", "b")
    made = [apis.create_route(**of, RouteKey=key, Target=target)["RouteId"] for key in keys]
    wrong = [({"RouteKey": keys[0]}, "ConflictException")]
    wrong += [({"RouteKey": "new" if not is_http else "PUT /new", "Target": "integrations/none"},
               "BadRequestException")]  # fmt: skip
    wrong += [({"RouteKey": "FOO bar"}, "BadRequestException")] if is_http else []
    for asked, code in wrong:
        assert refusal(apis.create_route, **of, **asked)[0] == code
        assert refusal(apis.update_route, **of, RouteId=made[1], **asked)[0] == code
    assert apis.update_route(**of, RouteId=made[0], RouteKey=keys[0])["RouteKey"] == keys[0]
    asked = {**of, "IntegrationId": one}
    assert refusal(apis.delete_integration, **asked)[:2] == ("ConflictException", 409)
    for route in made:
        apis.delete_route(**of, RouteId=route)
    apis.delete_integration(**asked)
    apis.delete_api(**of)
