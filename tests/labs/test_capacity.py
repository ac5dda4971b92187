"""What lab 4 makes of its levels: on a free machine what was in time, on a busy one the CPU's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helper_cards import card_error

from serverless_tax import Workload
from serverless_tax.cloud import Provider
from serverless_tax.cloud.lab.capacity import capacity
from serverless_tax.cloud.lab.replay import load_recording

ROOT = Path(__file__).parents[2]
RECORDED = load_recording(ROOT / "labs/results/4-sharing-the-wait.json")["levels"]


def level(streams: int, gap_ms: float, cpu_ms: float, share: float) -> dict[str, float]:
    """One line of the worker's."""
    return {
        "streams": streams,
        "p95_gap_ms": gap_ms,
        "cpu_ms_per_token": cpu_ms,
        "core_share": share,
    }


def test_the_assumed_capacity_lies_in_the_range_that_was_measured() -> None:
    """What the bills count with, and the run that the book quotes."""
    held = capacity(RECORDED, 116)
    assert not held.is_busy
    assert held.streams == held.low == 90
    assert held.low <= Workload.preset("article").streams_per_vcpu <= held.high
    assert held.says == "Between 90, which were in time, and 118, which fill the core."


@pytest.mark.parametrize("late_at", [1, 2])
def test_a_busy_machine_is_named_and_the_cpu_of_a_token_decides(late_at: int) -> None:
    """Tokens late while the worker had half a core say nothing about the worker."""
    levels = [level(5, 9.1, 0.20, 0.1), level(20, 9.3, 0.15, 0.3), level(35, 9.2, 0.12, 0.4)]
    busy = [*levels[:late_at], {**levels[late_at], "p95_gap_ms": 20.0}]
    held = capacity(busy, 116)
    assert held.is_busy
    card = card_error("a busy machine", 4)
    assert card
    assert card.is_in(held.says)
    assert not card.is_in(capacity([*levels[:late_at], {**busy[-1], "core_share": 0.9}], 116).says)
    assert f"not the {levels[late_at - 1]['streams']} " in held.says
    assert held.streams == int(1000 / (levels[late_at]["cpu_ms_per_token"] * 116))


def test_tokens_that_come_in_bursts_say_nothing_of_the_worker() -> None:
    """Beside twenty other programs the first gap is long and the others are none: as measured."""
    levels = [
        level(5, 24.47, 0.247, 0.14),
        level(20, 0.16, 0.078, 0.04),
        level(160, 0.08, 0.1, 0.2),
    ]
    held = capacity(levels, 116)
    assert held.is_busy
    assert held.streams == int(1000 / (0.078 * 116))
    assert "This machine is busy" in held.says
    assert (
        "This machine is busy: at 20 streams tokens came in bursts"
        in capacity([level(5, 9.1, 0.2, 0.1), *levels[1:]], 116).says
    )


def test_a_worker_that_was_never_late_holds_what_was_tried() -> None:
    """The last level is in time: it holds at least so many."""
    assert capacity([level(5, 9.1, 0.2, 0.1), level(160, 9.2, 0.04, 0.7)], 116).low == 160


def test_streams_that_never_all_stream_are_measured_too() -> None:
    """As on one core with other work, where the first answer ends before the last begins."""
    with Provider(ttft_ms=50, tokens_per_s=1000, output_tokens=8) as provider:
        reaches = {"OPENAI_BASE_URL": provider.base_url, "OPENAI_API_KEY": provider.api_key}
        ran = subprocess.run(
            [sys.executable, ROOT / "labs/handlers/shared_worker.py"],
            input="5\n",
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, **reaches, "MODEL": "sim"},
        )
    told = json.loads(ran.stdout)
    assert told["streams"] == 5
    assert told["p95_gap_ms"] > 0
    assert 0 < told["core_share"] <= 1
