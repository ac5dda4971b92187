"""Bills that are sums of a month: what Cost Explorer answers, and the console's bill as CSV."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from audit_logs import line, numbered

from serverless_tax.audit.find.findings import findings
from serverless_tax.audit.find.reconcile import reconcile
from serverless_tax.audit.read.bills import read_bill
from serverless_tax.audit.read.sources import find_sources
from serverless_tax.audit.run import tally
from serverless_tax.cli.app import run
from serverless_tax.ground.units import InvalidQuantity

#: A hundred calls of 100 ms in a GB.
GB_SECONDS, REQUESTS = 10.0, 100.0


def used(*keys: str, amount: float, usd: float = 0.25) -> dict[str, Any]:
    """A group of an answer."""
    metrics = {
        "UnblendedCost": {"Amount": str(usd), "Unit": "USD"},
        "UsageQuantity": {"Amount": str(amount), "Unit": "N/A"},
    }
    return {"Keys": list(keys), "Metrics": metrics}


def answer(
    *groups: dict[str, Any], by: tuple[str, ...] = ("USAGE_TYPE",), end: str = "2026-11-01"
) -> dict[str, Any]:
    """What Cost Explorer answers for a month, or up to another day."""
    return {
        "GroupDefinitions": [{"Type": "DIMENSION", "Key": key} for key in by],
        "ResultsByTime": [
            {
                "TimePeriod": {"Start": "2026-10-01", "End": end},
                "Total": {},
                "Groups": list(groups),
                "Estimated": False,
            }
        ],
        "DimensionValueAttributes": [],
    }


IN_IRELAND = (
    used("EU-Lambda-GB-Second", amount=GB_SECONDS),
    used("EU-Request", amount=REQUESTS),
    used("EU-DataTransfer-Out-Bytes", amount=7),
)
CONSOLE = (
    '"InvoiceID","PayerAccountId","LinkedAccountId","RecordType","ProductCode","UsageType",'
    '"UsageStartDate","UsageEndDate","UsageQuantity","CurrencyCode","CostBeforeTax","TotalCost"\n'
    + "".join(
        f'"1","1111","2222","LinkedLineItem","AWSLambda","{name}","2026/10/01 00:00:00",'
        f'"2026/10/31 23:59:59","{amount}","USD","0.25","0.25"\n'
        for name, amount in (("EU-Lambda-GB-Second", GB_SECONDS), ("EU-Request", REQUESTS))
    )
    + '"","1111","","InvoiceTotal","","","","","","USD","0.50","0.50"\n'
)
FORMS = {
    "as the command prints it": json.dumps(answer(*IN_IRELAND), indent=4).encode(),
    "as PowerShell writes it": json.dumps(answer(*IN_IRELAND), indent=4).encode("utf-16"),
    "packed": gzip.compress(json.dumps(answer(*IN_IRELAND)).encode()),
    "in two answers": "\n".join(
        json.dumps(answer(*some)) for some in (IN_IRELAND[:1], IN_IRELAND[1:])
    ).encode(),
    "of a day": json.dumps(answer(*IN_IRELAND, end="2026-10-02")).encode(),
    "the console's": CONSOLE.encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_month_s_sums_agree_with_the_log(form: str, tmp_path: Path) -> None:
    """A log of the first day is compared with all of them, for they have no days."""
    log, bill = tmp_path / "rag.log", tmp_path / "bill"
    log.write_text(numbered([f"2026-10-01T10:00:00.000Z {line()}"] * int(REQUESTS)))
    bill.write_bytes(FORMS[form])
    sources = find_sources([str(log)])
    found = reconcile(findings(tally(sources), sources), read_bill(bill))
    assert (found.gb_seconds, found.requests, found.usd) == (GB_SECONDS, REQUESTS, 0.5)
    assert found.reasons[0] == "The log and the bill agree."


def test_sums_alone_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Regions that were asked for are told apart, and so is Arm."""
    bill = tmp_path / "bill.json"
    by = ("REGION", "USAGE_TYPE")
    groups = [
        used("eu-west-1", "EU-Lambda-GB-Second", amount=3),
        used("us-east-1", "Lambda-GB-Second-ARM", amount=4),
    ]
    bill.write_text(json.dumps(answer(*groups, by=by)))
    assert run(["audit", "--reconcile", str(bill), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["bill"]
    assert said["format"] == "Cost Explorer"
    lines = {(one["region"], one["architecture"]): one["gb_seconds"] for one in said["functions"]}
    assert lines == {("eu-west-1", "x86_64"): 3, ("us-east-1", "arm64"): 4}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (answer(used("AWS Lambda", amount=3), by=("SERVICE",)), "grouped by SERVICE"),
        (answer(by=()), "grouped by nothing"),
        (
            answer({"Keys": ["Request"], "Metrics": {"UnblendedCost": {"Amount": "1"}}}),
            "says no UsageQuantity",
        ),
    ],
)
def test_what_says_no_use_is_refused(asked: dict[str, Any], says: str, tmp_path: Path) -> None:
    """What is missing is named, and how to ask for it."""
    bill = tmp_path / "bill.json"
    bill.write_text(json.dumps(asked))
    with pytest.raises(InvalidQuantity, match=f"{says}.*Key=USAGE_TYPE"):
        read_bill(bill)


def test_several_regions_without_their_names_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Usage of two regions in one sum would be compared with the log of one."""
    bill = tmp_path / "bill.json"
    groups = [used("Lambda-GB-Second", amount=3), used("EUC1-Lambda-GB-Second", amount=4)]
    bill.write_text(json.dumps(answer(*groups)))
    assert run(["audit", "--reconcile", str(bill)]) == 2
    assert "(EUC1, none): group it by REGION too" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["as the command prints it", "the console's"])
def test_a_bill_that_is_named_as_a_log_is_told(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says where a bill goes."""
    bill = tmp_path / "bill"
    bill.write_bytes(FORMS[form])
    assert run(["audit", str(bill)]) == 2
    assert "a bill, and no log: name it with --reconcile" in capsys.readouterr().err
