"""Sample logs for readers who may not share their own: made here, from no one's data."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

from serverless_tax.ground.html import Markup, link
from serverless_tax.ground.report import Report, billed_ms, format_report

_FIRST = datetime(2026, 11, 2, 8, tzinfo=UTC)
_CALLS = 60
#: Nine days of calls: the audit says nothing of a month from less than a week.
_EVERY = timedelta(hours=3, minutes=36)

#: Returns the lines that a call leaves in a log, from the call, a source of chance and its number.
_Lines = Callable[[Report, random.Random, int], list[str]]


@dataclass(frozen=True, slots=True)
class SampleLog:
    """A log, its file's name, and what there is to find in it."""

    name: str
    finds: str
    text: str

    def download(self) -> Markup:
        """Return a link that saves the log; the page itself holds it."""
        address = f"data:text/plain;charset=utf-8,{quote(self.text, safe=',:/')}"
        return link(address, f"{self.name}.log", download=f"{self.name}.log")


def sample_logs() -> tuple[SampleLog, ...]:
    """Return the logs, the same on every day."""
    return (
        _log("bare", "REPORT lines only: the bill is known, the waiting is not.", _bare),
        _log("metered", "The meter's lines beside them: the waiting is measured.", _metered),
        _log("two-sizes", "The same function at two sizes: a memory experiment.", _two_sizes),
        _log("in-trouble", "Timeouts, crashes and cold starts that were paid for.", _in_trouble),
    )


def _log(name: str, finds: str, lines: _Lines) -> SampleLog:
    draw = random.Random(name)  # noqa: S311 - lengths to look at, not secrets
    text = []
    for k in range(_CALLS):
        stamp = (_FIRST + k * _EVERY).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text += [f"{stamp} {line.rstrip()}" for line in lines(_call(draw, k), draw, k)]
    return SampleLog(name, finds, "\n".join(text) + "\n")


def _call(draw: random.Random, k: int) -> Report:
    """Return one call of a function that waits for a model, at 1,024 MB."""
    length = Decimal(draw.randint(310_000, 620_000)) / 100
    return Report(
        request_id=f"{draw.getrandbits(32):08x}-0000-4000-8000-{k:012x}",
        duration_ms=length,
        billed_ms=billed_ms(length, None),
        memory_mb=1024,
        max_memory_used_mb=draw.randint(94, 118),
    )


def _bare(call: Report, draw: random.Random, k: int) -> list[str]:
    del draw, k
    return [format_report(call)]


def _metered(call: Report, draw: random.Random, k: int) -> list[str]:
    meter = {
        "metered": 1,
        "request_id": call.request_id,
        "cpu_ms": draw.randint(84, 131),
        "wall_ms": float(call.duration_ms),
        "cold": k == 0,
        "function": "chat",
        "version": "1",
        "memory_mb": call.memory_mb,
    }
    return [json.dumps(meter), format_report(call)]


def _two_sizes(call: Report, draw: random.Random, k: int) -> list[str]:
    """Ask one question again and again, half the times at 256 MB: 300 ms longer each.

    Its answers take nearly the same time: two sizes of so few calls tell nothing otherwise.
    """
    length = Decimal(draw.randint(420_000, 440_000)) / 100
    call = replace(call, duration_ms=length, billed_ms=billed_ms(length, None))
    if k < _CALLS // 2:
        return [format_report(call)]
    length += 300
    small = replace(call, memory_mb=256, duration_ms=length, billed_ms=billed_ms(length, None))
    return [format_report(small)]


def _in_trouble(call: Report, draw: random.Random, k: int) -> list[str]:
    return [format_report(report) for report in _troubles(call, draw, k)]


def _troubles(call: Report, draw: random.Random, k: int) -> Iterator[Report]:
    if k % 12 == 5:  # noqa: PLR2004 - some time out
        late = Decimal("30000.00")
        yield replace(call, duration_ms=late, billed_ms=billed_ms(late, None), status="timeout")
    elif k % 20 == 9:  # noqa: PLR2004 - and some run out of memory
        length = Decimal("912.40")
        yield replace(
            call,
            duration_ms=length,
            billed_ms=billed_ms(length, None),
            max_memory_used_mb=call.memory_mb,
            status="error",
            error_type="Runtime.OutOfMemory",
        )
    elif k % 6 == 0:
        init = Decimal(draw.randint(70_000, 140_000)) / 100
        yield replace(call, init_ms=init, billed_ms=billed_ms(call.duration_ms, init))
    else:
        yield call
