"""A bill without a log: what AWS billed for each function, as far as the bill names them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from serverless_tax.audit.find.reconcile import (
    Billed,
    billed_lines,
    function_of,
    said_again,
    said_beside,
    said_beyond,
    used,
)
from serverless_tax.audit.read.bills import AwsBill
from serverless_tax.ground.show import many, show

#: What a row is called that names no function.
_UNNAMED = "(no function named)"
_NO_WAITING = "A bill does not say how long a function waited: name its log too."
_HEAD = ("function", "region", "architecture", "GB-seconds", "requests", "USD", "USD a GB-second")


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledAlone:
    """What a bill has of Lambda.

    Attributes:
        format: of the bill.
        first, last: its days of use, or nothing.
        functions: the names, each with what was billed in one account and region, dearest first.
        notes: what is no time or request on demand.
    """

    format: str
    first: str
    last: str
    functions: tuple[tuple[str, Billed], ...]
    notes: tuple[str, ...]
    currency: str = ""

    @property
    def usd(self) -> float:
        """What all of it cost, Savings Plans taken off."""
        return sum(one.usd for _, one in self.functions)

    @property
    def head(self) -> str:
        """The bill in a sentence."""
        days = f", {self.first} to {self.last}" if self.first else ""
        names = {name for name, _ in self.functions} - {_UNNAMED}
        of = f" for {many(len(names), 'function')}" if names else ", no function named"
        money = f"{self.usd:,.2f} {self.currency}" if self.currency else show(self.usd, "usd")
        return f"Bill ({self.format}{days}): {money}{of}. No log was named."

    def table(self) -> tuple[str, tuple[str, ...], list[tuple[str, ...]]]:
        """Return the title, the heads and the rows of a table."""
        rows: list[tuple[str, ...]] = [
            (
                *(name, one.region, one.architecture, show(one.gb_seconds, "count")),
                *(show(one.requests, "count"), self._money(one.usd)),
                "" if one.gb_second_usd is None else f"{one.gb_second_usd:.10f}",
            )
            for name, one in self.functions
        ]
        head = tuple(name.replace("USD", self.currency or "USD") for name in _HEAD)
        return "What AWS billed", head, rows

    def _money(self, amount: float) -> str:
        return f"{amount:,.2f}" if self.currency else show(amount, "usd")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        functions = [{"name": name, **one.to_dict()} for name, one in self.functions]
        return {
            **{
                name: getattr(self, name) for name in ("format", "first", "last", "usd", "currency")
            },
            "functions": functions,
            "notes": list(self.notes),
        }


def billed(bill: AwsBill, *, anonymous: bool = False) -> BilledAlone:
    """Add up a bill by function; without names and accounts, if that is asked for.

    Raises:
        InvalidQuantity: if it has nothing of Lambda.
    """
    rows = used(bill)
    by_function: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_function.setdefault(function_of(row) or _UNNAMED, []).append(row)
    found = [(name, one) for name, of in by_function.items() for one in billed_lines(of)]
    found.sort(key=lambda pair: -pair[1].usd)
    if anonymous:
        found = [
            (f"function {k}", replace(one, account="hidden")) for k, (_, one) in enumerate(found, 1)
        ]
    days = sorted(filter(None, {row["day"] for row in rows}))
    return BilledAlone(
        format=bill.format,
        first=days[0] if days else "",
        last=days[-1] if days else "",
        functions=tuple(found),
        notes=(
            *said_again(bill),
            *said_beside(rows),
            *(() if bill.currency else said_beyond(bill.rows)),
            _NO_WAITING,
        ),
        currency=bill.currency,
    )
