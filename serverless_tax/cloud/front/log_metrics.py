"""Metrics from log lines: of metric filters, and of lines in the embedded metric format.

ministack keeps a filter and counts nothing by it. A value is published once the line has arrived.
Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import MAY, json_refusal
from serverless_tax.cloud.front.log_pages import LOGS

Reply = tuple[Any, ...]
METRICS = "ministack.services.cloudwatch"
_FORMAT = '"_aws"'
_OLDEST_MS, _NEWEST_MS = 14 * 86_400_000, 2 * 3_600_000
"""How far a line may lie from the present."""


def put(original: Callable[[Any], Reply]) -> Callable[[Any], Reply]:
    """PutLogEvents, of lines near the present, and what they say in metrics."""

    def put_events(data: Mapping[str, Any]) -> Reply:
        every = data.get("logEvents") or []
        near, rejected = _near(every)
        reply = original({**data, "logEvents": near})
        if reply[0] == 200:  # noqa: PLR2004 - HTTP's
            messages = [str(one.get("message") or "") for one in near]
            _publish_embedded(messages)
            _publish_filtered(str(data["logGroupName"]), messages)
            if rejected:
                said = {**json.loads(reply[2]), "rejectedLogEventsInfo": rejected}
                return (*reply[:2], json.dumps(said).encode())
        return reply

    return put_events


def _near(events: list[Any]) -> tuple[list[Any], dict[str, int]]:
    """The lines that are kept, and where in the list the others are.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
    """
    now_ms = 1000 * time.time()
    first, last = now_ms - _OLDEST_MS, now_ms + _NEWEST_MS
    old = sum(one.get("timestamp", now_ms) < first for one in events)
    new = sum(one.get("timestamp", now_ms) > last for one in events)
    rejected = {"tooOldLogEventEndIndex": old} if old else {}
    rejected |= {"tooNewLogEventStartIndex": len(events) - new} if new else {}
    return events[old : len(events) - new], rejected


def filtered(original: Callable[[Any], Reply]) -> Callable[[Any], Reply]:
    """PutMetricFilter: refused where a value is a line's field, which this cloud does not read."""

    def put_filter(data: Mapping[str, Any]) -> Reply:
        for one in data.get("metricTransformations") or []:
            if one.get("dimensions") or not _is_number(one.get("metricValue")):
                text = (
                    "This local cloud counts the lines that a metric filter finds: metricValue is "
                    "a number, and there are no dimensions. AWS may accept this request."
                )
                return json_refusal("InvalidParameterException", text)
        return original(data)

    return put_filter


def asked(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """GetMetricData, of metrics alone: no expression is computed here."""

    def get(params: Mapping[str, Any], told: Any, is_cbor: bool, is_json: bool = False) -> Reply:  # noqa: FBT001, FBT002 - ministack's own
        names = vars(import_module(METRICS))
        queries = (told or {}).get("MetricDataQueries") or []
        in_form = any(str(name).endswith(".Expression") for name in params or {})
        if not in_form and not any(one.get("Expression") for one in queries):
            return original(params, told, is_cbor, is_json)
        text = f"This local cloud computes no expressions (MetricDataQueries.Expression). {MAY}"
        flags = {"use_json": is_json, "use_cbor": is_cbor}
        refused: Reply = names["_error"]("ValidationError", text, 400, **flags)
        return refused

    return get


def extended(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """GetMetricStatistics with its percentiles in XML, which ministack writes as Python's text."""

    def get(*request: Any, **named: Any) -> Reply:
        status, headers, body = original(*request, **named)
        written = _PERCENTILES.sub(_entries, body) if isinstance(body, bytes) else body
        return status, headers, written

    return get


def _entries(found: re.Match[bytes]) -> bytes:
    pairs = _PERCENTILE.findall(found[1])
    told = (b"<entry><key>%b</key><value>%b</value></entry>" % pair for pair in pairs)
    return b"<ExtendedStatistics>%b</ExtendedStatistics>" % b"".join(told)


_PERCENTILES = re.compile(rb"<ExtendedStatistics>\{(.*?)\}</ExtendedStatistics>")
_PERCENTILE = re.compile(rb"'([^']+)': ([^,]+)")


def _publish_filtered(group: str, messages: list[str]) -> None:
    names = vars(import_module(LOGS))
    for (of_group, _), one in list(names["_metric_filters"].items()):
        if of_group != group:
            continue
        matches = names["_compile_filter_pattern"](one["filterPattern"])
        found = sum(map(bool, map(matches, messages)))
        for told in one["metricTransformations"]:
            given = (told["metricNamespace"], told["metricName"])
            unit = told.get("unit") or "None"
            for _line in range(found):
                record(*given, float(told["metricValue"]), unit, {})
            if not found and told.get("defaultValue") is not None:
                record(*given, float(told["defaultValue"]), unit, {})


def _publish_embedded(messages: list[str]) -> None:
    for message in messages:
        if _FORMAT in message:
            for told in _embedded(message):
                record(*told)


def _embedded(message: str) -> Iterator[tuple[str, str, float, str, dict[str, str]]]:
    """The values of a line; none where it is not as the format has it."""
    try:
        line = json.loads(message)
        for directive in line["_aws"]["CloudWatchMetrics"]:
            for names in directive.get("Dimensions") or [[]]:
                dimensions = {name: str(line[name]) for name in names}
                for metric in directive["Metrics"]:
                    given = line[metric["Name"]]
                    for value in given if isinstance(given, list) else [given]:
                        unit = metric.get("Unit") or "None"
                        namespace = directive["Namespace"]
                        yield namespace, metric["Name"], float(value), unit, dimensions
    except (ValueError, TypeError, KeyError, AttributeError):
        return


def record(namespace: str, name: str, value: float, unit: str, dimensions: dict[str, str]) -> None:
    """Publish a value of a metric."""
    import_module(METRICS).record_metric(namespace, name, value, unit, dimensions)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
