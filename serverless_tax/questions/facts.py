"""What is known of a function; what is not stays unknown, and lies between two ends."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from serverless_tax.ground.checks import checked, of_kind
from serverless_tax.ground.show import show
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.aws_lambda import (
    FULL_VCPU_MB,
    MEMORY_MB,
    PLATFORM,
    TIMEOUT_MS,
    cpu_time_ms,
)
from serverless_tax.questions.answers import (
    MOST_CALLS,
    Answers,
    check_calls,
    check_longest,
    some_answers,
)
from serverless_tax.questions.decide import check_rate
from serverless_tax.questions.ladder import check_hour
from serverless_tax.questions.sentence import SAYS
from serverless_tax.request.presets import STATED_PEAK_MB
from serverless_tax.request.workload import Kind, Step, Workload, a_workload

#: What calls can be that nobody counts: two are no one call, and overlap the least.
CALLS = (1.0, 2.0, 10.0, MOST_CALLS)
#: What an hour of work may cost that nobody says, and what share of list prices AWS may be paid:
#: reasoned, from a contractor far away to a specialist, and from the largest discounts to none.
HOURS_USD, RATES = (20.0, 100.0, 250.0), (0.5, 1.0)
#: The facts that can be anything between two ends; others are one of a few.
BETWEEN = ("peak_memory_mb", "cpu_ms", "calls", "longest_ms", "hour_usd", "effective_rate")
#: Lengths at which what to do is tried where one is unknown, beside all that the time limit leaves:
#: what pays at each of them pays in any case, and a gateway ends a request after half a minute. The
#: work comes first: what the limit leaves of a wait depends on it, and on the memory.
LENGTHS_MS: dict[str, tuple[float, ...]] = {
    "cpu_ms": (0.0,),
    **dict.fromkeys(("wait_ms", "streaming_ms"), (0.0, 29_000.0)),
}
#: Requests that dollars are of where nobody says how many there are.
MILLION = 1e6
#: What a length may be off by where somebody rounded it.
_ROUNDED = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A month of a function, and what only its owner knows; None is unknown.

    ``workload`` is its month: requests, memory, processor, waiting and work. A peak memory of 0 in
    it is unknown. ``per_million`` says that it is unknown how many requests a month has: then
    ``workload`` is a million. ``busiest`` is the same month if all were work that is not known to
    be waiting; None where the CPU is known. ``between`` has quantities of it that are unknown, each
    with what it can be, the least first; a length that is unknown has no upper end that would say
    anything, and then there are no dollars. Of a request it is unknown how many ``calls``
    it waits for, whether each needs the one before (``in_order``), and how long the longest takes
    (``longest_ms``), unless they are given: one call is all of the wait. ``one_wait`` says that
    what streams is the wait for all calls, where there are more than the month tells apart: as a
    page and its presets have it. The other answers are those of :class:`Answers`.
    ``hour_usd`` is an hour of work, ``effective_rate`` the share of AWS's list prices that is paid:
    a Savings Plan's, or a negotiated one. Where they
    are left out they are $100 and 1.

    Raises:
        InvalidQuantity: for a number out of its range, for a peak above the memory, and for a
            longest call or a number of calls that the waiting rules out.
    """

    workload: Workload
    busiest: Workload | None = None
    per_million: bool = False
    between: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    one_wait: bool = False
    calls: float | None = None
    in_order: bool | None = None
    longest_ms: float | None = None
    reads_along: bool | None = None
    sees_answer: bool | None = None
    own_process: bool | None = None
    other_vendor: bool | None = None
    out_of_memory: bool = False
    times_out: bool = False
    hour_usd: float | None = 100.0
    effective_rate: float | None = 1.0

    def __post_init__(self) -> None:
        """Check the month and the numbers at the door."""
        a_workload(self.workload)
        if self.calls is not None:
            check_calls(self.calls)
        if self.longest_ms is not None:
            check_longest(self.longest_ms)
        _check_function(self.workload, out_of_memory=self.out_of_memory)
        _check_steps(self.workload, self.calls)
        object.__setattr__(self, "calls", self.calls or _calls_of(self.workload))
        self._one_call_is_the_wait()
        _check_waiting(self)
        if self.hour_usd is not None:
            check_hour(self.hour_usd)
        if self.effective_rate is not None:
            check_rate(self.effective_rate)

    def _one_call_is_the_wait(self) -> None:
        """Take the length of the only call for what a request waits, where nobody says that."""
        left = {"wait_ms", "streaming_ms"} & {*self.between}
        w = self.workload
        if self.calls == 1 and self.longest_ms and len(left) == 1 and not calls_told(w):
            (name,) = left
            between = {other: at for other, at in self.between.items() if other != name}
            object.__setattr__(self, "between", between)
            object.__setattr__(self, "workload", _lasting(w, name, self.longest_ms))

    @classmethod
    def stated(cls, workload: Workload, answers: Answers | None = None, **more: Any) -> Facts:
        """Return facts of which only the peak memory may be unknown: every answer is given."""
        given = some_answers(answers)
        said = {f.name: getattr(given, f.name) for f in fields(given)}
        return cls(workload=workload, **(said | more))

    @classmethod
    def of(
        cls,
        quantities: Mapping[str, Any],
        *,
        steps: Sequence[Step] | None = None,
        took_ms: float | None = None,
        **more: Any,
    ) -> Facts:
        """Return facts of what is said of a request; a quantity that is left out is unknown.

        ``quantities`` are those of :class:`Workload`, ``steps`` its timeline, and ``took_ms`` how
        long it takes in all: where neither work nor waiting is said they are not told apart, and
        where one is, the other is the rest. ``more`` are other facts.

        >>> sorted(Facts.of({"wait_ms": 5000, "peak_memory_mb": 300}, calls=1).unknown)[:3]
        ['cpu_ms', 'memory_mb', 'other_vendor']

        Raises:
            InvalidQuantity: as :class:`Workload` does, and for a length said twice.
        """
        said = dict(quantities)
        lengths = {name for name in KIND_OF if name in said}
        lengths |= {f"{step.kind}_ms" for step in steps or ()}
        left_out = [] if "cpu_ms" in lengths else ["cpu_ms"]
        if lengths <= {"cpu_ms"}:  # it waits while it streams
            left_out.append("wait_ms")
        if took_ms is not None and not left_out:
            msg = "took_ms says how long a request takes in all; leave its work or its waiting out."
            raise InvalidQuantity(msg)
        per_million = "requests_per_month" not in said
        said.setdefault("requests_per_month", MILLION)
        between: dict[str, tuple[float, ...]] = {}
        if "memory_mb" not in said:
            between["memory_mb"] = _sizes_between(parsed("peak_memory_mb", said))
            said["memory_mb"] = between["memory_mb"][0]
        if "streaming_ms" in said:
            for name in ("cpu_ms_per_output_token", "output_tokens"):
                said.setdefault(name, 0)
        w = Workload(**said) if steps is None else Workload.from_steps(steps, **said)
        busiest = None
        if took_ms is None:
            between |= {name: LENGTHS_MS[name] for name in left_out}
        elif lengths:
            w = with_the_rest(w, left_out[0], took_ms, memory_is_known="memory_mb" not in between)
        else:
            busiest = w.replace(cpu_ms=took_ms, measured_at_mb=float(np.max(w.memory_mb)))
            w = w.replace(wait_ms=took_ms)
        return cls(workload=w, busiest=busiest, per_million=per_million, between=between, **more)

    @classmethod
    def without(cls, workload: Workload, unknown: Sequence[str], **more: Any) -> Facts:
        """Return the facts of a month of which quantities are unknown, and other facts as told.

        ``unknown`` are ``memory_mb``, ``cpu_ms``, and ``wait_ms`` or ``streaming_ms``.
        """
        w, between = workload, dict[str, tuple[float, ...]]()
        if "memory_mb" in unknown:
            between["memory_mb"] = _sizes_between(float(np.max(w.peak_memory_mb)))
            w = w.replace(memory_mb=between["memory_mb"][0])
        between |= {name: at for name, at in LENGTHS_MS.items() if name in unknown}
        return cls(
            workload=w.replace(cpu_ms=w.cpu_ms),  # of an unknown request there is no timeline
            between=between,
            **more,
        )

    @classmethod
    def preset(cls, name: str, *, changes: Mapping[str, Any] | None = None, **more: Any) -> Facts:
        """Return the facts of a named request of the book, of which none is unknown.

        ``changes`` are quantities of its workload, and the rest facts.
        """
        said = {"peak_memory_mb": STATED_PEAK_MB.get(name, 0.0)} | dict(changes or {})
        unsaid = {"one_wait": True, "longest_ms": None}
        return cls.stated(Workload.preset(name, **said), **unsaid | more)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names of the facts that are not known, of those that matter."""
        return (*(["requests_per_month"] if self.per_million else []), *self.may_be())

    @property
    def no_end(self) -> tuple[str, ...]:
        """The quantities that are not known, and that nothing known bounds."""
        return tuple(self.between)

    @property
    def may_wait(self) -> bool:
        """Whether a request waits for anything, or may."""
        unknown = self.busiest is not None or {"wait_ms", "streaming_ms"} & {*self.between}
        return bool(unknown) or bool(np.any(_waits_ms(self.workload)))

    def may_be(self) -> dict[str, tuple[Any, ...]]:
        """Return what each fact that is not known can be: its ends, and what is no end.

        A peak is a part of the memory there is, less a megabyte, and work is one of two months.
        """
        ends: dict[str, tuple[Any, ...]] = dict(self.between)
        if not np.any(self.workload.peak_memory_mb) and not self.out_of_memory:
            largest_mb = max(np.max(self.workload.memory_mb), *ends.get("memory_mb", (0.0,)))
            if largest_mb > MEMORY_MB[0]:
                ends["peak_memory_mb"] = (0.0, 1.0)
        if self.busiest is not None:
            ends["cpu_ms"] = (self.workload, self.busiest)
        if self.calls is None and self.may_wait:
            ends["calls"] = self._may_be_calls()
        if self.in_order is None and self.calls != 1 and self.may_wait:
            ends["in_order"] = (True, False)
        if self._may_be_longest():
            ends["longest_ms"] = (float(TIMEOUT_MS), 0.0)  # all of the wait, or each alike
        return ends | {name: at for name, at in _MAY_BE.items() if getattr(self, name) is None}

    def _may_be_calls(self) -> tuple[float, ...]:
        """Return how many calls there can be: as many as fill the wait, where they last so long."""
        if not self.longest_ms or self.no_end or self.busiest is not None:
            return CALLS
        waits_ms = float(np.max(_waits_ms(self.workload)))
        least = min(max(math.ceil(waits_ms * (1 - _ROUNDED) / self.longest_ms), 1), MOST_CALLS)
        return tuple(sorted({float(least), *(calls for calls in CALLS if calls > least)}))

    def _may_be_longest(self) -> bool:
        """Whether calls may run together, and nobody says how long the longest of them takes."""
        told = max(calls_told(self.workload), 1)
        if not self.may_wait:
            return False
        return self.longest_ms is None and self.in_order is False and (self.calls or 2) > told

    def cases(self) -> Iterator[Possibility]:
        """Yield each set of values that the unknown facts may have, at their ends.

        Lengths that are unknown are together no longer than the time limit leaves.
        """
        lengths = [name for name in self.between if name in LENGTHS_MS]
        ends = {name: at for name, at in self.may_be().items() if name not in lengths}
        between = self.between
        months: dict[Any, list[tuple[dict[str, int], Workload]]] = {}
        answers: dict[tuple[Any, ...], Answers] = {}
        names = [f.name for f in fields(Answers)]
        for sides in product(*(range(len(values)) for values in ends.values())):
            taken = {name: ends[name][side] for name, side in zip(ends, sides, strict=True)}
            said = {name: taken.get(name, getattr(self, name)) for name in names}
            said["in_order"] = True if said["in_order"] is None else said["in_order"]
            said |= {"longest_ms": said["longest_ms"] or 0.0, "calls": said["calls"] or 1.0}
            given = tuple(said.values())
            if given not in answers:
                answers[given] = Answers(**said)
            hour_usd, rate = (
                taken.get(name, getattr(self, name)) for name in ("hour_usd", "effective_rate")
            )
            at = dict(zip(ends, sides, strict=True))
            key = tuple(at.get(name) for name in ("cpu_ms", "memory_mb", "peak_memory_mb"))
            if key not in months:
                w = self._at(taken)
                months[key] = list(_with_lengths(w, [(name, between[name]) for name in lengths]))
            for at_lengths, month in months[key]:
                of_all = self.one_wait and said["calls"] > calls_told(month)
                yield Possibility(at | at_lengths, month, answers[given], of_all, hour_usd, rate)

    def _at(self, taken: Mapping[str, Any]) -> Workload:
        """Return the month with the memory, the peak and the work that are taken."""
        w: Workload = taken.get("cpu_ms", self.workload)
        if "memory_mb" in taken:
            w = w.replace(memory_mb=taken["memory_mb"])
        if "peak_memory_mb" in taken:
            at_mb = float(np.max(w.memory_mb)) - 1
            w = w.replace(peak_memory_mb=taken["peak_memory_mb"] * at_mb)
        return w


def _with_lengths(
    w: Workload, between: Sequence[tuple[str, tuple[float, ...]]]
) -> Iterator[tuple[dict[str, int], Workload]]:
    """Yield the month with each of the lengths that are unknown, and which each is of its own."""
    if not between:
        yield {}, w
        return
    (name, tried), *others = between
    nothing = w.replace(**dict.fromkeys([name, *(other for other, _ in others)], 0.0))
    most_ms = _most_ms(name, nothing)
    for k, ms in enumerate([*(ms for ms in tried if ms < most_ms), most_ms]):
        for at, month in _with_lengths(_lasting(w, name, ms), others):
            yield {name: k} | at, month


#: The kind of step that each length is of.
KIND_OF: dict[str, Kind] = {"cpu_ms": "cpu", "wait_ms": "wait", "streaming_ms": "streaming"}


def _lasting(w: Workload, name: str, ms: float) -> Workload:
    """Return the month with one of its lengths; a timeline keeps the steps of other kinds."""
    kind = KIND_OF[name]
    kept = [step for step in w.steps if step.kind != kind]
    return w.replace(**{name: ms}, steps=(*kept, Step(kind, ms)) if kept else ())


def with_the_rest(w: Workload, name: str, took_ms: float, *, memory_is_known: bool) -> Workload:
    """Return the month of which the other length is what is left of the time it takes in all.

    Raises:
        InvalidQuantity: where that depends on a memory that is not known, or nothing is left.
    """
    if not memory_is_known:
        msg = "took_ms and one length give the other at a memory that is known; give memory_mb too."
        raise InvalidQuantity(msg)
    rest_ms = took_ms - float(np.max(PLATFORM.wall_ms(w)))
    if rest_ms < 0:
        msg = (
            f"took_ms is {took_ms:,.10g}, less than the {took_ms - rest_ms:,.10g} ms of what is"
            f" said beside it in {np.max(w.memory_mb):,.10g} MB; give what a request takes in all."
        )
        raise InvalidQuantity(msg)
    if name == "cpu_ms":
        rest_ms = float(cpu_time_ms(rest_ms, np.max(w.memory_mb)))
    return _lasting(w, name, rest_ms)


def _most_ms(name: str, w: Workload) -> float:
    """Return how long a length can be at most that is nothing in this month."""
    left_ms = float(max(math.floor(TIMEOUT_MS - float(np.max(PLATFORM.wall_ms(w)))), 0))
    return float(cpu_time_ms(left_ms, np.max(w.memory_mb))) if name == "cpu_ms" else left_ms


def _sizes_between(peak_mb: float) -> tuple[float, ...]:
    """Return what a memory can be that nobody says: its ends, and one whole vCPU."""
    low, high = MEMORY_MB
    least_mb = min(max(int(peak_mb) + 1, low), high)
    return tuple(float(mb) for mb in sorted({least_mb, max(least_mb, FULL_VCPU_MB), high}))


#: What a fact can be that nobody says, whatever else is known.
_MAY_BE: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("reads_along", "sees_answer", "own_process", "other_vendor"), (True, False)),
    "hour_usd": HOURS_USD,
    "effective_rate": RATES,
}


def some_facts(value: Any) -> Facts:
    """Return what is asked about, if it is facts.

    Raises:
        InvalidQuantity: if it is something else, and what to write.
    """
    return of_kind("facts", value, Facts, "Facts: Facts.preset('article')")


def _waits_ms(w: Workload) -> Any:
    return w.wait_ms + w.streaming_ms


def _check_function(w: Workload, *, out_of_memory: bool) -> None:
    """Refuse what is kept ready, and more memory in use than there is where none was wanting.

    Raises:
        InvalidQuantity: naming the quantities.
    """
    if np.any(w.provisioned_concurrency):
        raise InvalidQuantity(SAYS["kept"].format(kept=f"{np.max(w.provisioned_concurrency):g}"))
    peak_mb, memory_mb = np.max(w.peak_memory_mb), np.max(w.memory_mb)
    if not out_of_memory and peak_mb > memory_mb:
        peak, memory = show(float(peak_mb), "mb"), show(float(memory_mb), "mb")
        raise InvalidQuantity(SAYS["above"].format(peak=peak, memory=memory))


def _check_steps(w: Workload, calls: float | None) -> None:
    """Refuse fewer calls than a timeline lists.

    Raises:
        InvalidQuantity: naming both.
    """
    listed = sum(step.kind == "wait" and bool(np.any(np.asarray(step.ms) > 0)) for step in w.steps)
    if calls is not None and calls < min(listed, MOST_CALLS):
        msg = f"calls is {calls:g}, and its timeline lists {listed} steps that wait; leave it out."
        raise InvalidQuantity(msg)


def _check_waiting(facts: Facts) -> None:
    """Refuse a longest call that can be none of the calls that fill the waiting.

    Raises:
        InvalidQuantity: if it is longer than all of that or shorter than one that is listed, or so
            many calls cannot fill it.
    """
    w, longest_ms, calls = facts.workload, facts.longest_ms, facts.calls
    if not longest_ms or {"wait_ms", "streaming_ms"} & {*facts.between}:
        return
    waits_ms = _waits_ms(w)
    if longest_ms > np.max(waits_ms) * (1 + _ROUNDED):
        msg = (
            f"longest_ms is {longest_ms:,.10g}, and a request waits {np.max(waits_ms):,.10g} ms in"
            " all; the longest of its calls is a part of that."
        )
        raise InvalidQuantity(msg)
    listed_ms = max((float(np.max(step.ms)) for step in w.steps if step.kind == "wait"), default=0)
    if longest_ms < listed_ms * (1 - _ROUNDED):
        msg = (
            f"longest_ms is {longest_ms:,.10g}, and its timeline lists a wait of"
            f" {listed_ms:,.10g} ms; leave it out where steps say it."
        )
        raise InvalidQuantity(msg)
    fill_ms = longest_ms * max(calls or np.inf, calls_told(w))
    if facts.busiest is None and fill_ms < np.min(waits_ms) * (1 - _ROUNDED):
        msg = (
            f"longest_ms is {longest_ms:,.10g} and calls {calls:g}: they fill {fill_ms:,.10g} ms at"
            f" most, and a request waits {np.min(waits_ms):,.10g}; one of the three is wrong."
        )
        raise InvalidQuantity(msg)


def _calls_of(w: Workload) -> float | None:
    """Return how many calls a timeline makes; None where there is no timeline."""
    calls = sum(1.0 for step in w.steps if step.kind != "cpu" and np.any(np.asarray(step.ms) > 0))
    return min(calls, MOST_CALLS) or None


def calls_told(w: Workload) -> int:
    """Return of how many calls a month tells the length: of its timeline's, or of both waits."""
    lengths = [step.ms for step in w.steps if step.kind != "cpu"] or [w.wait_ms, w.streaming_ms]
    return sum(bool(np.any(np.asarray(ms) > 0)) for ms in lengths)


def parsed(name: str, quantities: Mapping[str, Any]) -> float:
    """Return the most of a quantity that may be text with a unit, and 0 where it is not said.

    >>> parsed("wait_ms", {"wait_ms": "5s"}), parsed("wait_ms", {})
    (5000.0, 0.0)
    """
    return float(np.max(checked(name, quantities.get(name, 0.0))))


class Possibility(NamedTuple):
    """One way things may be: which end of each unknown it takes, the month and the answers.

    ``of_all`` says that what streams is the wait for all its calls, and none that a person reads
    along. ``hour_usd`` is what an hour of work costs then, ``rate`` the share of AWS's list prices.
    """

    ends: Mapping[str, int]
    workload: Workload
    answers: Answers
    of_all: bool
    hour_usd: float
    rate: float

    @property
    def overlaps(self) -> Answers:
        """The answers, as what can overlap has them."""
        return replace(self.answers, reads_along=False) if self.of_all else self.answers
