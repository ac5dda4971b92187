"""A design's dollars in a sentence or a table: the figure, and what it is of as data.

The data are what tells two figures of one design apart: which chip, how much memory, which parts of
the path, whose month, and which part of the bill. A test reads them off the built pages.
"""

from __future__ import annotations

from serverless_tax.bill.bill import Bill
from serverless_tax.bill.design import design
from serverless_tax.ground.html import Markup, tag
from serverless_tax.ground.show import show
from serverless_tax.questions.ladder import Rung
from serverless_tax.widgets.prose import of_month


def usd(of: Bill | Rung, part: str = "", unit: str = "usd") -> Markup:
    """Return the dollars of a bill or a rung as a piece of a page.

    Args:
        of: what they are of.
        part: which of its dollars: ``waiting``, ``saving_usd`` and the like; the total by default.
        unit: how they are shown; ``usd0`` without cents.

    >>> from datetime import date
    >>> from serverless_tax import Workload, bill
    >>> print(usd(bill("aws-lambda", Workload.preset("article"), on=date(2026, 11, 1))).html)
    ... # doctest: +ELLIPSIS
    <span class="st-said-number st-usd" data-design="aws-lambda" ... data-of="total">$811.33</span>
    """
    if isinstance(of, Bill):
        name, path, workload, part = of.platform, of.path, of.workload, part or "total"
        day = str(of.on)
    else:
        target = design(of.design, "needed")
        name, workload, part = target.platform.id, of.workload, part or "total_usd"
        path, day = tuple(each.id for each in target.parts), ""
    data = {"data_design": name, "data_path": " ".join(path) or "none", "data_day": day} | of_month(
        workload
    )
    text = show(float(getattr(of, part)), unit)
    kind = part.removesuffix("_usd")
    return tag("span", text, class_="st-said-number st-usd", **data, data_of=kind)
