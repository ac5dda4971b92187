"""The one Pyodide release that the book takes, and what of it: ``pin.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PIN: Mapping[str, Any] = json.loads(Path(__file__).with_name("pin.json").read_text("utf-8"))
LOCK = "pyodide-lock.json"


class WrongFile(ValueError):
    """A file is not the pinned one."""


def wheels(lock: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """Return the wheels of those packages and of all that they need, each with its hash.

    Raises:
        WrongFile: if the lock has no such package.
    """
    found: dict[str, str] = {}
    seen, left = set(names), list(names)
    while left:
        name = left.pop()
        package = lock["packages"].get(name.lower().replace("_", "-"))
        if package is None:
            msg = f"the lock of this release has no package {name}"
            raise WrongFile(msg)
        found[package["file_name"]] = package["sha256"]
        left += [one for one in package["depends"] if one not in seen]
        seen |= set(package["depends"])
    return found


def lock_of(folder: Path) -> dict[str, Any]:
    """Return the lock of a folder's release, with those packages alone whose files are there."""
    lock: dict[str, Any] = json.loads((folder / LOCK).read_text("utf-8"))
    lock["packages"] = {
        name: package
        for name, package in lock["packages"].items()
        if (folder / package["file_name"]).exists()
    }
    return lock
