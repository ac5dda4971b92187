"""How often a figure that several pages could have stands in the built book."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from built_book import BOOK, pages_of_the_book

from serverless_tax import Workload, ladder

#: What each figure is called, by the name of its numbers' file, and on how many pages it may stand.
MOST = {"eras": 1, "waiting hour": 2, "break-even": 1, "ladder": 2}
_FILES = {
    "eras": re.compile(r"vendors-then-and-now"),
    "waiting hour": re.compile(r"an-hour-of-waiting"),
    "break-even": re.compile(r"[\w-]+-or-[\w-]+"),
}
#: As many of its steps make a list of changes the ladder; the decision's table has fewer.
_STEPS = 6


def often(pages: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """Count each figure's places; a break-even is known by what it compares and over what."""
    steps = [rung.name for rung in ladder(Workload.preset("article"))]
    counted: Counter[tuple[str, str]] = Counter()
    for text in pages.values():
        files = re.findall(r'download="([\w-]+)\.csv"', text)
        for kind, named in _FILES.items():
            counted.update((kind, one) for one in files if named.fullmatch(one))
        lists = re.findall(r"<st-widget.*?</st-widget>|<table.*?</table>", text, re.DOTALL)
        ladders = [one for one in lists if sum(step in one for step in steps) >= _STEPS]
        counted["ladder", "ladder"] += len(ladders)
    return counted


def headlines(pages: Mapping[str, str]) -> Counter[str]:
    """Count what figures say in their headlines, which no two of the book may share."""
    found = (re.findall(r'<p class="st-found">(.*?)</p>', text) for text in pages.values())
    return Counter(re.sub(r"<[^>]+>", "", one) for each in found for one in each)


def test_no_figure_stands_more_often_than_it_may() -> None:
    """The eras and each break-even once, the waiting hour and the ladder at most twice."""
    pages = {page: (BOOK / page).read_text("utf-8") for page in pages_of_the_book()}
    counted = often(pages)
    assert {kind for kind, _ in counted} == set(MOST), "each is there to be counted"
    assert not {one: n for one, n in counted.items() if n > MOST[one[0]]}
    assert not [said for said, n in headlines(pages).items() if n > 1]


def test_a_page_that_repeats_them_is_found() -> None:
    """A copy of chapter five has the eras, a break-even, the waiting hour and the ladder again."""
    names = ("5-the-async-native-future", "aws-bill", "summary")
    pages = {name: (BOOK / "book" / f"{name}.html").read_text("utf-8") for name in names}
    pages["again"] = pages[names[0]]
    counted = often(pages)
    over = {kind for (kind, _), n in counted.items() if n > MOST[kind]}
    assert over == set(MOST)
    assert max(headlines(pages).values()) == 2
