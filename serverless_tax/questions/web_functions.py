"""What Lambda Web Functions would have to cost: documented, and no price was seen yet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from serverless_tax.bill.bill import bill
from serverless_tax.bill.design import Design
from serverless_tax.bill.month import month_usage
from serverless_tax.ground.show import show
from serverless_tax.platforms import aws_lambda_web
from serverless_tax.platforms.base import memory_limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.prices import (
    HOME_REGION,
    UnknownPrice,
    billing_day,
    home_region,
    price_sheet,
)
from serverless_tax.questions.ladder import ladder, mostly_waits
from serverless_tax.request.workload import Workload


@dataclass(frozen=True, slots=True)
class WebFunctions:
    """A month's meters, and the prices at which it costs what the tuned Event Function does.

    ``like_usd`` is the month at the rates of others for a vCPU-hour and a GB-hour, by platform.
    ``vcpu_hour_usd`` is what an hour of active CPU may cost at most, with the memory at Vercel's
    rate, and ``gb_hour_usd`` what a GB-hour may, with the CPU at Vercel's: 0 if it is never less.
    Requests are counted at the Event Function's price, and what leaves (``transfer_gb``) at none.
    ``obstacles`` say why they could not serve these requests. ``vcpu_usd`` are the others' prices
    of a vCPU-hour, and ``gb_usd`` is Vercel's of a GB-hour.
    """

    tuned_usd: float
    requests_usd: float
    vcpu_hours: float
    gb_hours: float
    transfer_gb: float
    vcpu_hour_usd: float
    gb_hour_usd: float
    like_usd: dict[str, float]
    vcpu_usd: dict[str, float]
    gb_usd: float
    obstacles: tuple[str, ...]

    def month_usd(self, vcpu_hour_usd: float) -> float:
        """Return the month where an hour of active CPU costs so much, with Vercel's memory."""
        return self.requests_usd + self.vcpu_hours * vcpu_hour_usd + self.gb_hours * self.gb_usd

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain values, ready for JSON: a rate without a limit is null."""
        return {name: None if value == math.inf else value for name, value in asdict(self).items()}


#: Their name as a rung, and what is said of them beside the rungs that have a price.
RUNG_NAME = "A Node server on Lambda Web Functions"
WITHOUT_A_PRICE = (
    "Lambda Web Functions, for Node, are documented, but we saw no price of theirs. With memory at"
    " Vercel's rate they beat the function with the memory it needs below {usd} an hour of vCPU."
)
#: Whose rates are put in: the prices of a vCPU-hour and of a GB-hour, and hours of their unit.
_RATES = {
    "vercel-fluid": ("vercel_fluid_cpu_hours", "vercel_fluid_gb_hours", 1),
    "google-cloud-run": ("cloud_run_vcpu_seconds", "cloud_run_gib_seconds", 3600),
}


#: The rule as a platform, for its meters alone: it is in no list, and has no sheet.
RULE = FrontDoor(
    id="aws-lambda-web",
    name="AWS Lambda Web Functions",
    waits="Bills the memory of the shared environment while it waits, and no CPU.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html",
    usage=aws_lambda_web.usage,
    month=aws_lambda_web.month,
    shares=aws_lambda_web.SHARES,
    limits=(memory_limit(aws_lambda_web.MEMORY_GB * 1024),),
    limit_ms=aws_lambda_web.LONGEST_MS,
    limit_why="stops a request",
)


def unpriced(workload: Workload, when: Mapping[str, Any]) -> WebFunctions | None:
    """Return them as a rung without a price, for a request that mostly waits; None for another.

    None too on a day before the rates that are put in.
    """
    asked = {name: when[name] for name in ("on", "region", "rates") if name in when}
    try:
        return web_functions(workload, **asked) if mostly_waits(workload) else None
    except UnknownPrice:
        return None


def without_a_price(workload: Workload, when: Mapping[str, Any]) -> Iterator[str]:
    """Yield from which price on they are a rung, or why they cannot serve."""
    found = unpriced(workload, when)
    if found and found.obstacles:
        yield from found.obstacles
    elif found and found.vcpu_hour_usd and math.isfinite(found.vcpu_hour_usd):
        yield WITHOUT_A_PRICE.format(usd=show(found.vcpu_hour_usd, "usd"))


def most_usd(left_usd: Any, others_usd: Any, units: Any) -> Any:
    """Return what each of so many units may cost where others cost so much of what is left."""
    return np.maximum(left_usd - others_usd, 0) / units


def _rates(name: str, day: date) -> tuple[float, float]:
    """Return a platform's prices of a vCPU-hour and of a GB-hour on a day."""
    vcpu, gb, units = _RATES[name]
    held = price_sheet(name, home_region(name, HOME_REGION)).on(day)
    return held[vcpu].tiers[0][1] * units, held[gb].tiers[0][1] * units


def web_functions(workload: Workload, **when: Any) -> WebFunctions:
    """Return what Web Functions would meter, and the rates at which they beat an Event Function.

    The function is the ladder's at its best memory. Keywords are those of :func:`bill`.

    >>> from datetime import date
    >>> found = web_functions(Workload.preset("article"), on=date(2026, 11, 1))
    >>> found.like_usd["vercel-fluid"] < found.tuned_usd
    True

    Raises:
        InvalidQuantity, UnknownPrice: as :func:`bill` does.
    """
    tuned = next(rung for rung in ladder(workload, **when) if rung.id == "memory")
    lines = bill("aws-lambda", tuned.workload, **when).items
    requests_usd = math.fsum(line.cost for line in lines if line.dimension == "requests")
    used = month_usage(Design(RULE), workload)
    vcpu_hours, gb_hours = used["web_vcpu_hours"], used["web_gb_hours"]
    rates = {name: _rates(name, billing_day(when.get("on"))) for name in _RATES}
    vcpu_usd, gb_usd = rates["vercel-fluid"]
    left = tuned.total_usd - requests_usd

    def most(others_usd: float, units: float) -> float:
        return float(most_usd(left, others_usd, units)) if units else math.inf

    return WebFunctions(
        tuned_usd=tuned.total_usd,
        requests_usd=requests_usd,
        vcpu_hours=vcpu_hours,
        gb_hours=gb_hours,
        transfer_gb=used["web_transfer_gb"],
        vcpu_hour_usd=most(gb_hours * gb_usd, vcpu_hours),
        gb_hour_usd=most(vcpu_hours * vcpu_usd, gb_hours),
        like_usd={
            name: requests_usd + vcpu_hours * vcpu + gb_hours * gb
            for name, (vcpu, gb) in rates.items()
        },
        vcpu_usd={name: vcpu for name, (vcpu, _) in rates.items()},
        gb_usd=gb_usd,
        obstacles=tuple(RULE.obstacles(workload)),
    )
