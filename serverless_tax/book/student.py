"""The labs as students get them: no outputs, no solutions, no guesses; stubs and checks are left.

``python -m serverless_tax.book.student`` writes them from ``labs/``. With ``--keep`` they go into
``my-labs/``, where what a learner has begun is left alone; with ``--here`` into ``labs/`` itself,
on a server that is thrown away. A solution is a hidden cell.
"""

from __future__ import annotations

import argparse
import ast
import re
import shutil
import sys
from pathlib import Path
from symtable import symtable
from typing import Any

SOLUTION_TAG = "hide-cell"
#: What a learner gives, and the source has already: a guess, and why it was not the figure.
_GUESS = re.compile(r"guesses\.guess\(-?[\d.]+,")
_REASON = re.compile(r'guesses\.explain_the_gap\(\s*"[^"]*"\s*\)')
TO_DO = "to-do"
_SAID = re.compile(r"\*Solution above\.\*[^\n]*\n*")
_ROOT = Path(__file__).parents[2]


def student_form(lab: Path) -> Any:
    """Return the notebook of a lab without its solutions and without any output.

    Raises:
        ValueError: if the lab has no exercise, or a solution has no check.
    """
    import nbformat  # noqa: PLC0415 - pages that count a lab's minutes need it, others do not

    notebook = nbformat.read(lab, as_version=4)  # type: ignore[no-untyped-call]
    exercises = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            cell.source = _SAID.sub("", cell.source).rstrip()
            if cell.source.startswith("## Keep the figures"):
                cell.source = ""
            continue
        cell.outputs, cell.execution_count = [], None
        cell.source = _REASON.sub('guesses.explain_the_gap("")', cell.source)
        cell.source, guesses = _GUESS.subn("guesses.guess(...,", cell.source)
        if guesses:
            cell.metadata.setdefault("tags", []).append(TO_DO)
        if SOLUTION_TAG in cell.metadata.get("tags", []) and cell.source.startswith("%%writefile"):
            cell.source = ""  # its stub stands above it
        elif cell.source == "%record":  # keeping a run is the authors'
            cell.source = ""
        elif SOLUTION_TAG in cell.metadata.get("tags", []):
            exercises += 1
            cell.source = _exercise(cell.source, exercises, lab.name)
            cell.metadata = {"tags": ["exercise"]}
    if not exercises:
        msg = f"{lab.name} has no cell tagged {SOLUTION_TAG!r}; a lab has at least one exercise."
        raise ValueError(msg)
    notebook.cells = [cell for cell in notebook.cells if cell.source]
    return notebook


def _is_check(part: ast.AST) -> bool:
    """Whether it is an assertion, or a call of one of the exercises' checks."""
    if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
        return part.value.id == "exercises"
    return isinstance(part, ast.Assert)


def _exercise(solution: str, number: int, lab: str) -> str:
    """Keep the checks of a solution, behind a sentence on the names that they need."""
    code = re.sub(r"\A%%live[^\n]*\n", "", solution)
    body = ast.parse(code).body
    checks = [one for one in body if any(map(_is_check, ast.walk(one)))]
    if not checks:
        msg = f"Exercise {number} of {lab} checks nothing; its solution has to assert something."
        raise ValueError(msg)
    work = "\n".join(ast.unparse(one) for one in body if one not in checks)
    made = {
        name.get_name() for name in symtable(work, lab, "exec").get_symbols() if name.is_assigned()
    }
    used = {part.id for one in checks for part in ast.walk(one) if isinstance(part, ast.Name)}
    needed = sorted(made & used)
    names = ", ".join(needed)
    return "\n".join(
        [
            f"# Exercise {number}: make {names} here.",
            "",
            "# What follows checks it; leave it as it is.",
            f"exercises.expect_made({number}, globals(), {names!r})",
            *(ast.get_source_segment(code, one) or "" for one in checks),
        ]
    )


def copy_beside(folder: Path) -> None:
    """Copy into a folder what a lab finds beside it: handlers and recordings, and no tool's own."""
    unwanted = shutil.ignore_patterns(".*", "__pycache__", "ruff.toml")
    for beside in ("handlers", "results"):
        shutil.copytree(
            _ROOT / "labs" / beside, folder / beside, ignore=unwanted, dirs_exist_ok=True
        )


def main() -> None:
    """Write the student form of every lab to where it is asked for."""
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="python -m serverless_tax.book.student",
        description="Write the labs as students get them, into _build/student-labs.",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--keep", action="store_true", help="into my-labs; what is there is kept")
    where.add_argument("--here", action="store_true", help="into labs itself, over the source")
    asked = parser.parse_args()
    is_here, is_kept = asked.here, asked.keep
    folder = _ROOT / ("labs" if is_here else "my-labs" if is_kept else "_build/student-labs")
    folder.mkdir(parents=True, exist_ok=True)
    if not is_here:
        copy_beside(folder)
    for lab in sorted((_ROOT / "labs").glob("*.ipynb")):
        path = folder / lab.name
        if is_kept and path.exists():
            sys.stdout.write(f"{path}: yours is kept; delete it to begin again\n")
            continue
        import nbformat  # noqa: PLC0415

        nbformat.write(student_form(lab), path)  # type: ignore[no-untyped-call]
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
