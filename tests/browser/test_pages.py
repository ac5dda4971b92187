"""Every page of the built book: self-contained, quiet, and no wider than the screen."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from built_book import BOOK, Record, pages_of_the_book
from playwright.sync_api import Page

WIDTHS_PX = (1280, 390)
THEMES = ("light", "dark")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width_px", WIDTHS_PX)
def test_every_page_is_self_contained_and_quiet(
    page: Page, site: str, record: Record, width_px: int, theme: str
) -> None:
    """No request leaves the origin, and nothing is logged but the theme's own two lines."""
    _set_up(page, width_px, theme)
    for address in _pages():
        page.goto(f"{site}/{address}", wait_until="load")
    assert not record.outside_requests, "serve these with the book, or drop them"
    assert not record.console_errors


@pytest.mark.parametrize("width_px", WIDTHS_PX)
def test_no_page_scrolls_sideways(page: Page, site: str, record: Record, width_px: int) -> None:
    """A page is as wide as its window; what is wider scrolls inside its own box."""
    del record
    _set_up(page, width_px, "light")
    too_wide = []
    for address in _pages():
        page.goto(f"{site}/{address}", wait_until="load")
        excess_px = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if excess_px > 0:
            too_wide.append(f"{address}: {excess_px} px")
    assert not too_wide


def test_the_book_reads_from_disk(page: Page, record: Record) -> None:
    """Opened from the folder, without a server, every page loads everything it names."""
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    for address in _pages():
        page.goto((BOOK / address).as_uri(), wait_until="load")
    assert not failed
    assert not record.outside_requests
    assert not record.console_errors


def test_links_between_pages_lead_somewhere(page: Page, site: str, record: Record) -> None:
    """Each link to a page of the book names a file that was built."""
    del record
    missing = []
    for address in _pages():
        page.goto(f"{site}/{address}", wait_until="domcontentloaded")
        links = page.eval_on_selector_all(
            "a[href]", "links => links.map(link => link.getAttribute('href'))"
        )
        for link in links:
            target = urlsplit(urljoin(f"{site}/{address}", link))
            path = BOOK / unquote(target.path).lstrip("/")
            if f"{target.scheme}://{target.netloc}" == site and not _is_built(path):
                missing.append(f"{address}: {link}")
    assert not missing


def _pages() -> list[str]:
    """Return the pages to visit; a book without pages is a failure, not an empty loop."""
    pages = pages_of_the_book()
    assert pages, "the book has no pages; run: make book"
    return pages


def _is_built(path: Path) -> bool:
    """Tell whether a link's path is a file of the book, or a folder with an index."""
    return path.is_file() or (path / "index.html").is_file()


def _set_up(page: Page, width_px: int, theme: str) -> None:
    """Give the page a window and the theme that the reader's system would ask for."""
    page.set_viewport_size({"width": width_px, "height": 900})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
