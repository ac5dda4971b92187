"""A function's lines reach CloudWatch while it runs, and its metrics are those of its REPORT."""

from __future__ import annotations

import base64
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from refusals import refusal

from serverless_tax.ground.report import parse_reports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_tax.cloud import LocalCloud

SLOW = """
import time
def handler(event, context):
    print("before")
    time.sleep(1)
    print("after")
"""


@pytest.fixture(scope="module")
def logs(cloud: LocalCloud) -> Any:
    """A client of CloudWatch Logs."""
    return boto3.client("logs", **cloud.boto3_kwargs)


def lines(logs: Any, name: str) -> list[dict[str, Any]]:
    """Every event of a function's group; none while it has no group."""
    try:
        return list(logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"])
    except logs.exceptions.ResourceNotFoundException:
        return []


def test_lines_arrive_while_the_function_runs(logs: Any, deploy: Any) -> None:
    """In order, INIT_START first, each with its own time; the caller's tail begins with START."""
    function = deploy(SLOW)
    with ThreadPoolExecutor() as pool:
        running = pool.submit(function.invoke)
        while not any(one["message"] == "before" for one in lines(logs, function.name)):
            assert not running.done(), "the line came after the answer"
        assert not running.done()
        answer = running.result()

    found = lines(logs, function.name)
    words = [one["message"].split()[0] for one in found]
    assert words == ["INIT_START", "START", "before", "after", "END", "REPORT"]
    at_ms = {word: one["timestamp"] for word, one in zip(words, found, strict=True)}
    assert 900 <= at_ms["after"] - at_ms["before"] < 3000
    assert answer.log.split()[0] == "START"


def test_the_answer_and_the_log_name_one_request(deploy: Any, logs: Any) -> None:
    """Also of an asynchronous call, whose answer comes before its log."""
    function = deploy("def handler(event, context): return context.aws_request_id")
    whole = function.client.invoke(FunctionName=function.name, LogType="Tail")
    [report] = parse_reports(base64.b64decode(whole["LogResult"]).decode())
    later = function.client.invoke(FunctionName=function.name, InvocationType="Event")

    assert whole["ResponseMetadata"]["RequestId"] == report.request_id
    wanted = f"REPORT RequestId: {later['ResponseMetadata']['RequestId']}"
    until = time.monotonic() + 60
    while not any(one["message"].startswith(wanted) for one in lines(logs, function.name)):
        assert time.monotonic() < until, "the asynchronous call has another id in the log"


def summed(metrics: Any, namespace: str, name: str, **dimensions: str) -> float:
    """Return the sum of a metric's points of this hour."""
    now = datetime.now(UTC)
    points = metrics.get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": one} for key, one in dimensions.items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=86_400,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(point["Sum"] for point in points)


def test_durations_metric_is_the_reports(cloud: LocalCloud, deploy: Any) -> None:
    """CloudWatch adds up what the REPORT lines say, INIT apart, and counts each once."""
    function = deploy("import time\ndef handler(event, context): time.sleep(event['s']); 1 / 0")
    reports = [function.invoke(s=s).report for s in (0.05, 0.1)]
    metrics = boto3.client("cloudwatch", **cloud.boto3_kwargs)

    def total(name: str) -> float:
        return summed(metrics, "AWS/Lambda", name, FunctionName=function.name)

    wanted = sum(float(report.duration_ms) for report in reports)
    assert total("Duration") == pytest.approx(wanted, abs=1e-9)
    assert (total("Invocations"), total("Errors"), total("Throttles")) == (2, 2, 0)


def test_a_flood_of_lines_lengthens_nobody_elses_bill(deploy: Any) -> None:
    """While one function writes as fast as it can, another's 100 ms stay about that."""
    flood = deploy("def handler(event, context):\n  for n in range(50_000): print('a line', n)")
    calm = deploy("import time\ndef handler(event, context): time.sleep(0.1)")
    calm.invoke()
    with ThreadPoolExecutor() as pool:
        flooding = pool.submit(flood.invoke)
        billed = []
        while not flooding.done() and len(billed) < 12:
            billed.append(calm.invoke().report.billed_ms)
        flooding.result()

    assert len(billed) > 3, "the flood was over before it was met"
    assert statistics.median(billed) < 200
    assert max(billed) < 600


INSIGHTS = {"startTime": 0, "endTime": 4_000_000_000}


def test_insights_runs_what_it_knows(logs: Any, deploy: Any) -> None:
    """Fields, a filter with a bar in its pattern, sort and limit."""
    function = deploy("def handler(event, context): print('a|b'); print('c')")
    function.invoke()
    query = "fields @message | filter @message like /a\\|b|nothing/ | sort @timestamp | limit 5"
    asked = logs.start_query(
        logGroupName=f"/aws/lambda/{function.name}", queryString=query, **INSIGHTS
    )
    [row] = logs.get_query_results(queryId=asked["queryId"])["results"]
    assert {"field": "@message", "value": "a|b"} in row


@pytest.mark.parametrize(
    "wrong",
    [
        {"queryLanguage": "SQL"},
        {"limit": 10_001},
        {"startTime": 2, "endTime": 1},
    ],
)
def test_insights_refuses_what_it_would_not_heed(
    logs: Any, deploy: Any, wrong: dict[str, Any]
) -> None:
    """A language, a limit and a span."""
    name = f"/aws/lambda/{deploy('def handler(event, context): pass').name}"
    asked = {"logGroupName": name, "queryString": "fields @message", **INSIGHTS}
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.start_query(**{**asked, **wrong})


@pytest.mark.parametrize(
    "query",
    [
        "stats count(*) by bin(1h)",
        'fields @message | filter @type = "REPORT"',
        "fields @duration",
        "fields @message | parse @message /x/",
        "fields @message | display @message",
    ],
)
def test_insights_refuses_what_it_would_leave_out(logs: Any, deploy: Any, query: str) -> None:
    """By the stage that it cannot run, and not with an answer to another question."""
    name = f"/aws/lambda/{deploy('def handler(event, context): pass').name}"
    with pytest.raises(logs.exceptions.MalformedQueryException, match="cannot run"):
        logs.start_query(logGroupName=name, queryString=query, **INSIGHTS)


@pytest.fixture(scope="module")
def group(logs: Any) -> Iterator[str]:
    """Two streams of six thousand lines each, several of a moment."""
    logs.create_log_group(logGroupName="pages")
    began_ms = int(time.time() * 1000) - 60_000
    for stream in ("a/1", "b/1"):
        logs.create_log_stream(logGroupName="pages", logStreamName=stream)
        lines = [
            {"timestamp": began_ms + n // 700, "message": f"{stream} Line {n}"} for n in range(6000)
        ]
        logs.put_log_events(logGroupName="pages", logStreamName=stream, logEvents=lines)
    yield "pages"
    logs.delete_log_group(logGroupName="pages")


@pytest.mark.parametrize(
    ("asked", "size", "most"),
    [
        ({}, None, 12_000),
        ({"logStreamNamePrefix": "b"}, 700, 6_000),
        ({"logStreamNames": ["a/1"], "filterPattern": '"Line 1"'}, 100, 1_111),
    ],
)
def test_events_come_by_pages(
    logs: Any, group: str, asked: dict[str, Any], size: int | None, most: int
) -> None:
    """Each event once, however the pages are cut, and whatever arrives meanwhile."""
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, **asked, PaginationConfig={"PageSize": size}
    )
    found: list[str] = []
    for page in pages:
        assert len(page["events"]) <= (size or 10_000)
        found += [event["message"] for event in page["events"]]
    assert len(found) == len(set(found)) == most


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("Line", 12_000),
        ("line", 0),
        ('"Line 5999"', 2),
        ('?"a/1 Line 5999" ?"b/1 Line 5998"', 2),
        ('Line -"Line 5" -a/1', 4_889),
    ],
)
def test_a_pattern_is_of_terms(logs: Any, group: str, pattern: str, count: int) -> None:
    """In their case, quoted ones whole, one of those with a question mark, none with a dash."""
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern=pattern
    )
    assert sum(len(page["events"]) for page in pages) == count


@pytest.mark.parametrize("pattern", ['{ $.level = "ERROR" }', "[a, b]", "%Line%"])
def test_a_pattern_of_fields_is_refused(logs: Any, group: str, pattern: str) -> None:
    """In place of an answer to another question; so is a token of nobody's."""
    with pytest.raises(logs.exceptions.InvalidParameterException, match="cannot match the pattern"):
        logs.filter_log_events(logGroupName=group, filterPattern=pattern)
    with pytest.raises(logs.exceptions.InvalidParameterException, match="nextToken is invalid"):
        logs.filter_log_events(logGroupName=group, nextToken="other")


def test_lines_become_metrics(cloud: LocalCloud, logs: Any, deploy: Any) -> None:
    """Those that a filter finds, and those in the embedded format; a field is not read."""
    embedded = {
        "_aws": {
            "Timestamp": 0,
            "CloudWatchMetrics": [
                {"Namespace": "Own", "Dimensions": [["kind"]], "Metrics": [{"Name": "tokens"}]}
            ],
        },
        "kind": "chat",
        "tokens": [3, 4],
    }
    function = deploy(
        f"import json\ndef handler(event, context):\n    print('ERROR')\n    print('fine')\n"
        f"    print(json.dumps({embedded}))\n    print('{{\"_aws\": 1}}')\n"
    )
    group = f"/aws/lambda/{function.name}"
    logs.create_log_group(logGroupName=group)
    told = {"metricNamespace": "Own", "metricName": "errors", "metricValue": "2"}
    asked = {"logGroupName": group, "filterName": "one", "filterPattern": "ERROR"}
    logs.put_metric_filter(**asked, metricTransformations=[told])
    for more in ({"metricValue": "$.size"}, {"dimensions": {"a": "$.b"}}):
        with pytest.raises(logs.exceptions.InvalidParameterException, match="local cloud counts"):
            logs.put_metric_filter(**asked, metricTransformations=[{**told, **more}])
    for _ in range(2):
        function.invoke()
    metrics = boto3.client("cloudwatch", **cloud.boto3_kwargs)

    assert summed(metrics, "Own", "errors") == 4
    assert summed(metrics, "Own", "tokens", kind="chat") == 14


def test_a_live_tail_shows_what_a_function_writes(cloud: LocalCloud, deploy: Any) -> None:
    """As it is written, by terms; a pattern that reads fields is refused."""
    function = deploy("def handler(event, context): print('told', event['n'])")
    function.invoke(n=0)
    quick = Config(inject_host_prefix=False)
    logs = boto3.client("logs", config=quick, **cloud.boto3_kwargs)
    group = f"arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/{function.name}"
    asked = {"logGroupIdentifiers": [group]}
    code, _, text = refusal(logs.start_live_tail, **asked, logEventFilterPattern="{ $.a = 1 }")
    assert (code, "looks for terms" in text) == ("InvalidParameterException", True)
    tail = logs.start_live_tail(**asked, logEventFilterPattern="told")["responseStream"]
    said: list[str] = []
    for event in tail:
        if "sessionStart" in event:
            function.invoke(n=1)
        said += [one["message"] for one in event.get("sessionUpdate", {}).get("sessionResults", [])]
        if said:
            break
    tail.close()
    assert [one.strip() for one in said] == ["told 1"]
