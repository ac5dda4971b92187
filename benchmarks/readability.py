"""How hard each page of the built book reads: a report for its writers, and no gate.

The measure is LIX (Björnsson, 1968): words in a sentence, plus the share of words of more than six
letters in percent. Below 40 is plain prose, 50 is a newspaper's factual text, 60 and more is dry.
Listings, tables, widgets and what is printed by code are left out.
"""

from __future__ import annotations

import re
from pathlib import Path

from bs4 import BeautifulSoup
from page_weight import BOOK, pages_of_the_book

NOT_PROSE = (
    "pre, table, st-widget, st-predict, figure, script, style, .cell_output div, .headerlink"
)
WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
SENTENCE_END = re.compile(r"[.!?:](?:\s|$)")
LONG_LETTERS = 6
WORDS_A_MINUTE = 230


def prose(page: Path) -> list[str]:
    """Return the paragraphs and list items of a page."""
    article = BeautifulSoup(page.read_text("utf-8"), "html.parser").find("article")
    if article is None:
        return []
    for other in article.select(NOT_PROSE):
        other.decompose()
    return [" ".join(one.get_text().split()) for one in article.select("p, li:not(:has(p))")]


def main() -> None:
    """Print a line a page: words, minutes, words in a sentence, long words, LIX."""
    pages = pages_of_the_book()
    if not pages:
        raise SystemExit("readability: needs the built book (make book)")
    for name in pages:
        paragraphs = prose(BOOK / name)
        words = [word for text in paragraphs for word in WORD.findall(text)]
        sentences = sum(max(1, len(SENTENCE_END.findall(text))) for text in paragraphs if text)
        if not words:
            continue
        length = len(words) / sentences
        long_percent = 100 * sum(len(word) > LONG_LETTERS for word in words) / len(words)
        print(
            f"readability: {name}: {len(words)} words, {len(words) / WORDS_A_MINUTE:.0f} min,"
            f" {length:.1f} a sentence, {long_percent:.0f} % long, LIX {length + long_percent:.0f}"
        )


if __name__ == "__main__":
    main()
