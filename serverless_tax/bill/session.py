"""The bill of a session on the local cloud, as AWS would send it: CUR 2.0 and FOCUS, in Parquet.

Both are made of the session's REPORT lines, by the hour and the function, at list prices without
the free allowance. Amounts are exact decimals, so the two files and the lines add up to the same
last digit. The columns: https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html
and https://focus.finops.org/focus-specification/v1-2/.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from serverless_tax.ground.report import Report, parse_reports
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.prices import price_sheet

CUR_FILE, FOCUS_FILE, REPORT_FILE = "cur2.parquet", "focus.parquet", "report-lines.log"
_GB_SECOND, _REQUEST = "Lambda-GB-Second", "Request"
_STREAMED = "Lambda-Streaming-Response-Processed-Bytes"
#: AWS's names for these are not known here.
_OPERATION, _WRITTEN, _KEPT = "Durable-Operation", "Durable-Written-GB", "Durable-Kept-GB-Month"
#: Of each usage type: the sheet's dimension for x86 and for Arm, and the unit.
_METERS = {
    _GB_SECOND: ("duration_x86_gb_seconds", "duration_arm_gb_seconds", "GB-Seconds"),
    _REQUEST: ("requests", "requests", "Requests"),
}
#: Of the sheet for streaming, whose gigabyte has 1,024 MB.
_STREAMED_METER, _STREAMED_GB = ("streamed_gb", "GB"), Decimal(1024**3)
#: The same for what durable executions use, which costs the same on both.
_DURABLE_METERS = {
    _OPERATION: ("durable_operations", "Operations"),
    _WRITTEN: ("durable_written_gb", "GB"),
    _KEPT: ("durable_retained_gb_months", "GB-Months"),
}
#: As the durable sheet has them: a gigabyte is 10^9 bytes, and a month 30 days.
_GB, _MONTH_S = Decimal(10**9), Decimal(30 * 86_400)
#: An amount has 13 decimals at most, and a price ten; kept data is rounded to as many.
_LAST_DIGIT = Decimal("1e-13")
_DECIMAL = "DECIMAL(38, 24)"
_NUMBERS = ("Cost", "Quantity", "UnitPrice", "_cost", "_amount", "_rate")
_MOMENTS = ("PeriodStart", "PeriodEnd", "_start_date", "_end_date")
_REGION_NAMES = {"us-east-1": "US East (N. Virginia)"}


class Invoked(Protocol):
    """One invocation, as the local cloud's readings have it."""

    @property
    def at(self) -> str:
        """Its end, in UTC."""

    @property
    def arn(self) -> str:
        """Of its function."""

    @property
    def architecture(self) -> str:
        """``x86_64`` or ``arm64``."""

    @property
    def report(self) -> str:
        """The REPORT line, which says what is billed, but for the bytes of a stream.

        These are in ``streamed_bytes``; readings that were kept earlier do not have it.
        """


class Kept(Protocol):
    """What a durable execution has used at one moment, as the local cloud tells it."""

    @property
    def at(self) -> str:
        """The moment, in UTC."""

    @property
    def arn(self) -> str:
        """Of the function's version."""

    @property
    def operations(self) -> int:
        """Starts, steps, waits."""

    @property
    def written_bytes(self) -> int:
        """Of payloads."""

    @property
    def kept_byte_s(self) -> float:
        """Bytes times the seconds for which they are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """One line of the bill: a function's use of one kind in one hour."""

    start: datetime
    arn: str
    usage_type: str
    dimension: str
    unit: str
    amount: Decimal
    rate_usd: Decimal

    @property
    def usd(self) -> Decimal:
        """What it costs."""
        return self.amount * self.rate_usd

    @property
    def region(self) -> str:
        """The function's region."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """The function's account."""
        return self.arn.split(":")[4]


def gb_seconds(report: Report) -> Decimal:
    """What an invocation is billed; a gigabyte has 1,024 MB."""
    return Decimal(report.billed_ms * report.memory_mb) / (1024 * 1000)


def charges(invocations: Iterable[Invoked], durable: Iterable[Kept] = ()) -> list[BillLine]:
    """Add a session up, by hour, function and kind of use.

    Args:
        invocations: of the session.
        durable: what its durable executions have used beside them.

    Raises:
        UnknownPrice: for a day before the price sheet begins.
    """
    sums: dict[tuple[datetime, str, str, str], Decimal] = {}
    for used in durable:
        amounts = {
            _OPERATION: Decimal(used.operations),
            _WRITTEN: used.written_bytes / _GB,
            # To the microsecond, so that the sum is exact.
            _KEPT: Decimal(round(used.kept_byte_s * 10**6)) / 10**6 / _GB / _MONTH_S,
        }
        for usage_type, amount in amounts.items():
            if amount:
                key = (_hour(used.at), used.arn, "", usage_type)
                sums[key] = sums.get(key, Decimal(0)) + amount
    for one in invocations:
        hour = _hour(one.at)
        [report] = parse_reports(one.report)
        streamed = getattr(one, "streamed_bytes", 0) / _STREAMED_GB
        for usage_type, amount in (
            (_GB_SECOND, gb_seconds(report)),
            (_REQUEST, Decimal(1)),
            *(((_STREAMED, streamed),) if streamed else ()),
        ):
            key = (hour, one.arn, one.architecture, usage_type)
            sums[key] = sums.get(key, Decimal(0)) + amount
    return [_charge(*key, amount) for key, amount in sorted(sums.items())]


def _hour(at: str) -> datetime:
    moment = datetime.fromisoformat(at).astimezone(UTC)
    return moment.replace(minute=0, second=0, microsecond=0)


def _charge(
    hour: datetime, arn: str, architecture: str, usage_type: str, amount: Decimal
) -> BillLine:
    on_arm, sheet = architecture == "arm64", "aws-lambda"
    if usage_type in _DURABLE_METERS:
        sheet, (dimension, unit) = "aws-lambda-durable", _DURABLE_METERS[usage_type]
        amount = amount.quantize(_LAST_DIGIT)
    elif usage_type == _STREAMED:
        sheet, (dimension, unit) = "aws-lambda-streaming", _STREAMED_METER
        amount = amount.quantize(_LAST_DIGIT)
    else:
        x86, arm, unit = _METERS[usage_type]
        dimension = arm if on_arm else x86
    price = price_sheet(sheet).on(hour.date())[dimension]
    return BillLine(
        start=hour,
        arn=arn,
        usage_type=f"{usage_type}-ARM" if on_arm else usage_type,
        dimension=dimension,
        unit=unit,
        amount=amount,
        rate_usd=Decimal(str(price.tiers[0][1])),
    )


def write_bill(
    invocations: Iterable[Invoked], folder: Path, durable: Iterable[Kept] = ()
) -> list[BillLine]:
    """Write the REPORT lines, the CUR and the FOCUS file of a session; return the bill's lines.

    Args:
        invocations: of the session, in any order.
        folder: is made if it is missing; files of an earlier bill are replaced.
        durable: what its durable executions have used beside their invocations.

    Raises:
        InvalidQuantity: for a session without an invocation, and where DuckDB is not installed.
    """
    session = sorted(invocations, key=lambda one: one.at)
    if not session:
        msg = "The session has no invocation; invoke a function, then ask for its bill."
        raise InvalidQuantity(msg)
    _needs_duckdb()
    bill = charges(session, durable)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / REPORT_FILE).write_text("".join(f"{one.report}\n" for one in session))
    _write(folder / CUR_FILE, [_cur(one) for one in bill])
    _write(folder / FOCUS_FILE, [_focus(one) for one in bill])
    return bill


def _needs_duckdb() -> None:
    if find_spec("duckdb") is None:
        msg = "A bill in Parquet needs DuckDB, which its installation brings; pip install duckdb"
        raise InvalidQuantity(msg)


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write rows with their types: moments, exact decimals, and text."""
    import duckdb  # noqa: PLC0415 - slow to import

    typed = ", ".join(f'CAST("{name}" AS {_type_of(name)}) AS "{name}"' for name in rows[0])
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "rows.csv"
        with plain.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        with duckdb.connect() as db:
            db.execute(
                f"COPY (SELECT {typed} FROM read_csv($rows, all_varchar = true, header = true))"  # noqa: S608 - names of our own columns
                " TO $path (FORMAT parquet)",
                {"rows": str(plain), "path": str(path)},
            )


def _type_of(name: str) -> str:
    if name.endswith(_NUMBERS):
        return _DECIMAL
    return "TIMESTAMP" if name.endswith(_MOMENTS) else "VARCHAR"


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _month(moment: datetime) -> tuple[str, str]:
    """The start of the moment's month, and that of the next."""
    first = moment.replace(day=1, hour=0)
    following = (first + timedelta(days=32)).replace(day=1)
    return _stamp(first), _stamp(following)


def _plain(number: Decimal) -> str:
    """The number without an exponent, and without zeros at its end."""
    return f"{number.normalize():f}"


def _described(one: BillLine) -> str:
    text = f"${_plain(one.rate_usd)} per {one.unit} in {one.region} (local cloud, at list price)"
    if one.usage_type in _DURABLE_METERS:
        return f"{text}; AWS publishes no name for this usage type, and this one is ours"
    return text


def _cur(one: BillLine) -> dict[str, str]:
    start, end = _stamp(one.start), _stamp(one.start + timedelta(hours=1))
    first, following = _month(one.start)
    usd, rate_usd = _plain(one.usd), _plain(one.rate_usd)
    return {
        "bill_bill_type": "Anniversary",
        "bill_billing_entity": "AWS",
        "bill_billing_period_start_date": first,
        "bill_billing_period_end_date": following,
        "bill_payer_account_id": one.account,
        "identity_line_item_id": f"{start}/{one.arn}/{one.usage_type}",
        "identity_time_interval": f"{start}/{end}",
        "line_item_currency_code": "USD",
        "line_item_legal_entity": "serverless-tax",
        "line_item_line_item_description": _described(one),
        "line_item_line_item_type": "Usage",
        "line_item_operation": "" if one.usage_type in _DURABLE_METERS else "Invoke",
        "line_item_product_code": "AWSLambda",
        "line_item_resource_id": one.arn,
        "line_item_unblended_cost": usd,
        "line_item_unblended_rate": rate_usd,
        "line_item_usage_account_id": one.account,
        "line_item_usage_amount": _plain(one.amount),
        "line_item_usage_start_date": start,
        "line_item_usage_end_date": end,
        "line_item_usage_type": one.usage_type,
        "pricing_currency": "USD",
        "pricing_public_on_demand_cost": usd,
        "pricing_public_on_demand_rate": rate_usd,
        "pricing_term": "OnDemand",
        "pricing_unit": one.unit,
        "product_product_family": "Serverless",
        "product_region_code": one.region,
        "product_servicecode": "AWSLambda",
    }


def _focus(one: BillLine) -> dict[str, str]:
    first, following = _month(one.start)
    usd, rate_usd, amount = _plain(one.usd), _plain(one.rate_usd), _plain(one.amount)
    costs = dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), usd)
    said = {
        "BillingAccountId": one.account,
        "BillingAccountName": "local cloud",
        "BillingCurrency": "USD",
        "BillingPeriodStart": first,
        "BillingPeriodEnd": following,
        "ChargeCategory": "Usage",
        "ChargeDescription": _described(one),
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": _stamp(one.start),
        "ChargePeriodEnd": _stamp(one.start + timedelta(hours=1)),
        "ConsumedQuantity": amount,
        "ConsumedUnit": one.unit,
        "ContractedUnitPrice": rate_usd,
        "InvoiceIssuerName": "AWS",
        "ListUnitPrice": rate_usd,
        "PricingCategory": "Standard",
        "PricingCurrency": "USD",
        "PricingCurrencyContractedUnitPrice": rate_usd,
        "PricingCurrencyEffectiveCost": usd,
        "PricingCurrencyListUnitPrice": rate_usd,
        "PricingQuantity": amount,
        "PricingUnit": one.unit,
        "ProviderName": "AWS",
        "PublisherName": "AWS",
        "RegionId": one.region,
        "RegionName": _REGION_NAMES.get(one.region, one.region),
        "ResourceId": one.arn,
        "ResourceName": one.arn.rpartition(":")[2],
        "ResourceType": "AWS::Lambda::Function",
        "ServiceCategory": "Compute",
        "ServiceName": "AWS Lambda",
        "ServiceSubcategory": "Serverless Compute",
        "SkuId": one.dimension,
        "SkuMeter": one.usage_type,
        "SkuPriceId": f"{one.dimension}.{one.region}",
        "SubAccountId": one.account,
        "SubAccountName": "local cloud",
        "Tags": "{}",
        "x_UsageType": one.usage_type,
    }
    empty = dict.fromkeys(_FOCUS_EMPTY, "")
    return {**empty, **said, **costs}


#: Columns of FOCUS that have no value here: there is no zone, no commitment and no invoice.
_FOCUS_EMPTY = (
    *("AvailabilityZone", "ChargeClass", "CommitmentDiscountCategory", "CommitmentDiscountId"),
    *("CommitmentDiscountName", "CommitmentDiscountStatus", "CommitmentDiscountType", "InvoiceId"),
    "SkuPriceDetails",
)
