"""What the book tells a reader to do: the advisor's own sentence, where it stands in a text."""

from __future__ import annotations

from html import escape

from serverless_tax.questions.advise import advise
from serverless_tax.questions.facts import Facts
from serverless_tax.widgets.prose import Html


def advised(preset: str) -> Html:
    """Return the advice for a preset as a piece of a page, with what it recommends as data.

    >>> print(advised("article"))  # doctest: +ELLIPSIS
    Set memory to 128 MB... a month less, ... hours. Then stop.

    Raises:
        InvalidQuantity: if there is no such preset.
    """
    advice = advise(Facts.preset(preset))
    last = advice.most.steps[-1] if advice.most.steps else None
    about = {
        "preset": preset,
        "steps": " ".join(rung.id for rung in advice.most.steps),
        "design": last.design if last else "aws-lambda",
        "chip": last.workload.architecture if last else "x86_64",
    }
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in about.items())
    sentence = escape(advice.sentence)
    return Html(f'<span class="st-advised"{data}>{sentence}</span>', advice.sentence)
