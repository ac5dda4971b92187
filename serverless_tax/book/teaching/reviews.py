"""Lists by which others review lessons, answered line by line."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from serverless_tax.ground.html import WORDS, Table, joined, link, marked

#: The three answers to a question of a list.
MET = ("yes", "partly", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    """One question: the ``part`` of its list, whether it is ``met``, and ``at`` which pages."""

    part: str
    asks: str
    met: str
    says: str
    at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewList:
    """A list of questions with their answers; its pages are named from the folder ``root``."""

    name: str
    root: Path
    lines: tuple[ReviewLine, ...]

    def _repr_html_(self) -> str:
        rows = []
        for one in self.lines:
            places = (link(f"../../{place}.html", self._title(place)) for place in one.at)
            where = joined(marked(one.says), " ", joined(*places, by=", "))
            rows.append((marked(f"*{one.part}*: {one.asks}"), one.met, where))
        head = (f"{WORDS}Asked", f"{WORDS}Met", f"{WORDS}How and where")
        return Table.of(self.name, head, rows).html

    def _title(self, place: str) -> str:
        """Return the title of a page."""
        text = (self.root / f"{place}.md").read_text("utf-8")
        return next(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))


def review_list(file: str | PathLike[str], name: str) -> ReviewList:
    """Read a list by its name from a TOML file.

    Raises:
        KeyError: if there is no list of that name.
        ValueError: if an answer is not one of :data:`MET`.
    """
    lists = tomllib.loads(Path(file).read_text("utf-8"))["list"]
    read = {one["name"]: one["lines"] for one in lists}[name]
    lines = tuple(ReviewLine(**{**one, "at": tuple(one["at"])}) for one in read)
    for line in lines:
        if line.met not in MET:
            msg = f"{line.asks} is answered {line.met!r}; say one of {', '.join(MET)}."
            raise ValueError(msg)
    return ReviewList(name, Path(file).resolve().parents[2], lines)
