"""Run every benchmark, the quick ones first; each prints its figures on a line of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BENCHMARKS = (
    *(
        "billing",
        "every_platform",
        "import_time",
        "page_weight",
        "readability",
        "book_counts",
        "drag",
    ),
    *(
        "book_build",
        "local_cloud",
        "cpu_share",
        "cloud_load",
        "labs",
        "clients",
        "streams",
        "audit",
    ),
)


def main() -> int:
    """Run each in a Python of its own; return 1 if one failed, else 0."""
    codes = []
    for name in BENCHMARKS:
        command = [sys.executable, str(HERE / f"{name}.py")]
        codes.append(subprocess.run(command, check=False).returncode)
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
