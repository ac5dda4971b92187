"""The files of the built book, read without a browser: links, figures in sentences, weight."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from built_book import BOOK, pages_of_the_book, sent_bytes

PAGES = pages_of_the_book()
#: What a figure looks like that was not computed, or not to an end.
NO_FIGURE = re.compile(
    r"\{eval\}|\b(?:nan|inf|NaN|Infinity|None|Traceback|undefined)\b|<\w+ object at"
)
#: Where such words are names.
LISTINGS = ["pre", "code", "script", "style", "dt", "svg"]
#: A visit of one page with an empty cache, compressed as servers do; two thirds are the theme's.
MOST_PAGE_BYTES = 1_500_000
MOST_HTML_BYTES = 2_500_000
#: What a page loads of our own scripts, uncompressed.
MOST_SCRIPT_BYTES = 120_000


@cache
def parsed(path: Path) -> BeautifulSoup:
    """Return a page of the book."""
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


@cache
def anchors(path: Path) -> set[str]:
    """Return the places in a page that a link may name."""
    named = parsed(path).find_all(attrs={"id": True}) + parsed(path).find_all("a", {"name": True})
    return {str(one.get("id") or one.get("name")) for one in named}


@pytest.mark.parametrize("address", PAGES)
def test_links_and_pictures_lead_somewhere(address: str) -> None:
    """To a file that was built, and to a place that is on it; those in raw HTML as well."""
    page = BOOK / address
    named = [(tag, str(tag["href"])) for tag in parsed(page).find_all(href=True)]
    named += [(tag, str(tag["src"])) for tag in parsed(page).find_all(src=True)]
    lost = [f"{tag.name}: {link}" for tag, link in named if not _leads_somewhere(page, link)]
    assert not lost, "\n".join(lost)


def _leads_somewhere(page: Path, link: str) -> bool:
    target = urlsplit(link)
    if target.scheme or target.netloc:
        return True
    path = (page.parent / unquote(target.path)).resolve() if target.path else page
    place = unquote(target.fragment)
    # A place that begins with st? is a state of the page's widgets.
    if not place or place.startswith("st?") or path.suffix != ".html":
        return path.is_file()
    return path.is_file() and place in anchors(path)


@pytest.mark.parametrize("address", [page for page in PAGES if page.startswith("book/")])
def test_every_figure_in_a_sentence_was_computed(address: str) -> None:
    """No figure is missing, endless, or the name of a thing that has no figure."""
    column = parsed(BOOK / address).find("article")
    assert column is not None
    figures = column.select("span.output, st-value, st-input, .st-said-number")
    empty = [str(one)[:200] for one in figures if not one.get_text(strip=True)]
    odd = [str(one)[:200] for one in figures if NO_FIGURE.search(one.get_text())]
    odd += [t[:200] for t in column.find_all(string="{eval}") if not t.find_parents(LISTINGS)]
    assert not empty
    assert not odd


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_no_heavier_than_it_need_be(address: str) -> None:
    """The page itself, and all that it loads, within a budget."""
    page = BOOK / address
    loads = [str(tag["src"]) for tag in parsed(page).select("script[src], img[src]")]
    loads += [str(tag["href"]) for tag in parsed(page).select("link[rel=stylesheet]")]
    local = {
        (page.parent / unquote(urlsplit(link).path)).resolve()
        for link in loads
        if not urlsplit(link).scheme
    }
    assert page.stat().st_size <= MOST_HTML_BYTES
    assert sum(map(_as_sent, (page, *local))) <= MOST_PAGE_BYTES


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_one_script_of_its_own(address: str) -> None:
    """Or none, where nothing on it moves; with the theme's apart, no heavier than a page may be."""
    page = BOOK / address
    ours = [str(tag["src"]) for tag in parsed(page).select("script[src*='/serverless-tax-']")]
    live = parsed(page).select("st-widget, st-value, st-input, st-predict, .st-bill")
    assert len(ours) == bool(live)
    for link in ours:
        assert (page.parent / urlsplit(link).path).stat().st_size <= MOST_SCRIPT_BYTES


@cache
def _as_sent(path: Path) -> int:
    """Return the bytes of a file as a server sends it."""
    return sent_bytes(path.suffix, path.read_bytes())


@pytest.mark.parametrize("address", PAGES)
def test_a_page_carries_no_script_of_ours_in_itself(address: str) -> None:
    """What it draws comes from its one script: Jupyter's copies of it stay in the notebook."""
    html = (BOOK / address).read_text("utf-8")
    assert "widget-state+json" not in html
    assert "export default { render }" not in html
