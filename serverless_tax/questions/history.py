"""The same workload under the prices of several days: what a vendor's change does to a bill."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.request.workload import Workload

#: The last day on which INIT was free for functions from a zip on a managed runtime, and the
#: first on which it is billed.
#: Source: https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
INIT_FREE, INIT_BILLED = date(2025, 7, 31), date(2025, 8, 1)


def history(
    platform_id: str,
    workload: Workload,
    days: Iterable[date] = (INIT_FREE, INIT_BILLED),
    **when: Any,
) -> list[Bill]:
    """Return the month's bill at the prices of each day, in the order given.

    By default the two days are those before and after Lambda began to bill INIT. Other keywords
    are those of :func:`bill`.

    >>> cold = Workload.preset("article", init_ms="1s", cold_start_share=0.01)
    >>> [round(month.total, 2) for month in history("aws-lambda", cold)]
    [811.33, 813.0]

    Raises:
        UnknownPrice: for a day on which something used had no price yet.
        InvalidQuantity: as :func:`bill` does.
    """
    return [bill(platform_id, workload, on=day, **when) for day in days]
