"""The code of the pages: it asks the package for what a page shows, and makes no HTML itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lint_pages import PAGES, findings, module

TAG = re.compile(r"</?[a-z][a-z0-9]*(?:[\s>/]|$)|&[a-z]+;|&#")


def strings_with_tags(code: str) -> Iterator[str]:
    """Yield each string of some code, parts of f-strings too, in which there is a tag."""
    for node in ast.walk(ast.parse(code)):
        value = node.value if isinstance(node, ast.Constant) else ""
        if isinstance(value, str) and TAG.search(value):
            yield value


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_no_cell_writes_html(page: Path) -> None:
    """A page that needs an element calls a function of the package, which a test holds."""
    assert list(strings_with_tags(module(page.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "code", ["f'<b>{1}</b>'", "x = 'a' '<br>'", "f(\"<a href='x'>\")", "'R&amp;D'"]
)
def test_html_in_a_cell_would_be_found(code: str) -> None:
    """The check above sees a tag in a string, in a part of one and in an f-string."""
    page = f"```{{code-cell}} ipython3\n{code}\n```\n"
    assert list(strings_with_tags(module(page)))


@pytest.mark.parametrize("code", ["1 < 2 > 0", "'a <- b'", "'x < y'"])
def test_a_comparison_is_no_tag(code: str) -> None:
    """What is not HTML may stand in a cell."""
    assert not list(strings_with_tags(code))


PAGE = """# A page

```{code-cell} ipython3
:tags: [remove-input]

import math

def half(x):
    return x / 2
```

Half is {eval}`half(1)`, and {eval}`nothing`.
"""


def test_code_stands_on_the_lines_of_its_page() -> None:
    """What a cell holds, and what a sentence evaluates."""
    lines = module(PAGE).split("\n")
    assert lines[5] == "import math"
    assert lines[8] == "    return x / 2"
    assert lines[11] == "(half(1)), (nothing)"
    assert lines[3] == ""


def test_findings_name_the_page_and_its_line() -> None:
    """Of both programs: one for style, one for types."""
    found = findings({"book/a.md": PAGE})
    assert any(line.startswith("book/a.md:6:8: F401") for line in found)
    assert any(line.startswith("book/a.md:8: error: Function is missing a type") for line in found)
    assert any(line.startswith('book/a.md:12: error: Name "nothing"') for line in found)
