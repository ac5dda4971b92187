"""A frozen edition: the book of a tag or commit, with its prices, beside the current book."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from tree import ROOT

sys.path.insert(0, str(ROOT / "classroom"))
from editions import NoEdition, build, day_of, editions, freeze, put

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
    "pyproject.toml": "",
}


#: A copy of this book with these pages alone, so that it is built in a minute.
FEW = {
    "format": "jb-book",
    "root": "book/index",
    "parts": [
        {
            "caption": "The book",
            "chapters": [{"file": "book/1-the-gb-second-reckoning"}, {"file": "book/about"}],
        }
    ],
}
#: What leads to the pages that are left out.
LEFT_OUT = ["myst.xref_missing", "toc.not_readable", "toc.excluded", "bibtex.key_not_found"]


def git(root: Path, *words: str, day: str = DAY) -> None:
    """Run git as somebody, on the day of the edition."""
    who = {
        f"GIT_{one}_{k}": v
        for one in ("AUTHOR", "COMMITTER")
        for k, v in (("NAME", "A"), ("EMAIL", "a@example.org"), ("DATE", f"{day}T12:00:00Z"))
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
        assert f'href="{up}index.html" target="_top">The current book' in text
    assert build("v1", tmp_path / "editions", repository) == out  # it is kept as it was


def test_a_frozen_page_leads_out_of_a_frame_and_about_names_its_day(tmp_path: Path) -> None:
    """A figure shown elsewhere opens the current book in the whole window."""
    about = '<head></head><body><p class="st-plain" id="editions">None lies beside this copy.</p>'
    for name, text in {"book/about.html": about, "embed/race.html": "<head></head><body>"}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, "utf-8")
    freeze(tmp_path, "course", date(2026, 3, 2))
    said = (tmp_path / "book" / "about.html").read_text("utf-8")
    assert said.endswith(f'id="editions">This copy is the edition of {DAY}.</p>')
    shown = BeautifulSoup((tmp_path / "embed" / "race.html").read_text("utf-8"), "html.parser")
    [out] = shown.select("a")
    assert (out["href"], out["target"]) == ("../../../index.html", "_top")


def test_a_frozen_page_leads_to_the_same_page_of_the_current_book(tmp_path: Path) -> None:
    """To the opening where the current book has no such page any more."""
    edition, site = tmp_path / DAY, tmp_path / "html"
    for root, pages in {edition: ("about", "gone"), site: ("about",)}.items():
        (root / "book").mkdir(parents=True)
        for name in pages:
            (root / "book" / f"{name}.html").write_text("<head></head><body>", "utf-8")
    freeze(edition, "course", date(2026, 3, 2))
    for _ in range(2):  # an edition that lies there is put again
        put(edition, site)
        for name, to in {"about": "book/about.html", "gone": "index.html"}.items():
            frozen = site / "editions" / DAY / "book" / f"{name}.html"
            [out] = BeautifulSoup(frozen.read_text("utf-8"), "html.parser").select("a")
            assert out["href"] == f"../../../{to}"


def few_pages(into: Path) -> Path:
    """Return a clone of this repository whose book has few pages, without slides made of others."""
    root = into / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(root)], check=True)
    (root / "_toc.yml").write_text(yaml.safe_dump(FEW), "utf-8")
    settings = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    settings["sphinx"]["extra_extensions"].remove("serverless_tax.book.slides")
    settings["sphinx"]["config"]["suppress_warnings"] = LEFT_OUT
    (root / "_config.yml").write_text(yaml.safe_dump(settings), "utf-8")
    return root


def prices(html: Path) -> tuple[str, ...]:
    """Return what a gigabyte-second and the month cost in chapter one of a built book."""
    page = (html / "book" / "1-the-gb-second-reckoning.html").read_text("utf-8")
    read = BeautifulSoup(page, "html.parser")
    second, month = '[data-of="a GB-second of x86"]', "st-value[name=month_usd]"
    return tuple(one.get_text() for each in (second, month) if (one := read.select_one(each)))


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs the repository's history")
def test_this_book_keeps_its_numbers_where_a_price_moves_later(tmp_path: Path) -> None:
    """The edition of a tag beside the book of today: each has its own price and its own month."""
    root, today = few_pages(tmp_path), date.today().isoformat()  # noqa: DTZ011 - the calendar day
    git(root, "commit", "-qam", "Leave most pages out", day=today)
    git(root, "tag", "course", day=today)
    sheet = root / "serverless_tax" / "platforms" / "aws_lambda.toml"
    text = sheet.read_text("utf-8")
    tier = "{{ above = 0, usd = {} }}".format
    assert text.count(tier("0.0000166667")) == 1
    sheet.write_text(text.replace(tier("0.0000166667"), tier("0.0000333334")), "utf-8")
    git(root, "commit", "-qam", "Double a price", day=today)
    here = Path(sys.executable).parent
    env = os.environ | {"PYTHONPATH": str(root)}
    book = [str(here / "jupyter-book"), "build", str(root), "--all", "-W", "-n"]
    command = [sys.executable, str(root / "classroom" / "editions.py"), "course"]
    for words in (book, command):
        done = subprocess.run(words, cwd=root, env=env, capture_output=True, text=True, check=False)
        assert not done.returncode, done.stdout + done.stderr
    html = root / "_build" / "html"
    assert prices(html) == ("$0.0000333334", "$1,620.67")
    assert prices(html / "editions" / today) == ("$0.0000166667", "$811.33")
    about = BeautifulSoup((html / "book" / "about.html").read_text("utf-8"), "html.parser")
    [place] = about.select("#editions a")
    assert place["href"] == f"../editions/{today}/index.html"
    frozen = html / "editions" / today / "book" / "about.html"
    assert f"Edition of {today}, frozen (course)" in frozen.read_text("utf-8")
    assert (frozen.parent / "../../../index.html").resolve() == html / "index.html"


def test_a_commit_does_in_place_of_a_tag(repository: Path, tmp_path: Path) -> None:
    """If it is declared for another day than its own, that is said before anything is built."""
    said = subprocess.run(
        ["git", "-C", str(repository), "rev-parse", "v1"],
        capture_output=True,
        text=True,
        check=True,
    )
    commit = said.stdout.strip()
    declared = f'[tool.serverless-tax.editions]\n"2026-03-03" = "{commit}"\n'
    (repository / "pyproject.toml").write_text(declared, "utf-8")
    with pytest.raises(NoEdition, match=f"for 2026-03-03 and is of {DAY}"):
        build(commit, tmp_path / "editions", repository)


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


def test_each_declared_edition_is_in_the_history_on_its_day() -> None:
    """What a release builds is there to be built."""
    asked = ["git", "-C", str(ROOT), "rev-parse", "--is-shallow-repository"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    if said.stdout.strip() != "false":
        pytest.skip("needs the repository's whole history")
    assert {day: day_of(name, ROOT).isoformat() for day, name in editions().items()} == {
        day: day for day in editions()
    }
