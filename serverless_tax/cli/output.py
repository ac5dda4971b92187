"""What a command writes: a rich table on a terminal, plain text in a pipe, JSON when asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def say(text: str = "") -> None:
    """Write a line of a result."""
    sys.stdout.write(f"{text}\n")


def remark(text: str) -> None:
    """Write a line that is no part of the result, where a pipe does not carry it."""
    sys.stderr.write(f"{text}\n")


def write_json(value: Any) -> None:
    """Write plain values as JSON."""
    say(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def write_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write rows under their heads; all columns but the first are set to the right.

    A last row whose first cell is ``Total`` stands under a line of its own.
    """
    if sys.stdout.isatty():
        _rich(title, head, rows)
        return
    table = [list(head), *([*row] for row in rows)]
    widths = [max(len(row[k]) for row in table) for k in range(len(head))]
    say(title)
    for row in table:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        say("  ".join(cells).rstrip())


def _rich(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(title=title, title_justify="left", show_edge=False)
    for k, name in enumerate(head):
        table.add_column(name, justify="right" if k else "left", overflow="fold")
    for row in rows:
        total = row[0] == "Total"
        if total:
            table.add_section()
        table.add_row(*row, style="bold" if total else None)
    Console(highlight=False).print(table)
