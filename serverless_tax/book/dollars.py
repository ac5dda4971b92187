"""A design's dollars in a sentence or a table: the figure, and what it is of as data.

The data are what tells two figures of one design apart: which chip, how much memory, which parts of
the path, whose month, and which part of the bill. A test reads them off the built pages.
"""

from __future__ import annotations

import numpy as np

from serverless_tax.bill.bill import Bill
from serverless_tax.bill.design import design
from serverless_tax.ground.html import Markup, tag
from serverless_tax.ground.show import show
from serverless_tax.questions.ladder import Rung
from serverless_tax.request.workload import Workload


def usd(of: Bill | Rung, part: str = "", unit: str = "usd") -> Markup:
    """Return the dollars of a bill or a rung as a piece of a page.

    Args:
        of: what they are of.
        part: which of its dollars: ``waiting``, ``saving_usd`` and the like; the total by default.
        unit: how they are shown; ``usd0`` without cents.

    >>> from datetime import date
    >>> from serverless_tax import bill
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
    data = {"data_design": name, "data_path": " ".join(path) or "none", "data_day": day} | _of(
        workload
    )
    text = show(float(getattr(of, part)), unit)
    kind = part.removesuffix("_usd")
    return tag("span", text, class_="st-said-number st-usd", **data, data_of=kind)


def _of(workload: Workload | None) -> dict[str, str]:
    """Return which chip, memory and month: how many requests, of what length each."""
    if workload is None:
        return {}
    w = workload
    took_ms = w.cpu_ms + w.wait_ms + w.streaming_ms + w.init_ms * w.cold_start_share
    month = {"": w.requests_per_month, " x ": took_ms, " ms, idle ": w.session_idle_ms}
    return {
        "data_chip": "x86" if w.architecture == "x86_64" else "arm",
        "data_memory": f"{float(np.max(w.memory_mb)):g}",
        "data_month": "".join(f"{what}{float(np.mean(n)):g}" for what, n in month.items()),
    }
