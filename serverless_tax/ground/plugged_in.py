"""Platforms in somebody else's package: the modules that installed packages name.

A package names a module under the entry points of :data:`GROUP`; its price sheet is the file of the
same name beside it. Rules and sheets are read in two parts, and neither knows of the other.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

GROUP = "serverless_tax.platforms"


@cache
def plugged_in() -> tuple[EntryPoint, ...]:
    """Return what the installed packages name, in the order of the names, each module once."""
    found = {entry.module: entry for entry in entry_points(group=GROUP)}
    return tuple(sorted(found.values(), key=lambda entry: (entry.name, entry.module)))


@cache
def plugged_in_sheet(sheet: str) -> Path | None:
    """Return the file of a price sheet in somebody else's package, if there is one."""
    name = sheet.replace("-", "_")
    for entry in plugged_in():
        if entry.module.rpartition(".")[2] == name:
            path = _beside(entry.module, f"{name}.toml")
            if path and path.is_file():
                return path
    return None


def plugged_in_sheets() -> list[str]:
    """Return the ids of the price sheets in somebody else's package."""
    ids = (entry.module.rpartition(".")[2].replace("_", "-") for entry in plugged_in())
    return [sheet for sheet in ids if plugged_in_sheet(sheet)]


def _beside(module: str, name: str) -> Path | None:
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):  # a broken one: loading its rule says so
        return None
    return Path(spec.origin).with_name(name) if spec and spec.origin else None
