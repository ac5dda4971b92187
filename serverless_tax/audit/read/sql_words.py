"""Expressions that the portable SQL text is made of, from the table of fields in `report.py`."""

from __future__ import annotations

from collections.abc import Container

from serverless_tax.audit.read.records import MOST_MEMORY_MB, MOST_MS
from serverless_tax.ground.report import FIELDS, REQUIRED

BY_NAME = {field.name: field for field in FIELDS}
#: Fields that are figures.
METRICS = tuple(field for field in FIELDS if field.json_name)
#: When a line was written, if it begins with that; the end of the CASE is left to others.
LINE_TIME = "CASE WHEN line LIKE '____-__-__T__:__:__%' THEN SUBSTR(line, 1, 19)"

#: Columns of figures, and how their text becomes a number.
TYPES = {
    **{field.name: field.kind for field in METRICS},
    "cpu_ms": "number",
    "wall_ms": "number",
}

# JSON as AWS writes its events, down to the third level: a pattern without a choice that could be
# taken twice, so that no engine goes back over a line.
_TEXT, _NUMBER = '"[^"\t]*"', "-?(0|[1-9][0-9]*)([.][0-9]+)?"
_PLAIN_VALUE = f"({_TEXT}|{_NUMBER}|true|false|null)"


def _object(value: str) -> str:
    return f"[{{]({_TEXT}: ?{value}(, ?{_TEXT}: ?{value})*)?[}}]"


_INNER = _object(_PLAIN_VALUE)
# A bracket cannot be named in a way that all engines read: it is none of these.
_BRACKET = '[^-"{}0-9A-Za-z:., ]'
_INNER_VALUE = f"({_PLAIN_VALUE}|{_INNER}|{_BRACKET}({_INNER}(, ?{_INNER})*)?{_BRACKET})"
#: An event that is well formed from its first brace to the end of its line.
EVENT = f"^{_object(f'({_INNER_VALUE}|{_object(_INNER_VALUE)})')}[ \t\r]*$"


def sql_type(name: str) -> str:
    """Return the type of a column of figures."""
    return "BIGINT" if TYPES[name] == "whole" else "DECIMAL(18, 6)"


def cast(name: str) -> str:
    """Return a figure from its text."""
    return f"CAST({name}_text AS {sql_type(name)})"


def extract(pattern: str, of: str = "line") -> str:
    """Return the group of a pattern, or NULL."""
    return f"NULLIF(REGEXP_EXTRACT({of}, '{pattern}', 1), '')"


def has(text: str, of: str = "line") -> str:
    """Whether a text is there: cheaper to find than a pattern."""
    return f"{of} LIKE '%{text}%'"


def is_read() -> str:
    """Whether every figure was read that a record must have."""
    figures = (field.name for field in METRICS if field.name in REQUIRED)
    return " AND ".join(f"{name} IS NOT NULL" for name in figures)


def is_possible(names: Container[str] = TYPES) -> str:
    """Whether the figures of these names are such as a function can have."""
    lengths = ("duration_ms", "billed_ms", "init_ms", "billed_restore_ms")
    return " AND ".join(
        [
            f"memory_mb BETWEEN 1 AND {MOST_MEMORY_MB}",
            f"max_memory_used_mb BETWEEN 0 AND {MOST_MEMORY_MB}",
            *(f"COALESCE({name}, 0) BETWEEN 0 AND {MOST_MS}" for name in lengths if name in names),
        ]
    )
