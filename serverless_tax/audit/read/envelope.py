"""Documents that carry a log: what shippers, answers of AWS's calls and stores wrap around it.

One step turns a document into lines as an export would have them, each with the time, the stream
of a function and the message; the grammar then reads those. A document is walked, and not known by
its maker: whatever string in it holds a record is a message, and the keys around it say of what.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from serverless_tax.audit.read.documents import values_in
from serverless_tax.audit.read.hidden import as_read
from serverless_tax.audit.read.payload import (
    LONG_WORD,
    PACKED_BEGIN,
    may_be_packed,
    parsed,
    unpacked,
)
from serverless_tax.audit.read.tables import LEFT_OUT
from serverless_tax.audit.read.tidy import DECIMAL_COMMA, plain_number, tidied
from serverless_tax.audit.read.where import Where, any_value, around, pairs
from serverless_tax.audit.read.words import WORDS
from serverless_tax.ground.report import FIELDS, Report, format_report

#: What begins base64 of gzip or zlib, of a log, of JSON.
PACKED = re.compile(rf"(?:{PACKED_BEGIN}|ey|W3|{LONG_WORD.pattern})[^\n]*\s*$", re.ASCII)
#: What an event is called, or the kind of a line in a column; by itself it says nothing.
EVENT_NAME = re.compile(r"platform[.][A-Za-z]+|\s*REPORT\s*")
_INIT_START = "platform.initStart"
_DEEPEST = 64
#: A list of so many numbers below 256 may be bytes.
_FEWEST_BYTES = 20
_MB = 10**6
#: What a column's name has beside the word for its figure: bytes may be megabytes already.
KEY_SIGNS = re.compile(
    r"^.*[.:>|$\[]|^.*metrics|(?:/ ?1000){2}$|/ ?10{6}$"
    r"|(?<!billed_|memory_)m[sb][^0-9a-z]*$|[^0-9a-z]"
)
#: Columns of a result of Logs Insights, by their names without signs and unit: what they are.
COLUMNS = {
    **{one.label.replace(" ", "").lower(): one.name for one in FIELDS if one.json_name},
    "requestid": "request_id",
    # As the console's table of recent invocations has them.
    "durationin": "duration_ms",
    "billeddurationin": "billed_ms",
    "memorysetin": "memory_mb",
    "memoryusedin": "max_memory_used_mb",
    # As this package has them; without its unit either may be anything's.
    "billedms": "billed_ms",
    "memorymb": "memory_mb",
}
#: One of these is in an event of Lambda Insights; and how its figures' names end.
_INSIGHTS_CPU = {"cpu_total_time", "cpu_user_time"}
_INSIGHTS_FIGURES = ("_time", "duration", "total_memory")
_WHOLE = {field.name for field in FIELDS if field.kind == "whole"}


def lines_of(value: Any, outer: Where | None = None) -> Iterator[tuple[Where, str]]:
    """Yield what a document holds, line by line, with where each was written.

    Args:
        value: what JSON, or a row of a table, is read as.
        outer: what is said around it.
    """
    yield from _walk(value, outer or Where(), 0)


def line_of(where: Where, text: str) -> str:
    """Return a message as a line of an export: time, stream, message."""
    stamp = f"{where.time}Z " if where.time else ""
    day = where.time[:10].replace("-", "/") if where.time else "0000/00/00"
    return f"{stamp}{day}/{where.function}[] {text}" if where.function else stamp + text


def _walk(value: Any, where: Where, depth: int) -> Iterator[tuple[Where, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        yield from _message(value, where, depth)
    elif isinstance(value, Mapping):
        yield from _object(value, where, depth)
    elif isinstance(value, list):
        yield from _list(value, where, depth)


def _message(text: str, where: Where, depth: int) -> Iterator[tuple[Where, str]]:
    if EVENT_NAME.fullmatch(text):
        return
    inside = _unpacked(text)
    text = text if inside is None else inside
    if "\n" in text[:-1]:
        text = as_read(text.encode("utf-8", "replace"), others_know=False).decode()
    has_words = any(word in text for word in WORDS)
    if not has_words and not may_be_packed(text):
        return
    inner = parsed(text)
    if inner is not None:
        yield from _walk(inner, where, depth + 1)
    elif inside is not None or not has_words or '"' in text or "{" in text:
        yield from _parts(text, where, depth + 1)
    else:
        for line in tidied(text.splitlines()):
            if any(word in line for word in WORDS):
                yield where, line


def _unpacked(text: str) -> str | None:
    return unpacked(text) if PACKED.match(text) else None


def _parts(text: str, where: Where, depth: int) -> Iterator[tuple[Where, str]]:
    """Yield what stands in a message that is several documents, or lines that hold some."""
    for value, place in values_in(text):
        here = place.within(where)
        if not isinstance(value, str):
            yield from _walk(value, here, depth)
        elif any(word in value for word in WORDS) or may_be_packed(value):
            yield here, value


def _object(value: Mapping[str, Any], where: Where, depth: int) -> Iterator[tuple[Where, str]]:
    own = around(value).within(where)
    kind = value.get("type")
    if isinstance(kind, str) and kind.startswith("platform.") and _is_event(value):
        yield own, json.dumps(value, separators=(",", ":"), default=str)
        return
    if value.get("metered") == 1 or (_INSIGHTS_CPU & value.keys() and "duration" in value):
        yield own, _measured(value)
        return
    if (line := _of_datadog(value)) is not None:
        yield own, line
        return
    rows = _table(value)
    if rows is not None:
        for row in rows:
            yield from _object(row, own, depth + 1)
        return
    found = False
    for inner in _said_once(value):
        for one in _walk(any_value(inner), own, depth + 1):
            found = True
            yield one
    if not found and kind == "platform.report" and len(value) > 1:
        yield own, json.dumps(value, default=str)
    elif not found and (line := _columns(value)) is not None:
        yield own, line


def _is_event(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("record"), Mapping)


def _said_once(value: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the values of an object, of texts with a record none that is another's beginning."""
    texts = [one for one in value.values() if isinstance(one, str) and "REPORT" in one]
    for inner in value.values():
        is_text = len(texts) > 1 and isinstance(inner, str)
        if not (is_text and any(_begins(inner, one) for one in texts)):
            yield inner


def _begins(text: str, other: str) -> bool:
    begin = text.rstrip("\u2026. ")
    return len(begin) < len(other.rstrip()) and "REPORT" in begin and other.startswith(begin)


def _list(value: list[Any], where: Where, depth: int) -> Iterator[tuple[Where, str]]:
    if len(value) > _FEWEST_BYTES and all(isinstance(one, int) and 0 <= one < 256 for one in value):  # noqa: PLR2004
        yield from _message(bytes(value).decode("utf-8", "replace"), where, depth + 1)
        return
    row = pairs(value)
    if row:
        yield from _object(row, where, depth + 1)
        return
    if stamp := _stamp(value):
        yield from _walk(value[1:], around({"time": stamp}).within(where), depth + 1)
        return
    where = where.within(Where(function=_of_batch(value)))
    for inner in value:
        yield from _walk(any_value(inner), where, depth + 1)


def _of_batch(events: list[Any]) -> str:
    """Return the function of a batch of the Telemetry API, which one environment sends."""
    begun = (one for one in events if isinstance(one, Mapping) and _is_event(one))
    names = {around(one["record"]).function for one in begun if one.get("type") == _INIT_START}
    return names.pop() if len(names) == 1 else ""


def _stamp(value: list[Any]) -> str | float:
    """Return the time of a store's pair of time and line, or of a forwarder's and record; or 0."""
    if len(value) < 2:  # noqa: PLR2004 - a pair
        return 0
    first, second = value[0], value[1]
    stamp = first[0] if isinstance(first, list) and first else first
    if isinstance(stamp, str):
        return stamp if stamp.isdigit() and isinstance(second, str) else 0
    return stamp if isinstance(stamp, int | float) and isinstance(second, Mapping | str) else 0


def _measured(value: Mapping[str, Any]) -> str:
    """Return a measurement as the meter writes it, or one of Lambda Insights with its total.

    A table has its figures as text, and whoever chose its columns may have left the total out.
    """
    if value.get("metered") == 1:
        return json.dumps({"metered": 1, **value}, default=str)
    said = {k: _number(v) if k.endswith(_INSIGHTS_FIGURES) else v for k, v in value.items()}
    user, system = (said.get(f"cpu_{of}_time") for of in ("user", "system"))
    if "cpu_total_time" not in said and isinstance(user, float) and isinstance(system, float):
        said["cpu_total_time"] = round(user + system, 6)
    return json.dumps({"cpu_total_time": None, **said}, default=str)


def _number(value: Any) -> Any:
    try:
        return value if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return value


def _of_datadog(value: Mapping[str, Any]) -> str | None:
    """Return what points of Datadog's metric of CPU say of a function, as one line; or None.

    Points stand in a list with their times, as its API answers, or one is alone.
    """
    if value.get("datadog_points"):
        return json.dumps(value)
    name = next((v for k in ("metric", "m") if isinstance(v := value.get(k), str)), "")
    if not name.endswith("lambda.enhanced.cpu_total_time"):
        return None
    said: Any = next((value[k] for k in ("pointlist", "points", "v", "value") if k in value), [])
    points = (
        [one[1] for one in said if isinstance(one, list) and len(one) > 1]
        if isinstance(said, list)
        else [said]
    )
    points = [one for one in points if isinstance(one, int | float) and one >= 0]
    if not points:
        return None
    function = around(
        {"tags": value.get("tag_set") or value.get("tags") or value.get("t")}
    ).function
    mean_ms = sum(points) / len(points)
    return json.dumps(
        {"datadog_points": len(points), "cpu_total_time": mean_ms, "function": function}
    )


def _table(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the rows of a result whose columns have their names beside them, or None."""
    some = (value.get(key) for key in ("values", "rows", "datarows", "Rows", "data"))
    rows = _by_columns(value) or next((one for one in some if isinstance(one, list)), None)
    if not rows or not isinstance(rows[0], (list, Mapping)):
        return None
    if isinstance(rows[0], Mapping):  # Athena: the first row has the names
        cells = [_cells(row) for row in rows]
        if any(row is None for row in cells):
            return None
        names, rows = cells[0], cells[1:]
    else:
        names = _heads(value)
    if not names or not all(isinstance(name, str) for name in names):
        return None
    return [dict(zip(names, row, strict=False)) for row in rows if isinstance(row, list)]


def _heads(value: Mapping[str, Any]) -> list[Any]:
    schema = value.get("schema")
    inner = schema.get("fields") if isinstance(schema, Mapping) else schema
    some = (value.get("fields"), inner, value.get("columns"), value.get("meta"))
    heads = next((one for one in some if isinstance(one, list)), [])
    return [head.get("name") if isinstance(head, Mapping) else head for head in heads]


def _by_columns(value: Mapping[str, Any]) -> list[list[Any]] | None:
    """Return the rows of a result that has a list for each column, as Grafana and Axiom do."""
    data = value.get("data")
    columns = value.get("columns") or (data.get("values") if isinstance(data, Mapping) else None)
    if not isinstance(columns, list) or not all(isinstance(one, list) for one in columns):
        return None
    is_whole = len({len(one) for one in columns}) == 1 and len(columns) == len(_heads(value))
    return [list(row) for row in zip(*columns, strict=True)] if is_whole else None


def _cells(row: Any) -> list[Any] | None:
    cells = row.get("Data") if isinstance(row, Mapping) else None
    if not isinstance(cells, list) or not all(isinstance(cell, Mapping) for cell in cells):
        return None
    return [cell.get("VarCharValue", "") for cell in cells]


def _figures(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row says of a record; nothing of the line that parts heads from rows."""
    said: dict[str, Any] = {}
    for key, one in value.items():
        name = COLUMNS.get(KEY_SIGNS.sub("", key.lower()))
        if name and one not in ("", None) and name not in said:
            said[name] = one
    return said if any(map(str.isdigit, "".join(map(str, said.values())))) else {}


def _columns(value: Mapping[str, Any]) -> str | None:
    """Return a row of Logs Insights that has a record's figures in columns, as a REPORT line."""
    said = _figures(value)
    if "billed_ms" not in said and not ("duration_ms" in said and "memory_mb" in said):
        is_record = "REPORT" in value.values() or LEFT_OUT in value
        return _unreadable(value) if said and is_record else None
    figures: dict[str, Any] = {}
    comma = any(DECIMAL_COMMA.search(str(one)) for one in said.values())
    for name, one in said.items():
        if name == "request_id":
            figures[name] = str(one)
            continue
        try:
            number = Decimal(plain_number(str(one), comma=comma).strip())
        except InvalidOperation:
            return _unreadable(value)
        if not number.is_finite() or number < 0:
            return _unreadable(value)
        if name.endswith("_mb") and number >= _MB:  # in bytes, a million to the MB
            number /= _MB
        figures[name] = round(number) if name in _WHOLE else number
    if not {"billed_ms", "memory_mb"} <= figures.keys():
        return _unreadable(value)
    figures.setdefault("duration_ms", Decimal(figures["billed_ms"]))
    figures.setdefault("request_id", "unknown")
    return format_report(Report(**figures))


def _unreadable(value: Mapping[str, Any]) -> str:
    """Return a row that is a record and lacks a figure, so that it is called unread."""
    figures = {key: one for key, one in value.items() if one != "REPORT"}  # its kind, said already
    return "REPORT RequestId: " + json.dumps(figures, default=str)
