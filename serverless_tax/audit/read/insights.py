"""A log group of an account, added up where it is: two queries of CloudWatch Logs Insights.

Only sums leave the account's region. The first query groups by length, in steps of three per cent,
and the second by day; each scans the group once, and that is billed. Fields and functions:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html.
The queries are held by a test word for word and have not been run on AWS; the local clouds that
were tried do not add up what ``stats`` says.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.read.where import function_of_log_group
from serverless_tax.audit.sums.table import FAILED, TIMEOUT, WRITTEN, Sums
from serverless_tax.audit.sums.tally import Alike, Key, Tally
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.aws_logs import GB
from serverless_tax.prices import price_sheet

#: What a log group is called on the command line.
PREFIX = "log-group:"

#: Rows that a query may return before they would be cut off.
MOST_ROWS = 10_000
#: Log groups that one query takes.
MOST_GROUPS = 50

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

    def check(self) -> None:
        """Refuse more groups than one query takes.

        Raises:
            InvalidQuantity: saying how many it takes.
        """
        if len(self.groups) > MOST_GROUPS:
            msg = f"{len(self.groups)} log groups were named; a query takes {MOST_GROUPS} at most."
            raise InvalidQuantity(msg)


def window(groups: Sequence[str], days: float, now: datetime | None = None) -> Window:
    """Return the last days of some log groups.

    Raises:
        InvalidQuantity: for a length that is none.
    """
    if not 0 < days <= 3650:  # noqa: PLR2004 - ten years
        msg = f"--days is {days:g}; expected more than 0 and at most 3650."
        raise InvalidQuantity(msg)
    end = (now or datetime.now(UTC)).replace(microsecond=0)
    asked = Window(groups=tuple(groups), start=end - timedelta(days=days), end=end)
    asked.check()
    return asked


def scanned_gb(asked: Window, metrics: Any) -> float:
    """Return about how many gigabytes the queries scan: what the groups took in, for each query.

    Args:
        asked: groups and time.
        metrics: a client of CloudWatch.
    """
    total = 0.0
    for group in asked.groups:
        answer = metrics.get_metric_statistics(
            Namespace="AWS/Logs",
            MetricName="IncomingBytes",
            Dimensions=[{"Name": "LogGroupName", "Value": group}],
            StartTime=asked.start,
            EndTime=asked.end,
            Period=86_400,
            Statistics=["Sum"],
        )
        total += sum(point["Sum"] for point in answer["Datapoints"])
    return total * len(QUERIES) / GB


def scan_usd(gigabytes: float, day: Any, region: str = "us-east-1") -> float:
    """Return what scanning that much costs, in USD, at the sheet's price.

    Raises:
        UnknownPrice: if there is none for that region.
    """
    price = price_sheet("aws-logs", region).on(day)["insights_scanned_gb"]
    return gigabytes * float(price.tiers[0][1])


def retention(asked: Window, logs: Any) -> list[str]:
    """Return a sentence for each group that has deleted a part of what is asked.

    Args:
        asked: groups and time.
        logs: a client of CloudWatch Logs.
    """
    said = []
    for group in asked.groups:
        answer = logs.describe_log_groups(logGroupNamePrefix=group)
        days = next(
            (
                one.get("retentionInDays")
                for one in answer["logGroups"]
                if one["logGroupName"] == group
            ),
            None,
        )
        if days and timedelta(days=days) < asked.end - asked.start:
            said.append(f"{group} keeps its lines for {days} days: older ones are gone.")
    return said


def tally(asked: Window, logs: Any, sleep: Callable[[float], None] = time.sleep) -> Tally:
    """Add up log groups where they are.

    Args:
        asked: groups and time.
        logs: a client of CloudWatch Logs.
        sleep: how to wait between two looks at a query.

    Raises:
        InvalidQuantity: if a query fails, or has more rows than it may return.
    """
    sums = Tally()
    for query, read in ((LENGTHS, _length_row), (DAYS, _day_row)):
        for row in _answer(query, asked, logs, sleep):
            sums.add_alike(read(row))
    return sums


def sources(asked: Window) -> list[Source]:
    """Return the groups as logs with names."""
    return [
        Source(PREFIX + group, None, function=function_of_log_group(group))
        for group in asked.groups
    ]


def _answer(
    query: str, asked: Window, logs: Any, sleep: Callable[[float], None]
) -> list[dict[str, str]]:
    """Run a query to its end; while it runs, its rows are only a part of the answer."""
    query_id = logs.start_query(
        logGroupNames=list(asked.groups),
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
    if len(rows) >= MOST_ROWS:
        msg = "The log groups have more rows than a query returns; name fewer, or fewer --days."
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
