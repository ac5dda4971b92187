"""How much more CPU what `serverless_tax` offers takes to import than numpy, in a fresh Python.

CPU time, since a clock on the wall counts what else the machine does: 360 ms in place of 69.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

ROUNDS = 11
TARGET_MS = 150
CLOCK = "import time; began = time.process_time(); import {}; print(time.process_time() - began)"


def import_ms(modules: str) -> float:
    """Return the CPU time that a fresh Python takes to import these: milliseconds."""
    # Compiled each time, a package would be measured by its length.
    kept = {name: one for name, one in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", CLOCK.format(modules)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=kept)
    return 1000 * float(done.stdout)


def main() -> None:
    """Alternate the two, and print the difference of the medians."""
    import_ms("serverless_tax.public")  # writes the bytecode
    pairs = [(import_ms("numpy"), import_ms("numpy, serverless_tax.public")) for _ in range(ROUNDS)]
    numpy_ms, both_ms = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"what serverless_tax offers: {both_ms - numpy_ms:.0f} ms over numpy's {numpy_ms:.0f} ms"
        f" (target < {TARGET_MS})"
    )


if __name__ == "__main__":
    main()
