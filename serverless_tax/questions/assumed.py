"""What the dollars of advice take for granted, a sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from serverless_tax.bill.design import design
from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, PLATFORM
from serverless_tax.prices import HOME_REGION, billing_day, elsewhere, region_in_words
from serverless_tax.questions.facts import HOURS_USD, RATES, Facts, calls_told
from serverless_tax.questions.ladder import SLOWER, Rung
from serverless_tax.questions.right_size import needed_mb, needs_more_than_seen
from serverless_tax.questions.sentence import ASSUMES


def assumed(facts: Facts, when: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the dollars take for granted."""
    w, peak_mb = facts.workload, float(np.max(facts.workload.peak_memory_mb))
    yield prices_assumed(when)
    if facts.effective_rate is None:
        yield any_assumed()["any_rate"]
    elif facts.effective_rate != 1:
        yield ASSUMES["rate"].format(rate=show(facts.effective_rate, "percent"))
    doubted = needs_more_than_seen(w, facts.out_of_memory)
    if peak_mb:
        yield ASSUMES["doubted" if doubted else "peak"].format(peak=show(peak_mb, "mb"))
    if facts.per_million:
        yield ASSUMES["million"]
    else:
        requests = show(float(np.mean(w.requests_per_month)), "requests")
        yield ASSUMES["requests"].format(requests=requests)
    if facts.hour_usd is None:
        yield any_assumed()["any_hour"]
    else:
        yield ASSUMES["hour"].format(hour=show(facts.hour_usd, "usd"))
    if not (facts.out_of_memory or doubted):
        yield ASSUMES["memory"]
    works = "cpu_ms" in facts.between or np.any(PLATFORM.busy_ms(facts.busiest or w))
    if works and np.max(w.memory_mb) > FULL_VCPU_MB:
        yield ASSUMES["thread"]
    if facts.calls is None and facts.may_wait:
        yield ASSUMES["calls"]


def assumed_of(steps: Sequence[Rung], facts: Facts, slower: float = SLOWER) -> Iterator[str]:
    """Yield what the dollars of what is recommended, or of nothing, take for granted beside that.

    ``slower`` is how many times as long an answer may take for less memory.
    """
    w, names = facts.workload, {rung.id for rung in steps}
    # Where a smaller size has room and none is recommended, this may be why.
    has_room = needed_mb(np.max(w.peak_memory_mb)) < np.max(w.memory_mb)
    if (has_room or "memory_mb" in facts.unknown) and not facts.times_out:
        yield slower_assumed(slower)
    if "overlap" in names and facts.longest_ms == 0 and (facts.calls or 2) > calls_told(w):
        yield ASSUMES["alike"]
    if "suspended" in names:
        yield suspended_assumed(float(np.mean(w.suspended_share)))


def elsewhere_assumed(rungs: Iterable[Rung], when: Mapping[str, Any]) -> Iterator[str]:
    """Yield which vendors of these changes are priced elsewhere than in the region asked for."""
    sheets = (design(rung.design).platform.priced_by for rung in rungs)
    region = when.get("region", HOME_REGION)
    yield from dict.fromkeys(said for one in sheets for said in elsewhere(one, region))


def slower_assumed(slower: float = SLOWER) -> str:
    """Return how much longer an answer may take for less memory, in a sentence."""
    return ASSUMES["slower"].format(slower=show(slower - 1, "percent"))


def suspended_assumed(share: float) -> str:
    """Return how much of the waiting is taken to be suspended, in a sentence."""
    return ASSUMES["suspended"].format(share=show(share, "percent"))


def any_assumed() -> dict[str, str]:
    """Return what is said of an hour's price and of a discount where nobody knows them."""
    low, high = (show(usd, "usd0") for usd in (HOURS_USD[0], HOURS_USD[-1]))
    least, most = (show(rate, "percent") for rate in RATES)
    return {
        "any_hour": ASSUMES["any_hour"].format(low=low, high=high),
        "any_rate": ASSUMES["any_rate"].format(low=least, high=most),
    }


def prices_assumed(when: Mapping[str, Any]) -> str:
    """Return which prices the dollars are at, in a sentence."""
    return ASSUMES["prices"].format(
        prices="your rates" if when.get("rates") else "list prices",
        day=billing_day(when.get("on")),
        region=region_in_words(when.get("region", HOME_REGION)),
        tier=_tier(when),
    )


def _tier(when: Mapping[str, Any]) -> str:
    return "free tier taken off" if when.get("free_tier") else "without a free tier"
