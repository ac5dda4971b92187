"""What the pages' cells import needs nothing that Python in a browser does not have."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from lint_pages import PAGES, module

#: What Pyodide lacks or cannot use, and what is too heavy to load before a cell asks for it.
ABSENT = (
    *("lzma", "_lzma", "resource", "subprocess", "multiprocessing", "h11", "duckdb", "cyclopts"),
    *("rich", "anywidget", "traitlets", "ipywidgets", "IPython", "nbformat", "tomlkit"),
    *("matplotlib", "sqlite3", "ssl", "fcntl", "boto3", "hypercorn"),
)
#: A page about the builder reads the builder's own settings.
BUILDERS = {"yaml"}
REFUSE = """
import asyncio, sys  # which is there before any of ours, and has loaded what it never uses
import numpy
sys.platform = "emscripten"
for name in [name for name in sys.modules if name.partition(".")[0] in {absent}]:
    del sys.modules[name]

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)

sys.meta_path.insert(0, Refuse())
"""


def imports_of(code: str) -> list[str]:
    """Return the import statements of some code, those inside of functions too."""
    every = [
        node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return [ast.unparse(one) for one in every if not {a.name for a in one.names} & BUILDERS]


def run_without(absent: tuple[str, ...], lines: list[str]) -> subprocess.CompletedProcess[str]:
    """Run some lines where those modules cannot be imported, as on Emscripten."""
    code = REFUSE.format(absent=set(absent)) + "\n".join(lines)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_the_pages_import_only_what_a_browser_has() -> None:
    """Every page's imports, and what runs its cells, with all that is absent there."""
    lines = {line for page in PAGES for line in imports_of(module(page.read_text("utf-8")))}
    assert len(lines) > 50
    lines |= {"import serverless_tax.book.python.session"}
    ran = run_without(ABSENT, sorted(lines))
    assert not ran.returncode, ran.stderr[-2000:]


@pytest.mark.parametrize("name", ["serverless_tax.widgets.jupyter", "serverless_tax.cloud.http"])
def test_what_needs_more_would_be_found(name: str) -> None:
    """The check above fails for a module that needs what is absent."""
    assert run_without(ABSENT, [f"import {name}"]).returncode
