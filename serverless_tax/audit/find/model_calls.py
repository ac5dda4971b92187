"""What spans say of the models that a function asks."""

from __future__ import annotations

from dataclasses import dataclass

from serverless_tax.audit.sums.functions import FunctionLog
from serverless_tax.audit.sums.waits import SpanSums
from serverless_tax.ground.show import many, show


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCalls:
    """The calls of models in a function's spans.

    Attributes:
        calls: that say their tokens, or when the first came.
        invocations: that have spans.
        input_tokens, output_tokens: of all these calls.
        first_token_ms: until the first token, the mean; None where no span says it.
    """

    calls: int
    invocations: int
    input_tokens: int
    output_tokens: int
    first_token_ms: float | None

    @property
    def says(self) -> str:
        """These figures in a sentence."""
        counts = [(self.input_tokens, "in"), (self.output_tokens, "out")]
        said = [f"{show(n / self.calls, 'count')} {way}" for n, way in counts if n]  # not said: 0
        tokens = f", {' and '.join(said).replace(' ', ' tokens ', 1)} a call" if said else ""
        first = ""
        if self.first_token_ms is not None:
            first = f", the first after {show(self.first_token_ms, 'ms')}"
        spans = f"{many(self.calls, 'call')} in the spans of {many(self.invocations, 'invocation')}"
        return f"Models: {spans}{tokens}{first}."


def model_calls(log: FunctionLog) -> ModelCalls | None:
    """Return what a function's spans say of the models it asks; None if they say nothing."""
    total = SpanSums()
    for sums in log.spans.values():
        total.add(sums)
    if not total.model_calls:
        return None
    first_ms = total.first_token_ns / total.first_tokens / 1e6 if total.first_tokens else None
    return ModelCalls(
        calls=total.model_calls,
        invocations=total.invocations,
        input_tokens=total.input_tokens,
        output_tokens=total.output_tokens,
        first_token_ms=first_ms,
    )
