"""A design's dollars in a sentence or a table: the figure, and what it is of as data.

The data are what tells two figures of one design apart: which chip, how much memory, which parts of
the path, whose month, and which part of the bill. A test reads them off the built pages.
"""

from __future__ import annotations

from serverless_tax.bill.bill import Bill, of_month
from serverless_tax.bill.design import design
from serverless_tax.ground.html import Markup, tag
from serverless_tax.ground.show import show
from serverless_tax.questions.ladder import Rung


def usd(of: Bill | Rung, part: str = "", unit: str = "usd", *, setting: str = "") -> Markup:
    """Return the dollars of a bill or a rung as a piece of a page.

    Args:
        of: what they are of.
        part: which of its dollars: ``waiting``, ``saving_usd`` and the like; the total by default.
        unit: how they are shown; ``usd0`` without cents.
        setting: what tells them apart besides, such as how many requests share an instance.

    >>> from datetime import date
    >>> from serverless_tax import Workload, bill
    >>> print(usd(bill("aws-lambda", Workload.preset("article"), on=date(2026, 11, 1))).html)
    ... # doctest: +ELLIPSIS
    <span class="st-said-number st-usd" data-design="aws-lambda" ... data-of="total">$811.33</span>
    """
    if isinstance(of, Bill):
        data, part = of.as_data(), part or "total"
    else:
        target, part = design(of.design, "needed"), part or "total_usd"
        path = " ".join(each.id for each in target.parts) or "none"
        data = {"data_design": target.platform.id, "data_path": path} | of_month(of.workload)
    data["data_setting"] = setting
    text = show(float(getattr(of, part)), unit)
    kind = part.removesuffix("_usd")
    return tag("span", text, class_="st-said-number st-usd", **data, data_of=kind)
