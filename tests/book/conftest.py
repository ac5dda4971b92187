"""What every test of the book shares: a page that was run leaves no start behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from serverless_tax.widgets import page_scenario


@pytest.fixture(autouse=True)
def _no_page_before() -> Iterator[None]:
    """Let each test begin where a page does, and end so for the tests of other folders."""
    yield
    page_scenario("article")
