"""A session's bill is what its REPORT lines say, and the audit reconciles with it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from serverless_tax.bill.session import CUR_FILE, FOCUS_FILE, write_bill
from serverless_tax.cli.app import run

if TYPE_CHECKING:
    from pathlib import Path

    from serverless_tax.cloud import LocalCloud


def test_the_audit_reconciles_with_a_sessions_bill(
    cloud: LocalCloud, deploy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """GB-seconds and requests of the log and of both tables are one number."""
    function = deploy("import time\ndef handler(event, context): time.sleep(event['s'])", timeout=1)
    billed_ms = [function.invoke(s=s).report.billed_ms for s in (0.05, 0.0, 3)]
    readings = [one for one in cloud.readings() if one.function == function.name]
    lines = write_bill(readings, tmp_path)
    logs = boto3.client("logs", **cloud.boto3_kwargs)
    found = logs.filter_log_events(logGroupName=f"/aws/lambda/{function.name}")
    log = tmp_path / "log.json"
    log.write_text(json.dumps({"events": found["events"]}))

    gb_seconds = Decimal(sum(billed_ms) * 128) / 1_024_000
    assert sum(line.amount for line in lines if line.unit == "GB-Seconds") == gb_seconds
    for file in (CUR_FILE, FOCUS_FILE):
        words = ["audit", str(log), "--function", function.name, "--json"]
        assert run([*words, "--reconcile", str(tmp_path / file)]) == 0
        told = json.loads(capsys.readouterr().out)["reconciled"]
        assert told["gb_seconds"] == pytest.approx(float(gb_seconds), rel=1e-12)
        assert told["log_gb_seconds"] == pytest.approx(float(gb_seconds), rel=1e-12)
        assert (told["requests"], told["log_requests"]) == (3, 3)
