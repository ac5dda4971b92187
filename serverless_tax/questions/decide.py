"""Four questions to a recommendation: which change pays, with its arithmetic and its payback."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from serverless_tax.bill.bill import bill
from serverless_tax.ground.show import show
from serverless_tax.questions.ladder import Rung, ladder, payback_months
from serverless_tax.request.workload import Workload

#: The changes that build on each other and rule nothing out.
TUNING = ("memory", "arm")

#: The months in which a change has to earn its work.
HORIZON_MONTHS = 12

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

    def allow(self, rung_id: str) -> bool:
        """Say whether these answers leave a change open."""
        return all(getattr(self, name) is wanted for name, wanted in NEEDS[rung_id].items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do, in order, and what it is worth.

    ``tuning`` are the easy changes that earn their work within a year, ``change`` the one that
    earns most after them, or None where none does. ``total_usd`` is the month's bill then, and
    ``first_year_usd`` what a year saves, less the work. ``considered`` holds the changes that the
    answers leave open, by what they earn.
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

    First the tuning, then of the changes left open the one that earns most on top of it. Other
    keywords are those of :func:`serverless_tax.ladder`.

    >>> from datetime import date
    >>> found = decide(Workload.preset("article"), on=date(2026, 11, 1))
    >>> [rung.id for rung in found.tuning], found.change, round(found.total_usd)
    (['memory'], None, 104)

    Raises:
        InvalidQuantity: as :func:`serverless_tax.ladder` does.
    """
    answers = answers or Answers()
    when = {"path": "needed"} | when
    rungs = ladder(workload, hour_usd=hour_usd, **when)
    start = rungs[0]
    tuning = tuple(r for r in rungs if r.id in TUNING and _earned_usd(r, hour_usd) > 0)
    tuned_usd = start.total_usd - sum(r.step_usd for r in tuning)
    on_arm = any(r.id == "arm" for r in tuning)
    left_open = (r for r in rungs if r.id in NEEDS and answers.allow(r.id))
    changes = [
        _on_top_of(tuned_usd, r if on_arm else _as_before(r, workload, when), hour_usd)
        for r in left_open
    ]
    considered = tuple(sorted(changes, key=lambda r: -_earned_usd(r, hour_usd)))
    change = next((r for r in considered if _earned_usd(r, hour_usd) > 0), None)
    total_usd = change.total_usd if change else tuned_usd
    steps = [*tuning, *([change] if change else [])]
    work_usd = sum(r.effort_hours for r in steps) * hour_usd
    saved_usd = start.total_usd - total_usd
    return Decision(
        start_usd=start.total_usd,
        total_usd=total_usd,
        tuning=tuning,
        change=change,
        first_year_usd=saved_usd * HORIZON_MONTHS - work_usd,
        payback_months=payback_months(work_usd, saved_usd),
        considered=considered,
    )


#: The changes that keep the function: without the move to Arm they stay on its processor.
_ON_THE_FUNCTION = ("overlap", "no-proxy", "suspended")


def _as_before(rung: Rung, w: Workload, when: dict[str, Any]) -> Rung:
    """Return a change to the function on the processor it has, where Arm is not worth its work."""
    if rung.id not in _ON_THE_FUNCTION:
        return rung
    kept = rung.workload.replace(architecture=w.architecture)
    return replace(rung, workload=kept, total_usd=bill(rung.design, kept, **when).total)


def _on_top_of(tuned_usd: float, rung: Rung, hour_usd: float) -> Rung:
    """Return a change with what it saves beyond the recommended tuning."""
    step_usd = tuned_usd - rung.total_usd
    payback = payback_months(rung.effort_hours * hour_usd, step_usd)
    return replace(rung, step_usd=step_usd, payback_months=payback)


def paid_back(months: float) -> str:
    """Return how long a change takes to earn its work, in days, months or years.

    >>> paid_back(0.25), paid_back(6), paid_back(float("inf"))
    ('7.6 days', '6 months', 'never')
    """
    return "never" if months == float("inf") else show(months, "months")


def _earned_usd(rung: Rung, hour_usd: float) -> float:
    """Return what a change saves in a year, less what its work costs."""
    return rung.step_usd * HORIZON_MONTHS - rung.effort_hours * hour_usd
