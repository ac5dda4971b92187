"""The analysis as one portable SQL text, made from the table of fields in `report.py`.

It reads a table ``lines`` with two columns, ``source`` and ``line``, and returns one row for each
group of records that are alike. The same text runs on DuckDB (here), Spark SQL and Athena; so it
keeps to what they agree on: no backslash in a pattern, the group's index said, ``NULLIF`` around
every pattern (no match is NULL in one engine and nothing in another), lengths as decimals, no
column named as another. It has been run on DuckDB and on Spark, and through the Athena API of the
local cloud, which is DuckDB underneath; not on AWS.

Most lines of most logs are plain: as AWS writes them, one record with a tab between its fields, no
JSON, the figures that every record has in their order, and no others. The part of the text that
reads them is short. Each figure is cut out between two labels, which costs less than a pattern, and
each cut shortens what the next one has to look through. A figure counts only if it is the same when
it is written again, so that no engine takes for a number what is none. What is written otherwise is
left to the longer rules.

Rows are grouped twice in one pass: by the step of what was billed (``day`` is NULL), so that
percentiles can be merged from few rows, right to half a hundredth; and by day (``step_ms`` is
NULL). Lines that are not plain cases come as the kind ``left``; :func:`left_over` selects them, for
:mod:`serverless_tax.audit.read.grammar`.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from serverless_tax.audit.read.grammar import (
    INSIGHTS,
    JSON_LINE,
    JSON_REPORT,
    METER,
    MOST_MEMORY_MB,
    MOST_MS,
    STREAM_FUNCTION,
    TIME,
)
from serverless_tax.audit.read.payload import IN_BASE64
from serverless_tax.audit.read.plain import BETWEEN, FIGURES, FIRST, ID_LENGTH, LAST, PLAIN_START
from serverless_tax.audit.sums.steps import STEPS_MS, WIDEST_MS
from serverless_tax.audit.sums.table import MS, NS, QUANTITIES, SUMS, WRITTEN, Sum
from serverless_tax.ground.report import FIELDS, REQUIRED, ReportField

_BY_NAME = {field.name: field for field in FIELDS}
#: Fields that are figures.
_METRICS = tuple(field for field in FIELDS if field.json_name)
#: What stands before a record that is read here: nothing, a time in UTC, that and a log stream.
_HEAD = (
    f"^{TIME}([.][0-9]{{1,9}})?(Z|[+]00:00)? ([0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}}/[^ ]{{1,600}} )?$"
)
#: When a line was written, if it begins with that; the end of the CASE is left to others.
_LINE_TIME = "CASE WHEN line LIKE '____-__-__T__:__:__%' THEN SUBSTR(line, 1, 19)"
#: When an event was, in UTC.
_EVENT_TIME = f'"time": ?"({TIME})[.0-9]{{0,10}}Z?"'
#: What stands nowhere in a text record that is read here.
_NOT_IN_RECORD = "([^\t\r 0-9A-Za-z:._-])"
#: What says more of an event than is read here: names and other times.
_SAYS_MORE = ("unction", "arn:", "/aws/", "imestamp", '"log', '"date', '"ts"', "ccount", "egion")

#: Columns of figures, and how their text becomes a number.
_TYPES = {
    **{field.name: field.kind for field in _METRICS},
    "cpu_ms": "number",
    "wall_ms": "number",
}

# JSON as AWS writes its events, down to the third level: a pattern without a choice that could be
# taken twice, so that no engine goes back over a line.
_JSON_TEXT, _JSON_NUMBER = '"[^"\t]*"', "-?(0|[1-9][0-9]*)([.][0-9]+)?"
_PLAIN_VALUE = f"({_JSON_TEXT}|{_JSON_NUMBER}|true|false|null)"


def _object(value: str) -> str:
    return f"[{{]({_JSON_TEXT}: ?{value}(, ?{_JSON_TEXT}: ?{value})*)?[}}]"


_INNER = _object(_PLAIN_VALUE)
# A bracket cannot be named in a way that all engines read: it is none of these.
_BRACKET = '[^-"{}0-9A-Za-z:., ]'
_INNER_VALUE = f"({_PLAIN_VALUE}|{_INNER}|{_BRACKET}({_INNER}(, ?{_INNER})*)?{_BRACKET})"
#: An event that is well formed from its first brace to the end of its line.
_EVENT = f"^{_object(f'({_INNER_VALUE}|{_object(_INNER_VALUE)})')}[ \t\r]*$"


def _sql_type(name: str) -> str:
    """Return the type of a column of figures."""
    return "BIGINT" if _TYPES[name] == "whole" else "DECIMAL(18, 6)"


def _cast(name: str) -> str:
    """Return a figure from its text."""
    return f"CAST({name}_text AS {_sql_type(name)})"


def _extract(pattern: str, of: str = "line") -> str:
    """Return the group of a pattern, or NULL."""
    return f"NULLIF(REGEXP_EXTRACT({of}, '{pattern}', 1), '')"


def _has(text: str, of: str = "line") -> str:
    """Whether a text is there: cheaper to find than a pattern."""
    return f"{of} LIKE '%{text}%'"


def _is_read() -> str:
    """Whether every figure was read that a record must have."""
    figures = (field.name for field in _METRICS if field.name in REQUIRED)
    return " AND ".join(f"{name} IS NOT NULL" for name in figures)


def _is_possible(names: Container[str] = _TYPES) -> str:
    """Whether the figures of these names are such as a function can have."""
    lengths = ("duration_ms", "billed_ms", "init_ms", "billed_restore_ms")
    return " AND ".join(
        [
            f"memory_mb BETWEEN 1 AND {MOST_MEMORY_MB}",
            f"max_memory_used_mb BETWEEN 0 AND {MOST_MEMORY_MB}",
            *(f"COALESCE({name}, 0) BETWEEN 0 AND {MOST_MS}" for name in lengths if name in names),
        ]
    )


_NUMBER, _WHOLE = _BY_NAME["duration_ms"].value, _BY_NAME["billed_ms"].value
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
  WHERE ({_has("REPORT")} AND ({_has("Request")} OR {_has("Duration")}))
    OR {_has("platform.report")} OR {_has("END%Duration:")}
    OR ({_has("{")} AND ({_has('"metered')} OR {_has("cpu_total_time")} OR {_has("cpu_user_time")}
      OR {_has("illedDuration")}))
    OR {" OR ".join(map(_has, IN_BASE64))}
), {_plain()}, cut AS (
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
  SELECT source, line, time_text, function_text, status_text, error_text, {", ".join(_TYPES)},
    {_kind()} AS kind, {_init_rule()} AS init_rule
  FROM typed
)"""  # noqa: S608 - nothing of a user's is in it


def _plain_columns() -> str:
    return ", ".join(f"plain_{name}" for name in _TYPES if name in REQUIRED)


def _figures() -> str:
    columns = {name: _cast(name) for name in _TYPES}
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
    plainly = f"{_extract(_NOT_IN_RECORD, 'record')} IS NULL"
    text = f"start > 0 AND {follows} AND {plainly} AND {first} AND {only} AND {_is_head('start')}"
    brace = "POSITION('{' IN line)"
    json_line = f"{_extract(JSON_LINE)} = '{{' AND {_is_head(brace)} AND {_has_no('RequestId:')}"
    json_line += " AND line LIKE '%}'"
    return f"""CASE
    WHEN is_plain THEN 'plain'
    WHEN {text} THEN 'text'
    WHEN NOT ({json_line}) THEN 'odd'
    WHEN line LIKE '%{METER}%' AND {_starts(METER, brace)} THEN 'meter'
    WHEN {_has(INSIGHTS)} THEN 'insights'
    WHEN {_extract(JSON_REPORT)} IS NOT NULL THEN 'json'
    ELSE 'odd' END"""


def _has_no(text: str) -> str:
    return f"line NOT LIKE '%{text}%'"


def _starts(text: str, place: str) -> str:
    return f"SUBSTR(line, {place}, {len(text)}) = '{text}'"


def _is_head(place: str) -> str:
    """Whether what stands before a place is nothing, or what is read here."""
    head = f"SUBSTR(line, 1, {place} - 1)"
    return f"({place} = 1 OR NULLIF(REGEXP_EXTRACT({head}, '{_HEAD}', 0), '') IS NOT NULL)"


def _texts() -> str:
    cpu = {"cpu_ms": 2, "wall_ms": 3}
    columns = {f"{field.name}_text": _field(field) for field in _METRICS}
    columns["memory_mb_text"] = _cases(
        text=_text(_BY_NAME["memory_mb"]),
        json=_extract(_json_pattern(_BY_NAME["memory_mb"])),
        meter=_extract(_cpu_pattern("meter", 1, f"({_WHOLE})")),
        insights=_extract(_cpu_pattern("insights", 1, f"({_WHOLE})")),
    )
    for name, k in cpu.items():
        both = {form: _extract(_cpu_pattern(form, k, f"({_NUMBER})")) for form in _CPU_KEYS}
        columns[f"{name}_text"] = _cases(**both)
    columns["status_text"] = _optional(_BY_NAME["status"], '"status": ?"([a-z]{1,32})"')
    error = '"errorType": ?"([0-9A-Za-z._]{1,128})"'
    columns["error_text"] = _optional(_BY_NAME["error_type"], error)
    named = {form: _extract(_cpu_pattern(form, 0, f'"({_NAME})"')) for form in _CPU_KEYS}
    stream = f"CASE WHEN line LIKE '%/%/%/%' THEN {_extract(STREAM_FUNCTION)} END"
    columns["function_text"] = _cases(**named, other=stream)
    event_time = f"CASE WHEN NOT is_plain AND form = 'json' THEN {_extract(_EVENT_TIME)} END"
    columns["time_text"] = f"COALESCE({event_time}, {_LINE_TIME} END)"
    id_pattern = f'"requestId": ?"({_BY_NAME["request_id"].value})"'
    columns["request_id"] = _cases(
        text=_extract(f"^([0-9A-Za-z-]{{{ID_LENGTH}}})", f"SUBSTR(record, 1, {ID_LENGTH})"),
        json=_extract(id_pattern),
    )
    columns["doubt"] = _doubt()
    return ",\n    ".join(f"{expression} AS {name}" for name, expression in columns.items())


def _field(field: ReportField) -> str:
    if field.name in REQUIRED:
        json = _extract(_json_pattern(field))
        return _cases(text=_text(field), json=json)
    return _optional(field, _json_pattern(field))


def _text(field: ReportField) -> str:
    """Read a field at the first place where its label stands: cheaper than looking for a match.

    Where there is none, the line is left to the other rules, which look further.
    """
    place = f"POSITION('{field.label}:' IN record)"
    if field.before:  # the duration: right behind the id
        place = str(ID_LENGTH + 2)
    pattern = replace(field, before="").pattern
    return _extract(f"^{pattern}", f"SUBSTR(record, {place}, {_WIDEST})")


def _optional(field: ReportField, json_pattern: str) -> str:
    """Look for a field only where its label is: finding a word is cheaper than a pattern."""
    found = _extract(field.pattern, "record")
    text = f"CASE WHEN {_has(field.label + ':', 'record')} THEN {found} END"
    return _cases(text=text, json=_extract(json_pattern))


def _json_pattern(field: ReportField) -> str:
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
    whole = f"NULLIF(REGEXP_EXTRACT({event}, '{_EVENT}', 0), '') IS NOT NULL"
    escaped = "POSITION(CHR(92) IN line) > 0"
    parts = " AND ".join(_has(f'"{key}":') for key in ("record", "metrics"))
    figures = [key for keys in _CPU_KEYS.values() for key in keys]
    figures += [field.json_name for field in _METRICS]
    said_once = ("status", "type", "requestId", *dict.fromkeys(figures))
    twice = " OR ".join(_has(f'"{key}"%"{key}"') for key in said_once)
    text = _has("RequestId:")
    more = " OR ".join(map(_has, _SAYS_MORE))
    timed = f"(line NOT LIKE '%\"time\"%' OR {_extract(_EVENT_TIME)} IS NOT NULL)"
    event = f"(form = 'json' AND (NOT ({parts}) OR NOT {timed} OR {more}))"
    stamped = "(form = 'insights' AND (line LIKE '%imestamp%' OR line LIKE '%\"time%'))"
    odd = f"NOT {whole} OR {escaped} OR {text} OR {twice} OR {event} OR {stamped}"
    return f"CASE WHEN NOT is_plain AND form <> 'text' AND ({odd}) THEN 1 ELSE 0 END"


def _kind() -> str:
    odd_figures = " OR ".join(
        "(" + _has(f'"{field.json_name}"') + f" AND {field.name} IS NULL)"
        for field in _METRICS
        if field.name not in REQUIRED
    )
    cpu = f"cpu_ms <= {MOST_MS} AND wall_ms <= {MOST_MS} AND memory_mb <= {MOST_MEMORY_MB}"
    return f"""CASE
    WHEN is_plain THEN 'report'
    WHEN request_id IS NOT NULL AND {_is_read()} AND {_is_possible()}
      AND (form = 'text' OR (doubt = 0 AND NOT ({odd_figures}))) THEN 'report'
    WHEN form IN ('meter', 'insights') AND doubt = 0 AND function_text IS NOT NULL
      AND {cpu} THEN 'cpu'
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
    own = [name for name in QUANTITIES if name not in {*KEYS, "billed_ms"}]
    quantities = ",\n    ".join(f"{_quantity(name)} AS {name}" for name in own)
    return f"""SELECT {", ".join(KEYS)},
  {sums}
FROM (
  SELECT kind, source, COALESCE(function_text, '') AS function_name,
    CASE WHEN kind IN ('report', 'cpu') THEN COALESCE(memory_mb, 0) ELSE 0 END AS memory_mb,
    CASE WHEN kind = 'report' AND COALESCE(init_ms, restore_ms) IS NOT NULL THEN 1 ELSE 0 END
      AS cold,
    CASE WHEN kind = 'report' THEN billed_ms ELSE 0 END AS billed_ms,
    {_step()} AS step_ms,
    COALESCE(SUBSTR(time_text, 1, 10), '') AS day,
    {quantities}
  FROM judged
) AS records
GROUP BY GROUPING SETS (({ALIKE}, step_ms), ({ALIKE}, day))"""  # noqa: S608 - as above


def _step() -> str:
    """Return the shortest length of the step that a billed length lies in; see `steps`."""
    whens = " ".join(
        f"WHEN billed_ms < {below} THEN billed_ms - MOD(billed_ms, {wide})"
        for below, wide in STEPS_MS
    )
    wide = f"billed_ms - MOD(billed_ms, {WIDEST_MS})"
    return f"CASE WHEN kind <> 'report' THEN 0 {whens} ELSE {wide} END"


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
        length = f"CAST({name.removesuffix(NS)}{MS} AS DECIMAL(28, 6))"
        return f"CAST({length} * 1000000 AS BIGINT)"
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


def _nothing(one: Sum) -> str:
    return "''" if one.nothing == "" else "0"


#: What records that are alike have in common, and all that they are grouped by.
ALIKE = "kind, source, function_name, memory_mb, cold"
KEYS = (*ALIKE.split(", "), "step_ms", "day")
#: Columns of the analysis: what records are grouped by, then what is added up.
COLUMNS = (*KEYS, *(one.name for one in SUMS))


#: What may stand behind a record.
_BEHIND = ("", "\t", " ", "\r")
#: AWS writes lengths to the hundredth of a millisecond: text that comes back from it is such one.
_EXACT = {"whole": "BIGINT", "number": "DECIMAL(18, 2)"}
_WRITTEN = "VARCHAR(32)"  # one engine asks how long
#: What every table hands on to the next.
_KEPT = "source, line, start"


def _plain() -> str:
    """Return the tables from ``worth``, lines and where a record starts, to ``sorted_out``.

    ``sorted_out`` says of each line whether it ``is_plain``, and what its figures are then, as
    ``plain_…``.
    """
    id_at, id_size = len(PLAIN_START), ID_LENGTH + len(FIRST)
    kept = f"{_KEPT}, head, id_text"
    tables = f"""rest_0 AS (
  SELECT {_KEPT}, SUBSTR(line, 1, start - 1) AS head,
    SUBSTR(line, start + {id_at}, {id_size}) AS id_text,
    SUBSTR(line, start + {id_at + id_size}) AS rest
  FROM worth
)"""  # noqa: S608 - nothing of a user's is in it
    for k, (field, mark) in enumerate(zip(FIGURES, [*BETWEEN, LAST], strict=True)):
        place, text = f"place_{k}", f"{field.name}_text"
        tables += f""", found_{k} AS (
  SELECT {kept}, rest, POSITION('{mark}' IN rest) AS {place}
  FROM rest_{k}
), rest_{k + 1} AS (
  SELECT {kept}, {place}, SUBSTR(rest, 1, {place} - 1) AS {text},
    SUBSTR(rest, {place} + {len(mark)}) AS rest
  FROM found_{k}
)"""  # noqa: S608
        kept += f", {place}, {text}"
    figures = ",\n    ".join(
        f"TRY_CAST({field.name}_text AS {_EXACT[field.kind]}) AS {field.name}" for field in FIGURES
    )
    names = ", ".join(f"CAST({f.name} AS {_sql_type(f.name)}) AS plain_{f.name}" for f in FIGURES)
    return f"""{tables}, figures AS (
  SELECT {kept}, rest,
    {figures}
  FROM rest_{len(FIGURES)}
), sorted_out AS (
  SELECT {_KEPT}, {names},
    COALESCE({_is_plain()}, FALSE) AS is_plain
  FROM figures
)"""  # noqa: S608


def _is_plain() -> str:
    places = [f"place_{k} > 0" for k in range(len(FIGURES))]
    exact = [f"CAST({field.name} AS {_WRITTEN}) = {field.name}_text" for field in FIGURES]
    behind = ", ".join(f"'{text}'" for text in _BEHIND)
    # The id is looked at without a group, which costs less.
    whole_id = f"REGEXP_EXTRACT(id_text, '^[0-9A-Za-z-]{{{ID_LENGTH}}}{FIRST}$', 0)"
    return "\n      AND ".join(
        [
            "start > 0",
            *places,
            f"rest IN ({behind})",
            *exact,
            f"NOT {_has('/%/%/', 'head')}",  # a function's name stands there
            _is_head("start"),
            _is_possible(REQUIRED),
            f"NULLIF({whole_id}, '') IS NOT NULL",
        ]
    )
