"""Each figure of the book at an address of its own, to stand in somebody else's page.

A figure is known by what does not change with its numbers: a widget by its kind, a drawing by the
file of its numbers, any other by the section it stands in. The page that shows it alone is made of
what the reader's page has, so that the two cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from serverless_tax.ground.html import link

#: What stands between a figure's start and its end, and the section before it.
_FIGURES = re.compile(
    r'<section id="(?P<section>[^"]+)"'
    r'|<st-widget\b[^>]*data-kind="(?P<kind>\w+)".*?</st-widget>\s*<p class="st-source">.*?</p>'
    r'|<figure class="st-figure".*?</figure>',
    re.DOTALL,
)
_FILE = re.compile(r'download="([\w-]+)\.csv"')
_LINK = re.compile(r'(<a\b[^>]*?href=")(?!data:|https?:|\.\./)(#)?')
_LAST = re.compile(r"(</p>|</figcaption></figure>)\Z")
TEMPLATE = "embed.html"


def setup(app: Sphinx) -> dict[str, Any]:
    """Take part in the writing of every page, and write those of the figures after them."""
    found: dict[str, dict[str, Any]] = {}

    def collect(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
        del app
        if doctree is None or template == TEMPLATE or not page.startswith("book/"):
            return
        context["body"] = _FIGURES.sub(
            lambda figure: _named(figure, page, context, found), context.get("body", "")
        )

    def write(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
        del app
        yield from ((name, context, TEMPLATE) for name, context in found.items())

    app.connect("html-page-context", collect, priority=600)  # after a widget has its source
    app.connect("html-collect-pages", write)
    return {"parallel_read_safe": True, "parallel_write_safe": False}


def _named(figure: re.Match[str], page: str, context: Any, found: dict[str, Any]) -> str:
    """Return a figure with a link to itself alone, and keep what stands there."""
    if section := figure["section"]:
        context["figure_section"] = section
        return figure[0]
    file = _FILE.search(figure[0])
    name = figure["kind"] or (file[1] if file else context.get("figure_section", "figure"))
    address = f"embed/{Path(page).name}-{name}"
    while address in found:
        address += "-too"
    here = f"../{page}.html#"
    body = _LINK.sub(lambda to: to[1] + (here if to[2] else "../book/"), figure[0])
    found[address] = {
        "body": body,
        "title": context["title"],
        "figure_from": f"{page}.html#{context.get('figure_section', '')}".rstrip("#"),
    }
    alone = link(f"../{address}.html", "Embed", class_="st-embed", aria_label="This figure alone")
    return _LAST.sub(lambda end: f" {alone.html}{end[1]}", figure[0])
