"""What a widget is, and how they are found: a folder beside this file that has a ``WIDGET``.

The folder ``ladder`` holds ``ladder.js``, which draws the figure with a function ``ladder(host,
store)``, ``ladder.css``, and in ``__init__.py`` everything that Python knows of it. Nothing else
has to name it: the pages, Jupyter's classes and the tests take what is found here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from serverless_tax.ground.show import show

Quantities = Mapping[str, float]
#: A function from a scenario and the prices to figures by name.
Figures = Callable[[Any, Any], Mapping[str, Any]]
#: The large numbers of a still: the figure of each, its unit, and what it is.
Numbers = tuple[tuple[str, str, str], ...]

_PACKAGE = __name__.rpartition(".")[0]
_PLACEHOLDER = re.compile(r"\{(\w+):(\w+)\}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Widget:
    """A figure that a reader moves: ``kind`` is its name, and that of its folder."""

    kind: str
    #: What it says in a sentence, true untouched and true after every change. ``{name:unit}``
    #: stands for a figure or a field; Python fills it first, and the page after each change.
    caption: str
    #: What a page shows of it where scripts do not run: large numbers, and a picture as HTML.
    still: Callable[[Quantities], tuple[Numbers, str]]
    #: The figures that are its own; its script may read each of them.
    figures: Figures | None = None
    #: More of its own, which take a search: its script reads them once the reader pauses.
    sought: Figures | None = None
    #: The figures of others that its script reads as well.
    reads: tuple[str, ...] = ()
    #: The constants of its script, by name: words, and facts that Python knows.
    words: Callable[[], Mapping[str, Any]] = dict
    #: JavaScript that stands before its script.
    before: Callable[[], str] = str
    #: The designs that its figures price.
    designs: tuple[str, ...] = ()

    @property
    def script(self) -> str:
        """The text of its script."""
        return self._file("js")

    @property
    def style(self) -> str:
        """The text of its style sheet."""
        return self._file("css")

    @property
    def about(self) -> str:
        """What a reader does with it: the first line of its folder's docstring."""
        return str(import_module(self._module).__doc__).partition("\n")[0]

    def said(self, quantities: Quantities) -> str:
        """Return its sentence, filled with a scenario's quantities and figures."""
        return _PLACEHOLDER.sub(lambda m: show(quantities[m[1]], m[2]), self.caption)

    def said_names(self) -> set[str]:
        """Return the names of the quantities and figures in its sentence."""
        return {name for name, _ in _PLACEHOLDER.findall(self.caption)}

    def still_figure(self, quantities: Quantities) -> str:
        """Return its still as HTML, to the scale of its untouched state."""
        numbers, picture = self.still(quantities)
        told = "".join(
            '<div class="st-number">'
            f'<strong class="st-big">{escape(show(quantities[name], unit))}</strong>'
            f'<span class="st-what">{escape(what)}</span></div>'
            for name, unit, what in numbers
        )
        return (
            f'<figure class="st st-{self.kind} st-still"><div class="st-numbers">{told}</div>'
            f"{picture}<figcaption>{escape(self.said(quantities))}</figcaption></figure>"
        )

    @property
    def _module(self) -> str:
        return f"{_PACKAGE}.{self.kind}"

    def _file(self, ending: str) -> str:
        return files(self._module).joinpath(f"{self.kind}.{ending}").read_text("utf-8")


def kinds() -> tuple[str, ...]:
    """Return the folders of widgets, without loading them: each is the kind of one."""
    path = import_module(_PACKAGE).__path__
    return tuple(sorted(found.name for found in iter_modules(path) if found.ispkg))


@cache
def widgets() -> Mapping[str, Widget]:
    """Return every widget, by its kind.

    >>> widgets()["meter"].about
    'Play one request against the clock, and drag the length of each of its steps.'
    """
    modules = (import_module(f"{_PACKAGE}.{kind}") for kind in kinds())
    return MappingProxyType({module.WIDGET.kind: module.WIDGET for module in modules})
