"""Which changes are recommended, in plain arithmetic that a page runs too."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from serverless_tax.bill.totals import sum_in_order
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB
from serverless_tax.questions.ladder import (
    HORIZON_MONTHS,
    LEAST_USD,
    OF_CALLS,
    Climb,
    Climbs,
    Pricing,
    most_of,
    payback_months,
)
from serverless_tax.questions.right_size import KEPT, needed_mb, too_small
from serverless_tax.questions.rungs import RUNGS

#: The changes that build on each other and rule nothing out.
TUNING = ("memory", "arm")

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

    ``arm`` is the move to Arm on top of the recommended memory. ``changes`` are the rungs beside
    each other, on top of the recommended tuning, of which each has what earns its work beside it:
    none where it replaces the function; ``left_open`` is 1 where the answers leave a
    change open that applies and can serve, else 0, and ``taken`` is 1 for what is recommended.
    ``needed`` is 1 where the memory is raised because there is too little, and ``faster`` where
    the same bill buys a shorter answer of the function that stays.
    ``total_usd`` is the month's bill then, and ``tuned_usd`` what it is with the tuning alone:
    ``tuned`` is 1 for what that has, and ``tuned_year_usd`` what its first year leaves.
    """

    arm: Climb
    changes: dict[str, Climb]
    left_open: Mapping[str, Any]
    taken: Mapping[str, Any]
    needed: Any
    faster: Any
    tuned_usd: Any
    tuned: Mapping[str, Any]
    tuned_year_usd: Any
    total_usd: Any
    hours: Any
    first_year_usd: Any
    payback_months: Any

    def of_one(self, k: int) -> Choice:
        """Return what is recommended for the answers of one number, where several were asked."""

        def at(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: at(each) for name, each in value.items()}
            return value[k] if isinstance(value, np.ndarray) and value.ndim else value

        return self._replace(**{name: at(getattr(self, name)) for name in _OF_THE_ANSWERS})


#: What of a choice depends on the answers that rule changes out.
_OF_THE_ANSWERS = (
    *("left_open", "taken", "faster", "total_usd", "hours", "first_year_usd", "payback_months"),
)


class _Asked(NamedTuple):
    """A function as it is, the size that was found for it, and what prices it."""

    start: Any
    size_mb: Any
    pricing: Pricing
    hour_usd: Any

    def with_tuning(self, climb: Climb, memory: Any, arm: Any) -> Climb:
        """Return a rung of the function, with that memory and that chip: 1 for tuned, else 0."""
        memory_mb = self.size_mb * memory + self.start.memory_mb * (1 - memory)
        chip = np.maximum(self.start.arm, 1.0 * arm)
        request = self.pricing.changed(climb.request, memory_mb=memory_mb, arm=chip)
        return climb._replace(request=request, month=self.pricing.month(climb.design, request))


class Tuned(NamedTuple):
    """The tuning that is recommended at the price of an hour, whatever the other answers are.

    ``at_once`` is the move to Arm at the memory that there is, and ``arm`` on top of the memory
    that is recommended; ``taken`` is 1 for what is recommended, and ``usd`` the month then.
    ``known`` are the changes beside it that were asked for.
    """

    found: Climbs
    asked: _Asked
    needed: Any
    at_once: Climb
    arm: Climb
    taken: dict[str, Any]
    usd: Any
    known: dict[tuple[str, bool], tuple[Climb, dict[str, Any]]]

    def beside(self, name: str, *, is_shut: bool) -> tuple[Climb, dict[str, Any]]:
        """Return a change on top of the tuning, and what of that it has no need of.

        Of one that is shut nobody asks which tuning is worth its work beside it.
        """
        if (name, is_shut) not in self.known:
            change = self.found.rungs[name]
            kept = {"memory": self.needed, "arm": self.needed * 0.0}
            if not (replaces(name) or is_shut):
                change, kept = _worth_tuning(change, self.asked, self.taken, self.needed)
            spared = {each: self.taken[each] - kept[each] for each in TUNING}
            hours = RUNGS[name].effort_hours - hours_of(spared)
            change = change.on_top_of(self.usd, hours * self.asked.hour_usd)
            self.known[name, is_shut] = change, spared
        return self.known[name, is_shut]

    def among(self, found: Climbs) -> Tuned:
        """Return the same tuning among rungs of which those that depend on calls are others."""
        known = {key: one for key, one in self.known.items() if key[0] not in OF_CALLS}
        return self._replace(found=found, known=known)

    def usd_with(self, name: str, memory: Any, arm: Any) -> Any:
        """Return a month with a change, and of the tuning what is 1 beside that where it stays."""
        change = self.found.rungs[name]
        tuned = change if replaces(name) else self.asked.with_tuning(change, memory, arm)
        return tuned.month.total

    def any_split_usd(self) -> Any:
        """Return what the first year leaves of the tuning, whatever part of the time is work.

        Below one whole vCPU less memory saves of the waiting alone, and comes and goes in steps:
        Arm at the memory that there is stays. Above it nothing is slower with less, so that a whole
        vCPU, or what the peak needs, saves the same of any request.
        """
        start, before = self.asked.start, self.found.rungs["as-it-is"].month.total
        size_mb = np.maximum(needed_mb(most_of(start.peak_memory_mb)), FULL_VCPU_MB)
        at_size = self.asked._replace(size_mb=np.minimum(size_mb, start.memory_mb))
        arm = _on_arm(self.found.rungs["arm"], at_size, 1.0)
        now_usd = arm.month.total + arm.step_usd
        work_usd = self.asked.hour_usd * RUNGS["memory"].effort_hours
        year_usd = (before - now_usd) * HORIZON_MONTHS - work_usd + arm.year_usd * _earns(arm)
        resized_usd = year_usd * (1.0 * (now_usd * (1 + KEPT) < before))
        return np.maximum(resized_usd, self.at_once.year_usd * _earns(self.at_once))


def tune(found: Climbs, out_of_memory: Any, pricing: Pricing, hour_usd: Any) -> Tuned:
    """Return the tuning that earns its work, whatever the answers that rule changes out.

    Memory that is missing, to hold a request or to end it in time, is given whether it earns or
    not. In plain arithmetic, which a page runs too. ``out_of_memory`` is 1 where requests end for
    want of memory.
    """
    rungs, start = found.rungs, found.rungs["as-it-is"].request
    short = too_small(most_of(start.memory_mb), most_of(start.peak_memory_mb), 1.0 * out_of_memory)
    short = np.maximum(short, 1 - rungs["as-it-is"].serves)
    needed = short * found.size.moves * rungs["memory"].serves
    asked = _Asked(start, rungs["memory"].request.memory_mb, pricing, hour_usd)
    at_once, resized = (_on_arm(rungs["arm"], asked, memory) for memory in (needed, 1.0))
    both_usd = rungs["memory"].year_usd + resized.year_usd * _earns(resized)
    earns = both_usd > np.maximum(at_once.year_usd * _earns(at_once), 0) + LEAST_USD
    memory = np.maximum(earns * rungs["memory"].applies * rungs["memory"].serves, needed)
    arm = _on_arm(rungs["arm"], asked, memory)
    taken = {"memory": memory, "arm": _earns(arm)}
    usd = asked.with_tuning(arm, **taken).month.total
    return Tuned(found, asked, needed, at_once, arm, taken, usd, {})


def choose(tuned: Tuned, allowed: Mapping[str, Any]) -> Choice:
    """Recommend the tuning that earns its work, and the change that earns most on top of it.

    A change takes the place of the tuning that earns nothing beside it, and of the hours for that:
    of all of it where it replaces the function. In plain arithmetic, which a page runs too.
    ``allowed`` has 1 for each change that the answers allow, as in :func:`allowed_by`.
    """
    found, needed, tuned_usd, arm = tuned.found, tuned.needed, tuned.usd, tuned.arm
    rungs, hour_usd, taken = found.rungs, tuned.asked.hour_usd, dict(tuned.taken)
    beside = {
        name: tuned.beside(name, is_shut=_is_shut(allowed[name])) for name in NEEDS if name in rungs
    }
    changes = {name: change for name, (change, _) in beside.items()}
    spared = {name: one for name, (_, one) in beside.items()}
    left_open = {
        name: allowed[name] * change.applies * change.serves for name, change in changes.items()
    }
    best_usd = reduce(np.maximum, (c.year_usd * left_open[name] for name, c in changes.items()), 0)
    chosen: Any = 0.0
    for name, change in changes.items():  # of two that earn the same, the first
        is_best = left_open[name] * (change.year_usd >= best_usd) * (change.year_usd > LEAST_USD)
        taken[name] = is_best * (1 - chosen)
        chosen = chosen + taken[name]
    total_usd = sum_in_order(taken[name] * change.month.total for name, change in changes.items())
    total_usd = total_usd + tuned_usd * (1 - chosen)
    for each in TUNING:
        gone = sum_in_order(taken[name] * one[each] for name, one in spared.items())
        taken[each] = taken[each] - gone
    replaced = sum_in_order(taken[name] * replaces(name) for name in changes)
    hours = hours_of(taken)
    work_usd = hour_usd * hours
    now_usd = rungs["as-it-is"].month.total
    saved_usd = now_usd - total_usd
    return Choice(
        arm=arm,
        changes=changes,
        left_open=left_open,
        taken=taken,
        needed=needed,
        faster=found.size.faster * (1 - replaced),
        tuned_usd=tuned_usd,
        tuned=tuned.taken,
        tuned_year_usd=(now_usd - tuned_usd) * HORIZON_MONTHS - hour_usd * hours_of(tuned.taken),
        total_usd=total_usd,
        hours=hours,
        first_year_usd=saved_usd * HORIZON_MONTHS - work_usd,
        payback_months=payback_months(work_usd, saved_usd),
    )


def _on_arm(arm: Climb, asked: _Asked, memory: Any) -> Climb:
    """Return the move to Arm on top of the memory that is recommended, and of no other."""
    before = asked.with_tuning(arm, memory, 0.0)
    after = asked.with_tuning(arm, memory, 1.0)
    work_usd = RUNGS["arm"].effort_hours * asked.hour_usd
    return after.on_top_of(before.month.total, work_usd)


def _worth_tuning(
    change: Climb, asked: _Asked, taken: Mapping[str, Any], needed: Any
) -> tuple[Climb, dict[str, Any]]:
    """Return a change to the function, with the tuning that still earns its work beside it.

    Where the waiting is gone, less memory saves little.
    """

    def year_usd(memory: Any, arm: Any) -> Any:
        month = asked.with_tuning(change, memory, arm).month
        return month.total * HORIZON_MONTHS + asked.hour_usd * hours_of(
            {"memory": memory, "arm": arm}
        )

    sizes = (needed, taken["memory"])
    alone, on_arm = ([year_usd(memory, arm) for memory in sizes] for arm in (0.0, taken["arm"]))
    is_worth = [1.0 * (arm + LEAST_USD < x86) for x86, arm in zip(alone, on_arm, strict=True)]
    least, smaller = map(np.minimum, alone, on_arm)
    still = 1.0 * (smaller + LEAST_USD < least)
    arm = is_worth[1] * still + is_worth[0] * (1 - still)
    kept = {"memory": np.maximum(needed, taken["memory"] * still), "arm": taken["arm"] * arm}
    return asked.with_tuning(change, **kept), kept


def hours_of(taken: Mapping[str, Any]) -> Any:
    """Return the hours of work of the changes that are taken."""
    return sum_in_order(each * RUNGS[name].effort_hours for name, each in taken.items())


def replaces(name: str) -> float:
    """Return 1 where a change takes the function's place, else 0."""
    return float(name not in _ON_THE_FUNCTION)


def _earns(climb: Climb) -> Any:
    """Return 1 where a change earns its work within a year, and can serve the requests, else 0."""
    return 1.0 * (climb.year_usd > LEAST_USD) * climb.serves


def allowed_by(answers: Any) -> dict[str, Any]:
    """Return each change that can be recommended with 1 where the answers allow it, else 0."""
    return {name: _allowed(name, answers) for name in NEEDS}


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


def _is_shut(allowed: Any) -> bool:
    """Whether it is known at once that a change is ruled out: nobody asks what it would be worth.

    A page asks again after each answer, with what it is given.
    """
    return type(allowed) is float and not allowed


#: The changes that keep the function, and with it the tuning that earns its work beside them.
_ON_THE_FUNCTION = ("as-it-is", "overlap", "no-proxy", "suspended")
