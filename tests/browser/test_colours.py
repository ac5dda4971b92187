"""The four concepts have their colours wherever they are drawn."""

from __future__ import annotations

from typing import Any

import pytest
from hands import open_widget
from playwright.sync_api import Browser, Page

from serverless_tax.ground.colours import CPU, FEES, IDLE, WAITING
from serverless_tax.widgets.widget import kinds

PAGES = {
    "plumber": "book/index.html",
    "rectangle": "book/1-the-gb-second-reckoning.html",
    "meter": "book/2-the-53x-problem.html",
    "race": "book/3-response-streaming.html",
    "session": "book/4-websockets.html",
    "batching": "book/4-websockets.html",
    "ladder": "book/5-the-async-native-future.html",
    "market": "book/5-the-async-native-future.html",
    "decide": "book/decide.html",
    "paste": "book/6-your-own-bill.html",
}
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
    const [work, waiting, page, idle] = painted.split('gradient(').slice(1);
    for (const [concept, text] of Object.entries({ cpu: work, waiting, idle })) {
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
#: Which of the concepts a widget draws.
DRAWS = {
    "plumber": {"cpu", "waiting"},
    "rectangle": {"cpu", "waiting"},
    "meter": {"cpu", "waiting"},
    "race": {"waiting"},
    "session": {"cpu", "waiting", "fees"},
    "ladder": {"cpu", "waiting", "idle"},
    "market": {"cpu", "waiting", "idle"},
}


def test_every_widget_is_on_a_page() -> None:
    """A new one is looked at too."""
    assert set(kinds()) == PAGES.keys()


@pytest.mark.parametrize("kind", DRAWS)
def test_a_widget_paints_its_concepts_in_their_colours(
    still_page: Page, site: str, kind: str
) -> None:
    """Work, waiting and what is idle, in pieces, in bars and in the words that explain them."""
    painted: dict[str, Any] = open_widget(still_page, f"{site}/{PAGES[kind]}", kind).evaluate(
        PAINTED
    )
    assert painted.keys() == DRAWS[kind]
    for concept, colours in painted.items():
        assert set(colours) == {RIGHT[concept]}, concept


@pytest.mark.parametrize("kind", [kind for kind in PAGES if kind != "paste"])
def test_a_still_has_the_same_colours(browser: Browser, site: str, kind: str) -> None:
    """Nothing in it is painted in any other."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{PAGES[kind]}")
    fills = page.locator(f"st-widget[data-kind={kind}]").first.evaluate(STILL)
    hatch = 'url("#st-hatch")'
    assert set(fills) <= {*RIGHT.values(), hatch, "none"}
    assert RIGHT["waiting"] in fills  # of the hatch
    context.close()


def test_a_live_number_is_underlined_in_its_concept_s_colour(still_page: Page, site: str) -> None:
    """What is for waiting in one, what is for work in another."""
    still_page.goto(f"{site}/{PAGES['meter']}")
    for name, concept in (("waits_at_once", "waiting"), ("busy_ms", "cpu")):
        for value in still_page.locator(f"st-value[name={name}]").all():
            line = value.evaluate("v => getComputedStyle(v).textDecorationColor")
            assert line == RIGHT[concept]
