"""The ends of what advice is worth where facts are unknown, and which of them to find out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from serverless_tax.questions.choose import Choice
from serverless_tax.questions.facts import BETWEEN, LENGTHS_MS, Facts, Possibility
from serverless_tax.questions.ladder import LEAST_USD
from serverless_tax.questions.ways import Worked


def first_year_usd(facts: Facts, worked: Worked, choices: Sequence[Choice]) -> tuple[float, float]:
    """Return what the first year leaves at least and at most, over all that is unknown."""
    if facts.no_end:  # nothing that is not needed leaves less than nothing
        return (-math.inf if any(choice.needed for choice in choices) else 0.0), math.inf
    years = [float(choice.first_year_usd) for choice in choices]
    return min(_least_year_usd(facts, worked, choices), *years), max(years)


def _least_year_usd(facts: Facts, worked: Worked, choices: Sequence[Choice]) -> float:
    """Return what the first year leaves at least, whatever the facts are between their ends.

    Between two ends another thing may be best than at either, and be worth less than both; but what
    one thing is worth at the worse of its ends is there in any case. Of work that is told apart
    from waiting at neither end, what resizes comes and goes in steps: only what any part of it
    leaves is.
    """
    least: dict[tuple[int, ...], dict[str, float]] = {}
    sure: dict[tuple[int, float, bool], float] = {}
    for (case, climbed), choice in zip(worked, choices, strict=True):
        key = tuple(side for name, side in case.ends.items() if name not in BETWEEN)
        worths = _worths(choice)
        if facts.busiest is not None and not choice.needed:
            short = case.answers.out_of_memory
            alike = id(climbed), case.hour_usd, short
            if alike not in sure:
                tuned = climbed.tuned_at(case.hour_usd, out_of_memory=short)
                with np.errstate(divide="ignore"):  # what never pays is endless
                    sure[alike] = float(tuned.any_split_usd())
            worths[""] = sure[alike]
        before = least.get(key)
        least[key] = (
            worths
            if before is None
            else {name: min(usd, worths[name]) for name, usd in before.items() if name in worths}
        )
    return min(max(worths.values()) for worths in least.values())


def _worths(choice: Choice) -> dict[str, float]:
    """Return what the first year leaves of the tuning, and of each change that is open."""
    year_usd = float(choice.tuned_year_usd)
    return {"": year_usd} | {
        name: year_usd + float(change.year_usd)
        for name, change in choice.changes.items()
        if choice.left_open[name]
    }


def first_to_find(facts: Facts) -> str:
    """Return the fact to find out where what a request takes, or its memory, is not known."""
    lengths = [name for name in facts.no_end if name in LENGTHS_MS]
    return "took_ms" if len(lengths) > 1 else (*lengths, "memory_mb")[0]


def narrowest(cases: Sequence[Possibility], choices: Sequence[Choice]) -> str:
    """Return the unknown fact that would leave the narrowest range, on average over its ends.

    A shorter answer for the same bill counts as the least dollars that show.
    """
    worths = [float(one.first_year_usd) + LEAST_USD * float(one.faster) for one in choices]

    def left(name: str) -> float:
        years: dict[int, list[float]] = {}
        for case, usd in zip(cases, worths, strict=True):
            years.setdefault(case.ends[name], []).append(usd)
        return float(np.mean([max(each) - min(each) for each in years.values()]))

    return min(cases[0].ends, key=left)
