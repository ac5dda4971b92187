"""Node handlers, where Node is: plain and streamed, the file that Lambda takes unchanged."""

from __future__ import annotations

import base64
import io
import json
import shutil
import time
import uuid
import zipfile
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_tax.cloud import LocalCloud

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")

CODE = """
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export const plain = async (event, context) => {
  if (event.caller) return [context.clientContext, process.env._X_AMZN_TRACE_ID.slice(0, 7)];
  if (event.fail) throw new TypeError("asked to");
  return { got: event.text, id: context.awsRequestId };
};
export const streamed = awslambda.streamifyResponse(async (event, stream, context) => {
  if (event.fail) throw new TypeError("before the first piece");
  for (let n = 0; n < 4; n += 1) {
    stream.write(`${n}\\n`);
    await sleep(150);
  }
  if (event.failLate) throw new TypeError("after it");
  stream.end();
});
"""


@pytest.fixture
def node(cloud: LocalCloud) -> Iterator[Any]:
    """A client, and a function that deploys one of the handlers."""
    client = boto3.client("lambda", **cloud.boto3_kwargs)
    made: list[str] = []

    def make(handler: str) -> tuple[Any, str]:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as package:
            package.writestr("app.mjs", CODE)
        name = f"node-{uuid.uuid4().hex[:8]}"
        client.create_function(
            FunctionName=name,
            Runtime="nodejs22.x",
            Role="arn:aws:iam::000000000000:role/test",
            Handler=f"app.{handler}",
            Code={"ZipFile": archive.getvalue()},
            Timeout=10,
        )
        client.get_waiter("function_active_v2").wait(FunctionName=name)
        made.append(name)
        return client, name

    yield make
    for name in made:
        client.delete_function(FunctionName=name)


def test_a_plain_handler_answers_and_fails(node: Any) -> None:
    """Its answer is JSON; its error has its name and message."""
    client, name = node("plain")
    answer = client.invoke(FunctionName=name, Payload=json.dumps({"text": "žluť"}))
    assert json.load(answer["Payload"])["got"] == "žluť"
    failed = client.invoke(FunctionName=name, Payload=b'{"fail": 1}')
    assert failed["FunctionError"] == "Unhandled"
    assert json.load(failed["Payload"])["errorType"] == "TypeError"


def test_the_client_context_and_the_trace_reach_the_handler(node: Any) -> None:
    """Where Lambda's own runtime puts them."""
    client, name = node("plain")
    context = base64.b64encode(b'{"custom": {"who": "Ada"}}').decode()
    answer = client.invoke(FunctionName=name, Payload=b'{"caller": 1}', ClientContext=context)
    assert json.load(answer["Payload"]) == [{"custom": {"who": "Ada"}}, "Root=1-"]


def test_streamify_response_streams(node: Any) -> None:
    """Pieces arrive in order, the first long before the last."""
    client, name = node("streamed")
    client.invoke(FunctionName=name, Payload=b"{}")
    began = time.perf_counter()
    stream = client.invoke_with_response_stream(FunctionName=name, Payload=b"{}")["EventStream"]
    pieces, at_s = [], []
    for event in stream:
        if "PayloadChunk" in event:
            pieces.append(event["PayloadChunk"]["Payload"])
            at_s.append(time.perf_counter() - began)
    assert b"".join(pieces) == b"0\n1\n2\n3\n"
    assert at_s[-1] - at_s[0] >= 0.4


@pytest.mark.parametrize(("event", "pieces"), [("fail", 0), ("failLate", 4)])
def test_an_error_of_a_stream_is_in_its_last_event(node: Any, event: str, pieces: int) -> None:
    """Before the first piece and after it."""
    client, name = node("streamed")
    asked = client.invoke_with_response_stream(FunctionName=name, Payload=json.dumps({event: True}))
    events = list(asked["EventStream"])
    assert sum("PayloadChunk" in one for one in events) == pieces
    assert events[-1]["InvokeComplete"]["ErrorCode"] == "Unhandled"
    assert "TypeError" in events[-1]["InvokeComplete"]["ErrorDetails"]
