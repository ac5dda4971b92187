"""What each unknown fact is called in a sentence, and how to get it."""

from __future__ import annotations

from typing import NamedTuple


class ToFind(NamedTuple):
    """A fact to find out: what it is called in a sentence, and how to get it."""

    what: str
    how: str


#: How to get each fact.
ASK = {
    "requests_per_month": ToFind(
        "how many requests it has in a month", "read Invocations in CloudWatch, over 30 days"
    ),
    "memory_mb": ToFind(
        "its memory", "read Memory Size in its REPORT lines, or in its configuration"
    ),
    "wait_ms": ToFind(
        "how long a request waits", "take its CPU time off Duration in its REPORT lines"
    ),
    "streaming_ms": ToFind(
        "how long a request waits", "take its CPU time off Duration in its REPORT lines"
    ),
    "peak_memory_mb": ToFind(
        "the peak memory", "read Max Memory Used in its REPORT lines, over a week"
    ),
    "took_ms": ToFind("how long a request takes", "read Duration in its REPORT lines"),
    "cpu_ms": ToFind(
        "how much of the time is work",
        "log its CPU time, as in metered.py, or take its waiting off its Duration",
    ),
    "calls": ToFind("how many calls a request waits for", "count them in the code"),
    "in_order": ToFind(
        "whether each call needs the one before", "see whether its input holds their output"
    ),
    "longest_ms": ToFind(
        "how long the longest call takes", "see a trace, or list them as steps in a file"
    ),
    "reads_along": ToFind("whether a person reads along", "ask who uses it"),
    "sees_answer": ToFind(
        "whether your code must see the answer", "list what it does with it on its way"
    ),
    "own_process": ToFind(
        "whether a process of your own may run", "ask who would look after it at night"
    ),
    "other_vendor": ToFind("whether it may move to another vendor", "ask who signs for one"),
    "hour_usd": ToFind("what an hour of work costs", "ask who pays for it"),
    "effective_rate": ToFind(
        "what share of its list prices AWS is paid",
        "divide the net cost in Cost Explorer by the one on demand",
    ),
}
