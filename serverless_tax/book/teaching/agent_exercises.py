"""Lab seven's exercises: what suspending an agent costs, and from which wait on it pays."""

from __future__ import annotations

from typing import Any

from serverless_tax.bill.bill import bill
from serverless_tax.bill.totals import Pricer
from serverless_tax.book.teaching.checking import FREE_TIER, first_number, judge
from serverless_tax.request.workload import Workload


def operations_of_an_agent(agent: Workload, operations_usd: Any) -> None:
    """Lab 7: what the operations of a month of agents cost."""
    lines = {item.dimension: item.cost for item in bill("aws-lambda-durable", agent).items}
    right = lines["durable_operations"]
    each = right / (1 + agent.durable_steps + agent.durable_waits)
    compute_usd = sum(usd for name, usd in lines.items() if name.endswith("gb_seconds"))
    judge(
        operations_usd,
        what="what the operations cost, in USD",
        right=right,
        unit="usd",
        looks_like={
            "Starting an execution is an operation too.": right - each,
            "Each of the waits is an operation as well.": right - agent.durable_waits * each,
            "That is the compute.": compute_usd,
            "That is the whole month. Asked for are the operations.": sum(lines.values()),
            "That is one operation of each agent: there are several.": each,
            "That is all but the operations.": sum(lines.values()) - right,
            "The compute is in it. Asked for are the operations alone.": right + compute_usd,
            "That is their share of the month. Asked for are USD.": right / sum(lines.values()),
            "That is the price of one operation.": each / agent.requests_per_month,
            "That is one agent's. A month has a million.": right / agent.requests_per_month,
            "That is how many operations an agent has. Asked for is their price.": right / each,
            "That is how many operations there are. Asked for is their price.": (
                right / each * agent.requests_per_month
            ),
        },
        too_low="Count the start, each step and each wait.",
        too_high="Count the start, each step and each wait, and nothing twice.",
    )


def wait_worth_suspending(agent: Workload, awake: Workload, limit_ms: Any) -> None:
    """Lab 7: from which wait on a suspended agent is cheaper than one that stays awake."""
    pricer = Pricer()

    def limit(usd: float, **changes: Any) -> int:
        def reached(ms: int) -> bool:
            w = awake.replace(wait_ms=ms, **changes)
            return float(pricer.totals("aws-lambda", w).total) > usd

        return first_number(900_000, reached)

    month = bill("aws-lambda-durable", agent)
    operations_usd = {item.dimension: item.cost for item in month.items}["durable_operations"]
    right = limit(month.total)
    judge(
        limit_ms,
        what="the milliseconds of wait from which it is cheaper to suspend",
        right=right,
        unit="ms",
        looks_like={
            "The operations cost too, not the time awake alone.": limit(
                month.total - operations_usd
            ),
            "That is for the operations alone. Each invocation is billed as well.": limit(
                operations_usd
            ),
            "That is the time awake of the suspended agent.": agent.cpu_ms,
            "That is the time awake of the other agent.": awake.cpu_ms,
            "That is how much longer the suspended one is awake. The operations come on top.": (
                agent.cpu_ms - awake.cpu_ms
            ),
            "That is wait and work together. Asked for is the wait.": right + awake.cpu_ms,
            "Its work is taken off it, and the wait comes before the work.": right - awake.cpu_ms,
            "That is at Arm's price. Here both run on x86.": limit(
                month.total, architecture="arm64"
            ),
            "The one that waits has as much memory as the one that sleeps.": limit(
                month.total, memory_mb=128
            ),
            FREE_TIER: limit(month.total_with_free_tier),
            "That is the month in USD. Asked for are milliseconds.": month.total,
        },
        too_low="There staying awake is still cheaper: the operations and each start cost too.",
        too_high="There it has been cheaper to suspend for some time. Asked for is the first.",
    )
