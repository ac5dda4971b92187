"""The student form of a lab: nothing of a solution in it, and it fails at the exercises alone."""

from __future__ import annotations

import re
from pathlib import Path

import nbclient
import nbformat
import pytest

from serverless_tax.book import student
from serverless_tax.book.student import TO_DO, copy_beside, student_form

ROOT = Path(__file__).resolve().parents[2]
LABS = sorted((ROOT / "labs").glob("*.ipynb"))
QUICK, *SLOW = LABS


@pytest.mark.parametrize(
    "lab",
    [QUICK, *(pytest.param(lab, marks=pytest.mark.slow) for lab in SLOW)],
    ids=lambda lab: lab.stem,
)
def test_it_fails_exactly_at_the_exercises(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replayed with a guess, exercises and handlers fail with a sentence, and nothing else does."""
    monkeypatch.setenv("LABS_REPLAY", "1")
    notebook = student_form(lab)
    for cell in notebook.cells:
        if TO_DO in cell.metadata.get("tags", []):
            assert "guesses.guess(...," in cell.source
            cell.source = cell.source.replace("...", "7")  # a learner's guess
    nbclient.NotebookClient(
        notebook, allow_errors=True, resources={"metadata": {"path": str(ROOT / "labs")}}
    ).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            errors = [one.evalue for one in cell.outputs if one.output_type == "error"]
            tags = cell.metadata.get("tags", [])
            # Lab 7's handler, a durable one, is not tried in a replay.
            is_handler = cell.source.startswith("builds.") and not lab.stem.startswith("7")
            assert len(errors) == ("exercise" in tags or is_handler), errors
            says = "Not yet." if is_handler else "is not solved yet: make"
            assert all(says in error for error in errors), errors


@pytest.mark.slow
@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_a_solution_makes_its_exercise_pass(lab: Path) -> None:
    """Run for real with each solution written above its exercise, nothing fails."""
    given = {cell.id: cell for cell in nbformat.read(lab, as_version=4).cells}
    solutions = [cell for cell in given.values() if "hide-cell" in cell.metadata.get("tags", [])]
    notebook, cells = student_form(lab), []
    for cell in notebook.cells:
        is_exercise = "exercise" in cell.metadata.get("tags", [])
        if is_exercise or cell.source.startswith("%%writefile"):
            cells.append(cell if not is_exercise else solutions.pop(0))
            cells.append(solutions.pop(0) if not is_exercise else cell)
        elif TO_DO in cell.metadata.get("tags", []):
            cells.append(given[cell.id])
        else:
            cells.append(cell)
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
    written = nbformat.writes(student_form(lab))
    assert "Solution above" not in written
    for cell in given.cells:
        if "hide-cell" in cell.metadata.get("tags", []):
            assert nbformat.writes(nbformat.v4.new_notebook(cells=[cell])) not in written
            assert cell.source not in "".join(c.source for c in student_form(lab).cells)


def test_it_asks_only_for_names_that_a_solution_leaves() -> None:
    """The items of a comprehension do not exist after it."""
    exercises = [
        cell.source
        for cell in student_form(next(lab for lab in LABS if lab.stem.startswith("5"))).cells
        if "exercise" in cell.metadata.get("tags", [])
    ]
    assert "# Exercise 2: make limit_ms here." in exercises[1]


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_a_guess_is_empty_and_stands_before_any_measurement(lab: Path) -> None:
    """No output and no number of a guess; the first thing to do is to guess."""
    cells = [cell for cell in student_form(lab).cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)
    assert "guesses.guess(...," in cells[0].source
    assert not re.search(r"guess\(\d", cells[0].source)
    assert 'guesses.explain_the_gap("")' in [cell.source for cell in cells]


def test_what_a_learner_has_begun_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make lab` twice: the second time a notebook that is there stays as it is, and it is said."""
    (tmp_path / "labs").mkdir()
    for beside in ("handlers", "results"):
        (tmp_path / "labs" / beside).mkdir()
    (tmp_path / "labs" / QUICK.name).write_bytes(QUICK.read_bytes())
    monkeypatch.setattr(student, "_ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["student", "--keep"])
    student.main()
    mine = tmp_path / "my-labs" / QUICK.name
    assert nbformat.read(mine, as_version=4) == student_form(QUICK)
    mine.write_text("mine")
    student.main()
    assert mine.read_text() == "mine"
    assert "yours is kept" in capsys.readouterr().out


@pytest.mark.parametrize(("word", "code"), [("--help", 0), ("--kep", 2)])
def test_a_question_writes_nothing(
    word: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither help nor a slip of the keyboard makes a file."""
    monkeypatch.setattr(student, "_ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["student", word])
    with pytest.raises(SystemExit) as left:
        student.main()
    assert left.value.code == code
    assert not [*tmp_path.iterdir()]


def test_beside_the_labs_stands_nothing_of_our_tools(tmp_path: Path) -> None:
    """Handlers and recordings; no settings and no cache of a linter."""
    copy_beside(tmp_path)
    copied = {path.name for path in tmp_path.rglob("*")}
    assert {"agent.py", "agent.asl.json", "3-websockets.json"} < copied
    assert not [name for name in copied if name.startswith(".") or name.endswith(".toml")]
