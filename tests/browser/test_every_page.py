"""Every page of the built book, visited once for each look: fit to read, quiet, and at home."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from built_book import BOOK, ROOT, Record, pages_of_the_book
from hands import NOT_READY, SHIFTS
from playwright.sync_api import Page, expect

#: Pages with a figure that moves, and the ledger. Of the others, text and tables in the same
#: style, every sixth is visited in every run. All are in `make test-all`, in all four looks.
MOVES = re.compile(r"book/(?:index|\d|decide|market|claims)")
LOOKS = [(1280, "light"), (390, "dark"), (1280, "dark"), (390, "light")]
TEXTS = [address for address in pages_of_the_book() if not MOVES.search(address)]
#: They have one of the first two looks, in turns.
IN_EVERY_RUN = {
    (address, LOOKS[k % 2])
    for k, address in enumerate([*filter(MOVES.search, pages_of_the_book()), *TEXTS[1::6]])
}
VISITS = [
    pytest.param(
        address,
        look,
        id=f"{address}-{look[0]}-{look[1]}",
        marks=[] if (address, look) in IN_EVERY_RUN else [pytest.mark.slow],
    )
    for address in pages_of_the_book()
    for look in LOOKS
]
#: Whether to keep a picture of each page: a third of the time of this file.
PICTURES = os.environ.get("PICTURES") == "1"
SCREENSHOTS = ROOT / "_build" / "screenshots"
GEOMETRY = (Path(__file__).parent / "geometry.js").read_text("utf-8")
SCROLL = """
async () => {
  const frame = () => new Promise(requestAnimationFrame);
  for (let y = 0; y < document.body.scrollHeight; y += 600) { scrollTo(0, y); await frame(); }
  scrollTo(0, 0); await frame(); await frame();
}
"""
#: Of each of some elements, whether it is half scrolled away in a box of its own, or a letter of a
#: drawing: axe cannot judge what is not seen, nor what lies on shapes. A drawing's letters are ink.
CUT_BY_THEIR_BOX = """
(targets) => targets.map(([selector]) => {
  const element = document.querySelector(selector);
  if (element.closest('svg.st-plot, svg.st-paper')) return true;
  const edge = element.getBoundingClientRect().right;
  for (let up = element.parentElement; up; up = up.parentElement) {
    const scrolls = getComputedStyle(up).overflowX !== 'visible';
    if (scrolls && edge > up.getBoundingClientRect().right + 1) return true;
  }
  return false;
})
"""
#: The figures that are higher than the room which the style leaves them before they are drawn.
NO_ROOM = """() => [...document.querySelectorAll('st-widget[data-kind]')].flatMap((one) => {
  const room = parseFloat(getComputedStyle(one).minHeight);
  const figure = one.querySelector('figure');
  const below = parseFloat(getComputedStyle(figure).marginBottom);
  const height = figure.getBoundingClientRect().height + below;
  return room && room < height ? [`${one.dataset.kind}: ${height} px in ${room}`] : [];
})"""
#: More than this is seen as a jump; a whole visit below 0.1 is what the web's measure calls good.
MOST_SHIFT = 0.03
#: What docutils and autodoc write in ways that axe does not like, and we cannot change.
THEIRS = [[".citation-list"], [".sig"], ["dl.py dl"]]


@pytest.mark.parametrize(("address", "look"), VISITS)
def test_a_page_is_fit_to_read(
    page: Page, site: str, record: Record, address: str, look: tuple[int, str]
) -> None:
    """Quiet and at home; nothing jumps, overflows, overlaps, or is unclear to axe."""
    width_px, theme = look
    page.set_viewport_size({"width": width_px, "height": 900})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.add_init_script(SHIFTS)
    page.goto(f"{site}/{address}", wait_until="load")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    expect(page.locator(NOT_READY)).to_have_count(0)
    outgrown = page.evaluate(NO_ROOM)
    page.evaluate(SCROLL)
    jumps = [shift for shift in page.evaluate("window.shifts") if shift[0] > MOST_SHIFT]
    if PICTURES:
        _keep_a_picture(page, f"{address.removesuffix('.html')}-{width_px}-{theme}")
    while (button := page.locator("st-predict button", has_text="Just show me").first).is_visible():
        button.click()
    found = {
        # Taken before axe, which asks for style sheets by addresses of its own.
        "requests that left the origin": list(record.outside_requests),
        "console errors": list(record.console_errors),
        "jumps": jumps,
        "figures without room": outgrown,
        "geometry": page.evaluate(GEOMETRY),
    }
    if page.locator("st-widget").count():  # what an address asked for in vain is said in a note
        page.evaluate("location.hash = 'st?memory=64'")
        expect(page.locator(".st-note").first).to_be_visible()
    found["axe"] = unclear(page)
    said = [f"{what}: {one}" for what, places in found.items() for one in places]
    assert not said, "\n".join(said)


def unclear(page: Page) -> list[str]:
    """Return what axe finds in the main column: violations, and contrast it could not judge."""
    where = {"include": [["article"]], "exclude": THEIRS}
    found = Axe().run(page, where, {"resultTypes": ["violations", "incomplete"]}).response
    unsure = [one for one in found["incomplete"] if one["id"] == "color-contrast"]
    for finding in unsure:
        targets = [node["target"] for node in finding["nodes"]]
        is_cut = page.evaluate(CUT_BY_THEIR_BOX, targets)
        finding["nodes"] = [
            node for node, cut in zip(finding["nodes"], is_cut, strict=True) if not cut
        ]
    return [_summary(one) for one in found["violations"] + unsure if one["nodes"]]


def _summary(finding: dict[str, Any]) -> str:
    """Say what axe found and where, on one line."""
    places = [f"{node['target']} {node['failureSummary']}" for node in finding["nodes"][:3]]
    return f"{finding['id']}: {places}"


def _keep_a_picture(page: Page, name: str) -> None:
    """Keep what the page looks like, for people to look at: it is compared with nothing."""
    path = SCREENSHOTS / f"{name.replace('/', '-')}.png"
    page.screenshot(path=path, full_page=True)


def test_there_are_pages() -> None:
    """A book without pages would leave the test above with nothing to do."""
    assert (BOOK / "book" / "index.html").exists(), "the book is not built; run: make book"
