"""What AWS worked out for shared processes and agent sessions comes out the same here.

Each example gives where it was printed. The lines are compared to the cent that was printed, the
totals in ``test_published.py``.
"""

from __future__ import annotations

import pytest
from published import published

from serverless_tax import Bill


def cents(priced: Bill) -> list[float]:
    """Return the lines of a bill in dollars and whole cents."""
    return [round(item.cost, 2) for item in priced.items]


@pytest.mark.parametrize(
    ("what", "cpu", "memory"),
    [
        ("five tasks on x86_64, ten minutes a day", 1.01, 0.22),
        ("five tasks on arm64, ten minutes a day", 0.81, 0.18),
    ],
)
def test_aws_fargate_tasks_for_ten_minutes_a_day(what: str, cpu: float, memory: float) -> None:
    """5 tasks of 1 vCPU and 2 GB, 10 minutes a day: $1.01 and $0.22; on Arm $0.81 and $0.18.

    The totals printed, $1.26 and $1.02, hold $0.03 for 10 GB of disk beyond the free 20, which
    is not on this bill. Source: https://aws.amazon.com/fargate/pricing/, examples 1 and 2.
    """
    [five] = published(f"Fargate, {what}")
    assert cents(five) == [cpu, memory]


def test_aws_fargate_pods_for_an_hour_a_day() -> None:
    """10 pods of 0.25 vCPU and 1 GB for an hour a day: $3.04 and $1.33, $4.37.

    Source: https://aws.amazon.com/fargate/pricing/, example 3.
    """
    [ten] = published("Fargate, ten pods, an hour a day")
    assert cents(ten) == [3.04, 1.33]


def test_infracost_machine_for_a_month() -> None:
    """An m7g.large for 730 hours: $59.57.

    Source: what Infracost printed for https://github.com/gordonmurray/tofu_aws_apache_flink, from
    AWS's price list ("Instance usage (Linux/UNIX, on-demand, m7g.large)").
    """
    [machine] = published("Infracost, a machine for a month")
    assert cents(machine) == [59.57]


def test_aws_customer_support_agent_on_the_second_runtime() -> None:
    """A million sessions of 600 s, 60 of them CPU: $2,127 and $4,577, $6,704.

    Its memory is 1 GB for 300 s, 2 GB for 150 s and 2.5 GB for 150 s: 975 GB-seconds, 1.625 GB on
    average. AWS rounds a session's dollars to six places on the way, and prints $6,703.
    Source: https://aws.amazon.com/bedrock/agentcore/pricing/, "Runtime microVMs v2".
    """
    [agent] = published("AgentCore v2: a support agent")
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
    [agent] = published("AgentCore v1: a support agent")
    assert [item.cost / 10_000 for item in agent.items] == pytest.approx([0.0004475, 0.000315])
    assert agent.total / 10_000 == pytest.approx(0.0007625)


@pytest.mark.parametrize(
    ("what", "sessions", "cpu_usd", "memory_usd"),
    [
        ("browser sessions", 100_000, 0.005967, 0.0063),
        ("code interpreter", 30_000, 0.002387, 0.00126),
    ],
)
def test_aws_browser_and_code_interpreter_sessions(
    what: str, sessions: int, cpu_usd: float, memory_usd: float
) -> None:
    """120 s of two vCPUs in 600 s at 4 GB: $1,226.67 for 100,000; 48 s in 120 s: $109.40.

    AWS's browser and code interpreter sessions bill at the first runtime's prices and by its
    rules. Source: https://aws.amazon.com/bedrock/agentcore/pricing/, "Browser" and "Code
    Interpreter".
    """
    [used] = published(f"AgentCore: {what}")
    assert [round(item.cost / sessions, 6) for item in used.items] == [cpu_usd, memory_usd]
