"""The rule of a machine: whole ones for the peak, with two processes each."""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Bill, Workload, bill

ONE_A_SECOND = 3600 * 730


def month(**quantities: Any) -> Bill:
    """Return the bill of a request a second, with no headroom and no minimum."""
    plain = {
        "requests_per_month": ONE_A_SECOND,
        "memory_mb": 1769,
        "peak_to_mean": 1,
        "target_utilisation": 1,
        "minimum_instances": 0,
    }
    return bill("aws-ec2", Workload(**(plain | quantities)), on=DAY)


@pytest.mark.parametrize(("wait_ms", "machines"), [(200_000, 1), (200_001, 2), (400_000, 2)])
def test_two_hundred_answers_share_a_machine(wait_ms: float, machines: int) -> None:
    """A hundred on each of its two vCPUs, at $0.0816 an hour."""
    assert month(wait_ms=wait_ms).total == pytest.approx(machines * 730 * 0.0816)


@pytest.mark.parametrize(("cpu_ms", "machines"), [(2000, 1), (2001, 2), (4000, 2)])
def test_two_vcpus_are_busy_at_most(cpu_ms: float, machines: int) -> None:
    """Two seconds of CPU a second fill a machine, and all that is paid for it is work."""
    full = month(cpu_ms=cpu_ms)
    assert full.total == pytest.approx(machines * 730 * 0.0816)
    assert full.work == pytest.approx(cpu_ms / 2000 * 730 * 0.0816)


def test_two_machines_run_for_nobody() -> None:
    """$119.14 a month for two, all of it idle."""
    unused = month(requests_per_month=0, minimum_instances=2)
    assert round(unused.total, 2) == 119.14
    assert unused.idle == unused.total


def test_the_size_of_a_function_changes_nothing() -> None:
    """The machine has the memory it has, and a whole vCPU for 128 ms of CPU."""
    assert month(wait_ms=1000, memory_mb=128).total == month(wait_ms=1000).total
    small = month(cpu_ms=128, memory_mb=128, minimum_instances=1)
    assert small.work == pytest.approx(0.128 / 2 * 730 * 0.0816)


def test_architecture_changes_nothing() -> None:
    """Only the Arm machine is priced, and the bill says so."""
    asked, plain = month(wait_ms=1000, architecture="arm64"), month(wait_ms=1000)
    assert asked.items == plain.items
    assert any(note.startswith("architecture changes nothing on EC2") for note in asked.notes)
