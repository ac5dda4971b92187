"""The part of the SQL text that reads most lines of most logs, and is short for that reason.

A line is plain if it is as AWS writes it: one record with a tab between its fields, no JSON, the
figures that every record has in their order, and no others. So each figure is cut out between two
labels, which costs less than a pattern, and each cut shortens what the next one has to look
through. A figure counts only if it is the same when it is written again, so that no engine takes
for a number what is none. What is written otherwise is left to the longer rules of
:mod:`serverless_tax.audit.read.sql`.
"""

from __future__ import annotations

from serverless_tax.audit.read.plain_line import BETWEEN, FIGURES, FIRST, ID_LENGTH, LAST, START
from serverless_tax.audit.read.sql_words import has, is_possible, sql_type
from serverless_tax.ground.report import REQUIRED

#: What may stand behind a record; what may not stand before it: JSON, or a piece of it, another
#: record, the name of a log stream.
_BEHIND = ("", "\t", " ", "\r")
_NOT_BEFORE = ("{", '"time"', "RequestId:", "/%/%/")
#: AWS writes lengths to the hundredth of a millisecond: text that comes back from it is such one.
_EXACT = {"whole": "BIGINT", "number": "DECIMAL(18, 2)"}
_WRITTEN = "VARCHAR(32)"  # one engine asks how long
#: What every table hands on to the next.
_KEPT = "source, line, start"


def plain() -> str:
    """Return the tables from ``worth``, lines and where a record starts, to ``sorted_out``.

    ``sorted_out`` says of each line whether it ``is_plain``, and what its figures are then, as
    ``plain_…``.
    """
    id_at, id_size = len(START), ID_LENGTH + len(FIRST)
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
    names = ", ".join(f"CAST({f.name} AS {sql_type(f.name)}) AS plain_{f.name}" for f in FIGURES)
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
    before = " OR ".join(has(text, "head") for text in _NOT_BEFORE)
    # The id is looked at without a group, which costs less.
    whole_id = f"REGEXP_EXTRACT(id_text, '^[0-9A-Za-z-]{{{ID_LENGTH}}}{FIRST}$', 0)"
    return "\n      AND ".join(
        [
            "start > 0",
            *places,
            f"rest IN ({behind})",
            *exact,
            f"(start = 1 OR NOT ({before}))",
            is_possible(REQUIRED),
            f"NULLIF({whole_id}, '') IS NOT NULL",
        ]
    )
