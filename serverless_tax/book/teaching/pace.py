"""How many minutes a step of a workshop takes at the least: what is read, run, written and chosen.

The paces are reasoned, and slow: a class reads aloud, from a screen, in a language that may not be
its first.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

from serverless_tax.book.student import student_form
from serverless_tax.book.teaching.inventory import FORMS, load_inventory

WORDS_A_MINUTE = 130
LINES_A_MINUTE = 10
#: A lab runs in about a minute; its handler is written in so many; so is each exercise solved.
RUN_MIN, BUILD_MIN, EXERCISE_MIN = 1.0, 4.0, 4.0
#: A command typed and its answer looked at; a guess collected from the room.
COMMAND_MIN, GUESS_MIN = 1.0, 2.0
#: Choosing one answer of a question, when it has been read.
CHOICE_MIN = 1 / 6
_ROOT = Path(__file__).parents[3]
_NOT_READ = re.compile(
    r"\A---\n.*?\n---\n|^(`{3,})\{?(?:code-cell|exercise|solution)[^\n]*\n.*?^\1$|^\(\S+\)=$",
    re.DOTALL | re.MULTILINE,
)
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)


@cache
def parts(place: str) -> dict[str, tuple[int, int]]:
    """Return how many words and visible lines of code each part of a page or lab has.

    A part is named by its heading; what stands before the second heading has the name "".
    ``place`` is as in the table of contents. A lab is taken as a learner opens it.
    """
    if place.startswith("labs/"):
        pieces = [
            (cell.source, cell.cell_type == "code", _is_folded(cell))
            for cell in student_form(_ROOT / f"{place}.ipynb").cells
        ]
    else:
        pieces = [(_NOT_READ.sub("", (_ROOT / f"{place}.md").read_text("utf-8")), False, False)]
    found, heading, is_first = {"": (0, 0)}, "", True
    for text, is_code, is_folded in pieces:
        if is_code:
            lines = 0 if is_folded else sum(bool(line.strip()) for line in text.splitlines())
            found[heading] = (found[heading][0], found[heading][1] + lines)
            continue
        before, *named = _HEADING.split(text)
        for k, words in enumerate([before, *named[1::2]]):
            if k and not is_first:
                heading = named[2 * k - 2].strip()
            is_first = is_first and not k
            said = re.sub(r"\{eval\}`[^`]*`", "figure", words).split()
            had = found.get(heading, (0, 0))
            found[heading] = (had[0] + len(said), had[1])
    return found


def least_minutes(place: str, chosen: Collection[str]) -> float:
    """Return the minutes that the chosen parts of a page or lab take.

    Raises:
        KeyError: if it has no part of that name.
    """
    known = parts(place)
    words, lines = (sum(known[name][k] for name in chosen) for k in (0, 1))
    minutes = words / WORDS_A_MINUTE + lines / LINES_A_MINUTE
    if place.startswith("labs/"):
        minutes += RUN_MIN + BUILD_MIN * ("Build it" in chosen)
        minutes += EXERCISE_MIN * sum(name.startswith("Exercise") for name in chosen)
    return minutes + _choosing_minutes(place)


def parts_before(place: str, heading: str) -> list[str]:
    """Return the parts of a lab that come before a heading.

    Raises:
        ValueError: if there is none of that name.
    """
    names = [*parts(place)]
    return names[: names.index(heading)]


def _choosing_minutes(place: str) -> float:
    """Return what the questions of the inventory take, where the page is one of its two forms."""
    forms = {"book/teaching/questions": FORMS[0], "book/teaching/questions-after": FORMS[1]}
    if place not in forms:
        return 0.0
    items = load_inventory(_ROOT / "book/teaching/inventory.toml").items
    asked = [getattr(item, forms[place]) for item in items]
    words = sum(
        len(f"{one.asks} {' '.join(option.says for option in one.options)}".split())
        for one in asked
    )
    return words / WORDS_A_MINUTE + len(items) * CHOICE_MIN


def _is_folded(cell: Any) -> bool:
    return bool({"hide-input", "hide-cell"} & set(cell.metadata.get("tags", [])))
