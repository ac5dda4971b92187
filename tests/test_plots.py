"""Every figure has a text for those who do not see it, two versions, and a finding."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest

from serverless_tax import (
    Workload,
    batching,
    break_even,
    compare,
    ladder,
    sensitivity,
    waiting_rate,
)
from serverless_tax.plots import (
    CPU,
    IDLE,
    WAITING,
    Plot,
    batching_frontier,
    bill_bars,
    break_even_curve,
    ladder_bars,
    memory_curves,
    tornado,
    two_days,
    waiting_hours,
)

ARTICLE = Workload.preset("article")
STARTER = Workload(requests_per_month=10e6, memory_mb=1024, cpu_ms=100, init_ms=2000)


def _rates() -> Plot:
    names = ("aws-lambda", "aws-fargate", "aws-agentcore")
    return waiting_hours({name: waiting_rate(name, ARTICLE, path="needed") for name in names})


FIGURES: dict[str, Callable[[], Plot]] = {
    "rates": _rates,
    "bills": lambda: bill_bars(compare(ARTICLE), most_usd=1300),
    "crossing": lambda: break_even_curve(break_even("aws-lambda", "aws-fargate", ARTICLE)),
    "ladder": lambda: ladder_bars(ladder(ARTICLE)),
    "tornado": lambda: tornado(sensitivity(ARTICLE)),
    "batching": lambda: batching_frontier(batching(ARTICLE)),
    "two days": lambda: two_days(STARTER, 0.1),
}


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_a_figure_is_drawn_twice_and_says_what_it_found(make: Callable[[], Plot]) -> None:
    """Two images with one alternative text, then the finding, which holds a figure."""
    plot = make()
    html = plot._repr_html_()
    assert re.findall(r'class="only-(\w+) st-plot"', html) == ["light", "dark"]
    assert len(plot.alt) > 60
    assert re.search(r"\d", plot.found)
    assert html.endswith("</p>")
    images = [base64.b64decode(image) for image in re.findall(r'base64,([^"]+)"', html)]
    assert all(b"<svg" in image for image in images)
    assert b"#e6edf3" in images[1]
    assert b"#e6edf3" not in images[0]


def test_the_crossing_in_the_text_is_the_one_computed() -> None:
    """The sentence under the curve names both sides and the number of requests."""
    found = break_even("aws-lambda", "aws-fargate", ARTICLE)
    plot = break_even_curve(found)
    assert f"{found.crossings[0].at:,.0f} requests a month, AWS Lambda is cheaper" in plot.found
    assert plot.found in plot.alt


def test_curves_that_do_not_cross_say_so() -> None:
    """A door that only adds a price never becomes cheaper."""
    found = break_even("aws-lambda", "aws-lambda+aws-http-api", ARTICLE)
    assert "do not cross" in break_even_curve(found).found


def test_bars_name_every_bill_and_those_cut_off() -> None:
    """The alternative text has each total, and the finding counts what runs past the axis."""
    bills = compare(ARTICLE, ["aws-lambda", "aws-agentcore"])
    plot = bill_bars(bills, most_usd=1000)
    assert "AWS Lambda, Lambda function URL $811.33" in plot.alt
    assert "1 is longer than the axis." in plot.found


def test_the_three_colours_are_those_of_the_widgets() -> None:
    """CPU, waiting and idle look alike everywhere, and waiting is hatched as well."""
    assert (CPU, WAITING, IDLE) == ("#009E73", "#E69F00", "#999999")
    svg = bill_bars(compare(ARTICLE, ["aws-lambda"]), most_usd=1000).svg("light").decode().lower()
    assert WAITING.lower() in svg
    assert "<pattern" in svg


def test_the_first_chapters_curve_stays_at_its_numbers() -> None:
    """The straight line and the flat one, as its text says them."""
    plot = memory_curves(ARTICLE, Workload.preset("transcode"))
    assert plot.alt.startswith("The month's bill against memory.")
    assert not plot.found
