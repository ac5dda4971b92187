"""DuckDB on this machine, in little memory: what reads a bill."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
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
        InvalidQuantity: if DuckDB is not installed, or cannot be opened.
        MemoryError: if the system has none left for it.
    """
    try:
        import duckdb  # noqa: PLC0415 - slow to import
    except ModuleNotFoundError:
        msg = "The audit needs DuckDB, which its installation brings; pip install duckdb"
        raise InvalidQuantity(msg) from None
    except ImportError as error:
        if "failed to map" in str(error):
            raise MemoryError from None
        raise
    settings: dict[str, Any] = {"memory_limit": _MEMORY, "preserve_insertion_order": "false"}
    settings["temp_directory"] = _room()
    try:
        opened = _opened(settings | _threads())
        opened.execute("SET enable_progress_bar = false")  # it would stand in the report
        opened.execute("SET TimeZone = 'UTC'")  # days of a bill are those of UTC
    except duckdb.Error as error:
        msg = f"DuckDB, which reads it, cannot be opened: {said_by(error)}"
        raise InvalidQuantity(msg) from None
    return opened


def _room() -> str:
    """Return where what is more than its memory goes, which is gone when it is closed.

    Nothing where no folder can be written: then it has its memory alone.
    """
    try:
        return str(Path(tempfile.gettempdir()) / f"serverless-tax-{os.getpid()}")
    except FileNotFoundError:
        return ""


def _opened(settings: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """Open a database without threads for what comes over a network, where it has such."""
    import duckdb  # noqa: PLC0415 - slow to import

    try:
        return duckdb.connect(":memory:", config=settings | {"async_threads": "0"})
    except duckdb.InvalidInputException:  # before version 2
        return duckdb.connect(":memory:", config=settings)


def _threads() -> dict[str, Any]:
    """Say that there is to be no other thread, where the process may have only so many addresses.

    Each takes 72 MB of them; where one gets none, DuckDB ends the process, or waits for ever.
    """
    try:
        import resource  # noqa: PLC0415 - no part of Python on Windows
    except ImportError:
        return {}
    is_limited = resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
    return {"threads": "1"} if is_limited else {}


def said_by(error: Exception) -> str:
    """Return the first line of what DuckDB says.

    Raises:
        MemoryError: if it says that the system gave it no memory.
    """
    if any(said in str(error) for said in ("Allocation failure", "bad allocation")):
        raise MemoryError from None
    return str(error).partition("\n")[0]


def db_error() -> type[Exception]:
    """Return what DuckDB raises."""
    import duckdb  # noqa: PLC0415 - slow to import

    return duckdb.Error
