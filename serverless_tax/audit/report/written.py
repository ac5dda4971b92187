"""Files of a report: whole, or not there at all."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from pathlib import Path

from serverless_tax.audit.find.findings import Audit
from serverless_tax.ground.units import InvalidQuantity

_CSV = (
    *("name", "invocations", "billed_ms", "gb_seconds", "usd", "cold_starts", "init_usd"),
    *("timeouts", "timeout_usd", "crashes", "crash_usd", "unused_usd", "waiting_usd"),
)
# What a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_file(path: Path, text: str) -> None:
    """Write a file through a neighbour that takes its place once it is whole.

    Raises:
        InvalidQuantity: if it cannot be written.
    """
    neighbour = None
    try:
        number, neighbour = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        with os.fdopen(number, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        os.chmod(neighbour, 0o644)  # noqa: PTH101 - a report is for reading
        os.replace(neighbour, path)  # noqa: PTH105 - of a name, as mkstemp gives it
        neighbour = None
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror or error}."
        raise InvalidQuantity(msg) from None
    finally:
        if neighbour is not None:
            Path(neighbour).unlink(missing_ok=True)


def csv_text(audit: Audit) -> str:
    """Return one row for each function; the best change is its last columns."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([*_CSV, "month_usd", "waiting_share", "waiting_known_from", "best_change"])
    for one in audit.functions:
        values = [_cell(getattr(one, name)) for name in _CSV]
        month = one.month.usd if one.month else ""
        share = "" if one.waiting.share is None else one.waiting.share
        best = one.changes[0].name if one.changes else ""
        rows.writerow([*values, month, share, one.waiting.how, best])
    return out.getvalue()


def _cell(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula; nothing for what is not known."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
