"""A figure of a lab's run is never read as one of AWS: its section says where it was measured."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tree import ROOT

PAGES = sorted((ROOT / "book").rglob("*.md"))
CELL = re.compile(r"^(`{3,})\{code-cell\}.*?^\1$", re.DOTALL | re.MULTILINE)
#: What reads a lab's recorded run.
RUN = re.compile(r'load_recording\(|lab_run\(|measured_client\(|preset\("measured"\)')
BOUND = re.compile(r"^\s*(\w+)(?:: [^=\n]+)? = (.*)$", re.MULTILINE)
FIGURE = re.compile(r"\{eval\}`([^`]*)`")
#: What a figure is called; a key of a run stands in brackets.
WORDS = re.compile(r'(?<![\[(])"[^"]*"')
MARK = "local cloud, not on AWS"


def unmarked(page: str) -> list[str]:
    """Return the headings of a page's sections that quote a lab's run and do not say where."""
    runs: set[str] = set()
    for cell in CELL.finditer(page):
        for name, value in BOUND.findall(cell[0]):
            of_a_run = r"\b(?:" + "|".join(runs or {"-"}) + r")\["
            if RUN.search(value) or re.search(of_a_run, value):
                runs.add(name)
    quoted = re.compile("|".join([RUN.pattern, *(rf"\b{name}\b" for name in runs)]))
    sections = re.split(r"^(?=#{1,3} )", CELL.sub("", page), flags=re.MULTILINE)
    return [
        one.splitlines()[0]
        for one in sections
        if any(quoted.search(WORDS.sub("", figure)) for figure in FIGURE.findall(one))
        and MARK not in " ".join(one.split())
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_each_section_with_a_labs_figure_says_where_it_was_measured(page: Path) -> None:
    """In its own words; the figures that a cell draws say it in their captions."""
    assert not unmarked(page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_a_local_cloud_is_never_named_without_saying_that_it_is_not_aws(page: Path) -> None:
    """*On a local cloud* alone may be read as a region of AWS's."""
    text = " ".join(page.read_text("utf-8").split())
    assert not re.findall(r"[^.]*\bon a local cloud(?!, not on AWS)[^.]*", text)


def test_a_figure_without_its_place_would_be_found() -> None:
    """The check sees one that is bound in a cell and quoted under another heading."""
    cell = '```{code-cell}\nlab = load_recording("x")\nfirst = lab["first"]\n```\n'
    page = f"# A\n\n{cell}\n## B\n\nIt took {{eval}}`say(first, 'ms')`.\n"
    assert unmarked(page) == ["## B"]
    assert not unmarked(page + f"It ran on a {MARK}.\n")
