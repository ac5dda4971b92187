"""What stands around a message: when it was written, and by which function, where.

It is read from the words before a record on its line, and from the keys and values around it in a
document. Every time becomes UTC.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

#: Characters of a log group's name, and so of a function's: Lambda@Edge puts its region before it.
NAME = "[0-9A-Za-z_./#-]"

#: Hours from UTC, of the zones that have one meaning wherever they are written.
ZONES = {
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "CET": 1, "CEST": 2, "JST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip
#: What says how far a time is from UTC; zones that are none of these mean several things.
OFFSET = (
    r"(?: ?\(?((?:UTC|GMT)?[+-][0-9]{2}:?[0-9]{2}(?![0-9])|(?<=[0-9])[+-][0-9]{2}(?![0-9:])"
    r"|(?:UTC|GMT)[+-][0-9]{1,2}(?![0-9:])|Z|UTC|GMT"
    rf"|(?:[BCI]ST|{'|'.join(ZONES)})\b))?"
)
_SHIFT = re.compile("([+-])([0-9]{1,2}):?([0-9]{2})?")
ISO = re.compile(
    r"(?<![0-9])([0-9]{4})([-/])([0-9]{2})\2([0-9]{2})[T ]"
    rf"([0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}})(?:[.,][0-9]{{1,9}})?{OFFSET}"
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: A day with its month's name, in either order, as Kibana's tables and servers' logs have it; and
#: one with points, of which the day is first wherever they are written.
DAY_FIRST = re.compile(
    rf"\b(?:({'|'.join(MONTHS)}) ([0-9]{{1,2}})"
    rf"|([0-9]{{1,2}})[ /.]({'|'.join(MONTHS)}|(?<=[.])[01][0-9](?=[.])))"
    r",?[ /.](20[0-9]{2})(?: @|,)?[ :T]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,][0-9]{1,9})?"
    rf"(?! ?[AaPp][Mm]){OFFSET}"
)
EPOCH = re.compile(
    r"(?<![0-9A-Za-z.-])(1[0-9]{9}(?:[0-9]{3}|[0-9]{6}|[0-9]{9})?)(?:[.][0-9]{1,9})?(?![0-9A-Za-z-])"
)
STREAM = re.compile(rf"[0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}}/({NAME}{{0,512}})\[")
#: A log group, also as its ARN, with an account, or between a region and a stream as Splunk has it.
GROUP_VALUE = re.compile(
    rf"(?:(?:arn:aws[a-z-]*:logs:)?([a-z]{{2}}-[a-z-]+-[0-9]):(?:([0-9]{{12}}):log-group:)?"
    rf"|([0-9]{{12}}):)?/aws/lambda/({NAME}{{1,512}})(?::[*]|:log-stream:.*|:[0-9]{{4}}/.*)?"
)
FUNCTION_ARN = re.compile(
    rf"arn:aws[a-z-]*:lambda:([a-z0-9-]+):([0-9]{{12}}):function:({NAME}{{1,140}})(?::.*)?"
)
#: The source of an event as AWS's own function for Splunk writes it.
LAMBDA_SOURCE = re.compile(f"lambda:({NAME}{{1,140}})")
#: The columns of a table of Datadog's, whose service is the function where nothing else says it.
DATADOG_COLUMNS = ("date", "host", "service", "message")
GROUP_IN_TEXT = re.compile(rf"/aws/lambda/({NAME}{{1,512}})")
#: What ``awslogs get`` prints before a stream: the group, whatever it is called.
GROUP_BEFORE_STREAM = re.compile(rf"^({NAME}{{1,512}}) [0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}}/{NAME}*\[")
SAID_IN_TEXT = re.compile(
    rf"\b(?:function_?[nN]ame|function|log_?[gG]roup)[\"']?[=:] ?[\"']?({NAME}{{1,512}})"
)
_REGION = re.compile(r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-[a-z]+){1,3}-[0-9]")
_ACCOUNT = re.compile("[0-9]{12}")
IS_NAME = re.compile(f"{NAME}{{1,512}}")
_NOT_IN_KEYS = re.compile("[^0-9a-z]")

#: Keys under which a time stands, the best first; other signs and capitals count for nothing.
TIMES = (
    *("time", "timestamp", "eventtime", "eventtimestamp", "ts", "datetime", "date", "timeunixnano"),
    *("dt", "timegenerated", "realtimetimestamp", "messagetime", "messagetimems"),
    *("observedtimeunixnano", "approximatearrivaltimestamp", "ingestiontime"),
)
FUNCTIONS = (
    "functionname",
    "lambdafunctionname",
    "awslambdafunctionname",
    "faasname",
    "lambdaname",
    "function",
)
GROUPS = (
    "loggroup",
    "loggroupname",
    "loggroupidentifier",
    "loggrouparn",
    "log",
    "cloudwatchloggroup",
)
STREAMS = ("logstream", "logstreamname", "cloudwatchlogstream")
#: Seconds since 1970 that a log can be of: 2001 to 2286.
_FIRST_S, _LAST_S = 10**9, 10**10


class Where(NamedTuple):
    """When a message was written, UTC to the second, and the function's name, region and account.

    Each is nothing where it is not said.
    """

    time: str = ""
    function: str = ""
    region: str = ""
    account: str = ""

    def within(self, outer: Where) -> Where:
        """Return this, with what it does not say taken from around it."""
        return Where(*(own or around for own, around in zip(self, outer, strict=True)))


def time_of(text: str) -> str:
    """Return the last time that a text says, in UTC: ``2026-11-01T10:00:00``, or nothing.

    >>> time_of("2026-10-02T00:57:55.305+09:00 "), time_of("no time")
    ('2026-10-01T15:57:55', '')
    """
    if found := last(ISO, text):
        year, _, month, day, clock, offset = found.groups()
    elif found := last(DAY_FIRST, text):
        named, day, first, later, year, clock, offset = found.groups()
        name = named or later
        month = f"{MONTHS.index(name) + 1:02d}" if name in MONTHS else name
        day = f"{day or first:0>2}"
    else:
        epochs = EPOCH.findall(text)
        return _of_epoch(epochs[-1]) if epochs else ""
    said = f"{year}-{month}-{day}T{clock}"
    if not offset or offset in ("Z", "UTC", "GMT") or offset.endswith(("00:00", "0000")):
        return said
    if offset.isalpha():
        if offset not in ZONES:
            return ""
        shift = timedelta(hours=ZONES[offset])
    else:
        sign, hours, minutes = _SHIFT.findall(offset)[0]
        shift = timedelta(hours=int(sign + hours), minutes=int(f"{sign}{minutes or 0}"))
    try:
        return (datetime.fromisoformat(said) - shift).isoformat()
    except (ValueError, OverflowError):
        return ""


def last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return where a pattern is found last."""
    found = None
    for one in pattern.finditer(text):
        found = one
    return found


def _of_epoch(value: Any) -> str:
    """Return a time that is a number since 1970, of seconds, or thousandths and so on of them."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return ""
    for _ in range(3):
        if seconds >= _LAST_S:
            seconds /= 1000
    if not _FIRST_S <= seconds < _LAST_S:
        return ""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()[:19]


def _time_value(value: Any) -> str:
    if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
        return time_of(value)
    return "" if isinstance(value, bool) else _of_epoch(value)


def stream_function(text: str) -> str:
    """Return the function's name in the name of a log stream that several functions share.

    >>> stream_function("2026-11-01T10:00:00 2026/11/01/rag[$LATEST]4f0c REPORT RequestId: 1")
    'rag'
    """
    found = STREAM.search(text)
    return found.group(1) if found else ""


def before(head: str) -> Where:
    """Return what the words before a record say.

    >>> before("/aws/lambda/quote 2026/10/01/[$LATEST]ab 2026-10-01T08:00:00.000Z ")
    Where(time='2026-10-01T08:00:00', function='quote', region='', account='')
    """
    if not head or head.isspace():
        return Where()
    function = stream_function(head)
    if not function:
        for pattern in (GROUP_IN_TEXT, GROUP_BEFORE_STREAM, SAID_IN_TEXT):
            if found := pattern.search(head):
                function = function_of_log_group(found.group(1).rstrip(":"))
                break
    return Where(time_of(head), function)


def around(values: Mapping[str, Any]) -> Where:
    """Return what the keys of an object in a document say, and those of objects in it."""
    said: dict[str, str] = {}
    groups = functions = Where()
    for key, value in _scalars(values):
        name = _NOT_IN_KEYS.sub("", key.lower())
        if isinstance(value, str):
            groups = groups.within(_of_group(value))
            functions = functions.within(_of_arn(value))  # which may be that of a forwarder
        if name not in said:
            said[name] = value
    time = next((t for key in TIMES if key in said and (t := _time_value(said[key]))), "")
    stream = next((stream_function(str(v)) for k, v in said.items() if k.endswith(STREAMS)), "")
    function = next((f for k in FUNCTIONS if k in said and (f := _name(said[k]))), "")
    group = next((g for k, v in said.items() if k.endswith(GROUPS) and (g := _group(v))), "")
    region = next((v for k, v in said.items() if k.endswith("region") and _fits(_REGION, v)), "")
    account = next(
        (v for k, v in said.items() if k.endswith(("owner", "accountid")) and _fits(_ACCOUNT, v)),
        "",
    )
    found = Where(time, stream or function or group, region, account)
    source = LAMBDA_SOURCE.fullmatch(str(said.get("source", "")))
    service = _name(said["service"]) if said.keys() >= {*DATADOG_COLUMNS} else ""
    named = Where("", source[1] if source else service)
    return found.within(groups).within(functions).within(named)


def _scalars(values: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield keys and single values of an object, then those of objects within it as defaults."""
    inner: list[Mapping[str, Any]] = []
    for key, value in values.items():
        one = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(one, (str, int, float)):
            yield key, one
            if key in ("ddtags", "tags") and isinstance(one, str):
                inner.append(_tags(one.split(",")))
            elif key in ("labels", "attributes") and isinstance(one, str):
                inner.append(_labels(one))
        elif isinstance(value, Mapping):
            inner.append({"faas.name": value.get("name"), **value} if key == "faas" else value)
        elif isinstance(value, list):
            inner.append(pairs(value) or _tags(value))
    if depth < 3:  # noqa: PLR2004 - deeper than any shipper nests them
        for nested in inner:
            yield from _scalars(nested, depth + 1)


def _tags(values: list[Any]) -> dict[str, str]:
    """Return tags such as ``functionname:quote`` as an object."""
    found = (v.partition(":") for v in values if isinstance(v, str) and ":" in v[:64])
    return {key.strip(): value.strip() for key, _, value in found}


def _labels(text: str) -> dict[str, Any]:
    """Return what a cell of a table says in JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def pairs(values: list[Any]) -> dict[str, Any]:
    """Return a list of keys and values, as OpenTelemetry has them, or of fields and values.

    >>> pairs([{"key": "faas.name", "value": {"stringValue": "quote"}}])
    {'faas.name': 'quote'}
    """
    found = {}
    for one in values:
        if not isinstance(one, Mapping) or "value" not in one:
            return {}
        key = next((one[k] for k in ("key", "field", "name") if isinstance(one.get(k), str)), None)
        if key is None:
            return {}
        found[key] = any_value(one["value"])
    return found


def any_value(value: Any) -> Any:
    """Return a value of OpenTelemetry's without the name of its type.

    >>> any_value({"kvlistValue": {"values": [{"key": "a", "value": {"intValue": "1"}}]}})
    {'a': 1}
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        return value
    ((kind, inner),) = value.items()
    kind = kind.replace("_value", "Value")  # as some write it
    if kind == "kvlistValue" and isinstance(inner, Mapping):
        values = inner.get("values", [])
        return (pairs(values) if isinstance(values, list) else {}) or inner
    if kind == "arrayValue" and isinstance(inner, Mapping):
        values = inner.get("values", [])
        return [any_value(one) for one in values] if isinstance(values, list) else inner
    if kind == "intValue":
        return int(inner) if str(inner).lstrip("-").isdigit() else inner
    return inner if kind in ("stringValue", "doubleValue", "boolValue", "bytesValue") else value


def _of_arn(value: str) -> Where:
    """Return what the ARN of a function says, wherever it stands."""
    found = FUNCTION_ARN.fullmatch(value)
    return Where("", found.group(3), found.group(1), found.group(2)) if found else Where()


def _of_group(value: str) -> Where:
    """Return what the name of a function's log group says, wherever it stands."""
    if found := GROUP_VALUE.fullmatch(value):
        return Where(
            "", found.group(4), found.group(1) or "", found.group(2) or found.group(3) or ""
        )
    return Where()


def _name(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    found = FUNCTION_ARN.fullmatch(value)
    name = found.group(3) if found else function_of_log_group(value)
    return name if IS_NAME.fullmatch(name) else ""


def _group(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    group = value.partition(":log-group:")[2] or value
    return _name(re.sub("^[0-9]{12}:", "", group).removesuffix(":*"))


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def function_of_log_group(group: str) -> str:
    """Return the function's name from its log group's, or the group's name.

    >>> function_of_log_group("/aws/lambda/rag"), function_of_log_group("shared")
    ('rag', 'shared')
    """
    return group.removeprefix("/aws/lambda/")


def unknown(labels: Iterable[str]) -> dict[str, str]:
    """Return what functions are called whose names nothing says: as their files, told apart.

    >>> unknown(["logs/rag.log", "old/logs/rag.log", "chat.log"])["chat.log"]
    'unknown function (chat.log)'
    >>> [*unknown(["new/logs/rag.log", "old/logs/rag.log"]).values()]
    ['unknown function (new/logs/rag.log)', 'unknown function (old/logs/rag.log)']
    """
    parts = {label: Path(label).parts for label in labels}
    names: dict[str, str] = {}
    for k in range(1, max(map(len, parts.values()), default=0) + 1):
        ends = Counter(each[-k:] for each in parts.values())
        left = {label: each for label, each in parts.items() if label not in names}
        names |= {label: "/".join(one[-k:]) for label, one in left.items() if ends[one[-k:]] == 1}
    return {label: f"unknown function ({names.get(label, label)})" for label in parts}
