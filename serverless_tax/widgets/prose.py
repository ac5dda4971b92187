"""Numbers for sentences: live ones, ones the reader moves, fixed ones, and guesses.

A chapter evaluates these where they stand. Each is an object with an HTML form: a custom element
that the page's script brings to life, around the default as plain text, so that the sentence is
whole without the script.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any, Literal

from serverless_tax.bill.bill import of_month
from serverless_tax.ground.checks import meant
from serverless_tax.ground.show import show
from serverless_tax.request.workload import Workload
from serverless_tax.widgets.page_request import page_day
from serverless_tax.widgets.scenario import FIELDS, compute, scenario, workload

_FIELD_UNITS = {field.name: field.unit for field in FIELDS}
#: The unit a figure is shown in, by the end of its name.
_UNITS_BY_ENDING = {
    "_usd": "usd",
    "_ms": "ms",
    "_multiple": "x",
    "_share": "percent",
    "_stretch": "x",
    "_seconds": "number",
    "_seconds_month": "count",
    "_hours": "count",
    "_requests": "count",
    "_at_once": "number",
    "_instances": "number",
    "_a_second": "count",
    "_messages": "count",
    "_mb": "mb",
    "_open": "count",
    "_applies": "count",
    "_serves": "count",
    "_amount": "count",
    "_months": "months",
}


#: The units of dollars.
DOLLARS = ("usd", "usd0", "price")


@dataclass(frozen=True)
class Start:
    """What a page starts from: a preset, and what the page changes in it."""

    preset: str = "article"
    changes: tuple[tuple[str, float], ...] = ()


_page = [Start()]


class UnknownFigure(ValueError):
    """There is no quantity or figure of that name; the message names the closest one."""


@dataclass(frozen=True)
class Html:
    """A piece of a page: its HTML, and the same as plain text."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class ToGuess(Html):
    """A question of a page, and what answers it."""

    question: str
    unit: str
    answer: float


def page_scenario(name: str, **changes: float) -> None:
    """Let every number and widget of this page start from the preset of that name, with changes.

    Call it once, before the first number. Without it a page starts from ``article``.

    Raises:
        InvalidQuantity: if there is no such preset.
        UnknownFigure: if what is changed is not a field of the scenario.
    """
    Workload.preset(name)
    for unknown in changes.keys() - _FIELD_UNITS.keys():
        msg = f"{unknown!r} cannot be changed by a page; use one of {', '.join(_FIELD_UNITS)}."
        raise UnknownFigure(msg)
    _page[0] = Start(name, tuple(changes.items()))


def page_start() -> Start:
    """Return what this page starts from."""
    return _page[0]


def quantities() -> dict[str, float]:
    """Return the fields and the figures of the scenario this page starts from."""
    return dict(quantities_of(page_start()))


@cache
def quantities_of(start: Start) -> dict[str, float]:
    """Compute a start's figures once: a page asks for them with every number in its text."""
    values = scenario(start.preset) | dict(start.changes)
    return values | compute(values)


def unit_of(name: str) -> str:
    """Return the unit in which the quantity or figure of that name is shown.

    >>> unit_of("month_usd"), unit_of("memory_mb"), unit_of("cpu_share")
    ('usd', 'mb', 'percent')

    Raises:
        UnknownFigure: if there is none of that name.
    """
    known = quantities()
    if name not in known:
        msg = f"There is no quantity {name!r} in a scenario; {meant(name, sorted(known))}"
        raise UnknownFigure(msg)
    if name in _FIELD_UNITS:
        return "count" if _FIELD_UNITS[name] == "switch" else _FIELD_UNITS[name]
    endings = [end for end in _UNITS_BY_ENDING if name.endswith(end)]
    return _UNITS_BY_ENDING[max(endings, key=len)]


def value(name: str, unit: str | None = None) -> Html:
    """Return a live number: a quantity or a figure of the page's scenario.

    >>> print(value("wall_ms"))
    4,855.5 ms
    """
    unit = unit or unit_of(name)
    text = show(quantities()[_known(name)], unit)
    return Html(_element("st-value", text, name=name, unit=unit, **_dollars_of(name)), text)


#: The dollars of a design that move with the page, and which part of its bill each is.
_DOLLARS = {
    "month_usd": ("aws-lambda", "total"),
    "waiting_month_usd": ("aws-lambda", "waiting"),
    "work_month_usd": ("aws-lambda", "work"),
    "free_month_usd": ("aws-lambda", "total with the free tier"),
    "request_usd": ("aws-lambda", "request"),
    "waiting_hour_usd": ("aws-lambda", "hour"),
    "cloud_run_month_usd": ("google-cloud-run", "total"),
}


def _dollars_of(name: str) -> dict[str, Any]:
    """Return as attributes what the dollars of that name are of, while nobody has moved them."""
    if name not in _DOLLARS:
        is_usd = unit_of(name) in DOLLARS
        return {"class": "st-usd", "data-design": "none", "data-of": name} if is_usd else {}
    of, part = _DOLLARS[name]
    data = {"design": of, "path": "none", "day": page_day().isoformat(), "of": part}
    said = {f"data-{key}": value for key, value in data.items()}
    said |= {key.replace("_", "-"): one for key, one in of_month(_workload(page_start())).items()}
    return {"class": "st-usd"} | said


@cache
def _workload(start: Start) -> Workload:
    return workload(scenario(start.preset) | dict(start.changes))


def knob(name: str, unit: str | None = None) -> Html:
    """Return a number that the reader drags, turns with the arrow keys, or types.

    >>> print(knob("memory_mb"))
    1,024 MB

    Raises:
        UnknownFigure: if it is not a field of the scenario: figures follow, they are not set.
    """
    if name not in _FIELD_UNITS:
        msg = f"{name!r} cannot be set by a reader; use one of {', '.join(_FIELD_UNITS)}."
        raise UnknownFigure(msg)
    unit = unit or unit_of(name)
    text = show(quantities()[name], unit)
    return Html(_element("st-input", text, name=name, unit=unit), text)


def say(number: float, unit: str) -> Html:
    """Return a number that stays as it is, written as every number of the book is.

    >>> print(say(1024, "mb"))
    1,024 MB

    Raises:
        UnknownFigure: for dollars: ``serverless_tax.book.usd`` says what they are of.
    """
    if unit in DOLLARS:
        msg = f"say() prints no dollars; write usd({number:g}, 'what they are of', {unit!r})."
        raise UnknownFigure(msg)
    text = show(float(number), unit)
    return Html(f'<span class="st-said-number">{escape(text)}</span>', text)


def predict(
    question: str,
    answer: str | float,
    unit: str,
    low: float,
    high: float,
    *,
    reveal: str = "",
    covers: bool = True,
) -> ToGuess:
    """Return a question whose answer shows only once the reader has committed to a guess.

    ``answer`` is a number, or the name of a figure of the page's scenario. The guess is made
    between ``low`` and ``high``, in equal ratios where they are far apart. ``reveal`` is a
    sentence said after the answer. The widget that follows keeps its numbers back until then,
    where they would give the answer away: not with ``covers=False``.

    Raises:
        UnknownFigure: if ``answer`` names no figure.
        ValueError: if ``low`` is not below ``high``.
    """
    if not low < high:
        msg = f"low is {low} and high is {high}; a guess needs low below high."
        raise ValueError(msg)
    named = isinstance(answer, str)
    truth = quantities()[_known(answer)] if isinstance(answer, str) else float(answer)
    text = show(truth, unit)
    inside = (
        f'<div class="st st-predict"><p class="st-question">{escape(question)}</p>'
        '<div class="st-room"></div>'  # as high as the slider and the buttons that come here
        "<details><summary>Guess, then open this</summary>"
        f"<p><strong>{escape(text)}</strong> {escape(reveal)}</p></details></div>"
    )
    data = {
        "data-question": question,
        "data-unit": unit,
        "data-low": repr(float(low)),
        "data-high": repr(float(high)),
        "data-reveal": reveal,
        "data-printed": f"The answer: {text}. {reveal}".rstrip(),
        "data-covers": "" if covers else "no",
        "data-figure" if named else "data-answer": answer if named else repr(truth),
    }
    html = _element("st-predict", inside, escaped=True, **data)
    return ToGuess(html, f"{question} {text}", question, unit, truth)


def _known(name: str) -> str:
    unit_of(name)
    return name


def _element(
    tag: Literal["st-value", "st-input", "st-predict"],
    inside: str,
    *,
    escaped: bool = False,
    **attributes: object,
) -> str:
    written = "".join(f' {k}="{escape(str(v))}"' for k, v in attributes.items() if v != "")
    return f"<{tag}{written}>{inside if escaped else escape(inside)}</{tag}>"
