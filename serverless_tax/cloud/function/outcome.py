"""How an invocation or an INIT can end, in AWS's words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from serverless_tax.cloud.function.platform_lines import now
from serverless_tax.ground.lambda_facts import PAYLOAD_BYTES

MAX_RESPONSE_BYTES = PAYLOAD_BYTES + 100  # the limit in AWS's own message


@dataclass(slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        duration_ms: wall clock of the invocation, as the REPORT line prints it.
        status: `error` or `timeout`; None if the handler ended by itself.
        error_type: of the REPORT line, for an error.
        payload: replaces the handler's answer; None keeps it.
        last_words: the log's last line before END.
    """

    duration_ms: Decimal
    status: str | None = None
    error_type: str | None = None
    payload: bytes | None = None
    last_words: str = ""


@dataclass(frozen=True, slots=True)
class InitProblem:
    """Why INIT failed."""

    status: str
    error_type: str
    payload: bytes


def milliseconds(seconds: float) -> Decimal:
    """Milliseconds as the REPORT line prints them, rounded up like the billed ones."""
    return Decimal(seconds * 1000).quantize(Decimal("0.01"), rounding=ROUND_CEILING)


def timed_out(request_id: str, timeout_s: int) -> Outcome:
    """The duration is exactly the timeout, and INIT is billed on top."""
    return Outcome(
        milliseconds(timeout_s),
        "timeout",
        "Sandbox.Timedout",
        timeout_payload(request_id, timeout_s),
        f"{now()} {request_id} Task timed out after {timeout_s:.2f} seconds\n\n",
    )


def crashed(request_id: str, duration_s: float, reason: str) -> Outcome:
    """The process ended by itself; ``reason`` is in AWS's words."""
    return _exited(request_id, duration_s, reason, "Runtime.ExitError")


def out_of_memory(request_id: str, duration_s: float) -> Outcome:
    """The process used more than its memory and was killed.

    The caller reads Runtime.ExitError, the REPORT line has Runtime.OutOfMemory. AWS documents
    neither name; both stand in REPORT lines of public issues (2026).
    """
    return _exited(request_id, duration_s, "signal: killed", "Runtime.OutOfMemory")


def init_failed(payload: bytes) -> InitProblem:
    """The runtime client reported an error in the module's code."""
    try:
        error_type = str(json.loads(payload)["errorType"])
    except (ValueError, KeyError, TypeError):
        error_type = "Runtime.Unknown"
    return InitProblem("error", error_type, payload)


def init_exited(reason: str) -> InitProblem:
    """The process ended during INIT."""
    return InitProblem("error", "Runtime.ExitError", exit_payload("", reason))


def init_out_of_memory() -> InitProblem:
    """INIT used more than the function's memory; the names are those of `out_of_memory`."""
    return InitProblem("error", "Runtime.OutOfMemory", exit_payload("", "signal: killed"))


def init_timed_out(limit_s: float) -> InitProblem:
    """INIT took longer than its limit."""
    return InitProblem("timeout", "Sandbox.Timedout", timeout_payload("", limit_s))


def init_report(init_s: float, phase: str, problem: InitProblem) -> str:
    """The INIT_REPORT line of a failed INIT."""
    line = f"INIT_REPORT Init Duration: {milliseconds(init_s)} ms\tPhase: {phase}\t"
    error = f"\tError Type: {problem.error_type}" if problem.status == "error" else ""
    return f"{line}Status: {problem.status}{error}\n"


def exit_payload(request_id: str, reason: str) -> bytes:
    """The caller's answer after the process ended."""
    how = f"with error: {reason}" if reason else "without providing a reason"
    message = f"RequestId: {request_id} Error: Runtime exited {how}"
    return json.dumps({"errorType": "Runtime.ExitError", "errorMessage": message}).encode()


def timeout_payload(request_id: str, limit_s: float) -> bytes:
    """The caller's answer after a timeout."""
    message = f"RequestId: {request_id} Error: Task timed out after {limit_s:.2f} seconds"
    return json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": message}).encode()


def too_large(most_bytes: int = MAX_RESPONSE_BYTES) -> bytes:
    """The caller's answer where the handler's is too large."""
    message = f"Response payload size exceeded maximum allowed payload size ({most_bytes} bytes)."
    return json.dumps(
        {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
    ).encode()


def too_much(most_bytes: int = MAX_RESPONSE_BYTES) -> bytes:
    """What the Runtime API says to the runtime client of an answer that is too large.

    The client of Python logs it and ends, that of Node goes on: vercel/vercel #3825,
    aws/aws-lambda-dotnet #1815.
    """
    message = f"Exceeded maximum allowed payload size ({most_bytes} bytes)."
    told = {"errorMessage": message, "errorType": "RequestEntityTooLarge"}
    return json.dumps(told, separators=(",", ":")).encode()


def _exited(request_id: str, duration_s: float, reason: str, error_type: str) -> Outcome:
    payload = exit_payload(request_id, reason)
    words = json.loads(payload)["errorMessage"] + "\nRuntime.ExitError\n"
    return Outcome(milliseconds(duration_s), "error", error_type, payload, words)
