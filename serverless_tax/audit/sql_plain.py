"""The part of the SQL text that reads most lines of most logs, and is short for that reason.

A line is plain if it holds one record and no JSON, and the record has no more than the fields that
every record has: nothing is looked for that is seldom there. Of the columns that the longer rules
of :mod:`serverless_tax.audit.sql` fill, most are NULL here.
"""

from __future__ import annotations

from serverless_tax.audit.sql_words import (
    BY_NAME,
    ID_AT,
    ID_LENGTH,
    LINE_TIME,
    METRICS,
    PLAIN_START,
    TYPES,
    cast,
    extract,
    has,
    is_possible,
    is_read,
    sql_type,
)
from serverless_tax.report import FIELDS, REQUIRED, SPACE

_READ = tuple(field for field in METRICS if field.name in REQUIRED)
#: What is on no plain line: JSON, a second record, a field that few records have, the name of a
#: log stream.
_SELDOM = (f"{f.label}:" for f in FIELDS if f.name not in REQUIRED and f.name != "xray_trace_id")
_NEVER = ("{", "RequestId:%RequestId:", *_SELDOM, "/%/%/")


def is_plain() -> str:
    """Whether a line is read by these rules."""
    return " AND ".join([has(PLAIN_START), *(f"NOT ({has(text)})" for text in _NEVER)])


def plain() -> str:
    """Return the tables from ``worth``, the lines that matter, to ``plain_judged``."""
    texts = ",\n    ".join(f"{_text(field.name)} AS {field.name}_text" for field in _READ)
    read = {field.name for field in _READ}
    columns = ",\n    ".join(
        (cast(name) if name in read else f"CAST(NULL AS {sql_type(name)})") + f" AS {name}"
        for name in TYPES
    )
    # The id is looked at without a group, which costs less.
    whole_id = f"REGEXP_EXTRACT(SUBSTR(tail, {ID_AT}, {ID_LENGTH}), '^[0-9A-Za-z-]+$', 0)"
    return f"""plain AS (
  SELECT source, line, SUBSTR(line, POSITION('{PLAIN_START}' IN line)) AS tail
  FROM worth
  WHERE is_plain
), plain_texts AS (
  SELECT source, line, {LINE_TIME} END AS time_text, NULLIF({whole_id}, '') AS id_text,
    {texts}
  FROM plain
), plain_typed AS (
  SELECT source, line, time_text, id_text,
    {columns}
  FROM plain_texts
), plain_judged AS (
  SELECT source, line, time_text, {", ".join(TYPES)},
    CASE WHEN id_text IS NOT NULL AND {is_read()} AND {is_possible()}
      THEN 'report' ELSE 'left' END AS kind
  FROM plain_typed
)"""  # noqa: S608 - nothing of a user's is in it


def _text(name: str) -> str:
    field = BY_NAME[name]
    if not field.before:
        return extract(field.pattern, "tail")
    # The duration: right behind the id.
    pattern = f"^{SPACE}{field.label}: ({field.value}) {field.unit}"
    return extract(pattern, f"SUBSTR(tail, {ID_AT + ID_LENGTH}, 40)")
