"""The analysis as one portable SQL text, made from the table of fields in `report.py`.

It reads a table ``lines`` with two columns, ``source`` and ``line``, and returns one row for each
group of records that are alike. The same text runs on DuckDB (here), Spark SQL and Athena; so it
keeps to what they agree on: no backslash in a pattern, the group's index said, ``NULLIF`` around
every pattern (no match is NULL in one engine and nothing in another), lengths as decimals, no
column named as another. Most lines are read by :mod:`serverless_tax.audit.read.sql_plain`; the
rules here are for the others. It has been run on DuckDB and on Spark, and through the Athena API of
the local cloud, which is DuckDB underneath; not on AWS.

Rows are grouped twice in one pass: by what was billed (``day`` is NULL), so that percentiles are
exact and can be merged; and by day (``billed_ms`` is NULL). Lines that are not plain cases come as
the kind ``left``; :func:`left_over` selects them, for :mod:`serverless_tax.audit.read.records`. The
kind ``none`` holds no record.
"""

from __future__ import annotations

from dataclasses import replace

from serverless_tax.audit.read.plain_line import ID_LENGTH
from serverless_tax.audit.read.plain_line import START as PLAIN_START
from serverless_tax.audit.read.records import (
    INSIGHTS,
    JSON_LINE,
    JSON_REPORT,
    JSON_TIME,
    METER,
    MOST_MEMORY_MB,
    MOST_MS,
    STREAM_FUNCTION,
)
from serverless_tax.audit.read.sql_plain import plain
from serverless_tax.audit.read.sql_words import (
    BY_NAME,
    EVENT,
    LINE_TIME,
    METRICS,
    TYPES,
    cast,
    extract,
    has,
    is_possible,
    is_read,
)
from serverless_tax.audit.sums.table import MS, NS, QUANTITIES, SUMS, WRITTEN, Sum
from serverless_tax.ground.report import REQUIRED, START, Field

_NUMBER, _WHOLE = BY_NAME["duration_ms"].value, BY_NAME["billed_ms"].value
#: Characters that a label, spaces, a figure and its unit take at most.
_WIDEST = 64
_NAME = "[0-9A-Za-z_-]{1,140}"
#: Keys of the meter's line and of an event of Lambda Insights: what each engine reads from them.
_CPU_KEYS = {
    "meter": ("function", "memory_mb", "cpu_ms", "wall_ms"),
    "insights": ("function_name", "total_memory", "cpu_total_time", "duration"),
}


def analysis() -> str:
    """Return the SQL text that groups and adds up what a table ``lines`` holds."""
    return f"{_typed()}\n{_grouped()}"


def left_over() -> str:
    """Return the SQL text that selects the lines which the analysis counts as ``left``."""
    left = "SELECT line FROM judged WHERE kind = 'left'"
    return f"{_typed()}\nSELECT source, line FROM lines WHERE line IN ({left})"  # in their order


def _typed() -> str:
    return f"""WITH worth AS (
  SELECT source, line, POSITION('{PLAIN_START}' IN line) AS start
  FROM lines
  WHERE ({has("REPORT")} AND {has("RequestId:")})
    OR ({has("{")} AND ({has("platform.report")} OR {has(METER)} OR {has(INSIGHTS)}))
), {plain()}, cut AS (
  SELECT source, line, start, is_plain, {_plain_columns()},
    CASE WHEN NOT is_plain THEN SUBSTR(line, start + {len(PLAIN_START)}) END AS record
  FROM sorted_out
), formed AS (
  SELECT source, line, record, is_plain, {_plain_columns()}, {_form()} AS form
  FROM cut
), texts AS (
  SELECT source, line, form, is_plain, {_plain_columns()},
    {_texts()}
  FROM formed
), typed AS (
  SELECT source, line, form, is_plain, time_text, function_text, status_text, error_text,
    request_id, doubt,
    {_figures()}
  FROM texts
), judged AS (
  SELECT source, line, time_text, function_text, status_text, error_text, {", ".join(TYPES)},
    {_kind()} AS kind, {_init_rule()} AS init_rule
  FROM typed
)"""  # noqa: S608 - nothing of a user's is in it


def _plain_columns() -> str:
    return ", ".join(f"plain_{name}" for name in TYPES if name in REQUIRED)


def _figures() -> str:
    columns = {name: cast(name) for name in TYPES}
    for name in columns.keys() & set(REQUIRED):
        columns[name] = f"CASE WHEN is_plain THEN plain_{name} ELSE {columns[name]} END"
    return ",\n    ".join(f"{expression} AS {name}" for name, expression in columns.items())


def _form() -> str:
    """How a line is read: as a text record, as an event, as a measurement, or by the other rules.

    A text record that is not plain is read here if it is the only one on its line, there is no
    JSON on it, and its duration follows an id of the usual length.
    """
    first = f"POSITION('RequestId:' IN line) = start + {PLAIN_START.index('RequestId')}"
    only = "POSITION('RequestId:' IN record) = 0"
    follows = f"SUBSTR(record, {ID_LENGTH + 1}, 10) IN ('\tDuration:', ' Duration:')"
    no_json = "line NOT LIKE '%{%' AND line NOT LIKE '%\"time\"%'"
    text = f"start > 0 AND {follows} AND {no_json} AND {first} AND {only}"
    json_line = f"{extract(JSON_LINE)} = '{{'"
    return f"""CASE
    WHEN is_plain THEN 'plain'
    WHEN line LIKE '%{{%' AND {has(METER)} THEN 'meter'
    WHEN line LIKE '%{{%' AND {has(INSIGHTS)} THEN 'insights'
    WHEN {text} THEN 'text'
    WHEN {json_line} AND {extract(JSON_REPORT)} IS NOT NULL THEN 'json'
    WHEN {extract(f"({START})")} IS NOT NULL THEN 'odd'
    ELSE 'none' END"""


def _texts() -> str:
    cpu = {"cpu_ms": 2, "wall_ms": 3}
    columns = {f"{field.name}_text": _field(field) for field in METRICS}
    columns["memory_mb_text"] = _cases(
        text=_text(BY_NAME["memory_mb"]),
        json=extract(_json_pattern(BY_NAME["memory_mb"])),
        meter=extract(_cpu_pattern("meter", 1, f"({_WHOLE})")),
        insights=extract(_cpu_pattern("insights", 1, f"({_WHOLE})")),
    )
    for name, k in cpu.items():
        both = {form: extract(_cpu_pattern(form, k, f"({_NUMBER})")) for form in _CPU_KEYS}
        columns[f"{name}_text"] = _cases(**both)
    columns["status_text"] = _optional(BY_NAME["status"], '"status": ?"([a-z]{1,32})"')
    error = '"errorType": ?"([0-9A-Za-z._]{1,128})"'
    columns["error_text"] = _optional(BY_NAME["error_type"], error)
    named = {form: extract(_cpu_pattern(form, 0, f'"({_NAME})"')) for form in _CPU_KEYS}
    stream = f"CASE WHEN line LIKE '%/%/%/%' THEN {extract(STREAM_FUNCTION)} END"
    columns["function_text"] = _cases(**named, other=stream)
    json_time = f"WHEN NOT is_plain AND form <> 'text' THEN {extract(JSON_TIME)}"
    columns["time_text"] = f"{LINE_TIME} {json_time} END"
    id_pattern = f'"requestId": ?"({BY_NAME["request_id"].value})"'
    columns["request_id"] = _cases(
        text=extract(f"^([0-9A-Za-z-]{{{ID_LENGTH}}})", f"SUBSTR(record, 1, {ID_LENGTH})"),
        json=extract(id_pattern),
    )
    columns["doubt"] = _doubt()
    return ",\n    ".join(f"{expression} AS {name}" for name, expression in columns.items())


def _field(field: Field) -> str:
    if field.name in REQUIRED:
        json = extract(_json_pattern(field))
        return _cases(text=_text(field), json=json)
    return _optional(field, _json_pattern(field))


def _text(field: Field) -> str:
    """Read a field at the first place where its label stands: cheaper than looking for a match.

    Where there is none, the line is left to the other rules, which look further.
    """
    place = f"POSITION('{field.label}:' IN record)"
    if field.before:  # the duration: right behind the id
        place = str(ID_LENGTH + 2)
    pattern = replace(field, before="").pattern
    return extract(f"^{pattern}", f"SUBSTR(record, {place}, {_WIDEST})")


def _optional(field: Field, json_pattern: str) -> str:
    """Look for a field only where its label is: finding a word is cheaper than a pattern."""
    found = extract(field.pattern, "record")
    text = f"CASE WHEN {has(field.label + ':', 'record')} THEN {found} END"
    return _cases(text=text, json=extract(json_pattern))


def _json_pattern(field: Field) -> str:
    return f'"{field.json_name}": ?({field.value})[ ,}}]'


def _cpu_pattern(form: str, k: int, value: str) -> str:
    return f'"{_CPU_KEYS[form][k]}": ?{value}[ ,}}]'


def _cases(*, other: str = "NULL", **forms: str) -> str:
    whens = " ".join(f"WHEN form = '{form}' THEN {value}" for form, value in forms.items())
    return f"CASE WHEN is_plain THEN NULL {whens} ELSE {other} END"


def _doubt() -> str:
    """Whether an event is one that only a parser of JSON should read.

    It is not well formed, says a length twice (spans have lengths too), stands on a line with a
    text record, or has a figure that is not a plain number.
    """
    event = "SUBSTR(line, POSITION('{' IN line))"
    whole = f"NULLIF(REGEXP_EXTRACT({event}, '{EVENT}', 0), '') IS NOT NULL"
    escaped = "POSITION(CHR(92) IN line) > 0"
    parts = " AND ".join(has(f'"{key}":') for key in ("record", "metrics"))
    figures = [key for keys in _CPU_KEYS.values() for key in keys]
    figures += [field.json_name for field in METRICS]
    said_once = ("status", "type", "requestId", *dict.fromkeys(figures))
    twice = " OR ".join(has(f'"{key}"%"{key}"') for key in said_once)
    text = has("RequestId:")
    odd = f"NOT {whole} OR {escaped} OR {text} OR {twice} OR (form = 'json' AND NOT ({parts}))"
    return f"CASE WHEN NOT is_plain AND form <> 'text' AND ({odd}) THEN 1 ELSE 0 END"


def _kind() -> str:
    odd_figures = " OR ".join(
        "(" + has(f'"{field.json_name}"') + f" AND {field.name} IS NULL)"
        for field in METRICS
        if field.name not in REQUIRED
    )
    cpu = f"cpu_ms <= {MOST_MS} AND wall_ms <= {MOST_MS} AND memory_mb <= {MOST_MEMORY_MB}"
    return f"""CASE
    WHEN is_plain THEN 'report'
    WHEN request_id IS NOT NULL AND {is_read()} AND {is_possible()}
      AND (form = 'text' OR (doubt = 0 AND NOT ({odd_figures}))) THEN 'report'
    WHEN form IN ('meter', 'insights') AND doubt = 0 AND function_text IS NOT NULL
      AND {cpu} THEN 'cpu'
    WHEN form = 'none' THEN 'none'
    ELSE 'left' END"""


def _init_rule() -> str:
    """1 if INIT is in the bill, 0 if it is not, NULL if the line does not tell; see `Report`."""
    both, alone = "(duration_ms + init_ms)", "duration_ms"
    with_init, without = (
        f"(billed_ms >= CEIL({ms} - 0.01) AND billed_ms <= CEIL({ms} + 0.01))"
        for ms in (both, alone)
    )
    return f"""CASE WHEN init_ms IS NULL THEN NULL
    WHEN {with_init} AND NOT {without} THEN 1
    WHEN {without} AND NOT {with_init} THEN 0 END"""


def _grouped() -> str:
    sums = ",\n  ".join(f"{_added(one)} AS {one.name}" for one in SUMS)
    own = ",\n    ".join(f"{_quantity(name)} AS {name}" for name in QUANTITIES if name not in KEYS)
    return f"""SELECT {", ".join(KEYS)},
  {sums}
FROM (
  SELECT kind, source, COALESCE(function_text, '') AS function_name,
    CASE WHEN kind IN ('report', 'cpu') THEN COALESCE(memory_mb, 0) ELSE 0 END AS memory_mb,
    CASE WHEN kind = 'report' AND COALESCE(init_ms, restore_ms) IS NOT NULL THEN 1 ELSE 0 END
      AS cold,
    CASE WHEN kind = 'report' THEN billed_ms ELSE 0 END AS billed_ms,
    COALESCE(SUBSTR(time_text, 1, 10), '') AS day,
    {own}
  FROM judged
) AS records
GROUP BY GROUPING SETS (({ALIKE}, billed_ms), ({ALIKE}, day))"""  # noqa: S608 - as above


def _quantity(name: str) -> str:
    """Return a quantity of the table of sums, from the columns of ``judged``."""
    alone = "CAST(CEIL(duration_ms) AS BIGINT)"
    made = {
        WRITTEN: "time_text",
        "status": "status_text",
        "error_type": "error_text",
        "init_billed": "init_rule",
        "init_added_ms": f"CASE WHEN init_rule = 1 AND billed_ms > {alone}"
        f" THEN billed_ms - {alone} END",
    }
    if name.endswith(NS):  # decimals to the nanosecond, so this takes none away
        return f"CAST({name.removesuffix(NS)}{MS} * 1000000 AS BIGINT)"
    return made.get(name, name)


def _added(one: Sum) -> str:
    """Return what a line of the table of sums adds up."""
    value = one.of or "1"
    if one.when:
        quantity, values = one.when
        listed = ", ".join(f"'{v}'" if isinstance(v, str) else str(v) for v in values)
        value = f"CASE WHEN {quantity} IN ({listed}) THEN {value} END"
    function = {"total": "SUM", "most": "MAX", "first": "MIN", "last": "MAX"}[one.adds]
    return f"COALESCE({function}({value}), {_nothing(one)})"


def added_again(one: Sum) -> str:
    """Return what adds up rows of the analysis further."""
    if one.adds == "total":
        return f"CAST(SUM({one.name}) AS BIGINT)"
    if one.adds == "first":  # nothing is no time
        return f"COALESCE(MIN(NULLIF({one.name}, '')), '')"
    return f"MAX({one.name})"


def _nothing(one: Sum) -> str:
    return "''" if one.nothing == "" else "0"


#: What records that are alike have in common, and all that they are grouped by.
ALIKE = "kind, source, function_name, memory_mb, cold"
KEYS = (*ALIKE.split(", "), "billed_ms", "day")
#: Columns of the analysis: what records are grouped by, then what is added up.
COLUMNS = (*KEYS, *(one.name for one in SUMS))
