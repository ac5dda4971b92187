"""Price ten million requests with the package, and with two lines of numpy, in one run.

Both round each request up to whole milliseconds. Only the ratio travels between machines.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from serverless_tax import Workload, bill

REQUESTS = 10_000_000
MEMORY_MB = 1024
CPU_MS = 5.5
# us-east-1, x86, first tier, and a request: https://aws.amazon.com/lambda/pricing/
USD_PER_GB_S = 0.0000166667
USD_PER_REQUEST = 0.20 / 1e6
TARGET_RATIO = 1.3
ROUNDS = 9


def bare_numpy_usd(wait_ms: np.ndarray) -> float:
    """Return the same month's bill as one would type it: US dollars."""
    # Half a millionth of a millisecond absorbs the floats' last bits, as in the package.
    billed_ms = np.ceil(wait_ms + (CPU_MS - 5e-7)).sum()
    return float(billed_ms / 1000 * MEMORY_MB / 1024 * USD_PER_GB_S + REQUESTS * USD_PER_REQUEST)


def seconds(action: Callable[[], object]) -> float:
    """Return how long one call takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def main() -> None:
    """Alternate the two, so that a busy machine slows both, and print medians and their ratio."""
    wait_ms = np.random.default_rng(0).uniform(100, 9_000, REQUESTS)
    workload = Workload(
        requests_per_month=REQUESTS,
        memory_mb=MEMORY_MB,
        cpu_ms=CPU_MS,
        wait_ms=wait_ms,
    )
    ours, bare = bill("aws-lambda", workload).total, bare_numpy_usd(wait_ms)
    if not np.isclose(ours, bare, rtol=1e-9, atol=0):
        raise SystemExit(f"billing: the package says {ours} and numpy {bare}: compare the formulas")
    pairs = [
        (seconds(lambda: bill("aws-lambda", workload)), seconds(lambda: bare_numpy_usd(wait_ms)))
        for _ in range(ROUNDS)
    ]
    package_s, numpy_s = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(package / plain for package, plain in pairs)
    print(
        f"billing 10 M requests: {package_s * 1000:.0f} ms, bare numpy {numpy_s * 1000:.0f} ms,"
        f" ratio {ratio:.2f} (target <= {TARGET_RATIO})"
    )


if __name__ == "__main__":
    main()
