"""One figure of each kind that the book draws, made once for all tests."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from serverless_tax import (
    Workload,
    break_even,
    compare,
    eras,
    sensitivity,
    waiting_rate,
    whole_bill,
)
from serverless_tax.book.figures import (
    Plot,
    Run,
    answer_lengths,
    arrivals,
    bill_bars,
    break_even_curve,
    dot_row,
    eras_chart,
    memory_curves,
    sharing_curve,
    speed_ranges,
    staircase,
    tornado,
    unpriced,
    waiting_hours,
    waiting_shares,
)
from serverless_tax.questions.web_functions import web_functions
from serverless_tax.questions.whole_bill import by_speed
from serverless_tax.traffic import realistic_month, simulate

ARTICLE = Workload.preset("article")
SPEEDS = (20.0, 80.0, 200.0)
AWKWARD = 'he said "two, or three"\nand left'


def _rates() -> Plot:
    names = ("aws-lambda", "aws-fargate", "aws-agentcore")
    return waiting_hours({name: waiting_rate(name, ARTICLE, path="needed") for name in names})


def _sharing() -> Plot:
    rng = np.random.default_rng(3)
    arrive, last = np.cumsum(rng.exponential(1.0, 2000)), rng.exponential(2.0, 2000)
    return sharing_curve(10, {2.0: simulate(arrive, last, requests_per_instance=10)})


def _shares() -> Plot:
    names = ["aws-lambda", "google-cloud-run", "vercel-fluid"]
    return waiting_shares(whole_bill(ARTICLE, platform_ids=names))


def _arrivals() -> Plot:
    runs = [Run(AWKWARD, [510.5, 2472.0], 2480.0), Run("nobody", [], None)]
    return arrivals(
        runs,
        name="whole-and-streamed",
        found="First after 510.5 ms, billed 2,480 ms.",
        about="An answer of 60 tokens.",
    )


#: By the name of the function that draws it.
FIGURES: dict[str, Callable[[], Plot]] = {
    "answer_lengths": lambda: answer_lengths({"code": realistic_month("code")}),
    "arrivals": _arrivals,
    "bill_bars": lambda: bill_bars(compare(ARTICLE), most_usd=1300),
    "break_even_curve": lambda: break_even_curve(break_even("aws-lambda", "aws-fargate", ARTICLE)),
    "dot_row": lambda: dot_row(
        {"10 requests": 0.5, "100 requests": 5.0}, found="From $0.50 to $5.00.", name="dots"
    ),
    "eras_chart": lambda: eras_chart(eras(ARTICLE)),
    "staircase": staircase,
    "memory_curves": lambda: memory_curves(ARTICLE, Workload.preset("transcode")),
    "sharing_curve": _sharing,
    "speed_ranges": lambda: speed_ranges(by_speed(ARTICLE, speeds=SPEEDS), SPEEDS),
    "tornado": lambda: tornado(sensitivity(ARTICLE)),
    "unpriced": lambda: unpriced(web_functions(ARTICLE)),
    "waiting_hours": _rates,
    "waiting_shares": _shares,
}


@cache
def figure(function: str) -> Plot:
    """Return the figure that a function of `serverless_tax.book.figures` draws."""
    return FIGURES[function]()


@cache
def html(function: str) -> str:
    """Return what a page would show of that figure; to draw it takes half a second."""
    return figure(function)._repr_html_()
