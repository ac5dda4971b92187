"""Every cell of every page in the browser, as it is and changed; on a phone, slow, and again."""

from __future__ import annotations

import asyncio
import io
import random
import re
import tokenize
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from built_book import ROOT
from lint_pages import PAGES
from playwright.sync_api import Page, expect
from python_set import (
    HOW_TO_GET_ONE,
    MOST_BYTES,
    bar,
    find_set,
    memory_of,
    output,
    run,
    shown_text,
    write,
)

from serverless_tax.book.exercises import EXERCISES
from serverless_tax.book.python.pages import cells_of
from serverless_tax.book.python.session import Cell, Session

NEEDS = pytest.mark.skipif(find_set() is None, reason=f"no Pyodide set: {HOW_TO_GET_ONE}")
pytestmark = [
    NEEDS,
    pytest.mark.slow,
    pytest.mark.timeout(900),  # each page starts Python anew, in half a minute on a busy machine
    pytest.mark.usefixtures("at_home"),
]
CELLS = {page: cells_of(page.read_text("utf-8")) for page in PAGES}
WITH_CELLS = {page: cells for page, cells in CELLS.items() if any(one["shown"] for one in cells)}
Served = tuple[str, list[tuple[str, int]]]
EDITS = 10
#: The longest that the page's own thread stood still, in milliseconds, while cells run.
FRAMES = """() => {
  window.longest = 0;
  let last = performance.now();
  const next = (now) => {
    window.longest = Math.max(window.longest, now - last);
    last = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}"""


def address(page: Path) -> str:
    """Return where a page is in the built book."""
    return page.relative_to(ROOT).with_suffix(".html").as_posix()


@pytest.mark.parametrize("source", WITH_CELLS, ids=lambda page: page.stem)
def test_every_cell_shows_what_was_built(page: Page, python_book: Served, source: Path) -> None:
    """All in sight, from the first: what each showed when the book was built."""
    site, _ = python_book
    page.goto(f"{site}/{address(source)}")
    page.evaluate(
        "document.querySelectorAll('details.hide').forEach((one) => { one.open = true; })"
    )
    for k in range(sum(one["shown"] for one in WITH_CELLS[source])):
        bar(page, k)
        built = shown_text(page, k)
        run(page, k)
        assert shown_text(page, k) == built


def test_ten_random_edits_give_what_local_python_gives(page: Page, python_book: Served) -> None:
    """A number in a cell becomes another; text, tables and errors are those of this Python."""
    site, _ = python_book
    chosen = random.Random(29)  # noqa: S311 - no secret
    editable = [
        (source, k)
        for source, cells in WITH_CELLS.items()
        for k, one in enumerate(one for one in cells if one["shown"])
        if _numbers(one["code"])
    ]
    for source, k in chosen.sample(editable, EDITS):
        shown = [one for one in WITH_CELLS[source] if one["shown"]]
        code = _changed(shown[k]["code"], chosen)
        page.goto(f"{site}/{address(source)}")
        page.evaluate("localStorage.clear()")
        page.evaluate(
            "document.querySelectorAll('details.hide').forEach((one) => { one.open = true; })"
        )
        write(page, k, code)
        bar(page, k).get_by_role("button", name="Run").click()
        expect(bar(page, k).get_by_role("status")).to_contain_text(
            re.compile("in Python|error"), timeout=120_000
        )
        assert shown_text(page, k) == _here(source, shown[k]["name"], code), (source.name, code)


def _numbers(code: str) -> list[tokenize.TokenInfo]:
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return [one for one in tokens if one.type == tokenize.NUMBER]


def _changed(code: str, chosen: random.Random) -> str:
    """Return a cell with one of its numbers made another of about its size."""
    one = chosen.choice(_numbers(code))
    lines = code.splitlines()
    row, (left, right) = one.start[0] - 1, (one.start[1], one.end[1])
    other = eval(one.string) * chosen.choice((2, 3, 5))  # noqa: S307 - a number of the book
    lines[row] = f"{lines[row][:left]}{other!r}{lines[row][right:]}"
    return "\n".join(lines)


def _here(source: Path, name: str, code: str) -> str:
    """Return what this Python shows of a changed cell of a page."""
    said: list[str] = []

    def say(cell: str, what: str, text: str) -> None:
        if cell == name and what in ("text", "error"):
            said.append(text)
        if cell == name and what == "html":
            said.append(BeautifulSoup(text, "html.parser").get_text())

    cells = WITH_CELLS[source]
    upto = [one["name"] for one in cells].index(name)
    before = [Cell(one["name"], one["code"]) for one in cells[:upto] if one["needed"]]
    with chdir(source.parent):
        ran = Session(say).run([*before, Cell(name, code)], "")
        with ThreadPoolExecutor(1) as beside:  # the browser's driver has a loop of its own here
            beside.submit(asyncio.run, ran).result()
    return " ".join(" ".join(said).split())


@pytest.mark.parametrize(
    "source",
    [one for one in PAGES if "{exercise}" in one.read_text("utf-8")],
    ids=lambda page: page.stem,
)
def test_every_exercise_answers(page: Page, python_book: Served, source: Path) -> None:
    """The start of each runs, and is told that it is still open."""
    site, _ = python_book
    page.goto(f"{site}/{address(source)}")
    for label in re.findall(r":label: (ex-\S+)", source.read_text("utf-8")):
        assert label in EXERCISES
        exercise = page.locator(f"#{label}")
        exercise.get_by_role("button", name="Try it").click()
        exercise.get_by_role("button", name="Check").click()
        expect(exercise.get_by_role("status")).to_contain_text("is still open", timeout=120_000)


DRAWS = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nmemory_curves(article, transcode)"
CHAPTER = "book/1-the-gb-second-reckoning.html"


def test_on_a_slow_phone_it_fits_and_does_not_freeze(page: Page, python_book: Served) -> None:
    """At 360 pixels and a quarter of the speed; with a drawing, and under a gigabyte."""
    site, _ = python_book
    page.set_viewport_size({"width": 360, "height": 640})
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(f"{site}/{CHAPTER}")
    page.evaluate(FRAMES)
    write(page, 1, DRAWS)
    run(page, 1)
    expect(output(page, 1).locator("svg")).to_have_count(3)
    expect(output(page, 1).locator("figure.st-figure")).to_be_visible()
    assert page.evaluate("window.longest") < 1000
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert 0 < memory_of(page) < MOST_BYTES


def test_a_second_visit_comes_from_the_cache(page: Page, python_book: Served) -> None:
    """Nothing that is large is sent again."""
    site, log = python_book
    page.goto(f"{site}/{CHAPTER}")
    run(page, 0)
    log.clear()
    page.reload()
    run(page, 0)
    again = [path for path, status in log if status == 200 and "/python/" in path]
    assert not [path for path in again if path.endswith((".gz", ".wasm", ".whl", ".zip", ".mjs"))]
