"""Durable functions on AWS's own SDK: suspended without a bill, woken, resumed."""

from __future__ import annotations

import base64
import io
import json
import time
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import duckdb
import pytest
from botocore.exceptions import ClientError
from waiters import OFTEN, until

from serverless_tax.bill.session import CUR_FILE, FOCUS_FILE, write_bill
from serverless_tax.cloud.function.spec import LAYER_FILE
from serverless_tax.ground.report import parse_reports

if TYPE_CHECKING:
    from pathlib import Path

    from serverless_tax.cloud import LocalCloud

HANDLER = """
import json
import os
import urllib.request
from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration, StepConfig
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

seconds = Duration.from_seconds
VERSION = "VERSION-OF-CODE"
AGAIN = create_retry_strategy(RetryStrategyConfig(max_attempts=3, initial_delay=seconds(1)))


def flaky(context):
    with open("/tmp/" + context.name if hasattr(context, "name") else "/tmp/flaky", "a+") as file:
        file.seek(0)
        tried = len(file.read())
        file.write("x")
    if tried < 1:
        raise ValueError("not yet")
    return tried


@durable_execution
def handler(event, context):
    do = event["do"]
    if do == "wait":
        first = context.step(lambda _: VERSION, name="first")
        context.wait(seconds(event["s"]), name="rest")
        return {"first": first, "last": VERSION}
    if do == "callback":
        limits = {name: seconds(s) for name, s in event.get("limits", {}).items()}
        callback = context.create_callback(name="person", config=CallbackConfig(**limits))
        return {"said": callback.result()}
    if do == "retry":
        return context.step(flaky, name="flaky", config=StepConfig(retry_strategy=AGAIN))
    if do == "chain":
        return context.invoke(event["function"], event["payload"], name="other")
    if do == "large":
        parts = [context.step(lambda _: "x" * 200_000, name=str(n)) for n in range(32)]
        context.wait(seconds(1))
        return sum(map(len, parts))
    if do == "heavy":
        return context.step(lambda _: "x" * event["size"], name="heavy")
    if do == "fail":
        raise RuntimeError("it broke")
    if do == "exit":
        os._exit(3)
    return event
"""


class Durable:
    """A deployed durable function, by version 1 unless told otherwise."""

    def __init__(self, client: Any, name: str) -> None:
        self.client, self.name = client, name

    def invoke(self, version: str = "1", /, **event: Any) -> dict[str, Any]:
        """Start an execution and wait for its end."""
        answer = self.client.invoke(
            FunctionName=f"{self.name}:{version}", Payload=json.dumps(event)
        )
        return {**answer, "Payload": json.load(answer["Payload"])}

    def start(self, version: str = "1", /, **event: Any) -> str:
        """Start an execution; return its ARN."""
        answer = self.client.invoke(
            FunctionName=f"{self.name}:{version}",
            InvocationType="Event",
            Payload=json.dumps(event),
        )
        assert answer["StatusCode"] == 202
        return str(answer["DurableExecutionArn"])

    def told(self, arn: str) -> dict[str, Any]:
        """GetDurableExecution."""
        return dict(self.client.get_durable_execution(DurableExecutionArn=arn))

    def ended(self, arn: str) -> dict[str, Any]:
        """GetDurableExecution, once it is over."""
        return until(lambda: (told := self.told(arn))["Status"] != "RUNNING" and told)

    def events(self, arn: str) -> list[dict[str, Any]]:
        """The whole history, with its data."""
        answer = self.client.get_durable_execution_history(
            DurableExecutionArn=arn, IncludeExecutionData=True
        )
        return list(answer["Events"])

    def rest(self, arn: str, invocations: int = 1) -> None:
        """Wait until no invocation of it runs, so that the next test counts its own alone."""
        until(
            lambda: (
                sum(one["EventType"] == "InvocationCompleted" for one in self.events(arn))
                >= invocations
            )
        )

    def set_timeout(self, seconds: int) -> Any:
        """Set the ExecutionTimeout of $LATEST; return the new settings."""
        config = self.client.update_function_configuration(
            FunctionName=self.name, DurableConfig={"ExecutionTimeout": seconds}
        )
        updated = self.client.get_waiter("function_updated_v2")
        updated.wait(FunctionName=self.name, WaiterConfig=OFTEN)
        return config["DurableConfig"]

    def callback_id(self, arn: str) -> str:
        """The id that a callback was given, once it is there."""
        return until(
            lambda: next(
                (
                    event["CallbackStartedDetails"]["CallbackId"]
                    for event in self.events(arn)
                    if event["EventType"] == "CallbackStarted"
                ),
                None,
            )
        )


def package(code: str) -> bytes:
    """The handler, which sees this Python's packages, as in a layer."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("app.py", code)
        zipped.writestr(LAYER_FILE, "aws-durable-execution-sdk-python")
    return archive.getvalue()


@pytest.fixture(scope="module")
def durable(cloud: LocalCloud) -> Any:
    """One durable function for all tests of this file, with version 1."""
    client = boto3.client("lambda", **cloud.boto3_kwargs)
    client.create_function(
        FunctionName="durable",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/test",
        Handler="app.handler",
        Code={"ZipFile": package(HANDLER)},
        Timeout=10,
        DurableConfig={"ExecutionTimeout": 60, "RetentionPeriodInDays": 30},
        Publish=True,
    )
    active = client.get_waiter("published_version_active")
    active.wait(FunctionName="durable", Qualifier="1", WaiterConfig=OFTEN)
    yield Durable(client, "durable")
    client.delete_function(FunctionName="durable")


def test_a_wait_is_two_invocations_and_nothing_between(cloud: LocalCloud, durable: Durable) -> None:
    """Two REPORT lines, and the time between them is in neither; the step before it ran once."""
    before, began = len(cloud.readings()), time.monotonic()
    answer = durable.invoke(do="wait", s=2)
    wall_s = time.monotonic() - began
    assert answer["Payload"] == {"first": "VERSION-OF-CODE", "last": "VERSION-OF-CODE"}
    assert answer["ExecutedVersion"] == "1"
    billed_ms = [one.billed_ms for one in cloud.readings()[before:]]
    assert len(billed_ms) == 2
    arn = answer["DurableExecutionArn"]
    first, second = (
        one["InvocationCompletedDetails"]
        for one in durable.events(arn)
        if one["EventType"] == "InvocationCompleted"
    )
    between_s = (second["StartTimestamp"] - first["EndTimestamp"]).total_seconds()
    assert 0 < between_s < wall_s
    assert sum(billed_ms) < 1000 * (wall_s - between_s) + len(billed_ms)  # each is rounded up
    began_at = {one["EventType"]: one["EventTimestamp"] for one in durable.events(arn)}
    assert (second["StartTimestamp"] - began_at["WaitStarted"]).total_seconds() >= 1.9
    kinds = [event["EventType"] for event in durable.events(arn)]
    assert kinds == [
        *("ExecutionStarted", "StepStarted", "StepSucceeded", "WaitStarted"),
        *("InvocationCompleted", "WaitSucceeded", "InvocationCompleted", "ExecutionSucceeded"),
    ]
    told = durable.told(arn)
    assert (told["Status"], told["Version"]) == ("SUCCEEDED", "1")
    assert told["DurableConfig"] == {"ExecutionTimeout": 60, "RetentionPeriodInDays": 30}
    ids = {one.request_id for one in cloud.readings()[before:]}
    of_history = {
        event["InvocationCompletedDetails"]["RequestId"]
        for event in durable.events(arn)
        if event["EventType"] == "InvocationCompleted"
    }
    assert of_history == ids


def test_operations_and_data_are_metered(cloud: LocalCloud, durable: Durable) -> None:
    """A start, a step and a wait; what is written is the request, the step's result, the answer."""
    before = len(cloud.durable_usage())
    answer = durable.invoke(do="wait", s=1)
    used = cloud.durable_usage()[before:]
    assert sum(one.operations for one in used) == 3
    request, step = json.dumps({"do": "wait", "s": 1}), json.dumps("VERSION-OF-CODE")
    written = len(request) + len(step) + len(json.dumps(answer["Payload"]))
    assert sum(one.written_bytes for one in used) == written
    kept_days = sum(one.kept_byte_s for one in used) / written / 86_400
    assert kept_days == pytest.approx(30, abs=0.001)


def test_it_resumes_on_the_version_that_it_started_on(durable: Durable) -> None:
    """New code in $LATEST does not reach an execution of version 1."""
    arn = durable.start(do="wait", s=2)
    until(lambda: any(one["EventType"] == "WaitStarted" for one in durable.events(arn)))
    new = HANDLER.replace("VERSION-OF-CODE", "of today")
    durable.client.update_function_code(FunctionName="durable", ZipFile=package(new))
    assert json.loads(durable.ended(arn)["Result"])["last"] == "VERSION-OF-CODE"
    updated = durable.client.get_waiter("function_updated_v2")
    updated.wait(FunctionName="durable", WaiterConfig=OFTEN)
    assert durable.invoke("$LATEST", do="wait", s=1)["Payload"]["last"] == "of today"


def test_a_callback_wakes_it(durable: Durable) -> None:
    """Success and failure, once each; a second one is too late."""
    good, bad = (durable.start(do="callback") for _ in range(2))
    yes, no = (durable.callback_id(arn) for arn in (good, bad))
    durable.client.send_durable_execution_callback_success(CallbackId=yes, Result=b'"go on"')
    error = {"ErrorType": "Refused", "ErrorMessage": "no"}
    durable.client.send_durable_execution_callback_failure(CallbackId=no, Error=error)
    assert json.loads(durable.ended(good)["Result"]) == {"said": '"go on"'}
    failed = durable.ended(bad)
    assert failed["Status"] == "FAILED"
    assert failed["Error"]["ErrorMessage"] == "no"
    for callback_id, code in ((yes, "CallbackTimeoutException"), ("AAAA", None)):
        with pytest.raises(ClientError) as refused:
            durable.client.send_durable_execution_callback_heartbeat(CallbackId=callback_id)
        assert refused.value.response["Error"]["Code"] == (code or "InvalidParameterValueException")


def test_a_callback_that_nobody_calls_times_out(durable: Durable) -> None:
    """By its timeout, or by a heartbeat that stays away; one that comes puts the end off."""
    silent = durable.start(do="callback", limits={"timeout": 1})
    beating = durable.start(do="callback", limits={"heartbeat_timeout": 2})
    callback_id = durable.callback_id(beating)
    [begun] = [one for one in durable.events(beating) if one["EventType"] == "CallbackStarted"]
    time.sleep(0.5)
    durable.client.send_durable_execution_callback_heartbeat(CallbackId=callback_id)
    for arn, kind in ((silent, "Callback.Timeout"), (beating, "Callback.Heartbeat")):
        assert durable.ended(arn)["Status"] == "FAILED"
        [event] = [one for one in durable.events(arn) if one["EventType"] == "CallbackTimedOut"]
        assert event["CallbackTimedOutDetails"]["Error"]["Payload"]["ErrorType"] == kind
    lasted = event["EventTimestamp"] - begun["EventTimestamp"]
    assert lasted.total_seconds() > 2 + 0.4  # two seconds after the heartbeat


def test_a_step_is_tried_again_while_nothing_is_billed(cloud: LocalCloud, durable: Durable) -> None:
    """The pause before the second try is between two invocations; each try is an operation."""
    before, used = len(cloud.readings()), len(cloud.durable_usage())
    assert durable.invoke(do="retry")["Payload"] == 1
    assert len(cloud.readings()) - before == 2
    assert sum(one.operations for one in cloud.durable_usage()[used:]) == 1 + 2


def test_a_chained_invocation(durable: Durable, deploy: Any) -> None:
    """An ordinary function runs; a durable one needs a qualifier and gets an execution."""
    plain = deploy("def handler(event, context): return {'twice': 2 * event['n']}")
    asked = {"do": "chain", "payload": {"n": 4}}
    assert durable.invoke(**asked, function=plain.name)["Payload"] == {"twice": 8}
    inner = {"do": "chain", "payload": {"do": "wait", "s": 1}}
    answer = durable.invoke(**inner, function="durable:1")
    assert answer["Payload"]["last"] == "VERSION-OF-CODE"
    for function, kind in (("durable", "unqualified ARN"), ("nowhere", "Function not found")):
        failed = durable.invoke(**inner, function=function)
        assert failed["FunctionError"] == "Unhandled"
        assert kind in failed["Payload"]["errorMessage"]


def test_a_failure_is_the_callers(durable: Durable) -> None:
    """The handler's error ends the execution at once, and the caller reads it."""
    answer = durable.invoke(do="fail")
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorMessage"] == "it broke"
    assert durable.told(answer["DurableExecutionArn"])["Status"] == "FAILED"


def test_a_long_history_is_read_by_pages(durable: Durable) -> None:
    """Six megabytes of results do not fit into an invocation's event; the SDK fetches the rest."""
    assert durable.invoke(do="large")["Payload"] == 32 * 200_000


def test_a_payload_past_its_limit_is_refused(durable: Durable, deploy: Any) -> None:
    """A step's result of 256 KB, what another function takes and gives, and the execution's own."""
    most = 256 * 1024
    assert len(durable.invoke(do="heavy", size=most - 2)["Payload"]) == most - 2
    failed = durable.invoke(do="heavy", size=most)
    assert "STEP output payload size must be less than or equal to 262144 bytes." in str(
        failed["Payload"]
    )
    plain = deploy("def handler(event, context): return 'x' * event['size']")
    asked = {"do": "chain", "function": plain.name}
    assert len(durable.invoke(**asked, payload={"size": 1_000_000})["Payload"]) == 1_000_000
    failed = durable.invoke(**asked, payload={"size": 1_048_576})
    assert "CHAINED_INVOKE output payload size must be" in str(failed["Payload"])
    arn = durable.start(**asked, payload={"size": 1_048_574})
    assert durable.ended(arn)["Status"] == "SUCCEEDED"


def test_a_name_starts_one_execution(durable: Durable) -> None:
    """The same name and payload is the same execution; another payload is refused."""
    asked = {"FunctionName": "durable:1", "InvocationType": "Event"}
    asked["DurableExecutionName"] = f"order-{time.time_ns()}"
    one, two = (durable.client.invoke(**asked, Payload=b'{"do": "echo"}') for _ in range(2))
    assert one["DurableExecutionArn"] == two["DurableExecutionArn"]
    assert durable.ended(one["DurableExecutionArn"])["Result"] == '{"do": "echo"}'
    with pytest.raises(durable.client.exceptions.DurableExecutionAlreadyStartedException):
        durable.client.invoke(**asked, Payload=b'{"do": "other"}')


def test_stopped_is_stopped(durable: Durable) -> None:
    """It wakes no more, and is found among the stopped."""
    arn = durable.start(do="wait", s=3600)
    durable.rest(arn)
    durable.client.stop_durable_execution(
        DurableExecutionArn=arn, Error={"ErrorType": "Me", "ErrorMessage": "enough"}
    )
    assert durable.told(arn)["Error"] == {"ErrorType": "Me", "ErrorMessage": "enough"}
    found = durable.client.list_durable_executions_by_function(
        FunctionName="durable", Qualifier="1", Statuses=["STOPPED"]
    )["DurableExecutions"]
    assert [one["DurableExecutionArn"] for one in found] == [arn]


def test_an_execution_has_a_timeout(durable: Durable) -> None:
    """ExecutionTimeout ends it wherever it is."""
    try:
        assert durable.set_timeout(1)["ExecutionTimeout"] == 1
        answer = durable.invoke("$LATEST", do="wait", s=3600)
    finally:
        durable.set_timeout(60)  # the other tests come in any order
    assert "timed out after 1 seconds" in answer["Payload"]["errorMessage"]
    assert durable.told(answer["DurableExecutionArn"])["Status"] == "TIMED_OUT"
    durable.rest(answer["DurableExecutionArn"])


@pytest.mark.slow
def test_a_crash_is_tried_again_and_then_ends_it(cloud: LocalCloud, durable: Durable) -> None:
    """Five invocations, then the execution has failed with the crash."""
    before = len(cloud.readings())
    answer = durable.invoke(do="exit")
    assert answer["Payload"]["errorType"] == "Runtime.ExitError"
    assert [one.status for one in cloud.readings()[before:] if one.arn.endswith(":1")] == [
        *5 * ["error"]
    ]


INVALID = "InvalidParameterValueException"


@pytest.mark.parametrize(
    ("call", "asked", "code", "text"),
    [
        ("invoke", {"FunctionName": "durable"}, INVALID,
         "You cannot invoke a durable function using an unqualified ARN."),
        ("invoke", {"FunctionName": "durable:1", "DurableExecutionName": "a b"},
         "ValidationException",
         "Value 'a b' at 'durableExecutionName' failed to satisfy constraint"),
        ("get_durable_execution",
         {"DurableExecutionArn": (
             "arn:aws:lambda:us-east-1:000000000000:function:durable:1/durable-execution/a/b")},
         "ResourceNotFoundException", "Durable Execution does not exist"),
        ("checkpoint_durable_execution",
         {"CheckpointToken": "QUJD", "DurableExecutionArn": (
             "arn:aws:lambda:us-east-1:000000000000:function:durable:1/durable-execution/a/b")},
         INVALID, "Invalid checkpoint token"),
        ("list_durable_executions_by_function", {"FunctionName": "nowhere"},
         "ResourceNotFoundException", "Function not found: nowhere"),
        ("list_durable_executions_by_function",
         {"FunctionName": "durable", "Statuses": ["RUNNING", "FAILED"]}, INVALID,
         "Cannot filter by more than one status"),
        ("list_durable_executions_by_function", {"FunctionName": "durable", "Marker": "no"},
         INVALID, "Invalid Marker"),
    ],
)  # fmt: skip
def test_what_aws_refuses_is_refused(
    durable: Durable, call: str, asked: dict[str, Any], code: str, text: str
) -> None:
    """With AWS's code and words."""
    with pytest.raises(ClientError) as refused:
        getattr(durable.client, call)(**asked)
    error = refused.value.response["Error"]
    assert error["Code"] == code
    assert text in error["Message"]


def test_settings_of_a_durable_function(settings: Any, deploy: Any, cloud: LocalCloud) -> None:
    """Out of AWS's range, longer than a caller waits, and for a function that is not durable."""
    client = boto3.client("lambda", **cloud.boto3_kwargs)
    usual = {"Runtime": "python3.13", "DurableConfig": {"ExecutionTimeout": 60}}
    queue = {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"}
    key = {"ExecutionTimeout": 60, "KMSKeyArn": "arn:aws:kms:x"}
    for changed, text in (
        (
            {"DurableConfig": {"RetentionPeriodInDays": 91}},
            r"at 'durableConfig\.retentionPeriodInDays' failed",
        ),
        ({"DurableConfig": {"RetentionPeriodInDays": 9}}, "without an executionTimeout"),
        ({"Runtime": "python3.12"}, "managed runtime that does not support a durable config"),
        ({"DeadLetterConfig": queue}, r"This local cloud .* AWS would accept this request"),
        ({"DurableConfig": key}, r"This local cloud .* AWS would accept this request"),
    ):
        with pytest.raises(ClientError, match=text):
            client.create_function(**{**settings(**usual), **changed})
    limit = {"Runtime": "python3.13", "DurableConfig": {"ExecutionTimeout": 901}}
    long = deploy("def handler(event, context): return 1", **limit).name
    with pytest.raises(ClientError, match="executionTimeout greater than 15 minutes"):
        client.invoke(FunctionName=f"{long}:$LATEST")
    with pytest.raises(ClientError, match="managed runtime that does not support a durable config"):
        client.update_function_configuration(FunctionName=long, Runtime="python3.12")
    wanted = {"DurableConfig": {"RetentionPeriodInDays": 3}}
    told = client.update_function_configuration(FunctionName=long, **wanted)["DurableConfig"]
    assert told == {"ExecutionTimeout": 901, "RetentionPeriodInDays": 3}
    plain = deploy("def handler(event, context): return 1")
    with pytest.raises(ClientError, match="originally created with no durable configuration"):
        client.update_function_configuration(FunctionName=plain.name, **wanted)


def test_no_destination_is_told_of_a_durable_end(durable: Durable) -> None:
    """AWS documents it, and it is refused; so are retries, which nobody here would make."""
    arn = "arn:aws:sqs:us-east-1:000000000000:told"
    put = durable.client.put_function_event_invoke_config
    for wanted, text in (
        ({"DestinationConfig": {"OnSuccess": {"Destination": arn}}}, "don't support Lambda dest"),
        ({"MaximumRetryAttempts": 1}, "starts a durable execution once"),
    ):
        with pytest.raises(ClientError, match=text) as refused:
            put(FunctionName="durable", Qualifier="1", **wanted)
        assert refused.value.response["Error"]["Code"] == INVALID


def test_the_sessions_bill_has_the_durable_lines(
    cloud: LocalCloud, durable: Durable, tmp_path: Path
) -> None:
    """Operations, gigabytes written and gigabyte-months kept, at the durable sheet's prices."""
    before = len(cloud.durable_usage()), len(cloud.readings())
    answer = durable.invoke(do="wait", s=1)
    used, readings = cloud.durable_usage()[before[0] :], cloud.readings()[before[1] :]
    lines = {line.dimension: line for line in write_bill(readings, tmp_path, used)}
    assert lines["durable_operations"].amount == 3
    assert lines["durable_operations"].usd == Decimal("0.000024")
    written = len(json.dumps({"do": "wait", "s": 1})) + len(json.dumps("VERSION-OF-CODE"))
    written += len(json.dumps(answer["Payload"]))
    assert lines["durable_written_gb"].amount == Decimal(written) / 10**9
    kept = float(lines["durable_retained_gb_months"].amount)
    assert kept == pytest.approx(written / 1e9, rel=0.01)  # 30 days of 30
    for file, column in ((CUR_FILE, "line_item_unblended_cost"), (FOCUS_FILE, "BilledCost")):
        table = str(tmp_path / file)
        [[usd]] = duckdb.read_parquet(table).sum(column).fetchall()
        assert usd == sum(line.usd for line in lines.values())


def test_its_log_is_that_of_the_last_invocation(durable: Durable) -> None:
    """Its end is told before that invocation's own, and so are the lines that it ends with."""
    for do in ({"do": "wait", "s": 1}, {"do": "echo"}, {"do": "fail"}):
        told = durable.client.invoke(
            FunctionName="durable:1", Payload=json.dumps(do), LogType="Tail"
        )
        log = base64.b64decode(told["LogResult"]).decode()
        [report] = parse_reports(log)
        assert log.startswith("START RequestId: " + report.request_id)
        assert log.count("REPORT") == 1
