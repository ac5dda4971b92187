"""The market and the ladder: rows that are ranked, opened and climbed; each number is Python's."""

from __future__ import annotations

from typing import Any

import pytest
from hands import drag, expect_live_numbers, grip, number, open_widget, value_of
from playwright.sync_api import Locator, Page, expect

from serverless_tax import bill
from serverless_tax.ground.show import show
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.widgets.market.figures import MARKET, slug
from serverless_tax.widgets.market.words import market_words
from serverless_tax.widgets.page_request import page_day
from serverless_tax.widgets.scenario import compute, scenario, workload

#: Where the widget's parts stand in it, and how high they are.
PLACES = """w => [...w.querySelectorAll('figure > *')]
  .map((part) => [part.offsetTop - w.offsetTop, part.offsetHeight])"""
CHAPTER = "book/5-the-async-native-future.html"
#: A page with one figure alone is ready in half the time.
ALONE = "embed/5-the-async-native-future-{kind}.html"


def opened(page: Page, site: str, kind: str, address: str = "") -> Locator:
    """Open the page of a figure of the chapter and return the figure."""
    return open_widget(page, f"{site}/{ALONE.format(kind=kind)}{address}", kind)


#: Each row's name, dollars and note, from the top of the screen down; read at once, because the
#: rows change places.
ROWS = """w => [...w.querySelectorAll('.st-offers > li')]
  .map((row) => ({ row, top: row.getBoundingClientRect().top }))
  .sort((a, b) => a.top - b.top)
  .map(({ row }) => ['.st-name', '.st-bar strong', '.st-note-on-row']
    .map((part) => row.querySelector(part).textContent))"""


def name_of(design: str) -> str:
    """Return what a design is called on its row."""
    return next(words["name"] for words in market_words() if words["slug"] == slug(design))


def ranked(values: dict[str, float]) -> list[str]:
    """Return the designs by what they cost, as Python says."""
    figures = compute(values)
    return sorted(MARKET, key=lambda name: figures[f"market_{slug(name)}_usd"])


def row_of(widget: Locator, design: str) -> Locator:
    """Return the button of a design's row."""
    return widget.get_by_role("button", name=name_of(design))


@pytest.mark.parametrize("width_px", [1280, 390])
def test_the_market_is_ranked_anew(still_page: Page, site: str, width_px: int) -> None:
    """Fewer requests change who is cheapest; each row's number is that design's bill."""
    still_page.set_viewport_size({"width": width_px, "height": 900})
    widget = opened(still_page, site, "market")
    handle = grip(widget, "requests a month")
    drag(still_page, handle, -60)
    values = scenario() | {"requests_per_month": value_of(handle)}
    assert values["requests_per_month"] < 1e7
    figures, order = compute(values), ranked(values)
    told = [[name_of(name), show(figures[f"market_{slug(name)}_usd"], "usd"), ""] for name in order]
    assert widget.evaluate(ROWS) == told
    expect(number(widget, f"{name_of(order[0])}, the cheapest here")).to_have_text(
        show(figures["market_least_usd"], "usd")
    )


def test_a_row_opens_to_the_lines_of_its_bill(still_page: Page, site: str) -> None:
    """One row is open at a time; what it is made of is the package's bill, line by line."""
    widget = opened(still_page, site, "market")
    expect(row_of(widget, "aws-lambda")).to_have_attribute("aria-expanded", "true")
    row_of(widget, "aws-fargate").click()
    expect(widget.locator("[aria-expanded=true]")).to_have_count(1)
    month = bill(
        "aws-fargate",
        workload(scenario()).replace(requests_per_instance=0),
        path="needed",
        on=page_day(),
    )
    lines = widget.locator(".st-lines tr:visible")
    expect(lines).to_have_count(len(month.items))
    for (label, amount, _, usd), line in zip(month.rows(), lines.all(), strict=True):
        expect(line.locator("td")).to_have_text([label, amount, usd])


def test_ranking_anew_does_not_move_the_page(still_page: Page, site: str) -> None:
    """However the rows change places, what stands under them stays where it is."""
    widget = opened(still_page, site, "market")
    handle = grip(widget, "requests a month")
    handle.focus()
    before = widget.evaluate(PLACES)
    for _ in range(12):
        handle.press("PageDown")
    assert ranked(scenario() | {"requests_per_month": value_of(handle)}) != ranked(scenario())
    assert widget.evaluate(PLACES) == before


def test_rows_are_read_in_the_order_that_is_seen(page: Page, site: str, record: Any) -> None:
    """Once the reader stops: the list, the keyboard and the eye agree."""
    page.emulate_media(reduced_motion="reduce")
    page.clock.install()
    widget = opened(page, site, "market")
    grip(widget, "requests a month").press("PageDown")
    page.clock.run_for(1000)
    told = widget.locator(".st-offers > li .st-bar strong").all_inner_texts()
    assert told == [usd for _, usd, _ in widget.evaluate(ROWS)]
    assert not record.console_errors


def test_a_crossing_is_said_in_words(still_page: Page, site: str) -> None:
    """From how many requests on a shared process costs less; with little memory it is later."""
    widget = opened(still_page, site, "market")
    told = widget.locator(".st-crossings")
    expect(told).to_contain_text("AWS Fargate costs less than the function from 1,27")
    grip(widget, "memory").press("Home")
    requests = compute(scenario() | {"memory_mb": 128.0})["market_aws_fargate_from_requests"]
    assert requests > 5e6
    expect(told).to_contain_text(show(requests, "count")[:6])


def test_a_design_that_cannot_serve_comes_last(still_page: Page, site: str) -> None:
    """Past four minutes Azure Container Apps stops a request: its row says so, below the others."""
    widget = opened(still_page, site, "market", "#st?tokens=50000&cpu=10ms")
    values = scenario() | {"output_tokens": 50_000.0, "cpu_ms_per_output_token": 10.0}
    figures = compute(values)
    unable = [name for name in MARKET if not figures[f"market_{slug(name)}_open"]]
    assert "azure-container-apps" in unable
    said = [note for _, _, note in widget.evaluate(ROWS)]
    able = len(MARKET) - len(unable)
    assert said == [""] * able + ["cannot serve such long requests"] * len(unable)


def rung(widget: Locator, name: str) -> Locator:
    """Return the button of a rung."""
    return widget.locator(".st-rungs .st-bar", has_text=RUNGS[name].name)


@pytest.mark.parametrize("width_px", [1280, 390])
def test_a_rung_opens_by_click_and_by_arrow(still_page: Page, site: str, width_px: int) -> None:
    """What a rung costs, takes and risks is what the package says, wherever the reader stands."""
    still_page.set_viewport_size({"width": width_px, "height": 900})
    widget = opened(still_page, site, "ladder")
    figures = compute(scenario())
    rung(widget, "no-proxy").click()
    expect(number(widget, "a month on the rung you opened")).to_have_text(
        show(figures["rung_no_proxy_usd"], "usd")
    )
    panel = widget.get_by_role("region", name="The open rung")
    expect(panel).to_contain_text(f"Risk: {RUNGS['no-proxy'].risk}")
    expect(panel).to_contain_text(
        f"paid back in {show(figures['rung_no_proxy_payback_months'], 'months')}."
    )
    still_page.keyboard.press("ArrowDown")
    expect(rung(widget, "gateway")).to_be_focused()
    expect(rung(widget, "gateway")).to_have_attribute("aria-expanded", "true")
    still_page.keyboard.press("End")
    expect(panel).to_contain_text("of CPU")
    still_page.keyboard.press("Home")
    expect(panel).to_contain_text("Where you stand: nothing to do.")


def test_small_savings_fade_and_say_so(still_page: Page, site: str) -> None:
    """Measured by an hour of the reader's time, which the reader sets."""
    widget = opened(still_page, site, "ladder")
    expect(rung(widget, "memory")).to_contain_text("saves $707")
    expect(rung(widget, "arm")).to_contain_text("$20: not worth it")
    expect(rung(widget, "arm")).to_contain_class("st-faded")
    grip(widget, "an hour of your time").press("Home")
    expect(rung(widget, "arm")).to_contain_text("saves $20")
    expect(rung(widget, "arm")).not_to_contain_class("st-faded")
    expect(rung(widget, "suspended")).to_contain_text("costs $267 more")


def test_a_small_saving_is_the_difference_of_what_is_shown(still_page: Page, site: str) -> None:
    """To the cent: $83.72 less $82.88 is $0.84, and $89.58 is $5.86 more than $83.72."""
    widget = opened(still_page, site, "ladder")
    for name, usd, said in (
        ("arm", "$83.72", "$20"),
        ("overlap", "$82.88", "$0.84"),
        ("share", "$89.58", "costs $5.86 more"),
        ("active-memory", "$81.54", "$2.18"),
    ):
        expect(rung(widget, name).locator("strong")).to_have_text(usd)
        expect(rung(widget, name)).to_contain_text(said)


def test_a_price_that_cannot_be_is_not_asked_for(still_page: Page, site: str) -> None:
    """Few requests leave nothing for an hour of a vCPU, beside the memory that is kept."""
    widget = opened(still_page, site, "ladder")
    expect(widget).to_contain_text("below $0.31 an hour of vCPU")
    widget = opened(still_page, site, "ladder", "#st?v=2&requests=100000")
    expect(number(widget, "a month, as it is")).to_have_text("$8.11")
    expect(widget).not_to_contain_text("an hour of vCPU")


#: The names of the rungs that stand above the line.
ABOVE = """line => [...line.closest('.st-rungs').querySelectorAll('.st-bar')].filter((one) =>
  one.compareDocumentPosition(line) & Node.DOCUMENT_POSITION_FOLLOWING).length"""


def test_the_line_to_stop_at_moves_with_the_hourly_rate(still_page: Page, site: str) -> None:
    """It stands below the last rung that earns its work within a year; of a door, who is called."""
    widget = opened(still_page, site, "ladder")
    line, names = widget.locator(".st-stop"), list(RUNGS)
    expect(line).to_have_text(
        "Stop here: at $100 an hour, nothing below earns its work within a year."
    )
    assert line.evaluate(ABOVE) == 2  # as it is, and the memory
    expect(rung(widget, "share")).to_contain_text("2 weeks, pager: you")
    grip(widget, "an hour of your time").press("ArrowRight")
    expect(widget.locator("[aria-live=polite]")).to_contain_text("Stop here: at $110 an hour")
    grip(widget, "an hour of your time").press("Home")
    expect(line).to_contain_text("at $0 an hour")
    figures = compute(scenario() | {"hour_usd": 0.0})
    earning = [k for k, name in enumerate(names) if figures[f"rung_{slug(name)}_year_usd"] > 0]
    if earning[-1] == len(names) - 1:
        expect(line).to_be_hidden()
    else:
        assert line.evaluate(ABOVE) == earning[-1] + 1


def test_the_ladder_follows_the_scenario(still_page: Page, site: str) -> None:
    """Every rung's dollars are Python's for the reader's memory and requests."""
    widget = open_widget(still_page, f"{site}/{CHAPTER}", "ladder")
    grip(widget, "requests a month").press("End")
    grip(widget, "memory").press("PageDown")
    values = scenario() | {"requests_per_month": 1e9, "memory_mb": 960.0}
    values["memory_mb"] = value_of(grip(widget, "memory"))
    figures = compute(values)
    for name in RUNGS:
        expect(rung(widget, name).locator("strong")).to_have_text(
            show(figures[f"rung_{slug(name)}_usd"], "usd")
        )
    expect_live_numbers(still_page, values)
