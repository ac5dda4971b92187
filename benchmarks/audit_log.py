"""A synthetic log for the benchmark and for the test of memory: as an export to S3 writes it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

_BLOCK = 10_000
_FIRST = datetime(2026, 10, 1, tzinfo=UTC)
_DAYS = 31
_SIZES_MB = (128, 512, 1024, 1769)
_HEX = "0123456789abcdef"


def write_log(path: Path, invocations: int, *, seed: int = 0) -> None:
    """Write a log of that many invocations over a month, about 470 bytes each."""
    with path.open("w", encoding="ascii", newline="\n") as out:
        for block in blocks(invocations, seed=seed):
            out.write(block)


def blocks(invocations: int, *, seed: int = 0) -> Iterator[str]:
    """Yield the log in blocks of many lines."""
    # Figures for a benchmark, not secrets.
    draw = random.Random(seed)  # noqa: S311
    step = timedelta(days=_DAYS) / max(invocations, 1)
    for start in range(0, invocations, _BLOCK):
        count = min(_BLOCK, invocations - start)
        yield "".join(_invocation(draw, _FIRST + step * (start + k)) for k in range(count))


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
