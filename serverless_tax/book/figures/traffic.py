"""Figures about traffic: instances that a load keeps busy, and how long answers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serverless_tax.book.figures.figure import INK, LABEL, Plot
from serverless_tax.ground.show import show
from serverless_tax.request.workload import Workload
from serverless_tax.traffic import Simulation, instances


def sharing_curve(each: int, simulated: Mapping[float, Simulation]) -> Plot:
    """Draw instances against the load: the bounds, the billed figure and the simulated one."""
    loads = np.geomspace(0.05, max(simulated) * 1.3, 160)
    bounds = [instances(float(load), each) for load in loads]
    off = max(
        abs(instances(load, each).billed / run.mean_instances - 1)
        for load, run in simulated.items()
    )

    def draw(axes: Any) -> None:
        lows, highs = [b.low for b in bounds], [b.high for b in bounds]
        axes.fill_between(loads, lows, highs, color=INK, alpha=0.15, linewidth=0, label="bounds")
        axes.plot(loads, loads, color=INK, linestyle="--", label="one request each")
        axes.plot(loads, [b.billed for b in bounds], color=INK, linewidth=2, label="billed here")
        for load, run in simulated.items():
            ends = (run.low_s / run.span_s, run.high_s / run.span_s)
            axes.plot([load, load], ends, color=INK, linewidth=1.2)
            axes.scatter(load, run.mean_instances, 26, color=INK, zorder=3)
        axes.scatter([], [], 26, color=INK, label="simulated")
        axes.set(xscale="log", yscale="log", xlabel="requests in flight, on average")
        axes.set(ylabel="instances kept busy, on average")
        axes.xaxis.set_major_formatter(lambda x, _: show(x, "number"))
        axes.yaxis.set_major_formatter(lambda y, _: show(y, "number"))
        axes.legend(frameon=False)

    found = (
        f"With room for {each}, what is billed here is within {show(off, 'percent')} of every run"
        f" of the simulation."
    )
    return Plot(
        draw,
        f"Instances kept busy against requests in flight, {each} to an instance: a band between"
        f" two bounds, the curve that is billed, and simulated points with intervals. {found}",
        found=found,
        source="Source: simulated arrivals, computed when this page was built.",
        name=f"sharing-{each}-to-an-instance",
        data=_sharing_rows(each, [*map(float, loads)], simulated),
    )


def _sharing_rows(
    each: int, loads: Sequence[float], simulated: Mapping[float, Simulation]
) -> list[dict[str, object]]:
    """Return a row for each load, with what was simulated where it was."""
    rows: list[dict[str, object]] = []
    for load in sorted({*loads, *simulated}):
        bound, run = instances(load, each), simulated.get(load)
        rows.append(
            {
                "requests_in_flight": load,
                "least_instances": bound.low,
                "billed_instances": bound.billed,
                "most_instances": bound.high,
                "simulated_instances": run.mean_instances if run else "",
                "simulated_low_instances": run.low_s / run.span_s if run else "",
                "simulated_high_instances": run.high_s / run.span_s if run else "",
            }
        )
    return rows


def answer_lengths(months: Mapping[str, Workload]) -> Plot:
    """Draw how long the answers of several kinds of traffic are, in tokens."""
    edges = np.arange(0, 641, 20)
    medians = {name: float(np.median(w.output_tokens)) for name, w in months.items()}

    def draw(axes: Any) -> None:
        for (name, w), style in zip(months.items(), ("-", "--"), strict=False):
            share, _ = np.histogram(w.output_tokens, edges)
            heights = share / w.sample_size
            axes.stairs(heights, edges, color=INK, linestyle=style, linewidth=2, label=name)
            top = float(np.max(share)) / w.sample_size
            where = (float(edges[int(np.argmax(share))]) + 20, top)
            axes.annotate(f"{name}, median {show(medians[name], 'count')}", where, (4, -8), **LABEL)
        axes.set(xlabel="tokens of an answer", ylabel="share of the answers", xlim=(0, 640))
        axes.yaxis.set_major_formatter(lambda share, _: show(share, "percent"))

    told = " and ".join(
        f"{show(medians[name], 'count')} tokens in {name} (mean"
        f" {show(round(float(np.mean(w.output_tokens))), 'count')})"
        for name, w in months.items()
    )
    found = f"Half of the answers are no longer than {told}."
    return Plot(
        draw,
        f"Histograms of the tokens of an answer. {found}",
        found=found,
        source="Source: the public traces that this page names.",
        name="answer-lengths",
        data=[row for name, w in months.items() for row in _length_rows(name, w, edges)],
    )


def _length_rows(name: str, w: Workload, edges: Any) -> list[dict[str, object]]:
    """Return a row for each step of a histogram, and what is typical of the whole."""
    counts, _ = np.histogram(w.output_tokens, edges)
    typical = {
        "median_tokens": float(np.median(w.output_tokens)),
        "mean_tokens": float(np.mean(w.output_tokens)),
    }
    return [
        {"traffic": name, "from_tokens": low, "below_tokens": high, "share_of_answers": share}
        | typical
        for low, high, share in zip(edges, edges[1:], counts / w.sample_size, strict=False)
    ]
