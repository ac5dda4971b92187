"""Node handlers, where Node is: plain and streamed, the file that Lambda takes unchanged."""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
import time
import uuid
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

import serverless_tax
from serverless_tax.metered import parse_metered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_tax.cloud import LocalCloud

METER = Path(serverless_tax.__file__).with_name("metered.mjs")

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
export const numbers = async (event) =>
  Object.entries(event).map(([name, one]) => `${name} ${one}`);
export const waits = () => new Promise(() => {});
export const odd = async () => 10n;
export const unended = awslambda.streamifyResponse(async (event, stream) => {
  if (event.write) stream.write("a");
});
export const atOnce = awslambda.streamifyResponse((event, stream) => { stream.end("a"); });
export const nested = { deep: async (event) => event.text };
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


METERED = """
import { metered } from "./metered.mjs";
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export const plain = metered(async (event, context) => {
  await sleep(50);
  return context.awsRequestId;
});
export const streamed = metered(awslambda.streamifyResponse(async (event, stream) => {
  stream.write("1");
  await sleep(50);
  stream.end("2");
}));
export const callback = metered((event, context, done) => {
  setTimeout(() => done(null, context.awsRequestId), 50);
});
"""
CALLBACK = """
import { Writable } from "node:stream";
import { metered } from "./metered.mjs";
const late = metered((event, context, done) => { setTimeout(() => done(null, event.n + 1), 50); });
const id = { awsRequestId: "1a", functionName: "add", memoryLimitInMB: "1024" };
console.log(await new Promise((done) => late({ n: 41 }, id, (error, n) => done(n))), late.length);
const older = metered((event, context) => { setTimeout(() => context.succeed(event.n), 50); });
console.log(await new Promise((done) => older({ n: 7 }, { ...id, succeed: done }, () => {})));
const query = metered(() => ({ then(done) { setTimeout(() => done(9), 50); } }));
console.log(await query({}, id));
const slow = new Writable({ final: (done) => setTimeout(done, 50) });
await metered(metered(async (event, stream) => { stream.end(); }))({}, slow, id);
console.log("ended");
"""


@pytest.fixture
def node(cloud: LocalCloud) -> Iterator[Any]:
    """A client, and a function that deploys one of the handlers."""
    client = boto3.client("lambda", **cloud.boto3_kwargs)
    made: list[str] = []

    def make(handler: str, runtime: str = "nodejs22.x", timeout: int = 10) -> tuple[Any, str]:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as package:
            package.writestr("app.mjs", METERED if handler.startswith("metered.") else CODE)
            package.writestr("metered.mjs", METER.read_text("utf-8"))
            package.writestr("sdk.mjs", "import '@aws-sdk/client-s3'; export const handler = 1;")
        name = f"node-{uuid.uuid4().hex[:8]}"
        entry = handler.removeprefix("metered.")
        client.create_function(
            FunctionName=name,
            Runtime=runtime,
            Role="arn:aws:iam::000000000000:role/test",
            Handler=entry if "." in entry else f"app.{entry}",
            Code={"ZipFile": archive.getvalue()},
            Timeout=timeout,
        )
        waiter = client.get_waiter("function_active_v2")
        waiter.wait(FunctionName=name, WaiterConfig={"Delay": 0.02, "MaxAttempts": 500})
        made.append(name)
        return client, name

    yield make
    for name in made:
        client.delete_function(FunctionName=name)


def test_an_event_arrives_as_it_was_written(node: Any) -> None:
    """Past the range of a number, with more digits than one has, and with a name twice."""
    client, name = node("numbers")
    written = '{"far": -1e400, "long": 12345678901234567890123, "twice": 1, "twice": 1e2}'
    said = json.load(client.invoke(FunctionName=name, Payload=written)["Payload"])
    assert said == ["far -Infinity", "long 1.2345678901234568e+22", "twice 100"]


def test_a_plain_handler_answers_and_fails(node: Any) -> None:
    """Its answer is JSON; its error has its name and message."""
    client, name = node("plain")
    answer = client.invoke(FunctionName=name, Payload=json.dumps({"text": "žluť"}))
    assert json.load(answer["Payload"])["got"] == "žluť"
    failed = client.invoke(FunctionName=name, Payload=b'{"fail": 1}')
    assert failed["FunctionError"] == "Unhandled"
    assert json.load(failed["Payload"])["errorType"] == "TypeError"


def test_a_handler_may_be_a_member_of_an_export(node: Any) -> None:
    """Its name goes on after the file's first dot."""
    client, name = node("app.nested.deep")
    answer = client.invoke(FunctionName=name, Payload=json.dumps({"text": "in there"}))
    assert json.load(answer["Payload"]) == "in there"


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


@pytest.mark.parametrize("event", [{}, {"write": 1}])
def test_a_stream_that_nobody_ends_runs_into_its_timeout(node: Any, event: dict[str, int]) -> None:
    """Whether it has written or not."""
    client, name = node("unended", timeout=1)
    assert invoke(client, name, event)[0]["errorType"] == "Sandbox.Timedout"


def test_a_streaming_handler_that_is_not_async_fails(node: Any) -> None:
    """In the words of AWS's runtime client."""
    client, name = node("atOnce")
    said = invoke(client, name, {})[0]
    assert said["errorMessage"] == "Streaming does not support non-async handlers."


def test_a_promise_that_nothing_settles_answers_null(node: Any) -> None:
    """Once the event loop is empty, as a handler that does not call back; and so does the next."""
    client, name = node("waits")
    assert [invoke(client, name, {})[0] for _ in range(2)] == [None, None]


@pytest.mark.parametrize(
    ("runtime", "kind"),
    [("nodejs22.x", "Error"), ("nodejs24.x", "Runtime.JSONStringifyError")],
)
def test_an_answer_that_is_no_json_fails(node: Any, runtime: str, kind: str) -> None:
    """In the words of AWS's runtime client."""
    client, name = node("odd", runtime)
    said = invoke(client, name, {})[0]
    assert said["errorType"] == kind
    assert said["errorMessage"] == "Unable to stringify response body"


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


def test_a_function_without_awss_sdk_is_told_so(node: Any) -> None:
    """AWS's Node runtimes bring it; what is missing here is no fault of the package's."""
    client, name = node("sdk.handler")
    said = invoke(client, name, {})[0]
    assert said["errorType"] == "Runtime.ImportModuleError"
    assert "Cannot find package '@aws-sdk/client-s3'" in said["errorMessage"]
    assert said["errorMessage"].endswith("this local cloud does not. Put it into the package.")


@pytest.mark.parametrize("handler", ["plain", "callback"])
def test_the_meter_of_node_measures_an_answer(handler: str, node: Any) -> None:
    """A promise's, or a callback's: the line is in the log, with the request's id."""
    client, name = node(f"metered.{handler}")
    answer = client.invoke(FunctionName=name, Payload=b"{}", LogType="Tail")
    tail = base64.b64decode(answer["LogResult"]).decode().splitlines()
    [line] = filter(None, map(parse_metered, tail))
    assert line.request_id == json.load(answer["Payload"])
    assert line.wall_ms >= 50
    assert 0 < line.cpu_ms < line.wall_ms + 50
    assert line.cold


def test_the_meter_of_node_leaves_a_stream_a_stream(node: Any) -> None:
    """The mark of streamifyResponse is on what wraps it."""
    client, name = node("metered.streamed")
    stream = client.invoke_with_response_stream(FunctionName=name, LogType="Tail")["EventStream"]
    events = list(stream)
    pieces = [one["PayloadChunk"]["Payload"] for one in events if "PayloadChunk" in one]
    assert b"".join(pieces) == b"12"
    log = base64.b64decode(events[-1]["InvokeComplete"]["LogResult"]).decode()
    [line] = filter(None, map(parse_metered, log.splitlines()))
    assert line.wall_ms >= 50


def test_the_meter_of_node_measures_a_callback(tmp_path: Path) -> None:
    """Until it calls back, and its arguments are still three; or what it returns is settled.

    A stream that its handler has ended is waited for, and a part that is metered writes no line.
    """
    (tmp_path / "metered.mjs").write_text(METER.read_text("utf-8"))
    (tmp_path / "app.mjs").write_text(CALLBACK)
    done = subprocess.run(
        ["node", "app.mjs"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert lines[1::2] == ["42 3", "7", "9", "ended"]
    for meter in lines[::2]:
        line = parse_metered(meter)
        assert line is not None
        assert line.wall_ms >= 45
