"""Only boto3 with this start's keys may use the local cloud."""

from __future__ import annotations

import http.client
import json
import socket
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from serverless_tax.cloud import LocalCloud
from serverless_tax.cloud.http import NotLoopbackError, is_own_user, loopback_socket

CREATE = "/2015-03-31/functions"
FUNCTIONS = "/2015-03-31/functions/"


def post(
    cloud: LocalCloud, headers: dict[str, str], *, method: str = "POST", body: bytes = b"{}"
) -> tuple[int, dict[str, Any]]:
    """One bare request, with exactly these headers beside Host."""
    connection = http.client.HTTPConnection(urlsplit(cloud.endpoint_url).netloc, timeout=10)
    connection.putrequest(method, FUNCTIONS, skip_host="Host" in headers, skip_accept_encoding=True)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


def signed(cloud: LocalCloud, *, method: str = "GET", body: bytes = b"") -> dict[str, str]:
    """Headers of a rightly signed request to list functions."""
    request = AWSRequest(method=method, url=f"{cloud.endpoint_url}{FUNCTIONS}", data=body)
    credentials = Credentials(cloud.access_key, cloud.secret_key)
    SigV4Auth(credentials, "lambda", cloud.region).add_auth(request)
    return dict(request.headers.items())


def test_a_rightly_signed_request_gets_through(cloud: LocalCloud) -> None:
    """The helper of these tests signs as the gate expects, so the refusals below mean something."""
    status, answer = post(cloud, signed(cloud), method="GET", body=b"")

    assert status == 200
    assert "Functions" in answer


def test_a_foreign_web_page_cannot_post(cloud: LocalCloud) -> None:
    """A page's text/plain post needs no permission from the browser; it is refused here."""
    headers = {"Origin": "https://evil.example", "Content-Type": "text/plain"}

    assert post(cloud, headers)[0] == 403


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1:1"},
    ],
)
def test_even_a_signed_request_is_refused_from_a_page_or_for_another_host(
    cloud: LocalCloud, foreign: dict[str, str]
) -> None:
    """Signature or not, what comes from a browser or names another server is refused."""
    status, answer = post(cloud, {**signed(cloud), **foreign}, method="GET", body=b"")

    assert (status, answer["__type"]) == (403, "AccessDeniedException")


def test_an_unsigned_request_is_refused(cloud: LocalCloud) -> None:
    """Another user of the host who finds the port gets nothing."""
    status, answer = post(cloud, {})

    assert (status, answer["__type"]) == (403, "MissingAuthenticationTokenException")


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("lambda", "list_functions", "UnrecognizedClientException"),
        ("logs", "describe_log_groups", "UnrecognizedClientException"),
        ("iam", "list_roles", "InvalidClientTokenId"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
    ],
)
def test_another_runs_key_gets_the_services_own_error(
    cloud: LocalCloud, service: str, call: str, code: str
) -> None:
    """boto3 raises what AWS would make it raise."""
    wrong = {**cloud.boto3_kwargs, "aws_access_key_id": "AKIAOTHERRUNSKEY0000"}

    with pytest.raises(ClientError) as raised:
        getattr(boto3.client(service, **wrong), call)()

    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("lambda", "list_functions", "InvalidSignatureException"),
        ("iam", "list_roles", "SignatureDoesNotMatch"),
    ],
)
def test_the_right_key_with_a_wrong_secret_is_refused(
    cloud: LocalCloud, service: str, call: str, code: str
) -> None:
    """Knowing the key's name is not enough: the signature is recomputed."""
    wrong = {**cloud.boto3_kwargs, "aws_secret_access_key": "guessed"}

    with pytest.raises(ClientError) as raised:
        getattr(boto3.client(service, **wrong), call)()

    assert raised.value.response["Error"]["Code"] == code


def test_a_changed_body_breaks_the_signature(cloud: LocalCloud) -> None:
    """What was signed is what is done."""
    headers = signed(cloud, method="POST", body=b"{}")

    assert post(cloud, headers, body=b"[]")[1]["__type"] == "InvalidSignatureException"


@pytest.mark.parametrize(("minutes", "status"), [(-14, 200), (-16, 403), (16, 403)])
def test_an_old_signature_is_worth_nothing(cloud: LocalCloud, minutes: int, status: int) -> None:
    """A recorded request cannot be replayed later: a quarter of an hour, as on AWS."""
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    with mock.patch("botocore.auth.get_current_datetime", return_value=moment, create=True):
        headers = signed(cloud)
    assert headers["X-Amz-Date"] == moment.strftime("%Y%m%dT%H%M%SZ")

    assert post(cloud, headers, method="GET", body=b"")[0] == status


def test_it_listens_on_loopback_only(cloud: LocalCloud) -> None:
    """The address in use is 127.0.0.1, and others cannot be asked for."""
    assert urlsplit(cloud.endpoint_url).hostname == "127.0.0.1"
    with pytest.raises(NotLoopbackError, match=r"use 127\.0\.0\.1"):
        loopback_socket("0.0.0.0")  # noqa: S104 - the refusal is what is tested


def test_keys_are_new_at_every_start(cloud: LocalCloud) -> None:
    """Another start, other keys and another port."""
    with LocalCloud() as other:
        assert other.access_key != cloud.access_key
        assert other.secret_key != cloud.secret_key
        assert other.endpoint_url != cloud.endpoint_url


def test_the_runtime_api_of_an_environment_refuses_pages(deploy: Any) -> None:
    """A page that finds the port of an environment cannot take its events."""
    function = deploy(
        "import os\ndef handler(event, context): return os.environ['AWS_LAMBDA_RUNTIME_API']"
    )
    address = function.invoke().payload
    connection = http.client.HTTPConnection(address, timeout=5)
    path = "/2018-06-01/runtime/invocation/next"
    connection.request("GET", path, headers={"Sec-Fetch-Site": "cross-site"})

    assert connection.getresponse().status == 403
    connection.close()


def test_the_owner_of_a_connection_is_found() -> None:
    """This process's own connection is its own; the table of sockets says whose it is."""
    with loopback_socket() as listening:
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert is_own_user(client.getsockname()[1], port)
            with mock.patch("os.getuid", return_value=4_000_000):
                assert not is_own_user(client.getsockname()[1], port)
