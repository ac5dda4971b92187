"""The audit beside AWS's own bill: each format of it, and what a gap between them means."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest
from audit_logs import by_plain_reader, line, numbered
from sampled import one_in

from serverless_tax.audit.find.findings import Audit, findings
from serverless_tax.audit.find.reconcile import reconcile
from serverless_tax.audit.read.bills import read_bill
from serverless_tax.audit.read.sources import find_sources
from serverless_tax.cli.app import run
from serverless_tax.ground.units import InvalidQuantity

ARN = "arn:aws:lambda:us-east-1:111122223333:function:rag"
HEADS = {
    "CUR 2.0": "line_item_usage_type line_item_usage_amount line_item_usage_account_id"
    " product_region_code line_item_resource_id line_item_usage_start_date"
    " line_item_unblended_cost line_item_product_code line_item_line_item_type",
    "CUR": "lineItem/UsageType lineItem/UsageAmount lineItem/UsageAccountId product/region"
    " lineItem/ResourceId lineItem/UsageStartDate lineItem/UnblendedCost lineItem/ProductCode"
    " lineItem/LineItemType",
    "FOCUS": "x_UsageType ConsumedQuantity SubAccountId RegionId ResourceId ChargePeriodStart"
    " BilledCost ServiceName ChargeCategory",
}


def row(usage: str, amount: float, **more: str) -> tuple[Any, ...]:
    """A line of a bill."""
    values = {"account": "111122223333", "region": "us-east-1", "arn": ARN, "kind": "Usage"}
    values |= {"day": "2026-11-01T00:00:00Z", "product": "AWS Lambda"} | more
    return (
        usage, amount, values["account"], values["region"], values["arn"], values["day"],
        0.5, values["product"], values["kind"],
    )  # fmt: skip


def provisioned(on_demand: float, beside: float, requests: float = 100.0) -> list[tuple[Any, ...]]:
    """Lines of a function that ran in both kinds of environment; a request is of neither."""
    time = row("Lambda-GB-Second", on_demand), row("Lambda-Provisioned-GB-Second", beside)
    return [*time, row("Request", requests)]


AGREES = [row("Lambda-GB-Second", 10.0), row("Request", 100.0)]


def bill(folder: Path, rows: list[tuple[Any, ...]], name: str = "CUR 2.0") -> Path:
    """Write a bill in Parquet."""
    path = folder / "cur.parquet"
    heads = ", ".join(
        f'"{head}" {"DOUBLE" if k in (1, 6) else "VARCHAR"}'
        for k, head in enumerate(HEADS[name].split())
    )
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE bill ({heads})")
        db.executemany(f"INSERT INTO bill VALUES ({', '.join('?' * 9)})", rows)  # noqa: S608
        db.execute(f"COPY bill TO '{path}' (FORMAT parquet)")
    return path


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred invocations of 100 ms at 1,024 MB: ten GB-seconds."""
    path = tmp_path_factory.mktemp("log") / "a.log"
    path.write_text(numbered([f"2026-11-01T10:00:00.000Z {line()}"] * 100))
    return path


@pytest.fixture(scope="module")
def audit(log: Path) -> Audit:
    """What an audit finds in it."""
    return findings(by_plain_reader(log), find_sources([str(log)], "rag"))


@pytest.mark.parametrize("name", HEADS)
def test_each_format_is_read(name: str, audit: Audit, tmp_path: Path) -> None:
    """CUR 2.0, legacy CUR and FOCUS say the same in other columns."""
    found = reconcile(audit, read_bill(bill(tmp_path, AGREES, name)))
    assert found.format == name
    assert (found.gb_seconds, found.requests) == (10.0, 100.0)
    assert found.reasons == ("The log and the bill agree.",)


def spelled(name: str, sign: str, write: Callable[[Any], str]) -> str:
    """A bill as CSV, with heads that a tool may have changed, and rows of other services."""
    rows = [*AGREES, row("EU-Requests-Tier1", 9.0, product="AmazonS3"), row("", 0.0, kind="Tax")]
    cells = [[*map(write, one)] for one in rows]
    return "\n".join(sign.join(one) for one in [name.split(), *cells])


@pytest.mark.parametrize(
    ("text", "packing"),
    [
        (spelled(HEADS["CUR"].lower(), ",", '"{}"'.format), "utf-8-sig"),
        (spelled(HEADS["FOCUS"].upper(), ";", lambda v: str(v).replace(".", ",")), "utf-8"),
        (spelled(HEADS["CUR 2.0"], "\t", str).replace("\n", "\r\n"), "utf-16"),
        (spelled(HEADS["FOCUS"].replace("x_UsageType", "SkuMeter"), ",", str), "utf-8"),
        (spelled(HEADS["CUR"], ";", lambda v: f"{v:.5f}" if isinstance(v, float) else v), "utf-8"),
        (
            spelled(HEADS["CUR"], ",", str).replace("11-01T00:00:00Z", "10-31T20:00:00-04:00"),
            "utf-8",
        ),
    ],
    ids=[
        "small heads, quoted",
        "large heads, commas",
        "tabs, wide",
        "SkuMeter",
        "semicolons",
        "zone",
    ],
)
def test_each_dialect_of_csv_is_read(text: str, packing: str, audit: Audit, tmp_path: Path) -> None:
    """As a spreadsheet or a query may have written it."""
    path = tmp_path / "bill.csv"
    path.write_bytes(text.encode(packing))
    found = reconcile(audit, read_bill(path))
    assert (found.gb_seconds, found.requests, found.usd) == (10.0, 100.0, 1.0)
    assert found.reasons == ("The log and the bill agree.",)


@pytest.mark.parametrize("form", ["list", "lines", "packed"])
def test_rows_in_json_are_a_bill(form: str, audit: Audit, tmp_path: Path) -> None:
    """As an engine returns them."""
    rows = [dict(zip(HEADS["CUR 2.0"].split(), one, strict=True)) for one in AGREES]
    text = json.dumps(rows) if form == "list" else "\n".join(map(json.dumps, rows))
    path = tmp_path / "bill.json"
    path.write_bytes(gzip.compress(text.encode()) if form == "packed" else text.encode())
    found = reconcile(audit, read_bill(path))
    assert (found.gb_seconds, found.requests, found.usd) == (10.0, 100.0, 1.0)


def test_what_athena_unloads_is_a_bill(audit: Audit, tmp_path: Path) -> None:
    """Parquet in a folder, whose files have no ending; others beside them are no tables."""
    folder = tmp_path / "unloaded"
    folder.mkdir()
    bill(tmp_path, AGREES).rename(folder / "20261101_000000_00000_abcde_0a0a0a0a")
    (folder / "manifest").write_text("s3://bucket/unloaded/20261101\n")
    assert reconcile(audit, read_bill(folder)).requests == 100.0


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's limit")
def test_a_bill_is_read_where_no_file_can_be_written(tmp_path: Path) -> None:
    """Neither in the temporary folder nor elsewhere, as on a disk that is full."""
    path = bill(tmp_path, AGREES)
    command = [str(Path(sys.executable).with_name("serverless-tax")), "audit", "--reconcile"]
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *command, str(path), "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)


@pytest.mark.parametrize(
    ("figure", "day", "says"),
    [
        ("1,234", "2026-11-01", "has '1,234' where a figure"),
        ("1", "11/1/2026 0:00", "the day '11/1"),
    ],
)
def test_what_may_be_read_in_two_ways_is_refused(
    figure: str, day: str, says: str, tmp_path: Path
) -> None:
    """Left out, it would be a gap."""
    path = tmp_path / "bill.csv"
    cells = "\t".join([*map(str, row("Request", 0.0, day=day))]).replace("0.0", figure)
    path.write_text("\n".join(["\t".join(HEADS["CUR"].split()), cells]))
    with pytest.raises(InvalidQuantity, match=re.escape(says)):
        read_bill(path)


def test_what_else_a_bill_has_is_said(audit: Audit, tmp_path: Path) -> None:
    """Dollars that differ, use that no log tells, and what is no use."""
    more = [row("Lambda-Storage-GB-Second", 1.0), row("Lambda-GB-Second", 10.0, kind="Credit")]
    found = reconcile(audit, read_bill(bill(tmp_path, [*AGREES, *more])))
    assert found.reasons == ("The log and the bill agree.",)
    said = " ".join(found.beyond)
    assert "more dollars than this audit" in said
    assert "The bill also has $0.50 of Lambda-Storage-GB-Second" in said
    assert "Credits, refunds, fees and taxes of $0.50 are left out." in said


def test_a_discount_is_of_what_was_paid(
    audit: Audit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0.50 - 0.05 - 0.03 dollars of 10 GB-seconds, and 0.50 - 0.02 of requests: 0.90; no credit."""
    kinds = {"EdpDiscount": -0.05, "PrivateRateDiscount": -0.03, "Credit": -0.4}
    more = [(row("Lambda-GB-Second", 10.0, kind=kind), usd) for kind, usd in kinds.items()]
    more.append((row("Request", 100.0, kind="BundledDiscount"), -0.02))
    rows = [*AGREES, *((*one[:6], usd, *one[7:]) for one, usd in more)]
    path = bill(tmp_path, rows)
    found = reconcile(audit, read_bill(path))
    assert (found.gb_seconds, found.requests) == (10.0, 100.0)
    assert found.usd == pytest.approx(0.90)
    assert found.gb_second_usd == pytest.approx(0.042)
    assert found.lines[0].usd == pytest.approx(0.90)
    said = (
        "Discounts of $0.10 (EdpDiscount, PrivateRateDiscount and BundledDiscount) are taken off"
        " what was billed."
    )
    assert said in found.beyond
    assert "Credits, refunds, fees and taxes of −$0.40 are left out." in found.beyond
    assert run(["audit", "--reconcile", str(path)]) == 0
    alone = " ".join(capsys.readouterr().out.split())
    assert said in alone
    assert "$0.90 for 1 function" in alone


def test_a_bill_tells_the_architecture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of each function that it names; the log is priced and compared there."""
    log = tmp_path / "a.log"
    log.write_text(numbered([f"2026-11-01T10:00:00.000Z {line()}"] * 100))
    other = row("Lambda-GB-Second", 1.0, arn=ARN + "-other")
    rows = [row("Lambda-GB-Second-ARM", 10.0), row("Request-ARM", 100.0), other]
    words = ["audit", str(log), "--function", "rag", "--json", "--reconcile"]
    assert run([*words, str(bill(tmp_path, rows))]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["totals"]["usd"] == pytest.approx(10 * 0.0000133334 + 100 * 2e-7)
    assert found["reconciled"]["reasons"][0] == "The log and the bill agree."


def test_a_bill_alone_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was billed for each function it names, in words and as JSON; it may be too much."""
    path = bill(tmp_path, [*AGREES, row("Request-ARM", 3.0, arn=ARN + "-other")])
    assert run(["audit", "--reconcile", str(path)]) == 0
    said = capsys.readouterr().out
    assert "Bill (CUR 2.0, 2026-11-01 to 2026-11-01): $1.50 for 2 functions." in said
    assert run(["audit", "--reconcile", str(path), "--json", "--fail-above", "1"]) == 1
    functions = json.loads(capsys.readouterr().out)["bill"]["functions"]
    assert [(one["name"], one["requests"]) for one in functions] == [("rag", 100), ("rag-other", 3)]
    assert run(["audit", "--reconcile", str(path), "--csv", str(tmp_path / "a.csv")]) == 2


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([row("Lambda-GB-Second", 20.0), row("Request", 200.0)], "the log lacks functions"),
        ([row("Lambda-GB-Second", 5.0), row("Request", 50.0)], "it has lines twice"),
        ([row("Lambda-GB-Second", 11.0), row("Request", 100.0)], "INIT that is not on REPORT"),
        ([row("Lambda-GB-Second-ARM", 10.0), row("Request-ARM", 100.0)], "check --function"),
        ([row("EUW1-Lambda-GB-Second", 9.0, region="eu-west-1"), *AGREES], "one was compared"),
        (provisioned(6.0, 4.0), "with the time in provisioned environments added."),
        (provisioned(6.0, 2.0), "the log has more time"),
        (provisioned(6.0, 5.0), "INIT that is not on REPORT"),
        (provisioned(6.0, 4.0, 90.0), "it has lines twice"),
        ([row("Lambda-Provisioned-Concurrency", 9.0)], "nothing for these functions, days"),
    ],
)
def test_a_gap_has_a_likely_reason(
    rows: list[tuple[Any, ...]], says: str, audit: Audit, tmp_path: Path
) -> None:
    """Requests tell missing lines from other rules of billing."""
    assert says in " ".join(reconcile(audit, read_bill(bill(tmp_path, rows))).reasons)


def test_the_comparison_in_words(audit: Audit, tmp_path: Path) -> None:
    """12 GB-seconds and 125 requests are billed; 10 and 100 are logged: 2 of 12 and 25 of 125."""
    rows = [row("Lambda-GB-Second", 4.0), row("Lambda-GB-Second", 8.0), row("Request", 125.0)]
    found = reconcile(audit, read_bill(bill(tmp_path, rows)))
    assert list(found.sentences()) == [
        "GB-seconds: 12 billed, 10 in the log; gap 2, 16.7 % of the bill.",
        "requests: 125 billed, 100 in the log; gap 25, 20 % of the bill.",
        "dollars: $1.50 billed, $0.0833333333 a GB-second; $0.000187 at the prices of this audit.",
        "The bill has more requests: the log lacks functions, streams, or deleted days.",
    ]
    (line_of_bill,) = found.lines
    assert (line_of_bill.gb_seconds, line_of_bill.requests, line_of_bill.usd) == (12, 125, 1.5)
    rows = [row("Lambda-GB-Second", 0.1)] * 100
    words = next(reconcile(audit, read_bill(bill(tmp_path, rows))).sentences())
    assert words == "GB-seconds: 10 billed, 10 in the log; gap 0, 0 % of the bill."


@pytest.mark.parametrize(
    ("time", "requests", "says"),
    [
        (10.05, 100, "agree."),  # 0.05 of 10.05 are less than half a per cent
        (10.06, 100, "INIT that is not on REPORT lines"),
        (9.94, 100, "discounted units"),
        (10, 100.6, "the log lacks functions"),
        (10, 99.4, "it has lines twice"),
    ],
)
def test_half_a_per_cent_is_rounding(
    time: float, requests: float, says: str, audit: Audit, tmp_path: Path
) -> None:
    """Of the bill, to either side."""
    rows = [row("Lambda-GB-Second", time), row("Request", requests)]
    assert says in reconcile(audit, read_bill(bill(tmp_path, rows))).reasons[0]


def test_a_bill_with_less_dollars_is_paid_at_less_than_list(audit: Audit, tmp_path: Path) -> None:
    """10 GB-seconds and 100 requests cost $0.000187 at list prices, and $0.00008 here."""
    rows = [(*one[:6], 0.00004, *one[7:]) for one in AGREES]
    said = " ".join(reconcile(audit, read_bill(bill(tmp_path, rows))).beyond)
    assert "The bill has 57.1 % less dollars than this audit: a Savings Plan" in said


def test_only_what_the_log_has_is_compared(audit: Audit, tmp_path: Path) -> None:
    """Other functions, days, services, and lines that are no use are left out."""
    others = [
        row("Lambda-GB-Second", 7.0, arn=ARN + "-other"),
        row("Lambda-GB-Second", 7.0, day="2026-11-02T00:00:00Z"),
        row("Request", 7.0, product="Amazon CloudFront"),
        row("Lambda-GB-Second", 7.0, kind="Credit"),
    ]
    found = reconcile(audit, read_bill(bill(tmp_path, [*AGREES, *others])))
    assert (found.gb_seconds, found.requests) == (10.0, 100.0)


def test_lines_are_by_account_region_and_architecture(audit: Audit, tmp_path: Path) -> None:
    """Each with its sums."""
    rows = [*AGREES, row("USW2-Lambda-GB-Second-ARM", 3.0, region="us-west-2", account="2")]
    found = reconcile(audit, read_bill(bill(tmp_path, rows)))
    assert [(one.account, one.region, one.architecture, one.gb_seconds) for one in found.lines] == [
        ("111122223333", "us-east-1", "x86_64", 10.0),
        ("2", "us-west-2", "arm64", 3.0),
    ]


def test_a_log_without_a_region_is_of_its_bill(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Priced and compared there, unless a line or --region says another; else it is said."""
    log = tmp_path / "a.log"
    log.write_text(numbered([f"2026-11-01T10:00:00.000Z {line()}"] * 100))
    words = ["audit", str(log), "--function", "rag", "--json", "--reconcile"]

    def answer(region: str, *more: str) -> tuple[dict[str, Any], str]:
        rows = [row("Lambda-GB-Second", 10.0, region=region), row("Request", 100.0, region=region)]
        assert run([*words, str(bill(tmp_path, rows)), *more]) == 0
        out, said = capsys.readouterr()
        return json.loads(out), said

    there, _ = answer("eu-west-1")
    assert there["functions"][0]["region"] == "eu-west-1"
    assert there["reconciled"]["reasons"] == ["The log and the bill agree."]
    home, said = answer("af-south-1")
    assert home["functions"][0]["region"] == "us-east-1"
    assert "The bill is of af-south-1, and there are prices here of us-east-1, ap-n" in said
    assert answer("eu-west-1", "--region", "us-west-2")[0]["functions"][0]["region"] == "us-west-2"
    start = "INIT_START Runtime Version ARN: arn:aws:lambda:eu-central-1::runtime:a"
    log.write_text(f"2026-11-01T09:59:00.000Z {start}\n{log.read_text()}")
    of_line = answer("eu-west-1")[0]
    assert of_line["functions"][0]["region"] == of_line["totals"]["region"] == "eu-central-1"


def test_what_is_no_bill_is_refused(audit: Audit, tmp_path: Path) -> None:
    """A table of something else, and a file that is no table."""
    other = tmp_path / "other.parquet"
    with duckdb.connect() as db:
        db.execute(f"COPY (SELECT 1 AS a) TO '{other}' (FORMAT parquet)")
    with pytest.raises(InvalidQuantity, match="none of the columns"):
        reconcile(audit, read_bill(other))
    other.write_text("no table")
    with pytest.raises(InvalidQuantity, match="none of the columns"):
        reconcile(audit, read_bill(other))
    with tarfile.open(other, "w:gz") as archive:
        archive.add(__file__, "bill.csv")
    with pytest.raises(InvalidQuantity, match="is a tar archive: unpack it"):
        reconcile(audit, read_bill(other))
    other.write_bytes(b"PAR1 and no more")
    with pytest.raises(InvalidQuantity, match="cannot be read as a bill"):
        reconcile(audit, read_bill(other))


def test_the_command_prints_the_gap(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In words, and as JSON; without accounts if names are to be hidden."""
    path = bill(tmp_path, AGREES)
    words = ["audit", str(log), "--function", "rag", "--reconcile", str(path)]
    assert run(words) == 0
    assert (
        "requests: 100 billed, 100 in the log; gap 0, 0 % of the bill." in capsys.readouterr().out
    )
    assert run([*words, "--json", "--anonymise"]) == 0
    said = capsys.readouterr().out
    assert json.loads(said)["reconciled"]["lines"][0]["account"] == "hidden"
    assert "111122223333" not in said


def test_a_bill_in_another_currency_is_compared_by_its_use(
    audit: Audit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its money is named by its currency, and nowhere taken for dollars."""
    path = tmp_path / "cur.csv"
    heads = HEADS["FOCUS"].replace(" ", ",") + ",BillingCurrency"
    lines = (",".join(map(str, (*one, "EUR"))) for one in AGREES)
    path.write_text("\n".join([heads, *lines]))
    said = [*reconcile(audit, read_bill(path)).sentences()]
    assert "The bill's money is in EUR" in said[2]
    assert said[3:] == ["The log and the bill agree."]
    assert run(["audit", "--reconcile", str(path)]) == 0
    out = capsys.readouterr().out
    assert "1.00 EUR for 1 function." in out
    assert "$" not in out


def test_provisioned_time_and_edge_are_neither_mixed_nor_a_doubled_log(
    audit: Audit, tmp_path: Path
) -> None:
    """A bill that has nothing on demand says so, and compares none of its dollars."""
    rows = [row("Lambda-Provisioned-GB-Second", 10.0), row("Lambda-Edge-Request", 100.0)]
    found = reconcile(audit, read_bill(bill(tmp_path, rows)))
    assert not found.usd
    assert found.reasons[0].startswith("The bill has nothing on demand for these functions")
    said = " ".join(found.beyond)
    assert "of provisioned concurrency, which is not compared." in said
    assert "of Lambda@Edge, which is not compared." in said


def with_ids(name: str, *amounts: float) -> str:
    """A bill as CSV, in which each line has an id and an hour as AWS writes them."""
    lower = name == "CUR 2.0"
    ids = ["identity_line_item_id", "identity_time_interval"] if lower else [
        "identity/LineItemId", "identity/TimeInterval"]  # fmt: skip
    hour = "2026-11-01T00:00:00Z/2026-11-01T01:00:00Z"
    lines = [row("Lambda-GB-Second", amount) for amount in amounts] + [row("Request", 100.0)]
    cells = [[*map(str, one), f"id{k}", hour] for k, one in enumerate(lines)]
    return "\n".join(",".join(one) for one in [[*HEADS[name].split(), *ids], *cells]) + "\n"


@pytest.mark.parametrize(
    ("how", "name"),
    one_in(3, product(["parquet", "gzip", "csv", "in one file"], ["CUR 2.0", "CUR"])),
)
def test_a_line_item_counts_once_where_versions_overlap(
    name: str, how: str, audit: Audit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """4 + 6 + 0 GB-seconds and 100 requests, twice; two line items alike but for the id are two."""
    text = with_ids(name, 4.0, 3.0, 3.0)
    top = tmp_path / "curs"
    for folder in ("one", "two"):
        path = top / "20261101-20261201" / folder
        path.mkdir(parents=True)
        if how == "gzip":
            (path / "cur-1.csv.gz").write_bytes(gzip.compress(text.encode()))
        elif how == "in one file":
            (top / "cur.csv").write_text(text + text.split("\n", 1)[1])
        else:
            (path / "cur-1.csv").write_text(text)
        if how == "parquet":
            table = f"read_csv('{path / 'cur-1.csv'}')"
            with duckdb.connect() as db:
                db.execute(f"COPY (FROM {table}) TO '{path / 'cur-1.parquet'}' (FORMAT parquet)")
            (path / "cur-1.csv").unlink()
    found = reconcile(audit, read_bill(top))
    assert (found.gb_seconds, found.requests, found.usd) == (10.0, 100.0, 2.0)
    said = "4 rows stand in the bill twice, and are counted once."
    assert found.reasons == ("The log and the bill agree.", said)
    assert run(["audit", "--reconcile", str(top)]) == 0
    assert said in " ".join(capsys.readouterr().out.split())


def test_a_line_item_with_other_figures_is_counted_and_said(audit: Audit, tmp_path: Path) -> None:
    """Nothing says which version is the later one, nor that ids of two exports are one line's."""
    for name, amount in (("one", 4.0), ("two", 6.0)):
        (tmp_path / "curs" / name).mkdir(parents=True)
        (tmp_path / "curs" / name / "cur.csv").write_text(with_ids("CUR", amount))
    found = reconcile(audit, read_bill(tmp_path / "curs"))
    assert (found.gb_seconds, found.requests) == (10.0, 100.0)
    twice, revised = found.reasons[1:]
    assert twice == "1 row stands in the bill twice, and is counted once."
    assert revised.startswith("1 row has the id and the time of another with other figures: each")
