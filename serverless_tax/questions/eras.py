"""The same month under what each vendor sold in 2022, in 2024 and sells today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from serverless_tax.bill.bill import Bill
from serverless_tax.platforms import platform
from serverless_tax.prices import billing_day, vendor
from serverless_tax.questions.compare import compare
from serverless_tax.request.workload import Workload

#: The middle of the year before the first chat models, and of the one in which they were usual.
BEFORE, BETWEEN = date(2022, 7, 1), date(2024, 7, 1)


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
        for month in self.bills:
            sold = platform(month.platform)
            if sold.runs_code and not month.obstacles:
                found.setdefault(vendor(sold.priced_by[0]), month)
        return found

    def of(self, platform_id: str) -> Bill | None:
        """Return the bill of one platform, or None if it was not sold on that day."""
        return next((month for month in self.bills if month.platform == platform_id), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the day and its bills as plain values, ready for JSON."""
        return {"day": self.day.isoformat(), "bills": [month.to_dict() for month in self.bills]}


def eras(workload: Workload, days: Iterable[date] | None = None, **when: Any) -> list[Era]:
    """Return what each platform would have charged for the same month on several days.

    By default in July 2022, in July 2024 and today. A platform is in an era if it could be chosen
    on that day and its price of then is known. The requests are the same in all of them, though
    models were slower and their clients others. Other keywords are those of :func:`bill`.

    >>> first, *_ = eras(Workload.preset("article"), [date(2022, 7, 1)])
    >>> first.by_vendor["AWS"].platform
    'aws-fargate'

    Raises:
        InvalidQuantity, UnknownPrice: as :func:`bill` does.
    """
    chosen = (BEFORE, BETWEEN, billing_day()) if days is None else tuple(days)
    return [Era(day, tuple(compare(workload, everything=True, on=day, **when))) for day in chosen]
