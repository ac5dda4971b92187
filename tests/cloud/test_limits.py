"""What AWS bounds: memory, CPU, concurrency, the size of events; and what a failure leaves."""

from __future__ import annotations

import base64
import io
import json
import math
import re
import time
import zipfile
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from waiters import OFTEN

from serverless_tax.cloud import LocalCloud
from serverless_tax.cloud.roles import OF_LAMBDA
from serverless_tax.ground.report import parse_reports

if TYPE_CHECKING:
    from collections.abc import Callable

BURN = """
import time
def handler(event, context):
    before = time.process_time()
    while time.process_time() - before < event["cpu_ms"] / 1000:
        pass
    time.sleep(event.get("sleep_ms", 0) / 1000)
"""


def test_a_function_past_its_memory_is_killed(deploy: Any) -> None:
    """The caller reads that it was killed; the REPORT line says why, and that all was used."""
    function = deploy(
        "def handler(event, context): return len(bytearray(event['mb'] * 2**20)) // 2**20",
        MemorySize=128,
    )
    assert function.invoke(mb=20).payload == 20

    killed = function.invoke(mb=400)

    assert killed.error == "Unhandled"
    assert killed.payload["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert killed.report.error_type == "Runtime.OutOfMemory"
    assert killed.report.max_memory_used_mb == killed.report.memory_mb == 128


def test_an_init_past_its_memory_is_killed(deploy: Any) -> None:
    """It is tried again in the invocation, which is billed for that try alone; so is the next."""
    code = "kept = b'1' * (300 * 2**20)\ndef handler(event, context): return 1"
    function = deploy(code, MemorySize=128)
    for phases in (["init", "invoke"], ["invoke"]):
        killed = function.invoke()
        assert re.findall(r"INIT_REPORT .*Phase: (\w+)\tStatus: error", killed.log) == phases
        assert killed.payload["errorMessage"].endswith("with error: signal: killed")
        assert killed.report.error_type == "Runtime.OutOfMemory"
        assert killed.report.init_ms is None
        assert killed.report.billed_ms == math.ceil(killed.report.duration_ms)
        assert killed.report.max_memory_used_mb == 128


def test_init_after_a_failure_is_inside_the_duration(deploy: Any) -> None:
    """AWS keeps the sandbox and starts the runtime anew in it: no Init Duration, but its time."""
    function = deploy(
        """
        import os, time, uuid
        time.sleep(0.4)
        loaded = str(uuid.uuid4())
        def handler(event, context):
            if event.get("crash"):
                os._exit(1)
            of_the_sandbox = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"], os.environ["TMPDIR"]
            return of_the_sandbox, loaded
        """
    )
    first = function.invoke()
    assert first.report.init_ms is not None
    assert function.invoke(crash=True).report.status == "error"

    again, after = function.invoke(), function.invoke()

    assert again.payload[0] == first.payload[0]
    assert again.payload[1] != first.payload[1]
    assert again.report.init_ms is None
    assert again.report.duration_ms >= 400
    assert again.report.billed_ms >= 400
    assert after.payload == again.payload  # the same process: without another INIT


def test_reserved_concurrency_turns_the_next_one_away(deploy: Any, cloud: LocalCloud) -> None:
    """429 TooManyRequestsException, with AWS's reason; once there is room it runs again."""
    function = deploy("import time\ndef handler(event, context): time.sleep(event['s'])")
    function.invoke(s=0)
    function.client.put_function_concurrency(
        FunctionName=function.name, ReservedConcurrentExecutions=1
    )
    patient = boto3.client(
        "lambda", config=Config(retries={"max_attempts": 1}), **cloud.boto3_kwargs
    )
    with ThreadPoolExecutor() as pool:
        running = pool.submit(function.invoke, s=2)
        refused = first_refusal(patient, function.name, running)
    assert refused.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert refused.response["Error"]["Code"] == "TooManyRequestsException"
    assert refused.response["Error"]["Message"] == "Rate Exceeded."
    assert refused.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert function.invoke(s=0).error is None


def first_refusal(client: Any, name: str, running: Future[Any]) -> ClientError:
    """Invoke while the other runs until one of the two is refused, whichever came second."""
    while not running.done():
        try:
            client.invoke(FunctionName=name, Payload=b'{"s": 0}')
        except ClientError as refused:
            running.result()  # the other was running, and runs to its end
            return refused
    refused = running.exception()
    assert isinstance(refused, ClientError), "never refused"
    return refused


@pytest.mark.parametrize(
    ("kind", "most"), [("Event", 1024 * 1024), ("RequestResponse", 6 * 1024 * 1024)]
)
def test_an_event_past_the_limit_is_refused(deploy: Any, kind: str, most: int) -> None:
    """1 MB for an asynchronous one, 6 MB for a synchronous one."""
    function = deploy("def handler(event, context): return len(event)")
    fits = json.dumps("x" * (most - 2)).encode()
    function.client.invoke(FunctionName=function.name, InvocationType=kind, Payload=fits)
    with pytest.raises(ClientError, match=rf"RequestEntityTooLargeException.*\b{most} bytes"):
        function.client.invoke(FunctionName=function.name, InvocationType=kind, Payload=fits + b" ")


def test_a_failed_asynchronous_invocation_is_tried_twice_more(
    deploy: Any, cloud: LocalCloud
) -> None:
    """Three attempts, as AWS documents; the waits between them are shorter here."""
    function = deploy("def handler(event, context): raise ValueError('no')")
    function.client.invoke(FunctionName=function.name, InvocationType="Event", Payload=b"{}")

    def attempts() -> int:
        return sum(reading.function == function.name for reading in cloud.readings())

    assert reaches(attempts, 3)


def reaches(count: Callable[[], int], wanted: int) -> bool:
    """Whether a count comes to what is wanted within 30 seconds."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if count() >= wanted:
            return True
        time.sleep(0.05)
    return False


def test_json_logs_have_the_report_as_an_event(deploy: Any) -> None:
    """LoggingConfig JSON: platform.start, what the handler logs, platform.report."""
    function = deploy(
        """
        import logging
        logging.getLogger().setLevel("INFO")
        def handler(event, context): logging.getLogger().info("said")
        """,
        LoggingConfig={"LogFormat": "JSON"},
    )
    answer = function.invoke()
    lines = [json.loads(line) for line in answer.log.splitlines()]
    kinds = [line.get("type") or line["message"] for line in lines]
    assert kinds == ["platform.start", "said", "platform.report"]
    [report] = parse_reports(answer.log)
    metrics = lines[-1]["record"]["metrics"]
    assert metrics["billedDurationMs"] == report.billed_ms
    assert metrics["initDurationMs"] > 0
    assert lines[-1]["record"]["status"] == "success"


def test_the_platform_may_be_quiet(deploy: Any) -> None:
    """SystemLogLevel WARN: no start and no report of what went well; of a failure, a report."""
    function = deploy(
        "import os\ndef handler(event, context): event and os._exit(1)",
        LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN"},
    )
    of_it = {"FunctionName": function.name, "LogType": "Tail"}
    answers = [function.client.invoke(**of_it, Payload=event) for event in (b"{}", b"1")]
    tails = [base64.b64decode(one.get("LogResult", "")).decode() for one in answers]
    assert "platform." not in tails[0]
    assert [one.status for one in parse_reports(tails[1])] == ["error"]


def test_the_cpu_of_child_processes_counts(deploy: Any, cloud: LocalCloud) -> None:
    """Work given to a child, still running or ended, is the function's work."""
    function = deploy(
        """
        import subprocess, sys
        SPIN = "import time\\nwhile time.process_time() < {}: pass\\n"
        def handler(event, context):
            subprocess.run([sys.executable, "-c", SPIN.format(0.3)], check=True)
            child = subprocess.Popen(
                [sys.executable, "-c", SPIN.format(0.2) + "print(1, flush=True)\\ninput()"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            child.stdout.readline()
        """,
        timeout=60,
    )
    request_id = function.invoke().report.request_id
    [reading] = [one for one in cloud.readings() if one.request_id == request_id]
    assert reading.cpu_ms >= 480  # ended children are counted in ticks of 10 ms


@pytest.mark.slow
def test_cpu_follows_memory_where_it_is_asked_for() -> None:
    """At a quarter of a vCPU work gets a quarter of the time; at 1,769 MB more; waiting is free."""
    shares: dict[int, float] = {}
    with LocalCloud(cpu_share=True) as cloud:
        client, iam = (boto3.client(name, **cloud.boto3_kwargs) for name in ("lambda", "iam"))
        iam.create_role(RoleName="test", AssumeRolePolicyDocument=OF_LAMBDA)
        for memory_mb in (442, 1769):
            name = f"f-{memory_mb}"
            create(client, name, memory_mb)
            run(client, name, {"cpu_ms": 1})
            found = []
            for _ in range(2):
                billed_ms, possible = beside_a_busy_thread(client, name, {"cpu_ms": 200})
                share = cloud.readings()[-1].cpu_ms / billed_ms
                assert memory_mb > 442 or share < 0.25 * 1.3
                found.append(share / possible)
            shares[memory_mb] = max(found)
            waited_ms = min(run(client, name, {"cpu_ms": 0, "sleep_ms": 300}) for _ in range(2))
            assert 300 <= waited_ms < 900  # at a quarter of the time: 1,200
    assert shares[442] > 0.1
    assert shares[1769] > 0.25 * 1.6


def beside_a_busy_thread(client: Any, name: str, event: dict[str, int]) -> tuple[float, float]:
    """Milliseconds billed, and the share of a CPU that other programs left to this one."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, client, name, event)
        cpu, wall = time.thread_time(), time.perf_counter()
        while not running.done():
            pass
        possible = (time.thread_time() - cpu) / (time.perf_counter() - wall)
    return running.result(), min(possible, 1.0)


def create(client: Any, name: str, memory_mb: int) -> None:
    """Deploy the function that burns CPU."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("app.py", BURN)
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/test",
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=30,
        MemorySize=memory_mb,
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=OFTEN)


def run(client: Any, name: str, event: dict[str, int]) -> float:
    """Milliseconds billed."""
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
    [report] = parse_reports(base64.b64decode(answer["LogResult"]).decode())
    return report.billed_ms


@pytest.mark.parametrize("count", [30, pytest.param(200, marks=pytest.mark.slow)])
def test_many_at_once_each_get_their_answer(deploy: Any, cloud: LocalCloud, count: int) -> None:
    """Every one in an environment of its own, none lost, none billed for another's INIT."""
    function = deploy(
        "import time\ndef handler(event, context): time.sleep(0.5); return event['n']", timeout=60
    )
    client = boto3.client(
        "lambda",
        config=Config(max_pool_connections=count, read_timeout=240, retries={"max_attempts": 1}),
        **cloud.boto3_kwargs,
    )

    def one(n: int) -> int:
        answer = client.invoke(FunctionName=function.name, Payload=json.dumps({"n": n}))
        return int(json.load(answer["Payload"]))

    with ThreadPoolExecutor(count) as pool:
        assert list(pool.map(one, range(count))) == list(range(count))
