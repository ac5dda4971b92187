"""REST APIs: integrations that are no proxies, and bodies that are no text."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
from refusals import ARN, let, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serverless_tax.cloud import LocalCloud

CODE = """
import base64
PICTURE = {"statusCode": 200, "isBase64Encoded": True, "headers": {"Content-Type": "image/png"},
           "body": base64.b64encode(b"\\x89PNG").decode()}
def handler(event, context):
    return event if isinstance(event, list) or "n" in event else PICTURE
"""


@pytest.fixture(scope="module")
def api(cloud: LocalCloud) -> Iterator[tuple[Any, dict[str, str]]]:
    """A client, and a REST API without a method."""
    client = boto3.client("apigateway", **cloud.boto3_kwargs)
    made = {"restApiId": client.create_rest_api(name="no-proxy")["id"]}
    yield client, made
    client.delete_rest_api(**made)


@pytest.fixture(scope="module")
def asked(
    cloud: LocalCloud, api: tuple[Any, dict[str, str]], deploy_once: Any
) -> Callable[..., tuple[int, bytes]]:
    """Return a function that asks the API: POST is no proxy, GET is one."""
    client, made = api
    function = deploy_once(CODE)
    let(function.client, function.name)
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ARN}{function.name}"
    root = client.get_resources(**made)["items"][0]["id"]
    for method, kind in (("POST", "AWS"), ("GET", "AWS_PROXY")):
        of_it = {**made, "resourceId": root, "httpMethod": method}
        called = {"type": kind, "integrationHttpMethod": "POST", "uri": f"{uri}/invocations"}
        client.put_method(**of_it, authorizationType="NONE")
        wrong = {**called, "requestParameters": {"integration.request.header.a": "'Event'"}}
        if kind == "AWS":
            said = refusal(client.put_integration, **of_it, **wrong)
            assert "applies no templates of AWS integrations (requestParameters)" in said[2]
        client.put_integration(**of_it, **called)
    client.create_deployment(**made, stageName="p")
    front = f"https://{made['restApiId']}.execute-api.us-east-1.amazonaws.com/p/"

    def ask(body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        request = Request(cloud.local_url(front), data=body, headers=headers)  # noqa: S310 - ours
        try:
            with urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
                return int(answer.status), answer.read()
        except HTTPError as refused:
            return refused.code, refused.read()

    return ask


@pytest.mark.parametrize("body", [{"n": 1}, [1, "a"]])
def test_the_body_is_the_event_of_what_is_no_proxy(
    asked: Callable[..., tuple[int, bytes]], body: Any
) -> None:
    """And the function's answer is the answer, in no envelope and in no quotes."""
    status, said = asked(json.dumps(body).encode())
    assert (status, json.loads(said)) == (200, body)


def test_a_body_that_is_no_json_reaches_no_function(
    asked: Callable[..., tuple[int, bytes]],
) -> None:
    """Lambda would not take it for an event."""
    status, said = asked(b"{n")
    assert status == 400
    assert b"Could not parse request body into json" in said


def test_a_binary_kind_is_patched_in_and_out(
    api: tuple[Any, dict[str, str]], asked: Callable[..., tuple[int, bytes]]
) -> None:
    """Its slash is written as ~1, and the bodies of that kind leave as bytes."""
    client, made = api

    def patched(op: str) -> list[str]:
        patch = {"op": op, "path": "/binaryMediaTypes/image~1png"}
        told = client.update_rest_api(**made, patchOperations=[patch])
        return list(told.get("binaryMediaTypes") or [])

    assert patched("add") == ["image/png"]
    assert asked(Accept="image/png") == (200, b"\x89PNG")
    assert patched("remove") == []
    assert asked(Accept="image/png") == (200, base64.b64encode(b"\x89PNG"))


def test_a_template_that_computes_is_refused(cloud: LocalCloud) -> None:
    """It would leave as it stands; one of plain JSON does."""
    client = boto3.client("apigateway", **cloud.boto3_kwargs)
    made = {"restApiId": client.create_rest_api(name="mock")["id"]}
    root = client.get_resources(**made)["items"][0]["id"]
    of_it = {**made, "resourceId": root, "httpMethod": "GET"}
    client.put_method(**of_it, authorizationType="NONE")

    def kept(name: str, template: str) -> dict[str, Any]:
        return {**of_it, name: {"application/json": template}}

    asking, answering = client.put_integration, client.put_integration_response
    branch = kept("requestTemplates", '#if($input.params("a"))\n{"statusCode": 200}\n#end')
    assert "as they stand" in refusal(asking, **branch, type="MOCK")[2]
    asking(**kept("requestTemplates", '{"statusCode": 200}'), type="MOCK")
    client.put_method_response(**of_it, statusCode="200")
    wrong = kept("responseTemplates", '{"method": "$context.httpMethod"}')
    assert "as they stand" in refusal(answering, **wrong, statusCode="200")[2]
    answering(**kept("responseTemplates", '{"price": "$5", "a": "#1"}'), statusCode="200")
    client.delete_rest_api(**made)
