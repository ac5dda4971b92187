"""ARCHITECTURE.md and the imports say the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "serverless_tax"
ROW = re.compile(r"^\| ([a-z]+) \| [^|]+ \| ([a-z, ]*)\|$", re.MULTILINE)


def table() -> dict[str, set[str]]:
    """Return each part, and the parts that it uses, as the page has them."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    return {name: set(re.findall(r"[a-z]+", uses)) for name, uses in ROW.findall(text)}


PARTS = table()


def test_every_part_is_a_folder() -> None:
    """A module or folder that is added at the top of the package is a part of it."""
    found = {
        path.stem
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    }
    assert found == PARTS.keys()


@pytest.mark.parametrize("part", PARTS)
def test_a_part_imports_what_the_page_says(part: str) -> None:
    """Neither more, inside of functions too, nor less."""
    assert {used for _, used in imports(part)} == PARTS[part], sorted(imports(part))


def imports(part: str) -> set[tuple[str, str]]:
    """Return the files of a part, each with a part that it imports."""
    found = set()
    for file in PACKAGE.rglob("*.py"):
        top = file.relative_to(PACKAGE).with_suffix("").parts[0]
        if top == part:
            used = PARTS.keys() & set(_modules(file)) - {part}
            found |= {(str(file.relative_to(PACKAGE)), name) for name in used}
    return found


@cache
def _imports(file: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Return a file's imports, inside of functions too; each file is parsed once."""
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    return tuple(node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom)))


def _modules(file: Path) -> Iterator[str]:
    """Yield the names, one level below the package, that a file imports from."""
    for node in _imports(file):
        if isinstance(node, ast.ImportFrom) and node.module == "serverless_tax":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from _below([node.module])
        elif isinstance(node, ast.Import):
            yield from _below([alias.name for alias in node.names])


def _below(names: list[str]) -> Iterator[str]:
    for name in names:
        first, _, rest = name.partition(".")
        if first == "serverless_tax" and rest:
            yield rest.split(".")[0]


def test_every_import_says_which_file_it_needs() -> None:
    """From the front of the package, from a dot or by a string, its part could not be seen."""
    hidden = []
    for file in PACKAGE.rglob("*.py"):
        for node in _imports(file):
            if isinstance(node, ast.ImportFrom):
                front = node.module == "serverless_tax"
                names = {alias.name for alias in node.names}
                if node.level or (front and names - PARTS.keys()):
                    hidden.append(f"{file.name}:{node.lineno}")
        if re.search(r"import_module\(\s*f?[\"']serverless_tax", file.read_text("utf-8")):
            hidden.append(file.name)
    assert not hidden


def test_nothing_below_knows_of_anything_above() -> None:
    """A part uses only parts that the table names before it: there is no circle."""
    order = list(PARTS)
    above = {
        (name, used)
        for name, uses in PARTS.items()
        for used in uses
        if order.index(used) > order.index(name)
    }
    assert not above


def test_no_module_needs_one_that_needs_it() -> None:
    """An import inside of a function, or for the type checker alone, is an import all the same."""
    needed = {name: _needed(file, MODULES) for name, file in MODULES.items()}
    try:
        list(TopologicalSorter(needed).static_order())
    except CycleError as error:
        pytest.fail(" needs ".join(reversed(error.args[1])))


def _module(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {_module(file): file for file in PACKAGE.rglob("*.py")}


def _needed(file: Path, modules: dict[str, Path]) -> set[str]:
    """Return the modules of the package that a file imports from, by their full names."""
    found = set()
    for node in _imports(file):
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules else node.module for name in inner}
        else:
            found |= {alias.name for alias in node.names}
    return found & modules.keys()
