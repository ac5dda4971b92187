"""The ladder of a scenario, rung by rung: the arithmetic of ``serverless_tax.ladder``, run here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serverless_tax.bill.design import Design, design
from serverless_tax.bill.totals import Totals
from serverless_tax.ground.request import Request
from serverless_tax.ground.trace import part
from serverless_tax.platforms import aws_lambda_web, platform
from serverless_tax.platforms.aws_lambda import PLATFORM
from serverless_tax.platforms.meters import cpu
from serverless_tax.platforms.meters.changed import Changed, changed
from serverless_tax.prices import Price
from serverless_tax.questions.ladder import (
    SLOWER,
    Climbs,
    months,
    payback_months,
)
from serverless_tax.questions.paid_months import paid_share
from serverless_tax.questions.right_size import Chosen, cheapest_size, every_size, least_mb
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.questions.web_functions import RULE, most_usd
from serverless_tax.widgets.market.figures import needed, slug, total_usd
from serverless_tax.widgets.page_request import month_of, page_request

PARTS = ("work", "waiting", "idle", "fees")


class PagePricing:
    """The page's prices, as the ladder asks for them: list prices, with the path that is needed."""

    def __init__(self, prices: Mapping[str, Price], effective_rate: Any = 1.0) -> None:
        self.prices = prices
        self.effective_rate = effective_rate

    def changed(self, w: Request, **quantities: Any) -> Request:
        """Return the request with quantities changed."""
        return changed(w, **quantities)

    def month(self, name: str, w: Request) -> Totals:
        """Return a design's month of the request."""
        share = paid_share(name, self.effective_rate)
        return Totals(*(part * share for part in month_of(needed(name), w, self.prices)))

    def serves(self, name: str, w: Request) -> Any:
        """Return 1 where a design can serve the request as it is, else 0."""
        return design(needed(name)).can_serve(w)

    def size(self, w: Request, slower: Any, out_of_memory: Any) -> Chosen:
        """Try every megabyte on offer, in a function of its own: a browser makes it fast."""
        need_mb = least_mb(w.memory_mb, w.peak_memory_mb, out_of_memory)

        def found(w: Any) -> dict[str, Any]:
            sizes = every_size(w, changed, lambda at: total_usd("aws-lambda", at, self.prices))
            return cheapest_size(sizes, w.least_mb, w.slower)._asdict()

        asked = Changed(w, least_mb=need_mb, slower=slower)
        return Chosen(**part("cheapestSize", found, asked))


def ladder_figures(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return each rung's month, what it saves on top of the tuned function, and what it earns.

    ``rung_<id>_usd`` and its parts, ``rung_<id>_step_usd``, ``rung_<id>_payback_months`` (endless
    where nothing is saved), ``rung_<id>_year_usd`` (a year's saving, less the hours of work at
    ``hour_usd``), and 1 or 0 for ``rung_<id>_applies``, where the change is one, and
    ``rung_<id>_serves``, where its design can serve the request. Otherwise its month is the tuned
    function's. ``least_memory_mb`` is the size of the first rung, and ``web_vcpu_hour_usd`` what an
    hour of Web Functions' CPU, which has no price, may cost at most. What of them is recommended
    stands on the decision's page.
    """
    found, pricing = climbed(s, prices, s.peak_memory_mb)
    return (
        {"least_memory_mb": found.rungs["memory"].request.memory_mb}
        | _rungs(found, pricing, s.hour_usd)
        | _worked(found)
        | {"web_vcpu_hour_usd": _web_vcpu_hour_usd(found, prices)}
    )


def _web_vcpu_hour_usd(found: Climbs, prices: Mapping[str, Price]) -> Any:
    """Return what an hour of Web Functions' CPU may cost at most, with memory at Vercel's rate.

    It is 0 where they cannot serve the request.
    """
    start, memory = found.rungs["as-it-is"], found.rungs["memory"]
    used = aws_lambda_web.usage(start.request)
    used |= aws_lambda_web.month(used, start.request)
    (_, each_usd), (_, gb_usd) = (
        prices[name].tiers[0] for name in ("requests", "vercel_fluid_gb_hours")
    )
    left_usd = memory.month.total - used["web_requests"] * each_usd
    at_most = most_usd(left_usd, used["web_gb_hours"] * gb_usd, used["web_vcpu_hours"])
    return at_most * Design(RULE).can_serve(start.request)


def climbed(
    s: Any, prices: Mapping[str, Price], peak_memory_mb: Any, reads_along: Any = 0.0
) -> tuple[Climbs, PagePricing]:
    """Return the rungs of a scenario, with what its own peak memory is taken for."""
    pricing = PagePricing(prices, s.effective_rate)
    found = months(
        page_request(s, peak_memory_mb=peak_memory_mb),
        pricing,
        hour_usd=s.hour_usd,
        slower=SLOWER * (1 - s.times_out) + s.times_out,
        calls=s.calls,
        longest_ms=s.longest_ms,
        reads_along=reads_along,
        out_of_memory=s.out_of_memory,
    )
    return found, pricing


def _rungs(found: Climbs, pricing: PagePricing, hour_usd: Any) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    as_tuned = pricing.month("aws-lambda", found.tuned)
    for name, climb in found.rungs.items():
        rung, applies = f"rung_{slug(name)}", climb.applies
        shown = {"usd": climb.month.total}
        shown |= {f"{part}_usd": getattr(climb.month, part) for part in PARTS}
        tuned = {"usd": as_tuned.total}
        tuned |= {f"{part}_usd": getattr(as_tuned, part) for part in PARTS}
        for end, usd in shown.items():
            figures[f"{rung}_{end}"] = usd * applies + tuned[end] * (1 - applies)
        figures[f"{rung}_step_usd"] = step_usd = climb.step_usd * applies + 0.0  # no minus zero
        work_usd = RUNGS[name].effort_hours * hour_usd
        figures[f"{rung}_payback_months"] = payback_months(work_usd, step_usd)
        figures[f"{rung}_year_usd"] = climb.year_usd * applies + 0.0
        figures[f"{rung}_applies"] = applies
        figures[f"{rung}_serves"] = climb.serves
    return figures


def _worked(found: Climbs) -> dict[str, Any]:
    """Return what CPU a request takes where that decides: on less memory, and where CPU is sold."""
    start, smaller = (found.rungs[name].request for name in ("as-it-is", "memory"))
    return {
        "rung_memory_busy_ms": PLATFORM.busy_ms(smaller),
        "rung_active_cpu_busy_ms": platform("cloudflare-workers").busy_ms(cpu.metered(start)),
    }
