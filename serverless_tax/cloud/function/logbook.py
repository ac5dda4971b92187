"""The records of each invocation: AWS's log lines, its begin, and the reading AWS does not show.

A function logs as text, or as JSON if its LoggingConfig says so; the platform's lines follow it.
The fields: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.function.outcome import milliseconds
from serverless_tax.cloud.function.platform_lines import event, now
from serverless_tax.ground.report import FIELDS, Report, billed_ms, format_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from serverless_tax.cloud.function.invocation import Invocation, Living
    from serverless_tax.cloud.function.outcome import Outcome
    from serverless_tax.cloud.function.spec import FunctionSpec

BEGUN_FILE, READINGS_FILE = "begun.jsonl", "readings.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An invocation's CPU, memory and frozen time, read from outside the process.

    Attributes:
        request_id: as in the REPORT line.
        function: name of the function.
        billed_ms: as in the REPORT line.
        cpu_ms: CPU time of the environment's processes during the invocation.
        init_cpu_ms: CPU time of INIT; 0 for a warm start.
        frozen_ms: how long the environment was stopped before; 0 for a cold start.
        peak_memory_mb: largest resident memory of the process so far.
        at: its end, in UTC.
        arn: of the function's version or alias.
        architecture: that the function asks for.
        report: the REPORT line, as text also where the function logs JSON.
        status: as in the REPORT line; None if the handler ended by itself.
        streamed_bytes: of its answer, as far as they are billed.
    """

    request_id: str
    function: str
    billed_ms: int
    cpu_ms: float
    init_cpu_ms: float
    frozen_ms: float
    peak_memory_mb: int
    at: str
    arn: str
    architecture: str
    report: str
    status: str | None = None
    streamed_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An invocation that has been taken, INIT included; its reading follows when it has ended.

    Attributes:
        request_id: as in the REPORT line.
        function: name of the function.
        memory_mb: that the function is given.
        architecture: that the function asks for.
        began_s: since 1970, in UTC.
    """

    request_id: str
    function: str
    memory_mb: int
    architecture: str
    began_s: float


class Records:
    """The records of a cloud in two files of its folder, a line of JSON each."""

    def __init__(self, folder: Path) -> None:
        self._begun = (folder / BEGUN_FILE).open("a", buffering=1)
        self._readings = (folder / READINGS_FILE).open("a", buffering=1)

    def close(self) -> None:
        """Close both files."""
        self._begun.close()
        self._readings.close()

    def begin(self, begun: Begun) -> None:
        """Keep that an invocation has been taken."""
        self._begun.write(json.dumps(asdict(begun)) + "\n")

    def end(self, reading: Reading) -> None:
        """Keep an invocation's reading."""
        self._readings.write(json.dumps(asdict(reading)) + "\n")


class Logbook:
    """Makes the records of every invocation, and ends its part of the log.

    Args:
        begin: takes what has begun.
        end: takes what has ended.
    """

    def __init__(self, begin: Callable[[Begun], object], end: Callable[[Reading], object]) -> None:
        self._begin, self._end = begin, end

    def begin(self, spec: FunctionSpec, request_id: str) -> None:
        """Record that an invocation has been taken."""
        self._begin(
            Begun(
                request_id=request_id,
                function=spec.name,
                memory_mb=spec.memory_mb,
                architecture=spec.architecture,
                began_s=time.time(),
            )
        )

    def write(
        self, environment: Living, invocation: Invocation, outcome: Outcome, *, cold: bool
    ) -> Report:
        """Record an ended invocation, and end its part of the log.

        Args:
            environment: the one it ran in.
            invocation: with its clocks.
            outcome: how it ended.
            cold: whether the environment was made for it.
        """
        spec = environment.spec
        killed = outcome.error_type == "Runtime.OutOfMemory"
        peak_mb = spec.memory_mb if killed else environment.note_peak_memory()
        init_s = environment.init_s if cold else 0.0
        report = _report(invocation.call.request_id, outcome, spec.memory_mb, peak_mb, init_s)
        streamed = invocation.stream if invocation.is_streamed else None
        self._end(
            Reading(
                request_id=invocation.call.request_id,
                function=spec.name,
                billed_ms=report.billed_ms,
                cpu_ms=1000 * (invocation.cpu_after_s - invocation.cpu_before_s),
                init_cpu_ms=1000 * environment.init_cpu_s if cold else 0.0,
                frozen_ms=0.0 if cold else 1000 * environment.frozen_s,
                peak_memory_mb=peak_mb,
                at=now(),
                arn=spec.arn,
                architecture=spec.architecture,
                report=format_report(report),
                status=outcome.status,
                streamed_bytes=streamed.billed_bytes if streamed is not None else 0,
            )
        )
        environment.say_rest()
        environment.say_start(invocation)
        if outcome.last_words:
            environment.log.say(outcome.last_words)
        if outcome.status or not spec.quiet:
            environment.log.say(_last_lines(report, as_json=spec.json_log))
        return report


def _report(
    request_id: str, outcome: Outcome, memory_mb: int, peak_mb: int, init_s: float
) -> Report:
    init_ms = milliseconds(init_s) if init_s else None
    return Report(
        request_id=request_id,
        duration_ms=outcome.duration_ms,
        billed_ms=billed_ms(outcome.duration_ms, init_ms),
        memory_mb=memory_mb,
        max_memory_used_mb=peak_mb,
        init_ms=init_ms,
        status=outcome.status,
        error_type=outcome.error_type if outcome.status == "error" else None,
    )


def _last_lines(report: Report, *, as_json: bool) -> str:
    """The platform's lines at the end of an invocation."""
    if not as_json:
        return f"END RequestId: {report.request_id}\n{format_report(report)}\n"
    metrics: dict[str, Any] = {}
    for field in FIELDS:
        value = getattr(report, field.name)
        if field.json_name and value is not None:
            metrics[field.json_name] = float(value) if isinstance(value, Decimal) else value
    record: dict[str, Any] = {
        "requestId": report.request_id,
        "metrics": metrics,
        "status": report.status or "success",
    }
    if report.error_type:
        record["errorType"] = report.error_type
    return event("platform.report", record)
