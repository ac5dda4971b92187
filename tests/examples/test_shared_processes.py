"""What AWS worked out for shared processes and agent sessions comes out the same here.

Each example gives where it was printed. The lines are compared to the cent that was printed.
"""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Bill, Workload, bill

#: Traffic that keeps instances full in the hours in which there is any, and none at night.
FULL = {"minimum_instances": 0, "peak_to_mean": 1, "target_utilisation": 1}


def tasks(count: int, minutes_a_day: float, **quantities: Any) -> Bill:
    """Return the bill of Fargate tasks that run for a part of each of 30 days, and no longer.

    They are kept by 100 requests of a second to the vCPU, sent for as long as they run.
    """
    hours = minutes_a_day / 60 * 30
    streams = count * 100 * quantities.get("instance_vcpu", 1)
    w = Workload(
        requests_per_month=streams * hours * 3600,
        memory_mb=1769,
        wait_ms=1000,
        busy_hours_a_day=hours / 730 * 24,
        streams_per_vcpu=100,
        **(FULL | quantities),
    )
    return bill("aws-fargate", w, on=DAY)


def cents(priced: Bill) -> list[float]:
    """Return the lines of a bill in dollars and whole cents."""
    return [round(item.cost, 2) for item in priced.items]


@pytest.mark.parametrize(
    ("architecture", "cpu", "memory", "total"),
    [("x86_64", 1.01, 0.22, 1.26), ("arm64", 0.81, 0.18, 1.02)],
)
def test_aws_fargate_tasks_for_ten_minutes_a_day(
    architecture: str, cpu: float, memory: float, total: float
) -> None:
    """5 tasks of 1 vCPU and 2 GB, 10 minutes a day: $1.01 and $0.22; on Arm $0.81 and $0.18.

    The totals printed, $1.26 and $1.02, hold $0.03 for 10 GB of disk beyond the free 20, which
    is not on this bill. Source: https://aws.amazon.com/fargate/pricing/, examples 1 and 2.
    """
    five = tasks(5, 10, architecture=architecture)
    assert cents(five) == [cpu, memory]
    assert round(sum(cents(five)) + 0.03, 2) == total


def test_aws_fargate_pods_for_an_hour_a_day() -> None:
    """10 pods of 0.25 vCPU and 1 GB for an hour a day: $3.04 and $1.33, $4.37.

    Source: https://aws.amazon.com/fargate/pricing/, example 3.
    """
    ten = tasks(10, 60, instance_vcpu=0.25, instance_memory_mb=1024)
    assert cents(ten) == [3.04, 1.33]
    assert round(ten.total, 2) == 4.37


def test_infracost_machine_for_a_month() -> None:
    """An m7g.large for 730 hours: $59.57.

    Source: what Infracost printed for https://github.com/gordonmurray/tofu_aws_apache_flink, from
    AWS's price list ("Instance usage (Linux/UNIX, on-demand, m7g.large)").
    """
    w = Workload(requests_per_month=0, memory_mb=1769, minimum_instances=1)
    assert cents(bill("aws-ec2", w, on=DAY)) == [59.57]


def session(platform: str, **quantities: Any) -> Bill:
    """Return the bill of sessions of one request each that are stopped after their answer."""
    given = {"memory_mb": 4096, "measured_at_mb": 1769, "session_idle_ms": 0}
    return bill(platform, Workload(**(given | quantities)), on=DAY)


def test_aws_customer_support_agent_on_the_second_runtime() -> None:
    """A million sessions of 600 s, 60 of them CPU: $2,127 and $4,577, $6,704.

    Its memory is 1 GB for 300 s, 2 GB for 150 s and 2.5 GB for 150 s: 975 GB-seconds, 1.625 GB on
    average. AWS rounds a session's dollars to six places on the way, and prints $6,703.
    Source: https://aws.amazon.com/bedrock/agentcore/pricing/, "Runtime microVMs v2".
    """
    agent = session(
        "aws-agentcore",
        requests_per_month=1e6,
        peak_memory_mb=1.625 * 1024,
        cpu_ms=60_000,
        wait_ms=540_000,
    )
    cpu, memory = agent.items
    assert round(cpu.cost / 1e6, 6) == 0.002127
    assert memory.quantity == pytest.approx(975e6 / 3600)
    by_phase = [round(gb_s * 0.0169 / 3600, 6) for gb_s in (300, 300, 375)]
    assert by_phase == [0.001408, 0.001408, 0.001760]
    assert round(1e6 * (round(cpu.cost / 1e6, 6) + sum(by_phase))) == 6703
    assert agent.total == pytest.approx(6703, abs=1)


def test_aws_customer_support_agent_on_the_first_runtime() -> None:
    """10,000 sessions of 60 s, 18 of them CPU, at 2 GB: $4.475 and $3.15, $7.63.

    Printed per session: $0.0004475, $0.000315 and $0.0007625. Source:
    https://aws.amazon.com/blogs/machine-learning/securely-launch-and-scale-your-agents-and-tools-on-amazon-bedrock-agentcore-runtime/
    """
    agent = session(
        "aws-agentcore-v1",
        requests_per_month=10_000,
        peak_memory_mb=2048,
        cpu_ms=18_000,
        wait_ms=42_000,
    )
    assert [item.cost / 10_000 for item in agent.items] == pytest.approx([0.0004475, 0.000315])
    assert agent.total / 10_000 == pytest.approx(0.0007625)


@pytest.mark.parametrize(
    ("sessions", "seconds", "cpu_s", "cpu_usd", "memory_usd", "total"),
    [
        (100_000, 600, 240, 0.005967, 0.0063, 1226.67),
        (30_000, 120, 96, 0.002387, 0.00126, 109.40),
    ],
)
def test_aws_browser_and_code_interpreter_sessions(
    *,
    sessions: int,
    seconds: int,
    cpu_s: int,
    cpu_usd: float,
    memory_usd: float,
    total: float,
) -> None:
    """120 s of two vCPUs in 600 s at 4 GB: $1,226.67 for 100,000; 48 s in 120 s: $109.40.

    AWS's browser and code interpreter sessions bill at the first runtime's prices and by its
    rules. Source: https://aws.amazon.com/bedrock/agentcore/pricing/, "Browser" and "Code
    Interpreter".
    """
    used = session(
        "aws-agentcore-v1",
        requests_per_month=sessions,
        cpu_ms=cpu_s * 1000,
        wait_ms=(seconds - cpu_s) * 1000,
    )
    assert [round(item.cost / sessions, 6) for item in used.items] == [cpu_usd, memory_usd]
    assert round(used.total, 2) == total
