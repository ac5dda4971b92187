"""The widgets for every reader: without scripts, from disk, in the dark, with a screen reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from built_book import BOOK, page_with
from hands import SHIFTS
from playwright.sync_api import Browser, Page, expect
from sampled import one_in

from serverless_tax.widgets.prose import Start, quantities_of
from serverless_tax.widgets.widget import kinds, widgets

#: All but the two that are typed into, and have no handle.
MOVED = [kind for kind in kinds() if kind not in {"paste", "slip"}]


def is_guessed(kind: str) -> bool:
    """Whether a guess stands between a widget and what comes before it on its page."""
    html = (BOOK / page_with(kind)).read_text("utf-8")
    before = html.partition(f'<st-widget data-kind="{kind}"')[0]
    between = before.rpartition("<st-widget")[2]
    return "<st-predict" in between and 'data-covers="no"' not in between


@pytest.mark.parametrize("kind", one_in(3, kinds()))
def test_without_scripts_the_default_numbers_stand(browser: Browser, site: str, kind: str) -> None:
    """A still picture, its sentence, the numbers in the text, and the answer in a fold."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{page_with(kind)}")
    widget = page.locator(f"st-widget[data-kind={kind}]").first
    changes = json.loads(widget.get_attribute("data-changes") or "{}")
    told = quantities_of(Start("article", tuple(changes.items())))
    expect(widget.locator("figcaption")).to_have_text(widgets()[kind].said(told))
    if kind in MOVED:
        expect(widget.locator("svg").first).to_be_visible()
    # No room for what never comes.
    assert widget.evaluate("one => one.clientHeight - one.querySelector('figure').clientHeight") < 2
    if is_guessed(kind):
        expect(page.locator("st-predict details").first).to_be_visible()
    for value in page.locator("st-value[name=month_usd]").all():
        expect(value).to_have_text("$811.33")
    context.close()


@pytest.mark.parametrize("kind", one_in(3, MOVED, 1))
def test_the_widgets_work_from_disk(page: Page, record: Any, kind: str) -> None:
    """Opened as a file: it moves, and its link can be had."""
    page.emulate_media(reduced_motion="reduce")
    page.goto((BOOK / page_with(kind)).as_uri())
    widget = page.locator(f"st-widget[data-kind={kind}][data-ready]").first
    slider = widget.get_by_role("slider").first
    before = slider.get_attribute("aria-valuenow")
    slider.press("ArrowRight")
    expect(slider).not_to_have_attribute("aria-valuenow", before or "")
    widget.get_by_role("button", name="Copy link").first.click()
    expect(widget.locator(".st-said")).not_to_be_empty()
    assert not record.console_errors


@pytest.mark.parametrize("kind", one_in(3, MOVED, 2))
def test_a_widget_takes_the_room_its_still_has_left(page: Page, site: str, kind: str) -> None:
    """Nothing on the page jumps once it is drawn, and numbers may change without a shift.

    The letters are there from the start, as on a reader's second page: whether they come in time
    for the first one is the network's doing.
    """
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{site}/{page_with(kind)}")
    page.evaluate("document.fonts.ready")
    page.add_init_script(SHIFTS)
    page.goto(f"{site}/{page_with(kind)}")
    widget = page.locator(f"st-widget[data-kind={kind}][data-ready]").first
    widget.scroll_into_view_if_needed()
    # What comes into view is drawn by now: a frame that moves the handle too would count both as
    # one jump, as far as the handle and as large as the page.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    height = widget.bounding_box()
    for _ in range(3):
        widget.get_by_role("slider").first.press("ArrowRight")
    after = widget.bounding_box()
    assert height is not None
    assert after is not None
    assert after["height"] == height["height"]
    assert sum(shift[0] for shift in page.evaluate("window.shifts")) < 0.05


@pytest.mark.parametrize("kind", one_in(2, kinds(), 1))
def test_the_answer_is_covered_until_the_reader_has_guessed(
    page: Page, site: str, kind: str
) -> None:
    """The widget under the question keeps its numbers back until a guess, or until asked.

    The guess keeps its height: it is answered, too, when a reader scrolls past what it covers.
    """
    for way in ("That is my guess", "Just show me"):
        page.goto(f"{site}/{page_with(kind)}")
        widget = page.locator(f"st-widget[data-kind={kind}][data-ready]").first
        if not is_guessed(kind):
            expect(widget.locator("figcaption")).to_be_visible()
            return
        number = widget.locator(".st-big").first
        expect(number).to_have_css("visibility", "hidden")
        expect(number).to_have_css("filter", "none")
        guess = page.locator("st-predict").first
        height = guess.evaluate("guess => guess.offsetHeight")
        page.get_by_role("button", name=way).first.click()
        expect(number).to_be_visible()
        expect(page.locator(".st-answer").first).not_to_be_empty()
        assert guess.evaluate("guess => guess.offsetHeight") == height


@pytest.mark.parametrize("kind", one_in(3, kinds(), 1))
def test_everything_to_touch_is_a_thumb_wide(page: Page, site: str, record: Any, kind: str) -> None:
    """44 px for each button, grip and slider on a small phone, and no scrolling sideways."""
    del record
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{site}/{page_with(kind)}")
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(wide)
    targets = page.locator(f"st-widget[data-kind={kind}][data-ready]").locator(
        "button:visible, select, .st-grip:visible"
    )
    expect(targets.first).to_be_visible()
    for target in targets.all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, target.inner_text()
