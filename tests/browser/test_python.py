"""Cells of a page run in the page, on Pyodide, with the network cut."""

from __future__ import annotations

import re

import pytest
from built_book import BOOK
from playwright.sync_api import Page, expect
from python_set import (
    HOW_TO_GET_ONE,
    MOST_BYTES,
    STARTS_MS,
    bar,
    find_set,
    memory_of,
    output,
    run,
    shown_text,
    write,
)
from sampled import one_in

pytestmark = pytest.mark.usefixtures("at_home")
NEEDS = pytest.mark.skipif(find_set() is None, reason=f"no Pyodide set: {HOW_TO_GET_ONE}")
CHAPTER = "book/1-the-gb-second-reckoning.html"
Served = tuple[str, list[tuple[str, int]]]
#: Keeps what the first cell's line says.
SAID = """() => {
  const line = document.querySelector('.cell .py-bar [role=status]');
  window.said = [];
  const keep = () => window.said.push(line.textContent);
  new MutationObserver(keep).observe(line, { childList: true, characterData: true, subtree: true });
}"""


@NEEDS
def test_cells_run_are_changed_and_err_in_the_page(page: Page, python_book: Served) -> None:
    """Nothing before the click; then as built, as changed, as Python errs, as it was left."""
    site, log = python_book
    earlier = len(log)
    page.goto(f"{site}/{CHAPTER}", wait_until="networkidle")
    assert not [path for path, _ in log[earlier:] if "/python/" in path]
    built = [shown_text(page, k) for k in (0, 1)]
    line = bar(page, 0)
    expect(line.get_by_role("status")).to_contain_text("MB, some")
    page.evaluate(SAID)
    line.get_by_role("button", name="Run").dblclick()
    expect(line.get_by_role("status")).to_contain_text(" s in Python ", timeout=STARTS_MS)
    loaded = [re.findall(r"[\d.]+(?= MB| of)", one) for one in page.evaluate("window.said")]
    came, of_all = [pair for pair in loaded if len(pair) == 2][-1]
    assert came == of_all
    run(page, 1)
    assert [shown_text(page, k) for k in (0, 1)] == built
    assert output(page, 1).locator(".st-bill table").count() == 1

    # The reader's own function, as a figure of the page has it.
    page.get_by_role("slider", name="memory").first.press("End")
    write(page, 0, "print(mine.memory_mb)")
    run(page, 0)
    expect(output(page, 0)).to_have_text("10240.0\n")

    write(page, 0, "def f():\n    return 1 / 0\n\nf()")
    run(page, 0, says="Stopped with an error")
    error = output(page, 0).locator(".traceback pre")
    expect(error).to_contain_text('File "<cell 1>", line 4, in <module>')
    expect(error).to_contain_text("ZeroDivisionError: division by zero")

    # What never ends is ended, and what was written is still there in another visit.
    write(page, 0, "while True: pass")
    run_button = bar(page, 0).get_by_role("button", name="Run")
    run_button.click()
    stop = bar(page, 0).get_by_role("button", name="Stop")
    stop.click()
    expect(bar(page, 0).get_by_role("status")).to_contain_text("What the cells had made is gone")
    page.reload()
    bar(page, 0).get_by_role("button", name="Edit").click()
    editor = page.locator(".cell:has(.cell_input)").first.get_by_role("textbox")
    expect(editor).to_have_value("while True: pass")
    bar(page, 0).get_by_role("button", name="Reset").click()
    assert shown_text(page, 0) == built[0]


@NEEDS
def test_what_python_cannot_do_here_is_said(page: Page, python_book: Served) -> None:
    """What asks for an answer, or for what is not there."""
    site, _ = python_book
    page.goto(f"{site}/{CHAPTER}")
    write(page, 0, "name = input('Who? ')")
    run(page, 0, says="Stopped with an error")
    expect(output(page, 0)).to_contain_text("EOFError: a page cannot wait for what you type")
    write(page, 0, "import duckdb")
    run(page, 0, says="Stopped with an error")
    expect(output(page, 0)).to_contain_text("run a cell with duckdb at home")


@NEEDS
@pytest.mark.parametrize(
    ("code", "says"),
    one_in(
        5,
        [
            ("kept = []\nwhile True:\n    kept.append('x' * 1_000_000)", "may hold 512 MB"),
            ("import os\nos._exit(3)", "Python ended (Program terminated with exit(3))"),
            (
                "deep = []\nfor k in range(200_000):\n    deep = [deep]\nrepr(deep)",
                "Python ended (",
            ),
            ("import js\njs.close()", "Python ended (a cell closed it"),
            ("import builtins\nbuiltins.isinstance = None", "Python ended (TypeError: "),
        ],
    ),
)
def test_a_cell_that_ends_its_python_is_followed_by_another(
    page: Page, python_book: Served, code: str, says: str
) -> None:
    """Its page does not wait for ever, nor say that Python could not be started."""
    site, _ = python_book
    page.goto(f"{site}/{CHAPTER}")
    write(page, 0, code)
    run(page, 0, says=says)
    expect(bar(page, 0).get_by_role("button", name="Run")).to_be_visible()
    assert 0 < memory_of(page) < MOST_BYTES
    write(page, 0, "print(1 + 1)")
    run(page, 0)
    expect(output(page, 0)).to_have_text("2\n")


@NEEDS
@pytest.mark.parametrize("part", ["*.wasm.gz", "*.tar.gz", "pyodide.asm.js", "stdlib-*.zip"])
def test_a_part_that_does_not_come_is_told_and_comes_later(
    page: Page, python_book: Served, part: str
) -> None:
    """The page does not wait for it for ever; with the network there again, the cell runs."""
    site, _ = python_book
    page.goto(f"{site}/{CHAPTER}")
    page.context.route(f"**/python/**/{part}", lambda route: route.abort())
    run(page, 0, says="Python could not be started: ")
    page.context.unroute_all()
    run(page, 0)


@NEEDS
def test_what_is_typed_can_be_taken_back(page: Page, python_book: Served) -> None:
    """A new line, and a Tab over all that was written; a key that only ends a word adds nothing."""
    site, _ = python_book
    page.goto(f"{site}/{CHAPTER}")
    write(page, 0, "if mine:")
    editor = page.locator(".cell:has(.cell_input)").first.get_by_role("textbox")
    editor.press("End")
    editor.press("Enter")
    expect(editor).to_have_value("if mine:\n    ")
    editor.press("Control+z")
    expect(editor).to_have_value("if mine:")
    editor.select_text()
    editor.press("Tab")
    expect(editor).to_have_value("    ")
    editor.press("Control+z")
    expect(editor).to_have_value("if mine:")
    editor.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(editor).to_have_value("if mine:")


@NEEDS
def test_a_drawing_s_packages_come_while_its_cell_is_written(
    page: Page, python_book: Served
) -> None:
    """Once Python runs: what draws is fetched before the cell is asked for. Then it is shown."""
    site, _ = python_book
    page.goto(f"{site}/{CHAPTER}")
    write(page, 0, "1")
    run(page, 0)
    with page.expect_request(re.compile("/python/.*/matplotlib-"), timeout=STARTS_MS):
        write(page, 0, "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()")
    run(page, 0)
    expect(output(page, 0).locator("svg")).to_have_count(1)
    expect(output(page, 0)).not_to_contain_text("Warning")


@NEEDS
def test_a_widget_of_another_scenario_moves_by_itself(page: Page, python_book: Served) -> None:
    """One of a kind that the page has, and one of another; the page's own stay as they are."""
    site, _ = python_book
    page.goto(f"{site}/{CHAPTER}")
    ours = page.get_by_role("slider", name="memory").first
    before = ours.get_attribute("aria-valuenow")
    for k, kind in enumerate(("Rectangle", "Ladder")):
        write(page, k, f"import serverless_tax.widgets as w\nw.{kind}('thinking', memory_mb=512)")
        run(page, k)
        shown = output(page, k)
        own = shown.get_by_role("slider", name="memory").first
        expect(own).to_have_attribute("aria-valuetext", "512 MB")
        said = shown.text_content() or ""
        own.press("End")
        expect(own).to_have_attribute("aria-valuetext", "10,240 MB")
        expect(shown).not_to_have_text(said)
        assert ours.get_attribute("aria-valuenow") == before


def test_from_a_folder_one_sentence_says_how(page: Page) -> None:
    """Where no worker can load: how to serve the book, or that it was built without Python."""
    page.goto((BOOK / CHAPTER).as_uri())
    line = bar(page, 0)
    if line.get_by_role("button").count():
        line.get_by_role("button", name="Run").click()
        expect(line).to_contain_text("make read")
    else:
        expect(line).to_contain_text("shows what its cells gave")


EXERCISE = "#ex-gb-seconds"


@NEEDS
def test_an_exercise_is_checked_where_it_stands(page: Page, python_book: Served) -> None:
    """A hint, what is wrong, the solution after a try; kept, and shown with the guesses."""
    site, _ = python_book
    page.goto(f"{site}/{CHAPTER}")
    guess = page.locator("st-predict").first
    guess.get_by_role("slider").press("End")
    guess.get_by_role("button", name="That is my guess").click()
    exercise = page.locator(EXERCISE)
    solution = page.locator(f"{EXERCISE} + .solution")
    expect(solution).to_be_hidden()
    give = exercise.get_by_role("button", name="Show the solution")
    expect(give).to_be_hidden()
    exercise.get_by_role("button", name="Hint").click()
    says = exercise.get_by_role("status")
    expect(says).to_contain_text("times seconds, times invocations")
    exercise.get_by_role("button", name="Try it").click()
    editor = exercise.get_by_role("textbox")
    expect(give).to_be_hidden()
    start = editor.input_value()
    editor.fill(f"{start}\n# no idea")
    expect(give).to_be_visible()
    editor.fill(start)
    check = exercise.get_by_role("button", name="Check")
    check.click()
    expect(says).to_contain_text("gb_seconds is still open", timeout=STARTS_MS)
    expect(solution).to_be_visible()
    own = "memory_mb, billed_ms, invocations = 1024, 1000, 1e6\ngb_seconds, usd_a_month = {}"
    editor.fill(own.format("1e6, 16.67"))
    check.click()
    expect(says).to_contain_text("That is the duration alone")
    editor.fill(own.format("1e6, 16.87"))
    check.click()
    expect(says).to_have_text("That is right.")

    page.reload()
    expect(solution).to_be_visible()
    page.goto(f"{site}/book/your-guesses.html")
    kept = page.locator(".own-tries")
    expect(kept).to_contain_text("Ten million requests hold 1 GB")
    expect(kept.locator("tr", has_text="Exercise 1")).to_contain_text("3right")
    kept.get_by_role("button", name="Forget all of it").click()
    expect(kept).to_contain_text("Nothing yet")
    page.goto(f"{site}/{CHAPTER}")
    expect(solution).to_be_hidden()
