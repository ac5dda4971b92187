"""The built book opened from its folder, as after a download."""

from __future__ import annotations

import pytest
from built_book import BOOK, Record, pages_of_the_book
from playwright.sync_api import Page
from sampled import one_in


@pytest.mark.parametrize("first", one_in(4, range(4)))
def test_the_book_reads_from_disk(page: Page, record: Record, first: int) -> None:
    """By fourths: opened from the folder, without a server, each loads everything it names."""
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    for address in pages_of_the_book()[first::4]:
        page.goto((BOOK / address).as_uri(), wait_until="load")
    # The icon comes last, and is given up where the next page is opened first.
    assert not [url for url in failed if not url.endswith("/favicon.svg")]
    assert not record.outside_requests
    assert not record.console_errors
