"""The scenario of a page as the workload that a rule reads, and a design's month of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from serverless_tax.bill.design import Design, design
from serverless_tax.bill.pricing import charges
from serverless_tax.bill.totals import Totals, sum_in_order
from serverless_tax.ground.request import Request, check_names
from serverless_tax.ground.settings import Settings
from serverless_tax.ground.trace import part
from serverless_tax.prices import Price, home_region, price_sheet
from serverless_tax.request.presets import RAG_STEPS
from serverless_tax.request.workload import Step, step_totals

_OWN = (
    "requests_per_month",
    "memory_mb",
    "peak_memory_mb",
    "output_tokens",
    "cpu_ms_per_output_token",
    "metered_cpu_ms_per_token",
    "init_ms",
    "cold_start_share",
    "arm",
    "tokens_per_message",
    "streams_per_vcpu",
)
#: What a page does not set is as assumed.
_ASSUMED = asdict(Settings()) | {"ephemeral_storage_mb": 512.0, "input_tokens": 0.0}
_PARTS = ("cost", "work", "waiting", "idle", "fees")


def page_request(s: Any, **changes: Any) -> Request:
    """Return a scenario as a workload, with ``changes``.

    Sharing is each vendor's own number unless ``requests_per_instance`` is given.

    Raises:
        TypeError: for a name that no rule reads.
    """
    check_names(changes)
    steps = [Step.of(kind, getattr(s, f"{name}_ms"), name) for name, kind in RAG_STEPS]
    quantities = _ASSUMED | {name: getattr(s, name) for name in _OWN} | step_totals(steps)
    return cast("Request", SimpleNamespace(**quantities | changes))


class Line(NamedTuple):
    """What a design's month has of one dimension, its tiers added up; amounts in USD."""

    price: Price
    quantity: Any
    cost: Any
    work: Any
    waiting: Any
    idle: Any

    @property
    def fees(self) -> Any:
        """The part of the work that is paid by the piece."""
        return self.cost if self.price.by_the_piece else 0.0


def charges_of(name: str, request: Request, prices: Mapping[str, Price]) -> list[Line]:
    """Return the lines of a design's month of a request, at list prices, without a free tier.

    Under the tracer a design's lines are one function, called for each request priced on it.
    """
    target = design(name)
    priced = {one: replace(prices[one], free_per_month=0.0) for one in dimensions(name)}
    numbers = Line._fields[1:]

    def lines(w: Request) -> dict[str, Any]:
        listed = list(charges(target.month(target.usage(w), w), priced))
        told = {}
        for dimension in dict.fromkeys(line.price.dimension for line in listed):
            tiers = [line for line in listed if line.price.dimension == dimension]
            for number in numbers:
                amounts = (getattr(line, number) for line in tiers)
                told[f"{dimension}_{number}"] = sum_in_order(amounts)
        return told

    told = part(f"charges_{_as_a_name(name)}", lines, request)
    found = dict.fromkeys(key.rpartition("_")[0] for key in told)
    return [Line(priced[one], *(told[f"{one}_{number}"] for number in numbers)) for one in found]


def month_of(name: str, request: Request, prices: Mapping[str, Price]) -> Totals:
    """Return what a design's month of a request costs, and its split."""

    def month(w: Request) -> dict[str, Any]:
        lines = charges_of(name, w, prices)
        totals = zip(Totals._fields, _PARTS, strict=True)
        return {end: sum_in_order(getattr(line, of) for line in lines) for end, of in totals}

    return Totals(**part(f"month_{_as_a_name(name)}", month, request))


def _as_a_name(design_id: str) -> str:
    return design_id.replace("-", "_").replace("+", "_")


@cache
def page_day() -> date:
    """The day whose prices the pages show: the day the book was built."""
    return date.today()  # noqa: DTZ011 - a price holds by the local calendar day


@cache
def dimensions(name: str) -> tuple[str, ...]:
    """Return the names of everything a design has a price for today, in the order of its sheets."""
    return tuple(
        dimension
        for sheet in sheets(design(name))
        for dimension in price_sheet(sheet, home_region(sheet, "us-east-1")).on(page_day())
    )


def sheets(target: Design) -> tuple[str, ...]:
    """Return the ids of the price sheets of a design and of its path, each once."""
    parts = (target.platform, *target.parts)
    return tuple(dict.fromkeys(sheet for part in parts for sheet in part.priced_by))
