"""HTML of the package: one element, one link, one list, one table.

Text is a string, and is escaped wherever it stands. What is HTML already is an object with an
``html``, such as :class:`Markup`, and stands as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Protocol

#: What marks a column of sentences, in front of its heading: it wraps, and is set to the left.
WORDS = "words:"
#: Elements that have nothing inside, and no end.
_VOID = ("br", "img", "input", "wbr")


class HasHtml(Protocol):
    """An object that is HTML already."""

    @property
    def html(self) -> str:
        """Its HTML."""


#: A part of a page: text, or HTML.
Piece = str | HasHtml


@dataclass(frozen=True)
class Markup:
    """HTML that a page shows as it is."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def joined(*pieces: Piece, by: str = "") -> Markup:
    """Return the pieces one after the other, with the text ``by`` between them.

    >>> joined("a < b", Markup("<b>c</b>"), by=" & ").html
    'a &lt; b &amp; <b>c</b>'
    """
    parts = (escape(one) if isinstance(one, str) else one.html for one in pieces)
    return Markup(escape(by).join(parts))


def plain(piece: Piece) -> str:
    """Return a piece as text alone, as an attribute or a terminal has it.

    >>> plain(Markup("<b>1 &lt; 2</b>"))
    '1 < 2'
    """
    return unescape(re.sub(r"<[^>]*>", "", joined(piece).html))


def tag(name: str, /, *inside: Piece, **attributes: str | bool) -> Markup:
    """Return an element with what is in it.

    An underscore in an attribute's name is a hyphen, and one at its end is left out. An attribute
    that is True stands alone; one that is False or empty is left out.

    >>> tag("td", "1 < 2", class_="st-words", data_right=True, id="").html
    '<td class="st-words" data-right>1 &lt; 2</td>'
    """
    said = "".join(
        f" {key.rstrip('_').replace('_', '-')}"
        + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value
    )
    end = "" if name in _VOID else f"</{name}>"
    return Markup(f"<{name}{said}>{joined(*inside).html}{end}")


def link(address: str, text: Piece, **attributes: str | bool) -> Markup:
    """Return a link to another place.

    >>> link("a.html#b", "R&D").html
    '<a href="a.html#b">R&amp;D</a>'
    """
    return tag("a", text, href=address, **attributes)


def items(pieces: Iterable[Piece], kind: str = "st-plain") -> Markup:
    """Return a list of a page, without an order.

    >>> items(["a", "b"], kind="").html
    '<ul><li>a</li><li>b</li></ul>'
    """
    return tag("ul", *(tag("li", one) for one in pieces), class_=kind)


def lines(*pieces: Piece) -> Markup:
    """Return the pieces on lines of their own, within one cell or paragraph.

    >>> lines("a", "b").html
    'a<br>b'
    """
    return Markup(tag("br").html.join(joined(one).html for one in pieces))


def marked(text: str) -> Markup:
    """Return a text with ``**strong**``, ``*emphasis*`` and `` `code` `` as HTML.

    >>> marked("**Say** *<no>* to `x_*`.").html
    '<strong>Say</strong> <em>&lt;no&gt;</em> to <code>x_*</code>.'
    """
    parts = re.split(r"(``.+?``|`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*)", text)
    return joined(*(_marked(one) if k % 2 else one for k, one in enumerate(parts)))


def _marked(part: str) -> Markup:
    """Return a part that stands between marks, without them."""
    if part.startswith("`"):
        return tag("code", part.strip("`"))
    return tag("strong" if part.startswith("**") else "em", part.strip("*"))


class Table(Markup):
    """A table that scrolls inside itself, and fits a phone where its words may wrap."""

    @classmethod
    def of(
        cls,
        caption: str,
        head: Sequence[str],
        rows: Iterable[Sequence[Piece]],
        anchor: str = "",
        *,
        foot: Sequence[Piece] = (),
        below: Iterable[Piece] = (),
        kind: str = "st-bill",
        about: Mapping[str, str] | None = None,
        stacks: bool = False,
    ) -> Table:
        """Make a table whose rows are each headed by their first cell.

        Args:
            caption: what stands above it.
            head: the columns' headings, with ``WORDS`` in front where a column holds sentences.
            rows: a cell for each column.
            anchor: where a link of the page can lead to it.
            foot: a last row that sums up the others.
            below: paragraphs under the table.
            kind: the class of the element around it, by which the page's style knows it.
            about: what its figures are of, as data of that element.
            stacks: whether each cell has a line of its own on a phone, with its column's heading.

        >>> Table.of("Rates", ["What", "USD"], [["An hour", "$0.06"]]).html.count("<tr>")
        2

        Raises:
            ValueError: if a row has not one cell for each column.
        """
        kinds = ["st-words" if name.startswith(WORDS) else "" for name in head]
        names = [name.removeprefix(WORDS) for name in head]

        def row(cells: Sequence[Piece]) -> Markup:
            first, *others = zip(cells, kinds, names, strict=True)
            return tag(
                "tr",
                tag("th", first[0], scope="row", class_=first[1]),
                *(
                    tag("td", cell, class_=words, data_head=stacks and name)
                    for cell, words, name in others
                ),
            )

        heads = (
            tag("th", name, scope="col", class_=words)
            for name, words in zip(names, kinds, strict=True)
        )
        table = tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", *heads)),
            tag("tbody", *map(row, rows)),
            tag("tfoot", row(foot)) if foot else "",
        )
        under = (tag("p", one) for one in below)
        kind += " st-stacks" if stacks else ""
        return cls(tag("div", table, *under, class_=kind, id=anchor, **(about or {})).html)
