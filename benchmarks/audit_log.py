"""Synthetic logs for the benchmark and for the test of memory: as exports to S3 are.

One is of plain lines. The other is a mix, as accounts have it: of a hundred invocations 31 are in
Lambda's JSON format, 30 of the others write a line of the meter, and some are cold, traced, or
stopped by their timeout.
"""

from __future__ import annotations

import gzip
import json
import math
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

_BLOCK = 10_000
_FIRST = datetime(2026, 10, 1, tzinfo=UTC)
_DAYS = 31
_SIZES_MB = (128, 512, 1024, 1769)
#: Of the mix, in Lambda's JSON format, and with a line of the meter.
_JSON, _METERED = 0.31, 0.207


Invocation = Callable[[random.Random, datetime], str]


def write_log(path: Path, invocations: int, *, seed: int = 0) -> None:
    """Write a log of that many invocations over a month, about 470 bytes each."""
    with path.open("w", encoding="ascii", newline="\n") as out:
        for block in blocks(invocations, seed=seed):
            out.write(block)


def write_mixed(path: Path, invocations: int, *, seed: int = 0) -> None:
    """Write a mixed log of that many invocations over a month, about 540 bytes each."""
    with path.open("w", encoding="ascii", newline="\n") as out:
        for block in blocks(invocations, _mixed, seed=seed):
            out.write(block)


def write_packed(folder: Path, files: int, invocations: int) -> None:
    """Write the export of a log group: a folder for each stream, and its lines packed with gz."""
    task = folder / "rag" / "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
    for k in range(files):
        first = _FIRST + timedelta(days=_DAYS) / files * k
        lines = "".join(blocks(invocations, _mixed, seed=k, first=first, days=0.1))
        stream = task / f"{first:%Y-%m-%d}-[$LATEST]{k:032x}"
        stream.mkdir(parents=True)
        (stream / "000000.gz").write_bytes(gzip.compress(lines.encode(), 6))


def blocks(
    invocations: int,
    invocation: Invocation | None = None,
    *,
    seed: int = 0,
    first: datetime = _FIRST,
    days: float = _DAYS,
) -> Iterator[str]:
    """Yield a log in blocks of many lines; of plain ones, unless told otherwise."""
    invocation = invocation or _invocation
    # Figures for a benchmark, not secrets.
    draw = random.Random(seed)  # noqa: S311
    step = timedelta(days=days) / max(invocations, 1)
    for start in range(0, invocations, _BLOCK):
        count = min(_BLOCK, invocations - start)
        yield "".join(invocation(draw, first + step * (start + k)) for k in range(count))


def _mixed(draw: random.Random, when: datetime) -> str:
    """Return the lines of one invocation of the mix."""
    chance = draw.random()
    if chance < _JSON:
        return _events(draw, when)
    text = _invocation(draw, when)
    if chance < _JSON + _METERED:
        start, said, rest = text.split("\n", 2)
        stamp, request_id = said.split()[:2]
        wall_ms = draw.lognormvariate(7.4, 0.6)
        values = {"metered": 1, "request_id": request_id, "cpu_ms": round(wall_ms * 0.03, 3),
                  "wall_ms": round(wall_ms, 3), "cold": False, "function": "rag",
                  "version": "$LATEST", "memory_mb": 1769}  # fmt: skip
        text = "\n".join([start, said, f"{stamp} {json.dumps(values)}", rest])
    return text


def _events(draw: random.Random, when: datetime) -> str:
    """Return the lines of one invocation in Lambda's JSON format."""
    stamp = when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    number = draw.getrandbits(128)
    digits = f"{number:032x}"
    request_id = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    duration_ms = int(draw.lognormvariate(12.0, 0.6)) / 100
    init_ms = draw.randint(20_000, 90_000) / 100 if number % 50 == 0 else 0
    metrics: dict[str, float] = {
        "durationMs": duration_ms, "billedDurationMs": math.ceil(duration_ms + init_ms),
        "memorySizeMB": _SIZES_MB[number % 4], "maxMemoryUsedMB": 60 + number % 60,
    }  # fmt: skip
    if init_ms:
        metrics["initDurationMs"] = init_ms
    failed = number % 1000 == 1
    report = {"requestId": request_id, "metrics": metrics, "status": "success"}
    if failed:
        report |= {"status": "error", "errorType": "Runtime.ExitError"}
    said = {"timestamp": stamp, "level": "INFO", "message": f"answered tokens={number % 700}",
            "logger": "root", "requestId": request_id}  # fmt: skip
    events = [("platform.start", {"requestId": request_id, "version": "$LATEST"}),
              ("platform.report", report)]  # fmt: skip
    first, last = (
        json.dumps({"time": stamp, "type": kind, "record": record}, separators=(",", ":"))
        for kind, record in events
    )
    return "".join(f"{stamp} {one}\n" for one in (first, json.dumps(said), last))


def _invocation(draw: random.Random, when: datetime) -> str:
    """Return the four lines of one invocation, some cold, some timed out, some traced."""
    stamp = when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    number = draw.getrandbits(128)
    digits = f"{number:032x}"
    request_id = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    hundredths = int(draw.lognormvariate(12.0, 0.6))  # about 1.6 s in hundredths of a millisecond
    memory_mb = _SIZES_MB[number % 4]
    init = int(draw.uniform(20_000, 90_000)) if number % 50 == 0 else 0
    timed_out = number % 1000 == 1
    hundredths = 300_000 if timed_out else hundredths
    billed_ms = -(-(hundredths + init) // 100)
    said = f"{stamp} {request_id} INFO answered tokens={number % 700} chunks={number % 80}"
    report = (
        f"{stamp} REPORT RequestId: {request_id}\tDuration: {hundredths / 100:.2f} ms\t"
        f"Billed Duration: {billed_ms} ms\tMemory Size: {memory_mb} MB\t"
        f"Max Memory Used: {60 + number % 60} MB\t"
    )
    report += f"Init Duration: {init / 100:.2f} ms\t" if init else ""
    report += "Status: timeout" if timed_out else ""
    traced = (
        f"\nXRAY TraceId: 1-{digits[:8]}-{digits[:24]}\tSegmentId: {digits[:16]}\tSampled: true\t"
    )
    return (
        f"{stamp} START RequestId: {request_id} Version: $LATEST\n{said}\n"
        f"{stamp} END RequestId: {request_id}\n{report}{traced if number % 20 == 0 else ''}\n"
    )
