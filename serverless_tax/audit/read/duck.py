"""DuckDB on this machine, in little memory: what reads a bill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serverless_tax.ground.units import InvalidQuantity

if TYPE_CHECKING:
    import duckdb

_MEMORY = "120MB"


def quoted(text: str) -> str:
    """Return text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def database() -> duckdb.DuckDBPyConnection:
    """Open a database in memory.

    Raises:
        InvalidQuantity: if DuckDB is not installed.
        MemoryError: if the system has none left for it.
    """
    try:
        import duckdb  # noqa: PLC0415 - slow to import
    except ImportError:
        msg = "The audit needs DuckDB, which its installation brings; pip install duckdb"
        raise InvalidQuantity(msg) from None
    settings: dict[str, Any] = {"memory_limit": _MEMORY, "preserve_insertion_order": "false"}
    try:
        opened = duckdb.connect(":memory:", config=settings)
    except duckdb.Error as error:
        raise RuntimeError(said_by(error)) from error
    opened.execute("SET enable_progress_bar = false")  # it would stand in the report
    opened.execute("SET TimeZone = 'UTC'")  # days of a bill are those of UTC
    return opened


def said_by(error: Exception) -> str:
    """Return the first line of what DuckDB says.

    Raises:
        MemoryError: if it says that the system gave it no memory.
    """
    if "Allocation failure" in str(error):
        raise MemoryError from None
    return str(error).partition("\n")[0]


def db_error() -> type[Exception]:
    """Return what DuckDB raises."""
    import duckdb  # noqa: PLC0415 - slow to import

    return duckdb.Error
