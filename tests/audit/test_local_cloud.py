"""The audit of a log made by the local cloud is the bill of what it metered."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from audit_logs import both
from waiters import OFTEN

from serverless_tax import Workload, bill
from serverless_tax.audit.find.findings import findings
from serverless_tax.audit.read.sources import find_sources
from serverless_tax.cli.app import run
from serverless_tax.cloud import LocalCloud
from serverless_tax.cloud.roles import OF_LAMBDA

CODE = """
import time
from metered import metered

@metered
def handler(event, context):
    time.sleep(0.05)
    return event
"""
Made = tuple[Path, list[int], dict[str, Any]]
METER = Path(__file__).parents[2] / "serverless_tax" / "metered.py"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """The events of a function's log group, what its cloud says was billed, and the cloud."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("app.py", CODE)
        package.writestr("metered.py", METER.read_text("utf-8"))
    with LocalCloud() as cloud:
        client, iam = (boto3.client(name, **cloud.boto3_kwargs) for name in ("lambda", "iam"))
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=OF_LAMBDA)
        client.create_function(
            FunctionName="answer", Runtime="python3.12", Handler="app.handler", MemorySize=1024,
            Role="arn:aws:iam::000000000000:role/r", Code={"ZipFile": archive.getvalue()},
        )  # fmt: skip
        client.get_waiter("function_active_v2").wait(FunctionName="answer", WaiterConfig=OFTEN)
        for _ in range(5):
            client.invoke(FunctionName="answer", Payload=b"{}")
        logs = boto3.client("logs", **cloud.boto3_kwargs)
        answer = logs.filter_log_events(logGroupName="/aws/lambda/answer")
        billed = [reading.billed_ms for reading in cloud.readings()]
        path = tmp_path_factory.mktemp("made") / "answer.json"
        path.write_text(json.dumps({"events": answer["events"]}))
        yield path, billed, cloud.boto3_kwargs


@pytest.mark.parametrize("name", ["/aws/lambda/answer", "/aws/lambda/*"])
def test_a_log_group_of_the_local_cloud_is_read(
    name: str, made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It answers queries with lines, so its events are read, and that is said."""
    _, billed, client = made
    monkeypatch.setenv("AWS_ENDPOINT_URL", client["endpoint_url"])
    for key in ("aws_access_key_id", "aws_secret_access_key"):
        monkeypatch.setenv(key.upper(), client[key])
    assert run(["audit", f"log-group:{name}", "--yes", "--json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    (one,) = found["functions"]
    assert (one["name"], one["invocations"], one["billed_ms"]) == ("answer", 5, sum(billed))
    assert one["waiting"]["how"] == "measured"
    assert "events of the log groups were read one by one" in " ".join(found["totals"]["notes"])


def test_the_audit_is_the_bill_of_what_was_metered(made: Made) -> None:
    """Invocations, milliseconds and dollars; the waiting is measured by the meter in the log."""
    path, billed, _ = made
    sums = both(path)
    found = findings(sums, find_sources([str(path)]))
    assert found.total("invocations") == len(billed) == 5
    assert found.total("billed_ms") == sum(billed)
    (one,) = found.functions
    assert one.name == "answer"
    assert one.cold_starts == 1
    expected = sum(
        bill("aws-lambda", Workload(requests_per_month=1, memory_mb=1024, wait_ms=ms)).total
        for ms in billed
    )
    assert found.usd == pytest.approx(expected, rel=1e-9)
    assert one.waiting.how == "measured"
    assert one.waiting.cpu_share is not None
    assert one.waiting.cpu_share < 0.5
