"""A class on one host: thirty copies of lab 1 started together, with what they take.

Each learner has a process, a kernel, a local cloud and a home of their own, and runs every cell as
fast as the machine lets it: a class never does worse than this. Printed, and with ``--record`` kept
for the book, are the wait for the last cell, the memory, the CPU, the cells that failed, and what
the crowd does to the measured bill.

    python benchmarks/classroom.py             # one learner, then thirty
    python benchmarks/classroom.py 1 5 10 30 --record
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

from serverless_tax.cloud.lab.replay import load_recording, machine

HERE = Path(__file__).resolve().parent
LAB = HERE.parent / "labs" / "1-what-a-waiting-function-costs.ipynb"
RESULT = HERE / "results" / "classroom.json"
CELL_LIMIT_S, KERNEL_LIMIT_S = 600, 180
SERVER_SETTLES_S = 15
MB = 1024  # in kilobytes, which is how the kernel counts


def run_lab(folder: Path) -> None:
    """Be one learner: execute the lab, and leave how long it took and every error in a file."""
    notebook = nbformat.read(LAB, as_version=4)
    # Ports are chosen some time before a kernel takes them: of thirty, two may choose the same.
    without_ports = {"transport": "ipc", "connection_file": str(folder / "kernel.json")}
    began = time.monotonic()
    NotebookClient(
        notebook,
        config=Config({"KernelManager": without_ports}),
        timeout=CELL_LIMIT_S,
        startup_timeout=KERNEL_LIMIT_S,
        allow_errors=True,  # the next cells are measured too
        resources={"metadata": {"path": str(LAB.parent)}},
    ).execute()
    # IPython shows an error under %%live twice.
    errors = [
        next(
            f"cell {number}: {output.ename}: {output.evalue}".splitlines()[0]
            for output in cell.outputs
            if output.output_type == "error"
        )
        for number, cell in enumerate(notebook.cells)
        if any(output.output_type == "error" for output in cell.get("outputs", ()))
    ]
    told = {"wall_s": time.monotonic() - began, "errors": errors}
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")


def start_learner(folder: Path, number: int) -> subprocess.Popen[bytes]:
    """Start one learner's process with a home of its own; what it measures stays in there."""
    own = folder / f"learner{number}"
    own.mkdir()
    variables = {**os.environ, "HOME": str(own), "LAB_RECORD": str(own)}
    variables |= {"SERVERLESS_TAX_LEARNER": own.name, "TMPDIR": str(folder)}
    variables.pop("LABS_REPLAY", None)
    with (own / "log").open("wb") as log:
        command = [sys.executable, str(HERE / "classroom.py"), "--learner", str(own)]
        return subprocess.Popen(command, env=variables, stdout=log, stderr=log)


def pss_kb() -> dict[int, tuple[int, int]]:
    """The parent of each process of this machine, and its share of the memory (PSS), kB."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, StopIteration):
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            lines = (process / "smaps_rollup").read_text().splitlines()
            share = next(line for line in lines if line.startswith("Pss:"))
            found[int(process.name)] = (parent, int(share.split()[1]))
    return found


def below(root: int, processes: dict[int, tuple[int, int]]) -> Iterator[int]:
    """Everything that a process has started, and what that has started, itself left out."""
    for pid, (parent, _) in processes.items():
        if parent == root:
            yield pid
            yield from below(pid, processes)


def watch(learners: list[subprocess.Popen[bytes]]) -> tuple[float, list[float]]:
    """Wait for all; return the peak memory of all their work, MB, and the CPU seconds of each.

    The process that plays the learner's browser is not counted; a Jupyter server is, elsewhere.
    """
    peak_kb, cpu_s, running = 0, [], {learner.pid for learner in learners}
    while running:
        began = time.monotonic()
        processes = pss_kb()
        work = {pid for root in running for pid in below(root, processes)}
        peak_kb = max(peak_kb, sum(processes[pid][1] for pid in work))
        for pid in list(running):
            ended, _, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                running.remove(pid)
                cpu_s.append(usage.ru_utime + usage.ru_stime)
        # Looking costs CPU that the learners want, and a peak must not fall between two looks.
        time.sleep(min(5.0, max(0.5, 9 * (time.monotonic() - began))))
    return peak_kb / MB, cpu_s


def lab_server_mb() -> float:
    """The memory of a Jupyter Lab server with nothing open, which each learner has besides, MB."""
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"]
    quiet = subprocess.DEVNULL
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet)
        try:
            time.sleep(SERVER_SETTLES_S)
            return pss_kb()[server.pid][1] / MB
        finally:
            server.terminate()
            server.wait()


def measured(recording: Path) -> dict[str, float]:
    """What a learner's own run says of its bills: the longest wait billed, the longest INIT, ms."""
    figures = load_recording(recording)
    reports = [one for runs, _ in figures["runs"].values() for one in runs]
    return {
        "billed_ms": max(report.billed_ms for report in reports),
        "init_ms": max(float(size["cold"].init_ms) for size in figures["sizes"]),
        "multiple": figures["figures"]["openai"]["multiple"],
    }


def class_of(count: int) -> dict[str, Any]:
    """Start so many learners together, and return what the class took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.monotonic()
        learners = [start_learner(folder, number) for number in range(count)]
        try:
            memory_mb, cpu_s = watch(learners)
        finally:
            for learner in learners:
                learner.kill()  # its kernel and its cloud end with it
        wall_s = time.monotonic() - began
        told, errors, bills = [], [], []
        for own in folder.glob("learner*"):
            try:
                one = json.loads((own / "told.json").read_text())
                told.append(one["wall_s"])
            except OSError:
                one = {"errors": [(own / "log").read_text(errors="replace")[-300:]]}
            errors += [f"{own.name}, {error}" for error in one["errors"]]
            recording = own / f"{LAB.stem}.json"
            if recording.exists() and not one["errors"]:
                bills.append(measured(recording))
    return {
        "learners": count,
        "failed": len({error.partition(",")[0] for error in errors}),
        "wall_s": round(wall_s, 1),
        "median_s": round(statistics.median(told or [wall_s]), 1),
        "slowest_s": round(max(told or [wall_s]), 1),
        "memory_mb_each": round(memory_mb / count),
        "cpu_s_each": round(sum(cpu_s) / count, 1),
        "most": {key: max(bill[key] for bill in bills) for key in bills[0]} if bills else {},
        "errors": errors,
    }


def show(row: dict[str, Any]) -> None:
    """Print one class on one line, and below it each error."""
    most = ", ".join(f"{key} {value:,.1f}" for key, value in row["most"].items())
    print(
        f"{row['learners']:8} {row['failed']:7} {row['median_s']:9.1f} {row['slowest_s']:10.1f}"
        f" {row['memory_mb_each']:8,} {row['cpu_s_each']:10.1f}   most: {most}",
        flush=True,
    )
    for error in row["errors"]:
        print(f"         {error}", flush=True)


def main() -> int:
    """Measure each size of class; return 1 if a cell failed, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sizes", nargs="*", type=int, default=[1, 30], help="learners at once")
    parser.add_argument("--record", action="store_true", help=f"keep the figures in {RESULT.name}")
    parser.add_argument("--learner", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.learner:
        run_lab(chosen.learner)
        return 0
    server_mb = round(lab_server_mb())
    print(f"a class on one host: {machine()}; a Jupyter Lab server alone: {server_mb} MB")
    print("learners  failed  median s  slowest s  MB each  CPU s each")
    classes = []
    for size in chosen.sizes:
        classes.append(class_of(size))
        show(classes[-1])
    if chosen.record:
        whole = {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "cores": os.cpu_count(),
            "lab": LAB.stem,
            "server_mb": server_mb,
            "classes": classes,
        }
        RESULT.parent.mkdir(exist_ok=True)
        aside = RESULT.with_suffix(".tmp")
        aside.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
        aside.replace(RESULT)
    return int(any(row["failed"] for row in classes))


if __name__ == "__main__":
    sys.exit(main())
