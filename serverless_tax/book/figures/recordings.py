"""Figures of what a lab recorded: when something reached the client, and what was billed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serverless_tax.book.figures.figure import HATCH, INK, LAB, LABEL, WAITING, Plot
from serverless_tax.ground.html import tag
from serverless_tax.ground.show import show

_ROW_INCHES = 0.62
_KEY = (
    tag("span", "billed", class_="st-word-waiting"),
    tag("span", "reaches the client", class_="st-word-dot"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One recorded run: its name, when each message reached the client, and what was billed.

    ``billed_ms`` is None where that was not looked up.
    """

    name: str
    moments_ms: Sequence[float]
    billed_ms: float | None


def arrivals(runs: Sequence[Run], *, name: str, found: str, about: str) -> Plot:
    """Draw each run as dots, one for each arrival at the client, above the bar that was billed.

    ``about`` says in the caption which answer was sent.
    """

    def draw(axes: Any) -> None:
        for row, run in enumerate(runs):
            axes.barh(
                row + 0.24, run.billed_ms or 0, 0.2, color=WAITING, hatch="////", edgecolor=HATCH,
                linewidth=0.7,
            )  # fmt: skip
            axes.scatter(run.moments_ms, [row] * len(run.moments_ms), 10, color=INK, zorder=2)
            axes.annotate(_said(run), (0, row - 0.16), (1, 3), **LABEL)
        axes.set_ylim(len(runs) - 0.5, -0.55)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set(xlabel="milliseconds since the request", xlim=(0, None))
        axes.xaxis.set_major_formatter(lambda ms, _: show(ms, "number"))

    listed = "; ".join(f"{_said(run)}, {_arrived(run.moments_ms)}" for run in runs)
    data: list[Mapping[str, object]] = [
        {
            "run": run.name,
            "arrived_ms": moment,
            "billed_ms": "" if run.billed_ms is None else run.billed_ms,
        }
        for run in runs
        for moment in _column(run)
    ]
    return Plot(
        draw,
        f"For each run, when its messages reached the client and how long was billed. {listed}.",
        found=found,
        source=f"{about} {LAB}",
        height=0.7 + _ROW_INCHES * len(runs),
        grid="x",
        key=_KEY,
        name=name,
        data=data,
    )


def _said(run: Run) -> str:
    billed = "bill not recorded" if run.billed_ms is None else f"billed {show(run.billed_ms, 'ms')}"
    return f"{run.name}: {billed}"


def _arrived(moments_ms: Sequence[float]) -> str:
    if not moments_ms:
        return "nothing arrived"
    if len(moments_ms) == 1:
        return f"all at {show(moments_ms[0], 'ms')}"
    return f"first at {show(min(moments_ms), 'ms')}, last at {show(max(moments_ms), 'ms')}"


def _column(run: Run) -> Sequence[object]:
    """Return when something arrived, or one empty cell, so that the run is in the file."""
    return list(run.moments_ms) or [""]
