"""The room's guesses: the instructor types how many people chose each range, and sees bars."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from serverless_tax.ground.html import tag
from serverless_tax.ground.show import show
from serverless_tax.widgets.prose import ToGuess

_CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?::[^\n]*\n)*(.*?)^```$", re.MULTILINE | re.DOTALL)


def asked_on(page: str) -> ToGuess:
    """Return the first question of a page beside this folder: its first cell is run, and what asks.

    Raises:
        StopIteration: if it asks nothing.
    """
    path = (Path("..") / f"{page}.md").resolve()
    first, *others = (cell.strip() for cell in _CELL.findall(path.read_text("utf-8")))
    asks = next(cell for cell in others if cell.startswith("predict("))
    names: dict[str, Any] = {}
    with chdir(path.parent):
        exec(first, names)  # noqa: S102 - a page of this book, as the build runs it
        asked: ToGuess = eval(asks, names)  # noqa: S307 - as above
    return asked


@dataclass(frozen=True, slots=True)
class Room:
    """A question, the answers that a room gives in ranges, and which range holds the right one.

    ``edges`` are the ranges' upper ends, the last range being open. Without a script it is a table
    to tally in.
    """

    name: str
    asked: ToGuess
    edges: Sequence[float]

    def __post_init__(self) -> None:
        """Refuse ranges that are out of order.

        Raises:
            ValueError: if they are.
        """
        if list(self.edges) != sorted(set(self.edges)):
            msg = f"{self.name}: the edges {self.edges} do not rise."
            raise ValueError(msg)

    @property
    def ranges(self) -> list[str]:
        """How each range reads, its unit once."""
        unit = "usd0" if self.asked.unit == "usd" else self.asked.unit
        said = [show(edge, unit) for edge in self.edges]
        between = (f"{low.partition(' ')[0]} to {high}" for low, high in pairwise(said))
        return [f"under {said[0]}", *between, f"{said[-1]} and more"]

    @property
    def right(self) -> int:
        """Which range holds the answer, counted from 0."""
        return sum(self.asked.answer >= edge for edge in self.edges)

    def _repr_html_(self) -> str:
        answer = show(self.asked.answer, self.asked.unit)
        rows = (
            tag(
                "tr",
                tag("th", said, scope="row"),
                tag("td", tag("input", **_COUNT, aria_label=f"{said}: how many people")),
                tag("td", tag("span"), class_="st-room-bar"),
                data_right=k == self.right,
            )
            for k, said in enumerate(self.ranges)
        )
        heads = (
            tag("th", "Guess", scope="col"),
            tag("th", "People", scope="col"),
            tag("th", "The room", scope="col", class_="st-words"),
        )
        table = tag(
            "table",
            tag("caption", self.asked.question),
            tag("thead", tag("tr", *heads)),
            tag("tbody", *rows),
        )
        below = tag(
            "p",
            tag("span", class_="st-room-says", role="status"),
            " ",
            tag("button", "Show the answer", type="button", class_="st-room-show", hidden=True),
            " ",
            tag("span", f"The answer: {answer}.", class_="st-room-answer", hidden=True),
        )
        kind, name = "st-bill st-room-guesses", f"room-{self.name}"
        return tag("div", table, below, class_=kind, id=name).html


#: The attributes of the field for the number of people.
_COUNT = {"type": "number", "min": "0", "max": "999", "step": "1", "inputmode": "numeric"}
