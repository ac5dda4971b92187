"""Curves over one quantity: where bills cross, batching, the share of cold starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from serverless_tax.bill.design import design
from serverless_tax.book.dollars import usd
from serverless_tax.book.figures.figure import INK, LABEL, Plot
from serverless_tax.ground.html import joined, plain
from serverless_tax.ground.show import show
from serverless_tax.questions.break_even import BreakEven
from serverless_tax.questions.web_functions import WebFunctions

_AXES = {
    "requests_per_month": ("requests a month", "count"),
    "concurrent_waits": ("requests waiting at once, on average", "number"),
    "wait_ms": ("wait", "ms"),
    "memory_mb": ("memory", "mb"),
    "cpu_ms_per_output_token": ("CPU to pass a token on", "ms"),
    "requests_per_instance": ("requests that share an instance", "count"),
}

#: A drawing that is wider has room for names beside its curves.
_WIDE_INCHES = 5
#: A key above the drawing, where no curve and no crossing's line can touch it.
_ABOVE: dict[str, Any] = {"frameon": False, "loc": "outside upper left", "borderaxespad": 0}
#: What is less would be shown as zero, which no logarithmic axis has.
_SHOWN = 0.01


def break_even_curve(
    found: BreakEven, *, name: str = "", called: Mapping[str, str] = MappingProxyType({})
) -> Plot:
    """Draw both bills along the quantity, and mark every crossing.

    ``name`` is for a page with two curves of the same pair over the same quantity; ``called`` says
    how a design is tuned, where its own name does not.
    """
    what, unit = _AXES[found.over]
    names = [called.get(one) or design(one).name for one in (found.a, found.b)]

    def draw(axes: Any) -> None:
        bills = (found.a_usd, found.b_usd)
        # Each curve is named at the end that is far from a crossing, and where the two are apart;
        # where a name would lie on a curve, in a key.
        wide = axes.figure.get_figwidth() > _WIDE_INCHES
        end = max((0, -1), key=lambda k: _room(found, k))
        side = "left" if end == 0 else "right"
        for label, cost, other, style in zip(names, bills, bills[::-1], ("--", "-"), strict=True):
            axes.plot(found.x, cost, color=INK, linestyle=style, linewidth=2, label=label)
            above = cost[end] > other[end]
            place: dict[str, Any] = {"ha": side, "va": "bottom" if above else "top"}
            there = (found.x[end], cost[end])
            later = len(found.x) // 4
            if end == 0 and above and cost[later] > cost[0]:  # a name that ends there clears it
                place["ha"], there = "right", (found.x[later], cost[later])
            if wide:
                axes.annotate(label, there, (0, 5 if above else -6), **place, **LABEL)
        if not wide:
            axes.figure.legend(**_ABOVE)
        for crossing in found.crossings:
            axes.axvline(crossing.at, color=INK, linewidth=1.2, linestyle=":")
            there_usd = float(np.interp(crossing.at, found.x, found.a_usd))
            axes.scatter(crossing.at, there_usd, 50, color=INK, zorder=3)
            falls = any(cost[-1] < cost[0] for cost in bills)
            where = (8, 6 if falls else -14)
            axes.annotate(show(crossing.at, unit), (crossing.at, there_usd), where, **LABEL)
        axes.set(xscale="log", yscale="log", xlabel=what, ylabel="USD a month")
        axes.xaxis.set_major_formatter(
            lambda x, _: show(x, unit) if x >= _SHOWN else f"{x:g} {unit}"
        )
        axes.yaxis.set_major_formatter(lambda usd, _: show(usd, "usd0" if usd >= 1 else "usd"))
        axes.yaxis.set_minor_formatter("")
        first, last = np.log10([found.x[0], found.x[-1]])
        marks = 10.0 ** np.arange(np.ceil(first - 1e-9), np.floor(last + 1e-9) + 1)
        axes.set_xticks(marks[:: -(-len(marks) // (7 if wide else 3)) or 1])
        axes.margins(y=0.15)
        lowest, highest = axes.get_ylim()
        if highest < 100 * lowest:  # of the powers of ten one alone may be in sight
            steps = np.outer(10.0 ** np.arange(np.floor(np.log10(lowest)), 9), (1, 2, 5)).ravel()
            axes.set_yticks(steps[(steps >= lowest) & (steps <= highest)])

    text = _crossings(found, dict(zip((found.a, found.b), names, strict=True)), what, unit)
    return Plot(
        draw,
        f"Two curves of the month's bill against {what}, {names[0]} and {names[1]}. {text}",
        found=text,
        name=name or _kebab(f"{found.a}-or-{found.b}-by-{found.over}"),
        data=_both(found),
    )


def _room(found: BreakEven, end: int) -> float:
    """Return how much room there is at an end of two curves: across times upwards, as logs."""
    across = [abs(float(np.log(found.x[end] / crossing.at))) for crossing in found.crossings]
    return min(across, default=1.0) * abs(float(np.log(found.a_usd[end] / found.b_usd[end])))


def _kebab(text: str) -> str:
    return re.sub("[^a-z0-9]+", "-", text)


def _both(found: BreakEven) -> list[dict[str, object]]:
    """Return a row for each point of the curves; a crossing says what is cheaper from there on."""
    columns = [f"{name}_usd_a_month" for name in (found.a, found.b)]
    cheaper = {crossing.at: crossing.cheaper_from_here for crossing in found.crossings}
    x = sorted({*found.x, *cheaper})
    curves = [np.interp(x, found.x, usd) for usd in (found.a_usd, found.b_usd)]
    return [
        {found.over: at, columns[0]: a, columns[1]: b, "cheaper_from_here": cheaper.get(at, "")}
        for at, a, b in zip(x, *curves, strict=True)
    ]


def _crossings(found: BreakEven, names: dict[str, str], what: str, unit: str) -> str:
    if not found.crossings:
        return "They do not cross: one is cheaper, or no dearer, all the way."
    return " ".join(
        f"Below {show(c.at, unit)} {what}, {names[c.cheaper_below]} is cheaper; from there on"
        f" {names[c.cheaper_from_here]}."
        for c in found.crossings
    )


def unpriced(found: WebFunctions) -> Plot:
    """Draw the month on Web Functions over the price of their CPU, which nobody has seen."""
    breaks_even = found.vcpu_hour_usd
    named = {breaks_even: "break-even", **{hour: name for name, hour in found.vcpu_usd.items()}}
    prices = sorted({*np.linspace(0, max(named) * 1.25, 51), *named})
    months = [found.month_usd(float(hour)) for hour in prices]

    def draw(axes: Any) -> None:
        axes.plot(prices, months, color=INK, linewidth=2, label="Web Functions")
        label = "Event Function, tuned"
        axes.axhline(found.tuned_usd, color=INK, linestyle="--", linewidth=2, label=label)
        axes.scatter(breaks_even, found.tuned_usd, 50, color=INK, zorder=3)
        there = (breaks_even, found.tuned_usd)
        axes.annotate(show(breaks_even, "usd"), there, (6, -16), **LABEL)
        for name, hour in found.vcpu_usd.items():
            there = (hour, found.month_usd(hour))
            axes.scatter(*there, 25, color=INK, zorder=3)
            axes.annotate(design(name).name, there, (6, -14), **LABEL)
        axes.set(xlabel="USD for an hour of active CPU", ylabel="USD a month", xlim=0, ylim=0)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda usd, _: show(usd, "usd" if usd % 1 else "usd0"))
        axes.figure.legend(**_ABOVE)

    rates = (
        joined(
            usd(found.month_usd(hour), f"Web Functions at {design(name).name}'s rates"),
            f" with {design(name).name}'s ",
            usd(hour, f"an hour of CPU at {design(name).name}"),
        )
        for name, hour in found.vcpu_usd.items()
    )
    text = joined(
        "Below ",
        usd(breaks_even, "an hour of CPU where Web Functions break even"),
        " an hour of active CPU, Web Functions are cheaper than the tuned function's ",
        usd(found.tuned_usd, "the tuned function"),
        "; ",
        joined(*rates, by=", "),
        ".",
    )
    return Plot(
        draw,
        "A rising line, the month on Lambda Web Functions against the price of their CPU."
        f" {plain(text)}",
        found=text,
        name="web-functions-by-price-of-cpu",
        data=[
            {"vcpu_hour_usd": hour, "usd_a_month": month, "price_of": named.get(hour, "")}
            for hour, month in zip(prices, months, strict=True)
        ],
    )
