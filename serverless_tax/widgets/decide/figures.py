"""The decision of a scenario: the arithmetic of ``serverless_tax.decide``, run here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serverless_tax.platforms.aws_lambda import PLATFORM
from serverless_tax.prices import Price
from serverless_tax.questions.choose import NEEDS, choose
from serverless_tax.questions.ladder import Climbs
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.widgets.ladder.figures import PagePricing, climbed
from serverless_tax.widgets.market.figures import slug


def decision_figures(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return what is recommended, and the same where an unknown peak is all of the memory.

    ``rung_<id>_open`` and ``change_<id>_year_usd`` of each change beside the tuning, on top of the
    tuning that is recommended, and ``decided_<id>_open`` for what is recommended; the month then
    (``decided_usd``) and its first year (``decided_year_usd``). ``least_`` has the decision of
    least worth, with the same ends.
    """
    found, pricing = climbed(s, prices, s.peak_memory_mb)
    now = {"rung_as_it_is_usd": found.rungs["as-it-is"].month.total}
    return now | _decision("decided", s, found, pricing) | _least(s, prices)


def _least(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return the decision of least worth: one that takes an unknown peak for all the memory."""
    unknown = (s.peak_memory_mb <= 0) * (1 - s.out_of_memory)
    found, pricing = climbed(s, prices, s.peak_memory_mb + unknown * (s.memory_mb - 1))
    decision = _decision("least", s, found, pricing)
    return {name: usd for name, usd in decision.items() if name.startswith("least_")}


def _decision(end: str, s: Any, found: Climbs, pricing: PagePricing) -> dict[str, Any]:
    choice = choose(found, s, pricing, s.hour_usd)
    left_open = {name: choice.left_open.get(name, 0.0) for name in RUNGS}
    slow, fast = (found.rungs[name].request for name in ("as-it-is", "memory"))
    return {
        **{f"rung_{slug(name)}_open": is_open for name, is_open in left_open.items()},
        **{f"change_{slug(name)}_year_usd": choice.changes[name].year_usd for name in NEEDS},
        **{f"{end}_{slug(name)}_open": taken for name, taken in choice.taken.items()},
        f"{end}_short_open": choice.needed,
        f"{end}_faster_open": choice.faster,
        f"{end}_now_ms": PLATFORM.wall_ms(slow),
        f"{end}_then_ms": PLATFORM.wall_ms(fast),
        f"{end}_size_mb": fast.memory_mb,
        f"{end}_hours": choice.hours,
        f"{end}_payback_months": choice.payback_months,
        f"{end}_usd": choice.total_usd,
        f"{end}_year_usd": choice.first_year_usd,
    }
