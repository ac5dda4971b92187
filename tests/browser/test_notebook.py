"""The labs in Notebook 7, with its own settings: it wraps no code, and has no column beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyters import LOOK, ROOT, jupyter, wait_for_kernel
from playwright.sync_api import Page, expect

from serverless_tax.book.student import student_form

LABS = sorted((ROOT / "labs").glob("*.ipynb"))


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the labs as students get them, replayed; its address."""
    pytest.importorskip("notebook", reason="needs the packages of the slow tests: make test-all")
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "root").mkdir()
    (folder / "root/results").symlink_to(ROOT / "labs/results")
    (folder / "root/handlers").symlink_to(ROOT / "labs/handlers")
    for path in LABS:
        nbformat.write(student_form(path), folder / "root" / path.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABS_REPLAY", "1")
        with jupyter("notebook", folder) as address:
            yield address


def open_lab(page: Page, notebook: str, path: Path, width: int) -> None:
    """Open it in a window of this width, and wait for its first cell."""
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{notebook}/notebooks/{path.name}")
    expect(page.locator(".jp-CodeCell .cm-content").first).to_be_visible(timeout=60_000)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_a_lab_fits_its_window(page: Page, notebook: str, path: Path) -> None:
    """Nothing scrolls sideways, wide or narrow, and no money is a formula."""
    for width in (1280, 800):
        open_lab(page, notebook, path, width)
        seen = page.evaluate(LOOK, len(student_form(path).cells))
        assert seen, "its cells did not come to rest"
        assert seen["formulas"] == 0
        assert seen["wide"] == [], (width, seen["wide"][:5])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_labs_beginning_runs(page: Page, notebook: str) -> None:
    """No guess is a sentence; a guess, the set-up and the first call are shown, and the meter."""
    open_lab(page, notebook, LABS[0], 1280)
    wait_for_kernel(notebook)
    first = page.locator(".jp-CodeCell").first
    first.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(first.locator(".jp-OutputArea-output")).to_contain_text(
        "Not yet. Nothing is there yet. Put your guess in its place", timeout=60_000
    )
    lines = first.locator(".cm-line")
    lines.last.click()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    page.keyboard.insert_text('my_guess = guesses.guess(10, "times")')
    for _ in range(4):  # to the meter, with the words between
        page.keyboard.press("Shift+Enter")
    expect(page.get_by_text("My guess: 10 times")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Replaying results/1-")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("No invocation yet.")).to_be_visible(timeout=60_000)
    for _ in range(6):  # to the first call
        page.keyboard.press("Shift+Enter")
    expect(page.get_by_text("REPORT RequestId").first).to_be_visible(timeout=60_000)
