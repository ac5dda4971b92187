"""The month's bill over a function's memory: the figure of the first chapter."""

from __future__ import annotations

from typing import Any

import numpy as np

from serverless_tax.book.dollars import usd
from serverless_tax.book.figures.figure import INK, LABEL, Plot
from serverless_tax.ground.html import Markup, joined, plain
from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, MEMORY_MB
from serverless_tax.questions.compare import sweep
from serverless_tax.request.workload import Workload

_DOUBLINGS_MB = (128, 256, 512, 1024, 2048)
_LISTED_MB = 64  # the curves are straight between: a row for every megabyte would say no more


def memory_curves(waits: Workload, computes: Workload) -> Plot:
    """Draw a month's bill over memory for a request that waits and for one that only computes."""
    memory_mb = np.arange(MEMORY_MB[0], 3009)
    bills = [
        sweep("aws-lambda", work.replace(memory_mb=memory_mb))["total"]
        for work in (waits, computes)
    ]

    def draw(axes: Any) -> None:
        for cost, style in zip(bills, ("-", "--"), strict=True):
            axes.plot(memory_mb, cost, color=INK, linestyle=style, linewidth=2)
        axes.annotate(
            "waits for a model", (memory_mb[450], bills[0][450]), (-4, 6), ha="right", **LABEL
        )
        axes.annotate("only computes", (memory_mb[0], bills[1][0]), (0, 8), **LABEL)
        axes.axvline(FULL_VCPU_MB, color=INK, linewidth=1, linestyle=":")
        whole = f"one vCPU\n{show(FULL_VCPU_MB, 'mb')}"
        axes.annotate(whole, (FULL_VCPU_MB, 0), (-6, 8), ha="right", **LABEL)
        axes.set(xlabel="memory, MB (logarithmic)", ylim=0, xscale="log")
        axes.set(ylabel=f"USD for {month}")
        axes.set_xticks(_DOUBLINGS_MB, [f"{mb:,}" for mb in _DOUBLINGS_MB])
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(lambda usd, _: show(usd, "usd0"))

    month = f"{show(waits.requests_per_month, 'count')} requests"

    def at(of: Workload, k: int) -> Markup:
        cost, priced = bills[of is computes][k], of.replace(memory_mb=float(memory_mb[k]))
        return usd(float(cost), "total", "usd0", design_id="aws-lambda", month=priced)

    low, high, flat = at(waits, 0), at(waits, -1), at(computes, 0)
    return Plot(
        draw,
        f"The month's bill against memory. The request that waits climbs with every megabyte, from"
        f" {plain(low)} to {plain(high)}. The one that only computes stays at {plain(flat)} up to"
        f" {show(FULL_VCPU_MB, 'mb')}, then climbs.",
        found=joined(
            f"From {show(MEMORY_MB[0], 'mb')} to {show(float(memory_mb[-1]), 'mb')} the bill for"
            f" {month} that wait climbs from ",
            joined(low, high, by=" to "),
            ". If they compute, it stays at ",
            flat,
            f" up to {show(FULL_VCPU_MB, 'mb')}.",
        ),
        name="a-month-by-memory",
        data=[
            {
                "memory_mb": mb,
                "requests_a_month": waits.requests_per_month,
                "waits_usd_a_month": a,
                "computes_usd_a_month": b,
            }
            for mb, a, b in zip(memory_mb, *bills, strict=True)
            if mb % _LISTED_MB == 0 or mb == FULL_VCPU_MB
        ],
    )
