"""Each figure of the book at an address of its own, to stand in somebody else's page.

A figure is known by what does not change with its numbers: a widget by its kind, a drawing by the
file of its numbers, any other by the section it stands in. The page that shows it alone is made of
what the reader's page has, so that the two cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
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
    found: dict[str, dict[str, str]] = {}

    def collect(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
        del app, template
        if doctree is None or not page.startswith("book/"):
            return
        body, section, pieces, at = context.get("body", ""), "", [], 0
        for figure in _FIGURES.finditer(body):
            section = figure["section"] or section
            if not figure["section"]:
                address = _address(figure, page, section, found)
                found[address] = _alone(figure[0], page, section, context["title"])
                pieces += [body[at : figure.start()], _with_link(figure[0], address)]
                at = figure.end()
        context["body"] = "".join([*pieces, body[at:]])

    def write(app: Sphinx) -> Iterator[tuple[str, dict[str, str], str]]:
        del app
        yield from ((name, context, TEMPLATE) for name, context in found.items())

    app.connect("html-page-context", collect, priority=600)  # after a widget has its source
    app.connect("html-collect-pages", write)
    return {"parallel_read_safe": True, "parallel_write_safe": False}


def _address(figure: re.Match[str], page: str, section: str, taken: Container[str]) -> str:
    file = _FILE.search(figure[0])
    address = f"embed/{Path(page).name}-{figure['kind'] or (file[1] if file else section)}"
    while address in taken:
        address += "-too"
    return address


def _alone(figure: str, page: str, section: str, title: str) -> dict[str, str]:
    """Return what a figure's own page has; its links lead where they led before."""
    here = f"../{page}.html#"
    body = _LINK.sub(lambda to: to[1] + (here if to[2] else "../book/"), figure)
    return {"body": body, "title": title, "figure_from": f"{page}.html#{section}"}


def _with_link(figure: str, address: str) -> str:
    alone = link(f"../{address}.html", "Embed", class_="st-embed", aria_label="This figure alone")
    return _LAST.sub(lambda end: f" {alone.html}{end[1]}", figure)
