"""The audit against AWS's own account of the bill: the Cost and Usage Report, or a FOCUS export.

Both are tables with a line for each charge. What Lambda charges for is in their usage types:
``Lambda-GB-Second`` and ``Request``, with ``-ARM`` behind them on Arm and the region's code before
them elsewhere than in us-east-1 (``EUW1-Lambda-GB-Second-ARM``). The columns:
https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html and
https://focus.finops.org/focus-specification/. It has been tried on tables made for the tests, not
on an export of a real account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_tax.audit.find.findings import Audit
from serverless_tax.ground.show import show
from serverless_tax.ground.units import InvalidQuantity

if TYPE_CHECKING:
    import duckdb

_COLUMNS = (
    *("usage_type", "quantity", "account", "region"),
    *("resource", "day", "usd", "product", "kind"),
)
#: The first four of the columns must be there; an export may lack the others.
_NEEDED = 4
_FORMATS: dict[str, tuple[str, ...]] = {
    "CUR 2.0": (
        *("line_item_usage_type", "line_item_usage_amount", "line_item_usage_account_id"),
        *("product_region_code", "line_item_resource_id", "line_item_usage_start_date"),
        *("line_item_unblended_cost", "line_item_product_code", "line_item_line_item_type"),
    ),
    "CUR in Athena": (
        *("line_item_usage_type", "line_item_usage_amount", "line_item_usage_account_id"),
        *("product_region", "line_item_resource_id", "line_item_usage_start_date"),
        *("line_item_unblended_cost", "line_item_product_code", "line_item_line_item_type"),
    ),
    "CUR": (
        *("lineItem/UsageType", "lineItem/UsageAmount", "lineItem/UsageAccountId"),
        *("product/region", "lineItem/ResourceId", "lineItem/UsageStartDate"),
        *("lineItem/UnblendedCost", "lineItem/ProductCode", "lineItem/LineItemType"),
    ),
    "FOCUS": (
        *("x_UsageType", "ConsumedQuantity", "SubAccountId", "RegionId"),
        *("ResourceId", "ChargePeriodStart", "BilledCost", "ServiceName", "ChargeCategory"),
    ),
}
#: Kinds of line that are use; others, such as credits, say the same use again.
_USE = ("", "Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")
_USAGE = re.compile("(?:[A-Z0-9]{2,6}-)?(Lambda-GB-Second|Request)(-ARM)?")
_CHIPS = {"x86": "x86_64", "arm": "arm64"}
#: Gaps smaller than this are rounding.
_SAME = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """What AWS billed in one region, on one architecture, to one account."""

    account: str
    region: str
    architecture: str
    gb_seconds: float
    requests: float
    usd: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """The bill's lines beside the log's sums, and what the gap between them is likely to be.

    ``compared`` are those lines of ``lines`` that the log is compared with: of its region and
    architecture, and of its functions where the bill names resources.
    """

    format: str
    lines: tuple[Billed, ...]
    log_gb_seconds: float
    log_requests: int
    gb_seconds: float
    requests: float
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        names = ("format", "log_gb_seconds", "log_requests", "gb_seconds", "requests")
        plain = {name: getattr(self, name) for name in names}
        lines = [line.to_dict() for line in self.lines]
        return plain | {"lines": lines, "reasons": list(self.reasons)}

    def sentences(self) -> Iterator[str]:
        """Yield the comparison in words."""
        pairs = (
            ("GB-seconds", self.log_gb_seconds, self.gb_seconds),
            ("requests", float(self.log_requests), self.requests),
        )
        for unit, logged, billed in pairs:
            gap = f"{show(gap_of(logged, billed), 'percent')} of the bill"
            yield (
                f"{unit}: {show(billed, 'count')} billed, {show(logged, 'count')} in the log;"
                f" gap {show(billed - logged, 'count')}, {gap}."
            )
        yield from self.reasons


def gap_of(logged: float, billed: float) -> float:
    """Return the part of the bill that the log does not have; negative if it has more."""
    return (billed - logged) / billed if billed else 0.0


def reconcile(audit: Audit, path: Path, *, anonymous: bool = False) -> Reconciled:
    """Compare an audit with a bill in Parquet; without its accounts, if that is asked for.

    Raises:
        InvalidQuantity: if it is no bill with columns of a known format.
    """
    name, rows = _rows(path)
    lines = tuple(sorted(_billed(rows), key=lambda one: -one.gb_seconds))
    if anonymous:
        lines = tuple(replace(one, account="hidden") for one in lines)
    if not lines:
        msg = f"{path} has no line of Lambda's time or requests; export the bill with all services."
        raise InvalidQuantity(msg)
    names = {one.name for one in audit.functions}
    ours = [row for row in rows if _is_ours(row, audit, names)]
    compared = _billed(ours)
    gb_seconds = sum(one.gb_seconds for one in compared)
    requests = sum(one.requests for one in compared)
    logged = (audit.total("gb_seconds"), audit.total("invocations"))
    return Reconciled(
        format=name,
        lines=lines,
        log_gb_seconds=logged[0],
        log_requests=logged[1],
        gb_seconds=gb_seconds,
        requests=requests,
        reasons=tuple(_reasons(audit, lines, logged, (gb_seconds, requests))),
    )


def _rows(path: Path) -> tuple[str, list[dict[str, Any]]]:
    """Return the format's name, and Lambda's usage by account, region, resource and day."""
    from serverless_tax.audit.read.duck import database, db_error, quoted  # noqa: PLC0415 - needs DuckDB

    db = database()
    table = f"read_parquet({quoted(str(path))})"
    try:
        described = db.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()  # noqa: S608
        name, columns = _format({row[0] for row in described}, path)
        return name, _summed(db, table, columns)
    except db_error() as error:
        first = str(error).splitlines()[0]
        msg = f"{path} cannot be read as a bill: {first}"
        raise InvalidQuantity(msg) from None
    finally:
        db.close()


def _format(present: set[str], path: Path) -> tuple[str, tuple[str | None, ...]]:
    for name, columns in _FORMATS.items():
        if set(columns[:_NEEDED]) <= present:
            return name, tuple(column if column in present else None for column in columns)
    msg = (
        f"{path} has none of the columns of a Cost and Usage Report or a FOCUS export:"
        " export it as CUR 2.0, CUR or FOCUS with usage types, in Parquet."
    )
    raise InvalidQuantity(msg)


def _summed(
    db: duckdb.DuckDBPyConnection, table: str, columns: tuple[str | None, ...]
) -> list[dict[str, Any]]:
    usage, quantity, account, region, resource, day, usd, product, kind = map(_column, columns)
    found = db.execute(
        f"SELECT {usage}, SUM(COALESCE(TRY_CAST({quantity} AS DOUBLE), 0)), {account}, {region},"  # noqa: S608
        f" {resource}, SUBSTR({day}, 1, 10), SUM(COALESCE(TRY_CAST({usd} AS DOUBLE), 0)),"
        f" {product}, {kind} FROM {table}"
        f" WHERE {usage} LIKE '%Lambda-GB-Second%' OR {usage} LIKE '%Request%' GROUP BY ALL"
    ).fetchall()
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in found]
    return [row for row in rows if _is_use_of_lambda(row)]


def _is_use_of_lambda(row: Mapping[str, Any]) -> bool:
    of_lambda = not row["product"] or "lambda" in row["product"].lower()
    return bool(of_lambda and row["kind"] in _USE and _USAGE.fullmatch(row["usage_type"]))


def _column(name: str | None) -> str:
    return "''" if name is None else f"COALESCE(CAST(\"{name}\" AS VARCHAR), '')"


def _billed(rows: list[dict[str, Any]]) -> list[Billed]:
    """Add up rows by account, region and architecture."""
    sums: dict[tuple[str, str, str], dict[str, float]] = {}
    for row in rows:
        used = _USAGE.fullmatch(row["usage_type"])
        key = (row["account"], row["region"], architecture_of(row["usage_type"]))
        line = sums.setdefault(key, {"gb_seconds": 0.0, "requests": 0.0, "usd": 0.0})
        unit = "requests" if used and used.group(1) == "Request" else "gb_seconds"
        line[unit] += float(row["quantity"] or 0)
        line["usd"] += float(row["usd"] or 0)
    return [
        Billed(account=account, region=region, architecture=chip, **line)
        for (account, region, chip), line in sums.items()
    ]


def architecture_of(usage_type: str) -> str:
    """Return the architecture that a usage type is of.

    >>> architecture_of("EUW1-Lambda-GB-Second-ARM"), architecture_of("Request")
    ('arm64', 'x86_64')
    """
    return _CHIPS["arm" if usage_type.endswith("-ARM") else "x86"]


def _is_ours(row: Mapping[str, Any], audit: Audit, names: set[str]) -> bool:
    """Whether a row of the bill is of what the log has: region, chip, days, and function if said.

    Days only narrow a bill that covers more than the log.
    """
    if row["region"] not in ("", audit.terms.region):
        return False
    if architecture_of(row["usage_type"]) != audit.terms.architecture:
        return False
    first, last = audit.period.first, audit.period.last
    if row["day"] and first and last and not audit.period.untimed:
        within = first.date().isoformat() <= row["day"] <= last.date().isoformat()
        if not within:
            return False
    function = str(row["resource"]).partition(":function:")[2].partition(":")[0]
    known = not any(name.startswith("unknown function") for name in names)
    return not (function and known) or function in names


def _reasons(
    audit: Audit, lines: tuple[Billed, ...], logged: tuple[float, int], billed: tuple[float, float]
) -> Iterator[str]:
    """Yield what the gap is likely to be."""
    time_gap, request_gap = (gap_of(a, b) for a, b in zip(logged, billed, strict=True))
    others = {(one.account, one.region, one.architecture) for one in lines}
    if not any(billed):
        yield (
            "The bill has nothing for these functions, days, region and architecture: check"
            " --function, --region and --architecture."
        )
    elif abs(time_gap) <= _SAME and abs(request_gap) <= _SAME:
        yield "The log and the bill agree."
    elif request_gap > _SAME:
        yield "The bill has more requests: the log lacks functions, streams, or deleted days."
    elif request_gap < -_SAME:
        yield "The log has more requests: it has lines twice, or the bill's day is not closed yet."
    elif time_gap > _SAME:
        yield (
            "Requests agree and the bill has more time: INIT that is not on REPORT lines, such as"
            " that of functions that failed in it, or provisioned concurrency."
        )
    else:
        yield "Requests agree and the log has more time: discounted units, or lines read wrongly."
    if audit.unread["records"]:
        yield f"{audit.unread['records']:,} records of the log could not be read."
    if len(others) > 1:
        yield f"The bill has {len(others)} accounts, regions and architectures; one was compared."
