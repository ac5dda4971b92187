"""The helpers' cards: for each lab the errors that people meet, with why and what to do."""

from __future__ import annotations

import tomllib
from os import PathLike
from pathlib import Path

from serverless_tax.ground.html import WORDS, Table, marked


def cards(file: str | PathLike[str]) -> dict[str, Table]:
    """Read the cards from a TOML file: a table for each lab, by the lab's name."""
    read = tomllib.loads(Path(file).read_text("utf-8"))
    head = (f"{WORDS}They see", f"{WORDS}Why", f"{WORDS}Do")
    return {
        card["lab"]: Table.of(
            card["lab"],
            head,
            [[marked(error[part]) for part in ("sees", "why", "do")] for error in card["error"]],
        )
        for card in read["card"]
    }
