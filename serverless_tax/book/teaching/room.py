"""The room's guesses: type how many said what, and see them drawn against the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


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
        rows = "".join(
            f"<tr{' data-right' if k == self.right else ''}><th scope='row'>{escape(said)}</th>"
            f"<td><input type='number' min='0' max='999' step='1' inputmode='numeric'"
            f" aria-label='{escape(said)}: how many people'></td>"
            "<td class='st-room-bar'><span></span></td></tr>"
            for k, said in enumerate(self.shown)
        )
        return (
            f"<div class='st-bill st-room-guesses' id='room-{escape(self.name)}'><table>"
            f"<caption>{escape(self.question)}</caption><thead><tr><th scope='col'>Guess</th>"
            "<th scope='col'>People</th><th scope='col' class='st-words'>The room</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
            "<p><span class='st-room-says' role='status'></span>"
            " <button type='button' class='st-room-show' hidden>Show the answer</button>"
            f" <span class='st-room-answer' hidden>The answer: {escape(self.answer_shown)}.</span>"
            "</p></div>"
        )
