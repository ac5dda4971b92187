"""What the browser tests share: the built book on loopback, and a page that records what it did."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from built_book import BOOK, Record
from chromium import TESTS_SKIPPED, find_chromium
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect
from python_set import book_with, find_set
from served import QuietHandler, served

HERE = Path(__file__).resolve().parent

expect.set_options(timeout=30_000)  # a busy machine draws later than in Playwright's five seconds


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as a browser test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


class _Book(QuietHandler):
    """Answers as the book's hosts do."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Show the book's own page for what is not there, at any address, as its hosts do."""
        if code != HTTPStatus.NOT_FOUND or not self.path.endswith(("/", ".html")):
            super().send_error(code, message, explain)
            return
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write((BOOK / "404.html").read_bytes())


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Serve the built book on a free loopback port; its address, without a closing slash."""
    if not (BOOK / "index.html").exists():
        pytest.fail("the book is not built; run: make book")
    with served(BOOK, _Book) as address:
        yield address


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the Chromium that is installed, with every network cut but this machine's own."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip(TESTS_SKIPPED)
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    # Letters are as wide in the Chromium without windows as in the whole one.
    quiet.append("--disable-font-subpixel-positioning")
    quiet.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost")
    return {**browser_type_launch_args, "executable_path": str(chromium), "args": quiet}


@pytest.fixture
def record(page: Page, site: str) -> Record:
    """Watch `page`: requests that leave the site are noted, and so are errors.

    The browser resolves no other host's name: nothing has to stand in the way of each request,
    which would take a page's cache away and some milliseconds for each file.
    """
    record = Record()

    def note_outside(request: Request) -> None:
        if not request.url.startswith((site, "data:", "blob:", "file:")):
            record.outside_requests.append(request.url)

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            record.note_error(message.text)

    page.on("request", note_outside)
    page.on("console", note_console)
    page.on("pageerror", lambda error: record.note_error(str(error)))
    return record


@pytest.fixture
def still_page(page: Page, record: Any) -> Page:
    """A page for a reader who prefers reduced motion, so that nothing plays by itself."""
    del record
    page.emulate_media(reduced_motion="reduce")
    return page


@pytest.fixture(scope="session")
def python_book(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """The book with a set beside it: its address, and what was asked for."""
    taken = find_set()
    assert taken is not None
    with book_with(taken, tmp_path_factory.mktemp("python")) as served:
        yield served


@pytest.fixture
def at_home(context: BrowserContext) -> Iterator[None]:
    """Let pages ask nothing of another host, and log no error; their cache stays as it is."""
    asked: list[str] = []
    errors: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield
    here = ("http://127.0.0.1:", "data:", "blob:", "file:")
    assert not [url for url in asked if not url.startswith(here)]
    assert not errors
