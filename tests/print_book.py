"""Print the built book with Chromium into one PDF: ``make pdf``.

Pages stand in the order of the table of contents, each with its title in the PDF's outline. Links
within the book would lead to this machine, so they become plain text. Code that is folded above
what it computes stays folded.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

from built_book import BOOK, ROOT, pages_in_order
from chromium import HOW_TO_GET_ONE, find_chromium
from playwright.sync_api import Page, sync_playwright
from pypdf import PdfWriter

MARGIN = {"top": "12mm", "bottom": "12mm", "left": "12mm", "right": "12mm"}
PREPARE = """
() => {
  const folds = document.querySelectorAll('details:not(.tag_hide-input details)');
  for (const fold of folds) fold.open = true;
  for (const link of document.querySelectorAll('a[href]')) {
    if (!/^(https?|mailto):/.test(link.getAttribute('href'))) link.removeAttribute('href');
  }
}
"""


def print_page(page: Page, name: str, paper: str) -> bytes:
    """Return one page of the book as PDF."""
    page.goto((BOOK / f"{name}.html").as_uri(), wait_until="load")
    page.evaluate(PREPARE)
    settings: Any = {"print_background": True, "prefer_css_page_size": True, "margin": MARGIN}
    printed: bytes = page.pdf(format=paper, **settings)
    return printed


def print_book(names: list[str], out: Path, paper: str = "A4") -> int:
    """Print these pages into one file; it appears only once it is whole. Returns its sheets."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(f"pdf: no Chromium found; {HOW_TO_GET_ONE}")
    joined = PdfWriter()
    with sync_playwright() as play:
        # Without its sandbox Chromium also runs as root, as in a container; the pages are ours.
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(color_scheme="light", reduced_motion="reduce")
        for k, name in enumerate(names, 1):
            sheet = io.BytesIO(print_page(page, name, paper))
            title = page.locator("h1").first.inner_text().rstrip("#").strip()
            joined.append(sheet, outline_item=title)
            print(f"pdf: {k} of {len(names)}, {title}", flush=True)
        browser.close()
    joined.add_metadata(
        {"/Title": "The Serverless Tax", "/Author": "The Serverless Tax contributors"}
    )
    part = out.with_suffix(".part")
    joined.write(part)
    part.replace(out)
    return len(joined.pages)


#: What somebody who teaches prints: for the wall, for the tables, for the helpers, for oneself.
KIT = {
    "slides-ninety-minutes": "book/teaching/slides-ninety-minutes",
    "slides-half-day": "book/teaching/slides-half-day",
    "handout": "book/teaching/handout",
    "answer-sheet": "book/teaching/answer-sheet",
    "questions-before": "book/teaching/questions",
    "questions-after": "book/teaching/questions-after",
    "feedback": "book/teaching/feedback",
    "helper-cards": "book/teaching/helper-cards",
    "answers": "book/teaching/answers",
}


def print_kit(folder: Path) -> None:
    """Print what a class needs, a file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in KIT.items():
        print_book([page], folder / f"{name}.pdf")


def main() -> None:
    """Print the whole book, the pages named, or what a class needs."""
    parser = argparse.ArgumentParser(description="Print the built book into one PDF.")
    parser.add_argument("pages", nargs="*", help="such as book/summary; all of them by default")
    parser.add_argument("--paper", default="A4", choices=["A4", "Letter"])
    parser.add_argument("--out", type=Path, default=ROOT / "_build" / "serverless-tax.pdf")
    parser.add_argument(
        "--kit", type=Path, metavar="FOLDER", help="what a class needs, a file each"
    )
    arguments = parser.parse_args()
    if arguments.kit:
        print_kit(arguments.kit)
        print(f"kit: {len(KIT)} files in {arguments.kit}")
        return
    sheets = print_book(arguments.pages or pages_in_order(), arguments.out, arguments.paper)
    print(
        f"pdf: {arguments.out.name}, {sheets} sheets, {arguments.out.stat().st_size / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    main()
