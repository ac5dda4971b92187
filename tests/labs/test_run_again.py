"""Cells out of order, after an error or without their set-up: a sentence, and Run All stops."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[2]
LABS = sorted((ROOT / "labs").glob("*.ipynb"))
LOAD = "%load_ext serverless_tax.cloud.lab.replay\n%recording nothing.json"
CLOSED = """import boto3
boto3.client(
    "lambda", endpoint_url="http://127.0.0.1:9", region_name="us-east-1",
    aws_access_key_id="x", aws_secret_access_key="x",
).list_functions()"""


DROPPED = """class Dropped:
    def __del__(self):
        raise KeyboardInterrupt

Dropped()
import time
for _ in range(100):
    time.sleep(0.1)"""
#: A stop while IPython reads a cell, one in a cell that awaits, and one in an import.
WHILE_READ = """class Stop:
    def visit(self, node):
        get_ipython().ast_transformers.clear()
        raise KeyboardInterrupt

get_ipython().ast_transformers.append(Stop())"""
AWAITS = """import asyncio, os, signal
asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), signal.SIGINT)
await asyncio.sleep(100)"""
COMMAND = """import subprocess, sys
code = "import sys; sys.exit('no such log')"
subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)"""


def run(cells: list[str], folder: Path, *, on: bool = True) -> list[list[str]]:
    """What each cell shows of its errors."""
    made = [nbformat.v4.new_code_cell(source) for source in cells]
    notebook = nbformat.v4.new_notebook(cells=made)
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, allow_errors=on, kernel_name="python3", resources=place).execute()
    return [
        ["\n".join(out.traceback) for out in cell.outputs if out.output_type == "error"]
        for cell in notebook.cells
    ]


def test_every_error_is_one_sentence_shown_once(tmp_path: Path) -> None:
    """Ten lines for a stray name, 77 for a closed cloud: neither is read."""
    cells = {
        "print(warm)": "`warm` is not there yet",
        "%%live a\na = warm": "`warm` is not there yet",
        "%%live a\nassert 1 == 2, 'one is not two'": "Not as it should be: one is not two.",
        "assert 1 == 2": "Not as it should be: assert 1 == 2.",
        f"%%live a\n{CLOSED}": "The local cloud does not answer",
        "%%live a b\na = 1": "promises b, and the cell does not make it",
        "guess = (50%)": "Python cannot read line 1: invalid syntax, at `guess = (50%)`.",
        "%%live a\na = = 1": "Python cannot read line 1: invalid syntax, at `a = = 1`.",
        "raise KeyboardInterrupt": "Interrupted. The cell may run again",
        DROPPED: "Interrupted. The cell may run again",
        "def f():\n    return 1 / 0\n\nf()": "by zero, at `return 1 / 0`",
        "run = {}\nrun['report']": "'report' is not in it, at `run['report']`: was a cell above",
        COMMAND: "The command refused: no such log",
        "from serverless_tax.cloud.lab.deploying import LabError\nraise LabError('So.')": "So.",
    }
    _, *shown = run([LOAD, *cells], tmp_path)
    for errors, expected in zip(shown, cells.values(), strict=True):
        assert len(errors) == 1
        assert expected in errors[0]
        assert "\n" not in errors[0]


def test_a_stop_is_a_sentence_wherever_it_comes(tmp_path: Path) -> None:
    """The stop button knows nothing of who runs: IPython, a loop or an import; all begin anew."""
    whole = tmp_path / "whole"
    whole.mkdir()
    (whole / "__init__.py").write_text(
        "import whole.part, os\nif not os.path.exists('again'):\n    open('again', 'w')\n"
        "    raise KeyboardInterrupt\n"
    )
    (whole / "part.py").write_text("there = 1\n")
    use = "import whole\nassert whole.part.there == 1"
    _, _, *stopped, again = run(
        [LOAD, WHILE_READ, "1", AWAITS, "import sys; sys.path.insert(0, '.')\n" + use, use],
        tmp_path,
    )
    for [error] in stopped:
        assert error.startswith("Interrupted. The cell may run again")
        assert "\n" not in error
    assert not again


def test_a_set_up_that_runs_again_says_nothing_of_extensions(tmp_path: Path) -> None:
    """That the extension is already loaded is IPython's to know, and of no use to a learner."""
    cell = nbformat.v4.new_code_cell
    cells = [cell(source) for source in (LOAD, LOAD, "%%live a\nprint(a := 1)")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    place = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, kernel_name="python3", resources=place).execute()
    assert [[out.text for out in one.outputs] for one in notebook.cells] == [[], [], ["1\n"]]


@pytest.mark.parametrize(
    "cells",
    [
        ["%%live a\na = 1"],
        pytest.param([LOAD, "%%live a\na = warm", "1"], marks=pytest.mark.slow),
    ],
    ids=["without its extension", "at a cell that failed"],
)
def test_run_all_stops_there(cells: list[str], tmp_path: Path) -> None:
    """Without its extension `%%live` would do nothing; a cell that failed leaves names unset."""
    with pytest.raises(CellExecutionError):
        run(cells, tmp_path, on=False)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_each_cell_may_run_twice_and_after_the_clean_up(lab: Path) -> None:
    """Live: a cell that cannot run again says so in a sentence; the clean-up always can."""
    cells = [cell.source for cell in nbformat.read(lab, 4).cells if cell.cell_type == "code"]
    live = [source for source in cells if source.startswith("%%live")]
    twice = [source for source in cells for _ in range(2)]
    shown = run([*twice, *live], ROOT / "labs")
    for source, errors in zip([*twice, *live], shown, strict=True):
        assert all(len(error.splitlines()) <= 1 for error in errors), (source, errors)
        assert not (errors and "clean_up" in source), errors
    firsts = shown[: len(twice) : 2]
    assert not any(firsts), [errors for errors in firsts if errors]
