"""What Lambda's own spans say of a function's answers, which is not what was waited for."""

from __future__ import annotations

from dataclasses import dataclass

from serverless_tax.audit.sums.functions import FunctionLog
from serverless_tax.ground.show import many, show

_NS_PER_MS = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAnswers:
    """How answers were sent, as means over invocations, milliseconds.

    Attributes:
        invocations: that say it.
        first_byte_ms: until the answer began.
        sending_ms: until all of it was sent, from there on.
        overhead_ms: of the runtime, after that.
    """

    invocations: int
    first_byte_ms: float
    sending_ms: float
    overhead_ms: float

    @property
    def says(self) -> str:
        """These figures in a sentence, and what they are not."""
        return (
            f"Answers: Lambda's own spans on {many(self.invocations, 'invocation')} say that one"
            f" began after {show(self.first_byte_ms, 'ms')} on average and was sent for"
            f" {show(self.sending_ms, 'ms')}, and that {show(self.overhead_ms, 'ms')} of the"
            " runtime's overhead followed. They do not say what of that was waiting."
        )


def answers(log: FunctionLog) -> SentAnswers | None:
    """Return what a function's records say of its answers; None if they say nothing."""
    sums = log.answers
    if not sums.invocations:
        return None
    means = (
        ns / sums.invocations / _NS_PER_MS
        for ns in (sums.first_byte_ns, sums.sending_ns, sums.overhead_ns)
    )
    first_byte_ms, sending_ms, overhead_ms = means
    return SentAnswers(
        invocations=sums.invocations, first_byte_ms=first_byte_ms, sending_ms=sending_ms,
        overhead_ms=overhead_ms,
    )  # fmt: skip
