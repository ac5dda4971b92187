"""The way back: rows that an engine returned give the same report as the log, to the cent."""

from __future__ import annotations

import base64
import csv
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from audit_logs import agree_but_for_percentiles, event, line, meter
from sampled import one_in

from serverless_tax.audit.read.sql import analysis, left_over
from serverless_tax.cli.app import run

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "benchmarks"))
from audit_log import blocks  # noqa: E402 - the benchmark's log, of which this is a small one

GROUP = "/aws/lambda/rag"


def audited(capsys: pytest.CaptureFixture[str], *words: Any) -> Any:
    """The JSON of an audit that has to succeed."""
    assert run(["audit", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def carried(request_id: str) -> str:
    """A record as Kinesis hands it on: packed, in base64, in JSON."""
    data = {"logEvents": [{"timestamp": 1793000000000, "message": line(request_id=request_id)}]}
    packed = base64.b64encode(gzip.compress(json.dumps(data).encode())).decode()
    return json.dumps({"kinesis": {"data": packed}})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log, and a database that has its lines under the name of their group."""
    made = tmp_path_factory.mktemp("rows")
    odd = [event(), event(initDurationMs=10, billedDurationMs=111), meter(41.25, 4855.2)]
    odd += ['"time":"2026-11-02T10:00:00Z"' + line(request_id="0" * 36), line()[:60]]
    odd += [carried("1" * 36)]
    log = made / "rag.log"
    log.write_text("".join(blocks(1500)) + "\n".join(odd) + "\n")
    with duckdb.connect(str(made / "lines.db")) as db:
        db.execute("CREATE TABLE lines (source VARCHAR, line VARCHAR)")
        texts = [text for text in log.read_text().splitlines() if text]
        db.execute("INSERT INTO lines SELECT ?, unnest(?)", [GROUP, texts])
    return made


@pytest.fixture
def engine(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The database."""
    with duckdb.connect(str(folder / "lines.db"), read_only=True) as db:
        yield db


#: How engines write rows: Athena quotes all but NULL, some write NULL as quoted nothing.
WRITTEN = {
    "Athena's CSV": ("csv", "FORMAT csv, HEADER, FORCE_QUOTE *"),
    "CSV": ("csv", "FORMAT csv, HEADER"),
    "packed CSV": ("csv.gz", "FORMAT csv, HEADER, COMPRESSION gzip"),
    "JSON a line": ("ndjson", "FORMAT json"),
    "Parquet": ("parquet", "FORMAT parquet"),
}


@pytest.mark.parametrize("how", one_in(4, WRITTEN))
def test_rows_give_the_same_report_as_the_log(
    how: str, folder: Path, engine: duckdb.DuckDBPyConnection, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """To the last digit, but p50 and p99; what the SQL leaves to other rules comes beside."""
    ending, options = WRITTEN[how]
    rows, left = (tmp_path / f"{name}.{ending}" for name in ("rows", "left"))
    engine.execute(f"COPY ({analysis()}) TO '{rows}' ({options})")
    engine.execute(f"COPY ({left_over()}) TO '{left}' ({options})")
    expected = audited(capsys, folder / "rag.log", "--function", "rag")
    found = audited(capsys, "--from-rows", rows, left)
    assert expected["totals"]["invocations"] == 1504
    agree_but_for_percentiles(found["functions"], expected["functions"])
    assert any("p99 are right to half a percent" in note for note in found["totals"]["notes"])
    assert found["unread"]["records"] == expected["unread"]["records"] == 1
    for totals in (found["totals"], expected["totals"]):
        del totals["notes"]
    assert found["totals"] == expected["totals"]


def test_lines_that_nobody_brings_are_unread(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are counted, and it is said which query has them."""
    rows = tmp_path / "rows.csv"
    engine.execute(f"COPY ({analysis()}) TO '{rows}' (HEADER)")
    found = audited(capsys, "--from-rows", rows)
    assert found["unread"]["records"] == 3
    notes = " ".join(found["totals"]["notes"])
    assert "3 of the unread are lines that the SQL leaves to other rules" in notes
    assert "twice counts twice" in notes
    assert "gets none from what was measured of its request" in notes


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold to this limit")
def test_rows_are_read_where_addresses_are_few(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In 270 MB of them, where threads of DuckDB's own would end the process, or wait for ever."""
    rows = tmp_path / "rows.csv"
    engine.execute(f"COPY ({analysis()}) TO '{rows}' (HEADER)")
    command = [str(Path(sys.executable).with_name("serverless-tax")), "audit", "--json"]
    done = subprocess.run(
        ["sh", "-c", 'ulimit -v 270000; exec "$@"', "sh", *command, "--from-rows", str(rows)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}, timeout=120, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == audited(capsys, "--from-rows", rows)


def test_parts_of_a_folder_are_added_up(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As Spark writes them, with what it writes beside; numbers may have a point."""
    rows = tmp_path / "rows.csv"
    engine.execute(f"COPY ({analysis()}) TO '{rows}' (HEADER)")
    whole = audited(capsys, "--from-rows", rows)
    head, *body = list(csv.reader(rows.read_text().splitlines()))
    parts = tmp_path / "parts"
    parts.mkdir()
    for k in range(3):
        with (parts / f"part-0000{k}.csv").open("w", newline="") as out:
            texts = [[f"{v}.0" if v.isdigit() else v for v in row] for row in body[k::3]]
            csv.writer(out).writerows([[name.upper() for name in head], *texts])
    (parts / "_SUCCESS").touch()
    (parts / ".part-00000.csv.crc").write_bytes(b"crc")
    assert audited(capsys, "--from-rows", parts)["functions"] == whole["functions"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n1,2\n", "has no column kind"),
        ("report,/aws/lambda/rag,,128,0,5,\n", "has no column kind"),
        ("{}\n", "has no column"),
        ("PAR1 cut off", "cannot be read"),
        ("", "no column"),
    ],
)
def test_what_is_no_file_of_rows_is_refused(
    text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence, with nothing on standard output."""
    path = tmp_path / "rows.csv"
    path.write_text(text)
    assert run(["audit", "--from-rows", str(path)]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert not said.out


def test_a_missing_file_is_named_as_what_it_should_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of rows, of spans, or a log."""
    log = tmp_path / "a.log"
    log.write_text(line())
    for words, what in (
        (["--from-rows", "none"], "a file of rows."),
        ([str(log), "--spans", "none"], "a file of spans."),
        (["none"], "a log file, "),
    ):
        assert run(["audit", *words]) == 2
        assert f"There is no file none; name {what}" in capsys.readouterr().err


def test_a_figure_that_is_none_is_refused(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The column and the value are named."""
    rows = tmp_path / "rows.csv"
    engine.execute(f"COPY ({analysis()}) TO '{rows}' (HEADER)")
    head, *body = list(csv.reader(rows.read_text().splitlines()))
    body[0][head.index("invocations")] = "1.5"
    with rows.open("w", newline="") as out:
        csv.writer(out).writerows([head, *body])
    assert run(["audit", "--from-rows", str(rows)]) == 2
    assert "has invocations '1.5'; expected a whole number" in capsys.readouterr().err


def test_rows_stand_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A log beside them is refused, for it may hold the same invocations."""
    log = tmp_path / "a.log"
    log.write_text(line())
    assert run(["audit", str(log), "--from-rows", str(tmp_path)]) == 2
    assert "stands alone" in capsys.readouterr().err
