"""InvokeWithResponseStream, read by boto3: pieces leave as the handler yields them."""

from __future__ import annotations

import base64
import http.client
import io
import json
import textwrap
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from refusals import open_to_all
from waiters import OFTEN, until

from serverless_tax.cloud import LocalCloud
from serverless_tax.ground.report import parse_reports

HANDLERS = Path(__file__).parents[2] / "labs" / "handlers"
TOKENS = """
import time

def handler(event, context):
    for k in range(event.get("n", 5)):
        yield f"token{k} "
        time.sleep(event.get("s", 0.05))
        if k == event.get("breaks_after"):
            raise ValueError("the model went away")
"""


def package(code: str) -> bytes:
    """Return the code with the runtime client that streams, and the script that starts it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("app.py", textwrap.dedent(code))
        for name in ("stream_runtime.py", "stream_wrapper.sh"):
            made.write(HANDLERS / name, name)
    return archive.getvalue()


@pytest.fixture
def streaming(cloud: LocalCloud) -> Iterator[Callable[..., tuple[Any, str]]]:
    """Make functions that stream; they are deleted after the test."""
    client = boto3.client("lambda", **cloud.boto3_kwargs)
    names: list[str] = []

    def make(code: str = TOKENS, *, timeout: int = 10) -> tuple[Any, str]:
        name = f"s-{uuid.uuid4().hex[:8]}"
        client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role="arn:aws:iam::000000000000:role/test",
            Handler="app.handler",
            Code={"ZipFile": package(code)},
            Timeout=timeout,
            Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/stream_wrapper.sh"}},
        )
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=OFTEN)
        names.append(name)
        return client, name

    yield make
    for name in names:
        client.delete_function(FunctionName=name)


def events(client: Any, name: str, **event: Any) -> list[tuple[float, dict[str, Any]]]:
    """Return each event of the stream with the second at which it came."""
    started = time.perf_counter()
    answer = client.invoke_with_response_stream(
        FunctionName=name, Payload=json.dumps(event), LogType="Tail"
    )
    return [(time.perf_counter() - started, e) for e in answer["EventStream"]]


def text(found: list[tuple[float, dict[str, Any]]]) -> str:
    """Return the pieces as one text."""
    return b"".join(e["PayloadChunk"]["Payload"] for _, e in found if "PayloadChunk" in e).decode()


def complete(found: list[tuple[float, dict[str, Any]]]) -> dict[str, Any]:
    """Return the last event."""
    last: dict[str, Any] = found[-1][1]["InvokeComplete"]
    return last


class Gate:
    """What a handler waits for: an address that answers once its client has had a piece."""

    def __init__(self) -> None:
        self._had = threading.Event()
        had = self._had

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                had.wait(60)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def open(self) -> None:
        """Let the handler go on."""
        self._had.set()

    def close(self) -> None:
        """End the address."""
        self.open()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def gate() -> Iterator[Gate]:
    """One that is shut."""
    made = Gate()
    yield made
    made.close()


WAITING = """
import urllib.request

def handler(event, context):
    port = event.get("rawQueryString", "").partition("=")[0] or event["port"]
    yield "first "
    urllib.request.urlopen(f"http://127.0.0.1:{port}").read()
    yield "last"
"""


def test_a_piece_comes_before_the_handler_ends(streaming: Any, gate: Gate) -> None:
    """The handler goes on only when its first piece has arrived."""
    client, name = streaming(WAITING, timeout=60)
    answer = client.invoke_with_response_stream(
        FunctionName=name, Payload=json.dumps({"port": gate.port})
    )
    with closing(answer["EventStream"]) as events_of_it:
        stream = iter(events_of_it)
        assert next(stream)["PayloadChunk"]["Payload"] == b"first "
        gate.open()
        assert next(stream)["PayloadChunk"]["Payload"] == b"last"
        assert "ErrorCode" not in next(stream)["InvokeComplete"]


def test_pieces_come_in_order(streaming: Any) -> None:
    """And the REPORT line in the last event bills to the end of the handler."""
    client, name = streaming()
    events(client, name, n=1)  # the cold start
    found = events(client, name, n=5, s=0.2)
    assert text(found) == "token0 token1 token2 token3 token4 "
    log = base64.b64decode(complete(found)["LogResult"]).decode()
    [report] = parse_reports(log)
    assert report.billed_ms >= 1000
    assert report.init_ms is None


def test_an_error_after_the_first_piece_is_in_the_last_event(streaming: Any) -> None:
    """What was sent before it has arrived."""
    client, name = streaming()
    found = events(client, name, breaks_after=1)
    assert text(found) == "token0 token1 "
    assert complete(found)["ErrorCode"] == "Unhandled"
    assert json.loads(complete(found)["ErrorDetails"]) == {
        "errorMessage": "the model went away",
        "errorType": "ValueError",
    }


def test_a_timeout_ends_the_stream_with_an_error(streaming: Any) -> None:
    """After the pieces that came in time."""
    client, name = streaming(timeout=1)
    found = events(client, name, n=100, s=0.05)
    assert text(found).startswith("token0 token1 ")
    assert "Task timed out after 1.00 seconds" in complete(found)["ErrorDetails"]


def test_a_buffered_call_of_it_gets_the_whole_at_the_end(streaming: Any) -> None:
    """Invoke collects what is streamed."""
    client, name = streaming()
    answer = client.invoke(FunctionName=name, Payload=b'{"n": 3}')
    assert answer["Payload"].read() == b"token0 token1 token2 "


def test_a_client_that_hangs_up_does_not_end_the_handler(streaming: Any, cloud: LocalCloud) -> None:
    """It runs to its end, and is billed to its end."""
    client, name = streaming()
    answer = client.invoke_with_response_stream(FunctionName=name, Payload=b'{"n": 8, "s": 0.1}')
    stream = answer["EventStream"]
    next(iter(stream))
    stream.close()
    logs = boto3.client("logs", **cloud.boto3_kwargs)
    group = f"/aws/lambda/{name}"

    def reports() -> list[Any]:
        found = logs.filter_log_events(logGroupName=group)["events"] if _has(logs, group) else []
        return [*parse_reports("\n".join(one["message"] for one in found))]

    [report] = until(reports)
    assert report.billed_ms >= 800


def _has(logs: Any, group: str) -> bool:
    return bool(logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"])


def test_past_six_megabytes_the_handler_is_held_back(streaming: Any, cloud: LocalCloud) -> None:
    """Two megabytes a second: one more takes half a second, and that is billed, as the bytes are.

    A call that waits for the whole of it is billed for no bytes.
    """
    client, name = streaming(
        """
        def handler(event, context):
            for _ in range(event["mb"]):
                yield b"x" * 1024 * 1024
        """
    )
    events(client, name, mb=1)
    found = events(client, name, mb=8)
    assert len(text(found)) == 8 * 1024 * 1024
    [report] = parse_reports(base64.b64decode(complete(found)["LogResult"]).decode())
    assert report.billed_ms >= 1000
    assert client.invoke(FunctionName=name, Payload=b'{"mb": 5}')["StatusCode"] == 200
    mine = [one for one in cloud.readings() if one.function == name]
    assert [one.streamed_bytes for one in mine] == [0, 2 * 1024 * 1024, 0]


def test_a_function_that_does_not_stream_comes_as_one_piece(deploy: Any) -> None:
    """With AWS's own runtime client; its error comes in the last event alone."""
    whole = deploy("def handler(event, context): return {'n': event['n']}")
    found = events(whole.client, whole.name, n=7)
    assert json.loads(text(found)) == {"n": 7}
    broken = deploy("def handler(event, context): raise KeyError('n')")
    found = events(broken.client, broken.name)
    assert [*found[0][1]] == ["InvokeComplete"]
    assert json.loads(complete(found)["ErrorDetails"])["errorType"] == "KeyError"


def test_a_function_that_is_not_there_is_an_ordinary_error(cloud: LocalCloud) -> None:
    """No stream begins."""
    client = boto3.client("lambda", **cloud.boto3_kwargs)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.invoke_with_response_stream(FunctionName="nobody")


URL = """
import time

def handler(event, context):
    yield {"statusCode": 201, "headers": {"content-type": "text/event-stream", "x-own": "yes"},
        "cookies": ["a=1", "b=2"]}
    for k in range(4):
        yield f"data: {event['rawPath']} {k}\\n\\n"
        time.sleep(0.2)
"""


@contextmanager
def get(
    cloud: LocalCloud, url: str, *, signed: bool = True, **headers: str
) -> Iterator[http.client.HTTPResponse]:
    """Send a request to a function URL, signed as AWS asks."""
    request = AWSRequest("GET", url, headers=headers)
    if signed:
        keys = Credentials(cloud.access_key, cloud.secret_key)
        SigV4Auth(keys, "lambda", cloud.region).add_auth(request)
    where = urlsplit(url)
    with closing(http.client.HTTPConnection(where.netloc)) as connection:
        connection.request("GET", f"{where.path}?{where.query}", headers=dict(request.headers))
        with connection.getresponse() as answer:
            yield answer


def test_a_function_url_streams_with_status_and_headers(streaming: Any, cloud: LocalCloud) -> None:
    """And with cookies of its own."""
    client, name = streaming(URL)
    made = client.create_function_url_config(
        FunctionName=name, AuthType="AWS_IAM", InvokeMode="RESPONSE_STREAM"
    )
    url = cloud.local_url(made["FunctionUrl"]) + "chat"
    with get(cloud, url) as answer:
        assert answer.status == 201
        assert answer.headers["x-own"] == "yes"
        assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
        assert answer.readline() == b"data: /chat 0\n"
        assert answer.read().count(b"data:") == 3


def test_a_function_urls_piece_comes_before_the_handler_ends(
    streaming: Any, cloud: LocalCloud, gate: Gate
) -> None:
    """The handler goes on only when its first piece has arrived."""
    client, name = streaming(WAITING, timeout=60)
    made = client.create_function_url_config(
        FunctionName=name, AuthType="AWS_IAM", InvokeMode="RESPONSE_STREAM"
    )
    with get(cloud, f"{cloud.local_url(made['FunctionUrl'])}?{gate.port}") as answer:
        assert answer.read(6) == b"first "
        gate.open()
        assert answer.read() == b"last"


ODD = """
def handler(event, context):
    asked = event["rawQueryString"].partition("=")[0]
    yield {"status": {"statusCode": "abc"}, "early": {"statusCode": 100},
        "cookies": {"cookies": 5}, "one": {"cookies": "a=1"}, "numbers": {"cookies": [1]},
        "headers": {"statusCode": 200, "headers": [1]},
        "length": {"statusCode": 200, "headers": {"content-length": "3", "a": None}}}[asked]
    yield "abcdef"
"""


def test_a_stream_that_begins_with_no_answer_fails(streaming: Any, cloud: LocalCloud) -> None:
    """As a whole answer does; a length that it gives itself breaks nothing."""
    client, name = streaming(ODD)
    made = client.create_function_url_config(
        FunctionName=name, AuthType="AWS_IAM", InvokeMode="RESPONSE_STREAM"
    )
    url = cloud.local_url(made["FunctionUrl"])
    for asked in ("status", "early", "headers", "cookies", "one", "numbers"):
        with get(cloud, f"{url}?{asked}=1") as answer:
            assert (answer.status, answer.read()) == (502, b"Internal Server Error")
    with get(cloud, f"{url}?length=1") as answer:
        assert (answer.status, answer.headers["a"], answer.read()) == (200, None, b"abcdef")


LONG = """
def handler(event, context):
    for _ in range(58):
        yield "x" * 100_000
"""


def test_what_was_streamed_is_not_kept(streaming: Any, cloud: LocalCloud) -> None:
    """Eight answers of almost 6 MB leave the server as large as one did."""
    client, name = streaming(LONG)
    status = Path(f"/proc/{cloud.pid}/status")

    def held_mb() -> int:
        assert len(text(events(client, name))) == 5_800_000
        [line] = [one for one in status.read_text().splitlines() if one.startswith("VmRSS")]
        return int(line.split()[1]) // 1024

    held_mb()
    first = held_mb()
    assert max(held_mb() for _ in range(8)) < first + 25


@pytest.mark.parametrize(("auth", "status"), [("AWS_IAM", 403), ("NONE", 200)])
def test_an_unsigned_call_needs_a_url_that_is_open_to_all(
    streaming: Any, cloud: LocalCloud, auth: str, status: int
) -> None:
    """As on AWS, whatever a header says; and the path's token is asked of everybody."""
    client, name = streaming(URL)
    made = client.create_function_url_config(FunctionName=name, AuthType=auth)
    open_to_all(client, FunctionName=name)
    url = cloud.local_url(made["FunctionUrl"])
    with get(cloud, url, signed=False, Authorization="Bearer x") as answer:
        assert answer.status == status
    with get(cloud, f"{url}?X-Amz-Signature=x", signed=False) as answer:
        assert answer.status == 403
    without = url.replace(f"/~{cloud.path_token}", "")
    for signed in (True, False):
        with get(cloud, without, signed=signed) as answer:
            assert answer.status == 403


def test_an_open_url_needs_two_statements(deploy: Any, cloud: LocalCloud) -> None:
    """Of its alias's policy, for everybody; without one of them it says where that is told."""
    function = deploy("def handler(event, context): return 'open'")
    client, own = function.client, {"FunctionName": function.name, "Qualifier": "live"}
    client.publish_version(FunctionName=function.name)
    client.create_alias(FunctionName=function.name, Name="live", FunctionVersion="1")
    made = client.create_function_url_config(**own, AuthType="NONE")
    url = cloud.local_url(made["FunctionUrl"])
    open_to_all(client, FunctionName=function.name)  # not of the alias

    def ask() -> tuple[int, bytes]:
        with get(cloud, url, signed=False) as answer:
            return answer.status, answer.read()

    for missing in ("url-live", "code-live"):
        open_to_all(client, **own)
        assert ask() == (200, b'"open"')
        client.remove_permission(**own, StatementId=missing)
        status, said = ask()
        assert status == 403
        assert b"Forbidden. For troubleshooting" in said
        [rest] = {"url-live", "code-live"} - {missing}
        client.remove_permission(**own, StatementId=rest)
    client.add_permission(**own, StatementId="one", Action="lambda:*", Principal="000000000000")
    assert ask()[0] == 403


def test_a_buffered_function_url_answers_at_once(deploy: Any, cloud: LocalCloud) -> None:
    """As an HTTP API does, with the handler's status."""
    function = deploy("def handler(event, context): return {'statusCode': 202, 'body': 'whole'}")
    made = function.client.create_function_url_config(
        FunctionName=function.name, AuthType="AWS_IAM"
    )
    with get(cloud, cloud.local_url(made["FunctionUrl"])) as answer:
        assert answer.status == 202
        assert answer.read() == b"whole"
