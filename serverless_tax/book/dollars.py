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
from serverless_tax.request.workload import Workload


def usd(
    of: Bill | Rung | float,
    part: str = "",
    unit: str = "usd",
    *,
    setting: str = "",
    design_id: str = "",
    month: Workload | None = None,
) -> Markup:
    """Return dollars as a piece of a page: of a bill, of a rung, or of what ``part`` says.

    Args:
        of: what they are of, or the dollars alone.
        part: which of its dollars: ``waiting``, ``saving_usd`` and the like, the total by default;
            of dollars alone, what they are of, in words: ``a million tokens written``.
        unit: how they are shown; ``usd0`` without cents, ``price`` with all that it has.
        setting: what tells them apart besides, such as how many requests share an instance.
        design_id: of dollars alone, the design they are of; without one they are of none, as those
            of tokens and of an hour's work.
        month: of dollars alone, the month they are of.

    >>> from datetime import date
    >>> from serverless_tax import bill
    >>> print(usd(bill("aws-lambda", Workload.preset("article"), on=date(2026, 11, 1))).html)
    ... # doctest: +ELLIPSIS
    <span class="st-said-number st-usd" data-design="aws-lambda" ... data-of="total">$811.33</span>
    >>> print(usd(100, "an hour of work", "usd0").html)
    <span class="st-said-number st-usd" data-design="none" data-of="an hour of work">$100</span>

    Raises:
        ValueError: for dollars alone that are of nothing.
    """
    if isinstance(of, Bill):
        amount, data, part = getattr(of, part or "total"), of.as_data(), part or "total"
    elif isinstance(of, Rung):
        amount, part = getattr(of, part or "total_usd"), part or "total_usd"
        data = _of_design(of.design, "needed") | of_month(of.workload)
    elif part:
        amount, data = of, {"data_design": "none"}
        if design_id:
            data = _of_design(design_id, ()) | of_month(month)
    else:
        msg = f"{of} dollars are of nothing; say of what, such as 'an hour of work'."
        raise ValueError(msg)
    data["data_setting"] = setting
    text = show(float(amount), unit)
    kind = part.removesuffix("_usd")
    return tag("span", text, class_="st-said-number st-usd", **data, data_of=kind)


def _of_design(name: str, path: str | tuple[str, ...]) -> dict[str, str]:
    target = design(name, path)
    parts = " ".join(each.id for each in target.parts) or "none"
    return {"data_design": target.platform.id, "data_path": parts}
