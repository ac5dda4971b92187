"""The labs where Python has what a browser's tab gives it: no process, no thread, few packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from sampled import one_in
from solved_labs import solved_in_a_tab

from serverless_tax.book.tab import PACKAGES, UnbuiltTabError, build, tab_form

ROOT = Path(__file__).resolve().parents[2]
LABS = sorted((ROOT / "labs").glob("*.ipynb"))
ABSENT = (
    *("resource", "multiprocessing", "fcntl", "h11", "ministack", "boto3", "botocore", "httpx"),
    *("websockets", "openai", "awslambdaric", "hypercorn", "ssl", "_ssl", "duckdb"),
    *("aws_durable_execution_sdk_python", "aws_durable_execution_sdk_python_testing"),
)
#: Runs the code cells of the notebook that is named, in an IPython of this process.
RUN = """
import contextlib, http.client, io, os, subprocess, sys, threading, time
import anywidget, ipywidgets, matplotlib.pyplot, nbformat
from IPython.core.interactiveshell import InteractiveShell

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

def no_process(*_, **__):
    raise OSError(138, "this system has no processes")

def no_thread(_):
    raise RuntimeError("can't start new thread")

for name in [*sys.modules]:
    if name.partition(".")[0] in {absent!r}:
        del sys.modules[name]
sys.meta_path.insert(0, Absent())
del http.client.HTTPSConnection, time.thread_time, time.thread_time_ns
time.process_time, time.process_time_ns = lambda: 0.0, lambda: 0
shell = InteractiveShell()
subprocess.Popen.__init__, threading.Thread.start = no_process, no_thread
from serverless_tax.cloud.simulated.tab import open_tab
open_tab()
for cell in nbformat.read({lab!r}, 4).cells:
    if cell.cell_type == "code" and "tab" not in cell.metadata.get("tags", []):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            ended = shell.run_cell(cell.source)
        error = ended.error_in_exec or ended.error_before_exec
        if error is not None:
            os.write(2, f"{{cell.source}}\\n{{out.getvalue()}}\\n{{error!r}}\\n".encode())
            os._exit(1)
        print(out.getvalue())
"""


@pytest.mark.parametrize("lab", one_in(7, LABS, first=5), ids=lambda lab: lab.stem)
def test_every_cell_runs_where_there_is_no_machine(lab: Path, tmp_path: Path) -> None:
    """In a replay, with the learner's handler tried in the simulated cloud."""
    for name in ("handlers", "results"):
        shutil.copytree(ROOT / "labs" / name, tmp_path / name)
    (tmp_path / lab.name).write_text(nbformat.writes(solved_in_a_tab(lab)), "utf-8")
    code = RUN.format(absent=ABSENT, lab=str(tmp_path / lab.name))
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"},
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert "This lab runs in this tab" in ran.stdout
    assert "Simulated: your handler runs in this process" in ran.stdout


def test_the_tabs_form_opens_the_tab_first() -> None:
    """Its packages come from its own site; everything else is the student form's."""
    cells = tab_form(LABS[0]).cells
    assert "from serverless_tax.cloud.simulated.tab import open_tab" in cells[1].source
    assert all(f'"{name}"' in cells[1].source for name in PACKAGES)
    assert not [cell for cell in cells if "hide-cell" in cell.metadata.get("tags", [])]


@pytest.mark.parametrize("lacks", ["@jupyter-widgets/jupyterlab-manager", "anywidget"])
def test_a_tab_that_would_show_no_figure_is_not_built(
    lacks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What draws them in a notebook is looked for beside Python; what was built before stays."""
    has = {"@jupyter-widgets/jupyterlab-manager", "anywidget"} - {lacks}
    for name in has:
        (tmp_path / "share" / "jupyter" / "labextensions" / name).mkdir(parents=True)
    built = tmp_path / "tab"
    built.mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(UnbuiltTabError, match=f"has no {lacks}, without which a tab shows no fig"):
        build(built, tmp_path)
    assert built.is_dir()
