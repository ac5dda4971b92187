"""The script and the style sheet, as text."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from serverless_tax.widgets.build import SCRIPTS, STYLES, module_script, page_script, style_sheet

WITHOUT_MODEL_MAX_BYTES = 80 * 1024
MAX_LINES = 300


def test_the_command_writes_both_files(tmp_path: Path) -> None:
    """As `make book` calls it."""
    command = [sys.executable, "-m", "serverless_tax.widgets.build", str(tmp_path / "out")]
    subprocess.run(command, check=True)
    assert (tmp_path / "out/serverless-tax.js").read_text("utf-8") == page_script()
    assert (tmp_path / "out/serverless-tax.css").read_text("utf-8") == style_sheet()


def test_the_page_s_script_is_a_classic_script() -> None:
    """A page opened from disk may not load modules."""
    assert not re.search(r"^\s*(import|export)\b", page_script(), re.MULTILINE)
    assert "'use strict'" in page_script()


def test_the_module_exports_what_anywidget_calls() -> None:
    """And imports nothing."""
    assert module_script().rstrip().endswith("export default { render };")
    assert not re.search(r"^\s*import\b", module_script(), re.MULTILINE)


@pytest.mark.parametrize("text", [page_script(), style_sheet()], ids=["script", "styles"])
def test_nothing_is_loaded_from_elsewhere(text: str) -> None:
    """No address but the name of SVG's vocabulary, which is not fetched."""
    addresses = set(re.findall(r"(?:https?:)?//[a-z][^\s'\"]*\.[a-z][^\s'\")]*", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert "@import" not in text
    assert "url(" not in text


def test_the_sources_stay_small_enough_to_read() -> None:
    """All of them together, and each by itself."""
    texts = {n: files("serverless_tax.widgets").joinpath(n).read_text() for n in SCRIPTS + STYLES}
    scripts = sum(len(texts[name]) for name in SCRIPTS)
    assert scripts <= WITHOUT_MODEL_MAX_BYTES
    too_long = [name for name, text in texts.items() if len(text.splitlines()) > MAX_LINES]
    assert not too_long
