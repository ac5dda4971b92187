"""Rows of the SQL analysis that an engine wrote: CSV, JSON a line, or Parquet, back into sums.

Engines write the same rows in their own ways: Athena quotes every value of its CSV, Spark writes a
folder of parts, others write whole numbers with a point. All are read as text, and a number counts
only if it is whole. Lines that the analysis left to other rules come in a second file, with their
``source`` and ``line``; those that are missing count as unread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from serverless_tax.audit.read.duck import database, db_error, quoted, said_by
from serverless_tax.audit.read.sources import Source, paths
from serverless_tax.audit.read.sql import COLUMNS
from serverless_tax.audit.read.where import GROUP_VALUE, function_of_log_group
from serverless_tax.audit.sums.table import SUMS
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.ground.units import InvalidQuantity

_LEFT = ("source", "line")
_TEXTS = {
    *("kind", "source", "function_name", "day"),
    *(one.name for one in SUMS if one.nothing == ""),
}
#: What engines write beside their rows.
_BESIDE = (".crc", ".metadata")
_AT_ONCE = 10_000


def tally(words: Sequence[str], function: str = "") -> tuple[Tally, list[Source]]:
    """Add up rows of the analysis.

    Args:
        words: files, folders and patterns.
        function: the function's name, where no row says it.

    Raises:
        InvalidQuantity: for what is no file of such rows.
    """
    sums, sources, left, given = Tally(), dict[str, Source](), 0, 0
    named = (path for word in words for path in paths(word, "a file of rows"))
    files = dict.fromkeys(filter(_is_rows, named))
    if not files:
        msg = f"No file of rows was found in {' '.join(words)}; name what the engine wrote."
        raise InvalidQuantity(msg)
    for path in files:
        for row in _rows(path):
            source = row["source"]
            if source not in sources:
                sources[source] = Source(source, None, function=function or _function(source))
            if "line" in row:
                sums.add_line(source, row["line"])
                given += 1
            else:
                if row["step_ms"] is not None:  # engines write the day's NULL as nothing
                    row["day"] = None
                left += sums.add_rows([[row[name] for name in COLUMNS]])
    sums.unread += max(left - given, 0)
    sums.left, sums.by_engine = max(left - given, 0), True
    return sums, list(sources.values())


def _is_rows(path: Path) -> bool:
    return not path.name.startswith(("_", ".")) and path.suffix not in _BESIDE


def _function(source: str) -> str:
    """Return the function's name where a source is its log group."""
    found = GROUP_VALUE.fullmatch(source)
    return function_of_log_group(f"/aws/lambda/{found.group(4)}") if found else ""


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file by their columns' names, typed."""
    with database() as db:
        try:
            answer = db.execute(f"SELECT * FROM {_table(path)}")  # noqa: S608 - the path is quoted
            names = [str(column[0]).strip().lower() for column in answer.description or ()]
            wanted = _LEFT if set(names) == set(_LEFT) else COLUMNS
            missing = [name for name in wanted if name not in names]
            if missing:
                msg = (
                    f"{path} has no column {missing[0]}; expected the rows of audit --sql, with the"
                    " names of the columns in the first row."
                )
                raise InvalidQuantity(msg)
            while some := answer.fetchmany(_AT_ONCE):
                for row in some:
                    said = dict(zip(names, row, strict=True))
                    yield {name: _value(path, name, said[name]) for name in wanted}
        except db_error() as error:
            msg = f"{path} cannot be read: {said_by(error)}; expected CSV, JSON a line, or Parquet."
            raise InvalidQuantity(msg) from None


def _table(path: Path) -> str:
    """Return what reads a file, which is known by how it begins; a packed one by its name."""
    with path.open("rb") as opened:
        head = opened.read(4)
    name = quoted(str(path))
    if head == b"PAR1":
        return f"read_parquet({name})"
    if head[:1] == b"{" or path.name.endswith((".json.gz", ".ndjson.gz", ".jsonl.gz")):
        return f"read_json({name}, format = 'newline_delimited')"
    return (
        f"read_csv({name}, header = true, all_varchar = true, quote = '\"', escape = '\"',"
        " delim = ',', allow_quoted_nulls = false)"
    )


def _value(path: Path, name: str, value: Any) -> Any:
    if name in _TEXTS or name == "line":
        return "" if value is None else str(value)
    if value is None or value == "":
        if name == "step_ms":  # of a row for a day
            return None
        msg = f"{path} has no {name} in a row; expected the rows of audit --sql as they are."
        raise InvalidQuantity(msg)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number != number.to_integral_value():
        msg = f"{path} has {name} {value!r}; expected a whole number, as audit --sql returns it."
        raise InvalidQuantity(msg)
    return int(number)
