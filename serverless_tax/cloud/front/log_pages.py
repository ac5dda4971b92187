"""FilterLogEvents as AWS answers it: page by page, of the streams asked for, with its patterns.

ministack ends after 10,000 events and names no next page. It leaves out the streams' prefix, and
reads a pattern without its quotes, its question marks and its case.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import base64
import heapq
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import json_refusal

LOGS = "ministack.services.cloudwatch_logs"
MOST_EVENTS, MOST_BYTES = 10_000, 1024 * 1024
"""Of one page."""
_OF_AN_EVENT = 26  # bytes beside its message, as PutLogEvents counts it
_TERM = re.compile(r'([?+-]?)(?:"((?:\\.|[^"\\])*)"|(\S+))')
_OK, _LATE = 200, 1 << 62  # after every event: only what it says of the group is asked for

Reply = tuple[Any, ...]
Place = tuple[int, int]
"""How far the pages have come: a moment, and how many events of that moment they have had. So a
line that arrives meanwhile hides no event and shows none twice."""


def filtered(original: Callable[[dict[str, Any]], Reply]) -> Callable[[dict[str, Any]], Reply]:
    """Return the operation that gives one page, and the token of the next."""

    def answer(data: dict[str, Any]) -> Reply:
        names = vars(import_module(LOGS))
        said_of_group = original({**data, "limit": 1, "startTime": _LATE})
        if said_of_group[0] != _OK:
            return said_of_group
        place, wrong = _place(str(data.get("nextToken") or "")), ""
        if place is None:
            wrong = "The specified nextToken is invalid."
        if data.get("logStreamNames") and data.get("logStreamNamePrefix"):
            wrong = "Only one of logStreamNames and logStreamNamePrefix may be given."
        if wrong or place is None:
            return json_refusal("InvalidParameterException", wrong)
        matches = matcher(str(data.get("filterPattern") or ""))
        found = (one for one in _events(names, data, place[0]) if matches(one[0]["message"]))
        limit = min(int(data.get("limit") or MOST_EVENTS), MOST_EVENTS)
        reply: Reply = names["json_response"](_page(found, place, limit))
        return reply

    return answer


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return whether a line has the terms of a pattern: all plain ones, one of those with ``?``.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForLogEvents.html
    """
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    for sign, quoted, plain in _TERM.findall(pattern):
        term = re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        terms[sign.replace("+", "")].append(term)
    needed, one_of, none_of = terms[""], terms["?"], terms["-"]
    if needed:
        one_of = []  # AWS leaves them out beside plain ones

    def matches(line: str) -> bool:
        if not all(term in line for term in needed) or any(term in line for term in none_of):
            return False
        return not one_of or any(term in line for term in one_of)

    return matches


def _page(found: Iterable[tuple[dict[str, Any], str]], place: Place, limit: int) -> dict[str, Any]:
    events: list[dict[str, Any]] = []
    told: dict[str, Any] = {"events": events, "searchedLogStreams": []}
    (moment, skipped), size, had = place, 0, 0
    for event, stream in found:
        at = int(event["timestamp"])
        if at == moment and skipped:
            skipped -= 1
            continue
        size += _OF_AN_EVENT + len(event["message"].encode())
        if len(events) == limit or (events and size > MOST_BYTES):
            last = int(events[-1]["timestamp"])
            had = sum(one["timestamp"] == last for one in events)
            had += place[1] if last == moment else 0
            told["nextToken"] = base64.b64encode(f"{last} {had}".encode()).decode()
            break
        events.append({**event, "logStreamName": stream})
    return told


def _place(token: str) -> Place | None:
    """Read a token; none is the beginning, and None is no token of ours."""
    if not token:
        return -1, 0
    try:
        moment, had = base64.b64decode(token, validate=True).decode().split(" ")
        return int(moment), int(had)
    except ValueError:
        return None


def _moment(event: Mapping[str, Any]) -> int:
    return int(event["timestamp"])


def _events(
    names: Mapping[str, Any], data: Mapping[str, Any], moment: int
) -> Iterator[tuple[dict[str, Any], str]]:
    """The events of all streams that are asked for, from a moment on, in their order."""
    least, most = max(moment, int(data.get("startTime") or 0)), data.get("endTime")
    wanted, prefix = data.get("logStreamNames"), str(data.get("logStreamNamePrefix") or "")
    streams = names["_log_groups"][names["_resolve_log_group_name"](data)]["streams"]
    told = []
    with names["_log_events_lock"]:
        for name, stream in streams.items():
            if (wanted and name not in wanted) or not name.startswith(prefix):
                continue
            kept = stream["events"]  # in the order of their moments
            begin = bisect_left(kept, least, key=_moment)
            end = len(kept) if most is None else bisect_right(kept, most, key=_moment)
            told.append([(event, name) for event in kept[begin:end]])
    return heapq.merge(*told, key=lambda one: (one[0]["timestamp"], one[0].get("ingestionTime", 0)))
