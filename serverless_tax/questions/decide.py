"""From answers to a recommendation: which change pays, with its arithmetic and its payback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from serverless_tax.ground.checks import setting
from serverless_tax.platforms.aws_lambda import PLATFORM
from serverless_tax.questions.answers import Answers, some_answers
from serverless_tax.questions.compare import sum_in_order
from serverless_tax.questions.ladder import (
    HORIZON_MONTHS,
    SHORTER,
    SLOWER,
    Climb,
    Climbs,
    Pricing,
    Rung,
    check_hour,
    climbs,
    finding,
    most_of,
    payback_months,
    worded,
)
from serverless_tax.questions.paid_months import Bills
from serverless_tax.questions.right_size import too_small
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.questions.sentence import Faster, alone, sentence, summed
from serverless_tax.request.workload import Workload

#: The changes that build on each other and rule nothing out.
TUNING = ("memory", "arm")

#: A change that earns less than this in a year, in USD, earns nothing: it shows as $0.00, and is
#: what a last digit makes of the order of a sum.
_LEAST_USD = 0.005

#: Each other change that can be recommended, and the answers it needs, by their names in `Answers`.
#: A shorter answer is never recommended: what it does to quality no bill can tell.
NEEDS: dict[str, dict[str, bool]] = {
    "overlap": {"in_order": False},
    "no-proxy": {"sees_answer": False},
    "gateway": {"sees_answer": False},
    "share": {"own_process": True},
    "suspended": {"reads_along": False},
    "active-memory": {"other_vendor": True},
    "active-cpu": {"other_vendor": True},
}

#: How many calls a request may wait for, at least and at most, for a change to be possible. What
#: stands between two calls is code that sees the first one's answer.
CALLS: dict[str, tuple[float, float]] = {
    "overlap": (2, np.inf),
    "no-proxy": (1, 1),
    "gateway": (1, 1),
}


class Choice(NamedTuple):
    """What is recommended, in numbers: each by the id of its rung.

    ``changes`` are the rungs beside each other, on top of the recommended tuning, whose hours are
    not spent where a change replaces the function; ``left_open`` is 1 where the answers leave a
    change open that applies and can serve, else 0, and ``taken`` is 1 for what is recommended.
    ``needed`` is 1 where the memory is raised because there is too little, and ``faster`` where
    the same bill buys a shorter answer of the function that stays.
    ``total_usd`` is the month's bill then, and ``tuned_usd`` what it is with the tuning alone,
    after ``tuned_hours``.
    """

    changes: dict[str, Climb]
    left_open: Mapping[str, Any]
    taken: Mapping[str, Any]
    needed: Any
    faster: Any
    tuned_usd: Any
    tuned_hours: Any
    total_usd: Any
    hours: Any
    first_year_usd: Any
    payback_months: Any


def choose(found: Climbs, answers: Any, pricing: Pricing, hour_usd: Any) -> Choice:
    """Recommend the tuning that earns its work, and the change that earns most on top of it.

    A change that replaces the function takes the place of its tuning, and of the hours for that.
    Memory that is missing is given whether it earns or not. In plain arithmetic, which a page runs
    too. ``answers`` has what :class:`Answers` has.
    """
    rungs, start = found.rungs, found.rungs["as-it-is"].request
    taken = {name: _earns(rungs[name]) * rungs[name].applies for name in TUNING}
    short = too_small(
        most_of(start.memory_mb), most_of(start.peak_memory_mb), 1.0 * answers.out_of_memory
    )
    needed = short * found.size.moves * rungs["memory"].serves
    taken["memory"] = np.maximum(taken["memory"], needed)
    tuned_usd = _tuned_usd(rungs, taken["memory"], taken["arm"])
    on_arm = np.maximum(taken["arm"], rungs["as-it-is"].request.arm)
    priced = {name: _priced(name, rungs[name], on_arm, pricing) for name in NEEDS if name in rungs}
    tuned_hours = hours_of(taken)
    spared_hours = tuned_hours - hours_of({"memory": needed})
    changes = {
        name: climb.on_top_of(
            tuned_usd, (RUNGS[name].effort_hours - _replaces(name) * spared_hours) * hour_usd
        )
        for name, climb in priced.items()
    }
    left_open = {
        name: _allowed(name, answers) * change.applies * change.serves
        for name, change in changes.items()
    }
    best_usd = reduce(np.maximum, (c.year_usd * left_open[name] for name, c in changes.items()), 0)
    chosen: Any = 0.0
    for name, change in changes.items():  # of two that earn the same, the first
        is_best = left_open[name] * (change.year_usd >= best_usd) * (change.year_usd > _LEAST_USD)
        taken[name] = is_best * (1 - chosen)
        chosen = chosen + taken[name]
    total_usd = sum_in_order(taken[name] * change.month.total for name, change in changes.items())
    total_usd = total_usd + tuned_usd * (1 - chosen)
    replaced = sum_in_order(taken[name] * _replaces(name) for name in changes)
    taken |= {name: taken[name] * (1 - replaced) for name in TUNING}
    taken["memory"] = np.maximum(taken["memory"], needed)
    hours = hours_of(taken)
    work_usd = hour_usd * hours
    saved_usd = rungs["as-it-is"].month.total - total_usd
    return Choice(
        changes=changes,
        left_open=left_open,
        taken=taken,
        needed=needed,
        faster=found.size.faster * (1 - replaced),
        tuned_usd=tuned_usd,
        tuned_hours=tuned_hours,
        total_usd=total_usd,
        hours=hours,
        first_year_usd=saved_usd * HORIZON_MONTHS - work_usd,
        payback_months=payback_months(work_usd, saved_usd),
    )


def hours_of(taken: Mapping[str, Any]) -> Any:
    """Return the hours of work of the changes that are taken."""
    return sum_in_order(each * RUNGS[name].effort_hours for name, each in taken.items())


def _replaces(name: str) -> float:
    """Return 1 where a change takes the function's place, else 0."""
    return float(name not in _ON_THE_FUNCTION)


def _earns(climb: Climb) -> Any:
    """Return 1 where a change earns its work within a year, and can serve the requests, else 0."""
    return 1.0 * (climb.year_usd > _LEAST_USD) * climb.serves


def _tuned_usd(rungs: Mapping[str, Climb], memory: Any, arm: Any) -> Any:
    """Return the month on the tuning that is taken; nothing is added up that is a bill already."""
    start_usd = rungs["as-it-is"].month.total
    without_arm = rungs["memory"].month.total * memory + start_usd * (1 - memory)
    with_arm = rungs["arm"].month.total * memory + (start_usd - rungs["arm"].step_usd) * (
        1 - memory
    )
    return with_arm * arm + without_arm * (1 - arm)


def _allowed(name: str, answers: Any) -> Any:
    """Return 1 where every answer that a change needs is given as it needs it, else 0."""
    least, most = CALLS.get(name, (1, np.inf))
    allowed: Any = 1.0
    if least > 1:
        allowed = allowed * (answers.calls >= least)
    if most < np.inf:
        allowed = allowed * (answers.calls <= most)
    for answer, wanted in NEEDS[name].items():
        given = getattr(answers, answer)
        allowed = allowed * (given if wanted else 1 - given)
    return allowed


#: The changes that keep the function: without the move to Arm they stay on its processor.
_ON_THE_FUNCTION = ("overlap", "no-proxy", "suspended")


def _priced(name: str, climb: Climb, arm: Any, pricing: Pricing) -> Climb:
    """Return a change, where it is one to the function on the processor that is recommended."""
    if name not in _ON_THE_FUNCTION:
        return climb
    request = pricing.changed(climb.request, arm=arm)
    return climb._replace(request=request, month=pricing.month(climb.design, request))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do, in order, and what it is worth.

    ``tuning`` are the easy changes that earn their work within a year, ``change`` the one that
    earns most after them, or None where none does; where it replaces the function, it does so
    without them. ``total_usd`` is the month's bill then, and
    ``first_year_usd`` what a year saves, less the work of ``hours``. ``considered`` holds the
    changes that the answers leave open and that can serve these requests, by what they earn.
    ``raised`` says that the memory is given because there is too little, whatever it costs, and
    ``faster`` is the memory at which the same bill buys a shorter answer, or None. ``alone`` is
    what the function with its tuning alone would cost a month, and the hours of that, where
    ``change`` replaces it. ``warnings`` say what is wrong with the function that no change here
    mends.
    """

    start_usd: float
    total_usd: float
    tuning: tuple[Rung, ...]
    change: Rung | None
    first_year_usd: float
    hours: float
    hour_usd: float
    payback_months: float
    considered: tuple[Rung, ...]
    raised: bool
    faster: Faster | None
    alone: tuple[float, float] | None
    warnings: tuple[str, ...]
    cannot: dict[str, str]

    @property
    def steps(self) -> tuple[Rung, ...]:
        """The changes that are recommended, in order."""
        return (*self.tuning, *([self.change] if self.change else []))

    @property
    def saving_usd(self) -> float:
        """What a month costs less; below 0 where it costs more."""
        return self.start_usd - self.total_usd

    @property
    def sentence(self) -> str:
        """What to do, what it saves a month and what it takes; then to stop."""
        return sentence(
            [(rung.id, float(np.max(rung.workload.memory_mb))) for rung in self.steps],
            saving_usd=self.saving_usd,
            hours=self.hours,
            raised=self.raised,
            faster=self.faster,
        )

    @property
    def sum(self) -> str:
        """The arithmetic of the sentence."""
        return summed(
            start_usd=self.start_usd,
            total_usd=self.total_usd,
            hours=self.hours,
            hour_usd=self.hour_usd,
            first_year_usd=self.first_year_usd,
            payback_months=self.payback_months,
        )

    def __str__(self) -> str:
        """Return the recommendation, its sum, and what to know of each step before it is taken."""
        told = [f"{rung.name}: {rung.finding}" for rung in self.steps if rung.finding]
        if self.alone and self.alone[1]:
            told.append(alone(*self.alone))
        told += self.warnings
        return "\n".join([self.sentence, *([self.sum] if self.steps else []), *told])


def decide(
    workload: Workload,
    answers: Answers | None = None,
    *,
    hour_usd: float = 100.0,
    effective_rate: float = 1.0,
    **when: Any,
) -> Decision:
    """Recommend the changes that earn their work within a year, for these answers.

    First the tuning, then of the changes left open the one that earns most on top of it, or in its
    place where the function is replaced. What could not serve these requests is never recommended.
    Memory that is missing is given first, whatever it costs. ``effective_rate`` is the share of
    AWS's list prices that you pay. Other keywords are those of :func:`serverless_tax.ladder`.

    >>> from datetime import date
    >>> found = decide(Workload.preset("article"), on=date(2026, 11, 1))
    >>> [rung.id for rung in found.tuning], found.change, round(found.total_usd)
    (['memory'], None, 104)
    >>> found.sentence
    'Set memory to 128 MB: $707.19 a month less, two hours. Then stop.'

    Raises:
        InvalidQuantity: as :func:`serverless_tax.ladder` does.
    """
    check_rate(effective_rate)
    answers = some_answers(answers)
    climbed = climbed_for(workload, answers, effective_rate, **when)
    return decided(workload, answers, hour_usd, climbed)


def check_rate(effective_rate: float) -> None:
    """Refuse what is no share of the list price.

    Raises:
        InvalidQuantity: if it is not above 0 and at most 1.
    """
    expected = "the share of the list price that you pay, more than 0 and at most 1"
    setting("effective_rate", effective_rate, expected, over=0, most=1)


class Climbed(NamedTuple):
    """The rungs of a workload, whatever the answers that only rule changes out."""

    found: Climbs
    pricing: Bills
    shorter: float

    def choose(self, answers: Answers, hour_usd: float) -> Choice:
        """Return what is recommended in numbers.

        Raises:
            InvalidQuantity: for an hour that no work costs.
        """
        check_hour(hour_usd)
        with np.errstate(divide="ignore"):  # what never pays is endless
            return choose(self.found.at(hour_usd), answers, self.pricing, hour_usd)


def climbed_for(
    workload: Workload,
    answers: Answers,
    effective_rate: float = 1.0,
    pricing: Bills | None = None,
    **when: Any,
) -> Climbed:
    """Return the rungs, of which the answers about calls, memory and time are a part.

    ``pricing`` spares a new one, where several functions are asked for.
    """
    shorter, slower = when.pop("shorter", SHORTER), when.pop("slower", SLOWER)
    slower = 1.0 if answers.times_out else slower
    pricing = pricing or Bills(when, effective_rate)
    facts = {"calls": float(answers.calls), "out_of_memory": float(answers.out_of_memory)}
    found = climbs(workload, 0.0, slower, shorter, pricing, beside=NEEDS, **facts)
    return Climbed(found, pricing, shorter)


def decided(
    workload: Workload,
    answers: Answers,
    hour_usd: float,
    climbed: Climbed,
    choice: Choice | None = None,
) -> Decision:
    """Return the decision on rungs that are known already, and perhaps on what was chosen."""
    found, pricing, shorter = climbed
    choice = choice or climbed.choose(answers, hour_usd)
    with np.errstate(divide="ignore"):  # what never pays is endless
        on_top = found._replace(rungs=found.at(hour_usd).rungs | choice.changes)

    def rung(name: str) -> Rung:
        said = finding(name, workload, on_top, pricing, shorter)
        return worded(name, on_top.rungs[name], said)

    by_earning = sorted(choice.changes, key=lambda name: -choice.changes[name].year_usd)
    considered = {name: rung(name) for name in by_earning if choice.left_open[name]}
    start_usd, total_usd = float(found.rungs["as-it-is"].month.total), float(choice.total_usd)
    tuning = tuple(rung(name) for name in TUNING if choice.taken[name])
    change = next((each for name, each in considered.items() if choice.taken[name]), None)
    replaced = change is not None and bool(_replaces(change.id))
    if change and replaced:  # what it saves of the function as it would be then
        step_usd = start_usd - total_usd - sum(each.step_usd for each in tuning)
        work_usd = change.effort_hours * hour_usd
        with np.errstate(divide="ignore"):
            months = float(payback_months(work_usd, step_usd))
        change = replace(change, step_usd=step_usd, payback_months=months)
    return Decision(
        start_usd=start_usd,
        total_usd=total_usd,
        tuning=tuning,
        change=change,
        first_year_usd=float(choice.first_year_usd),
        hours=float(choice.hours),
        hour_usd=hour_usd,
        payback_months=float(choice.payback_months),
        considered=tuple(considered.values()),
        raised=bool(choice.needed),
        faster=faster_at(found) if choice.faster else None,
        alone=(float(choice.tuned_usd), float(choice.tuned_hours)) if replaced else None,
        warnings=tuple(_warnings(workload, answers, climbed)),
        cannot={name: why for name in NEEDS if (why := _why_not(name, answers, choice))},
    )


def _warnings(w: Workload, answers: Answers, climbed: Climbed) -> Iterator[str]:
    """Yield what is wrong with a function that no change mends."""
    yield from climbed.pricing.obstacles(PLATFORM.id, w)
    short = too_small(np.max(w.memory_mb), np.max(w.peak_memory_mb), 1.0 * answers.out_of_memory)
    if short and not climbed.found.size.moves:
        yield NO_MORE_MEMORY


#: What is said of a function for which every size is too small.
NO_MORE_MEMORY = (
    "It has too little memory, and no larger size serves it: let a request hold less, or run it"
    " elsewhere."
)


def faster_at(found: Climbs) -> Faster:
    """Return the size at which the same bill buys a shorter answer."""
    slow, fast = (found.rungs[name].request for name in ("as-it-is", "memory"))
    return Faster(
        memory_mb=float(found.size.memory_mb),
        now_ms=float(np.mean(PLATFORM.wall_ms(slow))),
        then_ms=float(np.mean(PLATFORM.wall_ms(fast))),
    )


def _why_not(name: str, answers: Answers, choice: Choice) -> str:
    """Return why a change is not open, in a sentence; nothing where it is."""
    if choice.left_open.get(name):
        return ""
    if name not in choice.changes:
        return "It was not on offer on that day, or has no price here for that region."
    least, most = CALLS.get(name, (1, np.inf))
    if not least <= answers.calls <= most:
        return (
            "A request makes one call, so nothing can run beside it."
            if answers.calls < least
            else "A request makes several calls, and your code has to see each answer between them."
        )
    for answer, wanted in NEEDS[name].items():
        if bool(getattr(answers, answer)) is not wanted:
            return RULED_OUT[answer]
    if not choice.changes[name].applies:
        return "A request hardly waits: there is nothing to take away."
    return "It cannot serve these requests."


#: Why an answer rules a change out.
RULED_OUT = {
    "reads_along": "A person reads along, and it answers all at once.",
    "sees_answer": "Your code has to see the answer on its way.",
    "own_process": "No process of your own may run.",
    "other_vendor": "It may not move to another vendor.",
    "in_order": "Each call needs what the one before brought.",
}
