"""Duration over memory of a function that only computes: the steps of the CPU's quota."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serverless_tax.book.figures.figure import INK, LABEL, Plot
from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, cpu_wall_ms

#: CPU time of the function that was measured, as long as it takes with a whole vCPU.
MEASURED_CPU_MS = 17.3


@cache
def measured_sizes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return sizes in MB, and the mean duration in ms of 5,000 invocations at each.

    A function in Python that computes and never waits, in us-east-1 on x86, spring 2025. Source:
    Lin, Ma and Shahrad, https://arxiv.org/abs/2506.01283, the artifact
    https://github.com/ubc-cirrus-lab/demystifying-serverless-costs (MIT), reduced to a table.
    """
    text = files(__package__).joinpath("lambda_cpu.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    sizes, means = np.array(
        [(row["memory_mb"], row["mean_duration_ms"]) for row in rows], dtype=float
    ).T
    return sizes, means


def staircase() -> Plot:
    """Draw the measured sizes as dots, the quota as a line, the share of a vCPU dashed."""
    measured_mb, measured_ms = measured_sizes()
    memory_mb = np.arange(measured_mb[0], measured_mb[-1] + 1)
    law_ms = cpu_wall_ms(MEASURED_CPU_MS, memory_mb)
    share_ms = MEASURED_CPU_MS * np.maximum(1, FULL_VCPU_MB / memory_mb)

    def draw(axes: Any) -> None:
        axes.plot(memory_mb, share_ms, color=INK, linestyle="--", linewidth=1)
        axes.plot(memory_mb, law_ms, color=INK, linewidth=1.5)
        axes.plot(measured_mb, measured_ms, "o", color=INK, markersize=3)
        at = int(np.searchsorted(memory_mb, 450))
        axes.annotate("its share of a vCPU", (memory_mb[at], share_ms[at]), (6, 6), **LABEL)
        axes.annotate("the law of the quota", (512, 41), (-100, -14), **LABEL)
        axes.annotate("dots: measured", (measured_mb[8], measured_ms[8]), (8, 10), **LABEL)
        axes.set(xlabel="memory, MB (logarithmic)", ylabel="duration, ms", xscale="log", ylim=0)
        axes.set_xticks([128, 256, 512, 1024, FULL_VCPU_MB])
        axes.minorticks_off()
        axes.xaxis.set_major_formatter(lambda mb, _: f"{mb:,.0f}")

    at_mb = 770.0
    mean_ms, by_quota_ms, by_share_ms = (
        show(float(ms), "ms")
        for ms in (
            measured_ms[measured_mb == at_mb].item(),
            cpu_wall_ms(MEASURED_CPU_MS, at_mb),
            MEASURED_CPU_MS * FULL_VCPU_MB / at_mb,
        )
    )
    found = (
        f"At {show(at_mb, 'mb')} this work takes {mean_ms}. The law of the quota says"
        f" {by_quota_ms}; a share of a vCPU would make it {by_share_ms}."
    )
    return Plot(
        draw,
        f"Duration against memory of a function with {show(MEASURED_CPU_MS, 'ms')} of CPU. The"
        f" measured means go down in steps of 20 ms, from {show(float(measured_ms[0]), 'ms')} at"
        f" {show(float(measured_mb[0]), 'mb')} to {show(float(measured_ms[-1]), 'ms')}, and the law"
        " of the quota follows them. The share of a vCPU is a smooth curve beside them. " + found,
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
