"""What a log must say for an audit to read it."""

from __future__ import annotations

#: A text without any of these says nothing that an audit reads.
WORDS = (
    "REPORT",
    "platform.",
    "metered",
    "cpu_total_time",
    "cpu_user_time",
    "INIT_START",
    "END Duration",
    "Billed Duration",
    "report request",
    "Report Request",
    "Task timed out",
    "Runtime exited",
    "Process exited before",
)
#: What a table calls a duration (`duration`, `@billedDuration / 1000`, `metrics.durationMs`,
#: `record_metrics_durationMs`, `record[metrics][durationMs]`), a pattern.
_BEFORE, _BEHIND = (
    r"(?:[\w.]*[.]|[\w /:>|$\[\]-]*metrics[_ /:>|$\[\]-]+)?",
    r"(?:(?:_?in)?_?ms)?(?: ?/[ 0-9/]*|\])?",
)
DURATION_CELL = rf"{_BEFORE}(?:billed_?)?duration{_BEHIND}"
