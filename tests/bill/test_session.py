"""The bill of a session: REPORT lines, a CUR and a FOCUS file that equal each other exactly."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from serverless_tax.bill.session import CUR_FILE, FOCUS_FILE, REPORT_FILE, write_bill
from serverless_tax.ground.report import parse_reports
from serverless_tax.ground.units import InvalidQuantity

F, G = (f"arn:aws:lambda:us-east-1:000000000000:function:{name}" for name in "fg")


@dataclass(frozen=True)
class One:
    """An invocation."""

    at: str
    arn: str
    architecture: str
    report: str


def one(at: str, arn: str, billed_ms: int, memory_mb: int, architecture: str = "x86_64") -> One:
    """An invocation that ended then."""
    report = (
        f"REPORT RequestId: r-{billed_ms}\tDuration: {billed_ms - 1}.50 ms\tBilled Duration: "
        f"{billed_ms} ms\tMemory Size: {memory_mb} MB\tMax Memory Used: 30 MB\t"
    )
    return One(at, arn, architecture, report)


SESSION = [
    one("2026-11-01T10:59:59.900Z", F, 1027, 1769),
    one("2026-11-01T10:00:00.000Z", F, 3, 1769),
    one("2026-11-01T11:00:00.100Z", F, 501, 1769),
    one("2026-11-30T23:30:00.000Z", G, 100, 512, "arm64"),
]


def rows(path: Path) -> list[dict[str, Any]]:
    """The lines of a file."""
    with duckdb.connect() as db:
        found = db.execute("SELECT * FROM read_parquet($path)", {"path": str(path)})
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_the_three_files_are_one_bill(tmp_path: Path) -> None:
    """By hand: 1,030 ms of 1,769 MB are 1.779365234375; a line for each function and hour."""
    bill = write_bill(SESSION, tmp_path)
    cur, focus = rows(tmp_path / CUR_FILE), rows(tmp_path / FOCUS_FILE)
    reports = [*parse_reports((tmp_path / REPORT_FILE).read_text())]

    assert len(bill) == len(cur) == len(focus) == 6
    first = next(row for row in cur if row["line_item_usage_type"] == "Lambda-GB-Second")
    assert first["line_item_usage_amount"] == Decimal("1.779365234375")
    assert first["line_item_unblended_cost"] == Decimal("0.0000296561465517578125")
    assert str(first["line_item_usage_start_date"]) == "2026-11-01 10:00:00"
    assert str(first["line_item_usage_end_date"]) == "2026-11-01 11:00:00"
    used = sum(Decimal(one.billed_ms * one.memory_mb) / 1_024_000 for one in reports)
    of_cur = [(row["line_item_usage_type"], row["line_item_usage_amount"]) for row in cur]
    of_focus = [(row["x_UsageType"], row["ConsumedQuantity"]) for row in focus]
    assert of_cur == of_focus
    assert sum(n for kind, n in of_cur if "GB-Second" in kind) == used
    assert sum(n for kind, n in of_cur if "Request" in kind) == len(SESSION)
    usd = sum(row["line_item_unblended_cost"] for row in cur)
    assert usd == sum(row["BilledCost"] for row in focus) == sum(one.usd for one in bill)


def test_arm_has_its_own_usage_types_and_december_its_month(tmp_path: Path) -> None:
    """The last hour of November ends in it, and its bill ends where December begins."""
    write_bill(SESSION[-1:], tmp_path)
    for row in rows(tmp_path / CUR_FILE):
        assert row["line_item_usage_type"].endswith("-ARM")
        assert str(row["bill_billing_period_end_date"]) == "2026-12-01 00:00:00"


def test_a_session_without_an_invocation_has_no_bill(tmp_path: Path) -> None:
    """One sentence, and no empty files."""
    with pytest.raises(InvalidQuantity, match="has no invocation"):
        write_bill([], tmp_path)
    assert not [*tmp_path.iterdir()]
