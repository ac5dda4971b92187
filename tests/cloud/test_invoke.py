"""Invocations end as on AWS: with a result, an error, a crash or a timeout, and with a bill."""

from __future__ import annotations

import base64
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from serverless_tax.cloud import LocalCloud
from serverless_tax.ground.report import billed_ms

PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"


def test_a_handler_gets_its_event_and_its_answer_comes_back(deploy: Any) -> None:
    """JSON in, JSON out, text of any script unharmed."""
    function = deploy("def handler(event, context): return {'got': event}")

    assert function.invoke(text="žluť 水").payload == {"got": {"text": "žluť 水"}}


def test_the_context_and_the_variables_are_lambdas(deploy: Any) -> None:
    """The context object and the documented variables name this function."""
    function = deploy(
        """
        import os
        import boto3
        def handler(event, context):
            left = context.get_remaining_time_in_millis()  # before what takes its time
            if not os.environ["AWS_SESSION_TOKEN"] or not boto3.client("lambda").list_functions():
                raise RuntimeError("no keys of a role")
            return [context.function_name, context.memory_limit_in_mb, context.aws_request_id,
                    left, os.environ["AWS_LAMBDA_FUNCTION_NAME"],
                    os.environ["AWS_REGION"], os.environ["MINE"], "HOME" in os.environ]
        """,
        timeout=60,
        MemorySize=512,
        Environment={"Variables": {"MINE": "yes"}},
    )

    answer = function.invoke()

    assert answer.payload[:3] == [function.name, "512", answer.report.request_id]
    assert 50_000 < answer.payload[3] <= 60_000
    assert answer.payload[4:7] == [function.name, "us-east-1", "yes"]


def test_the_client_context_and_the_trace_reach_the_handler(deploy: Any) -> None:
    """The context of a synchronous call, in any script; a trace of its own for each request."""
    function = deploy(
        """
        import os
        def handler(event, context):
            given = context.client_context
            return [given and given.custom, os.environ["_X_AMZN_TRACE_ID"]]
        """
    )
    context = base64.b64encode('{"custom": {"who": "Zoë"}}'.encode()).decode()

    def invoke(**arguments: str) -> Any:
        answer = function.client.invoke(FunctionName=function.name, **arguments)
        return json.load(answer["Payload"])

    given, first = invoke(ClientContext=context)
    nothing, second = invoke()
    assert given == {"who": "Zoë"}
    assert nothing is None
    for trace in (first, second):
        assert re.fullmatch("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0", trace)
    assert first != second


def test_a_function_sets_what_is_not_reserved(deploy: Any) -> None:
    """Its own time zone and language count, and its PYTHONPATH still finds its package."""
    mine = {"TZ": "Europe/Prague", "LANG": "cs_CZ.UTF-8", "PYTHONPATH": "/opt/mine"}
    function = deploy(
        """
        import os
        def handler(event, context):
            return {name: os.environ[name] for name in ("TZ", "LANG", "PYTHONPATH")}
        """,
        Environment={"Variables": mine},
    )
    got = function.invoke().payload

    assert (got["TZ"], got["LANG"]) == (mine["TZ"], mine["LANG"])
    assert got["PYTHONPATH"].startswith("/opt/mine:")


def test_nothing_of_the_learners_shell_reaches_a_function(
    deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real key in the environment of the notebook stays there."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    with LocalCloud() as fresh:
        client = boto3.client("lambda", **fresh.boto3_kwargs)
        function = deploy("import os\ndef handler(event, context): return dict(os.environ)")
        assert "OPENAI_API_KEY" not in function.invoke().payload
        assert client.list_functions()["Functions"] == []


def test_a_cold_start_is_billed_with_its_init(deploy: Any) -> None:
    """Billed is the ceiling of Duration + Init when cold, of Duration alone when warm."""
    function = deploy("import time\ntime.sleep(0.2)\ndef handler(e, c): time.sleep(0.1)")

    cold, warm = function.invoke().report, function.invoke().report

    assert cold.init_ms is not None
    assert cold.init_ms >= 200
    assert cold.billed_ms == billed_ms(cold.duration_ms, cold.init_ms)
    assert warm.init_ms is None
    assert warm.billed_ms == billed_ms(warm.duration_ms)
    assert warm.duration_ms >= 100


def test_billed_is_never_below_the_handlers_own_clock(deploy: Any) -> None:
    """What the handler itself measured fits into what is billed."""
    function = deploy(
        """
        import time
        def handler(event, context):
            started = time.perf_counter()
            time.sleep(event["s"])
            return 1000 * (time.perf_counter() - started)
        """
    )
    for seconds in (0.0, 0.01, 0.05):
        answer = function.invoke(s=seconds)
        assert answer.report.billed_ms >= answer.payload


def test_the_log_tail_holds_what_was_printed(deploy: Any) -> None:
    """START, the handler's own lines, END and REPORT, in this order."""
    function = deploy("def handler(event, context): print('one'); print('two')")

    answer = function.invoke()

    words = [line.split()[0] for line in answer.log.splitlines()]
    assert words == ["START", "one", "two", "END", "REPORT"]


@pytest.mark.parametrize("log_format", ["Text", "JSON"])
def test_another_python_is_said_in_the_log(deploy: Any, log_format: str) -> None:
    """Once, at the cold start, by both names; a function that gets its Python has no such line."""
    wanted = next(name for name in ("python3.10", "python3.14") if not PYTHON.startswith(name))
    function = deploy(
        "def handler(event, context): pass", Runtime=wanted, LoggingConfig={"LogFormat": log_format}
    )

    cold, warm = function.invoke().log, function.invoke().log

    assert f"This local cloud runs {PYTHON} on " in cold.splitlines()[0]
    assert f"the function asks for {wanted} on x86_64." in cold.splitlines()[0]
    assert "This local cloud" not in warm


def test_each_environment_writes_its_own_log_stream(cloud: LocalCloud, deploy: Any) -> None:
    """Two invocations of one environment are in one stream; a second environment has another."""
    function = deploy("import time\ndef handler(event, context): time.sleep(event['s'])")
    function.invoke(s=0)
    function.invoke(s=0)
    logs = boto3.client("logs", **cloud.boto3_kwargs)
    group = {"logGroupName": f"/aws/lambda/{function.name}"}

    [stream] = logs.describe_log_streams(**group)["logStreams"]
    events = logs.get_log_events(**group, logStreamName=stream["logStreamName"])["events"]
    assert sum(event["message"].startswith("REPORT ") for event in events) == 2

    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: function.invoke(s=0.5), range(2)))
    assert len(logs.describe_log_streams(**group)["logStreams"]) == 2


def test_an_exception_is_an_unhandled_function_error(deploy: Any) -> None:
    """The error's type, message and stack come back as AWS shapes them."""
    answer = deploy("def handler(event, context): raise LookupError('mine')").invoke()

    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "LookupError"
    assert answer.payload["errorMessage"] == "mine"
    assert "stackTrace" in answer.payload


def test_an_endless_recursion_is_an_error_of_its_own(deploy: Any) -> None:
    """Its traceback of a thousand frames reaches the caller, and the environment goes on."""
    function = deploy(
        """
        import os
        def handler(event, context):
            return handler(event, context) if event else os.getpid()
        """
    )
    first = function.invoke().payload
    failed = function.invoke(again=True)
    assert (failed.error, failed.payload["errorType"]) == ("Unhandled", "RecursionError")
    assert "repeated" in failed.payload["stackTrace"][-1]
    assert function.invoke().payload == first


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("os._exit(3)", "Runtime exited with error: exit status 3"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
    ],
)
def test_a_crash_is_an_exit_error_and_the_next_one_runs(deploy: Any, how: str, words: str) -> None:
    """A dead process is reported as AWS does; the next one starts the runtime anew."""
    function = deploy(f"import os\ndef handler(event, context):\n  if event: {how}")

    crashed, after = function.invoke(now=1), function.invoke()

    assert crashed.error == "Unhandled"
    assert crashed.payload["errorType"] == "Runtime.ExitError"
    assert crashed.payload["errorMessage"].endswith(words)
    assert (crashed.report.status, crashed.report.error_type) == ("error", "Runtime.ExitError")
    assert after.error is None
    assert after.report.init_ms is None


def test_a_timeout_is_billed_to_the_timeout_with_init_on_top(deploy: Any) -> None:
    """Duration is exactly the timeout; INIT comes on top, so the bill exceeds it."""
    function = deploy("import time\ndef handler(event, context): time.sleep(30)", timeout=1)

    answer = function.invoke()

    assert answer.payload["errorType"] == "Sandbox.Timedout"
    assert answer.payload["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert (answer.report.status, answer.report.duration_ms) == ("timeout", 1000)
    assert answer.report.billed_ms == billed_ms(answer.report.duration_ms, answer.report.init_ms)
    assert answer.report.billed_ms > 1000


def test_a_broken_import_is_tried_twice_and_reported(deploy: Any) -> None:
    """INIT fails, is tried again inside the invocation, and the error names the module."""
    answer = deploy("import no_such_module\ndef handler(event, context): pass").invoke()

    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "Runtime.ImportModuleError"
    assert "no_such_module" in answer.payload["errorMessage"]
    phases = [line for line in answer.log.splitlines() if line.startswith("INIT_REPORT")]
    assert ["Phase: init" in phases[0], "Phase: invoke" in phases[1]] == [True, True]
    assert answer.report.init_ms is None


def test_an_answer_over_6_mb_is_refused(deploy: Any) -> None:
    """A buffered answer has AWS's limit, one byte under passes; AWS's client ends by the next."""
    function = deploy("def handler(event, context): return 'x' * event['n']")

    assert function.invoke(n=6_291_556 - 2).error is None
    refused = function.invoke(n=6_291_556 - 1)
    assert refused.payload == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size "
        "(6291556 bytes).",
    }
    said = "LAMBDA_RUNTIME Failed to post handler success response. Http response code: 413."
    assert said in refused.log
    assert refused.report.error_type == "Runtime.ExitError"
    assert function.invoke(n=0).payload == ""


def test_the_meter_agrees_with_the_handlers_own_cpu_clock(cloud: LocalCloud, deploy: Any) -> None:
    """CPU read from outside is what the process read inside; sleeping adds none."""
    function = deploy(
        """
        import time
        def handler(event, context):
            before = time.process_time()
            while time.process_time() < before + 0.1: pass
            time.sleep(0.1)
            return 1000 * (time.process_time() - before)
        """
    )
    answer = function.invoke()

    [reading] = [one for one in cloud.readings() if one.request_id == answer.report.request_id]
    assert answer.payload <= reading.cpu_ms < answer.payload + 20
    assert reading.init_cpu_ms > 0
    assert reading.peak_memory_mb == answer.report.max_memory_used_mb > 5


def test_roles_can_be_made_and_deleted(cloud: LocalCloud) -> None:
    """IAM is there for the labs' least-privilege roles."""
    iam = boto3.client("iam", **cloud.boto3_kwargs)
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam.create_role(RoleName="a-role", AssumeRolePolicyDocument=policy)
    iam.delete_role(RoleName="a-role")

    assert all(role["RoleName"] != "a-role" for role in iam.list_roles()["Roles"])
