"""CPU is given as CPU time, and a platform makes wall clock of each burst of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from serverless_tax import Workload, platforms
from serverless_tax.bill.design import design
from serverless_tax.bill.month import month_usage
from serverless_tax.platforms.meters import cpu
from serverless_tax.request.presets import lab_run, measured_client

LAMBDA = platforms()["aws-lambda"]


def test_an_instance_gives_its_share_of_a_vcpu() -> None:
    """A quarter takes four times as long; above a whole one a thread gains nothing."""
    assert cpu.cpu_wall_ms(10, 0.25) == 40
    assert cpu.cpu_wall_ms(10, 1) == cpu.cpu_wall_ms(10, 4) == 10


def test_what_the_clock_said_becomes_cpu_time_first() -> None:
    """41 ms by the clock on a quarter of a vCPU are two quotas of 5 ms used up, and what ran since.

    That is more than 11 ms of CPU and less than 15: where nothing stops it, as long as that.
    """
    w = Workload(requests_per_month=1, memory_mb=884.5, measured_at_mb=442.25, cpu_ms=41)
    assert 11 < w.cpu_ms < 15
    assert LAMBDA.wall_ms(w.replace(memory_mb=442.25)) == pytest.approx(41, rel=1e-12)
    assert platforms()["aws-ec2"].wall_ms(w) == w.cpu_ms
    assert platforms()["cloudflare-workers"].busy_ms(w) == w.cpu_ms


def _at_least_5_ms(burst_ms: Any, _w: Any) -> Any:
    """Return how long a burst takes on a platform that gives no slice shorter than 5 ms."""
    return np.ceil(burst_ms / 5) * 5


def test_tokens_are_many_short_bursts_and_the_work_is_one() -> None:
    """12 ms take three slices. Ten tokens of 1 ms take ten slices, not the two of 10 ms."""
    slices = replace(LAMBDA, cpu_wall_ms=_at_least_5_ms)
    w = Workload(
        requests_per_month=1,
        memory_mb=1769,
        cpu_ms=12,
        streaming_ms=40,
        output_tokens=10,
        cpu_ms_per_output_token=1,
    )
    assert slices.busy_ms(w) == 15 + 50
    assert slices.wall_ms(w) == 15 + 50
    assert slices.wall_ms(w.replace(streaming_ms=60)) == 15 + 60
    served = slices.as_served(w)
    assert (served.cpu_ms, served.cpu_ms_per_output_token) == (15, 5)
    assert (served.largest["cpu_ms"], served.largest["cpu_ms_per_output_token"]) == (15, 5)


def test_a_limit_counts_the_slices() -> None:
    """180,000 tokens are 900 s of slices of 5 ms, and one more is too long for a function."""
    slices = replace(LAMBDA, cpu_wall_ms=_at_least_5_ms)
    w = Workload(
        requests_per_month=1,
        memory_mb=1769,
        streaming_ms=1,
        output_tokens=180_000,
        cpu_ms_per_output_token=0.1,
    )
    assert not list(slices.obstacles(w))
    assert "900 s" in next(slices.obstacles(w.replace(output_tokens=180_001)))


@pytest.mark.parametrize("client", lab_run()["clients"])
def test_the_meter_s_cpu_and_the_model_s_are_one_quantity(client: str) -> None:
    """What lab 1 logged is billed as it was logged, at 256 MB too: not 6.9 times as much.

    The function is given 256 of 1,769 MB, where so much CPU takes up to 6.9 times as long.
    """
    logged_ms = measured_client(client)["cpu_ms"]
    w = Workload(requests_per_month=1000, memory_mb=256, cpu_ms=logged_ms, wait_ms=4800)
    used = month_usage(design("vercel-fluid"), w)
    assert used["vercel_fluid_cpu_hours"] == pytest.approx(1000 * logged_ms / 3_600_000)
    assert platforms()["cloudflare-workers"].busy_ms(w) == logged_ms
    assert logged_ms * 6.91 - 20 < LAMBDA.busy_ms(w) < logged_ms * 6.91 + 2
