"""A log of five gigabytes is added up in little memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_MB = 300
PARTS, INVOCATIONS = 22, 500_000

sys.path.insert(0, str(ROOT / "benchmarks"))
from audit_log import write_log  # noqa: E402 - the benchmark's log


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_five_gigabytes_take_less_than_300_mb(tmp_path: Path) -> None:
    """The process as a whole, its peak as the system counts it."""
    part, path = tmp_path / "part.log", tmp_path / "five-gigabytes.log"
    write_log(part, INVOCATIONS)
    data = part.read_bytes()
    with path.open("wb") as out:
        for _ in range(PARTS):
            out.write(data)
    assert path.stat().st_size > 4.8e9
    command = [str(Path(sys.executable).with_name("serverless-tax")), "audit", str(path), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = process.stdout.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert f'"invocations": {PARTS * INVOCATIONS}' in said
    assert used.ru_maxrss / 1024 < MOST_MB
