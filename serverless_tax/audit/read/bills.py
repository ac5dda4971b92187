"""AWS's own account of a bill, read: the Cost and Usage Report or a FOCUS export, in each form.

An export is a file or a folder of chunks, in Parquet or CSV, packed with gzip or not. Columns:
https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html and
https://focus.finops.org/focus-specification/. FOCUS of AWS has the usage type in ``x_UsageType`` up
to version 1.0 and in ``SkuMeter`` since 1.2. It has been tried on tables made for the tests, not on
an export of a real account.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_tax.audit.read.duck import database, db_error, quoted, said_by
from serverless_tax.ground.files import unreadable
from serverless_tax.ground.units import InvalidQuantity

if TYPE_CHECKING:
    import duckdb

_COLUMNS = (
    *("usage_type", "quantity", "account", "region", "resource"),
    *("day", "usd", "product", "kind", "effective_usd"),
)
#: The first four of the columns must be there; an export may lack the others.
_NEEDED = 4
_CUR = (
    *("line_item_usage_type", "line_item_usage_amount", "line_item_usage_account_id"),
    *("product_region_code", "line_item_resource_id", "line_item_usage_start_date"),
    *("line_item_unblended_cost", "line_item_product_code", "line_item_line_item_type"),
    "savings_plan_savings_plan_effective_cost",
)
_FOCUS = (
    *("x_UsageType", "ConsumedQuantity", "SubAccountId", "RegionId"),
    *("ResourceId", "ChargePeriodStart", "BilledCost", "ServiceName", "ChargeCategory"),
    "EffectiveCost",
)
_FORMATS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("CUR 2.0", _CUR),
    ("CUR in Athena", (*_CUR[:3], "product_region", *_CUR[4:])),
    ("CUR", (
        *("lineItem/UsageType", "lineItem/UsageAmount", "lineItem/UsageAccountId"),
        *("product/region", "lineItem/ResourceId", "lineItem/UsageStartDate"),
        *("lineItem/UnblendedCost", "lineItem/ProductCode", "lineItem/LineItemType"),
        "savingsPlan/SavingsPlanEffectiveCost",
    )),
    ("CUR", (
        *("lineItem/UsageType", "lineItem/UsageAmount", "lineItem/UsageAccountId"),
        *("product/regionCode", "lineItem/ResourceId", "lineItem/UsageStartDate"),
        *("lineItem/UnblendedCost", "lineItem/ProductCode", "lineItem/LineItemType"),
        "savingsPlan/SavingsPlanEffectiveCost",
    )),
    ("FOCUS", _FOCUS),
    ("FOCUS", ("SkuMeter", *_FOCUS[1:])),
)  # fmt: skip
#: Files of an export's folder that are tables; others say what is in it.
_TABLES = (".parquet", ".csv", ".csv.gz", ".gz")
_GZIP, _PARQUET, _ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"


def read_bill(path: Path) -> tuple[str, list[dict[str, Any]]]:
    """Return the format's name, and use by account, region, resource and day, in UTC.

    Raises:
        InvalidQuantity: if it is no bill with columns of a known format.
    """
    files = _files(path)
    parquet = [one for one in files if _begins(one, _PARQUET)]
    others = [one for one in files if one not in parquet]
    found: list[dict[str, Any]] = []
    name = ""
    db = database()
    try:
        for table in [_table(parquet), *(_table([one]) for one in others)]:
            if table:
                described = db.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()  # noqa: S608
                name, columns = _format({row[0] for row in described}, path)
                found += _summed(db, table, columns)
    except db_error() as error:
        msg = f"{path} cannot be read as a bill: {said_by(error)}"
        raise InvalidQuantity(msg) from None
    finally:
        db.close()
    return name, found


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = [p for p in sorted(path.rglob("*")) if p.is_file() and p.name.endswith(_TABLES)]
    if not files:
        msg = f"The folder {path} holds no Parquet or CSV file; name an export of a bill."
        raise InvalidQuantity(msg)
    return files


def _begins(path: Path, magic: bytes) -> bool:
    try:
        with path.open("rb") as opened:
            return opened.read(len(magic)) == magic
    except OSError as error:
        raise InvalidQuantity(unreadable(path, error)) from None


def _table(files: Sequence[Path]) -> str:
    """Return what reads files as one table, all of its values as they are written."""
    if not files:
        return ""
    if _begins(files[0], _ZIP):
        msg = f"{files[0]} is a zip archive: unpack it and name what is in it."
        raise InvalidQuantity(msg)
    listed = ", ".join(quoted(str(one)) for one in files)
    if _begins(files[0], _PARQUET):
        return f"read_parquet([{listed}], union_by_name = true)"
    packed = "gzip" if _begins(files[0], _GZIP) else "none"
    return f"read_csv([{listed}], all_varchar = true, header = true, compression = '{packed}')"


def _format(present: set[str], path: Path) -> tuple[str, tuple[str | None, ...]]:
    for name, columns in _FORMATS:
        if set(columns[:_NEEDED]) <= present:
            return name, tuple(column if column in present else None for column in columns)
    msg = (
        f"{path} has none of the columns of a Cost and Usage Report or a FOCUS export:"
        " export it as CUR 2.0, CUR or FOCUS with usage types, in Parquet or CSV."
    )
    raise InvalidQuantity(msg)


def _summed(
    db: duckdb.DuckDBPyConnection, table: str, columns: tuple[str | None, ...]
) -> list[dict[str, Any]]:
    usage, quantity, account, region, resource, day, usd, product, kind, effective = map(
        _column, columns
    )
    found = db.execute(
        f"SELECT {usage}, {_sum(quantity)}, {account}, {region}, {resource}, SUBSTR({day}, 1, 10),"  # noqa: S608
        f" {_sum(usd)}, {product}, {kind}, {_sum(effective)} FROM {table}"
        f" WHERE {usage} LIKE '%Lambda-%' OR {usage} LIKE '%Request%' GROUP BY ALL"
    ).fetchall()
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in found]
    for row in rows:  # what a Savings Plan covers is billed with the plan
        row["usd"] = row.pop("effective_usd") or row["usd"]
    return rows


def _sum(column: str) -> str:
    return f"SUM(COALESCE(TRY_CAST({column} AS DOUBLE), 0))"


def _column(name: str | None) -> str:
    return "''" if name is None else f"COALESCE(CAST(\"{name}\" AS VARCHAR), '')"
