"""A frozen edition: the book of a tag, with its prices and its day, beside the current book."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from tree import ROOT

sys.path.insert(0, str(ROOT / "classroom"))
from editions import NoEdition, build, editions

DAY = "2026-03-02"
PAGE = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3, language: python}
---

# The month

```{code-cell} ipython3
:tags: [remove-input]

from datetime import date

from toy_prices import MONTH_USD
```

It costs {eval}`MONTH_USD`, says {eval}`date.today().isoformat()`.
"""
BOOK = {
    "_toc.yml": "format: jb-book\nroot: index\n",
    "_config.yml": """title: Toy
execute: {execute_notebooks: inline}
sphinx: {config: {nb_eval_name_regex: '.*'}}
""",
    "index.md": PAGE,
    "toy_prices.py": "MONTH_USD = 811.33\n",
}


def git(root: Path, *words: str) -> None:
    """Run git as somebody, on the day of the edition."""
    who = {
        f"GIT_{one}_{k}": v
        for one in ("AUTHOR", "COMMITTER")
        for k, v in (("NAME", "A"), ("EMAIL", "a@example.org"), ("DATE", f"{DAY}T12:00:00Z"))
    }
    env = {"PATH": "/usr/bin:/bin", "HOME": str(root), **who}
    subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True, env=env)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A book of one page, tagged, whose price has moved since."""
    root = tmp_path / "repository"
    root.mkdir()
    for name, text in BOOK.items():
        (root / name).write_text(text, "utf-8")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "Begin")
    git(root, "tag", "v1")
    (root / "toy_prices.py").write_text("MONTH_USD = 999.99\n", "utf-8")
    git(root, "commit", "-qam", "Raise the price")
    return root


@pytest.mark.slow
def test_an_edition_has_the_prices_and_the_day_of_its_tag(repository: Path, tmp_path: Path) -> None:
    """At its dated address; each page says so, and leads out of it to the current book."""
    out = build("v1", tmp_path / "editions", repository)
    assert out == tmp_path / "editions" / DAY
    page = BeautifulSoup((out / "index.html").read_text("utf-8"), "html.parser").get_text()
    assert re.search(rf"It costs\s+811\.33\s*, says\s+\D?{DAY}", page)
    pages = [one for one in out.rglob("*.html") if "<body" in one.read_text("utf-8")]
    assert len(pages) > 1
    for one in pages:
        text = one.read_text("utf-8")
        assert f"Edition of {DAY}, frozen (v1)" in text
        up = "../" * (len(one.relative_to(out).parts) + 1)
        assert f'href="{up}index.html">The current book' in text
    assert build("v1", tmp_path / "editions", repository) == out  # it is kept as it was


def test_a_tag_that_is_not_there_is_one_sentence(repository: Path, tmp_path: Path) -> None:
    """And nothing is left behind."""
    with pytest.raises(NoEdition, match="v9 makes no edition: git log ended"):
        build("v9", tmp_path / "editions", repository)
    assert not (tmp_path / "editions").exists()


def test_the_editions_are_declared_in_one_place(tmp_path: Path) -> None:
    """By their day; ours are read without an error."""
    declared = '[tool.serverless-tax.editions]\n"2026-03-02" = "v1"\n'
    (tmp_path / "pyproject.toml").write_text(declared, "utf-8")
    assert editions(tmp_path) == {DAY: "v1"}
    assert editions() is not None
