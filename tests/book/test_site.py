"""The site around the pages: a small book built with and without a repository's address."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from serverless_tax.book.colab import address
from serverless_tax.book.tab import APP

ROOT = Path(__file__).resolve().parents[2]

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
LAB = {"cell_type": "markdown", "metadata": {}, "source": "# A lab\n\nMeasure it."}
TOC = "```{toctree}\nlabs/one\n```\n"
PAGES = {
    "index.md": f"# A chapter\n\nWhat a function costs while it waits.\n\n{TOC}",
    "labs/one.ipynb": json.dumps(
        {
            "cells": [LAB],
            "metadata": KERNEL,
            "nbformat": 4,
            "nbformat_minor": 4,
        }
    ),
}
SETTINGS = """
extensions = ["myst_nb", "serverless_tax.book.site"]
html_theme = "sphinx_book_theme"
nb_execution_mode = "off"
html_theme_options = {{"repository_url": "{url}"}}
redirects = {{"old/place": "../index.html"}}
serverless_tax_tab = "{tab}"
ogp_social_cards = {{"enable": False}}
"""


def build(folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Build the small book as Jupyter Book would build ours."""
    for name, text in PAGES.items():
        path = folder / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (folder / "source" / "conf.py").write_text(
        SETTINGS.format(url=url, tab=folder / "tab"), "utf-8"
    )
    words = ["-W", "-q", "-b", "html", str(folder / "source"), str(folder / "html")]
    command = [sys.executable, "-m", "sphinx", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def built(folder: Path, url: str) -> dict[str, BeautifulSoup]:
    """Return the pages of the small book."""
    done = build(folder, url)
    assert done.returncode == 0, done.stderr
    return {
        name: BeautifulSoup((folder / "html" / f"{name}.html").read_text("utf-8"), "html.parser")
        for name in ("index", "labs/one")
    }


def test_without_an_address_nothing_leads_to_one(tmp_path: Path) -> None:
    """No button but that of its own tab; a description, a policy and old addresses all the same."""
    tab = tmp_path / "tab" / APP
    tab.parent.mkdir(parents=True)
    tab.write_text("the labs in a tab")
    pages = built(tmp_path, "")
    heading = pages["labs/one"].select_one("article h1")
    assert heading is not None
    first = heading.find_next_sibling("p")
    assert first is not None
    assert first.get_text().startswith("Open in this browser Nothing is installed")
    told = "it loads 1 MB at most, once: at 10 Mbit/s 1 s, before Python starts."
    assert first.get_text().endswith(told)
    assert first.a["href"] == f"../tab/{APP}?path=one.ipynb"
    assert (tmp_path / "html" / "tab" / APP).read_text() == "the labs in a tab"
    assert "Open in this browser" not in str(pages["index"])
    for page in pages.values():
        assert page.find_all("a", href=lambda href: "github" in href or "binder" in href) == []
        assert page.find("meta", attrs={"http-equiv": "Content-Security-Policy"}) is not None
    described = pages["index"].find("meta", attrs={"name": "description"})
    assert described is not None
    assert "What a function costs while it waits" in str(described)
    assert not (tmp_path / "html" / "sitemap.xml").exists()
    left = (tmp_path / "html" / "old" / "place.html").read_text("utf-8")
    assert 'url=../index.html"' in left


@pytest.mark.slow
def test_with_an_address_a_lab_opens_and_a_chapter_does_not(tmp_path: Path) -> None:
    """Binder, Colab and Codespaces on the lab, at this repository; a map with both pages."""
    pages = built(tmp_path, "https://github.com/Someone/tax")
    links = {
        name: [str(a["href"]) for a in page.find_all("a", href=True)]
        for name, page in pages.items()
    }
    opens = "https://mybinder.org/v2/gh/Someone/tax/main?urlpath=lab/tree/labs/one.ipynb"
    assert opens in links["labs/one"]
    assert "https://codespaces.new/Someone/tax?quickstart=1" in links["labs/one"]
    colab = "https://colab.research.google.com/github/Someone/tax/blob/main/colab/one.ipynb"
    assert colab in links["labs/one"]
    assert not any("/tab/" in link for link in links["labs/one"])  # none was built
    places = ("binder", "codespaces", "colab")
    assert not any(place in link for place in places for link in links["index"])
    sitemap = (tmp_path / "html" / "sitemap.xml").read_text("utf-8")
    assert "https://someone.github.io/tax/labs/one.html" in sitemap
    card = pages["index"].find("meta", attrs={"property": "og:url"})
    assert card is not None
    assert card["content"] == "https://someone.github.io/tax/index.html"


@pytest.mark.slow
def test_the_settings_of_this_book_lead_there_too(tmp_path: Path) -> None:
    """With its address set, `_config.yml` as it is gives a lab its buttons and the site its map."""
    settings = (ROOT / "_config.yml").read_text("utf-8")
    config = settings.replace(f'url: "{address()}"', 'url: "https://github.com/Someone/tax"')
    toc = "format: jb-book\nroot: index\nchapters:\n  - file: labs/one\n"
    for name, text in (PAGES | {"_config.yml": config, "_toc.yml": toc}).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "--quiet", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    html = tmp_path / "_build" / "html"
    assert "https://mybinder.org/v2/gh/Someone/tax/main" in (html / "labs/one.html").read_text()
    assert "creativecommons.org" in (html / "index.html").read_text("utf-8")
    assert (html / "sitemap.xml").exists()
    for page in ("index", "labs/one"):
        head = BeautifulSoup((html / f"{page}.html").read_text("utf-8"), "html.parser")
        shown = head.find("meta", attrs={"property": "og:image"})
        assert shown is not None
        name = f"_images/cards/{page.replace('/', '-')}.png"
        assert shown["content"] == f"https://someone.github.io/tax/{name}"
        with Image.open(html / name) as card:
            assert card.size == (1200, 630)
    lost = (html / "404.html").read_text("utf-8")
    assert '<base href="https://someone.github.io/tax/">' in lost


@pytest.mark.slow
@pytest.mark.parametrize("url", ["https://github.com/only-owner", "https://example.org/x/y"])
def test_an_address_that_is_no_repository_is_refused(tmp_path: Path, url: str) -> None:
    """In one sentence, before anything is built."""
    done = build(tmp_path, url)
    assert done.returncode != 0
    assert f"repository.url in _config.yml is '{url}'; use an address such as" in done.stderr
