"""The facts of a function as rows of a table: each as it is kept, with its unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from serverless_tax.platforms.aws_lambda import PLATFORM
from serverless_tax.questions.facts import KIND_OF, Facts

#: What a request takes in all, where it is not known how much of that is work.
TOOK = "took_ms"
#: The unit of each fact, in the order of the table; none where it is yes or no.
UNITS = {
    "requests_per_month": "requests",
    "memory_mb": "MB",
    "peak_memory_mb": "MB",
    TOOK: "ms",
    **dict.fromkeys(KIND_OF, "ms"),
    "calls": "calls",
    "in_order": "",
    "longest_ms": "ms",
    **dict.fromkeys(("reads_along", "sees_answer", "own_process", "other_vendor"), ""),
    **dict.fromkeys(("out_of_memory", "times_out"), ""),
    "hour_usd": "USD",
    "effective_rate": "of the list price",
}


def fact_rows(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Yield each fact: its name, its value or that it is unknown, and its unit."""
    w, busiest, unknown = facts.workload, facts.busiest, {*facts.unknown}
    for name, unit in UNITS.items():
        value = getattr(facts, name, None)
        if name == TOOK:
            if busiest is None or "memory_mb" in unknown:
                continue
            value = PLATFORM.wall_ms(w)
        elif name in unknown or (busiest and name in KIND_OF and _differ(w, busiest, name)):
            value = None
        elif hasattr(w, name):
            value = getattr(w, name)
        if name == "peak_memory_mb" and not np.any(value):
            value = None
        yield f"fact: {name}", _written(value), unit


def _differ(w: Any, other: Any, name: str) -> bool:
    return not np.array_equal(getattr(w, name), getattr(other, name))


def _written(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "unknown", True: "yes", False: "no"}[value]
    return f"{float(np.mean(value)):.10g}"
