"""What a shared link shows: a picture of 1,200 x 630 for each page, with the page's own number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from textwrap import wrap
from typing import Any

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from serverless_tax.book.figures.figure import HATCH
from serverless_tax.book.hero import measured_work
from serverless_tax.ground.colours import COLOURS
from serverless_tax.ground.show import show
from serverless_tax.request.presets import measured_client
from serverless_tax.widgets.prose import Start, quantities, quantities_of

WIDTH_PX, HEIGHT_PX = 1200, 630
_DPI = 100
_LEFT, _RIGHT = 0.06, 0.94
#: A bar: its label, and the length of each of its concepts.
Bar = tuple[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Card:
    """A page's number, what it is, and the bars under it, all to one scale."""

    number: str
    says: str
    bars: Sequence[Bar]


@cache
def cards() -> Mapping[str, Card]:
    """Return the cards of pages that have a number of their own, by the page's name."""
    q, opening = quantities(), quantities_of(Start(changes=tuple(measured_work().items())))
    cpu_ms, billed_ms = measured_client()["cpu_ms"], q["billed_ms"]
    request = {"cpu": opening["busy_ms"], "waiting": opening["waited_ms"]}
    http_usd, socket_usd = opening["http_usd"], opening["socket_usd"]
    bottoms = {
        show(billed_ms / ms, "x"): {"cpu": ms}
        for ms in (q["busy_ms"], measured_client("socket")["cpu_ms"], cpu_ms)
    }
    return {
        "book/index": Card(
            show(opening["month_usd"], "usd"),
            f"a month. {show(opening['waiting_month_usd'], 'usd')} of it pays for waiting.",
            [("one request", request)],
        ),
        "book/1-the-gb-second-reckoning": Card(
            show(opening["cpu_share"], "percent"),
            "of what Lambda bills for this request is work.",
            [("billed", request)],
        ),
        "book/2-the-53x-problem": Card(
            f"{show(billed_ms / cpu_ms, 'x')} to {show(q['tax_multiple'], 'x')}",
            "The same bill, depending on what you call work.",
            [("billed", {"waiting": billed_ms}), *bottoms.items()],
        ),
        "book/3-response-streaming": Card(
            show(q["first_word_ms"], "ms"),
            f"to the first word instead of {show(q['wall_ms'], 'ms')}. The bill is the same.",
            [("whole", {"waiting": billed_ms}), ("streamed", {"waiting": billed_ms})],
        ),
        "book/4-websockets": Card(
            show(socket_usd, "usd0"),
            f"a month at one token a message. Over HTTP it is {show(http_usd, 'usd0')}.",
            [
                ("HTTP", {"waiting": http_usd}),
                ("WebSocket", {"waiting": http_usd, "fees": socket_usd - http_usd}),
            ],
        ),
    }


def card_of(page: str, says: str) -> Card:
    """Return a page's card: one with its number, or the request with the page's first sentence."""
    return cards().get(page) or Card("", says, cards()["book/index"].bars)


def draw(card: Card, title: str, place: str, path: Path) -> None:
    """Draw a card into a PNG file of that path."""
    ink, paper = COLOURS["ink"][0], COLOURS["paper"][0]
    figure = Figure((WIDTH_PX / _DPI, HEIGHT_PX / _DPI), dpi=_DPI, facecolor=paper)

    def write(y: float, text: str, face: str, size: float, **style: Any) -> None:
        style |= {"fontproperties": _font(face), "size": size, "color": ink, "va": "top"}
        figure.text(_LEFT, y, text, parse_math=False, **style)

    heading = wrap(title, 34)[:2]
    for width in range(34, 0, -1):  # as even as two lines can be
        if len(wrap(title, width)) > len(heading):
            break
        heading = wrap(title, width)
    write(0.93, place, "card-sans", 17)
    write(0.865, "\n".join(heading), "card-serif", 40, linespacing=1.05)
    below = 0.865 - 0.115 * len(heading)
    if card.number:
        write(below - 0.02, card.number, "card-sans", 62)
        below -= 0.17
    write(below - 0.02, "\n".join(wrap(card.says, 62)[:2]), "card-sans", 22, linespacing=1.25)
    _draw_bars(figure, card.bars, ink)
    figure.savefig(path, format="png", metadata={"Software": None})


def _draw_bars(figure: Figure, bars: Sequence[Bar], ink: str) -> None:
    """Draw the bars at the foot, the longest over the whole width."""
    axes = figure.add_axes((_LEFT, 0.06, _RIGHT - _LEFT, 0.23))
    axes.axis("off")
    most = max(sum(parts.values()) for _, parts in bars)
    labelled = 0.14 if len(bars) > 1 else 0.0
    for row, (label, parts) in enumerate(bars):
        left, height = labelled, 0.8 / len(bars)
        y = 1 - (row + 1) / len(bars)
        for concept, length in parts.items():
            width = max(length / most * (1 - labelled), 0.002)
            hatch = "//" if concept == "waiting" else ""
            style: dict[str, Any] = {
                "facecolor": COLOURS[concept][0],
                "edgecolor": HATCH,
                "linewidth": 0,
            }
            axes.add_patch(Rectangle((left, y), width, height, hatch=hatch, **style))
            left += width
        if labelled:
            face = _font("card-sans", 15)
            axes.text(0, y + height / 2, label, fontproperties=face, color=ink, va="center")
    axes.set(xlim=(0, 1), ylim=(0, 1))


@cache
def _font(name: str, size: float = 10) -> FontProperties:
    file = files("serverless_tax.book.look").joinpath(f"{name}.ttf")
    return FontProperties(fname=str(file), size=size)
