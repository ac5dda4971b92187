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
export const calls = (event, context, callback) => {
  if (event.throws) throw new RangeError("at once");
  if (event.never) return;
  if (event.soon) context.callbackWaitsForEmptyEventLoop = false;
  setTimeout(() => console.log("later\\nline"), 200);
  setTimeout(() => callback(event.fail ? new TypeError("asked to") : null, { got: 1 }), 20);
};
export const rejects = async () => {
  Promise.reject(new Error("nobody waits"));
  await sleep(2000);
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

    def make(handler: str, runtime: str = "nodejs22.x") -> tuple[Any, str]:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as package:
            package.writestr("app.mjs", CODE)
        name = f"node-{uuid.uuid4().hex[:8]}"
        client.create_function(
            FunctionName=name,
            Runtime=runtime,
            Role="arn:aws:iam::000000000000:role/test",
            Handler=handler if "." in handler else f"app.{handler}",
            Code={"ZipFile": archive.getvalue()},
            Timeout=10,
        )
        waiter = client.get_waiter("function_active_v2")
        waiter.wait(FunctionName=name, WaiterConfig={"Delay": 0.02, "MaxAttempts": 500})
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


def invoke(client: Any, name: str, event: dict[str, Any]) -> tuple[Any, str]:
    """The answer and the log."""
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
    return json.load(answer["Payload"]), base64.b64decode(answer["LogResult"]).decode()


def test_a_callback_handler_answers_once_the_event_loop_is_empty(node: Any) -> None:
    """Or at once, if the context says so; without a call back it answers null."""
    client, name = node("calls")
    answer, log = invoke(client, name, {})
    assert answer == {"got": 1}
    [line] = [line for line in log.split("\n") if "later" in line]
    stamp, request_id, level, said = line.split("\t")
    assert stamp.endswith("Z")
    assert f"START RequestId: {request_id} " in log
    assert (level, said) == ("INFO", "later\rline")
    soon = invoke(client, name, {"soon": 1})
    assert soon[0] == {"got": 1}
    assert "later" not in soon[1]
    assert invoke(client, name, {"never": 1})[0] is None
    assert invoke(client, name, {"fail": 1})[0]["errorMessage"] == "asked to"
    failed, log = invoke(client, name, {"throws": 1})
    assert failed["errorType"] == "RangeError"
    assert '\tERROR\tInvoke Error \t{"errorType":"RangeError"' in log


@pytest.mark.parametrize(
    ("handler", "runtime", "kind"),
    [
        ("nothing.handler", "nodejs22.x", "Runtime.ImportModuleError"),
        ("app.nothing", "nodejs22.x", "Runtime.HandlerNotFound"),
        ("calls", "nodejs24.x", "Runtime.CallbackHandlerDeprecated"),
        ("rejects", "nodejs22.x", "Runtime.UnhandledPromiseRejection"),
    ],
)
def test_the_runtimes_own_errors_have_aws_names(
    node: Any, handler: str, runtime: str, kind: str
) -> None:
    """What cannot be loaded, what is no handler, and what nobody caught."""
    client, name = node(handler, runtime)
    assert invoke(client, name, {})[0]["errorType"] == kind
