"""A workshop, minute by minute, from one file of data that a test walks."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from itertools import accumulate
from os import PathLike
from pathlib import Path

from serverless_tax.ground.html import WORDS, Markup, Piece, Table, lines, link, marked, tag

#: How late a room is, and which cuts then apply: who is twenty minutes late makes both.
LATE = {"ten": ("ten",), "twenty": ("ten", "twenty")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: how long, where, what to do and what to say; ``short`` is how to do it late."""

    minutes: int
    title: str
    page: str
    do: str
    wrong: str
    say: str
    lab: str = ""
    until: str = ""
    collect: str = ""
    run: list[str] = field(default_factory=list)
    cut: str = ""
    left: int = 0
    short: str = ""

    @property
    def saves_minutes(self) -> int:
        """What its short form saves."""
        return self.minutes - self.left if self.cut else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """A way through book and labs: ``steps`` in order, for whom, and how long it takes."""

    title: str
    who: str
    steps: tuple[Step, ...]

    @property
    def minutes(self) -> int:
        """The whole length."""
        return sum(step.minutes for step in self.steps)

    def saved_minutes(self, late: str) -> int:
        """Return what the cuts for a room that is ``ten`` or ``twenty`` minutes late save."""
        return sum(step.saves_minutes for step in self.steps if step.cut in LATE[late])

    def _repr_html_(self) -> str:
        """Return each step with the minute at which it begins."""
        starts = accumulate((step.minutes for step in self.steps), initial=0)
        parts = (_step(step, minute) for step, minute in zip(self.steps, starts, strict=False))
        return tag("div", *parts, class_="st-ledger").html

    def cuts(self) -> Table:
        """Return what to leave out in a room that is late."""
        rows = [
            (step.title, step.cut, str(step.saves_minutes), marked(step.short))
            for step in self.steps
            if step.cut
        ]
        head = (f"{WORDS}Step", "Minutes late", "Saves minutes", f"{WORDS}What is left of it")
        return Table.of(f"What to cut: {self.title.lower()}", head, rows)

    def checkpoints(self) -> Table:
        """Return for each lab on the path where to take up again."""
        rows = [
            (step.title, link(f"../../{step.page}.html{_anchor(step.until)}", step.until))
            for step in self.steps
            if step.lab
        ]
        head = (f"{WORDS}Lab", f"{WORDS}Finished to here")
        return Table.of(f"Where to take up again: {self.title.lower()}", head, rows)


def load_workshop(file: str | PathLike[str]) -> Workshop:
    """Read a workshop from a TOML file: ``title``, ``who``, and a table ``step`` for each step."""
    read = tomllib.loads(Path(file).read_text("utf-8"))
    return Workshop(
        title=read["title"], who=read["who"], steps=tuple(Step(**step) for step in read["step"])
    )


def _anchor(heading: str) -> str:
    return "#" + heading.lower().replace(":", "").replace(" ", "-")


def _step(step: Step, minute: int) -> Markup:
    """Return a step of the page, which begins at that minute."""
    said: tuple[tuple[str, Piece], ...] = (
        ("Collect", f"the guess “{step.collect} …”" if step.collect else ""),
        ("Run", lines(*(tag("code", line) for line in step.run)) if step.run else ""),
        ("Do", step.do and marked(step.do)),
        ("They get wrong", step.wrong and marked(step.wrong)),
        ("Say", step.say and marked(step.say)),
    )
    told = (tag("p", tag("b", f"{name}:"), " ", text) for name, text in said if text)
    where = link(f"../../{step.page}.html", step.title)
    clock = tag("span", f"{minute // 60}:{minute % 60:02d}", class_="st-number")
    head = tag("p", clock, " ", where, f", {step.minutes} minutes", class_="st-claim")
    return tag("section", head, *told)
