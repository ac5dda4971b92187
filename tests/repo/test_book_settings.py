"""The book's settings avoid the traps that cost a day each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from built_book import pages_in_order

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    """`_config.yml`, read."""
    settings: dict[str, Any] = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    return settings


def test_figures_in_sentences_are_evaluated(config: dict[str, Any]) -> None:
    """Under `force` and `cache` every {eval} comes out empty; `cache` keeps old prices."""
    assert config["execute"]["execute_notebooks"] == "inline"
    assert config["execute"]["allow_errors"] is False
    assert config["sphinx"]["config"]["nb_eval_name_regex"] == ".*"


def test_labs_are_not_run_twice(config: dict[str, Any]) -> None:
    """The labs stage runs them; the book shows the outputs they are stored with."""
    assert config["execute"]["exclude_patterns"] == ["labs/*"]


def test_a_dollar_is_money(config: dict[str, Any]) -> None:
    """With math on, two prices in a sentence become a formula, and MathJax comes from a CDN."""
    extensions = config["parse"]["myst_enable_extensions"]
    assert not {"dollarmath", "amsmath"} & set(extensions)


def test_widgets_need_no_machinery_from_elsewhere(config: dict[str, Any]) -> None:
    """The widget's own HTML is shown; Jupyter's view of it would load two scripts from CDNs."""
    settings = config["sphinx"]["config"]
    view = "application/vnd.jupyter.widget-view+json"
    assert settings["nb_mime_priority_overrides"] == [["html", view, None]]
    assert settings["nb_ipywidgets_js"] == {}
    assert "_static" not in settings.get("html_static_path", [])


def test_nothing_points_at_an_address_that_does_not_exist(config: dict[str, Any]) -> None:
    """Until the repository has an address, no button and no install line may need one."""
    if config["repository"]["url"]:
        pytest.skip("the repository has an address")
    buttons = [value for name, value in config["html"].items() if name.startswith("use_")]
    assert not any(buttons)
    assert "launch_buttons" not in config, "serverless_tax/book/site.py makes them"
    pages = [ROOT / "README.md", *(ROOT / "book").rglob("*.md")]
    wrong = re.compile(r"git clone http|pip install serverless-tax|mybinder\.org/v2")
    assert [page.name for page in pages if wrong.search(page.read_text("utf-8"))] == []


def test_the_table_of_contents_names_files_that_exist() -> None:
    """Jupyter Book says so too, but only after a minute."""
    assert [
        page
        for page in pages_in_order()
        if not any((ROOT / f"{page}{ending}").exists() for ending in (".md", ".ipynb"))
    ] == []
