"""Lab six's exercises: what an audit says of a log, with the meter's lines and without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serverless_tax.book.teaching.checking import NotYet, judge


def what_the_audit_says(expected: Any, unknown: Any) -> None:
    """Lab 6: what an audit says about waiting when nothing in the log measured it."""
    hints = {
        "typical": "A typical share would be somebody else's. The audit does not guess.",
        "worst": "The worst case would be a guess too, and a dear one.",
        "measured": "A REPORT line holds no CPU time: there is nothing to measure by.",
    }
    if expected is None or expected is ...:
        msg = "Nothing is there yet. Say 'typical', 'worst', 'measured' or 'unknown'."
        raise NotYet(msg)
    said = expected.strip(" .!?").lower() if isinstance(expected, str) else expected
    if said != "unknown":
        other = f"{expected!r} is not an answer. Say typical, worst, measured or unknown."
        raise NotYet(hints.get(said, other) if isinstance(said, str) else other)
    waiting = _waiting(unknown, "unknown")
    if waiting["how"] != "unknown" or waiting["share"] is not None:
        msg = f"This log still tells it ({waiting['how']}): take all of the meter's lines out."
        raise NotYet(msg)
    print("Right: it says that it does not know.")


def _waiting(found: Any, name: str) -> Mapping[str, Any]:
    """Return what an audit says of waiting."""
    if found is None or found is ...:
        msg = f"Nothing is there yet. Put into `{name}` what `read` returns of the log."
        raise NotYet(msg)
    waiting = found.get("waiting") if isinstance(found, Mapping) else None
    if not isinstance(waiting, Mapping) or not {"how", "share"} <= waiting.keys():
        msg = f"`{name}` is no audit. Put into it the whole of what `read` returns of the log."
        raise NotYet(msg)
    return waiting


def stated_cpu(first: Mapping[str, Any], stated: Any) -> None:
    """Lab 6: a measured CPU time, given to the audit of a log without the meter."""
    said = _waiting(stated, "stated")
    if said["how"] != "stated":
        msg = f"The audit says {said['how']}: give it the figure with --cpu-ms."
        raise NotYet(msg)
    wall_ms = first["billed_ms"] / first["invocations"]
    cpu_ms = first["waiting"]["cpu_ms"]
    judge(
        said["cpu_ms"],
        what="the CPU that the meter measured for one call",
        right=cpu_ms,
        unit="ms",
        within=0.05,  # it may be given to a tenth of a millisecond
        looks_like={
            "That is the billed time: with it as CPU time nothing waits.": wall_ms,
            "You gave seconds: --cpu-ms takes milliseconds.": cpu_ms / 1000,
            "You gave the CPU of all invocations: it is asked for one.": (
                cpu_ms * first["invocations"]
            ),
            "That is the wait. Asked for is the CPU.": wall_ms - cpu_ms,
            "You gave the wait's share of the time: --cpu-ms takes milliseconds of CPU.": (
                1 - cpu_ms / wall_ms
            ),
        },
        too_low="You gave less CPU time than the meter measured for one call.",
        too_high="You gave more CPU time than the meter measured for one call.",
    )
