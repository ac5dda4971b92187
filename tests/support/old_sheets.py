"""Price sheets as they stood on the day of the figures that tests have typed in."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

from workloads import DAY

from serverless_tax.prices import sheet_ids, shipped_path

ROW = "[[price]]\n"


def as_of(sheet: str, day: date = DAY) -> str:
    """Return the text of a sheet without the rows that hold from a later day on."""
    head, *rows = sheet.split(ROW)
    return ROW.join([head, *(row for row in rows if tomllib.loads(row)["effective_from"] <= day)])


def write_sheets(folder: Path) -> None:
    """Write every sheet that the package ships as it stood on that day."""
    for name in sheet_ids():
        (folder / f"{name}.toml").write_text(as_of(shipped_path(name).read_text("utf-8")), "utf-8")
