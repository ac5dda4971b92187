"""The book on paper, and with scripts switched off."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from built_book import BOOK, ROOT, pages_of_the_book
from playwright.sync_api import Browser
from pypdf import PdfReader
from sampled import one_in


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_page_is_printed_with_its_figures_and_without_addresses(
    tmp_path: Path, paper: str
) -> None:
    """Summary, handout and feedback are a sheet each of either paper; none names a folder here."""
    out = tmp_path / "book.pdf"
    command = [sys.executable, str(ROOT / "tests" / "print_book.py"), "book/summary"]
    command += ["book/teaching/handout", "book/teaching/feedback"]
    done = subprocess.run(
        [*command, "--out", str(out), "--paper", paper],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = PdfReader(out)
    titles = ["The book on one page", "Handout", "Feedback"]
    assert [item["/Title"] for item in printed.outline] == titles
    assert len(printed.pages) == 3
    summary, wide = printed.pages[0].extract_text(), float(printed.pages[0].mediabox.width)
    assert "$811.33" in summary
    assert "price sheets" in summary.split("leaves out.")[1]  # to its last line
    assert wide == pytest.approx({"A4": 595, "Letter": 612}[paper], abs=2)
    links = [
        str(note.get_object().get("/A", {}).get("/URI", ""))
        for page in printed.pages
        for note in page.get("/Annots", [])
    ]
    assert not [address for address in links if address.startswith(("file:", "http://127"))]


@pytest.mark.slow
def test_one_command_prints_what_a_class_needs(tmp_path: Path) -> None:
    """A file each: handout, answer sheet and feedback on one sheet, the slides one a sheet."""
    command = [sys.executable, str(ROOT / "tests" / "print_book.py"), "--kit", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    sheets = {path.stem: len(PdfReader(path).pages) for path in tmp_path.glob("*.pdf")}
    assert {"handout", "answer-sheet", "helper-cards", "answers", "feedback"} < sheets.keys()
    assert sheets["handout"] == sheets["answer-sheet"] == sheets["feedback"] == 1
    slides = (BOOK / "book/teaching/slides-half-day.html").read_text("utf-8")
    assert sheets["slides-half-day"] == slides.count("<section>")


@pytest.mark.parametrize("first", one_in(4, range(4), 2))
def test_every_page_is_a_read_without_scripts(browser: Browser, site: str, first: int) -> None:
    """By fourths: each has its text, nothing stays empty or covered, and no figure is missing."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    wrong = []
    for address in pages_of_the_book()[first::4]:
        page.goto(f"{site}/{address}")
        article = page.locator("article.bd-article").first
        if len(article.inner_text().split()) < 20:
            wrong.append(f"{address}: no text")
        empty = [one for one in page.locator("st-value").all_inner_texts() if not one.strip()]
        stills = page.locator("st-widget:not(:has(figcaption))").count()
        if empty or stills:
            wrong.append(f"{address}: {len(empty)} empty figures, {stills} widgets without a still")
    context.close()
    assert not wrong
