"""Audit two million invocations, count them with grep, and add them up in Python and in Polars.

They take turns in one run, so that a busy machine slows them alike: only the ratios travel. Polars
is in no list of the project's packages; without it, its turn is left out. A log of a thousand
lines is timed too, from the start of Python to the answer. Then a log is read that is not all plain
lines, a gigabyte of it, against ``grep -cE``; and exports of many files packed with gz, against
``zcat | grep``, and of very many small ones, against ``zcat``.

``python benchmarks/audit.py 0.1 --mix`` reads a tenth of each, and leaves the plain log out. The
targets are of the full size: a small log is over before Python has started.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from audit_log import write_log, write_mixed, write_packed

INVOCATIONS, FEW = 2_000_000, 1000
ROUNDS = 3
#: What the logs take on the disk at full size, the plain one and the others.
PLAIN_BYTES, MIX_BYTES = 1_000_000_000, 1_300_000_000
TARGET_OF_GREP, TARGET_OF_PYTHON, TARGET_FEW_S = 8, 0.5, 1.0
#: Files packed with gz: how many, invocations in each, and how many times its like is allowed.
PACKED, SMALL = (1500, 300, 10), (10_000, 5, 8)
_RECORD = "REPORT RequestId|platform.report"
SCRIPT = Path(sys.executable).with_name("serverless-tax")
FIELDS = [
    re.compile(pattern)
    for pattern in (
        r"RequestId: \S+\tDuration: ([0-9.]+) ms",
        r"Billed Duration: ([0-9]+) ms",
        r"Memory Size: ([0-9]+) MB",
        r"Max Memory Used: ([0-9]+) MB",
        r"Init Duration: ([0-9.]+) ms",
        r"Status: ([a-z]+)",
    )
]


def grep(path: Path) -> int:
    """Count the lines that say REPORT with grep, which finds a longer word sooner."""
    command = ["grep", "-c", "REPORT", str(path)]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)


def grep_mixed(path: Path) -> int:
    """Count the lines that say a record in either format."""
    command = ["grep", "-cE", _RECORD, str(path)]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)


def zcat_grep(folder: Path) -> int:
    """Unpack files and count as `grep_mixed` does."""
    with subprocess.Popen(["zcat", *_files(folder)], stdout=subprocess.PIPE) as unpack:
        command = ["grep", "-cE", _RECORD]
        done = subprocess.run(command, stdin=unpack.stdout, capture_output=True, check=True)
    return int(done.stdout)


def zcat(folder: Path) -> int:
    """Unpack files and drop what is in them; return what `zcat_grep` would."""
    files = _files(folder)
    subprocess.run(["zcat", *files], stdout=subprocess.DEVNULL, check=True)
    return len(files) * SMALL[1]


def _files(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*.gz"))


def python_loop(path: Path) -> int:
    """Count invocations, and their MB·ms by memory, as one would type it."""
    sums: dict[int, list[float]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if "REPORT RequestId" not in line:
                continue
            found = [pattern.search(line) for pattern in FIELDS]
            if all(found[:4]):
                length, billed, memory, used, init, status = (m and m.group(1) for m in found)
                total = sums.setdefault(int(memory or 0), [0, 0, 0, 0, 0, 0])
                total[0] += 1
                total[1] += int(billed or 0)
                total[2] += float(length or 0)
                total[3] = max(total[3], int(used or 0))
                total[4] += float(init or 0)
                total[5] += status == "timeout"
    return int(sum(total[0] for total in sums.values()))


def polars_query(path: Path) -> int:
    """Do as `python_loop` does, in a query of Polars, which spreads it over the cores."""
    import polars as pl  # type: ignore[import-not-found] # noqa: PLC0415 - may not be there

    names = ("length", "billed", "memory", "used", "init", "status")
    line = pl.col("line")
    fields = [
        line.str.extract(pattern.pattern).alias(name)
        for name, pattern in zip(names, FIELDS, strict=True)
    ]
    whole = ["billed", "memory", "used"]
    sums = (
        pl.scan_lines(str(path), name="line")
        .filter(line.str.contains("REPORT RequestId", literal=True))
        .select(fields)
        .drop_nulls(["length", *whole])
        .with_columns(pl.col(whole).cast(pl.Int64), pl.col("length", "init").cast(pl.Float64))
        .group_by("memory")
        .agg(
            pl.len().alias("invocations"),
            pl.sum("billed", "length", "init"),
            pl.max("used"),
            (pl.col("status") == "timeout").sum(),
        )
    )
    return int(sums.collect(engine="streaming")["invocations"].sum())


def audit(path: Path) -> int:
    """Run the command from start to end, and return how many invocations it counted."""
    command = [str(SCRIPT), "audit", str(path), "--json"]
    done = subprocess.run(command, capture_output=True, check=True)
    found = json.loads(done.stdout)
    if found["unread"]["records"]:
        raise SystemExit(f"audit: {found['unread']['records']} records were not read")
    return int(found["totals"]["invocations"])


def timed(action: object, path: Path, expected: int) -> float:
    """Return how long an action takes, once it has counted every invocation."""
    began = time.perf_counter()
    counted = action(path)  # type: ignore[operator]
    took_s = time.perf_counter() - began
    if counted != expected:
        raise SystemExit(f"audit: {action.__name__} counted {counted}, not {expected}")  # type: ignore[attr-defined]
    return took_s


def ratio(action: object, path: Path, expected: int) -> float:
    """Return how many times longer the audit takes, each right behind the other."""
    audit(path)  # so that both find the files in memory
    pairs = [(timed(audit, path, expected), timed(action, path, expected)) for _ in range(ROUNDS)]
    return statistics.median(one / other for one, other in pairs)


def main() -> None:
    """Print medians and their ratios."""
    asked = argparse.ArgumentParser(description="Time the audit against other tools.")
    asked.add_argument("size", nargs="?", type=float, default=1.0, help="1 for the full size")
    asked.add_argument("--mix", action="store_true", help="leave the plain log out")
    said = asked.parse_args()
    if not 0.001 <= said.size <= 10:  # noqa: PLR2004 - as the sentence says
        asked.error(f"size is {said.size:g}; expected a part of the full size, 0.001 to 10")
    with tempfile.TemporaryDirectory() as folder:
        needed = (MIX_BYTES + PLAIN_BYTES * (not said.mix)) * said.size
        if shutil.disk_usage(folder).free < needed:
            raise SystemExit(f"audit: {folder} needs room for {needed / 1e9:.1f} GB; set TMPDIR")
        if not said.mix:
            _time_plain(Path(folder), round(INVOCATIONS * said.size))
        _time_mix(Path(folder), said.size)


def _time_plain(folder: Path, invocations: int) -> None:
    path, few = folder / "plain.log", folder / "few.log"
    write_log(path, invocations)
    write_log(few, FEW)
    ways = [grep, python_loop, *([polars_query] if find_spec("polars") else []), audit]
    rounds = [[timed(way, path, invocations) for way in ways] for _ in range(ROUNDS)]
    few_s = min(timed(audit, few, FEW) for _ in range(ROUNDS))
    path.unlink()
    medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
    grep_s, loop_s, *polars_s, audit_s = medians
    print(
        f"audit of {invocations:,} invocations: {audit_s:.1f} s, {audit_s / grep_s:.1f} times"
        f" grep -c (target <= {TARGET_OF_GREP}), {audit_s / loop_s:.2f} of a Python loop"
        f" (target <= {TARGET_OF_PYTHON}); load {_load()}"
    )
    if polars_s:
        print(
            f"  {audit_s / polars_s[0]:.1f} times a query of Polars, without percentiles and days"
        )
    else:
        print("  Polars is not installed: pip install polars, to compare with it")
    print(f"audit of {FEW:,} invocations: {few_s:.2f} s (target <= {TARGET_FEW_S:g})")


def _time_mix(folder: Path, size: float) -> None:
    """Time each right behind what it is held against; a log is gone before the next is written."""
    log, packed, small = (folder / name for name in ("mixed.log", "packed", "small"))
    invocations = round(INVOCATIONS * size)
    write_mixed(log, invocations)
    times, megabytes = ratio(grep_mixed, log, invocations), log.stat().st_size / 1e6
    log.unlink()
    print(
        f"audit of a mix, 31 % JSON, {megabytes:,.0f} MB: {times:.1f} times grep -cE"
        f" (target <= {TARGET_OF_GREP}); load {_load()}"
    )
    for path, (files, each, target), other in ((packed, PACKED, zcat_grep), (small, SMALL, zcat)):
        count = round(files * size)
        write_packed(path, count, each)
        times = ratio(other, path, count * each)
        shutil.rmtree(path)
        print(
            f"audit of {count:,} gz files: {times:.1f} times {other.__name__.replace('_', ' | ')}"
            f" (target <= {target}); load {_load()}"
        )


def _load() -> str:
    """Return how many processes wanted a processor in the last minute, on average."""
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
