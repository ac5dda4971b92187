"""What AWS worked out for Lambda's other ways of running a function comes out the same here.

All examples are those of https://aws.amazon.com/lambda/pricing/, each under the heading given.
The lines are compared to the cent that was printed, the totals in ``test_published.py``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from published import published
from workloads import DAY

from serverless_tax import Bill, Workload, bill
from serverless_tax.bill.design import design
from serverless_tax.bill.pricing import charges


def month(platform: str, *, free_tier: bool = False, **quantities: Any) -> Bill:
    """Return a month's bill at today's prices."""
    return bill(platform, Workload(**quantities), on=DAY, free_tier=free_tier)


def cents(priced: Bill) -> dict[str, float]:
    """Return what the bill's lines come to in whole cents, by dimension, nothing left out."""
    costs: dict[str, float] = {}
    for item in priced.items:
        costs[item.dimension] = costs.get(item.dimension, 0) + item.cost
    return {name: round(cost, 2) for name, cost in costs.items() if cost}


def test_aws_streaming_server_side_rendered_web_content() -> None:
    """3 million of 500 ms, a million of them with 7 MB: $30.83, $0.40 and $7.81, $39.04.

    The example has compute and requests after the free tier, and the 100 GB of streaming used
    up by something else: so its $7.81 is the line without the free tier.
    """
    pages = {
        "requests_per_month": 3e6,
        "memory_mb": 1536,
        "streaming_ms": 500,  # at 2 MB a second the seventh megabyte takes no longer
        "output_tokens": 0,
        "cpu_ms_per_output_token": 0,
        "response_bytes": [100 * 1024, 100 * 1024, 7 * 1024**2],
    }
    free = month("aws-lambda-streaming", free_tier=True, **pages)
    paid = month("aws-lambda-streaming", **pages)
    lines = {**cents(free), "streamed_gb": cents(paid)["streamed_gb"]}
    assert lines == {"requests": 0.40, "duration_x86_gb_seconds": 30.83, "streamed_gb": 7.81}
    assert round(sum(lines.values()), 2) == 39.04
    streamed = {item.dimension: item.quantity for item in paid.items}["streamed_gb"]
    assert round(streamed, 2) == 976.56


def test_aws_provisioned_mobile_application_launch() -> None:
    """100 kept for 8 hours meet 500,000 of 3 million requests: $18, $0.40, $0.73, $0.83, $19.96.

    The launch day's requests take 100 ms and the others 120 ms, so each has a bill. The free tier
    counts for the 2.5 million that ran on demand, not for the others.
    """
    launch, others = published("Lambda, provisioned: a mobile application's launch")
    lines = cents(launch) | cents(others)
    assert round(lines.pop("requests") + lines.pop("provisioned_requests"), 2) == 0.40
    assert lines == {
        "provisioned_x86_gb_seconds": 18.00,
        "provisioned_duration_x86_gb_seconds": 0.73,
        "duration_x86_gb_seconds": 0.83,
    }


def test_aws_provisioned_cyber_monday() -> None:
    """7 kept for 24 hours meet 2 million of 280 ms at 4,096 MB: $10.08, $21.78, $0.40, $32.26.

    Nothing of it is free: the free tier is not for provisioned concurrency.
    """
    [sale] = published("Lambda, provisioned: a day of sales")
    assert sale.total_with_free_tier == sale.total
    assert cents(sale) == {
        "provisioned_requests": 0.40,
        "provisioned_x86_gb_seconds": 10.08,
        "provisioned_duration_x86_gb_seconds": 21.78,
    }


def test_aws_snapstart_streaming_telemetry() -> None:
    """7.44 million of 2 s at 1 GB, 1 % of them restored: $1.49, $248.00, $4.03, $10.4, $263.92.

    The example's month has 31 days and a month here 730 hours, so the version of the example is
    744 / 730 of one.
    """
    [telemetry] = published("Lambda, SnapStart: telemetry")
    assert cents(telemetry) == {
        "requests": 1.49,
        "duration_x86_gb_seconds": 248.00,
        "snapstart_cache_gb_seconds": 4.03,
        "snapstart_restored_gb": 10.40,
    }


def test_aws_managed_instances_high_throughput_api() -> None:
    """100 million requests and 2,000 hours of m7g.xlarge: $20, $91.40 and $48.96, $160.36.

    The hours are the example's own estimate, and its machine has 72 % off with a Savings Plan:
    $0.0457 instead of $0.1632 an hour. The management fee stays what it is.
    """
    used = {
        "managed_requests": 100e6,
        "managed_m7g_xlarge_hours": 2000.0,
        "managed_fee_hours": 2000.0,
        "managed_busy_hours": 0.0,
        "managed_used_hours": 2000.0,
    }
    prices = design("aws-lambda-managed-instances").prices(used, DAY, "us-east-1")
    machine = prices["managed_m7g_xlarge_hours"]
    assert round(machine.tiers[0][1] * 0.28, 4) == 0.0457
    prices["managed_m7g_xlarge_hours"] = replace(machine, tiers=((0.0, 0.0457),))
    costs = {line.price.dimension: round(line.cost, 2) for line in charges(used, prices)}
    assert costs == {
        "managed_requests": 20.00,
        "managed_m7g_xlarge_hours": 91.40,
        "managed_fee_hours": 48.96,
    }
    assert round(sum(costs.values()), 2) == 160.36


def test_aws_durable_insurance_claims() -> None:
    """A million claims of 32 s and 7 days of review: $421.34, $0.20, $32, $26, $10.92, $490.46.

    30 s of a step wait for a model, and are billed: only the review is suspended. 8 KB start an
    execution and each of its three operations writes 32 KB; a gigabyte is 10^9 bytes here, as
    in the example, and a month of retention 30 days.
    """
    [claims] = published("Lambda, durable: insurance claims")
    assert cents(claims) == {
        "requests": 0.20,
        "duration_arm_gb_seconds": 421.34,
        "durable_operations": 32.00,
        "durable_written_gb": 26.00,
        "durable_retained_gb_months": 10.92,
    }


def test_aws_microvms_sandboxes_for_coding_assistants() -> None:
    """2,000 sessions, suspended six times each: $1,103.38, then $43.40, $91.20 and $3.24.

    Snapshots are read, written and kept at the price list's prices, which the page rounds.
    """
    baseline, peak = published("Lambda MicroVMs: sandboxes for coding assistants")
    lines, more = cents(baseline), cents(peak)
    compute = ("microvm_vcpu_seconds", "microvm_gb_seconds")
    assert [lines[one] for one in compute] == [373.87, 99.00]
    assert [more.pop(one) for one in compute] == [498.50, 132.00]
    assert not any(more.values())
    snapshots = [
        lines[f"microvm_snapshot_{what}"] for what in ("read_gb", "written_gb", "gb_hours")
    ]
    assert snapshots == pytest.approx([43.40, 91.20, 3.24], rel=0.003)


def test_a_suspended_microvm_is_kept_for_eight_hours() -> None:
    """Longer at a time cannot be; longer in all can."""
    night = {"requests_per_month": 1, "memory_mb": 1024, "suspended_ms": 14 * 3_600_000}
    assert any("eight hours" in why for why in month("aws-lambda-microvms", **night).obstacles)
    twice = month("aws-lambda-microvms", **night, suspensions=2)
    assert not twice.obstacles


def test_a_microvm_bills_the_memory_above_its_baseline_while_it_is_used() -> None:
    """A second of a request with 8 GB, and one idle with the baseline's 2: ten gigabyte-seconds."""
    peak = {"requests_per_month": 1e6, "memory_mb": 1024, "wait_ms": 1000, "session_idle_ms": 1000}
    used = cents(month("aws-lambda-microvms", **peak, peak_memory_mb=8192))
    assert used["microvm_gb_seconds"] == 36.67
    over = month("aws-lambda-microvms", **peak, peak_memory_mb=9000)
    assert any("four times its baseline" in why for why in over.obstacles)
