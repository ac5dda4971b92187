"""The student form of a lab: nothing of a solution in it, and it fails at the exercises alone."""

from __future__ import annotations

from pathlib import Path

import nbclient
import nbformat
import pytest

from serverless_tax.book.student import student_form

ROOT = Path(__file__).resolve().parents[2]
LABS = sorted((ROOT / "labs").glob("*.ipynb"))
QUICK, *SLOW = LABS


@pytest.mark.parametrize(
    "lab",
    [QUICK, *(pytest.param(lab, marks=pytest.mark.slow) for lab in SLOW)],
    ids=lambda lab: lab.stem,
)
def test_it_fails_exactly_at_the_exercises(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replayed without a solution, each exercise fails with its sentence, and nothing else does."""
    monkeypatch.setenv("LABS_REPLAY", "1")
    notebook = student_form(lab)
    nbclient.NotebookClient(
        notebook, allow_errors=True, resources={"metadata": {"path": str(ROOT / "labs")}}
    ).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            errors = [one.evalue for one in cell.outputs if one.output_type == "error"]
            is_exercise = "exercise" in cell.metadata.get("tags", [])
            assert len(errors) == is_exercise, errors
            assert all("is not solved yet: make" in error for error in errors), errors


@pytest.mark.slow
@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_a_solution_makes_its_exercise_pass(lab: Path) -> None:
    """Run for real with each solution written above its exercise, nothing fails."""
    solutions = [
        cell
        for cell in nbformat.read(lab, as_version=4).cells
        if "hide-cell" in cell.metadata.get("tags", [])
    ]
    notebook, cells = student_form(lab), []
    for cell in notebook.cells:
        is_exercise = "exercise" in cell.metadata.get("tags", [])
        cells += [solutions.pop(0), cell] if is_exercise else [cell]
    notebook.cells = cells
    folder = {"metadata": {"path": str(ROOT / "labs")}}
    nbclient.NotebookClient(notebook, timeout=120, resources=folder).execute()
    assert not solutions


def test_a_lab_without_an_exercise_is_refused(tmp_path: Path) -> None:
    """A lab whose solutions carry no tag would give them away."""
    lab = tmp_path / "lab.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), lab)
    with pytest.raises(ValueError, match="has no cell tagged 'hide-cell'"):
        student_form(lab)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_no_solution_is_left(lab: Path) -> None:
    """Neither the code of a solution nor the words after it are in the student form."""
    given = nbformat.read(lab, as_version=4)
    student = nbformat.writes(student_form(lab))
    assert "Solution above" not in student
    for cell in given.cells:
        if "hide-cell" in cell.metadata.get("tags", []):
            assert nbformat.writes(nbformat.v4.new_notebook(cells=[cell])) not in student
            assert cell.source not in "".join(c.source for c in student_form(lab).cells)


def test_it_asks_only_for_names_that_a_solution_leaves() -> None:
    """The items of a comprehension do not exist after it."""
    exercises = [
        cell.source
        for cell in student_form(next(lab for lab in LABS if lab.stem.startswith("5"))).cells
        if "exercise" in cell.metadata.get("tags", [])
    ]
    assert "It has to make: limit_ms." in exercises[1]
