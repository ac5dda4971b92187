"""A month whose total somebody else has published, and the same month by our bill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.request.workload import Workload

#: The day whose prices the examples are counted at, unless one has a day of its own.
DAY = date(2026, 11, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A published month: what it is, where it stands, its total, and the same month for a bill.

    Attributes:
        parts: the months that make it up, a design and quantities each.
        printed_usd: the total that was published.
        lines: the dimensions that the published total counts; all, where none is named.
        times: what our total is multiplied by, where the example counts another month.
        plus_usd: what the published total holds that no bill here has.
        why: what is counted otherwise, or why the totals are not the same to the cent.
        region: whose prices it is at.
    """

    what: str
    source: str
    printed_usd: float
    parts: tuple[tuple[str, Mapping[str, Any]], ...]
    on: date = DAY
    free_tier: bool = False
    lines: frozenset[str] = field(default_factory=frozenset)
    times: float = 1
    plus_usd: float = 0
    why: str = ""
    region: str = "us-east-1"

    @property
    def bills(self) -> list[Bill]:
        """Our bill of each part."""
        when: dict[str, Any] = {"on": self.on, "free_tier": self.free_tier, "region": self.region}
        return [bill(name, Workload(**quantities), **when) for name, quantities in self.parts]

    @property
    def our_usd(self) -> float:
        """Our total of the same month."""
        costs = (
            item.cost
            for month in self.bills
            for item in month.items
            if not self.lines or item.dimension in self.lines
        )
        return sum(costs) * self.times + self.plus_usd


def of_one_part(what: str, source: str, usd: float, design: str, **more: Any) -> Example:
    """Return an example of one part: all but the attributes of an example are its quantities."""
    said = {name: more.pop(name) for name in (*_SAID,) if name in more}
    return Example(
        what=what,
        source=source,
        printed_usd=usd,
        parts=((design, {"memory_mb": 1024} | more),),
        **said,
    )


_SAID = ("on", "free_tier", "lines", "times", "plus_usd", "why", "region")
