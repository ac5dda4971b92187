"""Figures in which each row is one way of serving the requests."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from serverless_tax.bill.bill import Bill
from serverless_tax.bill.design import design
from serverless_tax.book.dollars import usd
from serverless_tax.book.figures.figure import (
    CPU,
    FEES,
    HATCH,
    IDLE,
    INK,
    LABEL,
    RULE,
    WAITING,
    Plot,
)
from serverless_tax.ground.html import Piece, joined, tag
from serverless_tax.ground.show import show, significant
from serverless_tax.questions.waiting_rate import WaitingRate

_PARTS = (
    ("work", CPU, ""),
    ("fees", FEES, ""),
    ("waiting", WAITING, "////"),
    ("idle", IDLE, ""),
)
_KEY = [
    tag("span", part, class_=f"st-word-{'cpu' if part == 'work' else part}") for part, *_ in _PARTS
]
_ROW_INCHES = 0.46
_NOISE_USD = 1e-6  # an hour's price below it is what adding up large bills leaves behind
_LEAST_USD = 1e-3  # left of it a dollar an hour is drawn as nothing


def bill_bars(bills: Sequence[Bill], *, most_usd: float) -> Plot:
    """Draw bills as bars, split into work, fees, waiting and idle, up to ``most_usd``.

    A bar that is longer is cut off there, and its label says so.
    """
    names = [design(bill_.title).name for bill_ in bills]
    least, start = bills[0], next((b for b in bills if b.platform == "aws-lambda"), bills[-1])
    past = [bill_ for bill_ in bills if bill_.total > most_usd]
    idle = [bill_ for bill_ in bills if bill_.idle > bill_.total / 2]
    listed = "; ".join(
        f"{name} {show(bill_.total, 'usd')}" for name, bill_ in zip(names, bills, strict=True)
    )
    found = joined(
        "From ",
        joined(usd(least), usd(max(bills, key=lambda b: b.total)), by=" to "),
        " for the same requests. AWS Lambda is at ",
        usd(start),
        f", of which {show(start.waiting / start.total, 'percent')} is waiting."
        + (f" {_count(past, 'bar is', 'bars are')} longer than the axis." if past else "")
        + (f" In {_count(idle, 'bill', 'bills')} most of the money is idle." if idle else ""),
    )
    return _bars(
        [(name, bill_, "") for name, bill_ in zip(names, bills, strict=True)],
        most_usd,
        f"Bars of a month's bill, each split into work, fees, waiting and idle. {listed}.",
        found,
        name="bills-of-a-month",
        data=[{"design": bill_.title} | split_usd(bill_) for bill_ in bills],
    )


def split_usd(bill_: Bill) -> dict[str, object]:
    """Return a bill's total and its split, under the names that a figure's file has for them."""
    return {
        f"{part}_usd_a_month": amount
        for part, amount in {"total": bill_.total, **_parts(bill_)}.items()
    }


def _parts(bill_: Bill) -> dict[str, float]:
    """Return a bill in four parts that add up to it: what is paid by the piece is not work here."""
    rest = {part: getattr(bill_, part) for part in ("waiting", "idle")}
    return {"work": bill_.work - bill_.fees, "fees": bill_.fees, **rest}


def _bars(
    rows: Iterable[tuple[str, Bill, str]],
    most_usd: float,
    alt: str,
    found: Piece,
    *,
    name: str,
    data: Sequence[Mapping[str, object]],
) -> Plot:
    drawn = list(rows)

    def draw(axes: Any) -> None:
        for row, (label, bill_, _) in enumerate(drawn):
            left, split = 0.0, _parts(bill_)
            for part, colour, hatch in _PARTS:
                width = min(split[part], most_usd - left)
                style = {"hatch": hatch, "edgecolor": HATCH, "linewidth": 0.7 if hatch else 0}
                axes.barh(row + 0.18, width, 0.42, left=left, color=colour, **style)
                left += width
            cut = " →" if bill_.total > most_usd else ""
            text = f"{label}: {show(bill_.total, 'usd')}{cut}"
            axes.annotate(text, (0, row - 0.05), (1, 2), **LABEL)
        _rows_only(axes, len(drawn), 0.55)
        axes.set(xlabel="USD a month", xlim=(0, most_usd * 1.001))
        axes.xaxis.set_major_formatter(lambda usd, _: show(usd, "usd0"))

    height = 0.9 + _ROW_INCHES * len(drawn)
    return Plot(draw, alt, found=found, height=height, grid="x", key=_KEY, name=name, data=data)


def waiting_hours(
    rates: Mapping[str, WaitingRate],
    names: Mapping[str, str] = MappingProxyType({}),
    found: Piece = "",
) -> Plot:
    """Draw what an hour of waiting costs on each design: one hour more, and the mean hour.

    ``names`` has the names of rows that are not designs, ``found`` what the figure found, if that
    is not how many add nothing.
    """
    rows = sorted(rates.items(), key=lambda row: row[1].average_usd)
    labels = [names.get(name) or design(name).name for name, _ in rows]
    free = sum(_usd(rate.marginal_usd) == 0 for _, rate in rows)
    lowest, highest = next(row for row in rows if row[1].average_usd), rows[-1]

    def draw(axes: Any) -> None:
        for row, (name, (_, rate)) in enumerate(zip(labels, rows, strict=True)):
            more, mean = (
                max(_usd(usd), _LEAST_USD) for usd in (rate.marginal_usd, rate.average_usd)
            )
            axes.plot([more, mean], [row + 0.2] * 2, color=INK, linewidth=1, zorder=1)
            axes.scatter(more, row + 0.2, 42, facecolor="none", edgecolor=WAITING, linewidth=2)
            axes.scatter(mean, row + 0.2, 42, color=WAITING, marker="s")
            alike, one_more = _hour(rate.average_usd), _hour(rate.marginal_usd)
            said = alike if one_more == alike else f"mean {alike}, one more {one_more}"
            text = f"{name}: {said}"
            axes.annotate(text, (_LEAST_USD, row - 0.08), (1, 2), **LABEL)
        axes.set_xscale("log")
        _rows_only(axes, len(rows), 0.55)
        axes.set(
            xlabel="USD for an hour of waiting   ○ one hour more   ■ the mean hour",
            xlim=(_LEAST_USD * 0.85, highest[1].average_usd * 1.6),
        )
        axes.xaxis.set_major_formatter(
            lambda usd, _: "free" if math.isclose(usd, _LEAST_USD) else show(usd, "usd")
        )

    listed = "; ".join(
        f"{name}, one hour more {_hour(rate.marginal_usd)}, the mean hour {_hour(rate.average_usd)}"
        for name, (_, rate) in zip(labels, rows, strict=True)
    )
    return Plot(
        draw,
        f"For each way of serving, the price of an hour of waiting, on a log scale. {listed}.",
        found=found
        or joined(
            f"In {free} of {len(rows)} designs one more waiting request adds nothing; in a shared"
            " process, until it is full. The mean hour costs from ",
            joined(
                *(
                    usd(r.average_usd, "an hour of waiting", design_id=id_)
                    for id_, r in (lowest, highest)
                ),
                by=" to ",
            ),
            " where waiting costs anything.",
        ),
        height=0.7 + _ROW_INCHES * len(rows),
        grid="x",
        name="an-hour-of-waiting",
        data=[
            {
                "design": design_id,
                "one_hour_more_usd": _usd(rate.marginal_usd),
                "mean_hour_usd": _usd(rate.average_usd),
            }
            for design_id, rate in rows
        ],
    )


def _count(bills: Sequence[Bill], one: str, several: str) -> str:
    return f"{len(bills)} {one if len(bills) == 1 else several}"


def _rows_only(axes: Any, count: int, margin: float) -> None:
    """Let the rows run from the top down, and leave the axis of the rows without marks."""
    axes.set_ylim(count - 1 + margin, -margin)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _usd(usd: float) -> float:
    """Return a rate, without the noise."""
    return usd if usd > _NOISE_USD else 0.0


def _hour(usd: float) -> str:
    if usd >= 1:
        return show(usd, "usd")
    return f"${significant(usd)}" if _usd(usd) else "free"


def dot_row(
    usds: Mapping[str, float],
    *,
    found: Piece,
    name: str,
    axis: str = "USD a month",
    beside: tuple[str, float] | None = None,
) -> Plot:
    """Draw amounts as dots, each named above its line; ``axis`` says what they are.

    With ``beside``, an amount by its name, the scale is logarithmic and begins there.
    """
    most = max(usds.values())
    start = beside[1] if beside else 0.0

    def draw(axes: Any) -> None:
        if beside:
            axes.set_xscale("log")
            axes.axvline(start, color=INK, linewidth=1, linestyle="--")
            said = f"{beside[0]}: {show(start, 'usd')}"
            axes.annotate(said, (start, -1.1), (4, -4), **LABEL)
        for row, (label, amount) in enumerate(usds.items()):
            if beside:  # on a logarithmic scale a length says nothing: the line leads to the name
                axes.axhline(row + 0.2, color=RULE, linewidth=0.6, zorder=0)
            else:
                axes.plot([start, amount], [row + 0.2] * 2, color=INK, linewidth=1)
            axes.scatter(amount, row + 0.2, 48, color=INK, zorder=2, clip_on=False)
            right = not beside and amount > most / 2
            words = f"{label}: {show(amount, 'usd0' if beside else 'usd')}"
            place: dict[str, Any] = {"ha": "right" if right else "left"}
            at = amount if right else start
            axes.annotate(words, (at, row + 0.2), (4 if beside else 0, 6), **place, **LABEL)
        _rows_only(axes, len(usds), 1.35 if beside else 0.55)
        axes.set(xlabel=axis + (", each step ten times the last" if beside else ""))
        axes.set_xlim(start * 0.96, most * (1.2 if beside else 1))
        axes.minorticks_off()
        axes.xaxis.set_major_formatter(lambda amount, _: show(amount, "usd0"))

    listed = "; ".join(f"{label} {show(amount, 'usd')}" for label, amount in usds.items())
    return Plot(
        draw,
        f"A row of dots, one for each bill of a month. {listed}.",
        found=found,
        height=0.7 + _ROW_INCHES * len(usds),
        grid="y",
        name=name,
        data=[{"for": label, "usd_a_month": amount} for label, amount in usds.items()],
    )
