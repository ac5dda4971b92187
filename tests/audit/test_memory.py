"""A log of five gigabytes is added up in little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_MB = 300
PARTS, INVOCATIONS = 22, 500_000

# A process that was started counts its starter's peak as its own, so a small one starts it.
PEAK_OF = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, end="")
"""

sys.path.append(str(ROOT / "benchmarks"))
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
    audit = [str(Path(sys.executable).with_name("serverless-tax")), "audit", str(path), "--json"]
    done = subprocess.run(
        [sys.executable, "-c", PEAK_OF, *audit], stdout=subprocess.PIPE, text=True, check=True
    )
    said, peak_kb = done.stdout.rsplit("\n", 1)
    assert f'"invocations": {INVOCATIONS}' in said  # the same part again is the same invocations
    assert f"{(PARTS - 1) * INVOCATIONS:,} records stand in the logs twice" in said
    assert int(peak_kb) / 1024 < MOST_MB
