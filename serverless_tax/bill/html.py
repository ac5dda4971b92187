"""A bill as an HTML table, for a notebook and for a page of the book."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from serverless_tax.ground.html import Piece, Table, link, tag
from serverless_tax.ground.show import show

if TYPE_CHECKING:
    from serverless_tax.bill.bill import Bill


def bill_table(bill_: Bill) -> Table:
    """Return the bill as a table; its split, its obstacles and its notes stand under it."""
    rows: Iterator[tuple[Piece, ...]] = (
        (link(item.source, row[0], title=f"seen {item.seen}"), *row[1:])
        for item, row in zip(bill_.items, bill_.rows(), strict=True)
    )
    return Table.of(
        f"{bill_.title}, {bill_.region}, prices of {bill_.on}",
        ("Line", "Quantity", "Unit price", "USD a month"),
        rows,
        foot=("Total", "", "", tag("strong", show(bill_.total, "usd"))),
        below=(bill_.split(), *bill_.obstacles, *bill_.notes),
    )
