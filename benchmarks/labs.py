"""How long each lab runs, here and in other checkouts, so that two of them can be compared.

Usage: python benchmarks/labs.py [CHECKOUT ...]

Every lab runs from its first cell to its last in a kernel that has the checkout first on its path,
one lab after the other, and the checkouts in turn for each. The ratio is to the first checkout that
is named. For an earlier commit: ``git worktree add FOLDER COMMIT``.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parents[1]
LONGEST_CELL_S = 600


def run_s(checkout: Path, lab: str) -> float:
    """Run a lab; return its seconds from the kernel's start to its end."""
    path = checkout / "labs" / lab
    os.environ["PYTHONPATH"] = str(checkout)
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=LONGEST_CELL_S, resources=where)
    began = time.perf_counter()
    client.execute()
    return time.perf_counter() - began


def main() -> None:
    """Print a line for each lab."""
    checkouts = [Path(name).resolve() for name in sys.argv[1:]] + [HERE]
    names = sorted({path.name for one in checkouts for path in (one / "labs").glob("*.ipynb")})
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    for name in names:
        had = [one for one in checkouts if (one / "labs" / name).exists()]
        took = [run_s(one, name) for one in had]
        said = ", ".join(f"{seconds:.1f} s" for seconds in took)
        ratio = f" ({took[-1] / took[0]:.2f} of the first)" if len(took) > 1 else ""
        print(f"{name}: {said}{ratio}", flush=True)


if __name__ == "__main__":
    main()
