"""Each fault that is committed in ``faults.toml`` is noticed by the tests that stand beside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from built_book import BOOK
from tree import ROOT, copy_of_the_tree, environment, pytest_in

FAULTS: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("faults.toml").read_text("utf-8")
)["fault"]
FIELDS = {"what", "file", "text", "becomes", "tests"}
#: Pytest's own word for "tests ran, and some failed": not that it could not read them.
SOME_FAILED = 1
STEADY = ("-x", "--hypothesis-profile=steady")


def reads_the_book(fault: dict[str, Any]) -> bool:
    """Whether a fault's tests need a browser and the built book."""
    return any(test.startswith("tests/browser") for test in fault["tests"])


def cases() -> list[Any]:
    """Return the faults as cases, in the stage in which their tests can run."""
    return [
        pytest.param(
            fault,
            id=fault["what"].replace(" ", "-"),
            marks=[pytest.mark.slow, *([pytest.mark.browser] if reads_the_book(fault) else [])],
        )
        for fault in FAULTS
    ]


def make(root: Path, fault: dict[str, Any]) -> None:
    """Make a fault in a tree."""
    path = root / fault["file"]
    found = path.read_text("utf-8")
    assert found.count(fault["text"]) == 1, f"{fault['file']} has it {found.count(fault['text'])}×"
    path.write_text(found.replace(fault["text"], fault["becomes"]), "utf-8")


#: Writes each page's script and the style sheet once more, from the sources of the tree it runs in.
JOINED_ANEW = r"""
import re
from pathlib import Path
from serverless_tax.widgets.build import page_script, style_sheet
root = Path("_build/html")
for page in root.rglob("*.html"):
    html = page.read_text("utf-8")
    for name in re.findall(r"serverless-tax-\w+\.(?:js|css)", html):
        text = style_sheet() if name.endswith("css") else page_script(html)
        (root / "_static" / name).write_text(text, "utf-8")
"""


def put_the_book_into(root: Path) -> None:
    """Give a copy of the tree the built book, with its widgets joined from the copy's sources."""
    if not BOOK.exists():
        pytest.skip("the book is not built: make book")
    shutil.copytree(BOOK, root / "_build" / "html")
    command = [sys.executable, "-c", JOINED_ANEW]
    subprocess.run(command, cwd=root, env=environment(root), check=True)


def test_a_fault_says_what_is_asked_of_it() -> None:
    """Every field, none twice by its name, and tests that exist."""
    assert [fault.keys() - FIELDS | FIELDS - fault.keys() for fault in FAULTS] == [set()] * len(
        FAULTS
    )
    names = [fault["what"] for fault in FAULTS]
    assert len(names) == len(set(names))
    for fault in FAULTS:
        assert fault["tests"]
        assert [t for t in fault["tests"] if not (ROOT / t.partition("::")[0]).exists()] == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["what"].replace(" ", "-"))
def test_a_fault_can_still_be_made(fault: dict[str, Any]) -> None:
    """Its text stands in its file exactly once: a file that was rewritten needs its fault again."""
    text = (ROOT / fault["file"]).read_text("utf-8")
    assert text.count(fault["text"]) == 1
    assert fault["becomes"] != fault["text"]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", cases())
def test_a_fault_is_noticed(fault: dict[str, Any], tmp_path: Path) -> None:
    """At least one of its tests fails where it is made."""
    root = copy_of_the_tree(tmp_path / "tree")
    make(root, fault)
    if reads_the_book(fault):
        put_the_book_into(root)
    done = pytest_in(root, *STEADY, *fault["tests"])
    assert done.returncode == SOME_FAILED, f"nothing noticed:\n{done.stdout[-3000:]}{done.stderr}"
