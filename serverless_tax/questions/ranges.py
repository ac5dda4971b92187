"""The ends of what advice is worth where facts are unknown, and which of them to find out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from serverless_tax.questions.choose import Choice
from serverless_tax.questions.facts import BETWEEN, LENGTHS_MS, Facts, Possibility


def least_year_usd(facts: Facts, cases: Sequence[Possibility], choices: Sequence[Choice]) -> float:
    """Return what the first year leaves at least, whatever the facts are between their ends.

    Between two ends another thing may be best than at either, and be worth less than both; but what
    one thing is worth at the worse of its ends is there in any case. Of work that is told apart
    from waiting at neither end, what resizes comes and goes in steps: only Arm is worth the same.
    """
    least: dict[tuple[int, ...], dict[str, float]] = {}
    for case, choice in zip(cases, choices, strict=True):
        key = tuple(side for name, side in case.ends.items() if name not in BETWEEN)
        worths = _worths(choice, resizes=facts.busiest is None or bool(choice.needed))
        before = least.get(key)
        least[key] = (
            worths
            if before is None
            else {name: min(usd, worths[name]) for name, usd in before.items() if name in worths}
        )
    return min(max(worths.values()) for worths in least.values())


def _worths(choice: Choice, *, resizes: bool) -> dict[str, float]:
    """Return what the first year leaves of the tuning, and of each change that is open."""
    tuned_usd = float(choice.tuned_year_usd if resizes else choice.arm_year_usd)
    year_usd = float(choice.tuned_year_usd)
    return {"": tuned_usd} | {
        name: year_usd + float(change.year_usd)
        for name, change in choice.changes.items()
        if choice.left_open[name]
    }


def first_to_find(facts: Facts) -> str:
    """Return the fact to find out where what a request takes, or its memory, is not known."""
    lengths = [name for name in facts.no_end if name in LENGTHS_MS]
    return "took_ms" if len(lengths) > 1 else (*lengths, "memory_mb")[0]


def narrowest(cases: Sequence[Possibility], first_year_usd: Sequence[float]) -> str:
    """Return the unknown fact that would leave the narrowest range, on average over its ends."""

    def left(name: str) -> float:
        years: dict[int, list[float]] = {}
        for case, usd in zip(cases, first_year_usd, strict=True):
            years.setdefault(case.ends[name], []).append(usd)
        return float(np.mean([max(each) - min(each) for each in years.values()]))

    return min(cases[0].ends, key=left)
