"""The audit against AWS's own account of the bill: the Cost and Usage Report, or a FOCUS export.

Both are tables with a line for each charge. What Lambda charges for is in their usage types:
``Lambda-GB-Second`` and ``Request``, with ``-ARM`` behind them on Arm and the region's code before
them elsewhere than in us-east-1 (``EUW1-Lambda-GB-Second-ARM``). Provisioned concurrency and
Lambda@Edge have types of their own, which no log of calls on demand is compared with.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from serverless_tax.audit.find.findings import Audit
from serverless_tax.audit.find.notes import stands_twice
from serverless_tax.audit.read.bills import DISCOUNTS, AwsBill
from serverless_tax.ground.show import many, show
from serverless_tax.ground.units import InvalidQuantity

#: Kinds of line that are use and its price; others, such as credits, say the same use again.
_USE = ("", "Usage", "DiscountedUsage", "SavingsPlanCoveredUsage", *DISCOUNTS)
#: What takes off again what a Savings Plan covers, at the price of who has none.
_NEGATION = "SavingsPlanNegation"
#: What a bill writes where a row is of no region.
_NOWHERE = ("", "global", "Any")
_USAGE = re.compile(
    "(?:(?P<place>[A-Za-z0-9]{2,6})-)?(?P<what>Lambda-GB-Second|Request|Lambda-Provisioned-GB-Second|"
    "Lambda-Provisioned-Concurrency|Lambda-Edge-GB-Second|Lambda-Edge-Request)(-ARM)?"
)
_ON_DEMAND = {"Lambda-GB-Second": "gb_seconds", "Request": "requests"}
_CAPACITY = "Lambda-Provisioned-Concurrency"
#: What else there may be, and what it is called.
_OTHERS = {
    "Lambda-Provisioned-GB-Second": "GB-seconds in provisioned environments",
    _CAPACITY: "GB-seconds of provisioned concurrency, used or not",
    "Lambda-Edge-GB-Second": "GB-seconds of Lambda@Edge",
    "Lambda-Edge-Request": "requests of Lambda@Edge",
}
#: Those of which the type says the architecture.
_BY_CHIP = ("Lambda-GB-Second", "Lambda-Provisioned-GB-Second")
_CHIPS = {"x86": "x86_64", "arm": "arm64"}
#: Gaps smaller than this are rounding.
_SAME = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """What AWS billed in one region, on one architecture, to one account.

    ``gb_second_usd`` is what a GB-second on demand cost, Savings Plans taken off.
    """

    account: str
    region: str
    architecture: str
    gb_seconds: float
    requests: float
    usd: float
    gb_second_usd: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """The bill's lines beside the log's sums, and what the gap between them is likely to be.

    Compared are those of ``lines`` that are of the log's region and architecture, and of its
    functions where the bill names resources. ``usd`` is what those on demand cost, Savings Plans
    and discounts taken off, and ``log_usd`` what the log comes to at the prices of the audit.
    ``beyond`` says how the dollars differ, and what else the bill has of them. A bill in another
    ``currency`` than dollars has its money in that, which is not compared.
    """

    format: str
    lines: tuple[Billed, ...]
    log_gb_seconds: float
    log_requests: int
    log_usd: float
    gb_seconds: float
    requests: float
    usd: float
    gb_second_usd: float | None
    reasons: tuple[str, ...]
    beyond: tuple[str, ...]
    currency: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        names = (
            *("format", "log_gb_seconds", "log_requests", "log_usd"),
            *("gb_seconds", "requests", "usd", "gb_second_usd", "currency"),
        )
        plain = {name: getattr(self, name) for name in names}
        lines = [line.to_dict() for line in self.lines]
        said = {"reasons": list(self.reasons), "beyond": list(self.beyond)}
        return plain | {"lines": lines} | said

    def sentences(self) -> Iterator[str]:
        """Yield the comparison in words."""
        pairs = (
            ("GB-seconds", self.log_gb_seconds, self.gb_seconds),
            ("requests", float(self.log_requests), self.requests),
        )
        for unit, *both in pairs:
            logged, billed = (round(one, 9) for one in both)  # what floats add up to is no gap
            gap = f"{show(gap_of(logged, billed), 'percent')} of the bill"
            yield (
                f"{unit}: {show(billed, 'count')} billed, {show(logged, 'count')} in the log;"
                f" gap {show(billed - logged, 'count')}, {gap}."
            )
        if self.currency:
            yield in_another(self.currency)
            yield from (*self.reasons, *self.beyond)
            return
        rate = f", ${self.gb_second_usd:.10f} a GB-second" if self.gb_second_usd else ""
        yield (
            f"dollars: {show(self.usd, 'usd')} billed{rate};"
            f" {show(self.log_usd, 'usd')} at the prices of this audit."
        )
        yield from (*self.reasons, *self.beyond)


def region_billed(bill: AwsBill) -> str:
    """Return the region of a bill's Lambda, if it has one alone; else nothing."""
    found = {row["region"] for row in bill.rows if _is_compared(row)} - {*_NOWHERE}
    return found.pop() if len(found) == 1 else ""


def architectures_billed(bill: AwsBill) -> dict[str, str]:
    """Return the architecture of each function that the bill names, if it is one alone."""
    found: dict[str, set[str]] = {}
    for row in bill.rows:
        if _is_use(row) and _type(row) in _BY_CHIP and function_of(row):
            found.setdefault(function_of(row), set()).add(architecture_of(row["usage_type"]))
    return {name: chips.pop() for name, chips in found.items() if len(chips) == 1}


def gap_of(logged: float, billed: float) -> float:
    """Return the part of the bill that the log does not have; negative if it has more."""
    if not billed:
        return -math.inf if logged else 0.0
    return (billed - logged) / billed


def reconcile(audit: Audit, bill: AwsBill, *, anonymous: bool = False) -> Reconciled:
    """Compare an audit with a bill; without its accounts, if that is asked for.

    Raises:
        InvalidQuantity: if the bill has nothing of Lambda.
    """
    rows = used(bill)
    lines = tuple(sorted(billed_lines(rows), key=lambda one: -one.gb_seconds))
    if anonymous:
        lines = tuple(replace(one, account="hidden") for one in lines)
    ours = [row for row in rows if _is_ours(row, audit)]
    compared = billed_lines(ours)
    gb_seconds = sum(one.gb_seconds for one in compared)
    requests = sum(one.requests for one in compared)
    time_usd = sum((one.gb_second_usd or 0) * one.gb_seconds for one in compared)
    usd = sum(row["usd"] for row in ours if _type(row) in _ON_DEMAND)
    logged = (audit.total("gb_seconds"), audit.total("invocations"))
    beyond = (row for row in bill.rows if _is_ours(row, audit, any_chip=True))
    reasons = _reasons(audit, rows, ours, logged, (gb_seconds, requests))
    dollars = _dollars(audit.usd, usd, *zip(logged, (gb_seconds, requests), strict=True))
    return Reconciled(
        format=bill.format,
        currency=bill.currency,
        lines=lines,
        log_gb_seconds=logged[0],
        log_requests=logged[1],
        log_usd=audit.usd,
        gb_seconds=gb_seconds,
        requests=requests,
        usd=usd,
        gb_second_usd=time_usd / gb_seconds if gb_seconds else None,
        reasons=(*reasons, *said_again(bill)),
        beyond=() if bill.currency else (*dollars, *_dollars_beside(ours), *said_beyond(beyond)),
    )


def in_another(currency: str) -> str:
    """Say that the money of a bill is not compared."""
    return f"The bill's money is in {currency}: it is not compared with dollars, only its use is."


def said_again(bill: AwsBill) -> Iterator[str]:
    """Say how many rows of a bill stood there before, as they do where exports overlap."""
    if bill.twice:
        yield stands_twice(bill.twice, "row", "the bill")
    if bill.revised:
        yield (
            f"{many(bill.revised, 'row', 'have')} the id and the time of another with other"
            " figures: each is counted, so name one version of the export alone."
        )


def used(bill: AwsBill) -> list[dict[str, Any]]:
    """Return the rows of a bill that are use of what is compared.

    Raises:
        InvalidQuantity: if there is none, or if they are of several regions and name none.
    """
    rows = [row for row in bill.rows if _is_compared(row)]
    unnamed = [_USAGE.fullmatch(row["usage_type"]) for row in rows if not row["region"]]
    places = {found["place"] or "none" for found in unnamed if found}
    if len(places) > 1:
        msg = (
            f"{bill.path} has Lambda in several regions and names none, only what their usage types"
            f" begin with ({', '.join(sorted(places))}): group it by REGION too, or export it as"
            " CUR or FOCUS."
        )
        raise InvalidQuantity(msg)
    if not rows:
        msg = (
            f"{bill.path} has no line of Lambda's time or requests; export the bill with all"
            " services."
        )
        raise InvalidQuantity(msg)
    return rows


def _beside(rows: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    found = dict.fromkeys(_OTHERS, 0.0)
    for row in rows:
        if (name := _type(row)) in found:
            found[name] += row["quantity"]
    return found


def said_beside(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Name what is billed by other prices than calls on demand."""
    for name, quantity in _beside(rows).items():
        if quantity:
            yield f"The bill also has {show(quantity, 'count')} {_OTHERS[name]} ({name})."


def _dollars_beside(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Say what the uses cost that no log of calls on demand is compared with."""
    for what, of in (("provisioned concurrency", "Provisioned"), ("Lambda@Edge", "Edge")):
        usd = math.fsum(row["usd"] for row in rows if f"-{of}-" in _type(row))
        if usd:
            yield f"The bill also has {show(usd, 'usd')} of {what}, which is not compared."


def said_beyond(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Say what else a bill has of Lambda: use that no log tells, discounts, credits and taxes."""
    by_type: dict[str, float] = {}
    no_use = taken_off = 0.0
    for row in rows:
        if row["kind"] in DISCOUNTS and _type(row):
            taken_off -= row["usd"]
        if _is_compared(row) or row["kind"] == _NEGATION:
            continue
        if _is_use(row):
            usage_type = row["usage_type"] or "no usage type"
            by_type[usage_type] = by_type.get(usage_type, 0.0) + row["usd"]
        else:
            no_use += row["usd"]
    for usage_type, usd in by_type.items():
        yield f"The bill also has {show(usd, 'usd')} of {usage_type}, which is not compared."
    if taken_off:
        kinds = f"{', '.join(DISCOUNTS[:-1])} and {DISCOUNTS[-1]}"
        yield f"Discounts of {show(taken_off, 'usd')} ({kinds}) are taken off what was billed."
    if no_use:
        yield f"Credits, refunds, fees and taxes of {show(no_use, 'usd')} are left out."


def _type(row: Mapping[str, Any]) -> str:
    used = _USAGE.fullmatch(row["usage_type"])
    return used["what"] if used else ""


def _is_compared(row: Mapping[str, Any]) -> bool:
    return bool(_is_use(row) and _type(row))


def _is_use(row: Mapping[str, Any]) -> bool:
    return row["kind"] in _USE


def billed_lines(rows: Iterable[Mapping[str, Any]]) -> list[Billed]:
    """Add up rows by account, region and architecture."""
    sums: dict[tuple[str, str, str], dict[str, float]] = {}
    for row in rows:
        key = (row["account"], row["region"], architecture_of(row["usage_type"]))
        line = sums.setdefault(key, dict.fromkeys(("gb_seconds", "requests", "usd", "time"), 0.0))
        if unit := _ON_DEMAND.get(_type(row)):
            line[unit] += row["quantity"]
        line["usd"] += row["usd"]
        line["time"] += row["usd"] * (_type(row) == "Lambda-GB-Second")
    return [
        Billed(
            account=account,
            region=region,
            architecture=chip,
            gb_second_usd=time_usd / line["gb_seconds"] if line["gb_seconds"] else None,
            **line,
        )
        for (account, region, chip), line in sums.items()
        for time_usd in [line.pop("time")]
    ]


def architecture_of(usage_type: str) -> str:
    """Return the architecture that a usage type is of.

    >>> architecture_of("EUW1-Lambda-GB-Second-ARM"), architecture_of("Request")
    ('arm64', 'x86_64')
    """
    return _CHIPS["arm" if usage_type.endswith("-ARM") else "x86"]


def _is_ours(row: Mapping[str, Any], audit: Audit, *, any_chip: bool = False) -> bool:
    """Whether a row of the bill is of what the log has: region, chip, days, and function if said.

    Days only narrow a bill that covers more than the log.
    """
    if row["region"] not in {*_NOWHERE, audit.terms.region, *(f.region for f in audit.functions)}:
        return False
    function = function_of(row)
    chip = audit.terms.architecture_of(function)
    if not any_chip and architecture_of(row["usage_type"]) != chip:
        return False
    first, last = audit.period.first, audit.period.last
    if row["day"] and first and last and not audit.period.untimed:
        within = first.date().isoformat() <= row["day"] <= last.date().isoformat()
        if not within:
            return False
    names = {one.name for one in audit.functions}
    known = not any(name.startswith("unknown function") for name in names)
    return not (function and known) or function in names


def function_of(row: Mapping[str, Any]) -> str:
    """Return the function that a row of the bill names, or nothing."""
    return str(row["resource"]).partition(":function:")[2].partition(":")[0]


def _reasons(
    audit: Audit,
    rows: list[dict[str, Any]],
    ours: list[dict[str, Any]],
    logged: tuple[float, int],
    billed: tuple[float, float],
) -> Iterator[str]:
    """Yield what the gap is likely to be."""
    beside = _beside(ours)
    in_all = billed[0] + beside["Lambda-Provisioned-GB-Second"]
    # Capacity is billed where nothing runs in it, too.
    if not any(billed) and not any(amount for of, amount in beside.items() if of != _CAPACITY):
        yield from _nothing(audit, rows)
    elif not any(billed):
        yield (
            "The bill has nothing on demand for these functions, only what is named below: the"
            " log's calls are likely of that, at its own price."
        )
    else:
        yield _likely(*map(gap_of, (logged[0], *logged), (in_all, *billed)))
    yield from said_beside(ours)
    if audit.unread["records"]:
        yield f"{many(audit.unread['records'], 'record')} of the log could not be read."
    places = {(row["account"], row["region"], architecture_of(row["usage_type"])) for row in rows}
    if len(places) > 1:
        yield f"The bill has {len(places)} accounts, regions and architectures; one was compared."


def _likely(gap_in_all: float, time_gap: float, request_gap: float) -> str:
    """Return what a gap is likely to be: with the time in provisioned environments, and on demand.

    A log tells neither from the other, and a request is one request in both.
    """
    if abs(time_gap) <= _SAME and abs(request_gap) <= _SAME:
        return "The log and the bill agree."
    if abs(gap_in_all) <= _SAME and abs(request_gap) <= _SAME:
        return "The log and the bill agree, with the time in provisioned environments added."
    if request_gap > _SAME:
        return "The bill has more requests: the log lacks functions, streams, or deleted days."
    if request_gap < -_SAME:
        return "The log has more requests: it has lines twice, or the bill's day is not closed yet."
    if gap_in_all > _SAME:
        return (
            "Requests agree and the bill has more time: INIT that is not on REPORT lines, such as"
            " that of functions that failed in it."
        )
    return "Requests agree and the log has more time: discounted units, or lines read wrongly."


def _dollars(logged: float, billed: float, *use: tuple[float, float]) -> Iterator[str]:
    """Say how far the dollars of a bill that agrees are from those of the audit."""
    gap = gap_of(billed, logged)
    if abs(gap) <= _SAME or any(abs(gap_of(*one)) > _SAME for one in use):
        return
    how = "less" if gap > 0 else "more"
    yield (
        f"The bill has {show(abs(gap), 'percent')} {how} dollars than this audit: a Savings Plan, a"
        " discount, the free allowance, or use at another price."
    )


def _nothing(audit: Audit, rows: list[dict[str, Any]]) -> Iterator[str]:
    """Say that the bill has nothing of these functions, and where it may have it."""
    yield (
        "The bill has nothing for these functions, days, region and architecture: check"
        " --function, --region and --architecture."
    )
    other = {
        architecture_of(one["usage_type"])
        for one in rows
        if _is_ours(one, audit, any_chip=True) and not _is_ours(one, audit)
    }
    if other:
        chip = min(other)
        yield f"The bill has these functions on {chip}: say --architecture {chip}."
