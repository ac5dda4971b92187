"""Limits that a busy machine stretches: thirty INITs at once take long, and do not fail."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from serverless_tax.cloud.function import fair_time
from serverless_tax.cloud.function.fair_time import fair_sleep, share_of_a_cpu


@pytest.mark.parametrize(("wanting", "share"), [(0, 1), (1, 1), (15, 1 / 15)])
def test_a_share_is_cores_over_those_that_want_one(
    wanting: int, share: float, tmp_path: Path
) -> None:
    """Never more than one CPU, for a process with one thread uses no more."""
    counts = tmp_path / "stat"
    cores = os.cpu_count() or 1
    counts.write_text(f"cpu  1 2 3\nprocs_running {wanting * cores}\nprocs_blocked 0\n")
    assert share_of_a_cpu(counts) == pytest.approx(share)


def test_where_the_kernel_does_not_say_a_second_is_a_second(tmp_path: Path) -> None:
    """A missing file and a missing line stretch nothing."""
    (tmp_path / "stat").write_text("cpu  1 2 3\n")
    assert share_of_a_cpu(tmp_path / "stat") == 1
    assert share_of_a_cpu(tmp_path / "none") == 1


@pytest.mark.parametrize("share", [1.0, 0.25])
def test_a_limit_takes_its_time_over_the_share(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quarter of a CPU for everybody: four times as long until the limit."""
    monkeypatch.setattr(fair_time, "share_of_a_cpu", lambda: share)
    monkeypatch.setattr(fair_time, "LOOK_S", 0.01)
    began = time.perf_counter()
    asyncio.run(fair_sleep(0.1))
    assert 0.1 / share <= time.perf_counter() - began < 0.1 / share + 0.3
