"""A table of a page: it scrolls inside itself, and fits a phone where its words may wrap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

#: What a column of sentences is marked with, in front of its heading: it wraps, left-aligned.
WORDS = "words:"


@dataclass(frozen=True)
class Table:
    """HTML that a page shows as it is."""

    html: str

    def _repr_html_(self) -> str:
        return self.html

    @classmethod
    def of(
        cls, caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], anchor: str = ""
    ) -> Table:
        """Make a table from a plain caption and headings, and from cells that are HTML.

        >>> Table.of("Rates", ["What", "USD"], [["An hour", "$0.06"]]).html.count("<tr>")
        2
        """
        kinds = [" class='st-words'" if name.startswith(WORDS) else "" for name in head]
        heads = "".join(
            f"<th scope='col'{kind}>{escape(name.removeprefix(WORDS))}</th>"
            for name, kind in zip(head, kinds, strict=True)
        )
        body = "".join(
            f"<tr><th scope='row'{kinds[0]}>{row[0]}</th>"
            + "".join(
                f"<td{kind}>{cell}</td>" for cell, kind in zip(row[1:], kinds[1:], strict=True)
            )
            + "</tr>"
            for row in rows
        )
        name = f" id='{escape(anchor)}'" if anchor else ""
        return cls(
            f"<div class='st-bill'{name}><table><caption>{escape(caption)}</caption>"
            f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
        )


def link(address: str, text: str) -> str:
    """Return a link to another place, both escaped."""
    return f"<a href='{escape(address)}'>{escape(text)}</a>"
