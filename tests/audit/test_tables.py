"""Tables whose heads stand apart by an odd sign, or are paths into an event."""

from __future__ import annotations

from pathlib import Path

import pytest
from audit_logs import by_audit, invocations

from serverless_tax.audit.sums.functions import functions
from serverless_tax.cli.app import run

HEADS = ("@requestId", "@duration", "@billedDuration", "@memorySize", "@maxMemoryUsed")
ROWS = (
    ("8f507cfc-3ca5-4d9c-8a57-0c2a5f5d1a11", "812.34", "813", "1024", "90"),
    ("9f507cfc-3ca5-4d9c-8a57-0c2a5f5d1a11", "12.34", "13", "1024", "90"),
)
FIGURES = ("durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB")
MB_MS = (813 + 13) * 1024


def read(path: Path, rows: list[str]) -> tuple[int, int, int]:
    """How many invocations a table holds, with what they are billed, and how many are unread."""
    path.write_text("\n".join([*rows, ""]), "utf-8")
    found = by_audit(path)
    mb_ms = sum(log.mb_ms for log in functions(found, []))
    return invocations(found), mb_ms, found.unread


@pytest.mark.parametrize(
    "sign", [":", "::", "^", "~", "#", "!", "/", "||", "¦", " ", "\x01", "\x1f"]
)
def test_any_sign_parts_cells(sign: str, tmp_path: Path) -> None:
    """As long as no cell has it."""
    assert read(tmp_path / "a.log", [sign.join(row) for row in (HEADS, *ROWS)]) == (2, MB_MS, 0)


@pytest.mark.parametrize(
    "record", ["REPORT RequestId: 1a", "END Duration: 9 ms", f"{ROWS[0][0]},platform.report"]
)
def test_a_record_is_no_head(record: str, tmp_path: Path) -> None:
    """Cut off behind the name of a figure, it looks like one, and is unread."""
    assert read(tmp_path / "a.log", ["$ fetch the log", f"{record},Duration"]) == (0, 0, 1)


def test_a_row_whose_cells_have_the_sign_too_is_unread(tmp_path: Path) -> None:
    """A time has colons: nobody knows which cell is which."""
    rows = [["@timestamp", *HEADS], *(["2026-10-01 08:00:00.000", *row] for row in ROWS)]
    assert read(tmp_path / "a.log", [":".join(row) for row in rows]) == (0, 0, 2)


@pytest.mark.parametrize("path", ["{}|{}", "{}[{}]", "{}${}", "{}.{}", "{}/{}", "{}__{}"])
def test_paths_into_an_event_are_heads(path: str, tmp_path: Path) -> None:
    """However the names of a path are joined, those of the request too."""
    inner = path.format("record", "metrics")
    heads = ["time", "type", path.format("record", "requestId")]
    heads += [path.format(inner, name) for name in FIGURES]
    rows = [["2026-10-01T08:00:00.000Z", "platform.report", *row] for row in (*ROWS, ROWS[0])]
    told = read(tmp_path / "a.csv", [",".join(row) for row in (heads, *rows)])
    assert told == (2, MB_MS, 0), "a row that stands there twice counts once, by its request"


def test_the_names_of_this_package_are_heads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With their units: without, what is billed may be anything, and the columns are named."""
    ours = "request_id,duration_ms,billed_ms,memory_mb,max_memory_used_mb"
    rows = [",".join(row) for row in ROWS]
    assert read(tmp_path / "a.csv", [ours, *rows]) == (2, MB_MS, 0)
    others = ours.replace("billed_ms", "billed").replace("memory_mb", "memory")
    assert read(tmp_path / "b.csv", [others, *rows]) == (0, 0, 0)
    assert run(["audit", str(tmp_path / "b.csv")]) == 1
    said = capsys.readouterr().err
    assert others.replace(",", ", ") in said
    assert "billedDurationMs" in said
