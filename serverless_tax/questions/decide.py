"""From answers to a recommendation: which change pays, with its arithmetic and its payback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from serverless_tax.ground.checks import setting
from serverless_tax.platforms.aws_lambda import PLATFORM
from serverless_tax.questions.answers import Answers, some_answers
from serverless_tax.questions.choose import (
    CALLS,
    NEEDS,
    TUNING,
    Choice,
    Tuned,
    allowed_by,
    choose,
    hours_of,
    replaces,
    tune,
)
from serverless_tax.questions.ladder import (
    HORIZON_MONTHS,
    SHORTER,
    SLOWER,
    Climbs,
    Rung,
    check_hour,
    climbs,
    finding,
    payback_months,
    with_calls,
    worded,
)
from serverless_tax.questions.paid_months import Bills
from serverless_tax.questions.right_size import too_small
from serverless_tax.questions.sentence import (
    LONGEST_MONTHS,
    SAYS,
    Faster,
    alone,
    in_full,
    paid_back,
    sentence,
    summed,
    what_is_wrong,
)
from serverless_tax.request.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do, in order, and what it is worth.

    ``tunes`` are the easy changes that earn their work within a year, and ``change`` the one that
    earns most after them, or None where none does. ``tuning`` are those of them that still earn it
    beside that: none where it replaces the function. ``total_usd`` is the month's bill then, and
    ``first_year_usd`` what a year saves, less the work of ``hours``. ``considered`` holds the
    changes that the answers leave open and that can serve these requests, by what they earn.
    ``raised`` says that the memory is given because there is too little, whatever it costs, and
    ``faster`` is the memory at which the same bill buys a shorter answer, or None, and ``quicker``
    the rung that leads there: None at an end of a range, which is of dollars. ``alone`` is what the
    function with its tuning alone would cost a month, and the hours of that, where ``change``
    replaces it. ``wrong`` comes first in the sentence: that requests cannot be served, or end
    without an answer. ``warnings`` say what is wrong with the function that no change here mends.
    """

    start_usd: float
    total_usd: float
    tuning: tuple[Rung, ...]
    tunes: tuple[Rung, ...]
    change: Rung | None
    first_year_usd: float
    hours: float
    hour_usd: float
    payback_months: float
    considered: tuple[Rung, ...]
    raised: bool
    faster: Faster | None
    quicker: Rung | None
    alone: tuple[float, float] | None
    wrong: tuple[str, ...]
    warnings: tuple[str, ...]
    cannot: dict[str, str]

    @property
    def steps(self) -> tuple[Rung, ...]:
        """The changes that are recommended, in order."""
        return (*self.tuning, *([self.change] if self.change else []))

    @property
    def sizes(self) -> list[tuple[str, float]]:
        """The ids of the changes that are recommended, each with the memory then."""
        return sizes_of(self.steps)

    @property
    def saving_usd(self) -> float:
        """What a month costs less; below 0 where it costs more."""
        return self.start_usd - self.total_usd

    @property
    def as_said(self) -> Decision:
        """The same with the size for a shorter answer as its step, where that is all it says."""
        one = self.quicker
        if one is None or self.steps:
            return self
        return replace(
            self,
            tuning=(one,),
            total_usd=self.start_usd - one.step_usd,
            first_year_usd=one.first_year_usd,
            hours=one.effort_hours,
            payback_months=one.payback_months,
        )

    @property
    def sentence(self) -> str:
        """What is wrong whatever it costs; what to do, what it saves and takes; then to stop."""
        return " ".join(in_full(self.wrong, [self.what_to_do]))

    @property
    def what_to_do(self) -> str:
        """What to do, what it saves a month and what it takes; then to stop."""
        return sentence(
            self.sizes,
            saving_usd=self.saving_usd,
            hours=self.hours,
            raised=self.raised,
            faster=self.faster,
            of_dollars=self.quicker is None,
        )

    @property
    def payback(self) -> str:
        """After how long the steps have earned their work, or why they are not for money."""
        loses = self.payback_months > LONGEST_MONTHS
        faster = loses and bool(self.steps) and not self.raised
        return paid_back(self.payback_months, needed=self.raised and loses, faster=faster)

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
        return self.after(self.sentence)

    def after(self, first: str) -> str:
        """Return the same after another sentence."""
        told = [f"{rung.name}: {rung.finding}" for rung in self.steps if rung.finding]
        if self.alone and self.alone[1]:
            told.append(alone(*self.alone))
        told += [warning for warning in self.warnings if warning not in self.sentence]
        said = self.as_said
        return "\n".join([first, *([said.sum] if said.steps else []), *told])


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


def sizes_of(steps: Iterable[Rung]) -> list[tuple[str, float]]:
    """Return the ids of changes, each with the memory then."""
    return [(rung.id, float(np.max(rung.workload.memory_mb))) for rung in steps]


def check_rate(effective_rate: float) -> None:
    """Refuse what is no share of the list price.

    Raises:
        InvalidQuantity: if it is not above 0 and at most 1.
    """
    expected = "the share of the list price that you pay, more than 0 and at most 1"
    setting("effective_rate", effective_rate, expected, over=0, most=1)


@lru_cache(maxsize=4096)
def allowed_for(answers: Answers) -> tuple[float, ...]:
    """Return 1 for each change that the answers allow, else 0, as :func:`allowed_by` has them."""
    return tuple(allowed_by(answers).values())


class Climbed(NamedTuple):
    """The rungs of a workload, whatever the answers that only rule changes out.

    ``tuned`` keeps the tuning of each price of an hour that was asked for, and ``chosen`` what was
    recommended on it, by the changes that the answers allow. ``alike`` are rungs of which only
    those that depend on calls differ.
    """

    found: Climbs
    pricing: Bills
    shorter: float
    tuned: dict[tuple[float, bool], Tuned]
    chosen: dict[Any, Choice]
    alike: Climbed | None = None

    def with_calls(self, workload: Workload, answers: Answers) -> Climbed:
        """Return the rungs of the same request, with other answers about its calls."""
        with np.errstate(divide="ignore"):  # what never pays is endless
            found = with_calls(
                self.found,
                workload,
                self.pricing,
                calls=answers.calls,
                longest_ms=answers.longest_ms,
                reads_along=float(answers.reads_along),
            )
        return self._replace(found=found, tuned={}, chosen={}, alike=self)

    def choose(self, answers: Answers, hour_usd: float) -> Choice:
        """Return what is recommended in numbers.

        Raises:
            InvalidQuantity: for an hour that no work costs.
        """
        key = hour_usd, answers.out_of_memory, allowed_for(answers)
        if key not in self.chosen:
            self.choose_all([(answers, hour_usd)])
        return self.chosen[key]

    def tuned_at(self, hour_usd: float, *, out_of_memory: bool) -> Tuned:
        """Return the tuning that is recommended where an hour of work costs so much."""
        key = hour_usd, out_of_memory
        if key not in self.tuned:
            with np.errstate(divide="ignore"):  # what never pays is endless
                found = self.found.at(hour_usd)
                self.tuned[key] = (
                    self.alike.tuned_at(hour_usd, out_of_memory=out_of_memory).among(found)
                    if self.alike
                    else tune(found, out_of_memory, self.pricing, hour_usd)
                )
        return self.tuned[key]

    def choose_all(self, asked: Iterable[tuple[Answers, float]]) -> None:
        """Find what is recommended for several answers and prices of an hour, those alike at once.

        Raises:
            InvalidQuantity: for an hour that no work costs.
        """
        left: dict[tuple[float, bool], dict[tuple[float, ...], None]] = {}
        for answers, hour_usd in asked:
            key = hour_usd, answers.out_of_memory
            if (*key, allowed := allowed_for(answers)) not in self.chosen:
                left.setdefault(key, {})[allowed] = None
        for (hour_usd, short), several in left.items():
            check_hour(hour_usd)
            with np.errstate(divide="ignore"):  # what never pays is endless
                columns = [
                    np.array(column) if len({*column}) > 1 else column[0]
                    for column in zip(*several, strict=True)
                ]
                by_name = dict(zip(NEEDS, columns, strict=True))
                choice = choose(self.tuned_at(hour_usd, out_of_memory=short), by_name)
            if not np.any(self.found.rungs["as-it-is"].request.requests_per_month):
                choice = choice._replace(faster=choice.faster * 0.0)  # nobody waits for an answer
            for k, allowed in enumerate(several):
                self.chosen[hour_usd, short, allowed] = choice.of_one(k)


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
    names = ("calls", "longest_ms", "reads_along", "out_of_memory")
    facts = {name: float(getattr(answers, name)) for name in names}
    found = climbs(workload, 0.0, slower, shorter, pricing, beside=NEEDS, **facts)
    return Climbed(found, pricing, shorter, {}, {})


def decided(
    workload: Workload,
    answers: Answers,
    hour_usd: float,
    climbed: Climbed,
    choice: Choice | None = None,
) -> Decision:
    """Return the decision on rungs that are known already, and perhaps on what was chosen."""
    found, pricing, shorter, *_ = climbed
    choice = choice or climbed.choose(answers, hour_usd)
    with np.errstate(divide="ignore"):  # what never pays is endless
        on_top = found._replace(
            rungs=found.at(hour_usd).rungs | {"arm": choice.arm} | choice.changes
        )

    def rung(name: str) -> Rung:
        said = finding(name, on_top, pricing, shorter, answers.out_of_memory)
        return worded(name, on_top.rungs[name], said)

    by_earning = sorted(choice.changes, key=lambda name: -choice.changes[name].year_usd)
    considered = {name: rung(name) for name in by_earning if choice.left_open[name]}
    start_usd, total_usd = float(found.rungs["as-it-is"].month.total), float(choice.total_usd)
    tunes = tuple(rung(name) for name in TUNING if choice.tuned[name])
    tuning = tuple(each for each in tunes if choice.taken[each.id])
    change = next((each for name, each in considered.items() if choice.taken[name]), None)
    replaced = change is not None and bool(replaces(change.id))
    if change:  # what it saves of the function as it would be then
        step_usd = start_usd - total_usd - sum(each.step_usd for each in tuning)
        work_usd = change.effort_hours * hour_usd
        with np.errstate(divide="ignore"):
            months = float(payback_months(work_usd, step_usd))
        year_usd = step_usd * HORIZON_MONTHS - work_usd
        change = replace(change, step_usd=step_usd, first_year_usd=year_usd, payback_months=months)
    warnings = tuple(_warnings(workload, answers, climbed))
    return Decision(
        start_usd=start_usd,
        total_usd=total_usd,
        tuning=tuning,
        tunes=tunes,
        change=change,
        first_year_usd=float(choice.first_year_usd),
        hours=float(choice.hours),
        hour_usd=hour_usd,
        payback_months=float(choice.payback_months),
        considered=tuple(considered.values()),
        raised=bool(choice.needed),
        faster=faster_at(found) if choice.faster else None,
        quicker=rung("memory") if choice.faster else None,
        alone=(float(choice.tuned_usd), float(hours_of(choice.tuned))) if replaced else None,
        wrong=tuple(
            what_is_wrong(
                list(pricing.obstacles(PLATFORM.id, workload)),
                raised=bool(choice.needed),
                times_out=answers.times_out,
                full=SAYS["full"] in warnings,
            )
        ),
        warnings=warnings,
        cannot={name: why for name in NEEDS if (why := _why_not(name, workload, answers, choice))},
    )


def _warnings(w: Workload, answers: Answers, climbed: Climbed) -> Iterator[str]:
    """Yield what is wrong with a function that no change mends."""
    yield from climbed.pricing.obstacles(PLATFORM.id, w)
    short = too_small(np.max(w.memory_mb), np.max(w.peak_memory_mb), 1.0 * answers.out_of_memory)
    if short and not climbed.found.size.moves:
        yield SAYS["full"]


def faster_at(found: Climbs) -> Faster:
    """Return the size at which the same bill buys a shorter answer."""
    slow, fast = (found.rungs[name].request for name in ("as-it-is", "memory"))
    return Faster(
        memory_mb=float(found.size.memory_mb),
        now_ms=float(np.mean(PLATFORM.wall_ms(slow))),
        then_ms=float(np.mean(PLATFORM.wall_ms(fast))),
    )


def _why_not(name: str, w: Workload, answers: Answers, choice: Choice) -> str:
    """Return why a change is not open, in a sentence; nothing where it is."""
    if choice.left_open.get(name):
        return ""
    if name not in choice.changes:
        return "It was not on offer on that day, or has no price here for that region."
    if why := ruled_out(name, answers):
        return why
    if not choice.changes[name].applies:
        if name == "overlap" and answers.reads_along and np.any(w.streaming_ms):
            return "A person reads the stream along, and no other wait is long enough to overlap."
        return "A request hardly waits: there is nothing to take away."
    return "It cannot serve these requests."


def ruled_out(name: str, known: Any) -> str:
    """Return why answers or facts rule a change out, in a sentence; nothing where they do not.

    An answer that is None is unknown, and rules nothing out.
    """
    least, most = CALLS.get(name, (1, np.inf))
    if known.calls is not None and not least <= known.calls <= most:
        return (
            "A request makes one call, so nothing can run beside it."
            if known.calls < least
            else "A request makes several calls, and your code has to see each answer between them."
        )
    for answer, wanted in NEEDS.get(name, {}).items():
        given = getattr(known, answer)
        if given is not None and bool(given) is not wanted:
            return RULED_OUT[answer]
    return ""


#: Why an answer rules a change out.
RULED_OUT = {
    "reads_along": "A person reads along, and it answers all at once.",
    "sees_answer": "Your code has to see the answer on its way.",
    "own_process": "No process of your own may run.",
    "other_vendor": "It may not move to another vendor.",
    "in_order": "Each call needs what the one before brought.",
}
