"""The public surface, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import serverless_tax

LIST_MODULES = "import sys; print('\\n'.join({name.partition('.')[0] for name in sys.modules}))"


def test_the_public_names_are_sorted_and_complete() -> None:
    """Every public object of the package is listed, once, in order, with a docstring."""
    public = {
        name
        for name, value in vars(serverless_tax).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert list(serverless_tax.__all__) == sorted(public)
    assert all(getattr(serverless_tax, name).__doc__ for name in public)


def modules_after(statement: str) -> set[str]:
    """Return the top-level modules loaded by a statement in a fresh interpreter."""
    run = subprocess.run(
        [sys.executable, "-c", f"{statement}; {LIST_MODULES}"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(run.stdout.split())


def test_importing_the_package_imports_numpy_only() -> None:
    """Pricing needs no plots, no widgets, no cloud: nothing but numpy and the library."""
    ours = modules_after("import serverless_tax") - modules_after("import numpy")
    assert ours - sys.stdlib_module_names == {"serverless_tax"}
