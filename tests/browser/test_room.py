"""The room's guesses: an instructor types counts, and the room sees bars and the answer."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from built_book import BOOK, ROOT
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from serverless_tax.book.slides import DECKS, PageQuestion, asked_in
from serverless_tax.book.teaching import load_workshop

PAGE = "book/teaching/room.html"
PATHS = [load_workshop(ROOT / "book/teaching" / f"{name}.toml") for name in DECKS]
COLLECTED = {stage.collect: stage.page for path in PATHS for stage in path.stages if stage.collect}

#: Whether the page's headings and questions are behind the one that is shown.
COVERED = """() => [...document.querySelectorAll('header a, main h2, main caption')].every(
  (one) => {
    const { left, top } = one.getBoundingClientRect();
    const above = document.elementFromPoint(left + 20, top + 10);
    return one.closest('[data-shown]') || !one.contains(above);
  })"""


def asked(begins: str) -> PageQuestion:
    """What a page asks, as it was built."""
    html = (BOOK / f"{COLLECTED[begins]}.html").read_text("utf-8")
    return next(one for one in asked_in(html) if one.question.startswith(begins))


def figure(one: PageQuestion) -> str:
    """The answer's figure, without the sentence after it."""
    return re.match(r"The answer: (.+?)\.(?: [A-Z]|$)", one.printed)[1]  # type: ignore[index]


def words(html: str) -> str:
    """What somebody reads of it: no tags, no scripts, nothing that is hidden."""
    html = re.sub(r"<(script|style|head)\b.*?</\1>", "", html, flags=re.DOTALL)
    html = re.sub(r"<(\w+)[^>]* hidden(?:=\"\")?>.*?</\1>", "", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", " ", html))


def test_each_collected_guess_has_a_table_with_the_page_s_answer(page: Page, site: str) -> None:
    """The same question and the same figure as on the page that asks it."""
    page.goto(f"{site}/{PAGE}")
    for one in map(asked, COLLECTED):
        question = page.get_by_text(one.question, exact=True)
        room = page.locator(".st-room-guesses").filter(has=question)
        expect(room).to_have_count(1)
        room.get_by_role("button", name="Show the answer").click()
        expect(room.get_by_text("The answer: ")).to_have_text(f"The answer: {figure(one)}.")


@pytest.mark.parametrize("begins", COLLECTED)
def test_no_answer_stands_where_it_is_guessed(begins: str) -> None:
    """On its page above the question, on the handout, on the room's page and before its slide."""
    shown = answer = figure(asked(begins))
    if len(re.findall(r"\d", shown)) < 2:  # a figure of one digit stands everywhere
        shown = f"The answer: {shown}"
    surfaces = {
        name: words((BOOK / f"book/teaching/{name}.html").read_text("utf-8"))
        for name in ("handout", "room", "answer-sheet")
    }
    lesson = (BOOK / f"{COLLECTED[begins]}.html").read_text("utf-8")
    surfaces["page"] = words(lesson[: lesson.index(f'data-question="{begins}')])
    for name in DECKS:
        deck = (BOOK / f"book/teaching/slides-{name}.html").read_text("utf-8")
        surfaces[name] = re.split(rf"The answer:\s+{re.escape(answer)}", words(deck))[0]
    for name, text in surfaces.items():
        assert not re.search(rf"(?<![\d.,]){re.escape(shown)}(?![\d])", text), name


def test_one_question_a_screen_survives_a_reload(page: Page, site: str) -> None:
    """Letters of 28 pixels and more, the arrow keys turn, and the counts are still there."""
    page.set_viewport_size({"width": 1280, "height": 1000})  # the next question is in it
    page.goto(f"{site}/{PAGE}")
    page.get_by_role("button", name="One question a screen").click()
    shown = page.locator(".st-room-guesses[data-shown]")
    expect(shown).to_have_id("room-share")
    assert page.evaluate(COVERED), "the page behind is painted over the question"
    shown.locator("input").first.fill("12")
    page.keyboard.press("PageDown")
    expect(shown).to_have_id("room-multiple")
    smallest = shown.locator("caption, th, td, p, input, button, span").evaluate_all(
        "all => Math.min(...all.map((one) => parseFloat(getComputedStyle(one).fontSize)))"
    )
    assert smallest >= 28
    behind = shown.evaluate("one => getComputedStyle(one).backgroundColor")
    assert re.fullmatch(r"rgb\(.*\)", behind), "the page shines through"
    shown.locator("input").nth(1).fill("3")
    page.reload()
    expect(shown).to_have_id("room-multiple")
    expect(shown.locator("input").nth(1)).to_have_value("3")
    expect(shown.locator(".st-room-says")).to_contain_text("3 guesses")
    page.get_by_role("button", name="Previous").click()
    expect(shown.locator("input").first).to_have_value("12")
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    page.get_by_role("button", name="Clear all counts").click()
    page.reload()
    expect(page.locator("#room-share input").first).to_have_value("")


@pytest.mark.parametrize("name", [DECKS[0], pytest.param(DECKS[1], marks=pytest.mark.slow)])
def test_a_deck_fills_the_wall_and_prints_a_step_a_sheet(
    page: Page, site: str, name: str, tmp_path: Path
) -> None:
    """Each slide is as high as the window, in large letters, without a script and on one sheet."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{site}/book/teaching/slides-{name}.html")
    assert page.locator("script").count() == 0
    slides = page.locator("section")
    sizes = slides.evaluate_all(
        "all => all.map((one) => [one.offsetHeight, one.scrollWidth - one.clientWidth])"
    )
    assert {tuple(size) for size in sizes} == {(720, 0)}
    letters = page.locator("h1, h2, p, code").evaluate_all(
        "all => Math.min(...all.map((one) => parseFloat(getComputedStyle(one).fontSize)))"
    )
    assert letters >= 28
    printed = tmp_path / "deck.pdf"
    page.pdf(path=printed, prefer_css_page_size=True)
    assert len(PdfReader(printed).pages) == slides.count()


def test_counts_are_drawn_and_the_answer_is_shown_when_asked(page: Page, site: str) -> None:
    """Bars in proportion, the middle guess in words, and who was right only after the button."""
    page.goto(f"{site}/{PAGE}")
    room = page.locator("#room-share")
    boxes, bars = room.locator("input"), room.locator(".st-room-bar span")
    for k, people in enumerate((1, 2, 4, 0, 4)):
        boxes.nth(k).fill(str(people))
    expect(room.locator(".st-room-says")).to_have_text("11 guesses, the middle one 1 to 5 %.")
    page.wait_for_function(
        "() => document.querySelectorAll('#room-share .st-room-bar span')[2].clientWidth > 40"
    )
    page.emulate_media(reduced_motion="reduce")
    widths = [bars.nth(k).bounding_box() or {"width": 0.0} for k in range(3)]
    assert widths[2]["width"] == pytest.approx(2 * widths[1]["width"], abs=2)
    expect(room.get_by_text("The answer: ")).to_be_hidden()
    room.get_by_role("button", name="Show the answer").press("Enter")
    expect(room.get_by_text("The answer: 0.247 %")).to_be_visible()
    expect(room.locator(".st-room-says")).to_contain_text("2 were in the right range.")


def test_what_is_no_count_is_drawn_as_one_or_as_none(page: Page, site: str) -> None:
    """Nothing that is typed breaks the picture."""
    page.goto(f"{site}/{PAGE}")
    room = page.locator("#room-rungs")
    room.locator("input").nth(1).fill("2")
    for typed in ("-3", "1e9", "0.5", ""):
        room.locator("input").first.fill(typed)
        expect(room.locator(".st-room-says")).to_contain_text("guesses, the middle one ")


def test_without_a_script_it_is_a_table_to_tally_in(browser: Browser, site: str) -> None:
    """The button, which would do nothing, is not there."""
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{site}/{PAGE}")
    expect(page.locator("#room-multiple input")).to_have_count(6)
    expect(page.locator("#room-multiple button")).to_be_hidden()
    page.close()
