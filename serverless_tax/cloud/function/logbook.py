"""The two records of each invocation: AWS's log lines, and the reading that AWS does not show.

A function logs as text, or as JSON if its LoggingConfig says so; the platform's lines follow it.
The fields: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.function.outcome import milliseconds
from serverless_tax.cloud.function.startup import substitute
from serverless_tax.ground.report import FIELDS, Report, billed_ms, format_report

if TYPE_CHECKING:
    from pathlib import Path

    from serverless_tax.cloud.function.environment import Environment, Invocation
    from serverless_tax.cloud.function.outcome import Outcome


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
        status: as in the REPORT line; None if the handler ended by itself.
    """

    request_id: str
    function: str
    billed_ms: int
    cpu_ms: float
    init_cpu_ms: float
    frozen_ms: float
    peak_memory_mb: int
    status: str | None = None


class Logbook:
    """Writes both records of every invocation."""

    def __init__(self, folder: Path) -> None:
        self._readings = (folder / "readings.jsonl").open("a", buffering=1)

    def close(self) -> None:
        """Close the file of readings."""
        self._readings.close()

    def write(
        self,
        environment: Environment,
        invocation: Invocation,
        outcome: Outcome,
        before: str,
        *,
        cold: bool,
    ) -> str:
        """Record an ended invocation; return its log as the log tail shows it.

        Args:
            environment: the one it ran in.
            invocation: with its clocks.
            outcome: how it ended.
            before: INIT's log.
            cold: whether the environment was made for it.
        """
        spec = environment.spec
        if cold and (said := substitute(spec)):
            before = _notice(said, as_json=spec.json_log) + before
        killed = outcome.error_type == "Runtime.OutOfMemory"
        peak_mb = spec.memory_mb if killed else environment.note_peak_memory()
        init_s = environment.init_s if cold else 0.0
        report = _report(invocation.call.request_id, outcome, spec.memory_mb, peak_mb, init_s)
        reading = Reading(
            request_id=invocation.call.request_id,
            function=spec.name,
            billed_ms=report.billed_ms,
            cpu_ms=1000 * (invocation.cpu_after_s - invocation.cpu_before_s),
            init_cpu_ms=1000 * environment.init_cpu_s if cold else 0.0,
            frozen_ms=0.0 if cold else 1000 * environment.frozen_s,
            peak_memory_mb=peak_mb,
            status=outcome.status,
        )
        self._readings.write(json.dumps(asdict(reading)) + "\n")
        said = f"{_whole_lines(environment.process.take_output())}"
        words = _whole_lines(outcome.last_words)
        if spec.json_log:
            start, end = _json_lines(report, spec.version)
            return f"{_whole_lines(before)}{start}{said}{words}{end}"
        request_id = report.request_id
        return (
            f"{_whole_lines(before)}START RequestId: {request_id} Version: {spec.version}\n"
            f"{said}{words}END RequestId: {request_id}\n{format_report(report)}\n"
        )


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


def _json_lines(report: Report, version: str) -> tuple[str, str]:
    """The platform's lines in JSON: the first and the last of an invocation."""
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
    start = {"requestId": report.request_id, "version": version}
    return _event("platform.start", start), _event("platform.report", record)


def _notice(text: str, *, as_json: bool) -> str:
    """A line of this cloud; AWS has none like it."""
    if not as_json:
        return f"{text}\n"
    return json.dumps({"timestamp": _now(), "level": "WARN", "message": text}) + "\n"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _event(kind: str, record: dict[str, Any]) -> str:
    return json.dumps({"time": _now(), "type": kind, "record": record}) + "\n"


def _whole_lines(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
