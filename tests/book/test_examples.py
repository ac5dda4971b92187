"""The table of published months, as the book shows it."""

from __future__ import annotations

from serverless_tax.book.examples import EXAMPLES, examples_table


def test_the_table_has_a_row_for_each() -> None:
    """With both totals, and a link to where the published one stands."""
    html = examples_table().html
    for one in EXAMPLES:
        assert one.source in html
    assert html.count("<tr") == len(EXAMPLES) + 1
