"""Logs for the tests of the audit: lines as AWS writes them, and both ways of adding them up."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import plain_reader
from sampled import takes_its_turn

from serverless_tax.audit import run as adding
from serverless_tax.audit.read.columns import read as read_columns
from serverless_tax.audit.read.duck import database, quoted
from serverless_tax.audit.read.grammar import records
from serverless_tax.audit.read.sources import find_sources
from serverless_tax.audit.read.sql import analysis, left_over
from serverless_tax.audit.sums.joined import Join
from serverless_tax.audit.sums.once import Once
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.ground.report import Report, billed_ms, format_report

ID = "c3252230-c73d-49f6-8844-968c01d1e2e1"


def line(duration: str = "100.00", **figures: Any) -> str:
    """A REPORT line of 1,024 MB, with anything changed that is given."""
    return format_report(report(duration, **figures))


def report(duration: str = "100.00", **figures: Any) -> Report:
    """What that line says."""
    length = Decimal(duration)
    init = figures.get("init_ms")
    values = {
        "request_id": ID,
        "duration_ms": length,
        "billed_ms": billed_ms(length, init),
        "memory_mb": 1024,
        "max_memory_used_mb": 90,
    }
    return Report(**(values | figures))


def event(**metrics: Any) -> str:
    """A JSON event of the platform, with metrics changed."""
    figures = {"durationMs": 100.5, "billedDurationMs": 101, "memorySizeMB": 1024}
    figures |= {"maxMemoryUsedMB": 90} | metrics
    record = {"requestId": ID, "status": "success", "metrics": figures}
    said = {"time": "2026-11-01T10:00:00.000Z", "type": "platform.report", "record": record}
    return json.dumps(said, separators=(",", ":"))


def meter(cpu_ms: float, wall_ms: float, function: str = "rag", memory_mb: int = 1024) -> str:
    """A line of the meter."""
    return (
        f'{{"metered": 1, "request_id": "{ID}", "cpu_ms": {cpu_ms}, "wall_ms": {wall_ms},'
        f' "cold": false, "function": "{function}", "version": "7", "memory_mb": {memory_mb}}}'
    )


def numbered(lines: Iterable[str]) -> str:
    """Lines as a log, in which each record has a request of its own, and each measurement its."""
    records, measurements = count(), count()

    def own(line: str) -> str:
        number = next(measurements if '"metered"' in line else records)
        return line.replace(ID, f"{number:08x}{ID[8:]}")

    return "\n".join(map(own, lines))


def by_audit(*paths: Path) -> Tally:
    """Add up files as the command does: in columns, and the rest by the analysis in SQL."""
    return adding.tally(find_sources(map(str, paths)))


def by_sql(*paths: Path) -> Tally:
    """Add up every line of files by the analysis in SQL, run by DuckDB."""
    sums = Tally()
    for source in find_sources([str(path) for path in paths]):
        with tempfile.TemporaryDirectory() as folder, database() as db:
            copy = Path(folder, "lines")
            with copy.open("w", encoding="utf-8", newline="\n") as out:
                out.writelines(f"{line}\n" for line in plain_reader.clean_lines(source))
            db.execute(
                f"CREATE VIEW lines AS SELECT {quoted(source.label)} AS source, line"  # noqa: S608
                f" FROM read_csv({quoted(str(copy))}, columns = {{'line': 'VARCHAR'}},"
                " auto_detect = false, header = false, delim = '\x01', quote = '', escape = '',"
                " nullstr = '\x02', max_line_size = 50000000)"
            )
            sums.add_rows(db.execute(analysis()).fetchall())
            for label, line in db.execute(left_over()).fetchall():
                sums.add_line(label, line)
    return sums


def by_plain_reader(*paths: Path) -> Tally:
    """Add up files with the reader of the standard library, each record once."""
    sums, once = Tally(), Once()
    nothing = read_columns((b"",))
    for source in find_sources([str(path) for path in paths]):
        join = Join([source], once)
        lines = list(plain_reader.clean_lines(source))
        found = [(k, one) for k, text in enumerate(lines) for one in records(text)]
        join.add(nothing, found)
        sums.add(join.tally())
    sums.twice, sums.again, sums.alike = once.twice, once.again, once.alike
    return sums


def by_lines(*paths: Path) -> Tally:
    """Add up every line of files by itself, as an engine does."""
    sums = Tally()
    for source in find_sources([str(path) for path in paths]):
        sums.add(Tally.of(source.label, plain_reader.clean_lines(source)))
    sums.facts = set()
    return sums


def in_steps(sums: Tally) -> Tally:
    """The same with lengths in steps, as an engine returns them."""
    groups = {
        key: replace(group, by_step=group.steps, by_billed_ms={})
        for key, group in sums.groups.items()
    }
    return replace(sums, groups=groups)


def agree_but_for_percentiles(found: Any, expected: Any) -> None:
    """Hold a report from rows against the log's: p50 and p99 to half a percent, the rest as it is.

    Args:
        found: what the JSON has of a function, or of all.
        expected: the same of the log.
    """
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            if name in ("p50_ms", "p99_ms"):
                assert abs(found[name] - value) <= max(0.005 * value, 0.5)
            else:
                agree_but_for_percentiles(found[name], value)
    elif isinstance(expected, list):
        for one, other in zip(found, expected, strict=True):
            agree_but_for_percentiles(one, other)
    else:
        assert found == expected


def both(*paths: Path) -> Tally:
    """Add up files as the command does; SQL alone and the plain reader must agree in everything.

    To plan the analysis takes DuckDB longer than all else, so that a quick run tries SQL with a
    third of the logs.
    """
    sums = by_audit(*paths)
    assert sums == by_plain_reader(*paths)
    if takes_its_turn("".join(f"{path.name} {path.stat().st_size}" for path in paths), 3):
        sql = by_sql(*paths)
        sql.facts = set()
        assert in_steps(sql) == in_steps(by_lines(*paths))
    return sums


def invocations(sums: Tally) -> int:
    """How many invocations were counted."""
    return sum(g.sums.invocations for key, g in sums.groups.items() if key[0] == "report")


def billed_total_ms(sums: Tally) -> int:
    """What was billed, all together."""
    return sum(g.sums.billed_total_ms for g in sums.groups.values())
