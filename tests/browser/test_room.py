"""The room's guesses: an instructor types counts, and the room sees bars and the answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

PAGE = "book/teaching/room.html"


def test_counts_are_drawn_and_the_answer_is_shown_when_asked(page: Page, site: str) -> None:
    """Bars in proportion, the middle guess in words, and who was right only after the button."""
    page.goto(f"{site}/{PAGE}")
    room = page.locator("#room-share")
    boxes, bars = room.locator("input"), room.locator(".st-room-bar span")
    for k, people in enumerate((1, 2, 4, 0, 4)):
        boxes.nth(k).fill(str(people))
    expect(room.locator(".st-room-says")).to_have_text("11 guesses, the middle one 1 % to 5 %.")
    page.wait_for_function(
        "() => document.querySelectorAll('#room-share .st-room-bar span')[2].clientWidth > 40"
    )
    page.emulate_media(reduced_motion="reduce")
    widths = [bars.nth(k).bounding_box() or {"width": 0.0} for k in range(3)]
    assert widths[2]["width"] == pytest.approx(2 * widths[1]["width"], abs=2)
    expect(room.get_by_text("The answer: ")).to_be_hidden()
    room.get_by_role("button", name="Show the answer").press("Enter")
    expect(room.get_by_text("The answer: 0.113 %")).to_be_visible()
    expect(room.locator(".st-room-says")).to_contain_text("1 was in the right range.")


@pytest.mark.parametrize("typed", ["-3", "1e9", "0.5", ""])
def test_what_is_no_count_is_drawn_as_one_or_as_none(page: Page, site: str, typed: str) -> None:
    """Nothing that is typed breaks the picture."""
    page.goto(f"{site}/{PAGE}")
    room = page.locator("#room-rungs")
    room.locator("input").first.fill(typed)
    room.locator("input").nth(1).fill("2")
    expect(room.locator(".st-room-says")).to_contain_text("guesses, the middle one ")


def test_without_a_script_it_is_a_table_to_tally_in(browser: Browser, site: str) -> None:
    """The button, which would do nothing, is not there."""
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{site}/{PAGE}")
    expect(page.locator("#room-multiple input")).to_have_count(7)
    expect(page.locator("#room-multiple button")).to_be_hidden()
    page.close()
