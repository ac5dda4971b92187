"""The room's guesses: the instructor types how many people chose each range, and sees bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from serverless_tax.ground.html import tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A question, the answers that a room gives in ranges, and which range holds the right one.

    ``edges`` are the ranges' upper ends, the last range being open; ``shown`` how each range reads.
    Without a script it is a table to tally in.
    """

    name: str
    question: str
    edges: Sequence[float]
    shown: Sequence[str]
    answer: float
    answer_shown: str

    def __post_init__(self) -> None:
        """Refuse ranges that are out of order, or not one more than their ends.

        Raises:
            ValueError: if they are.
        """
        if list(self.edges) != sorted(set(self.edges)) or len(self.shown) != len(self.edges) + 1:
            msg = f"{self.name}: {len(self.edges)} rising edges make {len(self.edges) + 1} ranges."
            raise ValueError(msg)

    @property
    def right(self) -> int:
        """Which range holds the answer, counted from 0."""
        return sum(self.answer >= edge for edge in self.edges)

    def _repr_html_(self) -> str:
        rows = (
            tag(
                "tr",
                tag("th", said, scope="row"),
                tag("td", tag("input", **_COUNT, aria_label=f"{said}: how many people")),
                tag("td", tag("span"), class_="st-room-bar"),
                data_right=k == self.right,
            )
            for k, said in enumerate(self.shown)
        )
        heads = (
            tag("th", "Guess", scope="col"),
            tag("th", "People", scope="col"),
            tag("th", "The room", scope="col", class_="st-words"),
        )
        table = tag(
            "table",
            tag("caption", self.question),
            tag("thead", tag("tr", *heads)),
            tag("tbody", *rows),
        )
        below = tag(
            "p",
            tag("span", class_="st-room-says", role="status"),
            " ",
            tag("button", "Show the answer", type="button", class_="st-room-show", hidden=True),
            " ",
            tag("span", f"The answer: {self.answer_shown}.", class_="st-room-answer", hidden=True),
        )
        kind, name = "st-bill st-room-guesses", f"room-{self.name}"
        return tag("div", table, below, class_=kind, id=name).html


#: The attributes of the field for the number of people.
_COUNT = {"type": "number", "min": "0", "max": "999", "step": "1", "inputmode": "numeric"}
