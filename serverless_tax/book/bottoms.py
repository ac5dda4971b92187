"""Multiples as fractions: one bar of billed time on top, and under it what it is divided by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from serverless_tax.ground.html import Markup, Piece, tag
from serverless_tax.ground.show import show


@dataclass(frozen=True, slots=True)
class Bottom:
    """What a multiple divides by: milliseconds, and whose they are."""

    ms: float
    whose: Piece


def one_top(billed_ms: float, bottoms: Sequence[Bottom], found: str) -> Markup:
    """Draw the same billed time over each bottom, to scale, with the multiple beside it.

    Raises:
        ValueError: if a bottom is not longer than nothing.
    """
    if any(not bottom.ms > 0 for bottom in bottoms):
        msg = f"A multiple divides by more than 0 ms; {min(b.ms for b in bottoms)} ms is not."
        raise ValueError(msg)
    rows = (
        tag(
            "li",
            tag("strong", show(billed_ms / bottom.ms, "x"), class_="st-big"),
            tag(
                "span",
                tag("span", class_="st-top"),
                tag("span", class_="st-bottom", style=f"width:{bottom.ms / billed_ms:.4%}"),
                class_="st-fraction",
                aria_hidden="true",
            ),
            tag("span", show(bottom.ms, "ms"), ": ", bottom.whose, class_="st-whose"),
        )
        for bottom in bottoms
    )
    caption = (
        f"On top of each, in orange, {show(billed_ms, 'ms')} that Lambda bills. Under it, to the"
        " same scale and in green, what each multiple divides by."
        " Source: the article’s steps, and our lab’s recorded runs, on a local cloud, not on AWS."
    )
    return tag(
        "figure",
        tag("p", found, class_="st-found"),
        tag("ol", *rows, class_="st-fractions"),
        tag("figcaption", caption),
        class_="st-figure",
        aria_label=found,
    )
