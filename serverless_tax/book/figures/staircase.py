"""Duration over memory of a function that only computes: the steps of the CPU's quota."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serverless_tax.book.figures.figure import INK, LABEL, Plot
from serverless_tax.ground.html import Markup, Table, joined, tag
from serverless_tax.ground.lambda_facts import CPU_PERIOD_MS
from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, cpu_wall_ms

#: CPU time of the function that was measured, as long as it takes with a whole vCPU.
MEASURED_CPU_MS = 17.3
#: One step of the staircase: its first and last size in MB, and where its label stands.
_STEP_MB = (770.0, 1336.0)
_OVER_STEP_MS = 70


@cache
def measured_sizes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return sizes in MB, and the mean duration in ms of 5,000 invocations at each.

    A function in Python that computes and never waits, in us-east-1 on x86, spring 2025. Source:
    Lin, Ma and Shahrad, https://arxiv.org/abs/2506.01283, the artifact
    https://github.com/ubc-cirrus-lab/demystifying-serverless-costs (MIT), reduced to a table.
    """
    return _means("lambda_cpu.csv")


@cache
def other_sizes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sizes in MB of the same data that no number was fitted to, and their means in ms.

    They lie between those of :func:`measured_sizes`. Same source.
    """
    return _means("lambda_cpu_others.csv")


def _means(name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows = [(row["memory_mb"], row["mean_duration_ms"]) for row in _rows(name)]
    sizes, means = np.array(rows, dtype=float).T
    return sizes, means


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(name).read_text("utf-8")
    return [*csv.DictReader(text.splitlines())]


@cache
def measured_lengths() -> dict[int, NDArray[np.float64]]:
    """Return 100 durations in ms at each size that have its mean and, moved alike, its percentiles.

    Between the percentiles of the table they lie evenly; nothing is known beyond the 5th and 99th.
    """
    rows = _rows("lambda_cpu.csv")
    parts = {int(name[1:-3]) / 100: name for name in rows[0] if name.startswith("p")}
    found = {}
    for row in rows:
        known_ms = [float(row[name]) for name in parts.values()]
        lengths_ms = np.interp(np.arange(0.005, 1, 0.01), [*parts], known_ms)
        moved_ms = float(row["mean_duration_ms"]) - lengths_ms.mean()
        found[int(row["memory_mb"])] = lengths_ms + moved_ms
    return found


def staircase() -> Plot:
    """Draw the measured sizes as dots, the quota as a line, a CPU that runs evenly dashed."""
    measured_mb, measured_ms = measured_sizes()
    first_mb, last_mb = _STEP_MB
    on_step = (measured_mb >= first_mb) & (measured_mb <= last_mb)
    step_ms = show(round(float(measured_ms[on_step].mean())), "ms")
    step = f"{first_mb:,.0f} to {show(last_mb, 'mb')}: {step_ms}"
    memory_mb = np.arange(measured_mb[0], measured_mb[-1] + 1)
    law_ms = cpu_wall_ms(MEASURED_CPU_MS, memory_mb)
    share_ms = MEASURED_CPU_MS * np.maximum(1, FULL_VCPU_MB / memory_mb)

    def draw(axes: Any) -> None:
        axes.plot(measured_mb, measured_ms, "o", color=INK, markersize=3, label="measured")
        computed = f"computed, {show(CPU_PERIOD_MS, 'ms')} periods"
        axes.plot(memory_mb, law_ms, color=INK, linewidth=1.5, label=computed)
        evenly: Any = {"linestyle": "--", "label": "if the CPU ran evenly"}
        axes.plot(memory_mb, share_ms, color=INK, linewidth=1, **evenly)
        axes.legend(loc="upper right", frameon=False, handlelength=1.3)
        axes.plot(_STEP_MB, [_OVER_STEP_MS] * 2, color=INK, linewidth=1)
        axes.vlines(_STEP_MB, 0, _OVER_STEP_MS, color=INK, linewidth=1, linestyle=":")
        middle_mb = (first_mb * last_mb) ** 0.5
        axes.annotate(step, (middle_mb, _OVER_STEP_MS), (0, 6), ha="center", **LABEL)
        axes.axhline(MEASURED_CPU_MS, color=INK, linewidth=1, linestyle=":")
        work = f"{show(MEASURED_CPU_MS, 'ms')} of CPU work"
        axes.annotate(work, (measured_mb[0], MEASURED_CPU_MS), (0, 3), **LABEL)
        axes.set(xlabel="memory, MB (logarithmic)", ylabel="duration, ms")
        axes.set(xscale="log", ylim=0)
        axes.set_xticks([128, 256, 512, 1024, FULL_VCPU_MB])
        axes.minorticks_off()
        axes.xaxis.set_major_formatter(lambda mb, _: f"{mb:,.0f}")

    evenly_ms = show(MEASURED_CPU_MS * FULL_VCPU_MB / first_mb, "ms")
    found = (
        f"{show(MEASURED_CPU_MS, 'ms')} of CPU take {step_ms} at any size from"
        f" {show(first_mb, 'mb')} to {show(last_mb, 'mb')}. If the CPU ran evenly, they would take"
        f" {evenly_ms} at {show(first_mb, 'mb')}."
    )
    return Plot(
        draw,
        f"Duration against memory of a function with {show(MEASURED_CPU_MS, 'ms')} of CPU. The"
        f" measured means go down in steps of 20 ms, from {show(float(measured_ms[0]), 'ms')} at"
        f" {show(float(measured_mb[0]), 'mb')} to {show(float(measured_ms[-1]), 'ms')}, and the"
        f" line computed by periods follows them. A CPU that runs evenly is a curve above. {found}",
        found=found,
        source="Source: 5,000 invocations a size, by Lin, Ma and Shahrad, EuroSys ’26 (MIT).",
        name="duration-by-memory",
        data=[
            {"memory_mb": mb, "measured_ms": ms, "quota_ms": law, "share_ms": line}
            for mb, ms, law, line in zip(
                measured_mb,
                measured_ms,
                cpu_wall_ms(MEASURED_CPU_MS, measured_mb),
                MEASURED_CPU_MS * np.maximum(1, FULL_VCPU_MB / measured_mb),
                strict=True,
            )
        ],
    )


def errors_table() -> Markup:
    """Show how far the law, and a CPU that runs evenly, are from each measured size's mean.

    What follows from all of them is said; the sizes are folded under that.
    """
    measured_mb, measured_ms = measured_sizes()
    law_ms = cpu_wall_ms(MEASURED_CPU_MS, measured_mb)
    evenly_ms = MEASURED_CPU_MS * np.maximum(1, FULL_VCPU_MB / measured_mb)
    off, evenly_off = law_ms / measured_ms - 1, evenly_ms / measured_ms - 1
    rows = [
        (
            show(mb, "mb"),
            f"{mean:.2f} ms",
            f"{law:.2f} ms",
            *(f"{100 * one:+.1f} %" for one in (by, evenly)),
        )
        for mb, mean, law, by, evenly in zip(
            measured_mb, measured_ms, law_ms, off, evenly_off, strict=True
        )
    ]
    other_mb, other_ms = other_sizes()
    found = (
        f"At these {len(rows)} sizes the law is off by {_how_far(off)}. At the {len(other_mb)}"
        " sizes between them, which nobody had looked at when the number was fitted, it is off by"
        f" {_how_far(cpu_wall_ms(MEASURED_CPU_MS, other_mb) / other_ms - 1)}. A CPU that runs"
        f" evenly is off by {show(np.abs(evenly_off).mean(), 'percent')} on average."
    )
    table = Table.of(
        "Each measured size, and how far the law is off",
        ("Memory", "Measured mean", "By the law", "The law is off", "An even CPU is off"),
        rows,
    )
    return joined(
        tag("p", found), tag("details", tag("summary", f"All {len(rows)} measured sizes"), table)
    )


def _how_far(off: NDArray[np.float64]) -> str:
    mean, most, over = np.abs(off).mean(), np.abs(off).max(), (np.abs(off) > _FAR).mean()
    return (
        f"{show(mean, 'percent')} on average and {show(most, 'percent')} at most;"
        f" {show(over, 'percent') if over else 'none'} of them are more than"
        f" {show(_FAR, 'percent')} off"
    )


#: What few sizes may be off by.
_FAR = 0.12
