"""The analysis run by DuckDB on this machine, in little memory, on lines of many logs at once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from serverless_tax.audit.read.sql import ALIKE, added_again, analysis, left_over
from serverless_tax.audit.sums.table import SUMS
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.ground.units import InvalidQuantity

if TYPE_CHECKING:
    import duckdb

#: What is gathered before a query.
_GATHERED_BYTES = 1 << 26
_MEMORY = "120MB"
#: What DuckDB reads at once: each thread holds some of these, in each place where it reads a file.
_BUFFER_BYTES = 1_100_000
#: A line longer than this is read without DuckDB, by which lines of that length are refused.
_LONGEST_LINE = 1 << 20
_ROWS = 10_000
#: What stands between the number of a log and a line of it; what else ends a line or a field for
#: a reader of CSV becomes a space.
_BETWEEN = b"\x01"
_ENDS = b"\r\x00\x01\x0b\x0c"
_CLEAN = bytes.maketrans(_ENDS, b" " * len(_ENDS))

#: The analysis is kept here, so that Python sees few rows: many have the same length only.
_FOUND = f"CREATE OR REPLACE TEMP TABLE found AS {analysis()}"
# Nothing of a user's is in these.
_FOUND_LENGTHS = f"""
SELECT {ALIKE}, billed_ms, CAST(SUM(invocations) AS BIGINT) FROM found
WHERE day IS NULL AND kind IN ('report', 'cpu') GROUP BY {ALIKE}, billed_ms"""  # noqa: S608
_FOUND_SUMS = f"""
SELECT {ALIKE}, NULL, day, {", ".join(map(added_again, SUMS))}
FROM found GROUP BY {ALIKE}, day"""  # noqa: S608


class Analysis:
    """Gathers lines of logs, and adds them up by the SQL text whenever there are many.

    Queries run in a thread of their own, while more lines are gathered; and never in the caller's:
    there DuckDB would take an interrupt, as an error of a query. What is written to the disk is
    gone when the analysis is closed, whatever ends it.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="serverless-tax-audit-")
        self._thread = ThreadPoolExecutor(1, "audit-query")
        self._opened = self._thread.submit(self._open)
        self._query: Future[Tally] | None = None
        self._stopped = False
        self._labels: list[str] = []
        self._numbers = count()
        self._copy = self._new_copy()
        self._tally = Tally()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        opened = None if self._opened.exception() else self._opened.result()
        if opened:
            opened.interrupt()
        self._thread.shutdown()
        if opened:
            opened.close()
        self._copy.close()
        self._folder.cleanup()

    def add(self, label: str, lines: Sequence[bytes]) -> None:
        """Gather lines of a log.

        Raises:
            InvalidQuantity: if DuckDB is not installed, or the disk for temporary files is full.
        """
        if self._opened.done():
            self._opened.result()  # says at once if there is none
        for line in [line for line in lines if len(line) > _LONGEST_LINE]:
            self._tally.add_line(label, line.translate(_CLEAN).decode("utf-8", "replace"))
        lines = [line for line in lines if len(line) <= _LONGEST_LINE]
        if not lines:
            return
        if not self._labels or self._labels[-1] != label:
            self._labels.append(label)
        number = f"{len(self._labels) - 1}".encode()
        text = b"\n".join(lines).translate(_CLEAN)
        try:
            text.decode()
        except UnicodeDecodeError:
            text = text.decode("utf-8", "replace").encode()
        text = number + _BETWEEN + text.replace(b"\n", b"\n" + number + _BETWEEN) + b"\n"
        try:
            self._copy.write(text)
            self._copy.flush()
        except OSError as error:
            msg = (
                f"Lines of the log cannot be copied to {self._folder.name}: {error.strerror};"
                " make room there, or set TMPDIR to a folder with some."
            )
            raise InvalidQuantity(msg) from None
        if self._copy.tell() > _GATHERED_BYTES:
            self._start()

    def tally(self) -> Tally:
        """Return the sums of all lines.

        Raises:
            InvalidQuantity: if DuckDB is not installed.
        """
        self._start()
        self._wait()
        return self._tally

    def _open(self) -> duckdb.DuckDBPyConnection:
        opened = database()
        opened.execute(f"SET temp_directory = {quoted(self._folder.name)}")
        return opened

    def _new_copy(self) -> BinaryIO:
        return Path(self._folder.name, f"lines-{next(self._numbers)}").open("wb")

    def _start(self) -> None:
        """Hand the lines so far to the thread, once it is done with those before them."""
        self._opened.result()
        self._wait()
        self._copy.close()
        if self._labels:
            self._query = self._thread.submit(self._added, Path(self._copy.name), self._labels)
        self._labels, self._copy = [], self._new_copy()

    def _wait(self) -> None:
        if self._query is not None:
            self._tally.add(self._query.result())
            self._query = None

    def _added(self, copy: Path, labels: list[str]) -> Tally:
        """Run the analysis on lines, and the other rules on those that it leaves."""
        try:
            return self._found(copy, labels)
        except db_error():
            if self._stopped:
                raise
            return _by_the_other_rules(copy, labels)
        finally:
            copy.unlink()

    def _found(self, copy: Path, labels: list[str]) -> Tally:
        opened = self._opened.result()
        opened.execute(
            # A view takes no parameters; the name is quoted.
            f"CREATE OR REPLACE TEMP VIEW lines AS FROM read_csv({quoted(str(copy))},"
            " columns = {'source': 'VARCHAR', 'line': 'VARCHAR'},"
            f" auto_detect = false, header = false, delim = '{_BETWEEN.decode()}', quote = '',"
            f" escape = '', nullstr = '\x02', buffer_size = {_BUFFER_BYTES})"
        )
        opened.execute(_FOUND)
        found = Tally()
        left = found.add_rows(_rows(opened, _FOUND_SUMS, labels))
        found.add_lengths(_rows(opened, _FOUND_LENGTHS, labels))
        if left:
            for label, line in _rows(opened, left_over(), labels):
                found.add_line(label, line)
        return found


def _by_the_other_rules(copy: Path, labels: list[str]) -> Tally:
    """Add up lines that DuckDB refuses, for whatever reason."""
    found = Tally()
    with copy.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            number, _, said = line.rstrip("\n").partition(_BETWEEN.decode())
            found.add_line(labels[int(number)], said)
    return found


def _rows(opened: duckdb.DuckDBPyConnection, sql: str, labels: list[str]) -> Iterator[Any]:
    """Yield the rows of a query, with the log's name in the place of its number."""
    opened.execute(sql)
    at = [column[0] for column in opened.description or ()].index("source")
    while rows := opened.fetchmany(_ROWS):
        for row in rows:
            yield [*row[:at], labels[int(row[at])], *row[at + 1 :]]


def quoted(text: str) -> str:
    """Return text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def database() -> duckdb.DuckDBPyConnection:
    """Open a database in memory.

    Raises:
        InvalidQuantity: if DuckDB is not installed.
    """
    try:
        import duckdb  # noqa: PLC0415 - an extra
    except ImportError:
        msg = "The audit needs DuckDB; pip install 'serverless-tax[audit]'"
        raise InvalidQuantity(msg) from None
    settings: dict[str, Any] = {"memory_limit": _MEMORY, "preserve_insertion_order": "false"}
    opened = duckdb.connect(":memory:", config=settings)
    opened.execute("SET enable_progress_bar = false")  # it would stand in the report
    return opened


def db_error() -> type[Exception]:
    """Return what DuckDB raises."""
    import duckdb  # noqa: PLC0415 - an extra

    return duckdb.Error
