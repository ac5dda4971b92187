"""How far the bill moves when a quantity runs through its range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from serverless_tax.book.dollars import usd
from serverless_tax.book.figures.figure import INK, LABEL, Plot
from serverless_tax.ground.html import Markup, joined
from serverless_tax.ground.show import show
from serverless_tax.questions.sensitivity import Sensitivity, pairs
from serverless_tax.request.workload import Workload

_NAMES = {
    "output_tokens_per_second": ("Tokens a second", "number"),
    "cpu_ms_per_output_token": ("CPU to pass a token on", "ms"),
    "memory_mb": ("Memory", "mb"),
    "wait_ms": ("The other wait", "ms"),
}

_COLUMNS = {"quantity": "", "usd_a_month": "_usd", "waiting_share": "_share"}


def tornado(rows: Sequence[Sensitivity]) -> Plot:
    """Draw the bill at both ends of each range, widest first, around the bill as it is."""
    said = [_name(row.quantity) for row in rows]
    widest = rows[0]

    def draw(axes: Any) -> None:
        for k, (row, (name, unit)) in enumerate(zip(rows, said, strict=True)):
            low, high = sorted((row.low_usd, row.high_usd))
            axes.barh(k + 0.2, high - low, 0.36, left=low, color=INK, alpha=0.6, linewidth=0)
            ends = f"{show(row.low_usd, 'usd0')} at {show(row.low, unit)}"
            ends += f", {show(row.high_usd, 'usd0')} at {show(row.high, unit)}"
            axes.annotate(f"{name}: {ends}", (0, k - 0.05), (1, 2), **LABEL)
            axes.plot([widest.base_usd] * 2, [k, k + 0.4], color=INK, linewidth=1.5)
        axes.set_ylim(len(rows) - 0.4, -0.55)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set(xlabel="USD a month (stroke: as it is)", xlim=0)
        axes.xaxis.set_major_formatter(lambda usd, _: show(usd, "usd0"))

    listed = "; ".join(
        f"{name} from {show(row.low, unit)} to {show(row.high, unit)}:"
        f" {show(row.low_usd, 'usd')} to {show(row.high_usd, 'usd')}"
        for row, (name, unit) in zip(rows, said, strict=True)
    )
    smallest, (name, _) = rows[-1], said[-1]
    still = "does not move it" if smallest.swing_usd < 1 else "moves it least"
    return Plot(
        draw,
        f"Bars of how far the bill of {show(widest.base_usd, 'usd')} moves. {listed}.",
        found=joined(
            f"“{said[0][0]}” moves the bill most, by ",
            usd(widest.swing_usd, f"what {said[0][0].lower()} moves"),
            f"; “{name}” {still}. Waiting stays between"
            f" {show(min(min(r.low_share, r.high_share) for r in rows), 'percent')} and"
            f" {show(max(max(r.low_share, r.high_share) for r in rows), 'percent')} of it.",
        ),
        height=0.8 + 0.55 * len(rows),
        grid="x",
        name="what-moves-the-bill",
        data=[
            {"quantity": row.quantity}
            | {
                f"{end}_{what}": getattr(row, f"{end}{field}")
                for what, field in _COLUMNS.items()
                for end in ("low", "base", "high")
            }
            | {"swing_usd_a_month": row.swing_usd}
            for row in rows
        ],
    )


def moved_together(workload: Workload) -> Markup:
    """Say which two of the ranges act on each other most, and by how much of the bill."""
    (strongest, *_) = pairs(workload)
    one, other = (_name(quantity)[0].lower() for quantity in strongest.quantities)
    more = "more" if strongest.usd > 0 else "less"
    moved = usd(abs(strongest.usd), "both at once", design_id="aws-lambda", month=workload)
    said = f"Two of them act on each other: {one} and {other}, both at once, move the bill by "
    return joined(said, moved, f" {more} than the two apart.")


def _name(quantity: str) -> tuple[str, str]:
    return _NAMES.get(quantity, (quantity.replace("_", " "), "number"))
