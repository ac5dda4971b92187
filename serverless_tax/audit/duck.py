"""The analysis run by DuckDB on this machine, in little memory, and a way round what it refuses."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_tax.audit.copy import CLEAN, clean_lines
from serverless_tax.audit.progress import Progress
from serverless_tax.audit.sources import Source
from serverless_tax.audit.sql import ALIKE, analysis, left_over
from serverless_tax.audit.tally import Tally
from serverless_tax.units import InvalidQuantity

if TYPE_CHECKING:
    import duckdb

#: What one query reads at most, unless a single file is larger.
_BATCH_FILES, _BATCH_BYTES = 256, 1 << 30
#: What is copied before it is read, where a log has to be copied.
_COPY_CHARACTERS = 1 << 26
_MEMORY = "120MB"
#: What DuckDB reads at once: each thread holds some of these, in each place where it reads a file.
_BUFFER_BYTES = 8_000_000
#: A line longer than this is read without DuckDB, by which lines of that length are refused.
_LONGEST_LINE = 1 << 20
_ROWS = 10_000


def tally(sources: Sequence[Source], progress: Progress | None = None) -> Tally:
    """Add up logs.

    Raises:
        InvalidQuantity: if DuckDB is not installed, or a log cannot be read to its end.
    """
    progress = progress or Progress(0, silent=True)
    opened = database()
    with tempfile.TemporaryDirectory(prefix="serverless-tax-audit-") as folder:
        engine = _Engine(opened, Path(folder), progress)
        try:
            for batch in _batches([source for source in sources if source.plain]):
                engine.read(batch)
            for source in sources:
                if not source.plain:
                    engine.copy(source)
        finally:
            engine.close()
        return engine.tally


def _batches(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """Part files into batches that are packed alike, each small enough for one query."""
    batch: list[Source] = []
    for source in sorted(sources, key=lambda one: one.packing):
        size = sum(one.size_bytes for one in batch) + source.size_bytes
        full = len(batch) >= _BATCH_FILES or size > _BATCH_BYTES
        if batch and (full or batch[0].packing != source.packing):
            yield batch
            batch = []
        batch.append(source)
    if batch:
        yield batch


#: The analysis is kept here, so that Python sees few rows: many have the same length only.
_FOUND = f"CREATE OR REPLACE TEMP TABLE found AS {analysis()}"
# Nothing of a user's is in these.
_FOUND_LENGTHS = f"""
SELECT {ALIKE}, billed_ms, CAST(SUM(records_total) AS BIGINT) FROM found
WHERE day IS NULL AND kind IN ('report', 'cpu') GROUP BY {ALIKE}, billed_ms"""  # noqa: S608
_FOUND_SUMS = f"""
SELECT {ALIKE}, init_rule, outcome, out_of_memory, NULL, day,
  CAST(SUM(records_total) AS BIGINT), CAST(SUM(billed_total_ms) AS BIGINT),
  CAST(SUM(length_total_ns) AS BIGINT), CAST(SUM(busy_total_ns) AS BIGINT),
  CAST(SUM(init_total_ms) AS BIGINT), CAST(SUM(restore_total_ms) AS BIGINT),
  MAX(peak_used_mb), COALESCE(MIN(NULLIF(first_time, '')), ''), MAX(last_time)
FROM found GROUP BY {ALIKE}, init_rule, outcome, out_of_memory, day"""  # noqa: S608


class _Engine:
    """A database in memory, the sums so far, and a folder for copies."""

    def __init__(self, opened: duckdb.DuckDBPyConnection, folder: Path, progress: Progress) -> None:
        self._db = opened
        self._duckdb_error = db_error()
        self._copy = folder / "copy.log"
        self._progress = progress
        self._size_bytes = 0  # of the files of the query that runs; a copy counts itself
        self.tally = Tally()
        self._run(f"SET temp_directory = {quoted(str(folder / 'spill'))}")
        self._run("SET enable_progress_bar = true; SET enable_progress_bar_print = false")

    def close(self) -> None:
        self._db.close()

    def read(self, batch: list[Source]) -> None:
        """Read files as they stand; those that DuckDB refuses, one by one, as copies."""
        labels = {str(source.path): source.label for source in batch}
        try:
            self._size_bytes = sum(source.size_bytes for source in batch)
            found = self._query(list(labels), batch[0].packing)
        except self._duckdb_error:
            half = len(batch) // 2
            if not half:
                self.copy(batch[0])
                return
            self.read(batch[:half])
            self.read(batch[half:])
            return
        self.tally.add(found)
        self._progress.done(self._size_bytes)

    def copy(self, source: Source) -> None:
        """Read a log from clean copies of its lines, one after the other."""
        self._size_bytes = 0
        for lines in _parts(clean_lines(source), self.tally, source.label):
            self._copy.write_text("\n".join(lines) + "\n", "utf-8", "replace")
            try:
                found = self._query([str(self._copy)], "", label=source.label)
            except self._duckdb_error:  # whatever it is, the other reader takes it
                for line in lines:
                    self.tally.add_line(source.label, line)
            else:
                self.tally.add(found)
            self._progress.read(sum(map(len, lines)))
        self._progress.done(source.size_bytes)

    def _query(self, paths: list[str], packing: str, label: str = "") -> Tally:
        """Run the analysis on files, and the other rules on the lines it leaves."""
        self._run(_view(paths, packing, label))
        self._run(_FOUND)
        found = Tally()
        left = found.add_rows(self._rows(_FOUND_SUMS))
        found.add_lengths(self._rows(_FOUND_LENGTHS))
        if left:
            for source, line in self._rows(left_over()):
                found.add_line(source, line.translate(CLEAN))
        return found

    def _rows(self, sql: str) -> Iterator[Any]:
        self._run(sql)
        while rows := self._db.fetchmany(_ROWS):
            yield from rows

    def _run(self, sql: str) -> None:
        """Run a query while this thread says how far it is, and can be interrupted.

        Never in this thread itself: there DuckDB would take the interrupt, as an error of a query.
        """
        failed: list[BaseException] = []

        def run() -> None:
            try:
                self._db.execute(sql)
            except BaseException as error:  # noqa: BLE001 - raised again, in the caller's thread
                failed.append(error)

        thread = threading.Thread(target=run, name="audit-query")
        thread.start()
        try:
            while thread.is_alive():
                thread.join(0.2)
                self._progress.part(self._db.query_progress(), self._size_bytes)
        except BaseException:
            self._db.interrupt()
            thread.join()
            raise
        if failed:
            raise failed[0]


def _parts(lines: Iterator[str], tally: Tally, label: str) -> Iterator[list[str]]:
    """Gather lines to copies of some megabytes; the longest are read at once, without a copy."""
    part: list[str] = []
    size = 0
    for line in lines:
        if len(line) > _LONGEST_LINE:
            tally.add_line(label, line)
            continue
        part.append(line)
        size += len(line)
        if size > _COPY_CHARACTERS:
            yield part
            part, size = [], 0
    if part:
        yield part


def _view(paths: list[str], packing: str, label: str) -> str:
    """Return the SQL that makes files the table ``lines``, one line a row."""
    names = ", ".join(quoted(_literal(path)) for path in paths)
    source = quoted(label) if label else "filename"
    return (
        # A view takes no parameters; names are quoted.
        f"CREATE OR REPLACE TEMP VIEW lines AS SELECT {source} AS source, line FROM read_csv("  # noqa: S608
        f"[{names}], columns = {{'line': 'VARCHAR'}}, auto_detect = false, header = false,"
        f" delim = '\x01', quote = '', escape = '', nullstr = '\x02', filename = true,"
        f" buffer_size = {_BUFFER_BYTES},"
        f" compression = '{packing or 'none'}')"
    )


def _literal(path: str) -> str:
    """Write a path so that DuckDB takes it for a name: brackets are common in log streams."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


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
    return duckdb.connect(":memory:", config=settings)


def db_error() -> type[Exception]:
    """Return what DuckDB raises."""
    import duckdb  # noqa: PLC0415 - an extra

    return duckdb.Error
