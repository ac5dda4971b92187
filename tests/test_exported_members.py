"""The public surface, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import serverless_tax
import serverless_tax.public

LIST_MODULES = "import sys; print('\\n'.join({name.partition('.')[0] for name in sys.modules}))"


def test_the_public_names_are_sorted_and_complete() -> None:
    """Every public object of the package is listed, once, in order, with a docstring."""
    public = {
        name
        for name, value in vars(serverless_tax.public).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert list(serverless_tax.__all__) == sorted(public)
    assert all(getattr(serverless_tax, name).__doc__ for name in public)
    assert public <= set(dir(serverless_tax))


def test_a_function_keeps_its_place_where_a_folder_has_its_name() -> None:
    """Whichever of the two is imported first."""
    code = (
        "import serverless_tax.bill.bill, serverless_tax.platforms.base\n"
        "from serverless_tax import bill, platforms\n"
        "assert callable(bill) and callable(platforms)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


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
    ours = modules_after("from serverless_tax import bill") - modules_after("import numpy")
    assert ours - sys.stdlib_module_names == {"serverless_tax"}
