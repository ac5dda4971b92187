"""Log groups of an account: the queries word for word, the price before, the polling, the sums."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from audit_logs import line
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


def test_lines_for_an_answer_are_seen_on_any_endpoint(
    stubbed: tuple[Any, Stubber], asked: insights.Window
) -> None:
    """An emulator that ignores what is to be added up returns the lines; its events are read."""
    client, stubber = stubbed
    started(stubber, insights.LENGTHS)
    raw = {"@timestamp": "2026-11-01 10:00:00.000", "@message": line(), "@ptr": "p"}
    stubber.add_response("get_query_results", answer(raw, raw), {"queryId": "q"})
    event = {"timestamp": 1793527200000, "message": f"{line()}\n", "logStreamName": "a"}
    stubber.add_response("filter_log_events", {"events": [event]})
    sums = insights.tally(asked, client)
    assert sums.by_events
    (one,) = findings(sums, insights.sources(asked)).functions
    assert (one.name, one.invocations, one.billed_ms) == ("rag", 1, 100)


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
    groups = [{"logGroupName": GROUP, "retentionInDays": 14}, {"logGroupName": GROUP + "-2"}]
    stubber.add_response(
        "describe_log_groups", {"logGroups": groups}, {"logGroupNamePrefix": GROUP}
    )
    found = insights.listed([GROUP], client)
    assert list(found) == [GROUP]
    assert insights.retention(asked, found) == [
        f"{GROUP} keeps its lines for 14 days: older ones are gone."
    ]


@pytest.mark.parametrize("days", [0, -1, 5000])
def test_a_length_of_time_that_is_none_is_refused(days: float) -> None:
    """Nothing can be asked for it."""
    with pytest.raises(InvalidQuantity):
        insights.window(["g"], days, NOW)


def test_a_star_names_all_the_groups_of_an_account(stubbed: tuple[Any, Stubber]) -> None:
    """Over pages; what only begins alike and does not fit is left out."""
    client, stubber = stubbed
    names = [f"/aws/lambda/f{k}" for k in range(60)]
    pages = [names[:50], [*names[50:], "/aws/lambda-insights"]]
    for k, page in enumerate(pages):
        answered = {"logGroups": [{"logGroupName": name} for name in page]}
        asked = {"logGroupNamePrefix": "/aws/lambda/"} | ({"nextToken": "more"} if k else {})
        stubber.add_response(
            "describe_log_groups", answered | ({} if k else {"nextToken": "more"}), asked
        )
    assert list(insights.listed(["/aws/lambda/*"], client)) == names


def test_a_group_that_is_not_there_is_refused(stubbed: tuple[Any, Stubber]) -> None:
    """By its name."""
    client, stubber = stubbed
    stubber.add_response("describe_log_groups", {"logGroups": []}, {"logGroupNamePrefix": "gone"})
    with pytest.raises(InvalidQuantity, match="no log group gone"):
        insights.listed(["gone"], client)


class Account:
    """An account of fourteen functions, whose client's user leaves at a query."""

    def __init__(self, leaves_at: int = 99) -> None:
        self.names = [f"/aws/lambda/f{k:02d}" for k in range(14)]
        self.asked: list[tuple[str, ...]] = []
        self._leaves_at = leaves_at

    def client(self, service: str) -> Any:
        """A client with Stubber's answers: botocore checks each call against AWS's own model."""
        made = botocore.session.get_session().create_client(service, **KEYS)
        stubber = Stubber(made)
        if service == "cloudwatch":
            for _ in self.names:
                stubber.add_response("get_metric_statistics", {"Datapoints": [{"Sum": 2.0**30}]})
        else:
            listed = {"logGroups": [{"logGroupName": name} for name in self.names]}
            stubber.add_response("describe_log_groups", listed)
            self._queries(made, stubber)
        stubber.activate()
        return made

    def _queries(self, made: Any, stubber: Stubber) -> None:
        for batch in (self.names[:10], self.names[10:]):
            for row in (BY_LENGTH, BY_DAY):
                stubber.add_response("start_query", {"queryId": "q"})
                rows = [row | {"@log": f"111122223333:{name}"} for name in batch]
                stubber.add_response("get_query_results", answer(*rows))
        made.meta.events.register("before-parameter-build.logs.StartQuery", self._started)

    def _started(self, params: Any, **_: Any) -> None:
        if len(self.asked) == self._leaves_at:
            raise KeyboardInterrupt
        self.asked.append(tuple(params["logGroupNames"]))


def run_in(account: Account, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run the command in an account."""
    monkeypatch.setattr(boto3.Session, "client", lambda _, name: account.client(name))
    return run(["audit", "log-group:/aws/lambda/*", "--yes", "--json", *words])


def test_who_was_interrupted_goes_on_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The price is that of the rest, and no answer that was paid for is asked for again."""
    state = tmp_path / "answers.json"
    left = Account(leaves_at=3)
    with pytest.raises(SystemExit, match="130"):
        run_in(left, monkeypatch, "--resume", str(state))
    assert "scan about 28 GB" in capsys.readouterr().err
    assert len(left.asked) == 3
    second = Account()
    for name in second.names[:10]:  # the price of what is left is asked for only
        assert name in state.read_text()
    monkeypatch.setattr(Account, "_queries", only_the_last)
    assert run_in(second, monkeypatch, "--resume", str(state)) == 0
    said = capsys.readouterr()
    assert "scan about 4 GB" in said.err
    assert second.asked == [tuple(second.names[10:])]
    found = json.loads(said.out)
    assert len(found["functions"]) == 14
    assert found["totals"]["invocations"] == 14 * 90


def only_the_last(account: Account, made: Any, stubber: Stubber) -> None:
    """Answer the query that the first run did not come to."""
    stubber.add_response("start_query", {"queryId": "q"})
    rows = [BY_DAY | {"@log": f"111122223333:{name}"} for name in account.names[10:]]
    stubber.add_response("get_query_results", answer(*rows))
    made.meta.events.register("before-parameter-build.logs.StartQuery", account._started)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("no JSON", "holds no answers"),
        ("{}", "holds no answers"),
        (
            json.dumps(
                {
                    "asked": {"words": ["/a"], "region": "eu-west-1", "days": 7, "end_s": 1},
                    "rows": {},
                }
            ),
            "is of /a in eu-west-1 over 7 days",
        ),
    ],
)
def test_a_file_of_other_answers_is_refused(
    text: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Before anything is asked, and it is left as it is."""
    state = tmp_path / "answers.json"
    state.write_text(text)
    assert run_in(Account(), monkeypatch, "--resume", str(state)) == 2
    assert sentence in capsys.readouterr().err
    assert state.read_text() == text


def test_nothing_is_scanned_without_a_yes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The price is shown; in a pipe nobody can agree to it."""
    monkeypatch.setattr(insights, "listed", lambda *_: {GROUP: None})
    monkeypatch.setattr(insights, "scanned_gb", lambda *_: 2.0)
    monkeypatch.setattr(insights, "tally", lambda *_, **__: pytest.fail("it scanned"))
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
    monkeypatch.setattr(insights, "listed", lambda *_: {GROUP: None})
    monkeypatch.setattr(insights, "tally", lambda *_, **__: sums)
    assert run(["audit", f"log-group:{GROUP}", "--yes"]) == 0
    said = capsys.readouterr().out
    assert "rag" in said
    assert "to three per cent" in said
