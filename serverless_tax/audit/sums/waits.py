"""Spans put together by invocation: for how long of each something outside was waited for.

An invocation waits while any of its calls lasts, so what overlaps counts once, and what lies
outside of it does not count. Only lengths are compared, and places within the invocation's own
span: its clock need not agree with that of the log.

A call's span is longer than the wait in it, for it has the work of the client too: packing the
request, its encryption, reading the answer. So there are two figures. The most is the time that any
call covers. The least leaves out calls that have other calls in them, which say it more closely,
and the time in which the function also did something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from serverless_tax.audit.read.span import Span

Interval = tuple[int, int]


class TracedInvocation(NamedTuple):
    """What the spans of an invocation say.

    Attributes:
        function: its name, if they say it.
        start_ns: for the order of attempts with the same id.
        least_ns, covered_ns: of its time that was waited; that calls cover.
        input_tokens, output_tokens, model_calls: of the models it asked.
        first_token_ns, first_tokens: until the first token, added up, and of how many calls.
    """

    function: str
    start_ns: int
    least_ns: int
    covered_ns: int
    input_tokens: int
    output_tokens: int
    model_calls: int
    first_token_ns: int
    first_tokens: int


@dataclass(slots=True)
class SpanSums:
    """What is added up over invocations that have spans; all of it is whole, so exact.

    ``least_ns`` and ``covered_ns`` are a part of ``wall_ns``, which is the REPORT line's duration.
    """

    invocations: int = 0
    wall_ns: int = 0
    least_ns: int = 0
    covered_ns: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    model_calls: int = 0
    first_token_ns: int = 0
    first_tokens: int = 0

    @classmethod
    def of(cls, one: TracedInvocation, duration_ns: int) -> SpanSums:
        """Return what an invocation adds that lasted so long, as the log says it."""
        least_ns, covered_ns = min(one.least_ns, duration_ns), min(one.covered_ns, duration_ns)
        return cls(1, duration_ns, least_ns, covered_ns, *one[4:])

    def add(self, other: SpanSums) -> None:
        """Add another's sums to these."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(slots=True)
class Waits:
    """The invocations of some spans, until their records come.

    Attributes:
        by_request: those that say their id; several where a call was tried again.
        by_trace: those that say only of which trace they are.
        count: all of them.
        joined: those whose record was found.
    """

    by_request: dict[str, list[TracedInvocation]] = field(default_factory=dict)
    by_trace: dict[str, list[TracedInvocation]] = field(default_factory=dict)
    count: int = 0
    joined: int = 0

    @classmethod
    def of(cls, spans: Iterable[Span]) -> Waits:
        """Put spans together, in whatever order they come; the same span twice is one."""
        traces: dict[str, dict[str, Span]] = {}
        for span in spans:
            traces.setdefault(span.trace_id, {})[span.span_id] = span
        found = cls()
        for trace_id, by_id in traces.items():
            for request_id, one in _invocations(by_id):
                known = found.by_request if request_id else found.by_trace
                known.setdefault(request_id or trace_id, []).append(one)
                found.count += 1
        for same in found.by_request.values():
            same.sort(key=lambda one: -one.start_ns)
        return found

    def take(self, request_id: str, trace_id: str, function: str) -> TracedInvocation | None:
        """Return what the spans of a record's invocation say, if there are any, and only once.

        By its trace alone it is known if no other invocation of that trace may be meant.
        """
        same = self.by_request.get(request_id)
        if same:
            self.joined += 1
            return same.pop()
        there = self.by_trace.get(trace_id, []) if trace_id else []
        fit = [one for one in there if not (one.function and function) or one.function == function]
        if len(fit) != 1:
            return None
        there.remove(fit[0])
        self.joined += 1
        return fit[0]


def _invocations(by_id: dict[str, Span]) -> Iterator[tuple[str, TracedInvocation]]:
    """Yield the invocations of a trace, each with the request's id or nothing."""
    whole = [span for span in by_id.values() if span.role == "invocation"]
    parts: dict[str, list[Span]] = {}
    alone: dict[str, list[Span]] = {}
    for span in by_id.values():
        if span.role == "invocation":
            continue
        owner = _owner(span, by_id) or _only(span, whole)
        if owner:
            parts.setdefault(owner.span_id, []).append(span)
        elif span.role == "call":
            alone.setdefault(span.function, []).append(span)
    outer = {span.parent_id for span in whole if _is_within(span, by_id)}
    for span in whole:
        mine = parts.get(span.span_id, [])
        if span.span_id in outer and not mine:
            continue  # X-Ray's segment of the service, or a consumer's: the inner one says it
        request_id, function = span.request_id, span.function
        above = by_id.get(span.parent_id)
        while above and above.role == "invocation" and not request_id:
            request_id, function = above.request_id, function or above.function
            above = by_id.get(above.parent_id)
        yield request_id, _invocation(span.start_ns, span.end_ns, function, mine)
    for function, mine in alone.items():
        start, end = min(one.start_ns for one in mine), max(one.end_ns for one in mine)
        yield "", _invocation(start, end, function, mine)


def _is_within(span: Span, by_id: dict[str, Span]) -> bool:
    """Whether this is a part of what another span says is the same invocation."""
    above = by_id.get(span.parent_id)
    return above is not None and above.role == "invocation" and not span.request_id


def _owner(span: Span, by_id: dict[str, Span]) -> Span | None:
    """Return the invocation that a span is a part of, by its parents."""
    seen = {span.span_id}
    above = by_id.get(span.parent_id)
    while above is not None and above.span_id not in seen:
        if above.role == "invocation":
            return above
        seen.add(above.span_id)
        above = by_id.get(above.parent_id)
    return None


def _only(span: Span, whole: Sequence[Span]) -> Span | None:
    """Return the only invocation of the same function during which a span began, if it is one."""
    fit = [
        one
        for one in whole
        if one.start_ns <= span.start_ns <= one.end_ns
        and (one.function == span.function or not (one.function and span.function))
    ]
    return fit[0] if len(fit) == 1 else None


def _invocation(
    start_ns: int, end_ns: int, function: str, parts: Sequence[Span]
) -> TracedInvocation:
    by_id = {span.span_id: span for span in parts}
    outer: set[str] = set()  # what a call is a part of
    inner: set[str] = set()  # what is a part of a call
    for span in parts:
        above, seen = by_id.get(span.parent_id), {span.span_id}
        while above is not None and above.span_id not in seen:
            seen.add(above.span_id)
            if span.role == "call":
                outer.add(above.span_id)
            if above.role == "call":
                inner.add(span.span_id)
            above = by_id.get(above.parent_id)
    holds = {span.parent_id for span in parts}
    calls = [span for span in parts if span.role == "call"]
    closest = [span for span in calls if span.span_id not in outer]
    busy = [
        span for span in parts if span.role == "own" and span.span_id not in outer | inner | holds
    ]
    clipped = [
        merged((max(s.start_ns, start_ns), min(s.end_ns, end_ns)) for s in some)
        for some in (calls, closest, busy)
    ]
    tokens = [span.tokens for span in calls if span.tokens]
    firsts = [one.first_token_ns for one in tokens if one.first_token_ns is not None]
    return TracedInvocation(
        function=function,
        start_ns=start_ns,
        least_ns=length(clipped[1]) - common(clipped[1], clipped[2]),
        covered_ns=length(clipped[0]),
        input_tokens=sum(one.input_tokens for one in tokens),
        output_tokens=sum(one.output_tokens for one in tokens),
        model_calls=len(tokens),
        first_token_ns=sum(firsts),
        first_tokens=len(firsts),
    )


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Return intervals in order, those that overlap as one; what ends before it begins is none.

    >>> merged([(5, 9), (0, 3), (2, 4), (8, 7)])
    [(0, 4), (5, 9)]
    """
    found: list[Interval] = []
    for start, end in sorted(one for one in intervals if one[0] < one[1]):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def length(intervals: Iterable[Interval]) -> int:
    """Return how long intervals are that do not overlap."""
    return sum(end - start for start, end in intervals)


def common(some: Sequence[Interval], others: Sequence[Interval]) -> int:
    """Return how long two sets of intervals are both there.

    >>> common([(0, 4), (5, 9)], [(3, 6)])
    2
    """
    both = length(merged([*some, *others]))
    return length(some) + length(others) - both
