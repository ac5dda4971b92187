"""Price ten million requests on every platform, each against two lines of numpy in the same run.

The numpy is that of `billing.py`, whose target is for Lambda: other rules meter more than one
length, and have no target. Only the ratios travel between machines.
"""

from __future__ import annotations

import statistics

import numpy as np
from billing import CPU_MS, MEMORY_MB, REQUESTS, bare_numpy_usd, seconds

from serverless_tax import Workload, bill
from serverless_tax.bill.design import design
from serverless_tax.platforms import platforms

ROUNDS = 3


def main() -> None:
    """Print a line for each platform and part alone, and for each platform with the whole path."""
    wait_ms = np.random.default_rng(0).uniform(100, 9_000, REQUESTS)
    workload = Workload(
        requests_per_month=REQUESTS,
        memory_mb=MEMORY_MB,
        cpu_ms=CPU_MS,
        wait_ms=wait_ms,
    )
    whole = (design(p.id, "whole").id for p in platforms().values() if p.serves)
    seconds(lambda: (bill("aws-lambda", workload), bare_numpy_usd(wait_ms)))  # warm up
    for name in (*platforms(), *whole):
        pairs = [
            (seconds(lambda n=name: bill(n, workload)), seconds(lambda: bare_numpy_usd(wait_ms)))
            for _ in range(ROUNDS)
        ]
        ours_s = statistics.median(ours for ours, _ in pairs)
        ratio = statistics.median(ours / bare for ours, bare in pairs)
        print(f"10 M requests, {name}: {ours_s * 1000:.0f} ms, {ratio:.1f} times bare numpy")


if __name__ == "__main__":
    main()
