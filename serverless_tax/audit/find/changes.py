"""What could be changed about a function: the advisor is asked, and its answers are put in order.

A log says neither whether a person reads along nor whether code must see the answer. What needs no
answer to that is advised as it is; what needs one stands behind it, with its condition.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from serverless_tax.audit.find.cpu_share import Waiting
from serverless_tax.audit.find.money import Terms
from serverless_tax.audit.find.requests import workload
from serverless_tax.audit.sums.functions import FunctionLog, Size
from serverless_tax.ground.show import show
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.aws_lambda import (
    MEMORY_MB,
)
from serverless_tax.questions.advise import advice_on
from serverless_tax.questions.answers import Answers
from serverless_tax.questions.choose import NEEDS, TUNING, Tuned, replaces
from serverless_tax.questions.decide import Climbed, decided
from serverless_tax.questions.facts import HOURS_USD, MILLION, Facts
from serverless_tax.questions.ladder import HORIZON_MONTHS, Rung
from serverless_tax.questions.paid_months import Bills
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.questions.sentence import SAYS, paid_back
from serverless_tax.questions.to_find import ASK
from serverless_tax.questions.ways import worked_out
from serverless_tax.request.workload import Workload

#: A change that saves less than this, in USD, is no change.
LEAST_USD = 0.005
#: What an answer has to be for a change to be possible: said of an answer that is wanted, or not.
CONDITIONS = {
    ("reads_along", False): "nobody reads the answer while it is written",
    ("sees_answer", False): "no code of yours has to see the answer",
    ("own_process", True): "a process of your own may run",
    ("other_vendor", True): "it may move to another vendor",
    ("in_order", False): "no call needs what the one before brought",
}
_ONE_CALL = "a request waits for one call"
_WAITS, _MOSTLY_WAITS = "it waits", "it waits for longer than it works"
#: The answers that a log does not give, as what needs one of them has it.
_OPEN: dict[str, bool] = {
    name: wanted for needs in NEEDS.values() for name, wanted in needs.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change, on top of those of its function that come before it.

    Attributes:
        id: the rung's.
        name: what to do.
        saving_usd: what it saves; None where that hangs on what is not known, how much of the time
            was waiting or whether it is possible; it then lies between ``low_usd`` and
            ``high_usd``.
        low_usd: the least that it saves.
        high_usd: the most that it saves.
        if_met_usd: the least that it saves where what it needs is true.
        effort_hours: the work, an estimate of ours.
        first_year_usd: what the least leaves of a first year after the work, at the dearest hour
            where nobody says what one costs; None without a month.
        payback: after how long the least has paid for the work, in words.
        needed: whether it is not for money: the function has too little memory.
        faster: whether it is not for money: about the same bill buys a shorter answer.
        only_if: what has to be true for it, and no log says.
        known_from: what its dollars rest on.
        would_change: what would change this answer.
        change: what to know about it.
        risk: what may go wrong.
        lost: what is given up.
    """

    id: str
    name: str
    saving_usd: float | None
    low_usd: float
    high_usd: float
    if_met_usd: float
    effort_hours: float
    first_year_usd: float | None
    payback: str
    needed: bool
    faster: bool
    only_if: tuple[str, ...]
    known_from: str
    would_change: str
    change: str
    risk: str
    lost: str

    @property
    def pays(self) -> bool:
        """Whether it is needed, or earns its work within a year whatever is unknown."""
        year_usd = self.first_year_usd
        earns = self.low_usd >= LEAST_USD if year_usd is None else year_usd > 0
        return self.needed or (earns and not self.only_if)

    @property
    def never_pays(self) -> bool:
        """Whether it is for money alone, and pays within five years in no case."""
        return self.payback == paid_back(math.inf)

    @property
    def rank(self) -> tuple[bool, bool, bool, bool, float, float, float, str]:
        """What comes first: what is needed, then what needs no answer, by its first year.

        What only makes an answer shorter stands behind what pays.

        It ranks by the least that it saves where it is possible, so that nothing stands high by its
        best case; of what is alike in that, by the most. Without a month it is what an hour of its
        work saves: what earns its work of the fewest requests is first, as its sentence has it.
        """
        if self.first_year_usd is None:
            worth = self.if_met_usd / max(self.effort_hours, 1)
        else:
            worth = self.first_year_usd + (self.if_met_usd - self.low_usd) * HORIZON_MONTHS
        return (
            not self.needed,
            bool(self.only_if),
            not (self.pays or self.faster),
            self.faster and not self.pays,
            -worth,
            self.effort_hours,
            -self.high_usd,
            self.id,
        )

    def to_dict(self, function: str) -> dict[str, Any]:
        """Return plain values, ready for JSON; the id is the same in each audit of the function."""
        return asdict(self) | {"id": f"{function}/{self.id}", "rung": self.id}


def placed(changes: Iterable[Change]) -> list[tuple[tuple[Any, ...], Change]]:
    """Return the changes of a function with their places among all, the best first.

    Memory and chip that pay come before all that stands on them. Arm comes after the memory on
    which its dollars stand; where it alone pays, before that.
    """
    there = {change.id: change for change in changes}
    ranks = {name: change.rank for name, change in there.items()}
    tunes = [name for name in TUNING if name in there]
    if tunes == [*TUNING] and not _stands_alone(*(there[name] for name in TUNING)):
        memory, arm = TUNING
        ranks[memory] = min(ranks[memory], ranks[arm])
    for name in tunes:
        if there[name].pays and there[name].first_year_usd is not None:
            ranks[name] = min(ranks.values())
    order = {name: k for k, name in enumerate(TUNING)}
    places = [((*ranks[name], order.get(name, len(order))), one) for name, one in there.items()]
    return sorted(places, key=lambda each: each[0])


def _stands_alone(memory: Change, arm: Change) -> bool:
    """Whether Arm pays at the memory that there is, and other memory does not, or of more."""
    if arm.first_year_usd is None:
        return arm.rank < memory.rank
    return arm.pays and not memory.pays


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """What to do about a function: in one sentence, and change by change, the best first.

    Where the log names no month ``sentence`` is about a million requests, or nothing.
    ``first_year_usd`` is what the first year leaves after the work, from the least to the most, and
    an end None where nothing known bounds it; ``saving_usd`` is what a month costs less, twice, and
    None where that is a range. ``steps`` are the rungs that the sentence names; None where
    something has to be found out first.
    """

    sentence: str = ""
    steps: tuple[str, ...] | None = None
    saving_usd: tuple[float, float] | None = None
    first_year_usd: tuple[float | None, float | None] | None = None
    changes: tuple[Change, ...] = ()


def advised(
    log: FunctionLog,
    known: Waiting,
    span_months: float | None,
    terms: Terms,
    *,
    paid_usd: float,
    priced: Callable[[float], Bills],
    in_detail: bool = True,
) -> Advised:
    """Return what the advisor says of a function as it is now.

    Args:
        log: of the function; what is changed is its main size.
        known: how much of its time was waiting.
        span_months: how many months its calls are, infinitely many where nobody calls it any more;
            None where no month is known, and the amounts are those of the log.
        terms: prices, and what an hour of work costs.
        paid_usd: in such a month, or for the log where no month is known.
        in_detail: whether a sentence is worth its time where no month is known.
        priced: the bills of these terms at a share of AWS's list prices, for all functions.
    """
    size = log.main_size
    # Nothing saves what is not paid, and nothing is lacking where nobody calls.
    of_a_million = span_months is None and in_detail
    lacks = _is_short(size) and span_months != math.inf
    if paid_usd < LEAST_USD and not (of_a_million or lacks):
        if span_months is None:
            return Advised()
        late = size.sums.timeouts > 0
        sentence = f"{SAYS['late']} {SAYS['beside']}" if late else SAYS["nothing"]
        nothing = (0.0, 0.0)
        return Advised(sentence=sentence, steps=(), saving_usd=nothing, first_year_usd=nothing)
    if not MEMORY_MB[0] <= size.memory_mb <= MEMORY_MB[1] or not size.mb_ms:
        return Advised()
    most_ms, least_ms = known.busy_ms, known.least_busy_ms
    if most_ms is None or least_ms is None:
        most_ms, least_ms = math.inf, 0.0
    architecture = terms.architecture_of(log.name)
    month, busiest = (
        workload(size, busy_ms, span_months or 1.0, architecture, cpu_ms=known.cpu_ms)
        for busy_ms in (least_ms, most_ms)
    )
    when = prices_asked(terms)
    facts, answered = _facts(size, (month, None if most_ms == least_ms else busiest), terms)
    worked = worked_out(facts, priced, **when)
    said = {"calls": facts.calls or 1.0} | _OPEN | answered
    answers = Answers(out_of_memory=facts.out_of_memory, times_out=facts.times_out, **said)
    # Without a price for the work everything that saves is taken, each on top of the one before.
    each = {
        id(climbed): (case, climbed)
        for case, climbed in worked
        if case.answers.calls == said["calls"]
    }.values()
    cases = [_Case.of(case.workload, answers, climbed) for case, climbed in each]
    hours_usd = HOURS_USD if terms.hour_usd is None else (terms.hour_usd,)
    basis = _Basis(known.how, span_months is not None, hours_usd, frozenset(terms.known))
    if not (basis.of_a_month or in_detail):
        return Advised(changes=tuple(_changes(cases, basis)))
    if not basis.of_a_month:
        facts = _of_a_million(facts)
        worked = worked_out(facts, priced, **when)
    advice = advice_on(facts, worked, when)
    saves = (advice.least.saving_usd, advice.most.saving_usd)
    hardly = basis.of_a_month and advice.is_point and max(map(abs, saves)) < LEAST_USD
    told = advice.least if hardly else advice.most
    steps = [rung.id for rung in told.steps] if hardly else advice.steps
    changes = _changes(cases, basis, steps if basis.of_a_month else None)
    if told.quicker and basis.of_a_month and (hardly or advice.is_point):
        ends = (told.quicker.step_usd,) * 2
        quicker = _change([told.quicker], ends, basis, faster=True)
        others = [one for one in changes if one.id != quicker.id]
        changes = [one for _, one in placed([*others, quicker])]
        if not steps:
            advice, steps = advice.as_said, [quicker.id]
    return Advised(
        sentence=told.sentence if hardly else advice.sentence,
        steps=None if steps is None else tuple(steps),
        saving_usd=advice.saving_usd,
        first_year_usd=advice.year_ends_usd,
        changes=tuple(changes),
    )


def _facts(
    size: Size, months: tuple[Workload, Workload | None], terms: Terms
) -> tuple[Facts, dict[str, Any]]:
    """Return what is known of a function, and of that what was said of all functions.

    A longest call that the waiting of this one rules out is not known of it. What neither the log
    nor anybody says is unknown, as for any other function that is asked about.
    """
    told = dict(terms.known)

    def facts() -> Facts:
        return Facts(
            workload=months[0],
            busiest=months[1],
            out_of_memory=size.sums.out_of_memory > 0 or size.sums.peak_used_mb > size.memory_mb,
            times_out=size.sums.timeouts > 0,
            hour_usd=terms.hour_usd,
            effective_rate=terms.effective_rate,
            **told,
        )

    try:
        return facts(), told
    except InvalidQuantity:
        told.pop("longest_ms", None)
    return facts(), told


def _of_a_million(facts: Facts) -> Facts:
    """Return the facts of a function where no log says how many requests a month has."""
    many = {"requests_per_month": MILLION}
    busiest = facts.busiest and facts.busiest.replace(**many)
    w = facts.workload.replace(**many)
    return replace(facts, workload=w, busiest=busiest, per_million=True)


def _is_short(size: Size) -> bool:
    """Whether a function may have too little memory at this size, whatever that costs."""
    return size.sums.out_of_memory > 0 or size.sums.peak_used_mb >= size.memory_mb


def prices_asked(terms: Terms) -> dict[str, Any]:
    """Return the terms of an audit as the keywords of a bill."""
    names = ("on", "region", "rates", "free_tier")
    return {name: getattr(terms, name) for name in names}


class _Case(NamedTuple):
    """One way a function may work: all that saves if work is free, and what a month of it costs."""

    rungs: dict[str, Rung]
    tuned: Tuned
    raised: bool

    @classmethod
    def of(cls, w: Workload, answers: Answers, climbed: Climbed) -> _Case:
        one = decided(w, answers, 0.0, climbed)
        tuned = climbed.tuned_at(0.0, out_of_memory=answers.out_of_memory)
        rungs = {rung.id: rung for rung in (*one.tunes, *one.considered)}
        return cls(rungs, tuned, one.raised)

    def saves_usd(self, name: str, done: Collection[str]) -> float:
        """Return what a change saves of a month in which others are done, nothing if it is none.

        Of two that are neither memory nor chip it takes the place of the other.
        """
        if name not in self.rungs:
            return 0.0
        kept = done if name in TUNING else [one for one in done if one in TUNING]
        return self._usd(done) - self._usd([*kept, name])

    def _usd(self, done: Collection[str]) -> float:
        there = [name for name in done if name in self.rungs]
        change = next((name for name in there if name not in TUNING), "as-it-is")
        return float(self.tuned.usd_with(change, *(1.0 * (name in there) for name in TUNING)))


class _Basis(NamedTuple):
    """What a function's dollars rest on: how its waiting is known, and whether its month is.

    ``hours_usd`` is what an hour of work costs: what it may, from the least, where it is unknown.
    """

    how: str
    of_a_month: bool
    hours_usd: tuple[float, ...]
    answered: frozenset[str]


def _changes(
    cases: Sequence[_Case], basis: _Basis, steps: Sequence[str] | None = None
) -> list[Change]:
    """Return the changes of a function, which waits as much as it may in the first case.

    Each stands on what pays and comes before it: on the ``steps`` that the sentence names, which
    are there however little each of them saves. Without a month all of the tuning comes first.
    """
    of = partial(_on_top_of, cases=cases, basis=basis)
    every = dict.fromkeys(name for case in cases for name in case.rungs)
    tunes = [name for name in TUNING if name in every]
    others = [name for name in every if name not in TUNING]
    if steps is not None:
        done = [name for name in TUNING if name in steps]
        best = [name for name in steps if name not in TUNING]
    else:
        done, best = _tuning_that_pays(tunes, of, basis), []
        found = placed(filter(None, (of(name, done) for name in others)))
        best = [one.id for _, one in found if one.pays and basis.of_a_month][:1]
    named = steps or ()
    after = [*done, *best]
    changes = [of(name, after[: after.index(name)], named) for name in after]
    changes += [of(name, after) for name in others if name not in best]
    if not any(map(replaces, best)):  # the function stays
        left = [name for name in tunes if name not in done]
        changes += [of(name, [*after, *left[:k]]) for k, name in enumerate(left)]
    return [change for _, change in placed(filter(None, changes))]


def _tuning_that_pays(
    tunes: Sequence[str], of: Callable[..., Change | None], basis: _Basis
) -> list[str]:
    """Return what of the tuning stands below all others, in order: without a month, all of it."""
    alone = {name: change for name in tunes if (change := of(name, []))}
    order = list(alone)
    if order == [*TUNING] and _stands_alone(*(alone[name] for name in TUNING)):
        order.reverse()
    found = [change for k, name in enumerate(order) if (change := of(name, order[:k]))]
    return [change.id for change in found if change.pays or not basis.of_a_month]


def _on_top_of(
    name: str,
    done: Sequence[str],
    named: Container[str] = (),
    *,
    cases: Sequence[_Case],
    basis: _Basis,
) -> Change | None:
    """Return a change on top of those that are done; None if it saves nothing and is not named."""
    each = [case.rungs[name] for case in cases if name in case.rungs]
    usd = [case.saves_usd(name, done) for case in cases]
    needed = name == TUNING[0] and all(case.raised for case in cases)
    if not (each and (needed or max(usd) >= LEAST_USD or name in named)):
        return None
    only_if = [*_conditions(name, basis.answered)]
    if len(each) < len(cases) and name in NEEDS:  # where all of it is work
        only_if.insert(0, _MOSTLY_WAITS if name == "gateway" else _WAITS)
    return _change(each, (min(usd), max(usd)), basis, only_if, needed=needed)


def _change(
    each: Sequence[Rung],
    ends_usd: tuple[float, float],
    basis: _Basis,
    only_if: Sequence[str] = (),
    *,
    needed: bool = False,
    faster: bool = False,
) -> Change:
    rung, (if_met, high) = each[0], ends_usd
    low = min(0.0, if_met) if only_if else if_met  # where it is not possible it saves nothing
    about = RUNGS[rung.id]
    is_point = high - if_met <= max(abs(high), 1.0) * 1e-6
    known_from = "the log" if basis.how == "unknown" else basis.how
    if not is_point:
        known_from = f"{known_from}, a range"
    if only_if:
        is_point, known_from = False, f"{known_from}, if possible"
    sizes = {float(np.max(one.workload.memory_mb)) for one in each}
    do = about.do + (SAYS["or_more"] if len(sizes) > 1 and "{" in about.do else "")
    works_usd = [about.effort_hours * usd for usd in basis.hours_usd]
    if needed or faster:
        payback = paid_back(math.inf, needed=needed, faster=faster)
    elif not basis.of_a_month:
        payback = "unknown: no month is named"
    else:
        first, last = (
            paid_back(work_usd / saved_usd if saved_usd > 0 else math.inf)
            for work_usd, saved_usd in ((works_usd[0], high), (works_usd[-1], low))
        )
        payback = first if first == last else f"{first} to {last}".replace(" to not", ", or not")
    return Change(
        id=rung.id,
        name=do.replace("{least_memory_mb:mb}", show(min(sizes), "mb")),
        saving_usd=high if is_point else None,
        low_usd=low,
        high_usd=high,
        if_met_usd=if_met,
        effort_hours=about.effort_hours,
        first_year_usd=low * HORIZON_MONTHS - works_usd[-1] if basis.of_a_month else None,
        payback=payback,
        needed=needed,
        faster=faster,
        only_if=tuple(only_if),
        known_from=known_from,
        would_change=_would_change(rung.id, basis, only_if, is_point=is_point),
        change=rung.finding if is_point else "",
        risk=rung.risk,
        lost=rung.lost,
    )


def _would_change(name: str, basis: _Basis, only_if: Sequence[str], *, is_point: bool) -> str:
    if only_if:
        return "the answer to its condition"
    if not is_point and basis.how in ("measured", "stated"):
        return ASK["longest_ms" if name == "overlap" else "effective_rate"].what
    if not is_point:
        return "CPU time: log it with metered.py"
    said = {"arm": "its speed on Arm: measure it", "memory": "a larger peak of memory"}
    return said.get(name, "the answers given")


def _conditions(name: str, answered: Container[str]) -> Iterable[str]:
    """Yield what a change needs that no log says, and nobody has answered."""
    if name in ("no-proxy", "gateway") and "calls" not in answered:
        yield _ONE_CALL
    for answer, wanted in NEEDS.get(name, {}).items():
        if answer not in answered:
            yield CONDITIONS[answer, wanted]
