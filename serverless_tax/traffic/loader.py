"""Read a trace: a CSV file with the time of each request and two counts of tokens."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import numpy as np

from serverless_tax.ground.files import unreadable
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.traffic.requests import Trace


def load_trace(
    path: str | Path,
    *,
    timestamp: str = "TIMESTAMP",
    input_tokens: str = "ContextTokens",
    output_tokens: str = "GeneratedTokens",
    limit: int | None = None,
) -> Trace:
    """Read the requests of a CSV file with a header, plain or ``.gz``.

    The default columns are those of Azure's LLM inference traces. BurstGPT has ``Timestamp``,
    ``Request tokens`` and ``Response tokens``. A time is a date and time, or a number of seconds.
    Rows out of order are sorted. ``limit`` is the largest number of rows to read.

    Raises:
        InvalidQuantity: for a missing file, column or value, or a wrong value, with its line.
    """
    file = Path(path)
    columns = (timestamp, input_tokens, output_tokens)
    try:
        with _opened(file) as text:
            rows = list(_rows(file, text, columns, limit))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as problem:
        raise InvalidQuantity(unreadable(file, problem)) from None
    if not rows:
        msg = f"{file} has a header and no requests; expected one row for each request."
        raise InvalidQuantity(msg)
    times, read, written = np.array(rows, float).T
    order = np.argsort(times, kind="stable")
    return Trace(file.name, str(file), times[order] - times[order[0]], read[order], written[order])


def _opened(file: Path) -> IO[str]:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def _rows(
    file: Path, text: IO[str], columns: tuple[str, str, str], limit: int | None
) -> Iterator[tuple[float, float, float]]:
    reader = csv.reader(text)
    header = next(reader, [])
    missing = [name for name in columns if name not in header]
    if missing:
        there = ", ".join(header) or "nothing"
        msg = f"{file} has no column {missing[0]!r}; it has {there}. Name the three columns."
        raise InvalidQuantity(msg)
    places = [header.index(name) for name in columns]
    for row in reader:
        if limit is not None and reader.line_num > limit + 1:
            return
        if not row:
            continue
        if len(row) <= max(places):
            msg = f"{file}, line {reader.line_num}, has {len(row)} values; expected {len(header)}."
            raise InvalidQuantity(msg)
        values = [row[place] for place in places]
        where = f"{file}, line {reader.line_num}"
        yield (
            _seconds(where, columns[0], values[0]),
            _tokens(where, columns[1], values[1]),
            _tokens(where, columns[2], values[2]),
        )


def _seconds(where: str, column: str, value: str) -> float:
    """Return a time in seconds: a number as it is, a date and time since 1970."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = datetime.fromisoformat(value.strip())
        except ValueError:
            msg = (
                f"{where}: {column} is {value!r}; expected a date and time such as"
                " 2023-11-16 18:15:46, or seconds as a number."
            )
            raise InvalidQuantity(msg) from None
        seconds = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    if not np.isfinite(seconds):
        msg = f"{where}: {column} is {value!r}; expected a finite number of seconds."
        raise InvalidQuantity(msg)
    return seconds


def _tokens(where: str, column: str, value: str) -> float:
    try:
        tokens = float(value)
    except ValueError:
        tokens = -1.0
    if not 0 <= tokens < np.inf:
        msg = f"{where}: {column} is {value!r}; expected a number of tokens, at least 0."
        raise InvalidQuantity(msg)
    return tokens
