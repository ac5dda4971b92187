"""The book's own look, as a Sphinx extension: templates, one style sheet, one script, two fonts.

Jupyter Book stays the builder; what its theme would load into each page stays out, because its
style and scripts weigh more than the book. The templates beside this file take the theme's place
and keep its conventions: search, downloads, buttons that open a lab, previous and next.
"""

from __future__ import annotations

import re
import shutil
from functools import cache
from html import escape, unescape
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from textwrap import shorten
from typing import Any

from docutils.nodes import paragraph
from sphinx.application import Sphinx

from serverless_tax.book.embeds import TEMPLATE as EMBED
from serverless_tax.book.link_card import HEIGHT_PX, WIDTH_PX, card_of, draw
from serverless_tax.book.reading import minutes
from serverless_tax.book.typeset import typeset
from serverless_tax.ground.colours import style_of_the_colours
from serverless_tax.widgets.build import hashed

_HERE = Path(str(files(__package__)))
_FONTS = ("book-serif", "book-serif-italic", "book-sans")
#: What a page loads is named like this; everything else is the theme's or an extension's.
_OURS = re.compile(r"serverless-tax-[\w-]+\.(?:css|js)$")
#: What the search page alone needs beside that, of Sphinx itself.
_SEARCH = ("documentation_options.js", "doctools.js", "sphinx_highlight.js")
#: Folders of static files that nothing on a page names.
_UNUSED = ("scripts", "styles", "vendor", "webpack-macros.html", "sbt-webpack-macros.html")
#: The scripts of some pages, and what such a page has.
_SCRIPTS = {"hero": 'class="hero"', "guesses": "<st-predict", "tries": 'class="own-tries'}
#: The labs of each chapter, by number.
_LABS = {1: (1,), 2: (1,), 3: (2,), 4: (3,), 5: (4, 5, 7), 6: (6,)}
#: What describes a page: its first paragraph, no longer than search engines show.
_FIRST_PARAGRAPH = re.compile(r"</h1>.*?<p>(.*?)</p>", re.DOTALL)
_LONGEST = 160
_WIDGET = re.compile(r"<st-widget data-kind=\"\w+\"")
_NUMBERED = re.compile(r"(?:book|labs)/(\d)-")
#: A figure that a lab has drawn, and what its numbers are of.
_LAB_FIGURE = re.compile(r"<img\b[^>]*_images/[^>]*>")
_FILE_AS_TEXT = re.compile(r'\balt="[^"]*_images/[^"]*"')
#: What the code of such a figure writes under its axis, as the page shows the code.
_AXIS = re.compile(
    r'set_xlabel\b.*?<span class="s2">(?:"|&quot;)(.*?)(?:"|&quot;)</span>', re.DOTALL
)
_LAB_SAYS = '<p class="st-source">Measured on a local cloud, not on AWS.</p>'


def setup(app: Sphinx) -> dict[str, Any]:
    """Put our templates before the theme's, and our files in place of its own."""
    app.config.templates_path.insert(0, str(_HERE))
    app.config.html_additional_pages["404"] = "404.html"
    # No template of ours has a sidebar: the theme would list the whole book in one, for every page.
    app.config.html_sidebars = {"**": []}
    app.connect("html-page-context", _say_where_it_is)
    app.connect("html-page-context", _mark_lab_figures)
    app.connect("html-page-context", _set_text)
    app.connect("html-page-context", _add_files)
    app.connect("html-page-context", _keep_our_files, priority=950)  # after all that add some
    app.connect("html-page-context", _say_what_it_is, priority=960)  # after the tags are made
    app.connect("build-finished", _finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


@cache
def _style() -> str:
    text = (_HERE / "book.css").read_text("utf-8")
    rules = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return style_of_the_colours() + re.sub(r"^\s+", "", rules, flags=re.MULTILINE)


@cache
def _script(name: str) -> str:
    text = (_HERE / name).read_text("utf-8")
    return re.sub(r"^\s*(?://.*)?\n?", "", text, flags=re.MULTILINE)


def _add_files(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """Write and name the style sheet and the scripts that the page has."""
    del page, template, doctree
    static = Path(app.outdir) / "_static"
    static.mkdir(parents=True, exist_ok=True)
    for font in _FONTS:
        if not (static / f"{font}.woff2").exists():
            shutil.copy(_HERE / f"{font}.woff2", static)
    app.add_css_file(_written(static, "serverless-tax-book", "css", _style()), priority=100)
    body = context.get("body", "")
    for name in ("book", *(name for name, mark in _SCRIPTS.items() if mark in body)):
        script = _written(static, f"serverless-tax-{name}", "js", _script(f"{name}.js"))
        app.add_js_file(script, loading_method="defer")


def _written(static: Path, stem: str, ending: str, text: str) -> str:
    """Write a file once; return its name, which has a mark of its text."""
    name = hashed(stem, ending, text)
    if not (static / name).exists():
        (static / name).write_text(text, "utf-8")
    return name


def _mark_lab_figures(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """Say under each figure of a lab where it was measured, and in its text what it shows."""
    del app, template, doctree

    def marked(figure: re.Match[str]) -> str:
        shown = _AXIS.findall(figure.string[: figure.start()])
        what = f"A chart: {shown[-1]}" if shown else "A chart"
        text = f'alt="{what}, as the code above draws it."'
        return _FILE_AS_TEXT.sub(lambda _: text, figure[0]) + _LAB_SAYS

    if page.startswith("labs/"):
        context["body"] = _LAB_FIGURE.sub(marked, context.get("body", ""))


def _set_text(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """Let no line end within an option or between a number and its unit; curve apostrophes."""
    del app, page, template, doctree
    body = context.get("body", "")
    whole = body.replace('<span class="pre">--', '<span class="pre st-whole">--')
    context["body"] = typeset(whole)


def _keep_our_files(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """Leave out what the theme and the extensions would load."""
    del app, template, doctree
    also = _SEARCH if page == "search" else ()
    # A heading's own link is for a pointer: by keyboard it is a stop too many. The first figure
    # that moves has a link of its own at the top.
    body = context.get("body", "")
    body = body.replace('class="headerlink"', 'class="headerlink" tabindex="-1"')
    context["body"] = _WIDGET.sub(r'\g<0> id="moves"', body, count=1)
    for kind in ("css_files", "script_files"):
        context[kind] = [
            one
            for one in context.get(kind, [])
            if _OURS.search(name := str(getattr(one, "filename", "") or "")) or name.endswith(also)
        ]


def _say_where_it_is(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """Tell the templates the parts of the book, and the page's place in them."""
    del template, doctree
    env, link = app.env, context["pathto"]
    parts = []
    for tree in app.config.external_site_map.root.subtrees:
        pages = [
            {"name": name, "title": _title(tree, name, env), "link": link(name)}
            for name in map(str, tree.files())
        ]
        parts.append({"caption": tree.caption, "pages": pages})
    book, *shelves = parts
    on = (part for part in shelves if page in [one["name"] for one in part["pages"]])
    shelf = context["book_shelf"] = next(on, None)
    context["book_pages"], context["book_shelves"] = book["pages"], shelves
    if shelf and page == shelf["pages"][0]["name"]:
        for one in shelf["pages"][1:]:
            one["says"] = _first_words(env.get_doctree(one["name"]))
    titles = {one["link"]: one["title"] for part in parts for one in part["pages"]}
    for way in ("prev", "next"):
        if there := context.get(way):
            context[way] = {**there, "title": titles.get(there["link"], there["title"])}
    context["book_address"] = app.config.html_baseurl
    context["book_place"] = _place(page, parts)
    context["book_labs"] = _labs(page, parts)
    chapter = page.startswith("book/") and _NUMBERED.match(page)
    context["book_minutes"] = minutes(page.removeprefix("book/")) if chapter else 0


def _say_what_it_is(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """Describe the page to whoever gets a link to it: in a sentence, and in a picture."""
    del doctree
    first = _FIRST_PARAGRAPH.search(context.get("body", ""))
    tags = context.get("metatags", "")
    title = unescape(re.sub(r"<[^>]+>", "", context.get("title", "")))
    says = unescape(re.sub(r"<[^>]+>", "", first[1])) if first else title
    says = shorten(" ".join(says.split()), _LONGEST, placeholder="…")
    described = re.compile(r'(<meta (?:name|property)="(?:og:)?description" content=")[^"]*')
    tags = described.sub(lambda m: m[1] + escape(says), tags)
    base = "" if template == EMBED else app.config.html_baseurl
    if not base:  # a relative address is none for whoever gets the link
        tags = re.sub(r'<meta property="og:url"[^>]*>\s*', "", tags)
    elif first:
        place = " · ".join(filter(None, (context["book_place"], app.config.project)))
        name = f"{page.replace('/', '-')}.png"
        path = Path(app.outdir) / "_images" / "cards" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        card = card_of(page, says)
        draw(card, title, place, path)
        said = {
            "og:image": f"{base}_images/cards/{name}",
            "og:image:width": WIDTH_PX,
            "og:image:height": HEIGHT_PX,
            "og:image:alt": f"{title}. {card.number} {card.says}",
        }
        tags += "".join(
            f'<meta property="{what}" content="{escape(str(one))}">\n' for what, one in said.items()
        )
        tags += '<meta name="twitter:card" content="summary_large_image">\n'
    context["metatags"] = tags


def _first_words(doctree: Any) -> str:
    """Return what a page says of itself: its first paragraph, or a lab's goal."""
    cells = [one.astext() for one in doctree.findall(paragraph)]
    return next(
        (goal for name, goal in pairwise(cells) if name == "Goal"), cells[0] if cells else ""
    )


def _title(tree: Any, name: str, env: Any) -> str:
    """Return what a page is called in the contents: as `_toc.yml` says, else its own title."""
    item = next((one for one in tree.items if str(one) == name), None)
    site_map = env.app.config.external_site_map
    document = site_map[name] if item is not None and name in site_map else None
    return str(getattr(document, "title", None) or env.titles[name].astext())


def _place(page: str, parts: Any) -> str:
    """Return where a page stands: ``Chapter 1 of 6``, or the name of its part."""
    for part in parts:
        names = [one["name"] for one in part["pages"]]
        if page in names:
            if number := _NUMBERED.match(page):
                several = [name for name in names if _NUMBERED.match(name)]
                kind = "Lab" if page.startswith("labs/") else "Chapter"
                return f"{kind} {number[1]} of {len(several)}"
            return str(part["caption"])
    return ""


def _labs(page: str, parts: Any) -> list[dict[str, str]]:
    """Return the labs of a chapter, or the chapters of a lab."""
    number = _NUMBERED.match(page)
    if not number:
        return []
    n = int(number[1])
    wanted = (
        [f"labs/{lab}-" for lab in _LABS.get(n, ())]
        if page.startswith("book/")
        else [f"book/{chapter}-" for chapter, labs in _LABS.items() if n in labs]
    )
    every = [one for part in parts for one in part["pages"]]
    return [one for one in every if one["name"].startswith(tuple(wanted))]


def _finish(app: Sphinx, exception: Exception | None) -> None:
    """Remove what the theme left in the folder and no page loads."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for name in _UNUSED:
        path = static / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
