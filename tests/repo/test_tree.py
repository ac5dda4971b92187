"""The tree follows its own rules: what stands where, and how long a file may get."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = {
    *("book", "labs", "serverless_tax", "tests", "benchmarks", "binder", "classroom"),
    *(".ci", ".github", ".devcontainer", "ARCHITECTURE.md"),
    *("_config.yml", "_toc.yml", "pyproject.toml", "Makefile", "README.md", "CHANGELOG.md"),
    *("requirements.txt", "requirements-test.txt", "requirements-slow.txt", "requirements-tab.txt"),
    *("requirements-uv.txt", "conftest.py"),
    *("LICENSE", "LICENSE-text"),
    *("CONTRIBUTING.md", "SECURITY.md", "CITATION.cff"),
    *(".gitignore", ".gitattributes", ".editorconfig", ".oxlintrc.json"),
    *("action.yml", ".pre-commit-hooks.yaml"),  # where GitHub and pre-commit look for them
}
MAX_LINES = 500
SOURCES = {".py", ".js", ".css"}
TEXTS = {*SOURCES, ".md", ".toml", ".yml", ".cfg", ".ipynb"}
# An address that works on one machine only.
MACHINE_PATHS = ("/home/", "/root/", "/Users/")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """Every file that is in git or would be added to it."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        pytest.skip("not a git work tree, so what belongs to the project cannot be listed")
    paths = [ROOT / line for line in listing.stdout.splitlines()]
    return [path for path in paths if path.is_file()]


def test_the_top_level_is_the_map(files: list[Path]) -> None:
    """A new file or folder at the top is a decision: add it to the map and to this list."""
    found = {path.relative_to(ROOT).parts[0] for path in files}
    assert found == TOP_LEVEL


def test_files_stay_short(files: list[Path]) -> None:
    """A file longer than 500 lines holds two things: split it."""
    lengths = {path: _lines(path) for path in files if path.suffix in SOURCES}
    too_long = {str(path): length for path, length in lengths.items() if length > MAX_LINES}
    assert not too_long


def test_no_file_names_a_folder_of_one_machine(files: list[Path]) -> None:
    """What is written down works on the next machine too."""
    here = Path(__file__)
    texts = [path for path in files if path.suffix in TEXTS and path != here]
    found = [
        f"{path.relative_to(ROOT)}: {folder}"
        for path in texts
        for folder in MACHINE_PATHS
        if folder in path.read_text("utf-8")
    ]
    assert not found


def test_there_is_no_root_static_folder() -> None:
    """A root `_static/` makes Jupyter Book add every script of every static folder to each page."""
    assert not (ROOT / "_static").exists()


@pytest.mark.parametrize("script", [".ci/run", "binder/postBuild"])
def test_scripts_are_executable(script: str) -> None:
    """Both are run as commands."""
    assert (ROOT / script).stat().st_mode & stat.S_IXUSR


def _lines(path: Path) -> int:
    """Count the lines of a text file."""
    return len(path.read_text("utf-8").splitlines())
