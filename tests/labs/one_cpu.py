"""The labs, live, with what Binder gives them: one CPU and 2 GB.

Whatever a lab starts inherits the one CPU. The memory is measured, as not everybody who tests may
limit it. `make test-all` runs this file beside nothing: the labs hold their own times.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
LABS = sorted((ROOT / "labs").glob("*.ipynb"))
#: What Binder gives, less what a Jupyter server takes beside a lab's own processes.
MOST_BYTES = (2048 - 300) * 2**20
#: Runs a notebook on the last of the CPUs that it may use, and keeps it.
_ON_ONE_CPU = """
import os, sys
import nbformat
from nbclient import NotebookClient

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
lab, folder, kept = sys.argv[1:]
notebook = nbformat.read(lab, 4)
place = {"metadata": {"path": folder}}
NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()
nbformat.write(notebook, kept)
"""


def held_bytes(root: int) -> int:
    """Return what a process and all that it started hold in memory; what they share counts once."""
    started = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text("utf-8").rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
        started[parent].append(int(stat.parent.name))
    held, left = 0, [root]
    while left:
        one = left.pop()
        left += started[one]
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text("utf-8")
        except OSError:
            continue
        held += sum(
            int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")
        )
    return held


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.skipif(sys.platform != "linux", reason="a live lab needs Linux")
@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_a_live_lab_needs_no_more_than_one_cpu_and_two_gigabytes(lab: Path, tmp_path: Path) -> None:
    """Every cell runs, with what it asserts; never do all its processes hold more."""
    kept, said = tmp_path / "kept.ipynb", tmp_path / "said.txt"
    command = [sys.executable, "-c", _ON_ONE_CPU, str(lab), str(lab.parent), str(kept)]
    environment = {**os.environ, "LAB_RECORD": str(tmp_path)}
    most = 0
    with (
        said.open("wb") as out,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        ) as running,
    ):
        while running.poll() is None:
            most = max(most, held_bytes(running.pid))
            time.sleep(1)  # to look takes CPU of its own
    print(f"{lab.stem}: {most / 2**20:,.0f} MB at most")
    assert 100 * 2**20 < most < MOST_BYTES
    text = said.read_text("utf-8")
    if running.returncode and "This machine is busy: " in text:
        pytest.xfail(f"other programs kept the CPU from {lab.stem}, as it said itself")
    assert running.returncode == 0, text
    assert (tmp_path / f"{lab.stem}.json").exists()  # it was live, and kept what it measured
    cells = nbformat.read(kept, 4).cells
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")
