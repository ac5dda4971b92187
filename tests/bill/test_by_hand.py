"""What a bill prints, worked by hand: each line, the total, its split, and the free tier."""

from __future__ import annotations

from datetime import date

import pytest
from workloads import DAY

from serverless_tax import Bill, Workload, bill
from serverless_tax.prices.overrides import Rates

#: Three million requests of 1 GB that work for nothing and wait for a second, with a model.
CALLS = Workload(
    requests_per_month=3_000_000,
    memory_mb=1024,
    wait_ms=1000,
    input_tokens=1000,
    output_tokens=500,
)
MODEL = "gpt-4o-mini"  # $0.15 a million tokens read, $0.60 a million written


def dollars(month: Bill) -> dict[str, float]:
    """Return what each line of a bill costs."""
    return {item.label: item.cost for item in month.items}


def test_each_line_and_the_total_with_tokens() -> None:
    """3 M × $0.0000002; 3 M GB-s × $0.0000166667; 3 G tokens read and 1.5 G written.

    0.60 + 50.0001 + 450 + 900 = 1,400.6001.
    """
    month = bill("aws-lambda", CALLS, on=DAY, model=MODEL)
    assert list(dollars(month).values()) == pytest.approx([0.60, 50.0001, 450, 900])
    assert [item.quantity for item in month.items] == [3e6, 3e6, 3e9, 1.5e9]
    assert month.total == pytest.approx(1400.6001)
    # Requests and tokens are paid for by the piece: work. The function only waits.
    assert (month.work, month.waiting, month.idle) == pytest.approx((1350.60, 50.0001, 0))


def test_the_free_tier_takes_its_part_and_leaves_the_tokens() -> None:
    """A million requests and 400,000 GB-s less: 0.40 + 43.33342; the tokens' 1,350 stay.

    Written on the bill as the other total, and the total itself where the free tier is asked for.
    """
    listed = bill("aws-lambda", CALLS, on=DAY, model=MODEL)
    assert listed.total_with_free_tier == pytest.approx(0.40 + 43.33342 + 1350)
    assert "with the free tier the total is $1,393.73" in str(listed)
    free = bill("aws-lambda", CALLS, on=DAY, model=MODEL, free_tier=True)
    assert list(dollars(free).values()) == pytest.approx([0.40, 43.33342, 450, 900])
    assert free.total == free.total_with_free_tier == pytest.approx(1393.73342)
    assert (free.work, free.waiting) == pytest.approx((1350.40, 43.33342))
    assert "with the free tier" not in str(free)


def test_the_split_of_a_line_is_by_its_time() -> None:
    """A whole vCPU for a quarter of a second, and waiting for three: a quarter is work.

    A million of 1 s at 1,769 MB are 1,727,539.0625 GB-s: $28.79237; 7.19809 and 21.59428.
    """
    w = Workload(requests_per_month=1_000_000, memory_mb=1769, cpu_ms=250, wait_ms=750)
    month = bill("aws-lambda", w, on=DAY)
    [duration] = [item for item in month.items if item.unit == "GB-second"]
    assert duration.quantity == pytest.approx(1_727_539.0625)
    assert duration.cost == pytest.approx(28.792375, abs=1e-5)
    assert (duration.work, duration.waiting, duration.idle) == pytest.approx(
        (7.198094, 21.594281, 0), abs=1e-5
    )
    assert month.work == pytest.approx(7.198094 + 0.20, abs=1e-5)


def test_capacity_that_serves_nobody_is_idle() -> None:
    """Two tasks of 1 vCPU and 2 GB all month, and a request in flight for half of that time.

    365 requests of an hour, 6 minutes of it CPU. 1,460 hours at $0.04048 and 2,920 GB-hours at
    $0.004445 are 59.1008 and 12.9794. In 36.5 of the hours a task works, in 328.5 it waits, and
    1,095 are idle.
    """
    w = Workload(requests_per_month=365, memory_mb=1769, cpu_ms=360_000, wait_ms=3_240_000)
    month = bill("aws-fargate", w, on=DAY)
    assert list(dollars(month).values()) == pytest.approx([59.1008, 12.9794])
    assert month.total == pytest.approx(72.0802)
    assert (month.work, month.waiting, month.idle) == pytest.approx((1.802005, 16.218045, 54.06015))
    assert month.split().startswith("of which work $1.80, waiting $16.22, idle $54.06")


def test_init_is_work_from_the_day_on_which_it_is_billed() -> None:
    """A tenth of a million start cold for 2 s at 1 GB: 200,000 GB-s, $3.33334, and none before."""
    w = CALLS.replace(requests_per_month=1_000_000, init_ms=2000, cold_start_share=0.1)
    old, new = (bill("aws-lambda", w, on=day) for day in (date(2025, 7, 31), date(2025, 8, 1)))
    assert old.total == pytest.approx(0.20 + 16.6667)
    assert new.total == pytest.approx(0.20 + 16.6667 + 3.33334)
    assert new.work == pytest.approx(0.20 + 3.33334)
    assert new.waiting == old.waiting == pytest.approx(16.6667)


def test_your_own_rates_take_the_place_of_the_list_s() -> None:
    """A tenth off GB-seconds: 45.00009; the requests at the list's 0.60."""
    less = {"aws-lambda.duration_x86_gb_seconds": {"discount": 0.1}}
    rates = Rates(name="ours", source="a contract", rates=less)
    month = bill("aws-lambda", CALLS, on=DAY, rates=rates)
    assert list(dollars(month).values()) == pytest.approx([0.60, 45.00009])


@pytest.mark.parametrize(
    ("wait_ms", "billed_ms"), [(1, 10), (10, 10), (10.001, 20), (101, 110), (4995, 5000)]
)
def test_a_container_runs_in_steps_of_ten_milliseconds(wait_ms: float, billed_ms: int) -> None:
    """Two thousand requests, each with 3 GiB of its own, stopped at once.

    Source: https://developers.cloudflare.com/containers/pricing/
    """
    w = Workload(requests_per_month=2000, memory_mb=1769, wait_ms=wait_ms)
    alone = w.replace(requests_per_instance=1, keep_alive_ms=0)
    lines = bill("cloudflare-containers", alone, on=DAY).items
    billed = sum(i.quantity for i in lines if i.dimension == "cloudflare_containers_gib_seconds")
    assert billed == pytest.approx(2 * billed_ms * 3, rel=1e-6)
