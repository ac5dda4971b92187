"""The lint of scripts finds what it is there to find."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from lint_scripts import CONFIG, OXLINT, joined, wrong_names

PAGE = "(() => {{ 'use strict'; const a = 1; function render() {{ return a; }} {} }})();\n"
MODULE = "const a = 1; function render() {{ return a; }} {}\nexport default {{ render }};\n"


def names(page: str = "", module: str = "") -> list[str]:
    """Lint two scripts of which each holds a few words more."""
    return wrong_names({"page.js": PAGE.format(page), "jupyter.js": MODULE.format(module)})


def test_a_name_that_one_script_uses_is_used() -> None:
    """The pages never call ``render``, and Jupyter does."""
    assert names() == []


def test_a_name_that_is_not_defined_is_found() -> None:
    """In either of them; what a browser has is defined."""
    assert names(page="document.title = wall_ms;") == ["page.js: 'wall_ms' is not defined."]
    assert names(module="show(a);") == ["jupyter.js: 'show' is not defined."]


def test_a_name_that_no_script_uses_is_found_once() -> None:
    """A function of which both have a copy, and a variable of one."""
    left = "function left() {}"
    [sentence] = names(page=left, module=left)
    assert "'left' is declared but never used" in sentence
    [sentence] = names(module="let b; b = 2;")
    assert "'b'" in sentence


def test_the_widgets_are_what_is_linted() -> None:
    """The page's script holds each of them, and each has a module of its own for Jupyter."""
    page, *modules = joined().items()
    assert page[0] == "page.js"
    for name, text in modules:
        kind = name.removesuffix(".js")
        assert f"WIDGETS.{kind}=" in page[1]
        assert f"WIDGETS.{kind}=" in text
    assert len(modules) > 1


@pytest.mark.parametrize(
    ("place", "line", "rule"),
    [
        ("serverless_tax/widgets/a.js", "var a = 1;", "no-var"),
        ("serverless_tax/widgets/a.js", "if (window.a == 1) a();", "eqeqeq"),
        ("serverless_tax/widgets/a.js", "elsewhere();", ""),
        ("labs/handlers/a.js", "elsewhere();", "no-undef"),
        ("serverless_tax/cloud/a.mjs", "process.exit(1);", ""),
        ("serverless_tax/cloud/a.mjs", "document.title = 'a';", "no-undef"),
    ],
)
def test_each_place_has_its_rules(tmp_path: Path, place: str, line: str, rule: str) -> None:
    """What a file may name depends on where it runs."""
    config = tmp_path / CONFIG.name
    config.write_text(CONFIG.read_text("utf-8"))
    file = tmp_path / place
    file.parent.mkdir(parents=True)
    file.write_text(f"{line}\n")
    command = [OXLINT, "--config", config, "--format=unix", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) is bool(rule), done.stdout
    assert rule in done.stdout
