"""Readers move things; the page shows what Python computes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from built_book import page_with
from hands import AT_REST, drag, expect_live_numbers, grip, number, open_widget, value_of
from playwright.sync_api import Page, expect

from serverless_tax.book.hero import measured_work
from serverless_tax.ground.show import show
from serverless_tax.widgets.scenario import compute, scenario

PLUMBER = "book/index.html"
RECTANGLE = "book/1-the-gb-second-reckoning.html"
METER = "book/2-the-53x-problem.html"
#: Where each key takes the memory from the book's own.
KEYS = {
    "ArrowUp": 1088,
    "ArrowLeft": 960,
    "Shift+ArrowUp": 1280,
    "PageDown": 960,
    "Home": 128,
    "End": 10_240,
}


@pytest.mark.parametrize("width_px", [1280, 390])
def test_dragging_the_plumber_s_wait_moves_his_bill(
    still_page: Page, site: str, width_px: int
) -> None:
    """Untouched it is 31x; after a drag it is what Python says of the new wait."""
    still_page.set_viewport_size({"width": width_px, "height": 900})
    widget = open_widget(still_page, f"{site}/{PLUMBER}")
    expect(number(widget, "the price of the work alone")).to_have_text("31x")
    handle = grip(widget, "the wait for the part")
    drag(still_page, handle, 60)
    wait_s = value_of(handle)
    assert wait_s > 2700
    values = scenario() | measured_work() | {"plumber_wait_s": wait_s}
    figures = compute(values)
    expect(number(widget, "for the waiting")).to_have_text(show(figures["plumber_wait_usd"], "usd"))
    expect_live_numbers(still_page, values)


@pytest.mark.parametrize("width_px", [1280, 390])
def test_dragging_the_rectangle_s_corner_moves_the_bill(
    still_page: Page, site: str, width_px: int
) -> None:
    """Both sides change at once; the area's price is Python's, here and in the sentences."""
    still_page.set_viewport_size({"width": width_px, "height": 900})
    widget = open_widget(still_page, f"{site}/{RECTANGLE}")
    expect(number(widget, "a month")).to_have_text("$811.33")
    drag(still_page, widget.locator(".st-grip-xy"), -80, 50)
    memory_mb, wait_ms = (
        value_of(grip(widget, "memory")),
        value_of(grip(widget, "wait for the answer")),
    )
    assert memory_mb < 1024
    assert wait_ms < 4800
    values = scenario() | measured_work() | {"memory_mb": memory_mb, "generate_ms": wait_ms}
    expect(number(widget, "a month")).to_have_text(show(compute(values)["month_usd"], "usd"))
    expect_live_numbers(still_page, values)
    widget.get_by_role("button", name="Reset").click()
    expect(number(widget, "a month")).to_have_text("$811.33")
    expect_live_numbers(still_page, scenario() | measured_work())


def test_the_rectangle_zooms_out_when_dropped_at_the_edge(still_page: Page, site: str) -> None:
    """While it is dragged the scale holds still; beyond it there is more memory."""
    widget = open_widget(still_page, f"{site}/{RECTANGLE}")
    mark = widget.locator(".st-mark", has_text="10,240 MB")
    expect(mark).to_be_hidden()
    drag(still_page, grip(widget, "memory"), 0, -400)
    expect(grip(widget, "memory")).to_have_attribute("aria-valuenow", "2048")
    expect(mark).to_be_visible()


@pytest.mark.parametrize(("kind", "dx"), [("plumber", 40), ("batching", 120), ("market", -40)])
def test_a_handle_is_under_the_pointer_and_stays_there(
    still_page: Page, site: str, kind: str, dx: float
) -> None:
    """Held it goes along; let go it stands where it was; nothing around the figure moves."""
    widget = open_widget(still_page, f"{site}/{page_with(kind)}", kind)
    handle = widget.locator(".st-grip[role=slider]").first
    handle.scroll_into_view_if_needed()
    still_page.evaluate(AT_REST)
    pressed, figure = handle.bounding_box(), widget.locator("figure").bounding_box()
    assert pressed
    middle = [pressed[one] + pressed[size] / 2 for one, size in (("x", "width"), ("y", "height"))]
    still_page.mouse.move(*middle)
    still_page.mouse.down()
    still_page.mouse.move(middle[0] + dx, middle[1])
    still_page.evaluate("() => new Promise(requestAnimationFrame)")
    held = handle.bounding_box()
    assert held
    assert held["x"] - pressed["x"] == pytest.approx(dx, abs=12)  # of round values; of whole tokens
    still_page.mouse.up()
    expect(handle).not_to_contain_class("st-held")
    assert handle.bounding_box() == pytest.approx(held, abs=0.5)
    assert widget.locator("figure").bounding_box() == figure


def test_dragging_a_step_through_the_lens(still_page: Page, site: str) -> None:
    """The second step is a wait; a longer one adds to the bill and not to the CPU."""
    widget = open_widget(still_page, f"{site}/{METER}")
    expect(number(widget, "billed for each millisecond of work")).to_have_text("883x")
    handle = grip(widget, "look up the passages")
    drag(still_page, handle, -100)
    values = scenario() | {"retrieve_ms": value_of(handle)}
    assert values["retrieve_ms"] < 50
    figures = compute(values)
    expect(number(widget, "billed")).to_have_text(show(figures["billed_ms"], "ms"))
    expect(number(widget, "CPU at work")).to_have_text("5.5 ms")
    expect_live_numbers(still_page, values)


def test_a_grip_follows_the_keyboard(still_page: Page, site: str) -> None:
    """Small steps, big steps, and both ends; what it says is what it is."""
    widget = open_widget(still_page, f"{site}/{RECTANGLE}")
    handle = grip(widget, "memory")
    for key, memory_mb in KEYS.items():
        handle.press(key)
        expect(handle).to_have_attribute("aria-valuenow", str(memory_mb))
        expect(handle).to_have_attribute("aria-valuetext", show(memory_mb, "mb"))
        values = scenario() | measured_work() | {"memory_mb": float(memory_mb)}
        expect_live_numbers(still_page, values)
        widget.get_by_role("button", name="Reset").click()
        expect(handle).to_have_attribute("aria-valuenow", "1024")


def test_the_new_bill_is_said_once_the_reader_stops(still_page: Page, site: str) -> None:
    """In a polite live region, and not at every step of a drag."""
    widget = open_widget(still_page, f"{site}/{RECTANGLE}")
    region = widget.locator("[aria-live=polite]")
    expect(region).to_have_text("")
    grip(widget, "memory").press("Home")
    month = compute(scenario() | {"memory_mb": 128.0})["month_usd"]
    expect(region).to_contain_text(show(month, "usd"))


def test_a_preset_is_chosen_on_the_meter(still_page: Page, site: str) -> None:
    """Every number on the page changes to the preset's."""
    widget = open_widget(still_page, f"{site}/{METER}")
    widget.get_by_label("A request to start from").select_option("measured")
    multiple = show(compute(scenario("measured"))["tax_multiple"], "x")
    expect(number(widget, "billed for each millisecond of work")).to_have_text(multiple)
    expect_live_numbers(still_page, scenario("measured"))


def test_a_number_in_a_sentence_is_dragged_turned_and_typed(still_page: Page, site: str) -> None:
    """The same number, four ways; and a typed unit is understood."""
    open_widget(still_page, f"{site}/{RECTANGLE}")
    knob = still_page.locator("st-input[name=memory_mb] [role=slider]").first
    drag(still_page, knob, 60)
    assert value_of(knob) > 1024
    expect_live_numbers(still_page, scenario() | measured_work() | {"memory_mb": value_of(knob)})
    knob.press("Home")
    expect(knob).to_have_text("128 MB")
    knob.press("Enter")
    still_page.keyboard.type("2 GB")
    still_page.keyboard.press("Enter")
    expect(knob).to_have_text("2,048 MB")
    expect_live_numbers(still_page, scenario() | measured_work() | {"memory_mb": 2048.0})
    knob.click()
    still_page.keyboard.type("333.3")  # nobody sells a part of a megabyte
    still_page.keyboard.press("Enter")
    expect(knob).to_have_text("2,048 MB")
    knob.click()
    still_page.keyboard.type("512")
    still_page.keyboard.press("Escape")
    expect(knob).to_have_text("2,048 MB")


def test_a_guess_comes_before_the_answer(still_page: Page, site: str) -> None:
    """Nothing of the answer is on the page until the reader commits."""
    open_widget(still_page, f"{site}/{PLUMBER}")
    guess = still_page.locator("st-predict[data-ready]")
    answer = guess.locator(".st-answer")
    expect(answer).to_have_text("")
    guess.get_by_role("slider").press("End")
    guess.get_by_role("button", name="That is my guess").click()
    expect(answer).to_have_text("31x You guessed 200x: too high by a factor of 6.5.")
    expect(guess.get_by_role("slider")).to_have_count(0)  # it is made: there is nothing to move


def test_the_meter_plays_at_the_speed_of_the_request(page: Page, site: str, record: Any) -> None:
    """Two seconds on the clock are two seconds billed; ten times that on request; then the end."""
    page.clock.install(time=datetime(2026, 11, 1, tzinfo=UTC))
    widget = open_widget(page, f"{site}/{METER}")
    page.clock.pause_at(datetime(2026, 11, 2, tzinfo=UTC))  # from here on it moves when told to
    billed, cpu = number(widget, "billed"), number(widget, "CPU at work")
    widget.get_by_role("button", name="Restart").click()
    page.clock.run_for(2000)
    assert 1900 <= float(billed.inner_text().replace(",", "").split()[0]) <= 2100
    expect(cpu).to_have_text("5.5 ms")
    widget.get_by_role("button", name="Pause").click()
    paused = billed.inner_text()
    page.clock.run_for(500)
    expect(billed).to_have_text(paused)
    widget.get_by_role("button", name="ten times as fast").click()
    widget.get_by_role("button", name="Play").click()
    page.clock.run_for(400)
    expect(billed).to_have_text("4,856 ms")
    assert not record.console_errors


def test_the_meter_plays_only_in_view(page: Page, site: str, record: Any) -> None:
    """It begins when it is first seen, and stops when it is scrolled away."""
    del record
    page.clock.install()
    widget = open_widget(page, f"{site}/{METER}")
    widget.scroll_into_view_if_needed()
    pause = widget.get_by_role("button", name="Pause")
    expect(pause).to_be_visible()
    page.locator("footer").last.scroll_into_view_if_needed()
    expect(widget.get_by_role("button", name="Play")).to_be_attached()


def test_reduced_motion_goes_straight_to_the_end(still_page: Page, site: str) -> None:
    """No animation, the same figures."""
    widget = open_widget(still_page, f"{site}/{METER}")
    widget.scroll_into_view_if_needed()
    widget.get_by_role("button", name="Play").click()
    expect(number(widget, "billed")).to_have_text("4,856 ms")
    expect(widget.get_by_role("button", name="Play")).to_be_visible()
