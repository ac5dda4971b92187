"""The local cloud's CPU share on real processes, beside what was measured on AWS."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "cpu_share.py"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="a share of CPU is held by Linux's signals")
def test_twelve_sizes_take_as_long_as_on_aws() -> None:
    """Within 10 % of the measured mean, on a quiet machine; on a busy one none is judged.

    At 735 MB, the foot of a step, within 20 %. The benchmark looks at the load itself and says
    which of the two it was.
    """
    ran = subprocess.run(
        [sys.executable, BENCHMARK],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env=os.environ,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert sum(" MB: " in line for line in ran.stdout.splitlines()) == 12
    if "not judged" in ran.stdout:
        pytest.skip(ran.stdout.splitlines()[-1])
