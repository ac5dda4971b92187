"""What the cells in sight read beside the package is beside the pages as well."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lint_pages import PAGES, ROOT

from serverless_tax.book.python.pack import copy_read
from serverless_tax.book.python.pages import cells_of
from serverless_tax.book.python.session import Cell, Session

#: Chapters are run to their end by the tests of their exercises.
OTHERS = [
    page
    for page in PAGES
    if not page.name[0].isdigit() and any(one["shown"] for one in cells_of(page.read_text("utf-8")))
]


@pytest.mark.parametrize("source", OTHERS, ids=lambda one: one.stem)
def test_cells_find_what_they_read(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder with what is packed for them, and nothing else, each runs."""
    copy_read(tmp_path)
    folder = tmp_path / source.parent.relative_to(ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(folder)
    errors: list[str] = []
    session = Session(lambda _, what, text: errors.append(text) if what == "error" else None)
    cells = [
        Cell(one["name"], one["code"])
        for one in cells_of(source.read_text("utf-8"))
        if one["needed"]
    ]
    assert asyncio.run(session.run(cells, "")), errors
