"""What a command writes: tables and sentences that fit where they are read, JSON when asked.

The width is the terminal's, or that of ``COLUMNS`` where standard output is none. In a pipe without
it a line is as long as it has to be, for what reads it next. No word is broken: an address wider
than a line has one for itself.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

#: Signs that a Windows console's old encodings lack, in letters that all have.
_IN_ASCII = {"−": "-", "–": "-", "—": "-", "×": "x", "≥": ">=", "≤": "<=", "→": "->", "…": "..."}
_IN_ASCII |= {"“": '"', "”": '"', "‘": "'", "’": "'"}
#: Between two columns: rich's padding and rule on a terminal, two blanks elsewhere.
_GAP_TERMINAL, _GAP = 3, 2
_LEAST_WIDTH = 20
#: A first column on more lines than this is no column any more: its rows are lists.
_MOST_LINES = 3


def use_any_encoding() -> None:
    """Write letters that standard output's encoding lacks as ones that it has, and never fail."""
    codecs.register_error("serverless-tax", _in_ascii)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="serverless-tax")


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_letter(one) for one in text), error.end


def _letter(one: str) -> str:
    name = unicodedata.name(one, "")
    if name.startswith("BOX DRAWINGS"):
        return "-" if "HORIZONTAL" in name and "VERTICAL" not in name else "|"
    plain = unicodedata.normalize("NFKD", one).encode("ascii", "ignore").decode()
    return _IN_ASCII.get(one) or plain or "?"


def width() -> int | None:
    """Return how many characters fit on a line, or None where there is no end to it."""
    if sys.stdout.isatty():
        return max(shutil.get_terminal_size().columns, _LEAST_WIDTH)
    said = os.environ.get("COLUMNS", "")
    return max(int(said), _LEAST_WIDTH) if said.isdecimal() and int(said) else None


def verbatim(text: str) -> None:
    """Write a line as it is: what a shell or a database reads."""
    sys.stdout.write(f"{text}\n")


def say(text: str = "") -> None:
    """Write a sentence of a result, on as many lines as it needs."""
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        verbatim("\n".join(_wrapped(line, width(), indent)))


def _wrapped(text: str, columns: int | None, indent: str = "") -> list[str]:
    if columns is None or len(text) <= columns:
        return [text]
    return textwrap.wrap(
        text, columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def remark(text: str) -> None:
    """Write a line that is no part of the result, where a pipe does not carry it."""
    columns = shutil.get_terminal_size().columns if sys.stderr.isatty() else None
    sys.stderr.write("\n".join([*_wrapped(text, columns), ""]))


def write_json(value: Any) -> None:
    """Write plain values as JSON, in letters that standard output has."""
    everything = "utf" in (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    verbatim(json.dumps(value, indent=2, ensure_ascii=not everything, allow_nan=False))


def write_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write rows under their heads; all columns but the first are set to the right.

    A last row whose first cell is ``Total`` stands under a line of its own. Where the table is too
    wide, its heads and its first column take several lines; where it still is, each row stands as
    a list of its own.
    """
    terminal = sys.stdout.isatty()
    fitted = _fitted(head, rows, width(), _GAP_TERMINAL if terminal else _GAP)
    if fitted is None:
        _listed(title, head, rows)
    elif terminal:
        _rich(title, *fitted)
    else:
        say(title)
        for row in (fitted[0], *fitted[1]):
            _write_row(row, fitted[2])


#: A cell's lines.
_Cell = list[str]
_Fitted = tuple[list[_Cell], list[list[_Cell]], list[int]]


def _fitted(
    head: Sequence[str], rows: Sequence[Sequence[str]], columns: int | None, gap: int
) -> _Fitted | None:
    """Return head and rows as lines that fit, and each column's width; None where none do."""
    if columns is None:
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    else:
        values = list(zip(*rows, strict=True)) or [() for _ in head]
        widths = [
            max(_longest(name), *map(len, column), 0)
            for name, column in zip(head, values, strict=True)
        ]
        over = sum(widths) + gap * (len(widths) - 1) - columns
        if over > 0:
            least = max(map(_longest, (head[0], *values[0])), default=0)
            if widths[0] - over < least:
                return None
            widths[0] -= over
            firsts = (len(_in_column(text, widths[0])) for text in values[0])
            if max(firsts, default=0) > _MOST_LINES:
                return None
        spare = columns - sum(widths) - gap * (len(widths) - 1)
        for k, name in enumerate(head):  # a head on one line, where there is room
            more = min(max(len(name) - widths[k], 0), max(spare, 0))
            widths[k], spare = widths[k] + more, spare - more

    def cells(row: Sequence[str]) -> list[_Cell]:
        return [_in_column(text, wide) for text, wide in zip(row, widths, strict=True)]

    return cells(head), [cells(row) for row in rows], widths


def _parts(text: str) -> list[str]:
    """Return a cell's parts that stay whole: its words, and the ids that a plus joins."""
    return re.findall(r"\s*[^\s+]*\+?", text)


def _longest(text: str) -> int:
    indent = len(text) - len(text.lstrip())
    return indent + max((len(part.strip()) for part in _parts(text)), default=0)


def _in_column(text: str, columns: int) -> _Cell:
    indent = text[: len(text) - len(text.lstrip())]
    lines = [""]
    for part in _parts(text):
        if lines[-1].strip() and len(lines[-1] + part.rstrip()) > columns:
            lines.append(indent + part.lstrip())
        else:
            lines[-1] += part
    return [line.rstrip() for line in lines]


def _write_row(cells: Sequence[_Cell], widths: Sequence[int]) -> None:
    for k in range(max(map(len, cells))):
        line = [cell[k] if k < len(cell) else "" for cell in cells]
        shown = [line[0].ljust(widths[0])]
        shown += [text.rjust(wide) for text, wide in zip(line[1:], widths[1:], strict=True)]
        verbatim("  ".join(shown).rstrip())


def _listed(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write each row as a list: its first cell, and under that what each column has."""
    say(title)
    for first, *others in rows:
        say(first)
        for name, cell in zip(head[1:], others, strict=True):
            if cell:
                say(f"    {name}: {cell}")


def _rich(
    title: str, head: Sequence[_Cell], rows: Sequence[Sequence[_Cell]], widths: Sequence[int]
) -> None:
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for k, (name, wide) in enumerate(zip(head, widths, strict=True)):
        table.add_column(
            "\n".join(name), justify="right" if k else "left", no_wrap=True, min_width=wide
        )
    for row in rows:
        total = row[0] == ["Total"]
        if total:
            table.add_section()
        table.add_row(*("\n".join(cell) for cell in row), style="bold" if total else None)
    Console(highlight=False).print(table)
