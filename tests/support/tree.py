"""A copy of the tree, to change what must not be changed in place, and tests that run in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = ("_build", "dist", ".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", ".nox")
#: Quiet, in order, and with nothing left behind in the copy.
QUIETLY = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header", "-n0")


def copy_of_the_tree(into: Path) -> Path:
    """Copy everything but what the chores make; return the copy's root."""
    return Path(shutil.copytree(ROOT, into, ignore=shutil.ignore_patterns(*MADE)))


def environment(root: Path, *before: Path) -> dict[str, str]:
    """Return this process's environment in which Python takes the package of a copy."""
    places = os.pathsep.join(map(str, [*before, root]))
    return os.environ | {"PYTHONPATH": places, "PYTHONDONTWRITEBYTECODE": "1"}


def pytest_in(
    root: Path, *arguments: str, before: tuple[Path, ...] = (), timeout_s: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run pytest in a copy of the tree; ``before`` stands on the path of Python before it.

    Raises:
        subprocess.TimeoutExpired: if it takes longer than that.
    """
    return subprocess.run(
        [sys.executable, "-m", "pytest", *QUIETLY, *arguments],
        cwd=root,
        env=environment(root, *before),
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )
