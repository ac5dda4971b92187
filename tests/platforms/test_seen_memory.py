"""Platforms that bill the memory in use, and CPU above a baseline: usage worked by hand."""

from __future__ import annotations

import pytest

from serverless_tax import Workload
from serverless_tax.platforms import aws_lambda_microvms, azure_functions_consumption


@pytest.mark.parametrize(("peak_memory_mb", "billed_mb"), [(0, 1024), (200, 256), (128, 128)])
def test_azure_bills_the_memory_that_was_seen(peak_memory_mb: float, billed_mb: float) -> None:
    """A second of 200 MB is one of 256 MB, the next step of 128; unseen, it is the memory set."""
    w = Workload(requests_per_month=1, memory_mb=1024, wait_ms=1000, peak_memory_mb=peak_memory_mb)
    used = azure_functions_consumption.usage(w)
    assert used["azure_functions_alone_gb_seconds"] == pytest.approx(billed_mb / 1024)


def test_a_microvm_adds_the_cpu_above_its_baseline() -> None:
    """Of a second at one vCPU and three of waiting on half a vCPU: 4 × 0.5 and half of one more."""
    w = Workload(
        requests_per_month=1, memory_mb=1024, cpu_ms=1000, wait_ms=3000,
        instance_vcpu=0.5, instance_memory_mb=1024, session_idle_ms=0,
    )  # fmt: skip
    used = aws_lambda_microvms.usage(w)
    assert used["microvm_used_vcpu_seconds"] == pytest.approx(2.5)
    assert used["microvm_vcpu_seconds"] == pytest.approx(2.5)
