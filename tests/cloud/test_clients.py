"""Clients beside boto3 with the cloud's own key: links, browsers, roles; and what nobody signed."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from chromium import find_chromium
from refusals import let, open_to_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_tax.cloud import LocalCloud

PAGE = """
def handler(event, context):
    if event["rawPath"] == "/more":
        return {"statusCode": 200, "body": "more of it"}
    body = "<p>a page</p><script>fetch('more', {method: 'POST'}).then(r => r.text())" \\
        ".then(text => document.title = text)</script>"
    return {"statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": body}
"""


def get(url: str, **headers: str) -> tuple[int, bytes]:
    """Status and body of a bare request."""
    try:
        asked = urllib.request.Request(url, headers=headers)  # noqa: S310 - our own server
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - as above
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


@pytest.fixture
def page_url(cloud: LocalCloud, deploy: Any) -> str:
    """An open function URL that shows a page."""
    function = deploy(PAGE)
    made = function.client.create_function_url_config(FunctionName=function.name, AuthType="NONE")
    open_to_all(function.client, FunctionName=function.name)
    return cloud.local_url(made["FunctionUrl"])


@pytest.mark.skipif(find_chromium() is None, reason="no Chromium found")
def test_a_function_url_opens_in_a_browser(page_url: str) -> None:
    """Typed into a real one; the page that it shows may ask for more."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        answer = page.goto(page_url)
        assert answer is not None
        assert answer.status == 200
        page.wait_for_function("document.title == 'more of it'", timeout=10_000)
        browser.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
    ],
)
def test_another_sites_page_opens_nothing(
    page_url: str, cloud: LocalCloud, headers: dict[str, str], status: int
) -> None:
    """A link in the address bar is the reader's; an address without the token is nobody's."""
    assert get(page_url, **headers)[0] == status
    without = page_url.replace(f"/~{cloud.path_token}", "")
    assert get(without, **headers)[0] == 403


@pytest.fixture(scope="module")
def bucket(cloud: LocalCloud) -> Iterator[str]:
    """A bucket with one object."""
    s3 = boto3.client("s3", **cloud.boto3_kwargs)
    s3.create_bucket(Bucket="links")
    s3.put_object(Bucket="links", Key="a b.txt", Body=b"said")
    yield "links"
    s3.delete_object(Bucket="links", Key="a b.txt")
    s3.delete_bucket(Bucket="links")


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_link_opens_one_object(cloud: LocalCloud, bucket: str, version: str) -> None:
    """Of both kinds; not once it is over, and not for another object."""
    s3 = boto3.client("s3", config=Config(signature_version=version), **cloud.boto3_kwargs)
    asked = {"Bucket": bucket, "Key": "a b.txt"}
    link = s3.generate_presigned_url("get_object", Params=asked, ExpiresIn=60)
    assert get(link, **{"Sec-Fetch-Site": "none"}) == (200, b"said")
    over = s3.generate_presigned_url("get_object", Params=asked, ExpiresIn=-1)
    wrong = {
        link.replace("a%20b", "other"): "SignatureDoesNotMatch",
        over: "AccessDenied",
        link.partition("?")[0]: "AccessDenied",
    }
    if version == "s3v4":
        wrong[link.replace("X-Amz-Expires=60", "X-Amz-Expires=6000")] = "SignatureDoesNotMatch"
    for other, code in wrong.items():
        status, said = get(other)
        assert (status, ET.fromstring(said).findtext("Code")) == (403, code)  # noqa: S314 - our own


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_form_puts_one_object(cloud: LocalCloud, bucket: str, version: str) -> None:
    """Of both kinds; not with another policy, another key or another object's name."""
    s3 = boto3.client("s3", **cloud.boto3_kwargs)
    signer = boto3.client("s3", config=Config(signature_version=version), **cloud.boto3_kwargs)
    form = signer.generate_presigned_post(bucket, "form.txt", ExpiresIn=60)
    other = signer.generate_presigned_post(bucket, "other.txt", ExpiresIn=60)["fields"]
    fields, content = form["fields"], b"x" * 100_000
    owner = "x-amz-credential" if version == "s3v4" else "AWSAccessKeyId"
    unknown = fields[owner].replace(cloud.access_key, "AKIAOTHER")
    for changed, status in (
        ({}, 204),
        ({"key": "else.txt"}, 403),
        ({"policy": other["policy"]}, 403),
        ({owner: unknown}, 403),
        ({"policy": ""}, 403),
    ):
        assert post_form(form["url"], {**fields, **changed}, content) == status, changed
    twice = {"policy": other["policy"], "key": "other.txt"}
    assert post_form(form["url"], fields, content, after=twice) == 403
    assert s3.get_object(Bucket=bucket, Key="form.txt")["Body"].read() == content
    s3.delete_object(Bucket=bucket, Key="form.txt")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def post_form(
    url: str, fields: dict[str, str], content: bytes, after: dict[str, str] | None = None
) -> int:
    """Status of a form with a file, and with fields after it."""
    file = ('file"; filename="f.txt', content)
    said = [(name, value.encode()) for name, value in fields.items()]
    said += [file, *((name, value.encode()) for name, value in (after or {}).items())]
    body = b"".join(
        b'--edge\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
        % (name.encode(), value)
        for name, value in said
    )
    kind = {"Content-Type": "multipart/form-data; boundary=edge"}
    asked = urllib.request.Request(url, body + b"--edge--\r\n", kind)  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 - as above
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"aws_secret_access_key": "x"}, "SignatureDoesNotMatch"),
        ({"aws_access_key_id": "AKIAOTHER"}, "InvalidAccessKeyId"),
    ],
)
def test_s3_refuses_in_its_own_words(
    cloud: LocalCloud, bucket: str, changed: dict[str, str], code: str
) -> None:
    """A client reads the code."""
    s3 = boto3.client("s3", **{**cloud.boto3_kwargs, **changed})
    with pytest.raises(ClientError, match=code):
        s3.get_object(Bucket=bucket, Key="a b.txt")


def test_an_assumed_roles_keys_are_good_with_their_token(cloud: LocalCloud) -> None:
    """As a deployment tool uses them; without the token, or with another, they are no keys."""
    sts, iam = (boto3.client(name, **cloud.boto3_kwargs) for name in ("sts", "iam"))
    iam.create_role(RoleName="deployer", AssumeRolePolicyDocument="{}")
    arn = "arn:aws:iam::000000000000:role/deployer"
    with pytest.raises(ClientError, match=r"AccessDenied.*sts:AssumeRole on resource.*/none"):
        sts.assume_role(RoleArn=arn.replace("deployer", "none"), RoleSessionName="one")
    made = sts.assume_role(RoleArn=arn, RoleSessionName="one")["Credentials"]

    def client(token: str | None) -> Any:
        keys = {
            "aws_access_key_id": made["AccessKeyId"],
            "aws_secret_access_key": made["SecretAccessKey"],
            "aws_session_token": token,
        }
        return boto3.client("sts", **{**cloud.boto3_kwargs, **keys})

    assert client(made["SessionToken"]).get_caller_identity()["Arn"].endswith("deployer/one")
    for token in (None, "another"):
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            client(token).get_caller_identity()
    iam.delete_role(RoleName="deployer")


@pytest.mark.parametrize("key", ["test", "000000000000"])
def test_a_key_that_everybody_knows_is_none(cloud: LocalCloud, key: str) -> None:
    """Local clouds often take such keys; this one runs code, and does not."""
    wrong = {"aws_access_key_id": key, "aws_secret_access_key": "test"}
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        boto3.client("sts", **{**cloud.boto3_kwargs, **wrong}).get_caller_identity()


def test_an_http_api_is_made_in_one_call(cloud: LocalCloud, deploy: Any) -> None:
    """A target makes the integration, the route and the stage."""
    function = deploy(
        "def handler(event, context): return [event['routeKey'], event['rawQueryString']]"
    )
    api = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function.name}"
    made = api.create_api(Name="quick", ProtocolType="HTTP", Target=arn)
    source = f"arn:aws:execute-api:us-east-1:000000000000:{made['ApiId']}/*/$default"
    let(function.client, function.name, SourceArn=source)
    status, body = get(cloud.local_url(made["ApiEndpoint"] + "/any?of=it"))
    assert (status, json.loads(body)) == (200, ["$default", "of=it"])
    api.delete_api(ApiId=made["ApiId"])


def test_a_rest_api_is_imported_from_its_document(cloud: LocalCloud, deploy: Any) -> None:
    """As Chalice does it: the paths answer, and an empty size to compress from is none."""
    function = deploy("def handler(event, context): return {'statusCode': 200, 'body': 'here'}")
    let(function.client, function.name)
    api = boto3.client("apigateway", **cloud.boto3_kwargs)
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function.name}"
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    asked = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
    methods = {"get": {"responses": {}, "x-amazon-apigateway-integration": asked}}
    paths = {"/": methods, "/more/{name}": methods}
    document = {"swagger": "2.0", "info": {"title": "ours", "version": "1"}, "paths": paths}
    made = api.import_rest_api(body=json.dumps(document))
    assert made["name"] == "ours"
    of_it = {"restApiId": made["id"]}
    patch = {"op": "replace", "path": "/minimumCompressionSize", "value": ""}
    assert "minimumCompressionSize" not in api.update_rest_api(**of_it, patchOperations=[patch])
    api.create_deployment(**of_it, stageName="prod")
    front = f"https://{made['id']}.execute-api.us-east-1.amazonaws.com/prod/"
    for path in ("", "more/one"):
        assert get(cloud.local_url(front + path)) == (200, b"here")
    with pytest.raises(ClientError, match=r"UnknownOperation.*does not have this operation"):
        api.put_rest_api(**of_it, mode="overwrite", body=json.dumps(document))
    with pytest.raises(ClientError, match=r"BadRequest.*needs a name, or a document"):
        api.import_rest_api(body=b"{}")
    api.delete_rest_api(**of_it)


def test_the_body_of_an_unsigned_request_is_not_waited_for(cloud: LocalCloud) -> None:
    """The refusal comes after the head, however long the body would be."""
    where = urlsplit(cloud.endpoint_url)
    with socket.create_connection((where.hostname, where.port), timeout=5) as client:
        head = f"POST /2015-03-31/functions HTTP/1.1\r\nHost: {where.netloc}\r\n"
        client.sendall(f"{head}Content-Length: 50000000\r\n\r\n".encode())
        assert client.recv(64).startswith(b"HTTP/1.1 403")


def test_a_header_that_nobody_signed_is_not_obeyed(cloud: LocalCloud, deploy: Any) -> None:
    """Added on the way to a signed call, it would make it asynchronous."""
    name = deploy("def handler(event, context): return 'waited for'").name
    url = f"{cloud.endpoint_url}/2015-03-31/functions/{name}/invocations"
    request = AWSRequest(method="POST", url=url, data=b"{}")
    SigV4Auth(Credentials(cloud.access_key, cloud.secret_key), "lambda", "us-east-1").add_auth(
        request
    )
    headers = {**dict(request.headers.items()), "X-Amz-Invocation-Type": "Event"}
    asked = urllib.request.Request(url, b"{}", headers)  # noqa: S310 - our own server
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - as above
        assert (answer.status, json.load(answer)) == (200, "waited for")


def test_a_request_in_cbor_is_refused(cloud: LocalCloud) -> None:
    """Newer clients of CloudWatch send it; it would be read as a request without members."""
    url = f"{cloud.endpoint_url}/service/GraniteServiceVersion20100801/operation/PutMetricData"
    kinds = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    request = AWSRequest(method="POST", url=url, data=b"\xa0", headers=kinds)
    keys = Credentials(cloud.access_key, cloud.secret_key)
    SigV4Auth(keys, "monitoring", "us-east-1").add_auth(request)
    asked = urllib.request.Request(url, b"\xa0", dict(request.headers.items()))  # noqa: S310 - ours
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=10)  # noqa: S310 - as above
    assert refused.value.code == 415
    assert b"and no CBOR" in refused.value.read()
