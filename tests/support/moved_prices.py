"""Let the prices of a copy of the package move from a day on, as a vendor's change would."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

from old_sheets import ROW

DEARER = 1.25
AMOUNT = re.compile(r"\busd = ([0-9.]+)")
DAY = re.compile(r"^(effective_from|seen) = \S+", re.MULTILINE)


def move_prices(package: Path, day: date) -> int:
    """Append to every sheet a row for each price that costs something; return how many."""
    moved = 0
    for sheet in sorted(package.rglob("*.toml")):
        text = sheet.read_text("utf-8")
        rows = {tomllib.loads(row)["dimension"]: row for row in text.split(ROW)[1:]}
        dearer = [_from(day, row) for row in rows.values() if AMOUNT.search(row)]
        sheet.write_text(ROW.join([text.rstrip() + "\n\n", *dearer]), "utf-8")
        moved += len(dearer)
    return moved


def _from(day: date, row: str) -> str:
    """Return a row a quarter dearer, from that day on and seen on it."""
    dearer = AMOUNT.sub(lambda usd: f"usd = {float(usd[1]) * DEARER:.15f}", row)
    return DAY.sub(rf"\1 = {day}", dearer).rstrip() + "\n\n"
