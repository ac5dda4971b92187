"""The widgets of chapters three to six: dragged, turned, pressed; each number is Python's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hands import drag, expect_live_numbers, grip, number, open_widget, value_of
from playwright.sync_api import Locator, Page, expect
from sampled import one_in

from serverless_tax import Answers, Facts, advise, decide
from serverless_tax.ground.show import show
from serverless_tax.widgets.page_request import page_day
from serverless_tax.widgets.prose import quantities
from serverless_tax.widgets.scenario import compute, scenario, workload
from serverless_tax.widgets.widget import widgets

RACE = ("book/3-response-streaming.html", "race")
SESSION = ("book/4-websockets.html", "session")
BATCHING = ("book/4-websockets.html", "batching")
LADDER = ("book/5-the-async-native-future.html", "ladder")
MARKETS = ("book/5-the-async-native-future.html", "market")
DECIDE = ("book/decide.html", "decide")
EVERY = (RACE, SESSION, BATCHING, LADDER, MARKETS, DECIDE)


def opened(page: Page, site: str, where: tuple[str, str]) -> Locator:
    """Open the page and return its widget."""
    return open_widget(page, f"{site}/{where[0]}", where[1])


@pytest.mark.parametrize("width_px", [1280, 390])
def test_the_first_word_comes_later_and_the_bill_stays(
    still_page: Page, site: str, width_px: int
) -> None:
    """Dragging the time to first token moves one number of the race and not its bill."""
    still_page.set_viewport_size({"width": width_px, "height": 900})
    widget = opened(still_page, site, RACE)
    expect(number(widget, "until the first word, streamed")).to_have_text("555.5 ms")
    handle = grip(widget, "time to first token")
    drag(still_page, handle, 50)
    values = scenario() | {"first_token_ms": value_of(handle)}
    assert values["first_token_ms"] > 500
    figures = compute(values)
    expect(number(widget, "until the first word, streamed")).to_have_text(
        show(figures["first_word_ms"], "ms")
    )
    expect(number(widget, "a month, either way")).to_have_text("$811.33")
    expect_live_numbers(still_page, values)


def test_who_hangs_up_stops_reading_and_not_the_meter(page: Page, site: str, record: Any) -> None:
    """The words stop where the reader left; the meter goes on to the end."""
    page.clock.install()
    widget = opened(page, site, RACE)
    widget.get_by_role("button", name="Restart").click()
    page.clock.run_for(2000)
    widget.get_by_role("button", name="Hang up").click()
    seen = widget.locator(".st-word:visible").count()
    assert 0 < seen < 28
    page.clock.run_for(4000)
    expect(widget.locator(".st-told").last).to_contain_text("the reader left after")
    expect(widget.locator(".st-told").last).to_contain_text("billed 4,856 ms")
    assert widget.locator(".st-word:visible").count() == seen
    assert not record.console_errors


@pytest.mark.parametrize("width_px", [1280, 390])
def test_each_control_of_the_session_moves_its_price(
    still_page: Page, site: str, width_px: int
) -> None:
    """There is none that leaves every number as it is; tokens to a message are what costs most."""
    still_page.set_viewport_size({"width": width_px, "height": 900})
    widget = opened(still_page, site, SESSION)
    designs = widget.locator(".st-design strong")
    figures = compute(scenario())
    expect(designs).to_have_text(
        [show(figures[name], "usd") for name in ("http_usd", "socket_usd", "handed_usd")]
    )
    for handle in widget.locator(".st-grip:visible").all():
        numbers = widget.locator(".st-numbers")
        before = numbers.text_content() or ""  # covered or not: the first touch answers the guess
        handle.press("PageUp")
        expect(numbers).not_to_have_text(before)
        widget.get_by_role("button", name="Reset").click()
        expect(numbers).to_have_text(before)
    tokens = grip(widget, "tokens in a message")
    tokens.press("End")
    expect(tokens).to_have_attribute("aria-valuenow", "500")  # as many as the answer has
    tokens.press("Home")
    for design in widget.locator(".st-design").all():
        total, *lines = (round(100 * usd) for usd in _usd(design.inner_text()))
        assert sum(lines) == total, design.inner_text()
    tokens.press("PageUp")
    values = scenario() | {"tokens_per_message": value_of(tokens)}
    assert values["tokens_per_message"] > 1
    expect(designs.nth(1)).to_have_text(show(compute(values)["socket_usd"], "usd"))
    expect_live_numbers(still_page, values)


def _usd(text: str) -> list[float]:
    """Return the dollars in a text, in their order."""
    return [float(one.replace(",", "")) for one in re.findall(r"\$([\d,.]*\d)", text)]


@pytest.mark.parametrize("width_px", [1280, 390])
def test_dragging_along_the_frontier(still_page: Page, site: str, width_px: int) -> None:
    """More tokens to a message cost less and come later, as Python says."""
    still_page.set_viewport_size({"width": width_px, "height": 900})
    widget = opened(still_page, site, BATCHING)
    handle = grip(widget, "tokens in a message")
    drag(still_page, handle, 180)
    values = scenario() | {"tokens_per_message": value_of(handle)}
    assert values["tokens_per_message"] > 2
    figures = compute(values)
    expect(number(widget, "a month for messages")).to_have_text(
        show(figures["batch_messages_usd"], "usd")
    )
    expect(number(widget, "the first token of a message waits")).to_have_text(
        show(figures["batch_delay_ms"], "ms")
    )


def test_four_answers_make_a_decision(still_page: Page, site: str) -> None:
    """The page recommends what the package does, before and after an answer changes."""
    widget = opened(still_page, site, DECIDE)
    advice = widget.locator(".st-advice")
    expect(advice).to_have_text(advise(Facts.preset("article"), on=page_day()).sentence)
    for _ in range(3):
        grip(widget, "requests a month").press("End")
    widget.get_by_role("group", name="May it move to another vendor?").get_by_role(
        "button", name="Yes"
    ).click()
    values = scenario() | {"requests_per_month": 1e9, "other_vendor": 1.0}
    w = workload(values).replace(requests_per_instance=0)
    found = decide(w, Answers(other_vendor=True), on=page_day())
    assert found.change is not None
    expect(advice).to_have_text(found.sentence)
    heard = widget.locator("[aria-live=polite]")
    expect(heard).to_contain_text(found.sentence)
    expect(heard).to_contain_text(show(found.total_usd, "usd"))
    expect(widget.locator("code")).to_contain_text("serverless-tax decide --scenario '#st?v=2")
    expect(number(widget, "a month then")).to_have_text(show(found.total_usd, "usd"))


def test_what_is_unknown_is_a_range_and_stays_so_from_page_to_page(
    still_page: Page, site: str
) -> None:
    """Over a page that has no figure, too; the command says what the page does."""
    months = f"{DECIDE[0]}#st?v=2&preset=article&requests=1000000000"
    widget = open_widget(still_page, f"{site}/{months}", DECIDE[1])
    widget.get_by_role("group", name="May it move to another vendor?").get_by_role(
        "button", name="Unknown"
    ).click()
    w = workload(scenario() | {"requests_per_month": 1e9}).replace(requests_per_instance=0)
    found = advise(Facts.stated(w, other_vendor=None), on=page_day())
    assert found.ask == "other_vendor"
    expect(widget.locator(".st-advice")).to_have_text(found.sentence)
    expect(widget.locator("code")).to_contain_text("vendor=unknown")
    for there in ("price-sheets", "decide"):
        still_page.locator(f"a[href*='{there}.html']").first.dispatch_event("click")
        still_page.wait_for_url(f"**/{there}.html#st?*")
    expect(still_page.locator(".st-advice")).to_have_text(found.sentence)


#: What each button of the last group says is unknown, by its key in a link.
SAID_TO_BE_UNKNOWN = {
    "the wait": "wait",
    "the work": "receive",
    "the memory": "memory",
    "the calls": "calls",
    "the hour’s price": "hour",
    "the discount": "paid",
}
#: The questions that may have no answer.
ASKED = {
    "Does a person read along?": "reads",
    "Must your code see the answer on its way?": "sees",
    "May a process of your own run all month?": "process",
    "May it move to another vendor?": "vendor",
    "Does each call need the one before?": "order",
}


def test_each_fact_becomes_unknown_by_its_button_and_known_again(
    still_page: Page, site: str
) -> None:
    """The link says so, and no longer once the same button, or Yes, is pressed."""
    widget = open_widget(still_page, f"{site}/{DECIDE[0]}", DECIDE[1])
    command = widget.locator("code")
    others = widget.get_by_role("group", name="What is unknown")
    expect(others.get_by_role("button")).to_have_text([*SAID_TO_BE_UNKNOWN])
    pairs = [(others, name, name, key) for name, key in SAID_TO_BE_UNKNOWN.items()]
    for question, key in ASKED.items():
        pairs.append((widget.get_by_role("group", name=question), "Unknown", "Yes", key))
    for group, unknown, known, key in pairs:
        group.get_by_role("button", name=unknown).click()
        expect(group.get_by_role("button", name=unknown)).to_have_attribute("aria-pressed", "true")
        expect(command).to_contain_text(f"{key}=unknown")
        group.get_by_role("button", name=known).click()
        expect(group.get_by_role("button", name=unknown)).to_have_attribute("aria-pressed", "false")
        expect(command).not_to_contain_text("=unknown")


@pytest.mark.parametrize(("address", "kind"), one_in(2, EVERY))
def test_a_link_restores_the_scenario_and_reset_the_book_s(
    still_page: Page, site: str, address: str, kind: str
) -> None:
    """An address moves every number; Reset brings the book's own back."""
    widget = open_widget(still_page, f"{site}/{address}#st?requests=2000000&memory=512", kind)
    values = scenario() | {"requests_per_month": 2e6, "memory_mb": 512.0}
    expect_live_numbers(still_page, values)
    caption, own = widget.locator("figcaption"), widgets()[kind].said(quantities())
    expect(caption).not_to_have_text(own)
    widget.get_by_role("button", name="Reset").click()
    expect_live_numbers(still_page, scenario())
    expect(caption).to_have_text(own)
