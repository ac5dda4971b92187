"""The feedback form of a class: a few choices, three sentences, and a file without a name."""

from __future__ import annotations

from serverless_tax.book.teaching.inventory import saved_form
from serverless_tax.ground.html import Markup, tag

#: What is asked, by the name under which the file has it, and what there is to choose.
CHOICES = {
    "path": ("Which path was it?", ("Ninety minutes", "Half a day", "Alone", "Another")),
    "pace": ("How was the pace?", ("Too slow", "Right", "Too fast")),
    "worked": (
        "Did the labs run?",
        ("Live", "As a replay", "Elsewhere", "No"),
    ),
    "built": ("Did you write a handler that passed?", ("Yes, alone", "Yes, with help", "No")),
    "monday": ("Will you change a function because of it?", ("Yes", "Perhaps", "No")),
}
#: What is written; each may stay empty.
SENTENCES = {
    "best": "What should stay as it is?",
    "lost": "Where did you get lost, and at which heading?",
    "wrong": "Which sentence or figure do you not believe?",
}


def feedback_form() -> Markup:
    """Return the form. The page saves it as a CSV file of ``form,item,answer``; nothing is sent."""
    asked = (_choice(name, *said) for name, said in CHOICES.items())
    written = (
        tag("p", tag("label", says, " ", tag("textarea", name=name, rows="3")))
        for name, says in SENTENCES.items()
    )
    return saved_form("feedback", *asked, *written)


def _choice(name: str, asks: str, answers: tuple[str, ...]) -> Markup:
    boxes = (
        tag(
            "p",
            tag("label", tag("input", type="radio", name=name, value=one), " ", tag("span", one)),
        )
        for one in answers
    )
    return tag("fieldset", tag("legend", tag("b", asks)), *boxes)
