"""The ladder: what can be done about a bill for waiting, rung by rung, and what each is worth.

:func:`months` is its arithmetic, which a page runs too; :func:`ladder` puts words around it.
"""

from __future__ import annotations

import math
from collections.abc import Container
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple, Protocol

import numpy as np

from serverless_tax.bill.totals import Totals
from serverless_tax.ground.checks import MOST, setting
from serverless_tax.ground.show import show
from serverless_tax.platforms import platform
from serverless_tax.prices import UnknownPrice
from serverless_tax.questions.granted import (
    NO_CODE,
    SAME_SPEED,
    WHOLE_ANSWER,
    overlapped,
    shared,
    unproxied,
    when_provisioned_pays,
)
from serverless_tax.questions.paid_months import Bills
from serverless_tax.questions.right_size import (
    Chosen,
    about_size,
    too_small,
)
from serverless_tax.questions.rungs import ON_TUNED, RUNGS
from serverless_tax.request.workload import Workload

#: How many times as long a request may take for less memory, and what a shorter answer leaves.
SLOWER, SHORTER = 1.25, 0.5
#: No request takes longer than this many times as long: from a millisecond to Lambda's timeout.
MOST_SLOWER = 900_000

#: The months in which a change has to earn its work.
HORIZON_MONTHS = 12

#: A change that earns less than this in a year, in USD, earns nothing: it shows as $0.00, and is
#: what a last digit makes of the order of a sum.
LEAST_USD = 0.005

_FUNCTION = "aws-lambda"
#: The designs of the rungs that are another one than the function.
BESIDE = (
    *("aws-lambda-provisioned", "aws-rest-api-proxy", "aws-fargate", "aws-lambda-durable"),
    *("vercel-fluid", "cloudflare-workers"),
)


class Pricing(Protocol):
    """What the ladder asks of whoever knows prices: the package's bills, or a page's figures."""

    def changed(self, w: Any, **quantities: Any) -> Any:
        """Return the request with quantities changed, ``arm`` among them."""

    def month(self, name: str, w: Any) -> Totals:
        """Return a design's month of the request, or raise UnknownPrice if it is not on offer."""

    def serves(self, name: str, w: Any) -> Any:
        """Return 1 where a design can serve the request as it is, else 0."""

    def size(self, w: Any, slower: Any, out_of_memory: Any) -> Chosen:
        """Return the cheapest size of the function that serves the request."""


class Climb(NamedTuple):
    """One rung in numbers: its design and request, and what they come to.

    ``applies`` is 1 where the change is one, else 0; ``serves`` is 1 where its design can serve
    the request. ``saving_usd`` is a month's against the bill as it is, ``step_usd`` against the
    function as tuned below; ``year_usd`` is what a year of the step leaves after the work.
    """

    design: str
    request: Any
    month: Totals
    applies: Any
    serves: Any
    saving_usd: Any
    step_usd: Any
    year_usd: Any
    payback_months: Any

    def on_top_of(self, before_usd: Any, work_usd: Any) -> Climb:
        """Return the rung with what it saves of a month, for so much work."""
        return self._replace(step_usd=before_usd - self.month.total).for_work(work_usd)

    def for_work(self, work_usd: Any) -> Climb:
        """Return the rung with what a year leaves of its step, after so much work."""
        return self._replace(
            year_usd=self.step_usd * HORIZON_MONTHS - work_usd,
            payback_months=payback_months(work_usd, self.step_usd),
        )


class Climbs(NamedTuple):
    """Every rung that is on offer, by id and in order.

    ``size`` is what was chosen on the second, and ``tuned`` the request with what saves of the
    first three.
    """

    rungs: dict[str, Climb]
    size: Chosen
    tuned: Any

    def at(self, hour_usd: Any) -> Climbs:
        """Return the same rungs where an hour of work costs so much."""
        hours = {name: RUNGS[name].effort_hours for name in self.rungs}
        return self._replace(
            rungs={name: c.for_work(hours[name] * hour_usd) for name, c in self.rungs.items()}
        )


def months(
    w: Any,
    pricing: Pricing,
    *,
    hour_usd: Any,
    slower: Any = SLOWER,
    shorter: float = SHORTER,
    calls: Any = 1.0,
    longest_ms: Any = 0.0,
    reads_along: Any = 0.0,
    out_of_memory: Any = 0.0,
    beside: Container[str] = tuple(RUNGS),
) -> Climbs:
    """Return every rung for a request, in plain arithmetic that a page can run.

    Memory and Arm are taken where they save, and memory where there is too little; what stands on
    the function stands on that. ``calls`` are those that a request waits for, of which the longest
    takes ``longest_ms``, or 0 where all are alike; ``reads_along`` is 1 where a person reads what
    streams, and ``out_of_memory`` where requests end for want of memory. ``beside`` are the rungs
    beside each other that are asked for.
    """
    rungs: dict[str, Climb] = {}
    start = pricing.month(_FUNCTION, w)

    def add(name: str, where: str, request: Any, before_usd: Any, applies: Any = 1.0) -> None:
        climb = _climb(where, request, pricing, start, applies)
        rungs[name] = climb.on_top_of(before_usd, RUNGS[name].effort_hours * hour_usd)

    add("as-it-is", _FUNCTION, w, start.total)
    smaller, size = resized(w, pricing, slower, out_of_memory)
    add("memory", _FUNCTION, smaller, start.total)
    short = too_small(most_of(w.memory_mb), most_of(w.peak_memory_mb), out_of_memory)
    mends = rungs["memory"].serves * (1 - rungs["as-it-is"].serves)
    must = size.moves * np.maximum(short, mends)
    saves = np.maximum(must, 1.0 * (rungs["memory"].step_usd > 0))
    tuned_mb = smaller.memory_mb * saves + w.memory_mb * (1 - saves)
    tuned = pricing.changed(w, memory_mb=tuned_mb)
    tuned_usd = rungs["memory"].month.total * saves + start.total * (1 - saves)
    on_arm = pricing.changed(tuned, arm=1.0)
    add("arm", _FUNCTION, on_arm, tuned_usd, 1 - w.arm)
    tuned = pricing.changed(tuned, arm=np.maximum(w.arm, 1.0 * (rungs["arm"].step_usd > 0)))
    tuned_usd = np.minimum(rungs["arm"].month.total, tuned_usd)
    for name, (where, changes, applies) in _beside(
        w, shorter, calls, overlapped_ms(w, calls, longest_ms, reads_along)
    ).items():
        if name not in beside:
            continue
        request = pricing.changed(tuned if name in ON_TUNED else w, **changes)
        try:
            add(name, where, request, tuned_usd, applies)
        except UnknownPrice:
            if where == _FUNCTION:
                raise
    return Climbs(rungs, size, tuned)


def _climb(where: str, request: Any, pricing: Pricing, start: Totals, applies: Any) -> Climb:
    month, serves = pricing.month(where, request), pricing.serves(where, request)
    return Climb(where, request, month, applies, serves, start.total - month.total, 0, 0, 0)


#: The rungs that depend on the calls of a request, and on how long the longest takes.
OF_CALLS = ("overlap", "suspended")


def with_calls(
    found: Climbs, w: Any, pricing: Pricing, *, calls: Any, longest_ms: Any, reads_along: Any
) -> Climbs:
    """Return the rungs of the same request, at no price of an hour, with other answers about calls.

    What a memory or a chip costs they do not change.
    """
    start, before = found.rungs["as-it-is"].month, pricing.month(_FUNCTION, found.tuned)
    changes = _beside(w, SHORTER, calls, overlapped_ms(w, calls, longest_ms, reads_along))
    rungs = dict(found.rungs)
    for name in OF_CALLS:
        if name in rungs:
            where, changed, applies = changes[name]
            request = pricing.changed(found.tuned, **changed)
            climb = _climb(where, request, pricing, start, applies)
            rungs[name] = climb.on_top_of(before.total, 0.0)
    return found._replace(rungs=rungs)


def resized(
    w: Any, pricing: Pricing, slower: Any = SLOWER, out_of_memory: Any = 0.0
) -> tuple[Any, Chosen]:
    """Return the request at the cheapest size that serves it, and what was found."""
    size = pricing.size(w, slower, out_of_memory)
    memory_mb = size.memory_mb * size.moves + w.memory_mb * (1 - size.moves)
    return pricing.changed(w, memory_mb=memory_mb), size


def _beside(
    w: Any, shorter: float, calls: Any, overlap_ms: Any
) -> dict[str, tuple[str, dict[str, Any], Any]]:
    """Return the rungs beside each other: the design, what it changes, 1 where that is a change."""
    streams = 1.0 * (most_of(w.streaming_ms) > 0)
    waits = np.maximum(streams, 1.0 * (most_of(w.wait_ms) > 0))
    # The model is what streams, or else the longest wait.
    model_ms = reduce(np.maximum, _lengths(w, "wait") or [w.wait_ms]) * (1 - streams)
    overlapped = {
        "wait_ms": np.maximum(w.wait_ms - overlap_ms, 0),
        "streaming_ms": w.streaming_ms - np.maximum(overlap_ms - w.wait_ms, 0),
    }
    less = {
        "streaming_ms": w.streaming_ms * shorter,
        "wait_ms": np.maximum(w.wait_ms - model_ms * (1 - shorter), 0),
        "output_tokens": w.output_tokens * shorter,
    }
    handed_out = {
        "streaming_ms": w.streaming_ms * 0,
        "wait_ms": np.maximum(w.wait_ms - model_ms, 0),
        "cpu_ms_per_output_token": w.cpu_ms_per_output_token * 0,
        "bytes_per_output_token": w.bytes_per_output_token * 0,
        "tokens_per_message": np.maximum(w.tokens_per_message, w.output_tokens),
    }
    whole = {"wait_ms": w.wait_ms + w.streaming_ms, "streaming_ms": w.streaming_ms * 0}
    return {
        "overlap": (_FUNCTION, overlapped, 1.0 * (most_of(overlap_ms) > 0)),
        "provisioned": ("aws-lambda-provisioned", {}, 1.0),
        "shorter": (_FUNCTION, less, waits),
        "no-proxy": (_FUNCTION, handed_out, waits),
        "gateway": ("aws-rest-api-proxy", {}, waits * mostly_waits(w)),
        "share": ("aws-fargate", {"arm": 1.0}, 1.0),
        "suspended": ("aws-lambda-durable", whole | _waits_of(w, calls), waits),
        "active-memory": ("vercel-fluid", sizes_on_offer("vercel-fluid", w), waits),
        "active-cpu": ("cloudflare-workers", {}, waits),
    }


def _waits_of(w: Any, calls: Any) -> dict[str, Any]:
    """Return the waits and steps of a durable execution that suspends at each call."""
    return {
        "durable_waits": np.maximum(w.durable_waits, calls),
        "durable_steps": np.maximum(w.durable_steps, calls + 1),
    }


def mostly_waits(w: Any) -> Any:
    """Return 1 where a request waits for longer than it works on a whole vCPU, else 0."""
    works_ms = w.cpu_ms + w.output_tokens * w.cpu_ms_per_output_token
    return 1.0 * (mean_of(w.wait_ms + w.streaming_ms) > mean_of(works_ms))


def overlapped_ms(w: Any, calls: Any = 1.0, longest_ms: Any = 0.0, reads_along: Any = 0.0) -> Any:
    """Return the waiting that fits under the longest wait, were all waits side by side.

    The longest takes ``longest_ms``, with its retries, or as a chain where some need others; else
    it is the longest of a timeline, or each takes the same part of it all. A stream that a person
    reads along is none of them: it lasts as long as it is read.
    """
    streams = _lengths(w, "streaming") or [w.streaming_ms]
    waits = _lengths(w, "wait") or [w.wait_ms]
    read = sum(1.0 * (most_of(ms) > 0) for ms in streams) * reads_along
    waits = [*waits, *(ms * (1 - reads_along) for ms in streams)]
    calls = np.maximum(calls - read, 1)
    total_ms = sum(waits)
    unknown = 1.0 * (calls > sum(1.0 * (most_of(ms) > 0) for ms in waits))
    listed_ms = reduce(np.maximum, waits) * (1 - unknown)
    said_ms = np.maximum(longest_ms, np.maximum(listed_ms, total_ms / calls * unknown))
    return total_ms - np.minimum(said_ms, total_ms)


def _lengths(w: Any, kind: str) -> list[Any]:
    """Return the steps of a kind, where the request has a timeline."""
    return [np.asarray(step.ms)[()] for step in getattr(w, "steps", ()) if step.kind == kind]


def most_of(values: Any) -> Any:
    """Return the largest of a sample's values, or the value."""
    return np.max(values) if np.ndim(values) else values


def mean_of(values: Any) -> Any:
    """Return the mean of a sample's values, or the value."""
    return np.mean(values) if np.ndim(values) else values


def sizes_on_offer(name: str, w: Any) -> dict[str, Any]:
    """Return the size of instance that a platform offers nearest to the request's."""
    return {
        size: np.minimum(np.maximum(getattr(w, size), least), most)
        for size, (least, most) in platform(name).offers.items()
        if size.startswith("instance_")
    }


def payback_months(work_usd: Any, saving_usd: Any) -> Any:
    """Return the months after which a month's saving has paid for the work; endless without one.

    In Python the division by nothing warns; whoever calls it there says that it is meant.
    """
    nothing = 1.0 * (saving_usd <= 0)
    return (work_usd + nothing) / np.maximum(saving_usd, 0.0)


def check_hour(hour_usd: float) -> None:
    """Refuse what no hour of work costs.

    Raises:
        InvalidQuantity: naming it, and what was expected.
    """
    setting("hour_usd", hour_usd, f"dollars an hour, at least 0 and at most {MOST:g}", most=MOST)


def check_slower(slower: float) -> None:
    """Refuse what no request is allowed to take as many times as long.

    Raises:
        InvalidQuantity: naming it, and what was expected.
    """
    setting("slower", slower, f"at least 1, and at most {MOST_SLOWER:,}", least=1, most=MOST_SLOWER)


def climbs(
    w: Workload, hour_usd: float, slower: float, shorter: float, pricing: Bills, **facts: Any
) -> Climbs:
    """Return :func:`months` of a workload, with settings checked.

    Raises:
        InvalidQuantity: for a setting out of range, and as :func:`bill` does.
    """
    check_slower(slower)
    setting("shorter", shorter, "more than 0 and at most 1", over=0, most=1)
    check_hour(hour_usd)
    with np.errstate(divide="ignore"):  # what never pays is endless
        return months(w, pricing, hour_usd=hour_usd, slower=slower, shorter=shorter, **facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One change: the month's bill with it, what it saves, what it takes and what it costs you.

    ``saving_usd`` is a month's, against the bill as it is; ``step_usd`` against the function
    as tuned by the rungs below: both can be negative. ``first_year_usd`` is what a year of the step
    leaves after the work, and ``payback_months`` the effort at your hourly rate over the step's
    saving; infinite where nothing is saved. ``effort_hours`` is an estimate of ours, for one
    function.
    """

    id: str
    name: str
    design: str
    total_usd: float
    saving_usd: float
    step_usd: float
    effort_hours: float
    first_year_usd: float
    payback_months: float
    risk: str
    lost: str
    finding: str
    workload: Workload

    @property
    def earns(self) -> bool:
        """Whether it earns its work within a year; what does not is recommended to nobody."""
        return self.first_year_usd > LEAST_USD

    def to_dict(self) -> dict[str, Any]:
        """Return the rung as plain values, ready for JSON; no payback is null."""
        names = [name for name in self.__slots__ if name != "workload"]
        plain = {name: getattr(self, name) for name in names}
        if not math.isfinite(self.payback_months):
            plain["payback_months"] = None
        return plain


def ladder(
    workload: Workload,
    *,
    hour_usd: float = 100.0,
    slower: float = SLOWER,
    shorter: float = SHORTER,
    effective_rate: float = 1.0,
    calls: float = 1.0,
    out_of_memory: bool = False,
    **when: Any,
) -> list[Rung]:
    """Return the rungs for a function that waits, from the least effort up.

    Memory and Arm build on each other, where they save. The others are alternatives to the
    function so tuned, and do not add up. A rung that was not on offer on the day asked for is
    left out, and so is what needs a wait where there is none. ``hour_usd`` is what an hour of
    your time costs, ``slower`` how many times as long a request may take for less memory, and
    ``shorter`` the part of the model's time that a shorter answer or a faster model leaves.
    ``effective_rate`` is the share of AWS's list prices that you pay, ``calls`` are those that a
    request waits for, and ``out_of_memory`` says that requests end for want of memory. Other
    keywords are those of :func:`bill`.

    >>> from datetime import date
    >>> rungs = ladder(Workload.preset("article"), on=date(2026, 11, 1))
    >>> [round(rung.total_usd) for rung in rungs[:3]]
    [811, 104, 84]

    Raises:
        InvalidQuantity: for a setting out of range, and as :func:`bill` does.
    """
    pricing = Bills(when, effective_rate)
    facts = {"calls": calls, "out_of_memory": float(out_of_memory)}
    found = climbs(workload, hour_usd, slower, shorter, pricing, **facts)
    return [
        worded(name, climb, finding(name, found, pricing, shorter, out_of_memory))
        for name, climb in found.rungs.items()
        if climb.applies
    ]


def worded(name: str, climb: Climb, said: str) -> Rung:
    """Return a rung in numbers with its words."""
    about = RUNGS[name]
    return Rung(
        id=name,
        name=about.name,
        design=climb.design,
        total_usd=float(climb.month.total),
        saving_usd=float(climb.saving_usd),
        step_usd=float(climb.step_usd),
        effort_hours=about.effort_hours,
        first_year_usd=float(climb.year_usd),
        payback_months=float(climb.payback_months),
        risk=about.risk,
        lost=about.lost,
        finding=said,
        workload=climb.request,
    )


def finding(name: str, found: Climbs, pricing: Bills, shorter: float, out_of_memory: float) -> str:
    """Return what stands in a rung's way, and what is to know about it."""
    w, climb = found.rungs["as-it-is"].request, found.rungs[name]
    assumed = platform(climb.design).assumes if name in _ASSUMES else ""
    said = {
        "memory": lambda: about_size(w, climb.request, found.size, out_of_memory),
        "arm": lambda: SAME_SPEED,
        "overlap": lambda: overlapped(w, climb.request),
        "provisioned": lambda: when_provisioned_pays(climb.request, pricing.when),
        "shorter": lambda: (
            f"Priced with {show(shorter, 'percent')} of the model's time and tokens."
        ),
        "no-proxy": lambda: unproxied(climb.request),
        "gateway": lambda: NO_CODE,
        "share": lambda: shared(climb.request),
        "suspended": lambda: WHOLE_ANSWER if np.any(w.streaming_ms) else assumed,
    }.get(name, lambda: assumed)()
    return " ".join((*pricing.obstacles(climb.design, climb.request), *filter(None, [said])))


#: The rungs that say what their platform's bill takes for granted.
_ASSUMES = ("suspended", "active-memory", "active-cpu")
