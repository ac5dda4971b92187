"""From how many requests a month on something pays, where nobody says how many there are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import ge
from typing import Any, NamedTuple

from serverless_tax.questions.choose import TUNING, Choice
from serverless_tax.questions.decide import Climbed, allowed_for, decided
from serverless_tax.questions.facts import MILLION, Possibility
from serverless_tax.questions.ladder import HORIZON_MONTHS
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.questions.ways import decides_rungs, rungs_of

#: One way things may be, with its rungs and what is chosen for a million requests.
Way = tuple[Possibility, Climbed, Choice]
#: The most requests a month is taken to have, and the digits that are told and looked for.
_MOST_REQUESTS, _DIGITS = 1e12, 3


class PaysFrom(NamedTuple):
    """The number of requests below which nothing pays, and the first steps that do from there on.

    The steps are ids, each with the memory then: none where that is a shorter answer.
    """

    requests: float
    steps: list[tuple[str, float]]


def least_that_pays(
    ways: Sequence[Way],
    when: Mapping[str, Any],
    known: dict[Any, Climbed],
    *,
    one_advice: bool,
) -> PaysFrom | None:
    """Return from how many requests on something pays, and what; None where nothing does for any.

    A shorter answer for the same bill earns nothing, and counts where it is ``one_advice`` whatever
    is unknown. ``known`` are the rungs that were found before, as in :func:`worked_out`.

    It is the least of all ways, in the first power of ten at which something pays in any of them:
    what pays in a month may no longer do so in a larger one, whose requests are cheaper. No power
    far below what the dollars of a million come to is tried.
    """
    needed = any(choice.needed or choice.faster * one_advice for *_, choice in ways)
    pays, ways = _Paying(when, known, one_advice=one_advice), _least_bound(ways)
    guesses = [min(_guesses(*way), default=math.inf) for way in ways]
    order = sorted(range(len(ways)), key=guesses.__getitem__)
    first = 1.0 if needed else min(guesses[order[0]], MILLION)
    at = 10.0 ** math.floor(math.log10(max(first, 1)))
    while at <= _MOST_REQUESTS:
        unit, found = max(at / 10**_DIGITS, 1.0), math.inf
        for k in order:
            tried = min(found - unit, at)
            if tried > at / 10 and pays(ways[k], tried):
                first_way = ways[k]
                found = pays.least(first_way, at / 10, tried, unit, guesses[k])
        if found < math.inf:
            return PaysFrom(found, pays.steps(first_way, found))
        at *= 10
    return None


def _least_bound(ways: Sequence[Way]) -> list[Way]:
    """Return the ways of which no other has the same rungs, cheaper work and as many changes.

    What pays in one that is left out pays in that other too.
    """
    seen: dict[Any, list[tuple[float, tuple[float, ...]]]] = {}
    kept = []
    for way in sorted(ways, key=lambda way: -sum(allowed_for(way[0].answers))):
        case = way[0]
        alike, allowed = seen.setdefault(decides_rungs(case), []), allowed_for(case.answers)
        if not any(
            hour_usd <= case.hour_usd and all(map(ge, also, allowed)) for hour_usd, also in alike
        ):
            alike.append((case.hour_usd, allowed))
            kept.append(way)
    return kept


class _Paying:
    """Whether anything pays in a month of so many requests; what was ``known`` is asked no more."""

    def __init__(
        self, when: Mapping[str, Any], known: dict[Any, Climbed], *, one_advice: bool
    ) -> None:
        self.when, self.known, self.one_advice = when, known, one_advice

    def __call__(self, way: Way, requests: float) -> bool:
        case, *_ = way
        choice = self._at(way, requests).choose(case.answers, case.hour_usd)
        return any(choice.taken.values()) or bool(choice.faster * self.one_advice)

    def guess(self, way: Way, requests: float) -> float:
        """Return from which number something pays, were dollars as at so many requests."""
        case, *_ = way
        climbed = self._at(way, requests)
        choice = climbed.choose(case.answers, case.hour_usd)
        return min(_guesses(case, climbed, choice, requests), default=math.inf)

    def steps(self, way: Way, requests: float) -> list[tuple[str, float]]:
        """Return what pays of so many requests, each with the memory then."""
        case, *_ = way
        return decided(case.workload, case.answers, case.hour_usd, self._at(way, requests)).sizes

    def _at(self, way: Way, requests: float) -> Climbed:
        case, at_a_million, _ = way
        w = case.workload.replace(requests_per_month=requests)
        there, pricing = case._replace(workload=w), at_a_million.pricing
        return rungs_of(there, pricing, self.known, self.when)

    def least(self, way: Way, low: float, high: float, unit: float, guess: float) -> float:
        """Return from which of the units between two on something pays, the first below it."""
        fails, succeeds = math.floor(low / unit), round(high / unit)
        while succeeds - fails > 1:
            near = min(max(math.ceil(min(guess, high) / unit), fails + 1), succeeds - 1)
            for k in (near - 1, near, (fails + succeeds) // 2):
                if fails < k < succeeds:
                    fails, succeeds = (fails, k) if self(way, k * unit) else (k, succeeds)
            guess = self.guess(way, succeeds * unit)
        return succeeds * unit


def _guesses(
    case: Possibility, climbed: Climbed, choice: Choice, requests: float = MILLION
) -> list[float]:
    """Return from which number each step pays, were dollars in proportion to these requests."""
    rungs = climbed.found.rungs
    steps = {name: (rungs[name].step_usd, rungs[name].serves) for name in TUNING}
    steps |= {name: (one.step_usd, choice.left_open[name]) for name, one in choice.changes.items()}
    return [
        requests * RUNGS[name].effort_hours * case.hour_usd / (HORIZON_MONTHS * float(usd))
        for name, (usd, is_open) in steps.items()
        if is_open and usd > 0
    ]
