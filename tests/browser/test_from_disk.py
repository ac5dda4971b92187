"""The built book opened from its folder, as after a download."""

from __future__ import annotations

from built_book import BOOK, Record, pages_of_the_book
from playwright.sync_api import Page


def test_the_book_reads_from_disk(page: Page, record: Record) -> None:
    """Opened from the folder, without a server, every page loads everything it names."""
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    for address in pages_of_the_book():
        page.goto((BOOK / address).as_uri(), wait_until="load")
    # The icon comes last, and is given up where the next page is opened first.
    assert not [url for url in failed if not url.endswith("/favicon.svg")]
    assert not record.outside_requests
    assert not record.console_errors
