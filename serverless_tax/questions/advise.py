"""Advice on what is known: one sentence, its sum, what it takes for granted, and what to find out.

Where a fact is unknown the advice is a range over what the fact can be.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import PLATFORM
from serverless_tax.prices import HOME_REGION, region_in_words
from serverless_tax.questions.assumed import assumed, assumed_of, elsewhere_assumed
from serverless_tax.questions.choose import Choice
from serverless_tax.questions.decide import (
    Climbed,
    Decision,
    decided,
    faster_at,
    sizes_of,
)
from serverless_tax.questions.fact_rows import fact_rows
from serverless_tax.questions.facts import LENGTHS_MS, MILLION, Facts
from serverless_tax.questions.ladder import HORIZON_MONTHS, SLOWER, Rung
from serverless_tax.questions.pays_from import least_that_pays
from serverless_tax.questions.ranges import first_to_find, first_year_usd, narrowest
from serverless_tax.questions.rungs import LEAST_HOURS
from serverless_tax.questions.sentence import (
    SAYS,
    Faster,
    command,
    commands,
    in_full,
    in_words,
    what_is_wrong,
)
from serverless_tax.questions.to_find import ASK
from serverless_tax.questions.ways import Worked, choices_of, worked_out

#: Dollars by which a month may differ and still be the same.
_SAME_USD = 0.005

#: A month's dollars from the least to the most.
Range = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do about a function, as far as it is known.

    ``least`` and ``most`` are the decisions worth least and most in a year, over everything that
    the unknown facts can be; they are one where nothing unknown matters. ``first_year_usd`` is
    what the first year leaves after the work, the least and the most of all that, and
    ``saving_usd`` what a month costs less, twice, where that is one and no range; None where it
    is, or how many requests a month has is to be found out. ``ask`` is the
    fact that would narrow the range most, by its name in :class:`Facts` (``took_ms`` for work and
    waiting together), or None. ``assumed`` is what the dollars take for granted, a sentence each.
    Where it is unknown how many requests a month has, dollars are those of a million, and
    ``pays_from`` is the number below which nothing pays, None where nothing pays for any, and
    ``first_steps`` are the ids of what pays from there on, each with the memory then.
    ``common`` are the steps that are taken whatever is unknown, and ``surely`` says that these are
    all: only their dollars differ. ``differs`` says that what to do, or its dollars, differ where
    the number of requests is known. Where the memory is unknown, or a length that nothing known
    bounds, nothing bounds the dollars either: both ends are tried, and not told. ``small`` says
    that a year of the bill is less than the least work costs: nothing is asked for then. ``region``
    is the one whose prices these are.
    """

    facts: Facts
    least: Decision
    most: Decision
    saving_usd: Range | None
    first_year_usd: Range
    ask: str | None
    assumed: tuple[str, ...]
    common: tuple[Rung, ...] = ()
    surely: bool = False
    differs: bool = False
    pays_from: float | None = None
    first_steps: tuple[tuple[str, float], ...] = ()
    small: bool = False
    region: str = HOME_REGION

    @property
    def has_no_end(self) -> bool:
        """Whether a length is unknown, and its dollars can be anything."""
        return bool(self.facts.no_end)

    @property
    def start_usd(self) -> float | None:
        """What a month costs as it is; None where that is unknown."""
        least, most = self.least.start_usd, self.most.start_usd
        unknown = self.has_no_end or self.facts.per_million
        return None if unknown or abs(most - least) >= _SAME_USD else most

    @property
    def year_ends_usd(self) -> tuple[float | None, float | None]:
        """What the first year leaves at least and at most; None where nothing known bounds that.

        How many requests there are bounds it: of any number what is needed may cost anything.
        """
        low, high = self.first_year_usd
        if self.ask == "requests_per_month":
            low, high = (-math.inf if self.least.raised else 0.0), math.inf
        return _finite(low), _finite(high)

    @property
    def less_between(self) -> bool:
        """Whether the first year may leave less between the ends that were tried than at either."""
        return self.first_year_usd[0] < self.least.first_year_usd - _SAME_USD

    @property
    def is_point(self) -> bool:
        """Whether nothing that is unknown changes what to do, or dollars that pay for work."""
        return self.ask is None

    @property
    def steps(self) -> list[str] | None:
        """The ids of what to do, where nothing that is unknown changes it."""
        known = self.ask is None or self.surely
        return [rung.id for rung in self.most.steps] if known else None

    @property
    def sentence(self) -> str:
        """What to do in a sentence; where that is not known, what to find out first.

        What is wrong whatever it costs comes before that.
        """
        return " ".join(self.said)

    @property
    def said(self) -> list[str]:
        """The sentence in parts, each of which is one thing to do or to know, the first first."""
        raised = self.least.raised and self.most.raised
        late = self.facts.times_out
        full = all(SAYS["full"] in one.warnings for one in (self.least, self.most))
        wrong = what_is_wrong(_cannot(self.facts), raised=raised, times_out=late, full=full)
        first, *others = in_full(wrong, self._do())
        return [first, *(each.replace("First find", "Then find") for each in others)]

    def _do(self) -> list[str]:
        if self.ask is None:
            beside = [*self._needed(), SAYS["beside"]]
            return beside if self.saving_usd is None else [self.most.what_to_do]
        told = list(self._needed())
        to_find = ASK[self.ask]._asdict() | {"ends": self._ends()}
        if self.small:
            return [SAYS["nothing"], SAYS["sooner"].format(**to_find)]
        if self.ask != "requests_per_month":
            kind = "first"
            if self.common:
                kind = "surely" if self.surely else "partly"
                to_find["do"] = commands(sizes_of(self.common))
                to_find["hours"] = in_words(sum(rung.effort_hours for rung in self.common))
            return [*told, SAYS[kind].format(**to_find, **self._low_and_high())]
        told.append(SAYS["requests"].format(**to_find))
        if self.pays_from and self.pays_from > 1:
            told.append(SAYS["below"].format(requests=show(self.pays_from, "count")))
        if self.pays_from and self.pays_from > MILLION and self.first_steps:
            return [*told, SAYS["from"].format(do=commands(self.first_steps))]
        at_a_million = self._ends() if self.differs else self.most.what_to_do
        for needed in self._needed():  # which is said once
            do, _, _ = needed.partition(":")
            at_a_million = at_a_million.removeprefix(needed).removeprefix(f"{do}:").lstrip()
        return [*told, SAYS["million"].format(sentence=at_a_million)]

    def _ends(self) -> str:
        """Return what the first year leaves at least and at most, in a sentence."""
        if self.has_no_end:
            return SAYS["no_end"]
        low, high = self.first_year_usd
        kind = "perhaps" if abs(low) < _SAME_USD else "ends"
        kind = "no_dollars" if high - low < _SAME_USD else kind
        return SAYS[kind].format(**self._low_and_high())

    def _low_and_high(self) -> dict[str, str]:
        return {
            end: show(usd, "usd")
            for end, usd in zip(("low", "high"), self.first_year_usd, strict=True)
        }

    def _needed(self) -> Iterator[str]:
        """Yield the memory that both ends give because there is too little, or the less of two."""
        ends = (self.least, self.most)
        if all(one.raised for one in ends):
            sizes = {float(np.max(one.tuning[0].workload.memory_mb)) for one in ends}
            do = command("memory", min(sizes)) + (SAYS["or_more"] if len(sizes) > 1 else "")
            yield SAYS["needed"].format(do=do)

    def _in_hours(self) -> Iterator[str]:
        """Yield the sum where nobody says what an hour of work costs, and it changes no step."""
        most = self.most.as_said
        if most.steps:
            start, total = (show(usd, "usd") for usd in (most.start_usd, most.total_usd))
            hours = show(most.hours, "count")
            yield SAYS["in_hours"].format(start=start, total=total, hours=hours)

    def __str__(self) -> str:
        """Return the first of the sentence, the rest of it, the sum, and what was assumed."""
        if self.has_no_end or (self.ask is None and self.saving_usd is None):
            told = []
        elif self.ask is None and self.facts.hour_usd is None:
            told = [*self._in_hours(), *str(self.most).splitlines()[2:]]
        elif self.ask is None or self.least is self.most:
            told = str(self.most).splitlines()[1:]
        else:
            ends = {"least": self.least, "most": self.most}
            told = [SAYS["between"].format(**self._low_and_high())] if self.less_between else []
            told += [f"Worth {end}: {one.after(one.what_to_do)}" for end, one in ends.items()]
        first, *rest = self.said
        cannot = _cannot(self.facts)  # which the sentence has said
        told = [each for line in told for each in line.splitlines() if each not in cannot]
        if self.region != HOME_REGION:
            first = SAYS["there"].format(region=region_in_words(self.region), sentence=first)
        said = [first, *([" ".join(rest)] if rest else [])]
        return "\n".join([*said, *told, *(f"Assumed: {each}" for each in self.assumed)])

    @property
    def as_said(self) -> Advice:
        """The same with the size for a shorter answer as its step, where that is all it says.

        What the first year leaves stays that of what is done for dollars.
        """
        most = self.most.as_said
        if not self.is_point or most is self.most:
            return self
        return replace(self, most=most, saving_usd=(most.saving_usd,) * 2)

    def to_dict(self) -> dict[str, Any]:
        """Return the advice as plain values, ready for JSON; ranges are pairs, no end is null."""
        said = self.as_said
        return {
            "sentence": self.sentence,
            "steps": said.steps,
            "in_any_case": [rung.id for rung in self.common],
            "start_usd": self.start_usd,
            "saving_usd": said.saving_usd and list(said.saving_usd),
            "first_year_usd": list(self.year_ends_usd),
            "least": None if self.has_no_end else _plain(self.least),
            "most": None if self.has_no_end else _plain(self.most),
            "ask": self.ask and {"fact": self.ask, "how": ASK[self.ask].how},
            "dollars_per": "million requests" if self.facts.per_million else "month",
            "pays_from_requests": self.pays_from,
            "unknown": list(self.facts.unknown),
            "assumed": list(self.assumed),
        }

    def rows(self) -> list[tuple[str, str, str]]:
        """Return the advice and its facts as a table: what, its value, and its unit."""
        return [*_rows(self), *fact_rows(self.facts)]


def advise(facts: Facts, **when: Any) -> Advice:
    """Return what to do about a function, with what is unknown left unknown.

    Keywords are those of :func:`serverless_tax.decide`.

    >>> from datetime import date
    >>> from serverless_tax import Workload
    >>> w = Workload.preset("article")
    >>> advise(Facts.stated(w.replace(peak_memory_mb=300)), on=date(2026, 11, 1)).sentence
    'Set memory to 360 MB, then build for Arm: $581.19 a month less, six hours. Then stop.'
    >>> advise(Facts.stated(w.replace(peak_memory_mb=0)), on=date(2026, 11, 1)).ask
    'peak_memory_mb'

    Raises:
        InvalidQuantity: as :func:`serverless_tax.decide` does.
    """
    return advice_on(facts, worked_out(facts, **when), when)


def advice_on(
    facts: Facts,
    worked: Worked,
    when: Mapping[str, Any],
    known: dict[Any, Climbed] | None = None,
) -> Advice:
    """Return the advice, where the rungs of each way things may be are known.

    ``known`` are those of other facts too, as in :func:`worked_out`.
    """
    choices = choices_of(worked)
    years = [float(choice.first_year_usd) for choice in choices]
    every = {id(climbed): climbed for _, climbed in worked}
    faster = {key: faster_at(climbed.found) for key, climbed in every.items()}
    do = {
        _does(choice, climbed, faster[id(climbed)])
        for choice, (_, climbed) in zip(choices, worked, strict=True)
    }
    totals_usd = [float(choice.total_usd) for choice in choices]
    savings_usd = [
        float(climbed.found.rungs["as-it-is"].month.total) - total_usd
        for total_usd, (_, climbed) in zip(totals_usd, worked, strict=True)
    ]
    is_one_bill = max(totals_usd) - min(totals_usd) < _SAME_USD
    small = _is_small(facts, worked)
    idle = len(do) == 1 and not any(any(one.taken.values()) for one in choices)
    same = idle or (
        len(do) == 1 and is_one_bill and max(savings_usd) - min(savings_usd) < _SAME_USD
    )
    order = totals_usd if idle else years
    nothing = abs(max(years)) < _SAME_USD
    if not (idle or max(years) - min(years) >= _SAME_USD or (facts.per_million and nothing)):
        order = [float(choice.faster) for choice in choices]  # which no dollars tell apart
    k_least, k_most = order.index(min(order)), order.index(max(order))

    def told(k: int) -> Decision:
        case, climbed = worked[k]
        one = decided(case.workload, case.answers, case.hour_usd, climbed, choices[k])
        return one if same else replace(one, quicker=None)

    best = told(k_most)
    worst = best if same and is_one_bill and facts.hour_usd is not None else told(k_least)
    common = (
        tuple(rung for rung in best.steps if _is_in_all(rung.id, do)) if not best.raised else ()
    )
    ask = pays = None
    if facts.no_end:
        same, ask = False, first_to_find(facts)
    elif not (same or (small and all(choice.needed for choice in choices))):
        ask = narrowest([case for case, _ in worked], choices)
    if facts.per_million and not facts.no_end:
        ways = [(*way, choice) for way, choice in zip(worked, choices, strict=True)]
        pays = least_that_pays(ways, when, {} if known is None else known, one_advice=same)
    ends = first_year_usd(facts, worked, choices)
    return Advice(
        facts=facts,
        least=worst,
        most=best,
        common=common,
        surely=bool(common) and len(do) == 1 and not facts.per_million and ends[0] > 0,
        saving_usd=(best.saving_usd,) * 2 if same and not pays else None,
        differs=not same,
        first_year_usd=ends,
        ask="requests_per_month" if pays else ask,
        assumed=(
            *assumed(facts, when),
            *elsewhere_assumed((*worst.considered, *best.considered), when),
            *assumed_of((*worst.steps, *best.steps), facts, when.get("slower", SLOWER)),
        ),
        pays_from=pays.requests if pays else None,
        first_steps=tuple(pays.steps) if pays else (),
        small=small,
        region=when.get("region", HOME_REGION),
    )


def _is_small(facts: Facts, worked: Worked) -> bool:
    """Whether a year of the bill is less than the least work costs, whatever is unknown."""
    if facts.per_million or facts.no_end:
        return False
    return all(
        float(climbed.found.rungs["as-it-is"].month.total) * HORIZON_MONTHS
        <= LEAST_HOURS * case.hour_usd
        for case, climbed in worked
    )


def _finite(usd: float) -> float | None:
    return usd if math.isfinite(usd) else None


def ranked(functions: Mapping[str, Facts], **when: Any) -> list[tuple[str, Advice]]:
    """Return the advice for several functions, what is worth most in its first year first.

    A range is ranked by its least: what is certain comes before what may be.
    """
    advice = {name: advise(facts, **when) for name, facts in functions.items()}
    return sorted(advice.items(), key=lambda one: (-one[1].first_year_usd[0], one[0]))


def _does(choice: Choice, climbed: Climbed, faster: Faster) -> tuple[Any, ...]:
    """Return what is recommended, as far as its sentence says it."""
    steps = frozenset(name for name, taken in choice.taken.items() if taken)
    size_mb = float(climbed.found.size.memory_mb) if "memory" in steps else None
    return steps, size_mb, faster if choice.faster else None


def _is_in_all(name: str, do: Collection[tuple[Any, ...]]) -> bool:
    """Whether a step is recommended each time, and memory of one size."""
    sizes = {size_mb for _, size_mb, _ in do} if name == "memory" else {None}
    return len(sizes) == 1 and all(name in steps for steps, *_ in do)


def _cannot(facts: Facts) -> list[str]:
    """Return why it cannot serve these requests, however short what is unknown of them."""
    unknown = {name: 0.0 for name in facts.between if name in LENGTHS_MS}
    return list(PLATFORM.obstacles(facts.workload.replace(**unknown)))


def _plain(told: Decision) -> dict[str, Any]:
    decision = told.as_said
    return {
        "sentence": told.sentence,
        "steps": [rung.to_dict() for rung in decision.steps],
        "start_usd": decision.start_usd,
        "total_usd": decision.total_usd,
        "saving_usd": decision.saving_usd,
        "hours": decision.hours,
        "first_year_usd": decision.first_year_usd,
        "payback": decision.payback,
        "considered": [rung.to_dict() for rung in decision.considered],
        "warnings": list(decision.warnings),
        "cannot": decision.cannot,
    }


def _rows(advice: Advice) -> Iterator[tuple[str, str, str]]:
    usd = "USD for a million requests" if advice.facts.per_million else "USD"
    yield "advice", advice.sentence, ""
    for end, decision in ((end, one.as_said) for end, one in _ends(advice)):
        yield f"{end}a month now", f"{decision.start_usd:.2f}", usd
        yield f"{end}a month then", f"{decision.total_usd:.2f}", usd
        yield f"{end}work", f"{decision.hours:g}", "hours"
        yield f"{end}first year after the work", f"{decision.first_year_usd:.2f}", usd
        for rung in decision.steps:
            yield f"{end}saved by {rung.id}", f"{rung.step_usd:.2f}", usd
    for sentence in advice.assumed:
        yield "assumed", sentence, ""


def _ends(advice: Advice) -> list[tuple[str, Decision]]:
    if advice.has_no_end:
        return []
    if advice.least is advice.most:
        return [("", advice.most)]
    return [("worth least: ", advice.least), ("worth most: ", advice.most)]
