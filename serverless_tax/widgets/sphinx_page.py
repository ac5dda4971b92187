"""Gives each page of the book its script and its style sheet, as an extension of Sphinx.

A page's script is made of what stands in its body, so it is written where the page is. Both files
carry a mark of their text in their name: what a browser has kept is never an older one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from serverless_tax.ground.html import link, tag
from serverless_tax.widgets.build import hashed, page_script, style_sheet
from serverless_tax.widgets.page_request import page_day

_STEM = "serverless-tax"


def setup(app: Sphinx) -> dict[str, Any]:
    """Take part in the writing of every page."""
    app.connect("html-page-context", _add_files)
    app.connect("html-page-context", _drop_widget_state, priority=900)  # after MyST-NB has put it
    app.connect("build-finished", _sweep)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _add_files(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """Write and name the files that this page needs."""
    del template, doctree
    if page.startswith("book/"):
        context["body"] = context.get("body", "").replace(
            "</st-widget>", f"</st-widget>{_source()}"
        )
    app.add_css_file(_written(app, "css", style_sheet()))
    script = page_script(context.get("body", ""))
    if script:
        app.add_js_file(_written(app, "js", script), loading_method="defer")


def _source() -> str:
    """Return the line under a widget that says where its numbers are from."""
    day, prices, method = page_day(), link("price-sheets.html", "list prices"), "how we count"
    found = ("Source: ", prices, f" of {day}, us-east-1; computed as you move it: ")
    return tag("p", *found, link("method.html", method), ".", class_="st-source").html


#: MyST-NB writes the state of a page's Jupyter widgets into the page, each with its whole script.
#: No page reads it: what stands on a page is drawn from its own script.
_STATE = "application/vnd.jupyter.widget-state+json"


def _drop_widget_state(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """Leave a page's widget state out of it."""
    del app, page, template, doctree
    context["script_files"] = [
        one
        for one in context.get("script_files", [])
        if getattr(one, "attributes", {}).get("type") != _STATE
    ]


def _written(app: Sphinx, ending: str, text: str) -> str:
    """Write a text into the folder of static files; return its name there."""
    name = hashed(_STEM, ending, text)
    path = _static(app) / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return name


def _static(app: Sphinx) -> Path:
    return Path(app.outdir) / "_static"


def _sweep(app: Sphinx, exception: Exception | None) -> None:
    """Remove the files of an earlier build that no page names any more."""
    if exception or app.builder.format != "html":
        return
    pages = Path(app.outdir).rglob("*.html")
    pattern = re.compile(rf"{_STEM}-[\w-]+\.(?:js|css)")
    named = {name for page in pages for name in pattern.findall(page.read_text("utf-8"))}
    for file in _static(app).glob(f"{_STEM}-*"):
        if file.name not in named:
            file.unlink()
