"""Every figure has a text for those who do not see it, two forms, and a finding."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from figures import ARTICLE, FIGURES, figure, html
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from sampled import one_in
from workloads import DAY

from serverless_tax import bill, break_even, compare
from serverless_tax.book.figures import bill_bars, break_even_curve
from serverless_tax.ground.colours import COLOURS, CPU, FEES, IDLE, WAITING
from serverless_tax.ground.show import show
from serverless_tax.widgets.build import style_sheet

ROOT = Path(__file__).parents[2]
#: How wide each form is shown where it is smallest: on a page of 769 px, and on one of 360.
SMALLEST_PX = {"st-wide": 729, "st-narrow": 320}
#: The figures that draw work, waiting or what is idle; in all others a series is ink.
MEANT = {"arrivals", "bill_bars"}
MEANT |= {"waiting_hours", "waiting_shares"}


@pytest.mark.parametrize("function", one_in(2, FIGURES))
def test_a_figure_is_drawn_twice_and_says_what_it_found(function: str) -> None:
    """Wide and narrow with one name, then the finding, which holds a figure."""
    plot = figure(function)
    drawings = BeautifulSoup(html(function), "html.parser").find_all("svg", recursive=True)
    assert [one["class"] for one in drawings] == [["st-plot", "st-wide"], ["st-plot", "st-narrow"]]
    assert {(one["role"], one["aria-label"]) for one in drawings} == {("img", plot.alt)}
    assert len(plot.alt) > 60
    assert re.search(r"\d", plot.found)
    assert re.search(r"\d", plot.alt)
    for one in drawings:
        assert one.find("text") is not None, "letters that a reader can search"
        scale = SMALLEST_PX[one["class"][1]] / float(str(one["viewbox"]).split()[2])
        sizes = re.findall(r"font-size: ([\d.]+)px", str(one))
        assert min(map(float, sizes)) * scale >= 12


@pytest.mark.parametrize("function", one_in(2, FIGURES, 1))
def test_a_figure_has_the_page_s_colours_alone(function: str) -> None:
    """Each is a name that the style sheet has for light and dark, and a hue means what it does."""
    drawn = re.sub(r'aria-label="[^"]*"', "", html(function))
    assert not colours(re.sub(r"var\(--st-\w+,#[0-9a-f]{6}\)", "", drawn)) - {"#000000"}
    named = set(re.findall(r"var\(--st-(\w+),", drawn))
    assert named <= {"ink", "rule", "paper", "cpu", "waiting", "idle", "fees"}
    assert bool(named & {"cpu", "waiting", "idle"}) == (function in MEANT)


def test_the_crossing_in_the_text_is_the_one_computed() -> None:
    """The sentence under the curve names both sides and the number of requests."""
    found = break_even("aws-lambda", "aws-fargate", ARTICLE)
    plot = break_even_curve(found)
    assert f"{found.crossings[0].at:,.0f} requests a month, AWS Lambda is cheaper" in plot.found
    assert plot.found in plot.alt


@pytest.mark.parametrize("form", ["wide", "narrow"])
@pytest.mark.parametrize("function", one_in(2, FIGURES))
def test_a_key_touches_no_line(function: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that lies on a curve, or on a crossing's line, is read as a part of it."""
    drawn: list[Figure] = []
    saved = Figure.savefig

    def keep(self: Figure, *words: object, **more: object) -> None:
        saved(self, *words, **more)
        drawn.append(self)

    monkeypatch.setattr(Figure, "savefig", keep)
    figure(function).svg(form)
    for axes in drawn[0].axes:
        for key in filter(None, [axes.get_legend(), *drawn[0].legends]):
            box = key.get_window_extent()
            for line in axes.lines:
                path = line.get_path().transformed(line.get_transform())
                assert not path.intersects_bbox(box, filled=False), line.get_label()


def test_curves_that_do_not_cross_say_so() -> None:
    """A door that only adds a price never becomes cheaper."""
    found = break_even("aws-lambda", "aws-lambda+aws-http-api", ARTICLE)
    assert "do not cross" in break_even_curve(found).found


def test_bars_name_every_bill_and_those_cut_off() -> None:
    """The alternative text has each total, and the finding counts what runs past the axis."""
    bills = compare(ARTICLE, ["aws-lambda", "aws-agentcore"], on=DAY)
    plot = bill_bars(bills, most_usd=1000)
    assert "AWS Lambda, Lambda function URL $811.33" in plot.alt
    assert "1 bar is longer than the axis." in plot.found


def test_bills_that_are_mostly_idle_are_counted_whether_or_not_their_bars_fit() -> None:
    """Two of three are: one runs past the axis, and one does not."""
    month = compare(ARTICLE, ["aws-lambda", "aws-agentcore", "cloudflare-durable-objects"], on=DAY)
    found = bill_bars(month, most_usd=1000).found
    assert "1 bar is longer than the axis. In 2 bills most of the money is idle." in found


def test_the_three_colours_are_those_of_the_widgets() -> None:
    """CPU, waiting and idle look alike everywhere, and waiting alone is hatched as well."""
    assert (CPU, WAITING, IDLE) == ("#009E73", "#E69F00", "#999999")
    sheet = style_sheet().lower()
    for name, both in COLOURS.items():
        assert f"--st-{name}:light-dark({both[0]},{both[1]});".lower() in sheet
    few = ARTICLE.replace(requests_per_month=1e6, cpu_ms=290)  # too few to fill their machine
    [month] = compare(few, ["aws-fargate"], on=DAY)
    assert min(month.work, month.waiting, month.idle) > 1
    axes = Figure().subplots()
    bill_bars([month], most_usd=1000).draw(axes)
    bars = [(to_hex(bar.get_facecolor()), bar.get_hatch()) for bar in axes.patches]
    hatched = {WAITING: "////"}
    assert bars == [(one.lower(), hatched.get(one, "")) for one in (CPU, FEES, WAITING, IDLE)]
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == pytest.approx([month.work, 0, month.waiting, month.idle])


@pytest.mark.parametrize(
    ("platform", "fees"),
    [
        ("aws-lambda", 2.00),  # ten million requests at $0.20 a million
        ("aws-lambda+aws-websocket", 2.00 + 1000 + 3208.00),  # 5.01 billion messages, in two tiers
        ("cloudflare-workers", 5.00),  # the plan; its CPU time is work
        ("vercel-fluid", 6.00),  # ten million invocations at $0.60 a million
    ],
)
def test_what_is_paid_by_the_piece_is_blue(platform: str, fees: float) -> None:
    """Requests, messages and plans are fees; CPU time is work, however it is sold."""
    month = bill(platform, ARTICLE, on=DAY)
    assert month.fees == pytest.approx(fees, abs=0.01)
    axes = Figure().subplots()
    bill_bars([month], most_usd=1e6).draw(axes)
    (blue,) = [bar for bar in axes.patches if to_hex(bar.get_facecolor()) == FEES.lower()]
    assert blue.get_width() == pytest.approx(fees, abs=0.01)


def test_a_cold_start_is_work_and_no_fee() -> None:
    """INIT loads code, for so long: its dollars are in no blue bar, nor in a receipt's fees."""
    month = bill("aws-lambda", ARTICLE.replace(init_ms=800, cold_start_share=0.01), on=DAY)
    assert month.fees == pytest.approx(2.00)
    assert month.work - month.fees > 1.3  # eight milliseconds of each of ten million gigabytes


def test_the_three_colours_are_the_same_everywhere() -> None:
    """On the pages, in their icon and in the labs' plots as in the package."""
    three = {colour.lower() for colour in (CPU, WAITING, IDLE)}
    assert three <= colours(style_sheet())
    icon = (ROOT / "book" / "favicon.svg").read_text("utf-8")
    assert colours(icon) == {CPU.lower(), WAITING.lower()}
    for lab in sorted((ROOT / "labs").glob("*.ipynb")):
        cells = nbformat.read(lab, as_version=4).cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        greys = {f"#{shade:02x}" + f"{shade:02x}" * 2 for shade in range(256)}
        assert colours(code) - greys <= three, lab.name


def colours(text: str) -> set[str]:
    """Return the colours of six digits in a text."""
    return {found.lower() for found in re.findall(r"#[0-9a-fA-F]{6}\b", text)}


def test_the_first_chapters_curve_stays_at_its_numbers() -> None:
    """The line that climbs and the flat one, as its text says them."""
    plot = figure("memory_curves")
    assert plot.alt.startswith("The month's bill against memory.")
    ends = (bill("aws-lambda", ARTICLE.replace(memory_mb=mb)).total for mb in (128, 3008))
    assert "climbs from {} to {}".format(*(show(usd, "usd0") for usd in ends)) in plot.found
