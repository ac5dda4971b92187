"""What Lambda's own spans in a ``platform.report`` add up to: how an answer was sent."""

from __future__ import annotations

from dataclasses import dataclass, fields

#: Lambda's names of the spans, and the sums of their lengths.
ANSWER_SPANS = {
    "responseLatency": "first_byte_ns",
    "responseDuration": "sending_ns",
    "runtimeOverhead": "overhead_ns",
}


@dataclass(slots=True)
class AnswerSums:
    """What is added up over invocations that say when their answer began; all of it is whole.

    Attributes:
        invocations: they.
        first_byte_ns: until the answer began.
        sending_ns: from there on until all of it was sent.
        overhead_ns: from there on until the runtime asked for the next invocation.
    """

    invocations: int = 0
    first_byte_ns: int = 0
    sending_ns: int = 0
    overhead_ns: int = 0

    @classmethod
    def of(cls, lengths_ns: dict[str, int]) -> AnswerSums | None:
        """Return what an invocation adds, by the names of its spans; None without the first."""
        if "responseLatency" not in lengths_ns:
            return None
        return cls(1, *(lengths_ns.get(name, 0) for name in ANSWER_SPANS))

    def add(self, other: AnswerSums) -> None:
        """Add another's sums to these."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
