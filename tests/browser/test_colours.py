"""The four concepts have their colours wherever they are drawn."""

from __future__ import annotations

from typing import Any

import pytest
from built_book import page_with
from hands import open_widget
from playwright.sync_api import Browser, Page
from sampled import one_in

from serverless_tax.ground.colours import CPU, FEES, IDLE, WAITING
from serverless_tax.widgets.prose import quantities
from serverless_tax.widgets.widget import kinds, widgets

#: The colours in which each widget paints its pieces, its bars and the key to them, by concept.
PAINTED = """w => {
  const found = {};
  const paints = (concept, style) => {
    const text = style.backgroundImage === 'none' ? style.backgroundColor : style.backgroundImage;
    const solid = text.match(/rgb\\([^)]*\\)/g) ?? [text];
    (found[concept] ??= []).push(solid[0]);
  };
  for (const concept of ['cpu', 'waiting', 'idle', 'fees']) {
    for (const one of w.querySelectorAll(`.st-piece.st-${concept}`)) {
      paints(concept, getComputedStyle(one));
    }
    for (const one of w.querySelectorAll(`.st-key > .st-word-${concept}`)) {
      paints(concept, getComputedStyle(one, '::before'));
    }
    for (const one of w.querySelectorAll(`.st-word-${concept} .st-what`)) {
      paints(concept, getComputedStyle(one, '::before'));
    }
  }
  for (const track of w.querySelectorAll('.st-track')) {
    const painted = getComputedStyle(track).backgroundImage;
    const [work, fees, waiting, page, idle] = painted.split('gradient(').slice(1);
    for (const [concept, text] of Object.entries({ cpu: work, fees, waiting, idle })) {
      (found[concept] ??= []).push(text.match(/rgb\\([^)]*\\)/)[0]);
    }
  }
  return found;
}"""
STILL = "w => [...w.querySelectorAll('rect')].map((one) => getComputedStyle(one).fill)"


def rgb(colour: str) -> str:
    """Return a colour as a browser tells it."""
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"


RIGHT = {"cpu": rgb(CPU), "waiting": rgb(WAITING), "idle": rgb(IDLE), "fees": rgb(FEES)}
FILLS = {"waiting": "url(#st-hatch)"}
#: What has no picture once it is alive, or one that is all ink, or on white paper of its own.
PLAIN = {"batching", "decide", "paste", "slip"}


def concepts_of_still(kind: str) -> set[str]:
    """Return the concepts in whose colours a widget's still is drawn."""
    still = widgets()[kind].still_figure(quantities())
    return {name for name in RIGHT if f'fill="{FILLS.get(name, f"var(--st-{name})")}"' in still}


def test_each_widget_paints_its_concepts_in_their_colours(still_page: Page, site: str) -> None:
    """In pieces, in bars and in the words that explain them: at least those of its still."""
    address = ""
    for kind in sorted(kinds(), key=page_with):
        if page_with(kind) != address:
            address = page_with(kind)
            open_widget(still_page, f"{site}/{address}")
        widget = still_page.locator(f"st-widget[data-kind={kind}][data-ready]").first
        painted: dict[str, Any] = widget.evaluate(PAINTED)
        if kind in PLAIN:
            assert not painted, kind
        else:
            assert painted.keys() >= concepts_of_still(kind) > set(), kind
        for concept, colours in painted.items():
            assert set(colours) == {RIGHT[concept]}, (kind, concept)


@pytest.mark.parametrize("kind", one_in(3, [kind for kind in kinds() if kind != "paste"]))
def test_a_still_has_the_same_colours(browser: Browser, site: str, kind: str) -> None:
    """Nothing in it is painted in any other."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{page_with(kind)}")
    fills = page.locator(f"st-widget[data-kind={kind}]").first.evaluate(STILL)
    hatch = 'url("#st-hatch")'
    assert set(fills) <= {*RIGHT.values(), hatch, "none"}
    assert RIGHT["waiting"] in fills  # of the hatch
    context.close()


def test_a_live_number_is_underlined_in_its_concept_s_colour(still_page: Page, site: str) -> None:
    """What is for waiting in one, what is for work in another."""
    still_page.goto(f"{site}/{page_with('meter')}")
    for name, concept in (("waits_at_once", "waiting"), ("busy_ms", "cpu")):
        for value in still_page.locator(f"st-value[name={name}]").all():
            line = value.evaluate("v => getComputedStyle(v).textDecorationColor")
            assert line == RIGHT[concept]
