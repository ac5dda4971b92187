"""The slides of a workshop, made with the book: its steps, and the questions of the pages it shows.

A deck is one page without scripts: a step after the other scrolls into view, each as high as the
window, and each is printed on a sheet of its own. What a page asks and answers is taken from the
page as it was built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import accumulate
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from serverless_tax.book.teaching.workshop import Stage, Workshop, load_workshop
from serverless_tax.ground.html import Markup, joined, lines, marked, tag

#: The workshops, by the names of their files; a deck is called like its workshop.
DECKS = ("ninety-minutes", "half-day")
TEMPLATE = "slides.html"
_ASKED = re.compile(r"<st-predict\b[^>]*>")


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """A question of a page, and its answer with a sentence after it."""

    question: str
    printed: str


def asked_in(body: str) -> list[PageQuestion]:
    """Return what a page's HTML asks its reader to guess."""
    return [
        PageQuestion(_attribute(one[0], "question"), _attribute(one[0], "printed"))
        for one in _ASKED.finditer(body)
    ]


def setup(app: Sphinx) -> dict[str, Any]:
    """Note what each page asks, and write a deck for each workshop after the pages."""
    asked: dict[str, list[PageQuestion]] = {}

    def note(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
        del app, template, doctree
        asked[page] = asked_in(context.get("body", ""))

    def write(app: Sphinx) -> Iterator[tuple[str, dict[str, str], str]]:
        folder = Path(app.srcdir) / "book" / "teaching"
        for name in DECKS:
            if not (folder / f"{name}.toml").exists():  # a site of other pages
                continue
            workshop = load_workshop(folder / f"{name}.toml")
            context = {"title": f"{workshop.title}: slides", "body": deck(workshop, asked).html}
            yield f"book/teaching/slides-{name}", context, TEMPLATE

    app.connect("html-page-context", note)
    app.connect("html-collect-pages", write)
    return {"parallel_read_safe": True, "parallel_write_safe": False}


def deck(workshop: Workshop, asked: dict[str, list[PageQuestion]]) -> Markup:
    """Return the slides of a workshop.

    Raises:
        ValueError: if a step collects a guess that its page does not ask for.
    """
    slides = [_slide(tag("h1", workshop.title), tag("p", marked(workshop.who)))]
    starts = accumulate((stage.minutes for stage in workshop.stages), initial=0)
    for stage, minute in zip(workshop.stages, starts, strict=False):
        slides += _slides_of(stage, minute, asked.get(stage.page, []))
    return joined(*slides)


def _slides_of(stage: Stage, minute: int, asked: list[PageQuestion]) -> Iterator[Markup]:
    """Return a step's slides: what it is, its question and the answer; last, what is said."""
    ends = minute + stage.minutes
    clock = tag("p", f"{_clock(minute)} to {_clock(ends)}", class_="clock")
    typed = tag("p", lines(*(tag("code", line) for line in stage.run))) if stage.run else Markup("")
    said = tag("p", marked(stage.say))
    if not (stage.collect or stage.lab):
        yield _slide(clock, tag("h2", stage.title), typed, said)
        return
    yield _slide(clock, tag("h2", stage.title), typed)
    if not stage.collect:
        yield _slide(said)
        return
    found = [one for one in asked if one.question.startswith(stage.collect)]
    if not found:
        msg = f"{stage.page} does not ask “{stage.collect} …”, which “{stage.title}” collects."
        raise ValueError(msg)
    question, printed = found[0].question, found[0].printed
    yield _slide(tag("p", "Guess, and write it down.", class_="clock"), tag("h2", question))
    yield _slide(tag("p", question, class_="clock"), tag("h2", printed), said)


def _slide(*inside: Markup) -> Markup:
    return tag("section", *inside)


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02d}"


def _attribute(element: str, name: str) -> str:
    found = re.search(rf'\bdata-{name}="([^"]*)"', element)
    return unescape(found[1]) if found else ""
