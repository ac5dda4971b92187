"""A figure at an address of its own, shown in a page of somebody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from built_book import BOOK
from playwright.sync_api import Page, expect
from served import served


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that another origin serves, and its address."""
    with served(tmp_path) as address:
        yield tmp_path, address.replace("127.0.0.1", "localhost")


def test_a_figure_moves_in_a_page_of_somebody_elses(
    page: Page, site: str, elsewhere: tuple[Path, str]
) -> None:
    """The code that the figure's own address offers, pasted; then a key, and a link to the book."""
    folder, address = elsewhere
    page.goto(f"{site}/book/5-the-async-native-future.html")
    page.locator("a.st-embed[href$='-market.html']").click()
    code = page.locator("#embed-code textarea").input_value()
    assert int(page.evaluate("document.documentElement.scrollHeight")) >= 400
    (folder / "mine.html").write_text(f"<!doctype html><title>Mine</title><p>See:</p>{code}")
    page.goto(f"{address}/mine.html")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#embed-code")).to_be_hidden()
    waits = frame.get_by_role("slider", name="wait for the answer")
    expect(frame.locator("st-widget[data-ready]")).to_be_visible()
    before = frame.locator(".st-numbers").text_content() or ""
    waits.press("ArrowRight")
    expect(frame.locator(".st-numbers")).not_to_have_text(before)
    inner = page.frames[1]
    assert inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    frame.get_by_role("link", name="The async-native future").click()
    page.wait_for_url(f"{site}/book/5-the-async-native-future.html*")


def test_each_figure_of_the_book_stands_alone() -> None:
    """Each that a page offers, and no other: with its caption, a way back, and every mark it draws.

    The address of one that has moved leads to where it is.
    """
    pages = {path.name: path.read_text("utf-8") for path in (BOOK / "embed").glob("*.html")}
    moved = {name: re.findall(r'var target = "([^"]+)"', text) for name, text in pages.items()}
    figures = {name: text for name, text in pages.items() if not moved[name]}
    chapters = "".join(path.read_text("utf-8") for path in (BOOK / "book").rglob("*.html"))
    offered = {*re.findall(r'href="[^"]*embed/([^"#]+)" class="st-embed"', chapters)}
    assert offered
    assert offered == {*figures}
    for name, text in figures.items():
        assert 'rel="canonical"' in text
        assert "st-source" in text or "<figcaption" in text, name
        for mark in {part.split('"')[0] for part in text.split('<use href="')[1:]}:
            assert f'id="{mark[1:]}"' in text, (name, mark)
    lost = [name for name, to in moved.items() if to and to[0] not in figures]
    assert not lost, "an address that was given out leads to a figure that is there"
