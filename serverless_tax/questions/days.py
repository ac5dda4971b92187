"""The same month on several days: what a vendor's change does to a bill, and what was sold then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.ground.checks import several
from serverless_tax.platforms import platform
from serverless_tax.platforms.meters.cpu import MEASURED_CPU_MS_PER_TOKEN
from serverless_tax.prices import billing_day, vendor
from serverless_tax.questions.compare import compare
from serverless_tax.request.workload import Workload, a_workload

#: The last day on which INIT was free for functions from a zip on a managed runtime, and the
#: first on which it is billed.
#: Source: https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
INIT_FREE, INIT_BILLED = date(2025, 7, 31), date(2025, 8, 1)

#: The middle of the year before the first chat models, and of the one in which they were usual.
BEFORE, BETWEEN = date(2022, 7, 1), date(2024, 7, 1)


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
    >>> [round(each.total, 2) for each in history("aws-lambda", cold)]
    [811.33, 813.0]

    Raises:
        UnknownPrice: for a day on which something used had no price yet.
        InvalidQuantity: as :func:`bill` does.
    """
    return [bill(platform_id, workload, on=day, **when) for day in _some_days(days)]


def _some_days(days: Any) -> Iterable[date]:
    return several("days", days, "[date(2024, 7, 1)]")


@dataclass(frozen=True, slots=True)
class Era:
    """Everything that was sold on a day, priced for the same month, cheapest first."""

    day: date
    bills: tuple[Bill, ...]

    @property
    def by_vendor(self) -> dict[str, Bill]:
        """The cheapest bill of each vendor, cheapest vendor first.

        It can serve the requests, and runs code of yours.
        """
        found: dict[str, Bill] = {}
        for billed in self.bills:
            sold = platform(billed.platform)
            if sold.runs_code and not billed.obstacles:
                found.setdefault(vendor(sold.priced_by[0]), billed)
        return found

    def of(self, platform_id: str) -> Bill | None:
        """Return the bill of one platform, or None if it was not sold on that day."""
        return next((billed for billed in self.bills if billed.platform == platform_id), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the day and its bills as plain values, ready for JSON."""
        return {"day": self.day.isoformat(), "bills": [billed.to_dict() for billed in self.bills]}


def eras(workload: Workload, days: Iterable[date] | None = None, **when: Any) -> list[Era]:
    """Return what each platform would have charged for the same month on several days.

    By default in July 2022, in July 2024 and today. A platform is in an era if it could be chosen
    on that day and its price of then is known. A vendor's price of a day is that of the cheapest
    product that could serve the requests then, not of the one that is left of it today. The
    requests are the same in all of them, though models were slower and their clients others. Of a
    token whose CPU the workload leaves out, none is billed, on no day and nowhere: what a client
    takes says which products could serve it, and :func:`with_one_cpu` is for one that takes some.
    Other keywords are those of :func:`bill`.

    >>> first, *_ = eras(Workload.preset("article"), [date(2022, 7, 1)])
    >>> first.by_vendor["AWS"].platform, first.by_vendor["Cloudflare"].total
    ('aws-fargate', 5.0)

    Raises:
        InvalidQuantity, UnknownPrice: as :func:`bill` does.
    """
    chosen = (BEFORE, BETWEEN, billing_day()) if days is None else _some_days(days)
    if a_workload(workload).token_cpu_is_left_open:
        workload = workload.replace(metered_cpu_ms_per_token=0)
    return [Era(day, tuple(compare(workload, everything=True, on=day, **when))) for day in chosen]


def with_one_cpu(
    workload: Workload, days: Iterable[date] | None = None, **when: Any
) -> dict[float, list[Era]]:
    """Return the eras with the same CPU for a token on every platform and day, in milliseconds.

    With none, as :func:`eras` has them, and with what the first lab measured. Empty for a workload
    that says how much it is.
    """
    if not (workload.token_cpu_is_left_open and np.any(workload.output_tokens)):
        return {}
    chosen = None if days is None else tuple(_some_days(days))
    lab_ms = MEASURED_CPU_MS_PER_TOKEN
    with_lab = workload.replace(metered_cpu_ms_per_token=lab_ms)
    return {ms: eras(w, chosen, **when) for ms, w in ((0.0, workload), (lab_ms, with_lab))}
