"""The published months of the book's table: a total is ours to the cent, or it says why not."""

from __future__ import annotations

import pytest

from serverless_tax.book.example import Example
from serverless_tax.book.examples import EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.what)
def test_our_total_is_the_published_one(example: Example) -> None:
    """To the cent; where it is not, within two per cent and with a reason beside it."""
    off_usd = abs(example.our_usd - example.printed_usd)
    assert off_usd <= 0.005 or (example.why and off_usd < 0.02 * example.printed_usd)
    assert example.source.startswith("https://")


def test_a_total_that_is_another_is_explained() -> None:
    """Eight are: by the tiers, the places and the words that they were published with."""
    off = {one.what: one.why for one in EXAMPLES if abs(one.our_usd - one.printed_usd) > 0.005}
    assert len(off) <= 8
    assert all(off.values())
