"""AWS's own account of a bill, read: the Cost and Usage Report or a FOCUS export, in each form.

The console's bill as CSV and what Cost Explorer answers are read too; they are sums of a month.

An export is a file or a folder of chunks, in Parquet, CSV of any separator or JSON, packed with
gzip or not. Where versions of an export overlap, a line item is counted once: it is known by its id
and its interval, as long as all else that is taken of it is alike too, since AWS keeps ids apart
within one export alone; FOCUS has no such id. A column is known by its letters and digits:
``lineItem/UsageType``, ``line_item_usage_type`` and what a spreadsheet made of either are one.
Columns: https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html and
https://focus.finops.org/focus-specification/. FOCUS of AWS has the usage type in ``x_UsageType`` up
to version 1.0 and in ``SkuMeter`` since 1.2. It has been tried on tables made for the tests, not on
an export of a real account.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from serverless_tax.audit.read import cost_explorer
from serverless_tax.audit.read.duck import database, db_error, quoted, said_by
from serverless_tax.audit.read.unpack import is_tar, start_of, unpacked
from serverless_tax.ground.files import unreadable
from serverless_tax.ground.units import InvalidQuantity

if TYPE_CHECKING:
    import duckdb

#: What is taken of a row, and the columns that may have it, in CUR and in FOCUS; of several that
#: are there, the first that says something. The first two must be there.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "usage_type": ("lineitemusagetype", "xusagetype", "skumeter", "usagetype"),
    "quantity": ("lineitemusageamount", "consumedquantity", "usagequantity"),
    "account": ("lineitemusageaccountid", "subaccountid", "linkedaccountid", "payeraccountid"),
    "region": ("productregioncode", "productregion", "regionid"),
    "resource": ("lineitemresourceid", "resourceid"),
    "day": ("lineitemusagestartdate", "chargeperiodstart"),
    "product": ("lineitemproductcode", "servicename", "productcode"),
    "kind": ("lineitemlineitemtype", "chargecategory"),
    "currency": ("lineitemcurrencycode", "billingcurrency", "currencycode"),
    "usd": ("lineitemunblendedcost", "billedcost", "costbeforetax"),
    "effective_usd": ("savingsplansavingsplaneffectivecost", "effectivecost"),
    "id": ("identitylineitemid",),
    "interval": ("identitytimeinterval", "lineitemusagestartdate"),
}
_NEEDED = ("usage_type", "quantity")
_FIGURES = ("quantity", "usd", "effective_usd")
_IDENTITY = ("id", "interval")
#: Kinds of line that take off a part of what a use costs, and say its quantity again.
DISCOUNTS = ("EdpDiscount", "PrivateRateDiscount", "BundledDiscount")
_NOT_IN_NAMES = re.compile("[^0-9a-z]")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: Figures that a country's way of writing numbers has gone over; "1,234" may be either.
_THOUSANDS = "-?[0-9]{1,3}(,[0-9]{3})*[.][0-9]+"
_COMMA = "-?[0-9]+,([0-9]{1,2}|[0-9]{4,})|-?[0-9],[0-9]+[Ee][-+]?[0-9]+"
_POINTS_AND_COMMA = "-?[0-9]{1,3}([.][0-9]{3})+,[0-9]+"
#: Files of an export's folder that are tables; others say what is in it.
_TABLES = (".parquet", ".csv", ".csv.gz", ".gz")
_JSON = re.compile(rb"[\xef\xbb\xbf\s]*[\[{]")
#: The table of what Cost Explorer answered, its name; and words of which one stands early in it.
_EXPLORED = ("explored", "Cost Explorer")
_EXPLORER_WORDS = ('"ResultsByTime"', '"GroupDefinitions"')
_GZIP, _PARQUET, _ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"


class AwsBill(NamedTuple):
    """What a bill has of Lambda.

    Attributes:
        path: of it.
        format: its name.
        rows: what was used and cost, by usage type, account, region, resource, day in UTC and kind.
        twice: rows that stood there before, and are counted once.
        revised: rows of a line item that stood there before with other figures, counted each.
    """

    path: Path
    format: str
    rows: list[dict[str, Any]]
    twice: int = 0
    revised: int = 0

    @property
    def currency(self) -> str:
        """The currency of its money, or nothing where that is dollars, as prices here are."""
        return " and ".join(sorted({row["currency"] for row in self.rows} - {"", "USD"}))


def read_bill(path: Path) -> AwsBill:
    """Return what a bill has of Lambda.

    Raises:
        InvalidQuantity: if it is no bill with columns of a known format, or has a figure or a day
            that cannot be read.
    """
    files = _files(path)
    parquet = [one for one in files if _begins(one, _PARQUET)]
    others = [one for one in files if one not in parquet]
    name = ""
    db = database()
    try:
        for some in [parquet, *([one] for one in others)]:
            if some:
                table = _explored(db, some[0]) or _table(some)
                described = db.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()  # noqa: S608
                name, columns = _format([row[0] for row in described], path)
                name = _EXPLORED[1] if table == _EXPLORED[0] else name
                _take(db, table, columns)
        return AwsBill(path, name, *_summed(db, path))
    except db_error() as error:
        msg = f"{path} cannot be read as a bill: {said_by(error)}"
        raise InvalidQuantity(msg) from None
    finally:
        db.close()


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    within = [p for p in sorted(path.rglob("*")) if p.is_file()]
    # Athena names what it writes without an ending.
    files = [p for p in within if p.name.endswith(_TABLES) or _begins(p, _PARQUET)]
    if not files:
        msg = f"The folder {path} holds no Parquet or CSV file; name an export of a bill."
        raise InvalidQuantity(msg)
    return files


def _begins(path: Path, magic: bytes) -> bool:
    return _begin(path, len(magic)) == magic


def _begin(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as opened:
            return opened.read(size)
    except OSError as error:
        raise InvalidQuantity(unreadable(path, error)) from None


def _table(files: Sequence[Path]) -> str:
    """Return what reads files as one table, all of its values as they are written."""
    if not files:
        return ""
    head, _ = start_of(_begin(files[0], 1 << 14), 512)
    if head.startswith(_ZIP) or is_tar(head):
        kind = "tar" if is_tar(head) else "zip"
        msg = f"{files[0]} is a {kind} archive: unpack it and name what is in it."
        raise InvalidQuantity(msg)
    listed = ", ".join(quoted(str(one)) for one in files)
    if _begins(files[0], _PARQUET):
        return f"read_parquet([{listed}], union_by_name = true)"
    packed = "gzip" if _begins(files[0], _GZIP) else "none"
    if _JSON.match(head):
        return f"read_json([{listed}], compression = '{packed}')"
    wide = any(_begins(files[0], mark) for mark in (BOM_UTF16_LE, BOM_UTF16_BE))
    return (
        f"read_csv([{listed}], all_varchar = true, header = true, compression = '{packed}',"
        f" encoding = '{'utf-16' if wide else 'utf-8'}')"
    )


def _decoded(data: bytes) -> str:
    wide = data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))  # as PowerShell writes it
    return data.decode("utf-16" if wide else "utf-8", "replace")


def _explored(db: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Make a table of an answer of Cost Explorer, and return its name; nothing for other files."""
    head, _ = start_of(_begin(path, 1 << 14), 1 << 14)
    if not any(word in _decoded(head) for word in _EXPLORER_WORDS):
        return ""
    text = _decoded(b"".join(unpacked(iter([path.read_bytes()]))))
    rows = cost_explorer.rows_in(text, str(path))
    if rows is None:
        return ""
    table, _ = _EXPLORED
    columns = ", ".join(f"{_named(name)} VARCHAR" for name in cost_explorer.COLUMNS)
    db.execute(f"CREATE OR REPLACE TABLE {table} ({columns})")
    if rows:
        places = ", ".join("?" * len(cost_explorer.COLUMNS))
        db.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - its own words
    return table


def _format(present: Sequence[str], path: Path) -> tuple[str, dict[str, str]]:
    """Return the format's name, and for each thing that is taken the SQL that takes it."""
    known: dict[str, str] = {}
    for column in present:
        known.setdefault(_NOT_IN_NAMES.sub("", column.lower()), column)
    there = {name: [known[k] for k in keys if k in known] for name, keys in _COLUMNS.items()}
    if not all(there[name] for name in _NEEDED):
        msg = (
            f"{path} has none of the columns of a Cost and Usage Report or a FOCUS export:"
            " export it as CUR 2.0, CUR or FOCUS with usage types, in Parquet or CSV, or ask Cost"
            " Explorer for usage types."
        )
        raise InvalidQuantity(msg)
    is_focus = "consumedquantity" in known
    cur = "CUR 2.0" if "_" in there["usage_type"][0] else "CUR"
    form = "FOCUS" if is_focus else "the console's bill" if "usagetype" in known else cur
    return form, {name: _text(found) for name, found in there.items()}


def _text(columns: Sequence[str]) -> str:
    """Return the SQL of what the first of some columns says that says something."""
    said = (f"NULLIF(TRIM(CAST({_named(name)} AS VARCHAR)), '')" for name in columns)
    return f"COALESCE({', '.join([*said, chr(39) * 2])})"


def _named(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _take(db: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]) -> None:
    """Put what a table has of Lambda with what those before it had."""
    usage, product = columns["usage_type"], columns["product"]
    said = dict(columns) | {"day": _day(columns["day"])}
    for name in _FIGURES:
        text, said[name] = columns[name], _number(columns[name])
        said[f"odd_{name}"] = f"CASE WHEN {text} <> '' AND {said[name]} IS NULL THEN {text} END"
    lines = (
        f"SELECT {', '.join(f'{sql} AS {_named(name)}' for name, sql in said.items())}"  # noqa: S608
        f" FROM {table} WHERE {product} ILIKE '%lambda%' OR ({product} = '' AND"
        f" ({usage} LIKE '%Lambda-%' OR {usage} LIKE '%Request%'))"
    )
    db.execute(f"CREATE TABLE IF NOT EXISTS lines AS {lines} LIMIT 0")
    db.execute(f"INSERT INTO lines {lines}")


def _summed(db: duckdb.DuckDBPyConnection, path: Path) -> tuple[list[dict[str, Any]], int, int]:
    """Return the sums of what was taken, each line item once, and how many there were again."""
    words = [name for name in _COLUMNS if name not in (*_FIGURES, *_IDENTITY)]
    odd = [f"odd_{name}" for name in _FIGURES]
    named = ", ".join(map(_named, words))
    db.execute(
        "CREATE TABLE once AS SELECT * FROM lines WHERE id = ''"
        " UNION ALL SELECT DISTINCT * FROM lines WHERE id <> ''"
    )
    counted = db.execute(
        "SELECT (SELECT COUNT(*) FROM lines) - (SELECT COUNT(*) FROM once), COUNT(*) - COUNT("  # noqa: S608
        f"DISTINCT ({named}, id, \"interval\")) FROM once WHERE id <> ''"
    ).fetchone()
    twice, revised = counted or (0, 0)
    sums = [f"SUM({name})" for name in _FIGURES] + [f"MIN({name})" for name in odd]
    found = db.execute(f"SELECT {named}, {', '.join(sums)} FROM once GROUP BY ALL").fetchall()  # noqa: S608
    rows = []
    for row in found:
        one = dict(zip([*words, *_FIGURES, *odd], row, strict=True))
        _check(one, path)
        # What a Savings Plan covers is billed with the plan.
        one["usd"] = one.pop("effective_usd") or one["usd"] or 0.0
        quantity = 0.0 if one["kind"] in DISCOUNTS else one["quantity"] or 0.0
        rows.append(one | {"quantity": quantity})
    return rows, twice, revised


def _check(row: dict[str, Any], path: Path) -> None:
    """Refuse a row of which a figure or the day cannot be read: left out, it would be a gap."""
    for name in _FIGURES:
        if (figure := row.pop(f"odd_{name}")) is not None:
            msg = f"{path} has {figure!r} where a figure has to be; export it as AWS writes it: 0.5"
            raise InvalidQuantity(msg)
    if row["day"] and not _DAY.fullmatch(row["day"]):
        msg = f"{path} has the day {row['day']!r}; export it as AWS writes it: 2026-10-01T00:00:00Z"
        raise InvalidQuantity(msg)


def _day(text: str) -> str:
    """Return the SQL of a time's day in UTC, whatever its offset."""
    at = f"MAKE_TIMESTAMP(EPOCH_US(TRY_CAST({text} AS TIMESTAMPTZ)))"
    return f"COALESCE(STRFTIME({at}, '%Y-%m-%d'), SUBSTR({text}, 1, 10))"


def _number(text: str) -> str:
    """Return the SQL of a figure; nothing where it is none."""
    plain = f"TRY_CAST({text} AS DOUBLE)"
    return (
        f"CASE WHEN regexp_full_match({text}, '{_THOUSANDS}')"
        f" THEN TRY_CAST(REPLACE({text}, ',', '') AS DOUBLE)"
        f" WHEN regexp_full_match({text}, '{_COMMA}')"
        f" THEN TRY_CAST(REPLACE({text}, ',', '.') AS DOUBLE)"
        f" WHEN regexp_full_match({text}, '{_POINTS_AND_COMMA}')"
        f" THEN TRY_CAST(REPLACE(REPLACE({text}, '.', ''), ',', '.') AS DOUBLE) ELSE {plain} END"
    )
