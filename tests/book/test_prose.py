"""The chapters' sources: every figure is evaluated, and the text keeps to the house's manners."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from serverless_tax.widgets.widget import kinds

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted([*(ROOT / "book").glob("*.md"), *(ROOT / "book" / "teaching").glob("*.md")])
WIDGETS = tuple(kind.title() for kind in kinds())
LESSONS = [path for path in CHAPTERS if path.name[0].isdigit()]

NOT_PROSE = (
    r"\A---\n.*?\n---\n",  # the front matter
    r"^(`{3,})\{code-cell\}.*?^\1$",  # code is where figures are computed
    r"^(`{3,})\{literalinclude\}.*?^\1$",
    r"^`{3,}\{(?:exercise|solution-start|solution-end|list-table)\}.*$",
    r"^:[a-z-]+:.*$",  # options of a directive
    r"\{eval\}`[^`]*`",
    r"`[^`]*`",  # names of things in code
    r"\]\([^)]*\)",  # where a link goes
)
NOT_A_FIGURE = (
    r"“[^”]*”",  # a quotation
    r"\b(?:19|20)\d\d-\d\d-\d\d\b",  # a date
    (
        r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)"
        r"\s+20\d\d\b"
    ),
    r"\b(?:early|autumn|late)\s+20\d\d\b",
    r"\bGPT-4\b|\bx86\b|\bEC2\b|\bIPv4\b|\b53x problem\b|\bLab 1\b|\bCC BY 4\.0\b",  # names
    r"\bS3\b|\bboto3\b",
    r"^\s*\d+\. ",  # a numbered list
)


def prose(path: Path) -> str:
    """Return what a reader reads of a chapter, the computed figures left out."""
    text = path.read_text("utf-8")
    for pattern in NOT_PROSE:
        text = re.sub(
            pattern,
            " ",
            text,
            flags=re.DOTALL | re.MULTILINE
            if "`{3" in pattern or "A---" in pattern
            else re.MULTILINE,
        )
    return text


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_figure_is_typed(path: Path) -> None:
    """A digit in prose is part of a quotation, a date or a name; every figure is computed."""
    text = prose(path)
    for pattern in NOT_A_FIGURE:
        text = re.sub(pattern, " ", text, flags=re.MULTILINE)
    typed = [line.strip() for line in text.splitlines() if re.search(r"\d", line)]
    assert not typed, f"Compute these figures with {{eval}} instead of typing them: {typed}"


def test_a_typed_figure_would_be_found(tmp_path: Path) -> None:
    """The check above sees a typed figure."""
    page = tmp_path / "page.md"
    page.write_text("It costs {eval}`say(1, 'usd')`, not $809 a month.\n", "utf-8")
    with pytest.raises(AssertionError, match="809"):
        test_no_figure_is_typed(page)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_minutes_are_stated_at_the_top(path: Path) -> None:
    """The first line under the title says how long the page takes, in italics."""
    lines = [line for line in prose(path).splitlines() if line.strip()]
    assert lines[0].startswith("# ")
    assert re.fullmatch(r"\*.+\.\*", lines[1]), lines[1]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_lesson_asks_first_and_ends_with_something_to_do(path: Path) -> None:
    """A chapter predicts, plays, gives numbers, says what to do, and sets two solved exercises."""
    text = path.read_text("utf-8")
    widgets = [text.find(f"\n{name}()\n") for name in WIDGETS]
    order = [
        text.find("\npredict("),
        max(widgets),
        text.find("## On Monday"),
        text.find("## Exercises"),
    ]
    assert -1 not in order
    assert order == sorted(order)
    assert text.count("{exercise}") == text.count("{solution-start}") == 2
    solutions = re.findall(r"\{solution-start\}.*?\{solution-end\}", text, re.DOTALL)
    assert all("{code-cell}" in solution for solution in solutions)
    assert "## Sources" in text


#: Turns of phrase that a reader has to undo: what a thing is not, in place of what it is.
RIDDLES = (
    r"(?<!there )\b(?:is|are|was|were) no (?!longer|more)\w+|\b(?:is|are) none\b|\bWho streams\b"
)


EVERY = sorted((ROOT / "book").rglob("*.md"))


@pytest.mark.parametrize("path", EVERY, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_sentence_says_what_a_thing_is(path: Path) -> None:
    """And not only what it is no kind of."""
    assert not re.findall(RIDDLES, path.read_text("utf-8"))


@pytest.mark.parametrize("path", EVERY, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_paragraph_begins_like_a_sentence(path: Path) -> None:
    """One that begins in the middle has lost the line before."""
    text = re.sub(r"(?ms)^(`{3,}).*?^\1$", "\n", prose(path))
    assert not [one for one in re.split(r"\n\s*\n", text) if re.match(r"[a-z]", one)]


@pytest.mark.parametrize(
    "path",
    [*CHAPTERS, ROOT / "README.md", ROOT / "CONTRIBUTING.md"],
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_every_file_that_is_named_exists(path: Path) -> None:
    """A file that moves takes the pages along that send a reader to it."""
    named = re.findall(
        r"(?<![\w./-])(?:serverless_tax|tests|book)/[\w./*-]*[\w*/]", path.read_text("utf-8")
    )
    missing = [one for one in named if "NAME" not in one and not any(ROOT.glob(one.rstrip("/")))]
    assert not missing
