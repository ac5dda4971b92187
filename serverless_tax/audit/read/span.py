"""What the audit takes from a span, whoever wrote it: when it was, what it was of, and whose."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

#: An invocation of a function, a call that leaves it, or what it does by itself.
Role = Literal["invocation", "call", "own"]


class Tokens(NamedTuple):
    """What a call of a model says of itself.

    Attributes:
        input_tokens, output_tokens: as the model's answer has them.
        first_token_ns: until the first of them; None where the span does not say.
    """

    input_tokens: int
    output_tokens: int
    first_token_ns: int | None


class Span(NamedTuple):
    """A span.

    Attributes:
        trace_id: as OpenTelemetry writes it, 32 digits.
        span_id: of it.
        parent_id: of the span it is a part of, or nothing.
        start_ns, end_ns: since 1970, by the clock of who wrote it.
        role: what it is of.
        request_id: of the invocation, where it says that.
        function: the function's name, where it says that.
        tokens: of a call of a model.
    """

    trace_id: str
    span_id: str
    parent_id: str
    start_ns: int
    end_ns: int
    role: Role
    request_id: str = ""
    function: str = ""
    tokens: Tokens | None = None


def trace_of(text: Any) -> str:
    """Return a trace's id as OpenTelemetry writes it, from that of X-Ray or a trace header.

    >>> trace_of("1-5759e988-bd862e3fe1be46a994272793")
    '5759e988bd862e3fe1be46a994272793'
    >>> trace_of("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
    '5759e988bd862e3fe1be46a994272793'
    """
    if not isinstance(text, str):
        return ""
    root = next((part[5:] for part in text.split(";") if part.startswith("Root=")), text)
    return root.removeprefix("1-").replace("-", "").lower()
