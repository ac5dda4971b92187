"""From how many requests a month on something pays, where nobody says how many there are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from serverless_tax.questions.choose import TUNING, Choice
from serverless_tax.questions.decide import Climbed, decided
from serverless_tax.questions.facts import Possibility
from serverless_tax.questions.ladder import HORIZON_MONTHS
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.questions.ways import decides_rungs, rungs_of

#: One way things may be, with its rungs and what is chosen for a million requests.
Way = tuple[Possibility, Climbed, Choice]
#: The most requests a month is taken to have, the digits that are told, and how near it is found.
_MOST_REQUESTS, _DIGITS, _NEAR = 1e12, 3, 1e-5


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
    pays = _Paying(when, known, one_advice=one_advice)
    guesses = [min(_guesses(*way), default=math.inf) for way in ways]
    order = sorted(range(len(ways)), key=guesses.__getitem__)
    first = min(guesses[order[0]], 1e6)
    if any(choice.needed or choice.faster * one_advice for *_, choice in ways):
        first = 1.0
    at, found, way = 10.0 ** math.floor(math.log10(max(first, 1))), math.inf, ways[0]
    while at <= _MOST_REQUESTS and found > at:
        for k in order:
            if pays(ways[k], min(found / (1 + _NEAR), at)):
                way = ways[k]
                found = pays.least(way, at / 10, min(found, at), guesses[k])
        at *= 10
    if found == math.inf:
        return None
    unit = 10.0 ** max(math.floor(math.log10(found)) + 1 - _DIGITS, 0)
    return PaysFrom(math.ceil(found / unit) * unit, pays.steps(way, found))


class _Paying:
    """Whether anything pays in a month of so many requests; what ways share is worked out once."""

    def __init__(
        self, when: Mapping[str, Any], known: dict[Any, Climbed], *, one_advice: bool
    ) -> None:
        self.when, self.known, self.one_advice = when, known, one_advice
        self._climbed: dict[Any, Climbed] = {}

    def __call__(self, way: Way, requests: float) -> bool:
        case, *_ = way
        choice = self._at(way, requests).choose(case.answers, case.hour_usd)
        return any(choice.taken.values()) or bool(choice.faster * self.one_advice)

    def steps(self, way: Way, requests: float) -> list[tuple[str, float]]:
        """Return what pays of so many requests, each with the memory then."""
        case, *_ = way
        return decided(case.workload, case.answers, case.hour_usd, self._at(way, requests)).sizes

    def _at(self, way: Way, requests: float) -> Climbed:
        case, at_a_million, _ = way
        key = decides_rungs(case), requests
        if key not in self._climbed:
            w = case.workload.replace(requests_per_month=requests)
            there, pricing = case._replace(workload=w), at_a_million.pricing
            self._climbed[key] = rungs_of(there, pricing, self.known, self.when)
        return self._climbed[key]

    def least(self, way: Way, low: float, high: float, guess: float) -> float:
        """Return from which number between two on something pays, the first of them below it."""
        for edge in (guess * (1 + side * 1e-3) for side in (-1, 1)):
            if low < edge < high:
                low, high = (low, edge) if self(way, edge) else (edge, high)
        while high > max(low, 1) * (1 + _NEAR):
            middle = math.sqrt(low * high)
            low, high = (low, middle) if self(way, middle) else (middle, high)
        return high


def _guesses(case: Possibility, at_a_million: Climbed, choice: Choice) -> list[float]:
    """Return from which number each step pays, were dollars in proportion to requests."""
    rungs = at_a_million.found.rungs
    steps = {name: (rungs[name].step_usd, rungs[name].serves) for name in TUNING}
    steps |= {name: (one.step_usd, choice.left_open[name]) for name, one in choice.changes.items()}
    return [
        1e6 * RUNGS[name].effort_hours * case.hour_usd / (HORIZON_MONTHS * float(usd))
        for name, (usd, is_open) in steps.items()
        if is_open and usd > 0
    ]
