"""The same SQL text on DuckDB, on Spark, and through the Athena API of the local cloud."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from audit_logs import by_lines, event, in_steps, line, meter
from local_spark import local_spark

from serverless_tax.audit.read.sql import COLUMNS, analysis, left_over
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.cli.app import run
from serverless_tax.cloud import LocalCloud

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "data" / "report-lines.log"
TEXTS = {"kind", "source", "function_name", "first_time", "last_time"}

sys.path.append(str(ROOT / "benchmarks"))
from audit_log import blocks  # noqa: E402 - the benchmark's log, of which this is a small one


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real lines, made ones, events, measurements, and some that no SQL reads."""
    path = tmp_path_factory.mktemp("log") / "a.log"
    odd = [event(), event(initDurationMs=10, billedDurationMs=111), meter(41.25, 4855.2)]
    odd += [line().replace("90 MB", "-90 MB"), f'"time":"2026-11-02T10:00:00Z"{line()}']
    odd += [line()[:60], line() + line(), line(request_id="1a"), event()[:-9]]
    made = "".join(blocks(2000))
    path.write_text(SAMPLE.read_text() + made + "\n".join(odd))
    return path


def agree(rows: Iterator[Any], left: Iterator[Any], log: Path) -> None:
    """Hold rows of the analysis, and the lines it left, against the plain reader."""
    sums = Tally()
    sums.add_rows(rows)
    for source, text in left:
        sums.add_line(source, text)
    sums.unread_shown.sort()
    oracle = by_lines(log)
    oracle.unread_shown.sort()
    assert in_steps(sums) == in_steps(oracle)


def test_the_text_keeps_to_what_all_engines_read() -> None:
    """No backslash, every pattern with its group, no alias that is a column's name."""
    for text in (analysis(), left_over()):
        assert "\\" not in text
        with_group, without = text.count(", 1), '')"), text.count(", 0), '')")
        assert text.count("REGEXP_EXTRACT(") == with_group + without
        assert "(?" not in text
    assert len(set(COLUMNS)) == len(COLUMNS)


def test_the_command_prints_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    """For a table of yours, on an engine of yours."""
    assert run(["audit", "--sql"]) == 0
    assert capsys.readouterr().out.strip() == analysis()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_spark_agrees_with_the_plain_reader(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its local mode, where Java and pyspark are."""
    with local_spark(monkeypatch) as session:
        frame = session.read.text(str(log)).selectExpr(f"'{log}' AS source", "value AS line")
        frame.createOrReplaceTempView("lines")
        rows = session.sql(analysis()).collect()
        left = session.sql(left_over()).collect()
    agree(iter(rows), iter(left), log)


def answer(client: Any, query: str) -> Iterator[list[Any]]:
    """Run a query through the API of Athena; yield its rows."""
    started = client.start_query_execution(
        QueryString=query,
        QueryExecutionContext={"Database": "audit"},
        ResultConfiguration={"OutputLocation": "s3://audit-logs/answers/"},
    )["QueryExecutionId"]
    limit = time.monotonic() + 60
    while True:
        done = client.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
        if done["State"] in ("SUCCEEDED", "FAILED"):
            break
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert done["State"] == "SUCCEEDED", done
    first = True
    for page in client.get_paginator("get_query_results").paginate(QueryExecutionId=started):
        rows = page["ResultSet"]["Rows"][1 if first else 0 :]
        first = False
        yield from ([cell.get("VarCharValue") for cell in row["Data"]] for row in rows)


def typed(row: list[Any]) -> list[Any]:
    """Turn the texts that Athena answers into what the columns hold."""
    values = []
    for name, value in zip(COLUMNS, row, strict=True):
        values.append((value or "") if name in TEXTS else value)
    return values


def test_athena_s_api_takes_the_text(log: Path) -> None:
    """A table in Glue over files in S3; the engine behind it is DuckDB, not Trino."""
    table = {
        "Name": "lines",
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": {
            "Columns": [{"Name": "source", "Type": "string"}, {"Name": "line", "Type": "string"}],
            "Location": "s3://audit-logs/lines/",
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
            },
        },
    }
    data = "".join(f"{log}\x01{text}\n" for text in log.read_text().splitlines() if text)
    with LocalCloud() as cloud:
        s3, glue, athena = (
            boto3.client(name, **cloud.boto3_kwargs) for name in ("s3", "glue", "athena")
        )
        s3.create_bucket(Bucket="audit-logs")
        s3.put_object(Bucket="audit-logs", Key="lines/a.log", Body=data.encode())
        glue.create_database(DatabaseInput={"Name": "audit"})
        glue.create_table(DatabaseName="audit", TableInput=table)
        rows = [typed(row) for row in answer(athena, analysis())]
        left = list(answer(athena, left_over()))
    agree(iter(rows), iter(left), log)
