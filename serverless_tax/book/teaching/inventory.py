"""A concept inventory: what a class believes before and after, and the gain between the two."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from serverless_tax.ground.html import WORDS, Markup, Piece, Table, joined, link, marked, tag

#: The two parallel forms of every item.
FORMS = ("before", "after")
#: How an option is named on paper, in a file and on the page.
LETTERS = "ABCD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An answer to choose, and the figures for which it is the right one.

    ``holds`` is from and up to, without the second. A wrong option says what a person who chooses
    it ``thinks``, and which page or lab ``mends`` that.
    """

    says: str
    holds: tuple[float, float]
    thinks: str = ""
    mends: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One form of an item."""

    asks: str
    options: tuple[Option, ...]

    @property
    def right(self) -> int:
        """Which option is the right one, counted from 0: the one without a misconception."""
        [right] = [k for k, option in enumerate(self.options) if not option.thinks]
        return right

    def chosen_by(self, figure: float) -> list[int]:
        """Return the options that are right where the computed figure is this."""
        return [k for k, o in enumerate(self.options) if o.holds[0] <= figure < o.holds[1]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One idea, and the two questions that ask for it."""

    name: str
    idea: str
    before: Question
    after: Question

    def key(self, *, before: float, after: float) -> Table:
        """Return the item's answers, as the figures computed for its two forms give them.

        Raises:
            ValueError: if a figure makes another option right, none, or more than one.
        """
        rows: list[tuple[Piece, ...]] = []
        for form, figure in zip(FORMS, (before, after), strict=True):
            question: Question = getattr(self, form)
            if question.chosen_by(figure) != [question.right]:
                letters = [LETTERS[k] for k in question.chosen_by(figure)]
                msg = f"{self.name}, {form}: {figure} makes {letters} right, not {_key(question)}."
                raise ValueError(msg)
            for k, option in enumerate(question.options):
                who = joined(marked(option.thinks), ": ", _page(option.mends))
                right = Markup("<b>right</b>")
                said = marked(option.says)
                rows.append((f"{form}, {LETTERS[k]}", said, who if option.thinks else right))
        head = ("Form", f"{WORDS}Answer", f"{WORDS}What it shows, and what helps")
        return Table.of(self.idea, head, rows)


@dataclass(frozen=True, slots=True)
class Inventory:
    """All items, in order."""

    items: tuple[Item, ...]

    def __getitem__(self, name: str) -> Item:
        """Return an item by its name.

        Raises:
            KeyError: if there is none of that name.
        """
        return {item.name: item for item in self.items}[name]

    def form(self, form: str, *, told: bool = False) -> Markup:
        """Return one form to answer on the page; ``told`` shows what each answer means at the end.

        Nothing is sent. The page saves the answers as a CSV file of ``form,item,answer``.
        """
        asked = (_asked(form, k, item, told=told) for k, item in enumerate(self.items, start=1))
        return saved_form(form, *asked, told=told)

    def sheet(self) -> Table:
        """Return the sheet on which somebody marks the answers of both forms, on paper."""
        boxes = "   ".join(f"☐ {letter}" for letter in LETTERS)
        rows = [(f"{number}", boxes, boxes) for number in range(1, len(self.items) + 1)]
        head = ("Question", *(f"{WORDS}{form.capitalize()}" for form in FORMS))
        return Table.of("My answers", head, rows)

    def tally(self) -> Markup:
        """Return the page on which the classes' files, or their counts, become a gain."""
        rows = (
            tag(
                "tr",
                tag("th", item.idea, scope="row"),
                *(
                    tag("td", tag("input", **_COUNT, aria_label=f"{item.idea} Right, {form}"))
                    for form in FORMS
                ),
                tag("td", class_="st-gain"),
                data_item=item.name,
                data_before=_key(item.before),
                data_after=_key(item.after),
            )
            for item in self.items
        )
        people = tag(
            "tr",
            tag("th", "People who answered", scope="row"),
            *(
                tag("td", tag("input", **_COUNT, aria_label=f"People who answered, {form}"))
                for form in FORMS
            ),
            tag("td"),
            class_="st-gain-people",
        )
        files = tag("input", type="file", accept=".csv,text/csv", multiple=True, id="gain-files")
        table = tag(
            "table",
            tag("caption", "How many answered rightly, and the normalised gain"),
            tag(
                "thead",
                tag(
                    "tr",
                    tag("th", "Idea", scope="col", class_="st-words"),
                    *(tag("th", form.capitalize(), scope="col") for form in FORMS),
                    tag("th", "Gain", scope="col"),
                ),
            ),
            tag("tbody", people, *rows),
        )
        read = tag("p", tag("label", "Read the class's files: ", for_="gain-files"), files)
        says = tag("p", class_="st-gain-says", role="status")
        return tag("div", read, table, says, class_="st-bill st-gains")


def load_inventory(file: str | PathLike[str]) -> Inventory:
    """Read an inventory from a TOML file: an ``item`` has ``name``, ``idea`` and both forms."""
    read = tomllib.loads(Path(file).read_text("utf-8"))
    return Inventory(
        tuple(
            Item(
                name=item["name"],
                idea=item["idea"],
                before=_question(item["before"]),
                after=_question(item["after"]),
            )
            for item in read["item"]
        )
    )


def _question(read: Mapping[str, Any]) -> Question:
    options = (Option(**{**o, "holds": tuple(o["holds"])}) for o in read["options"])
    return Question(asks=read["asks"], options=tuple(options))


def _key(question: Question) -> str:
    return LETTERS[question.right]


def _page(place: str) -> Markup:
    """Return a link to a page or lab, named as the table of contents of a reader would."""
    name = place.rpartition("/")[2].replace("-", " ")
    number, _, words = name.partition(" ")
    kind = "lab" if place.startswith("labs/") else "chapter"
    return link(f"../../{place}.html", f"{kind} {number}" if number.isdigit() else name or words)


def saved_form(form: str, *asked: Markup, told: bool = False) -> Markup:
    """Return a form of what is asked, whose answers the page saves as a file; nothing is sent."""
    below = tag(
        "p",
        tag("button", "Save my answers", type="button", class_="st-inventory-save"),
        " ",
        tag("span", class_="st-inventory-says", role="status"),
        class_="st-inventory-end",
        hidden=True,
    )
    return tag("form", *asked, below, class_="st-inventory", data_form=form, data_told=told)


def _asked(form: str, number: int, item: Item, *, told: bool) -> Markup:
    question: Question = getattr(item, form)
    choices = []
    for letter, option in zip(LETTERS, question.options, strict=False):
        box = tag("input", type="radio", name=item.name, value=letter)
        choices.append(tag("p", tag("label", box, " ", tag("span", marked(option.says)))))
        if told:
            means = (
                joined("You may think that ", marked(option.thinks), ". See ", _page(option.mends))
                if option.thinks
                else Markup("Right.")
            )
            choices.append(tag("p", means, class_="st-inventory-means", hidden=True))
    legend = tag("legend", tag("b", f"{number}."), " ", marked(question.asks))
    return tag("fieldset", legend, *choices)


#: The attributes of the field for a number of people.
_COUNT = {"type": "number", "min": "0", "max": "9999", "step": "1", "inputmode": "numeric"}
