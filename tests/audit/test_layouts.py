"""The views of the page *Ten terabytes*, each on files of its layout: all give the log's report."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from audit_logs import agree_but_for_percentiles, line
from local_spark import local_spark

from serverless_tax.audit.read.sql import analysis, left_over
from serverless_tax.cli.app import run

BOOK = Path(__file__).parents[2] / "book"
TRACED = "XRAY TraceId: 1-5759e988-bd862e3fe1be46a994272793\tSegmentId: 1\tSampled: true\t\n"
GROUPS = ("rag", "chat")


def view(engine: str, layout: str) -> str:
    """The statements that the page shows for an engine and a layout."""
    name = f"views/{engine}-{layout}.sql".lower()
    assert f"{{literalinclude}} {name}\n" in (BOOK / "ten-terabytes.md").read_text("utf-8")
    return (BOOK / name).read_text("utf-8")


def events(group: str) -> list[tuple[str, str]]:
    """Times and messages of a group, as CloudWatch has them: with a line break at the end."""
    made = []
    for k in range(40):
        record = line(
            f"{100 + 7 * k}.25", request_id=f"{k:08x}-{len(group):04x}-49f6-8844-968c01d1e2e1"
        )
        more = {5: f"\t\n{TRACED}", 6: "\t Status: timeout\n"}.get(k, "\t\n")
        messages = ["START RequestId: 1\n", 'said "twice", and more\n', f"{record}{more}"]
        made += [(f"2026-11-{1 + k // 4:02d}T10:00:{k:02d}.000Z", text) for text in messages]
    return made


def payloads(group: str) -> Iterator[dict[str, Any]]:
    """What a subscription sends: a test of the connection, then events by the dozen."""
    same = {
        "owner": "111122223333",
        "logGroup": f"/aws/lambda/{group}",
        "logStream": "2026/11/01/[$LATEST]a",
    }
    same["subscriptionFilters"] = ["all"]
    control = {"id": "", "timestamp": 1, "message": "CWL CONTROL MESSAGE: Checking health"}
    yield {"messageType": "CONTROL_MESSAGE", **same, "logEvents": [control]}
    said = events(group)
    for begin in range(0, len(said), 12):
        yield {"messageType": "DATA_MESSAGE", **same, "logEvents": [
            {"id": f"{begin}-{k}", "timestamp": _ms(time), "message": text}
            for k, (time, text) in enumerate(said[begin : begin + 12])
        ]}  # fmt: skip


def _ms(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp() * 1000)


def packed(path: Path, text: str) -> None:
    """Write a file with gzip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()))


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the layouts are written."""
    monkeypatch.chdir(tmp_path)
    for group in GROUPS:
        plain = "".join(f"{time} {text}" for time, text in events(group))
        Path(f"{group}.log").write_text(plain)
        path = Path(
            "exported", f"log_group={group}", "day=2026-11-01", "0a0a", "stream", "000000.gz"
        )
        packed(path, plain)
        documents = [json.dumps(one, separators=(",", ":")) for one in payloads(group)]
        packed(Path("delivered", "day=2026-11-01", f"{group}.gz"), "\n".join([*documents, ""]))
        packed(Path("payloads", "day=2026-11-01", f"{group}.gz"), "".join(documents[1:]))
    return tmp_path


def money(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What the report says of each function."""
    assert run(["audit", *words, "--json"]) == 0
    return {one["name"]: one for one in json.loads(capsys.readouterr().out)["functions"]}


def expected(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The report of the logs themselves."""
    found: dict[str, Any] = {}
    for group in GROUPS:
        found |= money(capsys, f"{group}.log", "--function", group)
    assert [one["invocations"] for one in found.values()] == [40, 40]
    assert [one["timeouts"] for one in found.values()] == [1, 1]
    return found


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("layout", ["export", "Firehose", "Firehose as Parquet", "subscription"])
def test_duckdb_s_view_gives_the_report_of_the_log(
    layout: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """To the cent, and to the last digit but for percentiles."""
    statements = view("DuckDB", layout.removesuffix(" as Parquet"))
    with duckdb.connect() as db:
        if layout == "Firehose as Parquet":
            made = re.search(r"SELECT \* FROM (read_json\(.*?\));", statements)
            assert made
            db.execute(f"COPY (FROM {made.group(1)}) TO 'delivered/a.parquet' (FORMAT parquet)")
            statements = statements.replace(made.group(1), "read_parquet('delivered/**/*.parquet')")
        db.execute(statements)
        for name, query in (("rows", analysis()), ("left", left_over())):
            db.execute(f"COPY ({query}) TO '{name}.csv' (HEADER, FORCE_QUOTE *)")
    found = money(capsys, "--from-rows", "rows.csv", "left.csv")
    agree_but_for_percentiles(found, expected(capsys))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("bucket")
def test_spark_s_views_give_the_report_of_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In its local mode; it writes folders of parts."""
    with local_spark(monkeypatch) as session:
        for layout in ("export", "Firehose"):
            for statement in view("Spark", layout).split(";"):
                if statement.strip():
                    session.sql(statement)
            for name, query in (("rows", analysis()), ("left", left_over())):
                made = session.sql(query).write.option("header", "true").mode("overwrite")
                made.csv(f"{layout}-{name}")
    for layout in ("export", "Firehose"):
        found = money(capsys, "--from-rows", f"{layout}-rows", f"{layout}-left")
        agree_but_for_percentiles(found, expected(capsys))
