"""What pages show beside tables and figures: a file, a line of a log, a sentence with a figure."""

from __future__ import annotations

from collections.abc import Iterable

from serverless_tax.ground.html import Markup, Piece, link, tag
from serverless_tax.ground.show import show


def listing(text: str, name: str) -> Markup:
    """Return a file, or what is typed into a terminal, under its name.

    >>> "<code>x.py</code></figcaption><pre>a &lt; b</pre>" in listing("a < b", "x.py").html
    True
    """
    caption = tag("figcaption", tag("code", name))
    return tag("figure", caption, tag("pre", text), class_="st-plain")


def log_line(line: str) -> Markup:
    r"""Return a line of a log that wraps on a phone, with two spaces for each tab.

    >>> log_line("Duration: 1 ms\tBilled\n").html
    '<pre class="st-plain" style="white-space: pre-wrap">Duration: 1 ms  Billed</pre>'
    """
    shown = line.strip().replace("\t", "  ")
    return tag("pre", shown, class_="st-plain", style="white-space: pre-wrap")


def sentence(*pieces: Piece) -> Markup:
    """Return a paragraph that a cell makes, set as the text around it.

    >>> sentence("R&D.").html
    '<p class="st-plain">R&amp;D.</p>'
    """
    return tag("p", *pieces, class_="st-plain")


def contents(chapters: Iterable[tuple[str, str, str, int]]) -> Markup:
    """Return a list of chapters: each with its number, its address, title, subject and minutes."""
    rows = (
        tag(
            "li",
            link(address, title, class_="st-chapter"),
            tag("span", says),
            tag("span", f"{minutes} minutes", class_="st-minutes"),
        )
        for address, title, says, minutes in chapters
    )
    return tag("ol", *rows, class_="st-contents")


def saves(usd: float) -> Markup:
    """Say within a sentence what a change saves, or what it costs.

    >>> saves(2).html, saves(-2).html
    ('saves $2.00', 'costs $2.00 more')
    """
    return Markup(f"saves {show(usd, 'usd')}" if usd > 0 else f"costs {show(-usd, 'usd')} more")
