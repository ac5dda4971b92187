"""The rule of Fargate: whole tasks for the peak, and what they do with their time."""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Bill, InvalidQuantity, Workload, bill
from serverless_tax.bill.design import design
from serverless_tax.bill.month import month_usage
from serverless_tax.platforms.aws_fargate import TASKS_GB

#: A request a second, for a month.
ONE_A_SECOND = 3600 * 730

#: No headroom, no minimum: an instance is full before there is a second.
EXACT = {"peak_to_mean": 1, "target_utilisation": 1, "minimum_instances": 0}


def workload(**quantities: Any) -> Workload:
    """Return a request a second, measured on a whole vCPU, with no headroom and no minimum."""
    plain = {"requests_per_month": ONE_A_SECOND, "memory_mb": 1769}
    return Workload(**(plain | EXACT | quantities))


def tasks(**quantities: Any) -> float:
    """Return how many tasks the month needs."""
    return month_usage(design("aws-fargate"), workload(**quantities))["instances"]


def month(**quantities: Any) -> Bill:
    """Return the bill of the tasks alone."""
    return bill("aws-fargate", workload(**quantities), on=DAY)


@pytest.mark.parametrize(("wait_ms", "count"), [(100_000, 1), (100_001, 2), (200_000, 2)])
def test_a_hundred_answers_share_a_task(wait_ms: float, count: int) -> None:
    """A request a second that waits 100 s is 100 at a time, which is one task; more is two."""
    assert tasks(wait_ms=wait_ms) == count


def test_two_tasks_run_with_no_request_at_all() -> None:
    """Two of 1 vCPU and 2 GB for 730 hours: 2 × 730 × (0.04048 + 2 × 0.004445), all of it idle."""
    unused = bill("aws-fargate", Workload(requests_per_month=0, memory_mb=1769), on=DAY)
    assert unused.total == unused.idle == pytest.approx(2 * 730 * (0.04048 + 2 * 0.004445))


def test_waits_share_what_is_kept() -> None:
    """Ten times as many waits on the same task cost nothing more."""
    assert month(wait_ms=10_000).total == month(wait_ms=100_000).total


@pytest.mark.parametrize(
    ("vcpu", "memory_mb", "count"), [(0.25, 512, 4), (0.5, 1024, 2), (1, 2048, 1), (2, 4096, 1)]
)
def test_a_busy_cpu_fills_a_task(vcpu: float, memory_mb: float, count: int) -> None:
    """A second of CPU a second needs one vCPU: four quarters of one, or half of two."""
    size = {"instance_vcpu": vcpu, "instance_memory_mb": memory_mb}
    assert tasks(cpu_ms=1000, **size) == count
    busy = month(cpu_ms=1000, **size)
    assert busy.work / busy.total == pytest.approx(1 if vcpu < 2 else 0.5)


def test_cpu_takes_as_long_as_on_a_whole_vcpu() -> None:
    """The memory of a function is not a task's: 128 ms of CPU take 128 ms."""
    small = month_usage(design("aws-fargate"), workload(cpu_ms=128, memory_mb=128))
    assert small["busy_ms"] == pytest.approx(ONE_A_SECOND * 128)


def test_tasks_run_at_night_at_their_minimum() -> None:
    """200 at a time in 12 of 24 hours: 2 tasks by day and 1 by night, 1.5 × 730 hours."""
    nights = month(wait_ms=100_000, busy_hours_a_day=12, minimum_instances=1)
    assert nights.items[0].quantity == pytest.approx(1.5 * 730)


def test_time_is_idle_when_no_request_is_there() -> None:
    """Half a request at a time on one task: half of its time idle, the rest waiting."""
    half = month(wait_ms=500, minimum_instances=1)
    assert half.idle == pytest.approx(half.total / 2)
    assert half.waiting == pytest.approx(half.total / 2)
    assert half.work == 0


def test_arm_is_cheaper() -> None:
    """The same hours at $0.03238 and $0.00356, and none of the others."""
    arm = month(wait_ms=1000, architecture="arm64")
    assert [i.dimension for i in arm.items] == ["fargate_arm_vcpu_hours", "fargate_arm_gb_hours"]
    assert arm.total == pytest.approx(730 * (0.03238 + 2 * 0.00356))


@pytest.mark.parametrize(("vcpu", "least", "most"), [(k, v[0], v[-1]) for k, v in TASKS_GB.items()])
def test_each_size_has_its_memory(vcpu: float, least: float, most: float) -> None:
    """The least and the most gigabytes are offered; half and twice as much are not."""
    for gb in (least, most):
        assert month(instance_vcpu=vcpu, instance_memory_mb=gb * 1024).total >= 0
    for gb in (least / 2, most * 2):
        with pytest.raises(InvalidQuantity, match="instance_memory_mb is"):
            month(instance_vcpu=vcpu, instance_memory_mb=gb * 1024)


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ({"instance_vcpu": 3}, "instance_vcpu is 3; AWS Fargate offers 0.25, 0.5, 1, 2, 4, 8, 16"),
        (
            {"instance_vcpu": 0.25, "instance_memory_mb": 1536},
            "instance_memory_mb is 1,536; with 0.25 vCPU AWS Fargate offers 512, 1,024 or 2,048 MB",
        ),
        (
            {"instance_vcpu": 8, "instance_memory_mb": 18 * 1024},
            "with 8 vCPU AWS Fargate offers 16,384 to 61,440 MB in steps of 4,096",
        ),
    ],
)
def test_another_size_is_refused(size: dict[str, float], sentence: str) -> None:
    """With the sizes there are."""
    with pytest.raises(InvalidQuantity) as refusal:
        month(**size)
    assert sentence in str(refusal.value)


def test_a_thread_on_a_quarter_of_a_vcpu_keeps_that_quarter_busy() -> None:
    """2 s of work and 2 s of waiting fill four tasks of a quarter: half of each line is work.

    Half a second of CPU on a whole vCPU takes 2 s on a quarter of one.
    """
    four = month(
        cpu_ms=500,
        wait_ms=2000,
        instance_vcpu=0.25,
        instance_memory_mb=512,
        minimum_instances=4,
    )
    assert [item.work for item in four.items] == pytest.approx([i.cost / 2 for i in four.items])
    assert four.idle == pytest.approx(0)


def test_the_minimum_is_whole_tasks_at_night_too() -> None:
    """At least one and a half are two, with traffic for half of the day or not."""
    two = month(wait_ms=1000, minimum_instances=1.5, busy_hours_a_day=12)
    assert two.items[0].quantity == pytest.approx(2 * 730)


def test_sizes_between_the_least_and_the_most_go_by_steps() -> None:
    """2 vCPU have 16 GB at most; 16 vCPU have 40 GB but not 36."""
    assert month(minimum_instances=1, instance_vcpu=2, instance_memory_mb=16 * 1024).total > 0
    assert month(minimum_instances=1, instance_vcpu=16, instance_memory_mb=40 * 1024).total > 0
    with pytest.raises(InvalidQuantity, match="in steps of 8,192"):
        month(instance_vcpu=16, instance_memory_mb=36 * 1024)
