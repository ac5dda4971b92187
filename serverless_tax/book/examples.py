"""Months whose total somebody else has published, and the same months by our bill.

They stand in ``published-months.toml``, each with its source. Where a published total is not ours
to the cent, the reason stands beside it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.ground.html import WORDS, Table, link
from serverless_tax.ground.show import show
from serverless_tax.request.workload import Workload

_MONTHS = Path(__file__).with_name("published-months.toml")

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


def _read() -> Iterator[Example]:
    for month in tomllib.loads(_MONTHS.read_text("utf-8"))["month"]:
        parts = tuple(
            (part.pop("design"), {"memory_mb": 1024} | part) for part in month.pop("part")
        )
        lines = frozenset(month.pop("lines", ()))
        yield Example(printed_usd=month.pop("usd"), parts=parts, lines=lines, **month)


#: The examples that the rules were written against. The tests hold each line of them.
EXAMPLES = tuple(_read())


def examples_table() -> Table:
    """Show every example with its total and ours."""
    rows = [
        (
            link(one.source, one.what),
            show(one.printed_usd, "usd"),
            show(one.our_usd, "usd"),
            one.why,
        )
        for one in EXAMPLES
    ]
    return Table.of(
        "Published months, and the same by our bill",
        (f"{WORDS}Example", "Published", "Ours", f"{WORDS}Counted otherwise"),
        rows,
        stacks=True,
    )
