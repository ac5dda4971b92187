"""Log groups of an account: the queries word for word, the price before, the polling, the sums."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from serverless_tax.audit.find.findings import findings
from serverless_tax.audit.read import insights
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.cli.app import run
from serverless_tax.ground.units import InvalidQuantity

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
KEYS = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "none")
KEYS["region_name"] = "us-east-1"
GROUP = "/aws/lambda/rag"
GOLDEN = """fields coalesce(@billedDuration, record.metrics.billedDurationMs) as billed,
  coalesce(@duration, record.metrics.durationMs) as length,
  coalesce(@memorySize / 1000000, record.metrics.memorySizeMB) as memory,
  coalesce(@maxMemoryUsed / 1000000, record.metrics.maxMemoryUsedMB) as used,
  coalesce(@initDuration, record.metrics.initDurationMs, 0) as init,
  coalesce(record.status, "") as status,
  strcontains(@message, "Status: timeout") + strcontains(status, "timeout") as timed_out,
  strcontains(@message, "Status: error") + strcontains(status, "error") as crashed
| filter @type = "REPORT" or type = "platform.report"
"""
GOLDEN_LENGTHS = """| stats count(*) as calls, sum(billed) as billed_ms, sum(length) as length_ms,
  sum(ceil(length)) as whole_ms, max(used) as peak_mb,
  min(@timestamp) as first_ms, max(@timestamp) as last_ms
  by @log, memory as memory_mb, init > 0 as cold, timed_out, crashed,
  floor(33 * log(billed + 1)) as step
| limit 10000"""
GOLDEN_DAYS = """| stats count(*) as calls, sum(billed) as billed_ms
  by @log, memory as memory_mb, bin(1d) as day
| limit 10000"""
BY_LENGTH = {
    "@log": f"111122223333:{GROUP}",
    "memory_mb": "1024",
    "cold": "0",
    "timed_out": "0",
    "crashed": "0",
    "step": "200",
    "calls": "90",
    "billed_ms": "9000",
    "length_ms": "8955.5",
    "whole_ms": "9000",
    "peak_mb": "90",
    "first_ms": "1793527200000",
    "last_ms": "1794391200000",
}
COLD = BY_LENGTH | {"cold": "1", "calls": "10", "billed_ms": "1800", "whole_ms": "1000"}
BY_DAY = {
    "@log": f"111122223333:{GROUP}",
    "memory_mb": "1024",
    "day": "2026-11-01 00:00:00.000",
    "calls": "100",
    "billed_ms": "10800",
}


def answer(*rows: dict[str, str], status: str = "Complete") -> dict[str, Any]:
    """What GetQueryResults says."""
    cells = [[{"field": name, "value": value} for name, value in row.items()] for row in rows]
    return {"status": status, "results": cells, "statistics": {"bytesScanned": 1.0}}


@pytest.fixture
def asked() -> insights.Window:
    """Thirty days of one group."""
    return insights.window([GROUP], 30, NOW)


@pytest.fixture
def stubbed() -> Iterator[tuple[Any, Stubber]]:
    """A client of CloudWatch Logs that answers from a list."""
    client = boto3.client("logs", **KEYS)
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def started(stubber: Stubber, query: str) -> None:
    """Expect a query to be started with these words."""
    expected = {
        "logGroupNames": [GROUP],
        "startTime": int(NOW.timestamp()) - 30 * 86_400,
        "endTime": int(NOW.timestamp()),
        "queryString": query,
        "limit": 10_000,
    }
    stubber.add_response("start_query", {"queryId": "q"}, expected)


def test_the_queries_are_these_word_for_word() -> None:
    """They cannot be run here, so a change of them is a decision."""
    assert insights.LENGTHS == GOLDEN + GOLDEN_LENGTHS
    assert insights.DAYS == GOLDEN + GOLDEN_DAYS
    assert all(len(query) < 10_000 for query in insights.QUERIES)


def summed(client: Any, stubber: Stubber, asked: insights.Window) -> tuple[Tally, list[float]]:
    """Run both queries; the first is looked at three times."""
    started(stubber, insights.LENGTHS)
    stubber.add_response("get_query_results", answer(status="Scheduled"), {"queryId": "q"})
    stubber.add_response("get_query_results", answer(BY_LENGTH, status="Running"), {"queryId": ANY})
    stubber.add_response("get_query_results", answer(BY_LENGTH, COLD), {"queryId": "q"})
    started(stubber, insights.DAYS)
    stubber.add_response("get_query_results", answer(BY_DAY), {"queryId": "q"})
    waits: list[float] = []
    return insights.tally(asked, client, waits.append), waits


def test_a_query_is_polled_to_its_end(stubbed: tuple[Any, Stubber], asked: insights.Window) -> None:
    """Rows of a running query are a part only, and are not counted."""
    sums, waits = summed(*stubbed, asked)
    assert waits == [1.0, 1.0]
    assert sum(group.sums.invocations for group in sums.groups.values()) == 100


def test_its_sums_become_findings(stubbed: tuple[Any, Stubber], asked: insights.Window) -> None:
    """Function, GB-seconds, cold starts and what INIT added, exactly."""
    sums, _ = summed(*stubbed, asked)
    found = findings(sums, insights.sources(asked))
    (one,) = found.functions
    assert (one.name, one.invocations, one.billed_ms) == ("rag", 100, 10_800)
    assert one.gb_seconds == 10.8
    assert one.cold_starts == 10
    assert one.init_share == pytest.approx(800 / 10_800)
    assert found.period.days == (date(2026, 11, 1),)
    assert found.period.span_days == pytest.approx(10, abs=0.001)


def test_each_row_is_calls_that_were_much_alike(
    stubbed: tuple[Any, Stubber], asked: insights.Window
) -> None:
    """90 calls of 100 ms and 10 cold ones of 180; 2 that timed out at 1,000, 3 that crashed at 20.

    The sums are exact, and of a step of three per cent each call counts as the mean.
    """
    client, stubber = stubbed
    late = BY_LENGTH | {"timed_out": "1", "calls": "2", "billed_ms": "2000", "peak_mb": "250"}
    crash = BY_LENGTH | {"crashed": "1", "calls": "3", "billed_ms": "60", "peak_mb": "80"}
    started(stubber, insights.LENGTHS)
    rows = answer(BY_LENGTH, COLD, late, crash)
    stubber.add_response("get_query_results", rows, {"queryId": "q"})
    started(stubber, insights.DAYS)
    stubber.add_response("get_query_results", answer(BY_DAY), {"queryId": "q"})
    sums = insights.tally(asked, client)
    warm, cold = (sums.groups["report", f"log-group:{GROUP}", "", 1024, k].sums for k in (0, 1))
    assert warm.duration_total_ns == 3 * 8_955_500_000
    assert (cold.cold_starts, cold.billed_inits, cold.init_billed_ms) == (10, 10, 800)
    assert (warm.cold_starts, warm.billed_inits, warm.free_inits) == (0, 0, 0)
    (one,) = findings(sums, insights.sources(asked)).functions
    assert (one.timeouts, one.crashes, one.invocations) == (2, 3, 105)
    assert one.timeout_usd == pytest.approx(2 * 0.0000166667)
    assert one.crash_usd == pytest.approx(0.06 * 0.0000166667)
    (size,) = one.sizes
    assert (size.p50_ms, size.p99_ms, size.peak_used_mb) == (100, 1000, 250)


@pytest.mark.parametrize("status", ["Failed", "Cancelled", "Timeout"])
def test_a_query_that_failed_is_no_answer(
    status: str, stubbed: tuple[Any, Stubber], asked: insights.Window
) -> None:
    """The sentence says how it ended."""
    client, stubber = stubbed
    started(stubber, insights.LENGTHS)
    stubber.add_response("get_query_results", answer(status=status), {"queryId": "q"})
    with pytest.raises(InvalidQuantity, match=status):
        insights.tally(asked, client, lambda _: None)


def test_who_leaves_stops_the_query(stubbed: tuple[Any, Stubber], asked: insights.Window) -> None:
    """It would go on scanning, and be billed."""
    client, stubber = stubbed
    started(stubber, insights.LENGTHS)
    stubber.add_response("get_query_results", answer(status="Running"), {"queryId": "q"})
    stubber.add_response("stop_query", {"success": True}, {"queryId": "q"})

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        insights.tally(asked, client, interrupted)


def test_an_answer_that_is_cut_off_is_refused(
    stubbed: tuple[Any, Stubber], asked: insights.Window
) -> None:
    """At the limit there may have been more rows."""
    client, stubber = stubbed
    started(stubber, insights.LENGTHS)
    stubber.add_response("get_query_results", answer(*[BY_LENGTH] * 10_000), {"queryId": "q"})
    with pytest.raises(InvalidQuantity, match="more rows"):
        insights.tally(asked, client, lambda _: None)


def test_the_price_is_that_of_what_the_group_took_in(asked: insights.Window) -> None:
    """A gibibyte in thirty days, scanned twice, at half a cent."""
    client = boto3.client("cloudwatch", **KEYS)
    points = [{"Sum": 2.0**29, "Timestamp": NOW}] * 2
    with Stubber(client) as stubber:
        stubber.add_response("get_metric_statistics", {"Datapoints": points}, {
            "Namespace": "AWS/Logs", "MetricName": "IncomingBytes", "Period": 86_400,
            "Dimensions": [{"Name": "LogGroupName", "Value": GROUP}], "Statistics": ["Sum"],
            "StartTime": asked.start, "EndTime": asked.end,
        })  # fmt: skip
        gigabytes = insights.scanned_gb(asked, client)
    assert gigabytes == 2.0
    assert insights.scan_usd(gigabytes, date(2026, 11, 27)) == pytest.approx(0.01)


def test_what_the_group_has_deleted_is_said(
    stubbed: tuple[Any, Stubber], asked: insights.Window
) -> None:
    """Retention shorter than what is asked for."""
    client, stubber = stubbed
    groups = [{"logGroupName": GROUP, "retentionInDays": 14}]
    stubber.add_response(
        "describe_log_groups", {"logGroups": groups}, {"logGroupNamePrefix": GROUP}
    )
    assert insights.retention(asked, client) == [
        f"{GROUP} keeps its lines for 14 days: older ones are gone."
    ]


@pytest.mark.parametrize(("days", "groups"), [(0, 1), (-1, 1), (5000, 1), (30, 51)])
def test_what_cannot_be_asked_is_refused(days: float, groups: int) -> None:
    """A length of time that is none, and more groups than a query takes."""
    with pytest.raises(InvalidQuantity):
        insights.window(["g"] * groups, days, NOW)


def test_nothing_is_scanned_without_a_yes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The price is shown; in a pipe nobody can agree to it."""
    monkeypatch.setattr(insights, "scanned_gb", lambda *_: 2.0)
    monkeypatch.setattr(insights, "tally", lambda *_: pytest.fail("it scanned"))
    assert run(["audit", f"log-group:{GROUP}"]) == 2
    said = capsys.readouterr().err
    assert "scan about 2 GB in us-east-1, for $0.01" in said
    assert "--yes" in said


def test_with_a_yes_the_group_is_audited(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    stubbed: tuple[Any, Stubber], asked: insights.Window,
) -> None:  # fmt: skip
    """The same report as of a file, and what is only to three per cent is said."""
    sums, _ = summed(*stubbed, asked)
    monkeypatch.setattr(insights, "scanned_gb", lambda *_: 2.0)
    monkeypatch.setattr(insights, "retention", lambda *_: [])
    monkeypatch.setattr(insights, "tally", lambda *_: sums)
    assert run(["audit", f"log-group:{GROUP}", "--yes"]) == 0
    said = capsys.readouterr().out
    assert "rag" in said
    assert "to three per cent" in said
