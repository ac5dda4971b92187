"""The months that somebody has published, as the book's table has them."""

from __future__ import annotations

from serverless_tax import Bill
from serverless_tax.book.examples import EXAMPLES


def published(what: str) -> list[Bill]:
    """Return our bills of a published month, one for each of its parts.

    Its total is compared with the published one in ``tests/examples/test_published.py``.
    """
    [example] = [one for one in EXAMPLES if one.what == what]
    return example.bills
