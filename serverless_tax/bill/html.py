"""A bill as an HTML table, for a notebook and for a page of the book."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from serverless_tax.ground.show import show

if TYPE_CHECKING:
    from serverless_tax.bill.bill import Bill


def bill_table(month: Bill) -> str:
    """Return the bill as a table with a caption, its split and its notes under it."""
    rows = "".join(
        f'<tr><th scope="row"><a href="{escape(item.source)}" title="seen {item.seen}">'
        f"{escape(row[0])}</a></th>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for item, row in zip(month.items, month.rows(), strict=True)
    )
    notes = "".join(
        f"<p>{escape(text)}</p>" for text in (month.split(), *month.obstacles, *month.notes)
    )
    return (
        '<div class="st-bill"><table><caption>'
        f"{escape(month.title)}, {escape(month.region)}, prices of {month.on}</caption>"
        "<thead><tr><th scope='col'>Line</th><th scope='col'>Quantity</th>"
        "<th scope='col'>Unit price</th><th scope='col'>USD a month</th></tr></thead>"
        f"<tbody>{rows}</tbody><tfoot><tr><th scope='row'>Total</th><td></td><td></td>"
        f"<td><strong>{show(month.total, 'usd')}</strong></td></tr></tfoot></table>{notes}</div>"
    )
