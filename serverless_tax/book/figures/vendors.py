"""Figures about all vendors: what they charged in several years, and at several model speeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from serverless_tax.bill.design import design
from serverless_tax.book.dollars import usd
from serverless_tax.book.figures.bars import split_usd
from serverless_tax.book.figures.figure import HATCH, INK, LABEL, WAITING, Plot
from serverless_tax.ground.html import joined
from serverless_tax.ground.show import show
from serverless_tax.questions.days import Era
from serverless_tax.questions.whole_bill import WholeBill

_MARKS = ("o", "s", "D")
_SHORTER = {
    "AWS Lambda, ": "Lambda, ",
    "AWS Lambda durable": "Lambda durable",
    "API Gateway ": "",
    " concurrency": "",
    "Cloudflare Durable": "Durable",
    "Flex Consumption": "Flex",
}
_HOLLOW = {"facecolor": "none", "edgecolor": INK}


def eras_chart(found: Sequence[Era]) -> Plot:
    """Draw the cheapest of each vendor, and AWS Lambda, on each day."""
    vendors = dict.fromkeys(name for era in reversed(found) for name in era.by_vendor)
    rows = [(name, [era.by_vendor.get(name) for era in found]) for name in vendors]
    rows.append(("AWS Lambda", [era.of("aws-lambda") for era in found]))

    def draw(axes: Any) -> None:
        for row, (name, bills) in enumerate(rows):
            for bill_, mark, size in zip(bills, _MARKS, (80, 55, 30), strict=False):
                if bill_:
                    style = {"color": INK} if bill_.work > bill_.total / 2 else _HOLLOW
                    axes.scatter(bill_.total, row + 0.2, size, marker=mark, **style)
            told = " → ".join(show(m.total, "usd") if m else "–" for m in bills)
            axes.annotate(f"{name}: {told}", (1, row - 0.08), (1, 2), **LABEL)
        axes.set(xscale="log", xlim=(1, 5000), ylim=(len(rows) - 0.4, -0.55))
        marks = "   ".join(f"{m}\u00a0{era.day.year}" for m, era in zip("○□◇", found, strict=False))
        axes.set(xlabel=f"USD a month   {marks}   (filled: most of it for work)")
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_formatter(lambda usd, _: show(usd, "usd0"))

    listed = "; ".join(
        f"{name}: "
        + ", ".join(
            f"{era.day.year} {show(m.total, 'usd')} ({m.platform})"
            for era, m in zip(found, bills, strict=True)
            if m
        )
        for name, bills in rows
    )
    sold = [
        (name, [(era.day.year, m) for era, m in zip(found, bills, strict=True) if m])
        for name, bills in rows
    ]
    name, fell = max(sold, key=lambda each: each[1][0][1].total / each[1][-1][1].total)
    ours = [bill_.total for _, bill_ in sold[-1][1]]
    same = max(ours) - min(ours) < 0.01 * ours[0]
    return Plot(
        draw,
        f"For each vendor, the month's bill on each day, on a log scale. {listed}.",
        found=joined(
            f"{name}'s cheapest went from ",
            joined(*(joined(usd(m), f" in {year}") for year, m in (fell[0], fell[-1])), by=" to "),
            f". AWS Lambda {'stayed at' if same else 'went to'} ",
            usd(sold[-1][1][-1][1]),
            ".",
        ),
        height=0.9 + 0.5 * len(rows),
        grid="x",
        name="vendors-then-and-now",
        data=[
            {"vendor": name, "on": era.day, "design": bill_.title} | split_usd(bill_)
            for name, bills in rows
            for era, bill_ in zip(found, bills, strict=True)
            if bill_
        ],
    )


def speed_ranges(rows: Mapping[str, Sequence[float]], speeds: Sequence[float]) -> Plot:
    """Draw each platform's month from the slowest model to the fastest, with the usual between."""
    usable = {
        name: row
        for name, row in rows.items()
        if not name.startswith(
            ("aws-agentcore", "aws-lambda-microvms")
        )  # with a session for each it is off the chart
    }
    usual = {_short(name): row[len(row) // 2] for name, row in usable.items()}
    drawn = [
        (_short(name), [usd for usd in row if math.isfinite(usd)]) for name, row in usable.items()
    ]

    def draw(axes: Any) -> None:
        for k, (name, row) in enumerate(drawn):
            axes.plot([min(row), max(row)], [k + 0.2] * 2, color=INK, alpha=0.6, linewidth=5)
            axes.scatter(usual[name], k + 0.2, 36, color=INK, zorder=3)
            text = f"{name}: {show(min(row), 'usd0')}"
            if max(row) > min(row) * 1.005:
                text += f" – {show(max(row), 'usd0')}"
            axes.annotate(text, (1, k - 0.08), (1, 2), **LABEL)
        axes.set(xscale="log", xlim=(1, 5000), ylim=(len(drawn) - 0.4, -0.55))
        axes.set(xlabel="USD a month, fast to slow model")
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_formatter(lambda usd, _: show(usd, "usd0"))

    listed = "; ".join(
        f"{name} {show(min(row), 'usd')} to {show(max(row), 'usd')}" for name, row in drawn
    )
    still = [name for name, row in drawn if max(row) <= min(row) * 1.005]
    widest, row = max(drawn, key=lambda each: max(each[1]) / min(each[1]))
    return Plot(
        draw,
        f"For each platform, the bills from a fast model to a slow one: {listed}.",
        found=(
            f"From {speeds[0]:g} to {speeds[-1]:g} tokens a second: {len(still)} of {len(drawn)}"
            f" bills do not move at all. {widest} moves most, by a factor of"
            f" {show(max(row) / min(row), 'x')}."
        ),
        height=0.8 + 0.38 * len(drawn),
        grid="x",
        name="bills-by-model-speed",
        data=[
            {"design": name, "tokens_per_second": speed, "usd_a_month": usd}
            for name, row in usable.items()
            for speed, usd in zip(speeds, row, strict=True)
            if math.isfinite(usd)
        ],
    )


def _short(name: str) -> str:
    """Return a platform's name, with the front door if it is one of several, for one short line."""
    target = design(name)
    doors = [part.name for part in target.parts if part.id in ("aws-http-api", "aws-websocket")]
    name = ", ".join((target.platform.name, *doors))
    for long, short in _SHORTER.items():
        name = name.replace(long, short)
    return name


def waiting_shares(rows: Sequence[WholeBill]) -> Plot:
    """Draw what share of the whole bill is waiting, for each model, on each platform."""
    models = list(dict.fromkeys(row.model for row in rows))
    names = list(dict.fromkeys(row.platform for row in rows))

    def draw(axes: Any) -> None:
        height = 0.8 / len(names)
        for row in rows:
            k, n = models.index(row.model), names.index(row.platform)
            at = k + 0.15 + n * height
            bar: dict[str, Any] = {
                "color": WAITING,
                "hatch": "////",
                "edgecolor": HATCH,
                "linewidth": 0.7,
            }
            axes.barh(at, row.waiting_share, height * 0.85, **bar)
            text = f"{show(row.waiting_share, 'percent')} {design(row.platform).platform.name}"
            axes.annotate(text, (row.waiting_share, at), (4, -4), **LABEL)
        for k, model in enumerate(models):
            axes.annotate(model, (0, k - 0.05), (1, 0), **LABEL)
        axes.set(xlim=(0, max(row.waiting_share for row in rows) * 1.8))
        axes.set(xlabel="waiting, of the whole bill", ylim=(len(models), -0.4))
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_formatter(lambda share, _: show(share, "percent"))

    listed = "; ".join(
        f"{row.model} on {design(row.platform).platform.name} {show(row.waiting_share, 'percent')}"
        for row in rows
    )
    first = next(row for row in rows if row.model == models[0])
    last = next(r for r in rows if r.model == models[-1] and r.platform == first.platform)
    return Plot(
        draw,
        f"Bars of the share of the whole bill that is waiting. {listed}.",
        found=(
            f"On {design(first.platform).platform.name} waiting is"
            f" {show(first.waiting_share, 'percent')} of everything with {first.model}, and"
            f" {show(last.waiting_share, 'percent')} with {last.model}."
        ),
        height=1.0 + 0.26 * len(rows) + 0.2 * len(models),
        grid="x",
        name="waiting-of-the-whole-bill",
        data=[
            {
                "model": row.model,
                "design": row.platform,
                "waiting_share": row.waiting_share,
                "waiting_usd_a_month": row.waiting_usd,
                "hosting_usd_a_month": row.hosting_usd,
                "tokens_usd_a_month": row.tokens_usd,
            }
            for row in rows
        ],
    )
