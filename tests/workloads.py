"""Workloads drawn at random, for the tests of properties and of parity."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from serverless_tax import Workload

#: Two days on which the prices of every dimension are known, one with INIT free and one without.
INIT_FREE, INIT_BILLED = date(2025, 7, 31), date(2025, 8, 1)
DAY = date(2026, 11, 1)


def lengths_ms(most: float = 60_000) -> st.SearchStrategy[float]:
    """Draw lengths: whole milliseconds, tenths as a clock prints them, and any float."""
    return st.one_of(
        st.integers(0, int(most)).map(float),
        st.integers(0, int(most) * 10).map(lambda tenths: tenths / 10),
        st.floats(0, most, allow_subnormal=False),
    )


def quantities() -> dict[str, st.SearchStrategy[Any]]:
    """Return what each numeric field of a workload may be, by name."""
    memory = st.integers(128, 10_240).map(float)
    return {
        "requests_per_month": st.integers(0, 10**10).map(float),
        "memory_mb": memory,
        "measured_at_mb": memory,
        "cpu_ms": lengths_ms(),
        "wait_ms": lengths_ms(),
        "streaming_ms": lengths_ms(),
        "output_tokens": st.integers(0, 5000).map(float),
        "cpu_ms_per_output_token": st.floats(0, 5, allow_subnormal=False),
        "init_ms": lengths_ms(10_000),
        "cold_start_share": st.floats(0, 1, allow_subnormal=False),
        "ephemeral_storage_mb": st.integers(512, 10_240).map(float),
    }


def workloads(**fixed: Any) -> st.SearchStrategy[Workload]:
    """Draw workloads of either architecture, with the values given fixed."""
    drawn = quantities() | {"architecture": st.sampled_from(["x86_64", "arm64"])}
    return st.builds(Workload, **(drawn | {name: st.just(value) for name, value in fixed.items()}))
