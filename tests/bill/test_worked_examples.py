"""Bills that someone else worked out, in print, come out the same here.

Each example gives where it was printed. The lines are compared to the cent that was printed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from published import published
from workloads import DAY

from serverless_tax import Bill, Workload, bill, waiting_rate


def month(**quantities: Any) -> Bill:
    """Return a month's bill at today's prices, without the free tier unless asked for.

    The lengths that are printed are billed durations, of a function with the memory beside them.
    """
    quantities = {"measured_at_mb": quantities["memory_mb"]} | quantities
    options = {name: quantities.pop(name) for name in ("on", "free_tier") if name in quantities}
    return bill("aws-lambda", Workload(**quantities), **({"on": DAY} | options))


def cents(priced: Bill) -> dict[str, float]:
    """Return the bill's lines in dollars and whole cents, by dimension."""
    return {item.dimension: round(item.cost, 2) for item in priced.items}


@pytest.mark.parametrize(
    ("what", "lines"),
    [
        ("telemetry", (1.49, 248.00)),
        ("a mobile application", (0.40, 2.33)),
        ("a model on support tickets, with a larger disk", (1.00, 105.33, 0.08)),
    ],
)
def test_aws_of_plain_functions(what: str, lines: tuple[float, ...]) -> None:
    """Requests, GB-seconds and storage, each line as it is printed; the totals are the table's.

    Source: https://aws.amazon.com/lambda/pricing/.
    """
    [priced] = published(f"Lambda: {what}")
    assert tuple(cents(priced).values()) == lines


def test_with_the_free_tier_is_told_without_it() -> None:
    """A bill that leaves it out says what it would come to: AWS's $2.73."""
    mobile = month(requests_per_month=3e6, memory_mb=1536, cpu_ms=120)
    assert round(mobile.total_with_free_tier, 2) == 2.73


def test_aws_portfolio_analysis_before_and_after_tiers() -> None:
    """75 million requests of 60 s at 2,048 MB are 9 billion GB-seconds, 3 of them in tier two.

    The request is AWS's own; the dollars are worked by hand from the prices: 6 billion at
    $0.0000166667 are $100,000.20 and 3 billion at $0.000015 are $45,000.00; in one tier all
    9 billion were $150,000.30.
    Source: https://aws.amazon.com/blogs/compute/introducing-tiered-pricing-for-aws-lambda/
    """
    portfolio = {"requests_per_month": 75e6, "memory_mb": 2048, "wait_ms": "60s"}
    tiered = [item for item in month(**portfolio).items if item.dimension.startswith("duration")]
    assert [item.quantity for item in tiered] == [6e9, 3e9]
    assert [round(item.cost, 2) for item in tiered] == [100_000.20, 45_000.00]
    flat = month(**portfolio, on=date(2022, 8, 4))
    assert cents(flat)["duration_x86_gb_seconds"] == 150_000.30


def test_aws_calculator_on_arm() -> None:
    """4.8 million requests at 128 MB on Arm, of 1 s and of 3 s: $8.96 and $24.96 a month.

    Source: the AWS Pricing Calculator's printed steps (600,000 GB-s x 0.0000133334 USD =
    8.00 USD; 1,800,000 GB-s: 24.0001 USD; 0.96 USD of requests), https://calculator.aws/
    """
    arm = {"requests_per_month": 4.8e6, "memory_mb": 128, "architecture": "arm64"}
    short, long = month(**arm, cpu_ms="1s"), month(**arm, cpu_ms="3s")
    assert cents(short) == {"requests": 0.96, "duration_arm_gb_seconds": 8.00}
    assert cents(long) == {"requests": 0.96, "duration_arm_gb_seconds": 24.00}
    assert round(long.items[1].cost, 4) == 24.0001
    assert (round(short.total, 2), round(long.total, 2)) == (8.96, 24.96)


def test_aws_calculator_on_x86() -> None:
    """A million requests of 500 ms at 128 MB: $1.0417 of compute, $0.20 of requests, $1.24.

    Source: the AWS Pricing Calculator's printed steps, https://calculator.aws/
    """
    small = month(requests_per_month=1e6, memory_mb=128, cpu_ms=500)
    assert round(small.items[1].cost, 4) == 1.0417
    assert round(small.total, 2) == 1.24


@pytest.mark.parametrize(("preset", "compute"), [("article-printed", 809.17), ("article", 809.33)])
def test_the_article_s_request(preset: str, compute: float) -> None:
    """10 million of 4,855 ms as printed, 4,856 ms as its steps bill; $2.00 of requests on top."""
    assert cents(bill("aws-lambda", Workload.preset(preset), on=DAY)) == {
        "requests": 2.00,
        "duration_x86_gb_seconds": compute,
    }


def test_the_article_s_request_is_free_up_to_82_372_a_month() -> None:
    """400,000 free GB-seconds are 82,372.3 requests of 4.856; one more costs something."""
    for requests, costs in ((82_372, False), (82_373, True)):
        few = Workload.preset("article", requests_per_month=requests)
        assert (bill("aws-lambda", few, on=DAY, free_tier=True).total > 0) is costs


def test_the_request_of_a_vendor_s_comparison() -> None:
    """10 million of 4.8 s with 5 ms of CPU at 512 MB: 24 million GB-seconds, $400.00 and $2.00.

    The request is DBOS's, of October 2024; the dollars are worked by hand from the prices.
    Source: https://dbos.dev/blog/aws-lambda-hidden-wait-costs
    """
    compared = month(requests_per_month=10e6, memory_mb=512, cpu_ms=5, wait_ms=4795)
    assert compared.items[1].quantity == 24e6
    assert cents(compared) == {"requests": 2.00, "duration_x86_gb_seconds": 400.00}


@pytest.mark.parametrize(
    ("memory_mb", "architecture", "usd_an_hour"),
    [
        (128, "x86_64", 0.0075),
        (512, "x86_64", 0.0300),
        (1024, "x86_64", 0.0600),
        (1769, "x86_64", 0.1037),
        (1024, "arm64", 0.0480),
    ],
)
def test_the_price_of_an_hour_of_waiting(
    memory_mb: int, architecture: str, usd_an_hour: float
) -> None:
    """An hour is 3,600 s of the whole memory: 1 GB of x86 is 3,600 × $0.0000166667, 6 cents."""
    w = Workload(
        requests_per_month=1e6, memory_mb=memory_mb, wait_ms=1000, architecture=architecture
    )
    rate = waiting_rate("aws-lambda", w, on=DAY)
    assert round(rate.marginal_usd, 4) == usd_an_hour
    assert round(rate.average_usd, 4) == usd_an_hour
