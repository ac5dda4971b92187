"""Queries of CloudWatch Logs that this cloud cannot run, refused in a sentence.

ministack runs a part of the language of Logs Insights, and leaves out what it does not know; to it,
every line fits a pattern for JSON. The answers would look like answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from serverless_tax.cloud.front.aws_errors import MAY, AwsError
from serverless_tax.cloud.front.constraints import broken_value, detected

_INVALID, _MOST_LINES = "InvalidParameterException", 10_000
START_QUERY = "Logs_20140328.StartQuery"
_WITH_PATTERN = frozenset(
    f"Logs_20140328.{action}"
    for action in ("FilterLogEvents", "PutSubscriptionFilter", "PutMetricFilter", "StartLiveTail")
)
_NAME = r"@(?:timestamp|message|logStream|log|ptr)"
#: What ministack runs, stage by stage.
_STAGES = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"fields\s+{_NAME}(\s*,\s*{_NAME})*",
        rf"filter\s+{_NAME}\s*=\s*'(\\'|[^'])*'",
        rf"filter\s+{_NAME}\s+like\s+/(\\.|[^/])*/i*",
        r"filter\s+toMillis\(@timestamp\)\s*(<=|>=|<|>|!=|=)\s*-?\d+",
        rf"sort\s+{_NAME}(\s+(asc|desc))?",
        r"limit\s+\d+",
    )
)
#: Text in quotes and patterns between slashes, in which a bar ends no stage.
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|/(?:\\.|[^/\\])*/|\|")


def logs_error(headers: Mapping[str, str], body: bytes) -> AwsError | None:
    """Return why a query is refused; None for any other request.

    Args:
        headers: names in lower case.
        body: the whole of it.
    """
    target = headers.get("x-amz-target")
    if target in _WITH_PATTERN:
        return _pattern_error(body)
    if target != START_QUERY:
        return None
    try:
        asked = json.loads(body)
        query = str(asked["queryString"])
        text = _range_error(asked)
    except (ValueError, TypeError, KeyError):
        return None  # ministack says what is missing
    if text:
        return AwsError(_INVALID, _INVALID, text, "logs", 400)
    for stage in _stages(query):
        if not any(pattern.fullmatch(stage) for pattern in _STAGES):
            return _refusal(stage)
    return None


def _range_error(asked: Mapping[str, Any]) -> str:
    """Why a query's language, span or limit is refused; empty if it is not."""
    language, limit = asked.get("queryLanguage") or "CWLI", int(asked.get("limit") or 1)
    if language != "CWLI":
        return f"This local cloud runs queries in CWLI alone, and not in {language}. {MAY}"
    if not 1 <= limit <= _MOST_LINES:
        bound = f"Member must have value less than or equal to {_MOST_LINES}"
        return detected([broken_value(str(limit), "limit", bound)])
    if int(asked["endTime"]) < int(asked["startTime"]):
        return "The query's end time is before its start time."
    return ""


def _pattern_error(body: bytes) -> AwsError | None:
    """Refuse patterns that read a line's fields: the others are terms."""
    try:
        asked = json.loads(body)
        given = asked.get("filterPattern") or asked.get("logEventFilterPattern")
        return pattern_error(str(given or ""))
    except (ValueError, AttributeError):
        return None  # ministack says what is wrong


def pattern_error(pattern: str) -> AwsError | None:
    """Refuse a pattern that reads a line's fields."""
    pattern = pattern.strip()
    if not pattern.startswith(("{", "[", "%")):
        return None
    text = (
        f"This local cloud cannot match the pattern {pattern!r}. It looks for terms: plain, "
        "quoted, with ? or with -. AWS may accept it."
    )
    return AwsError(_INVALID, _INVALID, text, "logs", 400)


def _stages(query: str) -> list[str]:
    kept = _QUOTED.sub(lambda found: "\0" if found[0] == "|" else found[0], query)
    return [stage for part in kept.split("\0") if (stage := part.strip())]


def _refusal(stage: str) -> AwsError:
    code = "MalformedQueryException"
    text = (
        f"This local cloud cannot run {' '.join(stage.split())!r}. It runs fields, filter "
        "with = or like /pattern/, sort and limit, on @timestamp, @message and @logStream. AWS may"
        " accept it."
    )
    return AwsError(code, code, text, "logs", 400)
