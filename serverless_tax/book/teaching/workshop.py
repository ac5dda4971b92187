"""A workshop, minute by minute, read from a TOML file. A test walks every stage of it."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from itertools import accumulate
from os import PathLike
from pathlib import Path

from serverless_tax.book.teaching.pace import (
    COMMAND_MIN,
    GUESS_MIN,
    WORDS_A_MINUTE,
    least_minutes,
    parts_before,
)
from serverless_tax.ground.html import WORDS, Markup, Piece, Table, lines, link, marked, tag

#: All parts of a lab before the heading where the stage ends.
ALL = "*"
#: How late a room is, and which cuts then apply; at twenty minutes, both.
LATE = {"ten": ("ten",), "twenty": ("ten", "twenty")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage: its length, its page, what to do and what to say; ``short`` is its late form.

    ``parts`` are the headings of the page or lab that the room reads and runs, ``left_parts``
    those of the late form; ``"*"`` stands for all before ``until``.
    """

    minutes: int
    title: str
    page: str
    do: str
    wrong: str
    say: str
    lab: str = ""
    until: str = ""
    parts: list[str] = field(default_factory=list)
    collect: str = ""
    run: list[str] = field(default_factory=list)
    cut: str = ""
    left: int = 0
    left_parts: list[str] = field(default_factory=list)
    short: str = ""

    @property
    def least_minutes(self) -> float:
        """What reading, running, typing, guessing and saying take, as :mod:`.pace` reckons."""
        beside = COMMAND_MIN * len(self.run) + GUESS_MIN * bool(self.collect)
        return self._least(self.parts) + beside + len(self.say.split()) / WORDS_A_MINUTE

    @property
    def least_left_minutes(self) -> float:
        """What reading, running and writing take in the late form."""
        return self._least(self.left_parts)

    def _least(self, parts: list[str]) -> float:
        chosen = parts_before(self.page, self.until) if parts == [ALL] else parts
        return least_minutes(self.page, chosen) if chosen or not self.lab else 0.0

    @property
    def saves_minutes(self) -> int:
        """The minutes that the short form saves."""
        return self.minutes - self.left if self.cut else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """A way through book and labs: ``stages`` in order, for whom, and how long it takes."""

    title: str
    who: str
    stages: tuple[Stage, ...]

    @property
    def minutes(self) -> int:
        """The length of the whole workshop."""
        return sum(stage.minutes for stage in self.stages)

    def saved_minutes(self, late: str) -> int:
        """Return what the cuts for a room that is ``ten`` or ``twenty`` minutes late save."""
        return sum(stage.saves_minutes for stage in self.stages if stage.cut in LATE[late])

    def _repr_html_(self) -> str:
        """Return each stage with the minute at which it begins."""
        starts = accumulate((stage.minutes for stage in self.stages), initial=0)
        parts = (_stage(stage, minute) for stage, minute in zip(self.stages, starts, strict=False))
        return tag("div", *parts, class_="st-ledger").html

    def cuts(self) -> Table:
        """Return what to leave out in a room that is late."""
        rows = [
            (stage.title, stage.cut, str(stage.saves_minutes), marked(stage.short))
            for stage in self.stages
            if stage.cut
        ]
        head = (f"{WORDS}Step", "Minutes late", "Saves minutes", f"{WORDS}What is left of it")
        return Table.of(f"What to cut: {self.title.lower()}", head, rows)

    def checkpoints(self) -> Table:
        """Return, for each lab on the path, the heading at which to take it up again."""
        rows = [
            (stage.title, link(f"../../{stage.page}.html{_anchor(stage.until)}", stage.until))
            for stage in self.stages
            if stage.lab
        ]
        head = (f"{WORDS}Lab", f"{WORDS}Finished to here")
        return Table.of(f"Where to take up again: {self.title.lower()}", head, rows)


def load_workshop(file: str | PathLike[str]) -> Workshop:
    """Read a workshop from a TOML file: ``title``, ``who``, and a table for each ``stage``."""
    read = tomllib.loads(Path(file).read_text("utf-8"))
    return Workshop(
        title=read["title"],
        who=read["who"],
        stages=tuple(Stage(**stage) for stage in read["stage"]),
    )


def _anchor(heading: str) -> str:
    return "#" + heading.lower().replace(":", "").replace(" ", "-")


def _stage(stage: Stage, minute: int) -> Markup:
    """Return a stage of the page, which begins at that minute."""
    said: tuple[tuple[str, Piece], ...] = (
        ("Read", ", ".join(part or "the first lines" for part in stage.parts if part != ALL)),
        ("Collect", f"the guess “{stage.collect} …”" if stage.collect else ""),
        ("Run", lines(*(tag("code", line) for line in stage.run)) if stage.run else ""),
        ("Do", stage.do and marked(stage.do)),
        ("They get wrong", stage.wrong and marked(stage.wrong)),
        ("Say", stage.say and marked(stage.say)),
    )
    told = (tag("p", tag("b", f"{name}:"), " ", text) for name, text in said if text)
    where = link(f"../../{stage.page}.html", stage.title)
    clock = tag("span", f"{minute // 60}:{minute % 60:02d}", class_="st-number")
    least = math.ceil(stage.least_minutes)
    spent = "" if stage.title in ("Break", "Spare time") else f", of which it needs {least}"
    said_minutes = f", {stage.minutes} minutes{spent}"
    head = tag("p", clock, " ", where, said_minutes, class_="st-claim")
    return tag("section", head, *told)
