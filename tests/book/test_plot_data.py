"""The numbers behind each figure can be had as a file, with units, and they are the figure's."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from io import StringIO
from urllib.parse import unquote

import pytest
from figures import ARTICLE, AWKWARD, FIGURES, figure, html

from serverless_tax import bill, break_even
from serverless_tax.book import figures as plots

UNITS = re.compile(
    r"(^|_)(usd|ms|mb|x|share|tokens?|requests|waits|instances?|quantity)(_|$)", re.ASCII
)
#: What a sentence says in dollars, or in a unit.
SAID = re.compile(
    r"(?P<usd>\$)?(?P<digits>\d[\d,]*(?:\.\d+)?)(?: (?P<unit>%|ms|MB|tokens|requests)(?!\w))?"
)


class Link(HTMLParser):
    """The attributes of the links in a figure's HTML."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.feed(shown)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the attributes of a link."""
        if tag == "a":
            self.found.append({name: value or "" for name, value in attrs})


def link_of(shown: str) -> dict[str, str]:
    """Return the attributes of the one link to a file in a figure's HTML."""
    (link,) = (one for one in Link(shown).found if "download" in one)
    return link


def rows_of(function: str) -> list[dict[str, str]]:
    """Return what a reader's spreadsheet would find in the file behind the link."""
    kind, _, text = link_of(html(function))["href"].partition(",")
    assert kind == "data:text/csv;charset=utf-8"
    assert not re.search(r"[\s\"#<>]", text), "percent-encode it: a browser would stop here"
    return list(csv.DictReader(StringIO(unquote(text), newline="")))


def numbers(rows: list[dict[str, str]]) -> list[float]:
    """Return every cell of a file that is a number."""
    cells = [cell for row in rows for cell in row.values()]
    return [float(cell) for cell in cells if re.fullmatch(r"-?[\d.]+(e[-+]\d+)?", cell)]


def test_every_kind_of_figure_is_tested() -> None:
    """A function added to `serverless_tax.book.figures` needs an example in tests/figures.py."""
    kinds = [name for name in plots.__all__ if name.islower()]
    assert sorted(FIGURES) == kinds


@pytest.mark.parametrize("function", FIGURES)
def test_the_link_names_its_figure_and_its_file(function: str) -> None:
    """A screen reader that lists the links of a page tells them apart."""
    plot = figure(function)
    link = link_of(html(function))
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", plot.name)
    assert link["download"] == f"{plot.name}.csv"
    assert plot.name.replace("-", " ") in link["aria-label"]
    assert re.fullmatch("The numbers of .+, as CSV", link["aria-label"])


@pytest.mark.parametrize("function", FIGURES)
def test_columns_of_numbers_are_named_with_their_unit(function: str) -> None:
    """A column holds words, or its name says what its numbers count; no cell is left over."""
    rows = rows_of(function)
    assert len(rows) > 1
    for column in rows[0]:
        if numbers([{column: row[column]} for row in rows]):
            assert UNITS.search(column), f"{column}: in which unit?"
        assert re.fullmatch(r"[a-z][a-z0-9_+-]*", column), column
    assert all(None not in row and None not in row.values() for row in rows)


@pytest.mark.parametrize("function", FIGURES)
def test_what_the_sentence_says_is_in_the_file(function: str) -> None:
    """Each sum of money, time and number of tokens, as it is rounded, and each share it lists."""
    plot = figure(function)
    rows = rows_of(function)
    shares = any("share" in column for column in rows[0])
    said = [n for n in SAID.finditer(plot.found or plot.alt) if n["usd"] or n["unit"]]
    for number in said:
        if number["unit"] != "%" or shares:
            assert any(is_said(value, number) for value in numbers(rows)), number[0]
    assert said


def is_said(value: float, number: re.Match[str]) -> bool:
    """Tell whether a value, rounded to the digits that are printed, is the number printed."""
    digits = number["digits"].replace(",", "")
    decimals = len(digits.partition(".")[2])
    printed = value * 100 if number["unit"] == "%" else value
    return abs(printed - float(digits)) <= 0.5000001 * 10**-decimals


def test_a_bill_in_the_picture_is_a_bill_in_the_file() -> None:
    """Each total, unrounded, and its split adds up."""
    rows = {row["design"]: row for row in rows_of("bill_bars")}
    months = {name: bill(name, ARTICLE) for name in rows}
    assert len(months) > 3
    for name, month in months.items():
        parts = [
            float(rows[name][f"{part}_usd_a_month"]) for part in ("work", "fees", "waiting", "idle")
        ]
        assert float(rows[name]["total_usd_a_month"]) == pytest.approx(month.total)
        assert sum(parts) == pytest.approx(month.total)


def test_commas_quotes_and_newlines_survive() -> None:
    """A name that would break a line apart comes back whole; a run without arrivals is kept."""
    rows = rows_of("arrivals")
    assert [row["run"] for row in rows] == [AWKWARD, AWKWARD, "nobody"]
    assert [row["arrived_ms"] for row in rows] == ["510.5", "2472", ""]


def test_a_crossing_is_a_row_that_says_what_is_cheaper_from_there() -> None:
    """On both curves the bill is the same there; no other row says so."""
    rows = rows_of("break_even_curve")
    (crossing,) = [row for row in rows if row["cheaper_from_here"]]
    assert crossing["cheaper_from_here"] == "aws-fargate"
    a_usd, b_usd = (
        float(crossing[f"{name}_usd_a_month"]) for name in ("aws-lambda", "aws-fargate")
    )
    assert a_usd == pytest.approx(b_usd, rel=0.01)


def test_the_second_curve_of_a_pair_can_have_a_name_of_its_own() -> None:
    """So that two files of one page do not overwrite each other."""
    found = break_even("aws-lambda", "aws-fargate", ARTICLE)
    plot = plots.break_even_curve(found, name="tuned")
    assert plot.name == "tuned"
