"""Log groups of an account, added up where they are: two queries of CloudWatch Logs Insights.

Only sums leave the account's region. The first query groups by length, in steps of three per cent,
and the second by day; each scans a group once, and that is billed. Many groups are asked some at a
time, which costs the same. Fields and functions:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html.
The queries are held by a test word for word and have not been run on AWS. The local clouds that
were tried do not add up what ``stats`` says: they refuse it, or their rows are the lines
themselves. Either is seen, and the group's events are then read one by one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from glob import has_magic
from typing import Any

from serverless_tax.audit.read.kept import KeptAnswers
from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.read.where import function_of_log_group
from serverless_tax.audit.run import of_lines
from serverless_tax.audit.sums.table import FAILED, TIMEOUT, WRITTEN, Sums
from serverless_tax.audit.sums.tally import Alike, Key, Tally
from serverless_tax.ground.show import many
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.aws_logs import GB
from serverless_tax.prices import price_sheet

#: What a log group is called on the command line.
PREFIX = "log-group:"

#: Rows that a query may return before they would be cut off.
MOST_ROWS = 10_000
#: Log groups of one query: it takes 50, and fewer of them have fewer rows together.
AT_ONCE = 10

_WAIT_S = 1.0
_OVER = ("Failed", "Cancelled", "Timeout", "Unknown")

# The memory is in bytes, a million to the MB. Functions that log as JSON have no @-fields.
_PARTS = """fields coalesce(@billedDuration, record.metrics.billedDurationMs) as billed,
  coalesce(@duration, record.metrics.durationMs) as length,
  coalesce(@memorySize / 1000000, record.metrics.memorySizeMB) as memory,
  coalesce(@maxMemoryUsed / 1000000, record.metrics.maxMemoryUsedMB) as used,
  coalesce(@initDuration, record.metrics.initDurationMs, 0) as init,
  coalesce(record.status, "") as status,
  strcontains(@message, "Status: timeout") + strcontains(status, "timeout") as timed_out,
  strcontains(@message, "Status: error") + strcontains(status, "error") as crashed
| filter @type = "REPORT" or type = "platform.report"
"""

LENGTHS = (
    _PARTS
    + """| stats count(*) as calls, sum(billed) as billed_ms, sum(length) as length_ms,
  sum(ceil(length)) as whole_ms, max(used) as peak_mb,
  min(@timestamp) as first_ms, max(@timestamp) as last_ms
  by @log, memory as memory_mb, init > 0 as cold, timed_out, crashed,
  floor(33 * log(billed + 1)) as step
| limit 10000"""
)
"""The query for lengths: exact sums of each step, so that only percentiles are rounded."""

DAYS = (
    _PARTS
    + """| stats count(*) as calls, sum(billed) as billed_ms
  by @log, memory as memory_mb, bin(1d) as day
| limit 10000"""
)
"""The query for days."""

QUERIES = (LENGTHS, DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is asked: log groups, and from when to when."""

    groups: tuple[str, ...]
    start: datetime
    end: datetime


def window(groups: Sequence[str], days: float, now: datetime | None = None) -> Window:
    """Return the last days of some log groups.

    Raises:
        InvalidQuantity: for a length that is none.
    """
    if not 0 < days <= 3650:  # noqa: PLR2004 - ten years
        msg = f"--days is {days:g}; expected more than 0 and at most 3650."
        raise InvalidQuantity(msg)
    end = (now or datetime.now(UTC)).replace(microsecond=0)
    return Window(groups=tuple(groups), start=end - timedelta(days=days), end=end)


def listed(words: Sequence[str], logs: Any) -> dict[str, int | None]:
    """Return the log groups that some words name, and for how many days each keeps its lines.

    A word may have stars in it: ``/aws/lambda/*`` are the groups of all functions.

    Args:
        words: names and patterns.
        logs: a client of CloudWatch Logs.

    Raises:
        InvalidQuantity: for a word that names none.
    """
    found: dict[str, int | None] = {}
    for word in words:
        prefix = re.split("[*?]", word)[0]
        pages = logs.get_paginator("describe_log_groups").paginate(
            **({"logGroupNamePrefix": prefix} if prefix else {})
        )
        named = {
            one["logGroupName"]: one.get("retentionInDays")
            for page in pages
            for one in page["logGroups"]
            if one["logGroupName"] == word
            or (has_magic(word) and fnmatchcase(one["logGroupName"], word))
        }
        if not named:
            msg = f"There is no log group {word} there; see aws logs describe-log-groups."
            raise InvalidQuantity(msg)
        found |= named
    return found


def scanned_gb(asked: Window, metrics: Any, kept: KeptAnswers | None = None) -> float:
    """Return about how many gigabytes the queries scan: what the groups took in, for each query.

    Args:
        asked: groups and time.
        metrics: a client of CloudWatch.
        kept: answers that need not be asked for again.
    """
    total = 0.0
    for some in _batches(asked.groups):
        queries = sum(kept is None or kept.get(name, some) is None for name in _NAMES)
        if queries:
            total += queries * sum(_taken_in_bytes(group, asked, metrics) for group in some)
    return total / GB


def _taken_in_bytes(group: str, asked: Window, metrics: Any) -> float:
    answer = metrics.get_metric_statistics(
        Namespace="AWS/Logs",
        MetricName="IncomingBytes",
        Dimensions=[{"Name": "LogGroupName", "Value": group}],
        StartTime=asked.start,
        EndTime=asked.end,
        Period=86_400,
        Statistics=["Sum"],
    )
    return sum(float(point["Sum"]) for point in answer["Datapoints"])


def scan_usd(gigabytes: float, day: Any, region: str = "us-east-1") -> float:
    """Return what scanning that much costs, in USD, at the sheet's price.

    Raises:
        UnknownPrice: if there is none for that region.
    """
    price = price_sheet("aws-logs", region).on(day)["insights_scanned_gb"]
    return gigabytes * float(price.tiers[0][1])


def retention(asked: Window, days: Mapping[str, int | None]) -> list[str]:
    """Return a sentence for each group that has deleted a part of what is asked.

    Args:
        asked: groups and time.
        days: for how many each keeps its lines.
    """
    return [
        f"{group} keeps its lines for {many(kept, 'day')}: older ones are gone."
        for group in asked.groups
        if (kept := days.get(group)) and timedelta(days=kept) < asked.end - asked.start
    ]


def tally(
    asked: Window,
    logs: Any,
    sleep: Callable[[float], None] = time.sleep,
    kept: KeptAnswers | None = None,
    said: Callable[[int, int], None] = lambda *_: None,
) -> Tally:
    """Add up log groups where they are.

    Args:
        asked: groups and time.
        logs: a client of CloudWatch Logs.
        sleep: how to wait between two looks at a query.
        kept: the answers so far, to which each new one is added.
        said: called with how many groups are read, and of how many.

    Raises:
        InvalidQuantity: if a query fails, or has more rows than it may return.
    """
    sums, read = Tally(), 0
    for some in _batches(asked.groups):
        answers = {}
        for name, query in zip(_NAMES, QUERIES, strict=True):
            rows = kept.get(name, some) if kept else None
            if rows is None:
                rows = _sums(query, some, asked, logs, sleep)
                if rows is None:
                    break
                if kept:
                    kept.put(name, some, rows)
            answers[name] = rows
        if len(answers) == len(_NAMES):
            for row in answers["lengths"]:
                sums.add_alike(_length_row(row))
            for row in answers["days"]:
                sums.add_alike(_day_row(row))
        else:
            for group in some:
                sums.add(_by_events(group, asked, logs))
        read += len(some)
        said(read, len(asked.groups))
    return sums


_NAMES = ("lengths", "days")


def _batches(groups: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for begin in range(0, len(groups), AT_ONCE):
        yield tuple(groups[begin : begin + AT_ONCE])


def _sums(
    query: str, groups: Sequence[str], asked: Window, logs: Any, sleep: Callable[[float], None]
) -> list[dict[str, str]] | None:
    """Return what a query adds up; None where the endpoint is not AWS's and does not add up."""
    try:
        rows = _answer(query, groups, asked, logs, sleep)
    except logs.exceptions.MalformedQueryException:
        if "amazonaws.com" in logs.meta.endpoint_url:
            raise
        return None
    return rows if _are_sums(rows) else None


def _are_sums(rows: Sequence[Mapping[str, str]]) -> bool:
    """Whether rows are what ``stats`` returns; an endpoint that ignores it answers with lines."""
    return all("calls" in row and "@log" in row for row in rows)


def _by_events(group: str, asked: Window, logs: Any) -> Tally:
    """Read a group's events one by one, where its endpoint does not add up."""
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        startTime=int(asked.start.timestamp() * 1000),
        endTime=int(asked.end.timestamp() * 1000),
    )
    lines = (
        f"{datetime.fromtimestamp(event['timestamp'] / 1000, UTC).isoformat()[:19]}Z {line}"
        for page in pages
        for event in page["events"]
        for line in event["message"].splitlines()
    )
    sums = of_lines(Source(PREFIX + group, None), lines)
    sums.by_events = True
    return sums


def sources(asked: Window) -> list[Source]:
    """Return the groups as logs with names."""
    return [
        Source(PREFIX + group, None, function=function_of_log_group(group))
        for group in asked.groups
    ]


def _answer(
    query: str, groups: Sequence[str], asked: Window, logs: Any, sleep: Callable[[float], None]
) -> list[dict[str, str]]:
    """Run a query to its end; while it runs, its rows are only a part of the answer."""
    query_id = logs.start_query(
        logGroupNames=list(groups),
        startTime=int(asked.start.timestamp()),
        endTime=int(asked.end.timestamp()),
        queryString=query,
        limit=MOST_ROWS,
    )["queryId"]
    try:
        answer = _polled(query_id, logs, sleep)
    except InvalidQuantity:  # it is over already
        raise
    except BaseException:
        logs.stop_query(queryId=query_id)  # it would go on scanning, and be billed
        raise
    rows = [{cell["field"]: cell.get("value", "") for cell in row} for row in answer["results"]]
    if len(rows) >= MOST_ROWS and _are_sums(rows):
        msg = "The log groups have more rows than a query returns; ask for fewer --days."
        raise InvalidQuantity(msg)
    return rows


def _polled(query_id: str, logs: Any, sleep: Callable[[float], None]) -> Any:
    while True:
        answer = logs.get_query_results(queryId=query_id)
        if answer["status"] == "Complete":
            return answer
        if answer["status"] in _OVER:
            msg = f"The query of the log groups ended as {answer['status']}; run it again."
            raise InvalidQuantity(msg)
        sleep(_WAIT_S)


def _length_row(row: Mapping[str, str]) -> Alike:
    """Return what a row of the query for lengths says: sums of calls that were much alike."""
    calls, billed_ms = _whole(row, "calls"), _whole(row, "billed_ms")
    cold = int(row.get("cold", "0") in ("1", "true"))
    adds_ms = max(billed_ms - _whole(row, "whole_ms"), 0) if cold else 0
    crashed = FAILED[0] if _whole(row, "crashed") else None
    said = {
        "billed_ms": billed_ms,
        "duration_ns": int(Decimal(row.get("length_ms") or 0) * 10**6),
        "cold": cold,
        "init_billed": (1 if adds_ms else 0) if cold else None,
        "init_added_ms": adds_ms,
        "status": TIMEOUT[0] if _whole(row, "timed_out") else crashed,
        "max_memory_used_mb": _whole(row, "peak_mb"),
    }
    first, last = (Sums.of({WRITTEN: _moment(row, name)}, 0) for name in ("first_ms", "last_ms"))
    sums = Sums.of(said, calls)
    sums.add(first)
    sums.add(last)
    return Alike(_key(row, cold), round(billed_ms / calls) if calls else 0, None, sums)


def _day_row(row: Mapping[str, str]) -> Alike:
    # The days are not told apart by cold and warm: all of them stand with the warm.
    sums = Sums.of({"billed_ms": _whole(row, "billed_ms")}, _whole(row, "calls"))
    return Alike(_key(row, 0), None, row["day"][:10], sums)


def _key(row: Mapping[str, str], cold: int) -> Key:
    group = row["@log"].partition(":")[2] or row["@log"]
    return "report", PREFIX + group, "", _whole(row, "memory_mb"), cold


def _whole(row: Mapping[str, str], name: str) -> int:
    return round(float(row.get(name) or 0))


def _moment(row: Mapping[str, str], name: str) -> str:
    """Return a time of the answer, which is in milliseconds or written out, as the log has it."""
    text = row.get(name) or ""
    if text.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(text) / 1000, UTC).isoformat()[:19]
    return text[:19].replace(" ", "T")
