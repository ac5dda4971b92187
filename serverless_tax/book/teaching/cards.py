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
            [
                [marked(_part(error, part)) for part in ("sees", "why", "do")]
                for error in card["error"]
            ],
            stacks=True,
        )
        for card in read["card"]
    }


def _part(error: dict[str, str], part: str) -> str:
    """Return a part of a card; words from within a sentence of a lab begin with dots."""
    text = error[part]
    return f"… {text}" if part == "sees" and text[0].islower() else text
