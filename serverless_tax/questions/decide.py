"""Four questions to a recommendation: which change pays, with its arithmetic and its payback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from serverless_tax.ground.show import show
from serverless_tax.questions.compare import sum_in_order
from serverless_tax.questions.ladder import (
    HORIZON_MONTHS,
    SHORTER,
    SLOWER,
    Bills,
    Climb,
    Pricing,
    Rung,
    climbs,
    finding,
    payback_months,
    worded,
)
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.request.workload import Workload

#: The changes that build on each other and rule nothing out.
TUNING = ("memory", "arm")

#: A change that earns less than this in a year, in USD, earns nothing: it shows as $0.00, and is
#: what a last digit makes of the order of a sum.
_LEAST_USD = 0.005

#: Each other change that can be recommended, and the answers it needs, by their names in `Answers`.
#: A shorter answer is never recommended: what it does to quality no bill can tell.
NEEDS: dict[str, dict[str, bool]] = {
    "overlap": {},
    "no-proxy": {"sees_answer": False},
    "gateway": {"sees_answer": False},
    "share": {"own_process": True},
    "suspended": {"reads_along": False},
    "active-memory": {"other_vendor": True},
    "active-cpu": {"other_vendor": True},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What only you know about the function.

    ``reads_along``: a person reads the answer while it is written. ``sees_answer``: your code has
    to see the answer on its way, to filter, log or charge for it. ``own_process``: a process may
    run all month, and somebody looks after it. ``other_vendor``: it may move to another vendor.
    """

    reads_along: bool = True
    sees_answer: bool = True
    own_process: bool = True
    other_vendor: bool = False


class Choice(NamedTuple):
    """What is recommended, in numbers: each by the id of its rung.

    ``changes`` are the rungs beside each other, on top of the recommended tuning; ``left_open`` is
    1 where the answers leave a change open that applies and can serve, else 0, and ``taken`` is 1
    for what is recommended. ``total_usd`` is the month's bill then.
    """

    changes: dict[str, Climb]
    left_open: Mapping[str, Any]
    taken: Mapping[str, Any]
    total_usd: Any
    first_year_usd: Any
    payback_months: Any


def choose(rungs: Mapping[str, Climb], answers: Any, pricing: Pricing, hour_usd: Any) -> Choice:
    """Recommend the tuning that earns its work, and the change that earns most on top of it.

    In plain arithmetic, which a page runs too. ``answers`` has the four of :class:`Answers`.
    """
    taken = {name: _earns(rungs[name]) * rungs[name].applies for name in TUNING}
    tuned_usd = _tuned_usd(rungs, taken["memory"], taken["arm"])
    on_arm = np.maximum(taken["arm"], rungs["as-it-is"].request.arm)
    priced = {name: _priced(name, rungs[name], on_arm, pricing) for name in NEEDS if name in rungs}
    changes = {
        name: climb.on_top_of(tuned_usd, RUNGS[name].effort_hours * hour_usd)
        for name, climb in priced.items()
    }
    left_open = {
        name: _allowed(name, answers) * change.applies * change.serves
        for name, change in changes.items()
    }
    best_usd = reduce(np.maximum, (c.year_usd * left_open[name] for name, c in changes.items()), 0)
    found: Any = 0.0
    for name, change in changes.items():  # of two that earn the same, the first
        is_best = left_open[name] * (change.year_usd >= best_usd) * (change.year_usd > _LEAST_USD)
        taken[name] = is_best * (1 - found)
        found = found + taken[name]
    total_usd = sum_in_order(taken[name] * change.month.total for name, change in changes.items())
    total_usd = total_usd + tuned_usd * (1 - found)
    work_usd = hour_usd * sum_in_order(
        each * RUNGS[name].effort_hours for name, each in taken.items()
    )
    saved_usd = rungs["as-it-is"].month.total - total_usd
    return Choice(
        changes=changes,
        left_open=left_open,
        taken=taken,
        total_usd=total_usd,
        first_year_usd=saved_usd * HORIZON_MONTHS - work_usd,
        payback_months=payback_months(work_usd, saved_usd),
    )


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
    allowed: Any = 1.0
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
    earns most after them, or None where none does. ``total_usd`` is the month's bill then, and
    ``first_year_usd`` what a year saves, less the work. ``considered`` holds the changes that the
    answers leave open and that can serve these requests, by what they earn.
    """

    start_usd: float
    total_usd: float
    tuning: tuple[Rung, ...]
    change: Rung | None
    first_year_usd: float
    payback_months: float
    considered: tuple[Rung, ...]

    def __str__(self) -> str:
        """Return the recommendation as a paragraph."""
        steps = [*self.tuning, *([self.change] if self.change else [])]
        if not steps:
            return (
                f"Leave it as it is. No change earns its work within {HORIZON_MONTHS} months on a"
                f" bill of {show(self.start_usd, 'usd')}."
            )
        named = ", then ".join(f"“{rung.name}”" for rung in steps)
        return (
            f"{named}: from {show(self.start_usd, 'usd')} to {show(self.total_usd, 'usd')} a month."
            f" The work is paid back after {paid_back(self.payback_months)}; the first year saves"
            f" {show(self.first_year_usd, 'usd')} after it."
            + ("" if self.change else " Stop there: nothing else earns its work.")
        )


def decide(
    workload: Workload, answers: Answers | None = None, *, hour_usd: float = 100.0, **when: Any
) -> Decision:
    """Recommend the changes that earn their work within a year, for these answers.

    First the tuning, then of the changes left open the one that earns most on top of it. What
    could not serve these requests is never recommended. Other keywords are those of
    :func:`serverless_tax.ladder`.

    >>> from datetime import date
    >>> found = decide(Workload.preset("article"), on=date(2026, 11, 1))
    >>> [rung.id for rung in found.tuning], found.change, round(found.total_usd)
    (['memory'], None, 104)

    Raises:
        InvalidQuantity: as :func:`serverless_tax.ladder` does.
    """
    slower, shorter = when.pop("slower", SLOWER), when.pop("shorter", SHORTER)
    pricing = Bills(when)
    found = climbs(workload, hour_usd, slower, shorter, pricing)
    with np.errstate(divide="ignore"):  # what never pays is endless
        choice = choose(found.rungs, answers or Answers(), pricing, hour_usd)
    on_top = found._replace(rungs=found.rungs | choice.changes)

    def rung(name: str) -> Rung:
        said = finding(name, workload, on_top, pricing, shorter)
        return worded(name, on_top.rungs[name], said)

    by_earning = sorted(choice.changes, key=lambda name: -choice.changes[name].year_usd)
    considered = {name: rung(name) for name in by_earning if choice.left_open[name]}
    return Decision(
        start_usd=float(found.rungs["as-it-is"].month.total),
        total_usd=float(choice.total_usd),
        tuning=tuple(rung(name) for name in TUNING if choice.taken[name]),
        change=next((each for name, each in considered.items() if choice.taken[name]), None),
        first_year_usd=float(choice.first_year_usd),
        payback_months=float(choice.payback_months),
        considered=tuple(considered.values()),
    )


def paid_back(months: float) -> str:
    """Return how long a change takes to earn its work, in days, months or years.

    >>> paid_back(0.25), paid_back(6), paid_back(float("inf"))
    ('7.6 days', '6 months', 'never')
    """
    return "never" if months == float("inf") else show(months, "months")
