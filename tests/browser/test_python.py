"""Cells of a page run in the page, on Pyodide, with the network cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from built_book import BOOK, Record
from playwright.sync_api import Page, expect
from python_set import SKIPPED, bar, book_with, find_set, output, run, write

CHAPTER = "book/1-the-gb-second-reckoning.html"
Served = tuple[str, list[tuple[str, int]]]


@pytest.fixture(scope="session")
def python_book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The book with a set beside it: its address, and what was asked for."""
    taken = find_set()
    if taken is None:
        pytest.skip(f"no Pyodide set: {SKIPPED}")
    with book_with(taken, tmp_path_factory.mktemp("python")) as served:
        yield served


@pytest.fixture(autouse=True)
def _quiet(page: Page) -> Iterator[None]:
    """A page that loads from the book alone, and logs no error."""
    record = Record()
    page.on("request", lambda request: record.outside_requests.append(request.url))
    page.on("pageerror", lambda error: record.note_error(str(error)))
    yield
    here = ("http://127.0.0.1:", "data:", "file:")
    assert not [url for url in record.outside_requests if not url.startswith(here)]
    assert not record.console_errors


def test_cells_run_are_changed_and_err_in_the_page(page: Page, python_book: Served) -> None:
    """Nothing before the click; then as built, as changed, as Python errs, as it was left."""
    site, log = python_book
    page.goto(f"{site}/{CHAPTER}", wait_until="networkidle")
    assert not [path for path, _ in log if "/python/" in path]
    built = [output(page, k).text_content() for k in (0, 1)]
    line = bar(page, 0)
    expect(line.get_by_role("status")).to_contain_text("MB, some")
    run(page, 0)
    run(page, 1)
    assert [output(page, k).text_content().strip() for k in (0, 1)] == [
        one.strip() for one in built
    ]
    assert output(page, 0).locator(".st-bill table").count() == 1

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
    expect(output(page, 0)).to_have_text(built[0])


def test_from_a_folder_one_sentence_says_how(page: Page) -> None:
    """Where no worker can load: how to serve the book, or that it was built without Python."""
    page.goto((BOOK / CHAPTER).as_uri())
    line = bar(page, 0)
    if line.get_by_role("button").count():
        line.get_by_role("button", name="Run").click()
        expect(line).to_contain_text("make read")
    else:
        expect(line).to_contain_text("make python, then make book")
