"""A reader's hands on a widget: open a page, find a grip, drag it, read the number."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from serverless_tax.ground.show import show
from serverless_tax.widgets.scenario import compute

#: What a page still builds.
NOT_READY = "st-widget:not([data-ready]), st-predict:not([data-ready]), st-input:not([data-ready])"
#: Notes each layout shift of a page: how large, of what, from where to where, and when.
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const nodes = entry.sources.map((one) => one.node && (one.node.className || one.node.nodeName));
    const boxes = entry.sources.map((one) => JSON.stringify([one.previousRect, one.currentRect]));
    window.shifts.push([entry.value, String(nodes), String(boxes), entry.startTime]);
  }
}).observe({ type: 'layout-shift', buffered: true });
"""
#: Comes back once a page has drawn what was done to it before.
DRAWN = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => done())))"""
#: Comes back once a page has kept its height for six frames: a font may still come in as many.
AT_REST = """async () => {
  for (let height = 0, still = 0; still < 6; ) {
    await document.fonts.ready;
    await new Promise(requestAnimationFrame);
    const now = document.documentElement.scrollHeight;
    still = now === height ? still + 1 : 0;
    height = now;
  }
}"""


def open_widget(page: Page, address: str, kind: str = "") -> Locator:
    """Open a page of the book and return its first figure, of that kind if one is named, ready.

    The fonts and the page's other figures are there too: each sets what stands below it anew.
    """
    page.goto(address)
    expect(page.locator(NOT_READY)).to_have_count(0)
    page.evaluate(AT_REST)
    named = f"[data-kind={kind}]" if kind else ""
    widget = page.locator(f"st-widget{named}[data-ready]").first
    expect(widget).to_be_visible()
    return widget


def grip(widget: Locator, label: str) -> Locator:
    """Return the slider of that name, as a screen reader would find it."""
    return widget.get_by_role("slider", name=label, exact=True)


def number(widget: Locator, what: str) -> Locator:
    """Return the large number that stands above these words."""
    words = widget.page.locator(".st-what", has_text=re.compile(rf"^{re.escape(what)}$"))
    return widget.locator(".st-number", has=words).locator(".st-big")


def value_of(slider: Locator) -> float:
    """Return where a slider stands, unrounded, once what was done to it is drawn."""
    slider.evaluate(DRAWN)
    return float(slider.get_attribute("aria-valuenow") or "nan")


def drag(page: Page, handle: Locator, dx: float, dy: float = 0) -> None:
    """Press on the middle of a handle, move by so many pixels, and let go."""
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=8)
    page.mouse.up()
    page.evaluate(DRAWN)


def expect_live_numbers(page: Page, values: dict[str, float]) -> None:
    """Hold every live number in the page's sentences against Python."""
    quantities = values | compute(values)
    elements = page.locator("st-value")
    asked = elements.evaluate_all(
        "all => all.map((one) => [one.getAttribute('name'), one.getAttribute('unit')])"
    )
    expect(elements).to_have_text([show(quantities[name], unit) for name, unit in asked])
